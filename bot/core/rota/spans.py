"""Who is on call: at a moment, and as spans over a time.

Shifts and rotations of a layer both count. Covers are laid over them in the order they were made:
each puts its ambassador in the place of the one it is for, whether that one had the place by plan
or by an earlier cover. Whoever is away is on call in no layer, and nobody is called back for it.
Who is primary and backup at once is primary.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter

from bot.core.rota.duty import BACKUP, PRIMARY, Duty
from bot.core.rota.patterns import occurrence_on
from bot.core.rota.plan import Rota, StandIn
from bot.core.rota.times import Times, union, without
from bot.core.rota.zones import Span, zone_named
from models.rota import Away, Rotation, Shift
from models.vocabulary import Layer

_starts_at, _ends_at = itemgetter(0), itemgetter(1)


@dataclass(frozen=True, slots=True)
class OnCall:
    """The ambassadors on call in each layer."""

    primary: frozenset[int] = frozenset()
    backup: frozenset[int] = frozenset()


def on_call(rota: Rota, at: datetime) -> OnCall:
    """Who is on call at ``at``: whoever has a duty of `spans` that holds it."""
    layers: dict[Layer, set[int]] = {Layer.PRIMARY: set(), Layer.BACKUP: set()}
    standing_in = _by_covered(rota.stand_ins(at, at + timedelta(microseconds=1)))
    for one in rota.occurrences_at(at):
        who = one.ambassador_id
        if who in standing_in or rota.has_bound:
            who, _ = _fold(one, _laid(rota, one, standing_in), at)
        if not rota.is_away(who, at):
            layers[one.layer].add(who)
    return OnCall(
        primary=frozenset(layers[Layer.PRIMARY]),
        backup=frozenset(layers[Layer.BACKUP] - layers[Layer.PRIMARY]),
    )


def spans(rota: Rota, start: datetime, end: datetime, *, join: bool = True) -> tuple[Duty, ...]:
    """Every duty within [start, end), cut to it, by start.

    Where ``join``, spans that touch and are the same ambassador's by the same source are one; else
    each time that a shift or a turn comes round stays by itself.
    """
    duties = _primary_first(_present(rota, planned(rota, start, end), start, end))
    duties.sort(key=_starts_at)
    return tuple(_joined(duties) if join else duties)


def planned(rota: Rota, start: datetime, end: datetime) -> list[Duty]:
    """Whom shifts, rotations and covers ask for within [start, end), cut to it, in no order:
    those who are away too, and as backup those who are primary too.
    """
    standing_in = _by_covered(rota.stand_ins(start, end))
    has_bound = rota.has_bound
    duties: list[Duty] = []
    for one in rota.occurrences(start, end):
        starts_at, ends_at = one[0], one[1]
        may_be_laid = has_bound
        for each in standing_in.get(one[3], ()):
            if each[2] < ends_at and starts_at < each[3]:
                may_be_laid = True
        laid = _laid(rota, one, standing_in) if may_be_laid else ()
        if laid:
            duties.extend(_pieces(one, laid, start, end))
        elif start <= starts_at and ends_at <= end:
            duties.append(one)
        else:
            duties.append(one._replace(starts_at=max(starts_at, start), ends_at=min(ends_at, end)))
    return duties


def _present(rota: Rota, duties: list[Duty], start: datetime, end: datetime) -> list[Duty]:
    """Without the times at which whoever has them is away."""
    absent: dict[int, Times] = {}
    for who, times in rota.absences.items():
        at = bisect_right(times, start, key=_ends_at)
        if at < len(times) and times[at][0] < end:
            absent[who] = times[at:]
    return _without(duties, absent) if absent else duties


def _primary_first(duties: list[Duty]) -> list[Duty]:
    """Without the backup of whoever is primary at the same time."""
    both = {one[3] for one in duties if one[2] is BACKUP}
    primary: defaultdict[int, Times] = defaultdict(list)
    for one in duties:
        if one[3] in both and one[2] is PRIMARY:
            primary[one[3]].append((one[0], one[1]))
    taken = {who: union(times) for who, times in primary.items()}
    return _without(duties, taken, BACKUP) if taken else duties


def _without(
    duties: list[Duty], holes: Mapping[int, Times], layer: Layer | None = None
) -> list[Duty]:
    """``duties``, those in ``layer`` without the times at which whoever has them has a hole."""
    ends = {who: [one[1] for one in times] for who, times in holes.items()}
    kept: list[Duty] = []
    keep = kept.append
    for one in duties:
        who = one[3]
        times = holes.get(who)
        if times is None or (layer is not None and one[2] is not layer):
            keep(one)
            continue
        starts_at, ends_at = one[0], one[1]
        at = bisect_right(ends[who], starts_at)
        if at == len(times) or ends_at <= times[at][0]:
            keep(one)
        else:
            left = without([(starts_at, ends_at)], times[at:])
            kept += [Duty(a, b, *one[2:]) for a, b in left]
    return kept


def _by_covered(standing_in: Iterable[StandIn]) -> dict[int, list[StandIn]]:
    found: defaultdict[int, list[StandIn]] = defaultdict(list)
    for each in standing_in:
        found[each.for_ambassador_id].append(each)
    return found


def _laid(rota: Rota, one: Duty, standing_in: dict[int, list[StandIn]]) -> Sequence[StandIn]:
    """The covers that may concern ``one``, in the order they are laid: those of whoever has the
    place by plan, and those of whoever they bring in.
    """
    bound = rota.bound_stand_ins(one.place, one.on_date)
    found: set[StandIn] = set(bound)
    asked: set[int] = set()
    waiting = [one.ambassador_id, *(each.ambassador_id for each in bound)]
    while waiting:
        who = waiting.pop()
        if who in asked:
            continue
        asked.add(who)
        for each in standing_in.get(who, ()):
            if _concerns(each, one):
                found.add(each)
                waiting.append(each.ambassador_id)
    return sorted(found)


def _concerns(each: StandIn, one: Duty) -> bool:
    return (
        each.starts_at < one.ends_at
        and one.starts_at < each.ends_at
        and (each.layer is None or each.layer is one.layer)
    )


def _fold(one: Duty, laid: Sequence[StandIn], at: datetime) -> tuple[int, int | None]:
    """Who has the place at ``at``, and by which cover."""
    who, cover = one.ambassador_id, None
    for each in laid:
        if each.starts_at <= at < each.ends_at and each.for_ambassador_id in (
            who,
            one.ambassador_id,
        ):
            who, cover = each.ambassador_id, each.id
    return who, cover


def _pieces(one: Duty, laid: Sequence[StandIn], start: datetime, end: datetime) -> list[Duty]:
    """What is left of ``one`` within [start, end), and who stands in for the rest."""
    start, end = max(one.starts_at, start), min(one.ends_at, end)
    edges = {time for each in laid for time in (each.starts_at, each.ends_at)}
    cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
    found: list[Duty] = []
    for begins, ends in pairwise(cuts):
        who, cover = _fold(one, laid, begins)
        if cover is None:
            found.append(Duty(begins, ends, *one[2:]))
        else:
            by = f"cover:{cover}"
            whose = one.ambassador_id
            found.append(Duty(begins, ends, one.layer, who, by, whose, one.place, one.on_date))
    return found


def _joined(duties: list[Duty]) -> list[Duty]:
    """Without seams: ``duties`` by start, those that touch and are alike made one."""
    found: list[Duty] = []
    latest: dict[tuple[str, int, Layer, int | None, str], int] = {}
    for one in duties:
        starts_at, ends_at, layer, who, source, instead_of, place, _ = one
        key = (source, who, layer, instead_of, place)
        at = latest.get(key)
        if at is not None and found[at].ends_at >= starts_at:
            if found[at].ends_at < ends_at:
                found[at] = found[at]._replace(ends_at=ends_at)
        else:
            latest[key] = len(found)
            found.append(one)
    return found


def away_now(aways: Iterable[Away], at: datetime) -> frozenset[int]:
    """The ambassadors who are away at ``at``."""
    return frozenset(
        away.ambassador_id
        for away in aways
        if away.starts_at <= at and (away.ends_at is None or at < away.ends_at)
    )


def occurrence(row: Shift | Rotation, at: datetime) -> Span | None:
    """The span of ``row`` that holds ``at``, before covers and away times, or None."""
    today = at.astimezone(zone_named(row.zone)).date()
    # A shift that crosses midnight began yesterday; on the night a clock changes, "today" in
    # local time may be either side of the span's end.
    for day in (today, today - timedelta(days=1)):
        span = span_on(row, day)
        if span and span.holds(at):
            return span
    return None


def span_on(row: Shift | Rotation, day: date) -> Span | None:
    """The span of ``row`` that begins on the local date ``day``, or None on other days."""
    found = occurrence_on(row, day)
    return Span(found.starts_at, found.ends_at) if found else None
