"""Rows of a plan made ready for asking what of them begins on a day.

The days of a plan are asked about one by one and in great number: whatever can be worked out once
for a row, or once for a day, is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache

from bot.core.rota.duty import BACKUP, PRIMARY, Duty
from bot.core.rota.zones import MINUTES, moment
from models.rota import Need, Rotation, Shift

_made = tuple.__new__
Recurring = Shift | Rotation | Need
_TABLES: dict[type[Recurring], str] = {Shift: "shift", Rotation: "rotation", Need: "need"}


def first_day(row: Recurring) -> int:
    """The ordinal of a date before which nothing of ``row`` begins."""
    return row.from_date.toordinal()


def last_day(row: Recurring) -> float:
    """The ordinal of a date after which nothing of ``row`` begins; infinity where it goes on."""
    # A window before the hand-over still belongs to the turn of the day before.
    last = row.until_date.toordinal() + 1 if row.until_date else math.inf
    if row.ended_at is not None:
        last = min(last, row.ended_at.astimezone(UTC).toordinal() + 1)
    return last


class Pattern:
    """One row."""

    __slots__ = (
        "_alone",
        "_ended_at",
        "_every",
        "_excepted",
        "_from",
        "_monday",
        "_order",
        "_period",
        "_place",
        "_second",
        "_source",
        "_turn_lag",
        "_until",
        "ends",
        "layer",
        "overnight",
        "starts",
        "weekdays",
        "zone",
    )

    def __init__(self, row: Recurring) -> None:
        kind = type(row)
        self._source = self._place = f"{_TABLES[kind]}:{row.id}"
        self.zone = row.zone
        self.layer = PRIMARY
        self.weekdays = _digits(row.weekdays)
        self._from = row.from_date.toordinal()
        until = row.until_date
        self._until: float = math.inf if until is None else until.toordinal()
        self._excepted: frozenset[int] = frozenset()
        self._ended_at = row.ended_at
        self._every = self._period = 1
        self._monday = 0
        self._turn_lag = 0
        self._second = True
        self._order: Sequence[int] = ()
        self._alone = 0
        starts, ends = row.starts, row.ends
        if not isinstance(row, Need):
            self.layer = row.layer
            if excepted := row.except_dates:
                self._excepted = frozenset(date.fromisoformat(one).toordinal() for one in excepted)
            if series := row.series:
                self._place = f"{_TABLES[kind]}:{series}"
        if isinstance(row, Shift):
            self._alone = row.ambassador_id
            self._every = row.every
            self._monday = monday_of(self._from)
        elif isinstance(row, Rotation):
            self._order = tuple(row.order)
            self._period = row.period_days
            if not self._order:
                self._until = -1  # nobody's turn
            if starts is None or ends is None:
                # A hand-over is one moment for both, also where its time comes twice.
                starts = ends = row.handover
                self._second = False
            else:
                self._turn_lag = 1 if starts < row.handover else 0
        assert starts is not None
        assert ends is not None
        self.starts, self.ends = starts, ends
        self.overnight = 0 if ends > starts else 1

    def order(self) -> tuple[int, bool, int, str]:
        """What begins sooner comes first, and of those that begin together who is primary."""
        return self.starts, self.layer is BACKUP, self._alone, self._source

    def lasts_at(self, minute: int, next_day: bool) -> bool:
        """Whether it goes on this many minutes after midnight, of the day it begins on or the next,
        where no clock changes.
        """
        if next_day:
            return self.overnight == 1 and minute < self.ends
        return self.starts <= minute and (self.overnight == 1 or minute < self.ends)

    def on(self, day: int) -> Duty | None:
        """What begins on the local date with the ordinal ``day``; weekdays are not looked at."""
        return self.among(day, date.fromordinal(day), None, None)

    def among(
        self, day: int, on_date: date, begins: datetime | None, next_begins: datetime | None
    ) -> Duty | None:
        """`on`, where it is known when ``day`` and the day after it begin; None of either where
        the clock changes on it.
        """
        turn_day = day - self._turn_lag
        if turn_day < self._from or turn_day > self._until or day in self._excepted:
            return None
        if self._every > 1 and (day - self._monday) // 7 % self._every:
            return None
        if begins is None or next_begins is None:
            starts_at = moment(self.zone, day, self.starts, False)
            ends_at = moment(self.zone, day + self.overnight, self.ends, self._second)
        else:
            starts_at = begins + MINUTES[self.starts]
            ends_at = (next_begins if self.overnight else begins) + MINUTES[self.ends]
        if self._ended_at is not None and self._ended_at < ends_at:
            ends_at = self._ended_at
        if ends_at <= starts_at:
            return None  # ended before, or all of it within an hour that is skipped
        who = self._alone
        if self._order:
            who = self._order[(turn_day - self._from) // self._period % len(self._order)]
        # As `Duty` itself does it, in half the time: thousands are made for a month.
        return _made(
            Duty, (starts_at, ends_at, self.layer, who, self._source, None, self._place, on_date)
        )

    def first_end(self, day: int) -> datetime:
        """When what begins on ``day`` ends, by the first of two times where it comes twice."""
        return moment(self.zone, day + self.overnight, self.ends, False)

    def is_met_by(self, other: Pattern, day: int) -> bool:
        """Whether ``other`` begins in the same layer when what begins on ``day`` here ends."""
        return (
            other.starts == self.ends
            and other.layer is self.layer
            and other.on(day + self.overnight) is not None
        )


def occurrence_on(row: Recurring, day: date) -> Duty | None:
    """What of ``row`` begins on the local date ``day``, or None on other days."""
    pattern = Pattern(row)
    return pattern.on(day.toordinal()) if day.weekday() in pattern.weekdays else None


@cache
def _digits(weekdays: str) -> frozenset[int]:
    return frozenset(map(int, weekdays))


def weekday_of(day: int) -> int:
    """The weekday of an ordinal, 0 for Monday."""
    return (day - 1) % 7


def monday_of(day: int) -> int:
    """The ordinal of the Monday of the week in which this ordinal lies."""
    return day - weekday_of(day)
