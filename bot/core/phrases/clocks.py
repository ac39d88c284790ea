"""Times of a day as people write them: ``18:00-22:00``, ``6-10pm``, ``evening``, ``noon``.

With minutes or a leading zero a time is one of the 24-hour clock. A bare ``6`` may be either half
of the day, unless its partner settles it: nobody writes ``6-10pm`` for sixteen hours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.phrases.words import (
    DASHES,
    Meaning,
    NotUnderstood,
    Token,
    different,
    the_one,
    tokens,
    words,
)

DAY = 24 * 60
PARTS = {
    "morning": (6 * 60, 12 * 60),
    "forenoon": (6 * 60, 12 * 60),
    "afternoon": (12 * 60, 18 * 60),
    "evening": (18 * 60, 22 * 60),
    "night": (22 * 60, 6 * 60),
    "overnight": (22 * 60, 6 * 60),
}
"""What parts of a day are taken for. They are shown as times before anything is changed."""

_NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(am|pm)?h?")
_MILITARY = re.compile(r"([01]\d|2[0-3])([0-5]\d)h?")


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``starts`` to ``ends``, minutes after midnight; an end not after the start is the next
    day's."""

    starts: int
    ends: int

    @property
    def minutes(self) -> int:
        """How long they last, without changes of the clock: 1 to 1440."""
        return (self.ends - self.starts) % DAY or DAY


@dataclass(frozen=True, slots=True)
class Clock:
    """A time that was written; ``other`` is its twin of the other half of the day, if it may be
    that one, and ``sure`` that the 24-hour clock was meant."""

    minutes: int
    other: int | None = None
    half: bool = False
    sure: bool = False


def clock(word: str, *, packed: bool = False) -> Clock | None:
    """The time that ``word`` is, or None. ``packed``: ``1800`` is one too."""
    if word in _NAMED:
        return Clock(_NAMED[word], half=True)
    if packed and (match := _MILITARY.fullmatch(word)):
        return Clock(int(match[1]) * 60 + int(match[2]), sure=True)
    match = _CLOCK.fullmatch(word)
    if match is None or not word.isascii():
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        return Clock((hour % 12 + (12 if half == "pm" else 0)) * 60 + minute, half=True)
    if hour == 24 and minute == 0:
        return Clock(0, sure=True)
    if hour > 23 or minute > 59:
        return None
    if hour > 12 or hour == 0 or (len(match[1]) == 2 and match[1][0] == "0"):
        return Clock(hour * 60 + minute, sure=True)
    twin = ((hour + 12) % 24 if hour < 12 else 0) * 60 + minute
    return Clock(hour * 60 + minute, other=twin)


def hours_between(first: str, last: str) -> list[Hours]:
    """What two times with a dash between them can mean: none, one or several."""
    packed = bool(_MILITARY.fullmatch(first) and _MILITARY.fullmatch(last))
    start, end = clock(first, packed=packed), clock(last, packed=packed)
    if start is None or end is None:
        return []
    plain = Hours(start.minutes, end.minutes)
    if start.sure or end.sure or (_has_minutes(first) and _has_minutes(last)):
        return [plain]
    if start.other is None and end.other is None:
        return [plain]
    choices = [
        Hours(one, other)
        for one in (start.minutes, start.other)
        for other in (end.minutes, end.other)
        if one is not None and other is not None
    ]
    # Of twins half a day apart the shorter is meant: 9 to 5pm is no night of twenty hours.
    return [one for one in choices if one.minutes <= DAY // 2]


def _has_minutes(word: str) -> bool:
    return bool(re.search(r"\d[:.h]\d\d", word)) or word in _NAMED


def part_of_day(some: Sequence[Token]) -> Hours | None:
    """``evening``, ``in the morning``, ``nights`` as `PARTS` has it."""
    named = [word for word in words(some) if word not in ("in", "the", "at", "during")]
    if len(named) != 1:
        return None
    name = named[0] if named[0] in PARTS else named[0].removesuffix("s")
    return Hours(*PARTS[name]) if name in PARTS else None


def hours_meanings(some: Sequence[Token]) -> list[Meaning[Hours]]:
    """What hours these words can mean."""
    rest = [one for one in some if one.word not in ("from", "at", "around")]
    named = words(rest)
    found: list[Hours] = []
    if len(named) == 3 and named[1] == "-":
        found = hours_between(named[0], named[2])
    elif named in (("all", "day"), ("24h",), ("24/7",), ("round", "the", "clock")):
        found = [Hours(0, 0)]
    elif (part := part_of_day(rest)) is not None:
        found = [part]
    return different(Meaning(one, write_hours(one)) for one in found)


def read_hours(text: str) -> Hours:
    """``18:00-22:00``, ``6pm-10pm``, ``22-6``, ``evening``; `Unclear` for ``6-10``."""
    return the_one(text, hours_meanings(tokens(text.translate(DASHES))), "hours")


def write_clock(minutes: int) -> str:
    """Minutes after midnight as ``18:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def write_hours(hours: Hours) -> str:
    """``18:00-22:00``, which `read_hours` reads back."""
    return f"{write_clock(hours.starts)}-{write_clock(hours.ends)}"


def clock_meanings(word: str) -> list[int]:
    """The minutes after midnight that a single time can mean; `NotUnderstood` for no time."""
    found = clock(word, packed=True)
    if found is None:
        raise NotUnderstood(word, "hours")
    if found.other is not None and not _has_minutes(word):
        return [found.minutes, found.other]
    return [found.minutes]
