"""The rota as one value: the rows of a plan, with what is looked up in them built when needed."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from bot.core.rota.calendar import Calendar
from bot.core.rota.duty import Duty
from bot.core.rota.times import Times, union
from models.rota import Away, Cover, Need, Rotation, Shift
from models.vocabulary import Layer

_PART = 4
"""Days for which covers are looked up together."""
_LONG_PARTS = 16
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


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

    ``needs`` say when somebody is needed; where there are none, it is always.
    """

    shifts: tuple[Shift, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    covers: tuple[Cover, ...] = ()
    aways: tuple[Away, ...] = ()
    needs: tuple[Need, ...] = ()
    _laid: dict[int, StandIn] = field(default_factory=dict, init=False, repr=False)

    def occurrences(self, start: datetime, end: datetime) -> list[Duty]:
        """Whatever comes round within [start, end), whole, before covers and away times."""
        return self._calendar.between(start, end)

    def occurrences_at(self, at: datetime) -> list[Duty]:
        """Whatever has come round and holds ``at``."""
        return self._calendar.at(at)

    @cached_property
    def needed(self) -> Calendar:
        """The hours in which somebody is needed, where any are named."""
        return Calendar(self.needs)

    def stand_ins(self, start: datetime, end: datetime) -> list[StandIn]:
        """The covers by time that count within [start, end), in the order they are laid."""
        first, last = _part(start), _part(end)
        by_part, long = self._covers
        if last - first < len(by_part):
            parts: Iterable[list[int]] = (by_part.get(n, []) for n in range(first, last + 1))
        else:
            parts = by_part.values()
        numbers = {number for part in parts for number in part}
        found = (self._stand_in(number) for number in (*numbers, *long))
        return sorted(one for one in found if one.starts_at < end and start < one.ends_at)

    def bound_stand_ins(self, place: str, on_date: date) -> Sequence[StandIn]:
        """The covers of the one duty that begins in this place on this date."""
        return self._bound.get((place, on_date), ())

    @property
    def has_bound(self) -> bool:
        """Whether any cover belongs to a duty rather than to a time."""
        return bool(self._bound)

    @cached_property
    def absences(self) -> dict[int, Times]:
        """When each ambassador is away, by start; without an end it is the end of time."""
        found: defaultdict[int, Times] = defaultdict(list)
        for away in self.aways:
            found[away.ambassador_id].append((away.starts_at, away.ends_at or _LAST))
        return {who: union(times) for who, times in found.items()}

    def is_away(self, ambassador_id: int, at: datetime) -> bool:
        """Whether this ambassador is away at ``at``."""
        times = self.absences.get(ambassador_id, [])
        number = bisect_right(times, at, key=itemgetter(0)) - 1
        return number >= 0 and at < times[number][1]

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar((*self.shifts, *self.rotations))

    @cached_property
    def _covers(self) -> tuple[dict[int, list[int]], list[int]]:
        """Which covers by time to look at in each part of the calendar, and which in every one."""
        by_part: defaultdict[int, list[int]] = defaultdict(list)
        long: list[int] = []
        for number, cover in enumerate(self.covers):
            if cover.place is None:
                first, last = _part(cover.starts_at), _part(cover.ends_at)
                if last - first > _LONG_PARTS:
                    long.append(number)
                else:
                    for part in range(first, last + 1):
                        by_part[part].append(number)
        return dict(by_part), long

    @cached_property
    def _bound(self) -> dict[tuple[str, date], list[StandIn]]:
        found: defaultdict[tuple[str, date], list[StandIn]] = defaultdict(list)
        for number, cover in enumerate(self.covers):
            place = cover.place
            if place is not None and cover.on_date is not None:
                found[place, cover.on_date].append(self._stand_in(number))
        return dict(found)

    def _stand_in(self, number: int) -> StandIn:
        found = self._laid.get(number)
        if found is None:
            found = self._laid[number] = _stand_in(self.covers[number])
        return found


def _part(at: datetime) -> int:
    """Which part of the calendar, by dates in UTC, a time lies in."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).toordinal() // _PART


def _stand_in(cover: Cover) -> StandIn:
    ends_at = cover.ends_at if cover.ended_at is None else min(cover.ends_at, cover.ended_at)
    if cover.place is not None:
        # It covers its duty whole, whenever that is; only being ended cuts it short.
        starts_at, ends_at = _FIRST, cover.ended_at or _LAST
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
