"""What recurs, as people write it: ``Mon-Fri 18:00-22:00``, ``every other Friday 6-10pm``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.phrases.clocks import Hours, hours_between, hours_meanings, part_of_day
from bot.core.phrases.days import weekdays_of, write_weekdays
from bot.core.phrases.words import (
    Meaning,
    NotUnderstood,
    Token,
    different,
    strip,
    the_one,
    tokens,
    words,
    written,
)
from models.rota import EVERY_DAY

_OTHER_WEEK = (
    ("every", "other"),
    ("every", "second"),
    ("every", "2nd"),
    ("alternate",),
    ("alternating",),
    ("every", "two", "weeks"),
    ("every", "2", "weeks"),
    ("fortnightly",),
    ("biweekly",),
)
_JOINING = ("on", "at", "from", ",", "in", "the")


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours on days of the week (digits, 0 for Monday), every so many weeks."""

    weekdays: str
    hours: Hours
    every: int = 1


def weekly_meanings(some: Sequence[Token]) -> list[Meaning[Weekly]]:
    """What these words can mean as days of the week with hours."""
    every, rest = _every(some)
    found = []
    for (start, end), hours in _hours_in(rest):
        others = strip([*rest[:start], *rest[end:]], _JOINING, _JOINING)
        # "every night": each day has one.
        days = EVERY_DAY if words(others) in (("every",), ("each",)) else weekdays_of(others)
        if days is None:
            continue
        for one in hours:
            phrase = f"{write_weekdays(days)} {one.phrase}"
            prefix = "every other " if every == 2 else ""
            found.append(Meaning(Weekly(days, one.value, every), prefix + phrase))
    return different(found)


def _every(some: Sequence[Token]) -> tuple[int, list[Token]]:
    named = words(some)
    for phrase in _OTHER_WEEK:
        for start in range(len(named) - len(phrase) + 1):
            if named[start : start + len(phrase)] == phrase:
                return 2, [*some[:start], *some[start + len(phrase) :]]
    return 1, list(some)


def _hours_in(rest: Sequence[Token]) -> list[tuple[tuple[int, int], list[Meaning[Hours]]]]:
    found = []
    for start in range(len(rest)):
        for end in range(start + 1, len(rest) + 1):
            is_range = end - start == 3 and hours_between(rest[start].word, rest[end - 1].word)
            is_named = part_of_day(rest[start:end]) or words(rest[start:end]) == ("all", "day")
            if is_range or is_named:
                hours = hours_meanings(rest[start:end])
                if hours:
                    found.append(((start, end), hours))
    return found


def read_weekly(text: str) -> Weekly:
    """Days of the week with hours, in either order; `Unclear` for hours such as ``6-10``."""
    some = tokens(text)
    meanings = weekly_meanings(some)
    if not meanings:
        raise _why_not(some, text)
    return the_one(text, meanings, "weekdays")


def _why_not(some: Sequence[Token], text: str) -> NotUnderstood:
    _, rest = _every(some)
    for (start, end), _ in _hours_in(rest):
        others = strip([*rest[:start], *rest[end:]], _JOINING, _JOINING)
        return NotUnderstood(written(others) or text, "weekdays")
    if weekdays_of(rest):
        return NotUnderstood(text, "hours")
    for end in range(len(rest) - 1, 0, -1):
        if weekdays_of(rest[:end]):
            return NotUnderstood(written(rest[end:]), "hours")
    return NotUnderstood(text, "weekdays")
