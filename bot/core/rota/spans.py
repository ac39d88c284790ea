"""Who is on call: at a moment, and as spans over a time.

Shifts and rotations of a layer both count. Covers are laid over them in the order they were made:
each puts its ambassador in the place of the one it is for, whether that one had the place by plan
or by an earlier cover. Whoever is away is on call in no layer, and nobody is called back for it.
Who is primary and backup at once is primary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from bot.core.rota.plan import Occurrence, Rota, StandIn, occurrence_on, without
from bot.core.rota.zones import Span, zone_named
from models.rota import Away, Rotation, Shift
from models.vocabulary import Layer

_Piece = tuple[datetime, datetime, int, str, int | None]
_LAYERS = {Layer.PRIMARY: 0, Layer.BACKUP: 1}


@dataclass(frozen=True, slots=True)
class OnCall:
    """The ambassadors on call in each layer."""

    primary: frozenset[int] = frozenset()
    backup: frozenset[int] = frozenset()


class Duty(NamedTuple):
    """One ambassador on call from ``starts_at`` up to but not including ``ends_at``, in UTC.

    ``source`` says by what: ``shift:3``, ``rotation:1`` or ``cover:7``; for a cover
    ``for_ambassador_id`` is who has the place by plan. ``place`` is the first of the series of the
    shift or rotation underneath, and ``on_date`` the local date on which that duty begins: what a
    cover of this one duty is bound to. Of duties that were joined it is the first one's.
    """

    starts_at: datetime
    ends_at: datetime
    layer: Layer
    ambassador_id: int
    source: str
    for_ambassador_id: int | None
    place: str
    on_date: date

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies within the duty."""
        return self.starts_at <= at < self.ends_at

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at


def on_call(rota: Rota, at: datetime) -> OnCall:
    """Who is on call at ``at``: whoever has a duty of `spans` that holds it."""
    layers: dict[Layer, set[int]] = {Layer.PRIMARY: set(), Layer.BACKUP: set()}
    standing_in = _by_covered(rota.stand_ins(at, at + timedelta(microseconds=1)))
    for one in rota.occurrences_at(at):
        laid = _laid(rota, one, standing_in)
        who, _ = _fold(one, laid, at) if laid else (one.ambassador_id, None)
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
    return tuple(sorted(_joined(duties) if join else duties, key=_order))


def planned(rota: Rota, start: datetime, end: datetime) -> list[Duty]:
    """Whom shifts, rotations and covers ask for within [start, end), cut to it, in no order:
    those who are away too, and as backup those who are primary too.
    """
    standing_in = _by_covered(rota.stand_ins(start, end))
    duties: list[Duty] = []
    for one in rota.occurrences(start, end):
        from_, to = max(one.starts_at, start), min(one.ends_at, end)
        on_date = date.fromordinal(one.day)
        laid: Sequence[StandIn] = ()
        if one.ambassador_id in standing_in or rota.has_bound:
            laid = _laid(rota, one, standing_in)
        if not laid:
            duties.append(
                Duty(from_, to, one.layer, one.ambassador_id, one.source, None, one.place, on_date)
            )
            continue
        duties.extend(
            Duty(begins, ends, one.layer, who, source, instead_of, one.place, on_date)
            for begins, ends, who, source, instead_of in _pieces(one, laid, from_, to)
        )
    return duties


def _present(rota: Rota, duties: list[Duty], start: datetime, end: datetime) -> list[Duty]:
    """Without the times at which their ambassador is away."""
    absences = {
        who: within
        for who, times in rota.absences.items()
        if (within := [one for one in times if one[0] < end and start < one[1]])
    }
    if not absences:
        return duties
    kept: list[Duty] = []
    for one in duties:
        kept.extend(_cut(one, absences.get(one.ambassador_id, ())))
    return kept


