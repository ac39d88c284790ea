"""The rota as one value: the rows of a plan, with what is looked up in them built when needed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from bot.core.rota.zones import clock_changes, moment, zone_named
from models.rota import Away, Cover, Rotation, Shift
from models.vocabulary import Layer

_MONTH_DAYS = 32
_LONG_DAYS = 60
_DAY = timedelta(days=1)


class Occurrence(NamedTuple):
    """One time that a shift or a turn comes round, before covers and away times.

    ``source`` names the row, ``place`` the first of its series; ``day`` is the ordinal of the
    local date it begins on.
    """

    starts_at: datetime
    ends_at: datetime
    ambassador_id: int
    layer: Layer
    source: str
    place: str
    day: int


class StandIn(NamedTuple):
    """A cover as it is looked up; sorts in the order in which covers are laid."""

    made_at: datetime
    id: int
    starts_at: datetime
    ends_at: datetime
    ambassador_id: int
    for_ambassador_id: int
    layer: Layer | None


@dataclass(frozen=True, eq=False)
class Rota:
    """A plan. The rows need not be stored: drafts have ids below zero. Rows must not be changed
    once they are in a plan; `bot.core.rota.change.apply` makes a new one.
    """

    shifts: tuple[Shift, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    covers: tuple[Cover, ...] = ()
    aways: tuple[Away, ...] = ()
    _days: dict[tuple[str, int], list[Occurrence]] = field(
        default_factory=dict, init=False, repr=False
    )
    _months: dict[tuple[str, int], list[_Pattern]] = field(
        default_factory=dict, init=False, repr=False
    )
    _dates: dict[int, list[Occurrence]] = field(default_factory=dict, init=False, repr=False)

    def occurrences(self, start: datetime, end: datetime) -> Iterator[Occurrence]:
        """Whatever comes round within [start, end), whole, in no order."""
        for zone in self._patterns:
            tz = zone_named(zone)
            # A shift over midnight began a day earlier, and a clock set back over midnight
            # shows yesterday's date again.
            first = start.astimezone(tz).toordinal() - 2
            last = end.astimezone(tz).toordinal() + 1
            for day in range(first, last + 1):
                for one in self._on_day(zone, day):
                    if one.starts_at < end and start < one.ends_at:
                        yield one

    def occurrences_at(self, at: datetime) -> list[Occurrence]:
        """Whatever has come round and holds ``at``."""
        at = at.astimezone(UTC)
        ordinal = at.toordinal()
        found = self._dates.get(ordinal)
        if found is None:
            midnight = datetime.combine(at.date(), datetime.min.time(), tzinfo=UTC)
            found = list(self.occurrences(midnight, midnight + _DAY))
            self._dates[ordinal] = found
        return [one for one in found if one.starts_at <= at < one.ends_at]

    def stand_ins(self, start: datetime, end: datetime) -> list[StandIn]:
        """The covers by time that count within [start, end), in the order they are laid."""
        by_date, long = self._stand_ins
        first, last = start.astimezone(UTC).toordinal(), end.astimezone(UTC).toordinal()
        if last - first > _LONG_DAYS:
            found = {one for some in by_date.values() for one in some}
        else:
            found = {one for day in range(first, last + 1) for one in by_date.get(day, ())}
        return sorted(one for one in (*found, *long) if one.starts_at < end and start < one.ends_at)

    def bound_stand_ins(self, place: str, day: int) -> tuple[StandIn, ...]:
        """The covers of the one duty that begins in this place on this date."""
        return self._bound.get((place, day), ())

    @cached_property
    def has_bound(self) -> bool:
        """Whether any cover belongs to a duty rather than to a time."""
        return bool(self._bound)

    @cached_property
    def absences(self) -> dict[int, list[tuple[datetime, datetime]]]:
        """When each ambassador is away, by start; without an end it is the end of time."""
        found: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for away in self.aways:
            found[away.ambassador_id].append(
                (away.starts_at, away.ends_at or datetime.max.replace(tzinfo=UTC))
            )
        return {who: sorted(times) for who, times in found.items()}

    def is_away(self, ambassador_id: int, at: datetime) -> bool:
        """Whether this ambassador is away at ``at``."""
        return any(start <= at < end for start, end in self.absences.get(ambassador_id, ()))

    @cached_property
    def _patterns(self) -> dict[str, list[_Pattern]]:
        found: defaultdict[str, list[_Pattern]] = defaultdict(list)
        rows: tuple[Shift | Rotation, ...] = (*self.shifts, *self.rotations)
        for row in rows:
            found[row.zone].append(_Pattern(row))
        return dict(found)

    @cached_property
    def _stand_ins(self) -> tuple[dict[int, list[StandIn]], list[StandIn]]:
        by_date: defaultdict[int, list[StandIn]] = defaultdict(list)
        long = []
        for cover in self.covers:
            if cover.place is None:
                one = _stand_in(cover)
                first = one.starts_at.astimezone(UTC).toordinal()
                last = one.ends_at.astimezone(UTC).toordinal()
                if last - first > _LONG_DAYS:
                    long.append(one)
                else:
                    for day in range(first, last + 1):
                        by_date[day].append(one)
        return dict(by_date), long

    @cached_property
    def _bound(self) -> dict[tuple[str, int], tuple[StandIn, ...]]:
        found: defaultdict[tuple[str, int], list[StandIn]] = defaultdict(list)
        for cover in self.covers:
            if cover.place is not None and cover.on_date is not None:
                found[cover.place, cover.on_date.toordinal()].append(_stand_in(cover))
        return {key: tuple(some) for key, some in found.items()}

    def _on_day(self, zone: str, day: int) -> list[Occurrence]:
        found = self._days.get((zone, day))
        if found is None:
            month = day // _MONTH_DAYS
            active = self._months.get((zone, month))
            if active is None:
                first, last = month * _MONTH_DAYS, (month + 1) * _MONTH_DAYS
                active = [
                    one for one in self._patterns[zone] if one.first < last and first <= one.last
                ]
                self._months[zone, month] = active
            weekday = (day - 1) % 7
            found = []
            for pattern in active:
                if weekday in pattern.weekdays and (one := pattern.on(day)) is not None:
                    if clock_changes(zone, day + pattern.overnight):
                        one = self._handed_over_once(pattern, one)
                    found.append(one)
            self._days[zone, day] = found
        return found

    def _handed_over_once(self, pattern: _Pattern, one: Occurrence) -> Occurrence:
        once = pattern.first_end(one.day)
        if once < one.ends_at and self._met(pattern, one.day):
            return one._replace(ends_at=once)
        return one

    def _met(self, pattern: _Pattern, day: int) -> bool:
        """Whether another begins in the same layer when this one ends. Where that time comes
        twice they hand over once, at the first, and nobody is on call double because of it.
        """
        next_day = day + pattern.overnight
        return any(
            one.starts == pattern.ends
            and one.layer is pattern.layer
            and (next_day - 1) % 7 in one.weekdays
            and one.on(next_day) is not None
            for one in self._patterns[pattern.zone]
        )


class _Pattern:
    """A row made ready for asking what of it begins on a day."""

    __slots__ = (
        "_ended_at",
        "_excepted",
        "_from",
        "_order",
        "_period",
        "_place",
        "_second",
        "_source",
        "_turn_lag",
        "_until",
        "ends",
        "first",
        "last",
        "layer",
        "overnight",
        "starts",
        "weekdays",
        "zone",
    )

    def __init__(self, row: Shift | Rotation) -> None:
        table = "shift" if isinstance(row, Shift) else "rotation"
        self._source = f"{table}:{row.id}"
        self._place = f"{table}:{row.series or row.id}"
        self.zone = row.zone
        self.layer = row.layer
        self.weekdays = frozenset(int(digit) for digit in row.weekdays)
        self._from = self.first = row.from_date.toordinal()
        self._until: float = row.until_date.toordinal() if row.until_date else math.inf
        self._excepted = frozenset(date.fromisoformat(one).toordinal() for one in row.except_dates)
        self._ended_at = row.ended_at
        self._second = True
        self._turn_lag = 0
        self._period = 1
        if isinstance(row, Shift):
            self._order: tuple[int, ...] = (row.ambassador_id,)
            self.starts, self.ends = row.starts, row.ends
        else:
            self._order = tuple(row.order)
            self._period = row.period_days
            if row.starts is None or row.ends is None:
                # A hand-over is one moment for both, also where its time comes twice.
                self.starts = self.ends = row.handover
                self._second = False
            else:
                self.starts, self.ends = row.starts, row.ends
                self._turn_lag = 1 if row.starts < row.handover else 0
        self.last = self._until + self._turn_lag
        if row.ended_at is not None:
            self.last = min(self.last, row.ended_at.astimezone(UTC).toordinal() + 1)
        self.overnight = 0 if self.ends > self.starts else 1

    def on(self, day: int) -> Occurrence | None:
        """What begins on the local date with the ordinal ``day``; weekdays are not looked at."""
        turn_day = day - self._turn_lag
        if (
            turn_day < self._from
            or turn_day > self._until
            or day in self._excepted
            or not self._order
        ):
            return None
        starts_at = moment(self.zone, day, self.starts, False)
        ends_at = moment(self.zone, day + self.overnight, self.ends, self._second)
        if self._ended_at is not None:
            ends_at = min(ends_at, self._ended_at)
        if ends_at <= starts_at:
            return None  # ended before, or all of it within an hour that is skipped
        who = self._order[(turn_day - self._from) // self._period % len(self._order)]
        return Occurrence(starts_at, ends_at, who, self.layer, self._source, self._place, day)

    def first_end(self, day: int) -> datetime:
        """When what begins on ``day`` ends, by the first of two times where it comes twice."""
        return moment(self.zone, day + self.overnight, self.ends, False)


def occurrence_on(row: Shift | Rotation, day: date) -> Occurrence | None:
    """What of ``row`` begins on the local date ``day``, or None on other days."""
    pattern = _Pattern(row)
    return pattern.on(day.toordinal()) if day.weekday() in pattern.weekdays else None


def without(
    spans: Iterable[tuple[datetime, datetime]], holes: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """``spans`` with ``holes`` cut out of them."""
    left = list(spans)
    for start, end in holes:
        cut = []
        for starts_at, ends_at in left:
            if end <= starts_at or ends_at <= start:
                cut.append((starts_at, ends_at))
                continue
            if starts_at < start:
                cut.append((starts_at, start))
            if end < ends_at:
                cut.append((end, ends_at))
        left = cut
    return left


def _stand_in(cover: Cover) -> StandIn:
    ends_at = cover.ends_at if cover.ended_at is None else min(cover.ends_at, cover.ended_at)
    if cover.place is not None:
        # It covers its duty whole, whenever that is; only being ended cuts it short.
        ends_at = cover.ended_at or datetime.max.replace(tzinfo=UTC)
        starts_at = datetime.min.replace(tzinfo=UTC)
    else:
        starts_at = cover.starts_at
    return StandIn(
        cover.created_at,
        cover.id,
        starts_at,
        ends_at,
        cover.ambassador_id,
        cover.for_ambassador_id,
        cover.layer,
    )
