"""Days as people write them: ``tomorrow``, ``next Tuesday``, ``24 Dec``, ``Mon-Fri``.

``Friday`` on a Friday, ``next Tuesday`` on a Monday and ``3/4`` mean one thing to one person and
another to the next: they have several meanings here, and somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import MAXYEAR, MINYEAR, date, timedelta

from bot.core.phrases.words import (
    DAY_NAMES,
    DAYS,
    MONTHS,
    NUMBERS,
    Meaning,
    NotUnderstood,
    Token,
    different,
    strip,
    the_one,
    tokens,
    words,
)

_FILLERS = ("on", "the", "at", "this", "coming", ",", "for", "from", "of")
_SETS = {
    "daily": "0123456",
    "everyday": "0123456",
    "weekday": "01234",
    "weekdays": "01234",
    "weekend": "56",
    "weekends": "56",
    "workdays": "01234",
}
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?")


def day_meanings(some: Sequence[Token], today: date) -> list[Meaning[date]]:
    """The days that these words can mean, the likelier first; none where they mean no day."""
    named = words(some)
    if named[:1] == ("this",) and len(named) == 2 and named[1] in DAY_NAMES:
        return _found([_monday(today) + timedelta(days=DAY_NAMES[named[1]])])
    rest = words(strip(some, _FILLERS, (",",)))
    try:
        return _found(_days(rest, today))
    except (ValueError, OverflowError):
        return []


def _found(days: Iterable[date]) -> list[Meaning[date]]:
    # The days at either end of the calendar have no neighbour in another zone.
    kept = [day for day in days if MINYEAR < day.year < MAXYEAR]
    return different(Meaning(day, day.isoformat()) for day in kept)


def _days(named: tuple[str, ...], today: date) -> list[date]:
    match named:
        case ("today" | "tonight",):
            return [today]
        case ("tomorrow" | "tmrw" | "tmr",):
            return [today + timedelta(days=1)]
        case ("day", "after", "tomorrow") | ("overmorrow",):
            return [today + timedelta(days=2)]
        case ("yesterday",):
            return [today - timedelta(days=1)]
        case ("day", "before", "yesterday"):
            return [today - timedelta(days=2)]
        case (name,) if name in DAY_NAMES:
            ahead = (DAY_NAMES[name] - today.weekday()) % 7
            return [today + timedelta(days=days) for days in ([0, 7] if ahead == 0 else [ahead])]
        case ("next", name) if name in DAY_NAMES:
            coming = today + timedelta(days=(DAY_NAMES[name] - today.weekday() - 1) % 7 + 1)
            next_week = _monday(today) + timedelta(days=7 + DAY_NAMES[name])
            return [next_week, coming] if coming != next_week else [coming]
        case ("last", name) if name in DAY_NAMES:
            return [today - timedelta(days=(today.weekday() - DAY_NAMES[name] - 1) % 7 + 1)]
        case ("in", count, "day" | "days"):
            return [today + timedelta(days=_number(count))]
        case ("in", count, "week" | "weeks"):
            return [today + timedelta(weeks=_number(count))]
        case (name, "week") if name in DAY_NAMES:
            ahead = (DAY_NAMES[name] - today.weekday()) % 7
            return [today + timedelta(days=ahead + 7)]
        case (("a" | "1" | "one"), "week", *tail) if tail and tail[-1] in (*DAY_NAMES, "today"):
            first = _days((tail[-1],), today)[0]
            return [first + timedelta(weeks=1)]
        case (name, *tail) if name in DAY_NAMES and tail:
            # A weekday before a date has to agree with it.
            rest = tuple(word for word in tail if word not in (",", "the"))
            return [day for day in _dates(rest, today) if day.weekday() == DAY_NAMES[name]]
        case _:
            return _dates(tuple(word for word in named if word not in (",", "of")), today)


def _dates(named: tuple[str, ...], today: date) -> list[date]:
    match named:
        case (one,) if found := re.fullmatch(r"(\d{4})_(\d{1,2})_(\d{1,2})", one):
            return [date(int(found[1]), int(found[2]), int(found[3]))]
        case (one,) if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", one):
            return [_day(today, int(found[2]), int(found[1]), found[3])]
        case (one,) if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", one):
            return _either_order(today, int(found[1]), int(found[2]), found[3])
        case (one,) if found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", one):
            return [_next_day_of_month(today, int(found[1]))]
        case (day, month, *year) if month.rstrip(".") in MONTHS:
            return _named_date(today, day, month, year)
        case (month, day, *year) if month.rstrip(".") in MONTHS:
            return _named_date(today, day, month, year)
        case _:
            raise ValueError("no date")


def _named_date(today: date, day: str, month: str, year: Sequence[str]) -> list[date]:
    found = _ORDINAL.fullmatch(day)
    if found is None or not day.isascii() or len(year) > 1:
        raise ValueError("no day")
    if year and not re.fullmatch(r"[0-9]{4}", year[0]):
        raise ValueError("no year")
    return [_day(today, MONTHS[month.rstrip(".")], int(found[1]), year[0] if year else None)]


def _either_order(today: date, first: int, last: int, year: str | None) -> list[date]:
    days = []
    for day, month in ((first, last), (last, first)):
        try:
            days.append(_day(today, month, day, year))
        except ValueError:
            continue
    return days


def _day(today: date, month: int, day: int, year: str | None) -> date:
    if year:
        return date(int(year), month, day)
    for candidate in range(today.year, today.year + 9):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue  # 29 February of a common year
        if found >= today:
            return found
    raise ValueError("no such day")


def _next_day_of_month(today: date, day: int) -> date:
    if not 1 <= day <= 31:
        raise ValueError("no such day")
    for months in range(12):
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        try:
            found = date(year, month + 1, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise ValueError("no such day")


def _number(word: str) -> int:
    if word in NUMBERS:
        return NUMBERS[word]
    if not re.fullmatch(r"[0-9]{1,3}", word):
        raise ValueError("no number")
    return int(word)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def read_day(text: str, today: date) -> date:
    """``today``, ``tomorrow``, ``next Tue``, ``24 Dec``, ``Dec 24``, ``24.12.``, ``2026-12-24``.

    A day and month without a year is the next such day. `Unclear` where several may be meant.
    """
    return the_one(text, day_meanings(tokens(text), today), "day")


def weekdays_of(some: Sequence[Token]) -> str | None:
    """``Mon-Fri``, ``sat and sun``, ``every day`` as digits, 0 for Monday; None for other words."""
    rest = [one for one in words(some) if one not in ("on", "every", "each", "the", "all", "from")]
    if rest in (["day"], ["days"]) and len(words(some)) > 1:
        return _SETS["daily"]
    if not rest or rest[0] == "," or rest[-1] == ",":
        return None
    days: set[int] = set()
    for part in _parts(rest):
        if len(part) == 1 and part[0] in _SETS:
            days |= {int(digit) for digit in _SETS[part[0]]}
        elif len(part) == 1 and part[0] in DAY_NAMES:
            days.add(DAY_NAMES[part[0]])
        elif len(part) == 3 and part[1] == "-" and part[0] in DAY_NAMES and part[2] in DAY_NAMES:
            start, end = DAY_NAMES[part[0]], DAY_NAMES[part[2]]
            days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
        else:
            return None
    return "".join(str(day) for day in sorted(days))


def _parts(named: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in named:
        if word == ",":
            if parts[-1]:
                parts.append([])
        elif parts[-1] and word != "-" and parts[-1][-1] != "-":
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts


def read_weekdays(text: str) -> str:
    """``Mon-Fri``, ``sat,sun``, ``daily`` as digits, 0 for Monday: ``01234``."""
    found = weekdays_of(tokens(text))
    if found is None:
        raise NotUnderstood(text, "weekdays")
    return found


def write_weekdays(digits: str) -> str:
    """``01234`` as ``Mon-Fri``: the shortest form that `read_weekdays` reads back."""
    runs: list[list[int]] = []
    for day in (int(digit) for digit in digits):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        DAYS[run[0]].title() + (f"-{DAYS[run[-1]].title()}" if run[1:] else "") for run in runs
    )
