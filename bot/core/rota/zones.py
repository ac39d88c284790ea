"""Wall-clock times of named zones as moments, through every change of a clock.

A shift keeps its wall-clock times. A time that does not exist that night moves to the next that
does; a time that comes twice starts a shift at the first and ends one at the second, so that a
change of the clock never leaves a hole; in a plan, two that meet at such a time hand over once, at
the first, so that it never leaves a double either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """From ``starts_at`` up to but not including ``ends_at``, both in UTC."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies within the span."""
        return self.starts_at <= at < self.ends_at


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The zone called ``name``; `ZoneInfoNotFoundError` where there is none."""
    return ZoneInfo(name)


def instant(zone: ZoneInfo, day: date, minutes: int, *, second: bool) -> datetime:
    """The moment, in UTC, when clocks in ``zone`` show ``minutes`` after midnight on ``day``.

    Of a time that comes twice the second where ``second``, else the first. A time that is skipped
    becomes the moment of the change itself: the next time that exists.
    """
    wall = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone)
    early, late = sorted(
        (wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
    )
    if early == late:
        return early
    if early.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return late if second else early
    return _change_between(zone, early, late)


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def moment(zone: str, ordinal: int, minutes: int, second: bool) -> datetime:
    """`instant` by the name of a zone and the ordinal of a date, remembered."""
    begins = midnight(zone, ordinal)
    if begins is not None:
        return begins + MINUTES[minutes]
    return _odd_moment(zone, ordinal, minutes, second)


_DAY = timedelta(days=1)
MINUTES = [timedelta(minutes=minutes) for minutes in range(24 * 60)]
"""Since midnight, on a day on which no clock changes."""


@lru_cache(maxsize=1 << 14)
def midnight(zone: str, ordinal: int) -> datetime | None:
    """The first moment of the date with this ordinal; None where the clock changes on it."""
    wall = datetime.combine(date.fromordinal(ordinal), time(), tzinfo=zone_named(zone))
    offset = wall.utcoffset()
    for other in (wall.replace(fold=1), wall + _DAY, (wall + _DAY).replace(fold=1)):
        if other.utcoffset() != offset:
            return None
    return wall.astimezone(UTC)


@lru_cache(maxsize=1 << 12)
def _odd_moment(zone: str, ordinal: int, minutes: int, second: bool) -> datetime:
    return instant(zone_named(zone), date.fromordinal(ordinal), minutes, second=second)