def _cut(duty: Duty, holes: Iterable[tuple[datetime, datetime]]) -> Iterable[Duty]:
    """What is left of ``duty`` without ``holes``."""
    starts_at, ends_at = duty.starts_at, duty.ends_at
    met = [hole for hole in holes if hole[0] < ends_at and starts_at < hole[1]]
    if not met:
        return (duty,)
    left = without([(starts_at, ends_at)], met)
    return [duty._replace(starts_at=a, ends_at=b) for a, b in left]


def _by_covered(standing_in: Iterable[StandIn]) -> dict[int, list[StandIn]]:
    found: defaultdict[int, list[StandIn]] = defaultdict(list)
    for each in standing_in:
        found[each.for_ambassador_id].append(each)
    return found


def _laid(rota: Rota, one: Occurrence, standing_in: dict[int, list[StandIn]]) -> Sequence[StandIn]:
    """The covers that may concern ``one``, in the order they are laid: those of whoever has the
    place by plan, and those of whoever they bring in.
    """
    bound = rota.bound_stand_ins(one.place, one.day) if rota.has_bound else ()
    if not bound and one.ambassador_id not in standing_in:
        return ()
    found: set[StandIn] = set(bound)
    asked: set[int] = set()
    waiting = [one.ambassador_id, *(each.ambassador_id for each in bound)]
    while waiting:
        who = waiting.pop()
        if who in asked:
            continue
        asked.add(who)
        for each in standing_in.get(who, ()):
            if (
                each.starts_at < one.ends_at
                and one.starts_at < each.ends_at
                and (each.layer is None or each.layer is one.layer)
            ):
                found.add(each)
                waiting.append(each.ambassador_id)
    return sorted(found)


def _fold(one: Occurrence, laid: Sequence[StandIn], at: datetime) -> tuple[int, int | None]:
    """Who has the place at ``at``, and by which cover."""
    who, cover = one.ambassador_id, None
    for each in laid:
        if each.starts_at <= at < each.ends_at and each.for_ambassador_id in (
            who,
            one.ambassador_id,
        ):
            who, cover = each.ambassador_id, each.id
    return who, cover


def _pieces(
    one: Occurrence, laid: Sequence[StandIn], start: datetime, end: datetime
) -> list[_Piece]:
    edges = {time for each in laid for time in (each.starts_at, each.ends_at)}
    cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
    found: list[_Piece] = []
    for begins, ends in pairwise(cuts):
        who, cover = _fold(one, laid, begins)
        if cover is None:
            found.append((begins, ends, who, one.source, None))
        else:
            found.append((begins, ends, who, f"cover:{cover}", one.ambassador_id))
    return found


def _primary_first(duties: list[Duty]) -> list[Duty]:
    """Without the backup of whoever is primary at the same time."""
    backups = {one.ambassador_id for one in duties if one.layer is Layer.BACKUP}
    primary: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in duties:
        if one.layer is Layer.PRIMARY and one.ambassador_id in backups:
            primary[one.ambassador_id].append((one.starts_at, one.ends_at))
    if not primary:
        return duties
    kept = []
    for one in duties:
        if one.layer is Layer.PRIMARY or one.ambassador_id not in primary:
            kept.append(one)
            continue
        kept.extend(_cut(one, primary[one.ambassador_id]))
    return kept


def _joined(duties: list[Duty]) -> list[Duty]:
    joined: dict[tuple[str, int, Layer, int | None, str], Duty] = {}
    done = []
    for one in sorted(duties, key=itemgetter(0)):
        key = (one.source, one.ambassador_id, one.layer, one.for_ambassador_id, one.place)
        before = joined.get(key)
        if before is not None and before.ends_at >= one.starts_at:
            joined[key] = before._replace(ends_at=max(before.ends_at, one.ends_at))
        else:
            if before is not None:
                done.append(before)
            joined[key] = one
    return [*done, *joined.values()]


def _order(duty: Duty) -> tuple[datetime, int, int, str, datetime]:
    return duty.starts_at, _LAYERS[duty.layer], duty.ambassador_id, duty.source, duty.ends_at


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
