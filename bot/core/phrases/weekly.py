"""What recurs, as people write it: ``Mon-Fri 18:00-22:00``, ``every other Friday 6-10pm``.

Which of the weeks is the first is not in these words: whoever reads them asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.phrases.clocks import (
    Hours,
    hours_between,
    hours_meanings,
    part_of_day,
    write_hours,
)
from bot.core.phrases.days import weekdays_of, write_weekdays
from bot.core.phrases.words import (
    NUMBERS,
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

_RHYTHMS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("every", "other", "week"), 2),
    (("every", "second", "week"), 2),
    (("every", "2nd", "week"), 2),
    (("every", "third", "week"), 3),
    (("every", "3rd", "week"), 3),
    (("every", "fourth", "week"), 4),
    (("every", "4th", "week"), 4),
    (("every", "other"), 2),
    (("every", "second"), 2),
    (("every", "2nd"), 2),
    (("every", "alternate"), 2),
    (("alternate", "weeks"), 2),
    (("alternating", "weeks"), 2),
    (("alternate",), 2),
    (("alternating",), 2),
    (("every", "fortnight"), 2),
    (("fortnightly",), 2),
    (("biweekly",), 2),
    (("every", "week"), 1),
    (("each", "week"), 1),
    (("weekly",), 1),
)
MOST_WEEKS = 8
_JOINING = ("on", "at", "from", ",", "in", "the")


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours on days of the week (digits, 0 for Monday), every so many weeks.

    ``said``: whether it was said how often; where it was not, it is every week.
    """

    weekdays: str
    hours: Hours
    every: int = 1
    said: bool = field(default=False, compare=False)


def write_weekly(weekly: Weekly) -> str:
    """``Mon-Fri 18:00-22:00``, ``every other Fri 18:00-22:00``, which `read_weekly` reads back.

    Where it was said that it is every week, so does this.
    """
    what = f"{write_weekdays(weekly.weekdays)} {write_hours(weekly.hours)}"
    if weekly.every == 1:
        return f"every week {what}" if weekly.said else what
    return f"every other {what}" if weekly.every == 2 else f"every {weekly.every} weeks {what}"


def weekly_meanings(some: Sequence[Token]) -> list[Meaning[Weekly]]:
    """What these words can mean as days of the week with hours."""
    every, rest = _every(some)
    found = []
    for (start, end), hours in _hours_in(rest):
        others = strip([*rest[:start], *rest[end:]], _JOINING, _JOINING)
        # "every night": each day has one.
        each = words(others) in (("every",), ("each",))
        days = EVERY_DAY if each else weekdays_of(others)
        if days is None:
            continue
        said = every is not None or bool({"every", "each"} & set(words(others)))
        for one in hours:
            weekly = Weekly(days, one.value, every or 1, said)
            found.append(Meaning(weekly, write_weekly(weekly)))
    return different(found)


def _every(some: Sequence[Token]) -> tuple[int | None, list[Token]]:
    """How often, in weeks, where that is said; and the other words."""
    named = words(some)
    for phrase, weeks in _RHYTHMS:
        for start in range(len(named) - len(phrase) + 1):
            if named[start : start + len(phrase)] == phrase:
                return weeks, [*some[:start], *some[start + len(phrase) :]]
    for start in range(len(named) - 2):
        count = named[start + 1]
        number = NUMBERS.get(count) or (int(count) if count.isdecimal() else 0)
        is_weeks = named[start] == "every" and named[start + 2] in ("week", "weeks")
        if is_weeks and 1 <= number <= MOST_WEEKS:
            return number, [*some[:start], *some[start + 3 :]]
    return None, list(some)


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
