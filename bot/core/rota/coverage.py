"""Where nobody is on call, where several are, and how much each of them is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.core.rota.duty import Duty
from bot.core.rota.plan import Rota
from bot.core.rota.spans import spans
from bot.core.rota.times import Times, union, without
from bot.core.rota.zones import Span, instant, zone_named
from models.vocabulary import Layer

NIGHT = (0, 6 * 60)
"""A night is what lies between these minutes after midnight: who is on call in it is not asleep."""


class Overlap(NamedTuple):
    """Several ambassadors in one layer at once."""

    starts_at: datetime
    ends_at: datetime
    layer: Layer
    ambassador_ids: frozenset[int]


def needed(rota: Rota, start: datetime, end: datetime) -> Times:
    """When somebody has to be primary within [start, end): all of it, unless hours are named."""
    named: Times = []
    in_force: Times = []
    for need in rota.needs:
        first = instant(zone_named(need.zone), need.from_date, 0, second=False)
        last = need.ended_at or end
        if need.until_date is not None:
            day_after = need.until_date + timedelta(days=1)
            last = min(last, instant(zone_named(need.zone), day_after, 0, second=False))
        in_force.append((first, last))
    for one in rota.needed.between(start, end):
        named.append((max(one.starts_at, start), min(one.ends_at, end)))
    return union([*without([(start, end)], union(in_force)), *named])


def gaps(
    rota: Rota, start: datetime, end: datetime, layer: Layer = Layer.PRIMARY
) -> tuple[Span, ...]:
    """Where nobody is in ``layer`` within [start, end), of the hours in which somebody must be."""
    return gaps_of(spans(rota, start, end), needed(rota, start, end), layer)


def gaps_of(
    duties: Iterable[Duty],
    wanted: Iterable[tuple[datetime, datetime]],
    layer: Layer = Layer.PRIMARY,
) -> tuple[Span, ...]:
    """Where nobody is in ``layer`` within what is ``wanted``, of duties that are known already."""
    held = union((one.starts_at, one.ends_at) for one in duties if one.layer is layer)
    left = without(union(wanted), held)
    return tuple(Span(starts_at, ends_at) for starts_at, ends_at in left)


def overlaps(
    rota: Rota, start: datetime, end: datetime, layer: Layer = Layer.PRIMARY
) -> tuple[Overlap, ...]:
    """Where more than one ambassador is in ``layer`` within [start, end)."""
    events = sorted(
        event
        for one in spans(rota, start, end)
        if one.layer is layer
        for event in ((one.starts_at, 1, one.ambassador_id), (one.ends_at, -1, one.ambassador_id))
    )
    held: dict[int, int] = {}
    found: list[Overlap] = []
    since = start
    for at, step, who in events:
        present = frozenset(one for one, times in held.items() if times)
        if len(present) > 1 and since < at:
            last = found[-1] if found else None
            if last and last.ends_at == since and last.ambassador_ids == present:
                found[-1] = last._replace(ends_at=at)
            else:
                found.append(Overlap(since, at, layer, present))
        held[who] = held.get(who, 0) + step
        since = at
    return tuple(found)


def hours(rota: Rota, ambassador_id: int, start: datetime, end: datetime) -> timedelta:
    """How long this ambassador is on call within [start, end), in either layer."""
    return hours_of(one for one in spans(rota, start, end) if one.ambassador_id == ambassador_id)


def hours_of(duties: Iterable[Duty]) -> timedelta:
    """How long these duties of one ambassador last; what overlaps counts once."""
    joined = union((one.starts_at, one.ends_at) for one in duties)
    return sum((ends_at - starts_at for starts_at, ends_at in joined), timedelta())


def nights(rota: Rota, ambassador_id: int, start: datetime, end: datetime, zone: str) -> int:
    """In how many nights in ``zone`` this ambassador is on call within [start, end)."""
    return len(
        nights_of(
            (one for one in spans(rota, start, end) if one.ambassador_id == ambassador_id), zone
        )
    )


def nights_of(duties: Iterable[Duty], zone: str) -> frozenset[date]:
    """The dates in ``zone`` whose night these duties reach into."""
    tz = zone_named(zone)
    found = set()
    for starts_at, ends_at in union((one.starts_at, one.ends_at) for one in duties):
        day = starts_at.astimezone(tz).date()
        while day <= ends_at.astimezone(tz).date():
            begins = instant(tz, day, NIGHT[0], second=False)
            ends = instant(tz, day, NIGHT[1], second=True)
            if starts_at < ends and begins < ends_at:
                found.add(day)
            day += timedelta(days=1)
    return frozenset(found)
