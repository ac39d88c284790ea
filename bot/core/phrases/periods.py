"""Stretches of days as people write them: ``this week``, ``2 weeks``, ``December``, ``weekend``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.phrases.days import day_meanings
from bot.core.phrases.words import (
    MONTHS,
    NUMBERS,
    Meaning,
    Token,
    different,
    strip,
    the_one,
    tokens,
    words,
)
from bot.core.rota import Span, instant

_UNITS = {
    "m": "minutes",
    "min": "minutes",
    "mins": "minutes",
    "minute": "minutes",
    "minutes": "minutes",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "hour": "hours",
    "hours": "hours",
    "d": "days",
    "day": "days",
    "days": "days",
    "w": "weeks",
    "week": "weeks",
    "weeks": "weeks",
    "fortnight": "fortnight",
    "fortnights": "fortnight",
}
_DAYS_OF = {"days": 1, "weeks": 7, "fortnight": 14}
_SIZES = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "fortnight": timedelta(weeks=2),
}
_PACKED = re.compile(r"(\d{1,3})([a-z]+)")


def duration(some: Sequence[Token]) -> timedelta | None:
    """``3h``, ``2 days``, ``half an hour``, ``1h 30m``, ``an hour and a half``; None for others."""
    named = [word for word in words(some) if word != ","]
    if named in (["half", "an", "hour"], ["half", "hour"]):
        return timedelta(minutes=30)
    if named[-2:] == ["a", "half"] and len(named) > 2:
        whole = duration([Token(word, word) for word in named[:-2]])
        return whole + timedelta(minutes=30) if whole and named[-3] in ("hour", "hours") else None
    total, last = timedelta(), None
    while named:
        if (packed := _PACKED.fullmatch(named[0])) and named[0].isascii():
            count, unit, named = int(packed[1]), packed[2], named[1:]
        elif len(named) > 1 and (named[0] in NUMBERS or re.fullmatch("[0-9]{1,3}", named[0])):
            count = NUMBERS[named[0]] if named[0] in NUMBERS else int(named[0])
            unit, named = named[1], named[2:]
        else:
            return None
        size = _SIZES.get(_UNITS.get(unit, ""))
        if size is None or (last is not None and size >= last):
            return None  # "3h 4h" is a slip, not seven hours
        total, last = total + size * count, size
    return total if words(some) else None


def period_meanings(
    some: Sequence[Token], now: datetime, zone: ZoneInfo, *, back: bool = False
) -> list[Meaning[Span]]:
    """The stretches of whole days in ``zone`` that these words can mean.

    ``back``: a month by its name and a number of weeks are those that were, not those to come.
    """
    today = now.astimezone(zone).date()
    try:
        found = _ranges(words(strip(some, ("the", "in", "for", "of", "over"))), today, back)
    except (ValueError, OverflowError):
        return []
    meanings = [
        Meaning(days(first, last, zone), f"{first.isoformat()} - {last.isoformat()}")
        for first, last in found
    ]
    return different(meanings)


def _ranges(named: tuple[str, ...], today: date, back: bool) -> list[tuple[date, date]]:
    """First and last days."""
    monday = today - timedelta(days=today.weekday())
    match named:
        case ("week",) | ("this", "week"):
            return [_week(monday)]
        case ("next", "week"):
            return [_week(monday + timedelta(weeks=1))]
        case ("last", "week"):
            return [_week(monday - timedelta(weeks=1))]
        case ("week", "of" | "from", *day) | ("week", *day) if day:
            return [
                _week(one.value - timedelta(days=one.value.weekday()))
                for one in day_meanings([Token(word, word) for word in day], today)
            ]
        case ("month",) | ("this", "month"):
            return [_month(today.year, today.month)]
        case ("next", "month"):
            return [_month(today.year + today.month // 12, today.month % 12 + 1)]
        case ("last", "month"):
            before = today.replace(day=1) - timedelta(days=1)
            return [_month(before.year, before.month)]
        case ("weekend",) | ("this", "weekend"):
            return [_weekend(monday, today)]
        case ("next", "weekend"):
            after = _weekend(monday + timedelta(weeks=1), today)
            coming = _weekend(monday, today)
            return [after] if today.weekday() >= 5 else [coming, after]
        case (month, *year) if month in MONTHS and len(year) < 2:
            return [_named_month(MONTHS[month], year, today, back)]
        case ("next" | "last" | "past" as way, *rest) if rest:
            return [_stretch(rest, today, way != "next")]
        case _:
            return [_stretch(named, today, back)]


def _stretch(named: Sequence[str], today: date, back: bool) -> tuple[date, date]:
    length = duration([Token(word, word) for word in named])
    if length is None and len(named) == 1 and named[0] in _DAYS_OF:
        length = timedelta(days=_DAYS_OF[named[0]])
    if length is None or length.days < 1 or length.days > 366:
        raise ValueError("no number of days")
    step = timedelta(days=length.days - 1)
    return (today - step, today) if back else (today, today + step)


def _week(monday: date) -> tuple[date, date]:
    return monday, monday + timedelta(days=6)


def _weekend(monday: date, today: date) -> tuple[date, date]:
    saturday = monday + timedelta(days=5)
    return max(saturday, today), saturday + timedelta(days=1)


def _month(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _named_month(month: int, year: Sequence[str], today: date, back: bool) -> tuple[date, date]:
    if year:
        if not re.fullmatch("20[0-9]{2}", year[0]):
            raise ValueError("no year")
        return _month(int(year[0]), month)
    if back:
        return _month(today.year - (month > today.month), month)
    return _month(today.year + (month < today.month), month)


def days(first: date, last: date, zone: ZoneInfo) -> Span:
    """From the start of ``first`` to the end of ``last``."""
    return Span(
        instant(zone, first, 0, second=False),
        instant(zone, last + timedelta(days=1), 0, second=False),
    )


def read_period(text: str, now: datetime, zone: ZoneInfo, *, back: bool = False) -> Span:
    """``this week``, ``2 weeks``, ``next month``, ``December``, ``24 Dec`` (that day alone)."""
    some = tokens(text)
    found = period_meanings(some, now, zone, back=back)
    if not found:
        today = now.astimezone(zone).date()
        found = [
            Meaning(days(one.value, one.value, zone), one.phrase)
            for one in day_meanings(some, today)
        ]
    return the_one(text, found, "period")
