"""Who is on call at a moment: shifts, with covers and away times laid over them.

A shift keeps its wall-clock times through the changes of its zone's clock. A time that does not
exist that night moves to the next that does; a time that comes twice starts a shift at the first
and ends one at the second, so that a change of the clock never leaves a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.rota import Away, Cover, Shift
from models.vocabulary import Layer


@dataclass(frozen=True, slots=True)
class OnCall:
    """The ambassadors on call in each layer."""

    primary: frozenset[int] = frozenset()
    backup: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """From ``starts_at`` up to but not including ``ends_at``, both in UTC."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies within the span."""
        return self.starts_at <= at < self.ends_at


def on_call(
    shifts: Iterable[Shift], covers: Sequence[Cover], aways: Iterable[Away], at: datetime
) -> OnCall:
    """Who is on call at ``at``.

    A cover puts its ambassador in the place of the other for as long as it lasts, in each layer
    the other would have been in; of two covers the later made one counts. Whoever is away is on
    call in no layer.
    """
    standing_in: dict[int, int] = {}
    for cover in sorted(covers, key=lambda cover: (cover.created_at, cover.id)):
        if cover.starts_at <= at < cover.ends_at:
            standing_in[cover.for_ambassador_id] = cover.ambassador_id
    absent = away_now(aways, at)
    layers: dict[Layer, set[int]] = {Layer.PRIMARY: set(), Layer.BACKUP: set()}
    for shift in shifts:
        if occurrence(shift, at):
            who = standing_in.get(shift.ambassador_id, shift.ambassador_id)
            if who not in absent:
                layers[shift.layer].add(who)
    return OnCall(
        primary=frozenset(layers[Layer.PRIMARY]),
        backup=frozenset(layers[Layer.BACKUP] - layers[Layer.PRIMARY]),
    )


def away_now(aways: Iterable[Away], at: datetime) -> frozenset[int]:
    """The ambassadors who are away at ``at``."""
    return frozenset(
        away.ambassador_id
        for away in aways
        if away.starts_at <= at and (away.ends_at is None or at < away.ends_at)
    )


def occurrence(shift: Shift, at: datetime) -> Span | None:
    """The span of ``shift`` that holds ``at``, or None."""
    if shift.ended_at is not None and shift.ended_at <= at:
        return None
    today = at.astimezone(zone_named(shift.zone)).date()
    # A shift that crosses midnight began yesterday; on the night a clock changes, "today" in
    # local time may be either side of the span's end.
    for day in (today, today - timedelta(days=1)):
        span = span_on(shift, day)
        if span and span.holds(at):
            return span
    return None


def span_on(shift: Shift, day: date) -> Span | None:
    """The span of ``shift`` that begins on the local date ``day``, or None on other days."""
    if str(day.weekday()) not in shift.weekdays or day < shift.from_date:
        return None
    if shift.until_date is not None and day > shift.until_date:
        return None
    zone = zone_named(shift.zone)
    last_day = day if shift.ends > shift.starts else day + timedelta(days=1)
    return Span(
        instant(zone, day, shift.starts, second=False),
        instant(zone, last_day, shift.ends, second=True),
    )


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
