"""Opening hours, as the directory writes them.

Only hours that are understood in full are used: ``24/7``, ``daily 08:00-24:00`` and weekday spans
such as ``Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00``, with or without "as listed 2021". Anything
with a condition in it ("depending on city") is unknown rather than half understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(_DAYS)
_PART = re.compile(
    rf"(?P<days>daily|(?:{_DAY})(?:-(?:{_DAY}))?)\s+"
    r"(?P<from>\d{2}:\d{2})-(?P<to>\d{2}:\d{2})",
    re.IGNORECASE,
)
_LISTED = re.compile(r"as (?:listed|reported) \d{4}:\s*|\s*\(as (?:listed|reported) \d{4}\)")
_MINUTES_A_DAY = 24 * 60

Span = tuple[frozenset[int], int, int]
"""Weekdays (Monday is 0), and opening and closing in minutes after that day's midnight."""


def spans(hours: str) -> tuple[Span, ...]:
    """The spans of ``hours``, in local time; empty where they are not understood in full."""
    text = _LISTED.sub("", hours).strip()
    if text == "24/7":
        return ((frozenset(range(7)), 0, _MINUTES_A_DAY),)
    found: list[Span] = []
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            return ()
        start, end = _minutes(match["from"]), _minutes(match["to"])
        # A closing time before the opening one lies on the next day.
        found.append((_weekdays(match["days"]), start, end if end > start else end + 1440))
    return tuple(found)


def is_open(
    hours: str | None,
    timezone: str | None,
    at: datetime,
    zone: Callable[[str], ZoneInfo] = ZoneInfo,
) -> bool | None:
    """Whether a line with these ``hours`` answers at ``at`` (aware); None when nobody can say.

    ``24/7`` needs no ``timezone``. Raises ``ValueError`` for a naive ``at``.
    """
    if at.tzinfo is None:
        raise ValueError("opening hours need an aware datetime")
    if hours is None:
        return None
    if hours == "24/7":
        return True
    opening = spans(hours)
    if not opening or timezone is None:
        return None
    try:
        local = at.astimezone(zone(timezone))
    except ZoneInfoNotFoundError:
        return None
    minute, today = local.hour * 60 + local.minute, local.weekday()
    yesterday = (today - 1) % 7
    return any(
        (today in days and start <= minute < end)
        or (yesterday in days and start <= minute + _MINUTES_A_DAY < end)
        for days, start, end in opening
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _weekdays(text: str) -> frozenset[int]:
    words = text.lower().split("-")
    if words == ["daily"]:
        return frozenset(range(7))
    first, last = _DAYS.index(words[0]), _DAYS.index(words[-1])
    length = (last - first) % 7
    return frozenset((first + step) % 7 for step in range(length + 1))
