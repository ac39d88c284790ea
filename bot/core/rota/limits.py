"""How much one volunteer may carry, and where a plan asks for more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.core.rota.coverage import gaps_of, needed, nights_of
from bot.core.rota.duty import Duty
from bot.core.rota.plan import Rota
from bot.core.rota.spans import planned, spans
from bot.core.rota.times import Times, union, without
from bot.core.rota.zones import instant, zone_named
from models.vocabulary import OnBreach

SUGGESTED_BLOCK_HOURS = 2
"""How long a shift is suggested to be, as on most crisis lines."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a community allows. None is without a limit. ``approve``: what ambassadors arrange
    among themselves counts once a coordinator has said yes.

    The defaults are what crisis lines ask of volunteers: short blocks, at most twelve hours a
    week, a night's rest between shifts, and time to breathe after an immediate case.
    """

    hours_a_day: float | None = 8
    hours_a_week: float | None = 12
    rest_hours: float | None = 8
    nights_a_month: int | None = 4
    cases_at_once: int | None = None
    cooldown_minutes: int = 30
    on_breach: OnBreach = OnBreach.WARN
    approve: bool = False


class Breach(StrEnum):
    """What is wrong with a plan."""

    AWAY = "away"
    DAY_HOURS = "day_hours"
    WEEK_HOURS = "week_hours"
    REST = "rest"
    NIGHTS = "nights"
    DOUBLE = "double"
    GAP = "gap"


class Conflict(NamedTuple):
    """One thing that is wrong with a plan, from ``starts_at`` to ``ends_at``.

    ``amount`` and ``limit`` are in hours, for nights in nights. ``ambassador_id`` is None for a
    gap.
    """

    starts_at: datetime
    ends_at: datetime
    kind: Breach
    ambassador_id: int | None
    amount: float | None = None
    limit: float | None = None


def conflicts(
    rota: Rota,
    limits: Limits,
    start: datetime,
    end: datetime,
    zone: str,
) -> tuple[Conflict, ...]:
    """Everything that is wrong within [start, end), by start; days and weeks are ``zone``'s."""
    tz = zone_named(zone)
    first, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    monday = first - timedelta(days=first.weekday())
    begin = min(monday, first.replace(day=1))
    finish = max(last + timedelta(days=7 - last.weekday()), _next_month(last))
    around = (_midnight(tz, begin), _midnight(tz, finish))
    asked = planned(rota, *around)
    duties = spans(rota, *around)
    by_ambassador: defaultdict[int, list[Duty]] = defaultdict(list)
    for one in duties:
        by_ambassador[one.ambassador_id].append(one)
    found = [*_away(rota, asked), *_doubles(rota, asked)]
    for who, own in by_ambassador.items():
        blocks = union((one.starts_at, one.ends_at) for one in own)
        found += _over(
            who, blocks, _days(tz, begin, finish, 1), Breach.DAY_HOURS, limits.hours_a_day
        )
        found += _over(
            who, blocks, _days(tz, monday, finish, 7), Breach.WEEK_HOURS, limits.hours_a_week
        )
        found += _rest(who, blocks, limits.rest_hours)
        found += _nights(who, own, zone, limits.nights_a_month)
    found += [
        Conflict(gap.starts_at, gap.ends_at, Breach.GAP, None)
        for gap in gaps_of(duties, needed(rota, start, end))
    ]
    return tuple(
        sorted(
            (one for one in found if one.starts_at < end and start < one.ends_at),
            key=lambda one: (one.starts_at, one.kind, one.ambassador_id or 0, one.ends_at),
        )
    )


def new_conflicts(before: Iterable[Conflict], after: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """What is wrong after a change and was not, or was less so, before it."""
    was: defaultdict[tuple[Breach, int | None], list[Conflict]] = defaultdict(list)
    for one in before:
        was[one.kind, one.ambassador_id].append(one)
    found: list[Conflict] = []
    for one in after:
        earlier = was[one.kind, one.ambassador_id]
        if one.amount is None:
            times = union((each.starts_at, each.ends_at) for each in earlier)
            left = without([(one.starts_at, one.ends_at)], times)
            found.extend(one._replace(starts_at=a, ends_at=b) for a, b in left)
        elif not any(
            (each.starts_at, each.ends_at) == (one.starts_at, one.ends_at)
            and each.amount is not None
            and each.amount >= one.amount
            for each in earlier
        ):
            found.append(one)
    return tuple(found)


def over_hours(duties: Iterable[Duty], limits: Limits, now: datetime, zone: str) -> frozenset[int]:
    """Who has been on call today or this week for as long as ``limits`` allow, by ``now``."""
    tz = zone_named(zone)
    today = now.astimezone(tz).date()
    since = (
        (limits.hours_a_day, _midnight(tz, today)),
        (limits.hours_a_week, week_start(now, zone)),
    )
    done: defaultdict[int, Times] = defaultdict(list)
    for one in duties:
        if one.starts_at < now:
            done[one.ambassador_id].append((one.starts_at, min(one.ends_at, now)))
    return frozenset(
        who
        for who, times in done.items()
        for limit, start in since
        if limit is not None and _hours_within(union(times), start, now) >= limit
    )


def week_start(now: datetime, zone: str) -> datetime:
    """When the week of ``now`` began in ``zone``."""
    tz = zone_named(zone)
    today = now.astimezone(tz).date()
    return _midnight(tz, today - timedelta(days=today.weekday()))


def _away(rota: Rota, asked: Iterable[Duty]) -> list[Conflict]:
    found = []
    for one in asked:
        for start, end in rota.absences.get(one.ambassador_id, ()):
            starts_at, ends_at = max(start, one.starts_at), min(end, one.ends_at)
            if starts_at < ends_at:
                found.append(Conflict(starts_at, ends_at, Breach.AWAY, one.ambassador_id))
    return found


def _doubles(rota: Rota, asked: Iterable[Duty]) -> list[Conflict]:
    by_ambassador: defaultdict[int, list[Duty]] = defaultdict(list)
    for one in asked:
        by_ambassador[one.ambassador_id].append(one)
    found: list[Conflict] = []
    for who, own in by_ambassador.items():
        twice: Times = []
        own.sort()
        for number, one in enumerate(own):
            for other in own[number + 1 :]:
                if other.starts_at >= one.ends_at:
                    break
                twice.append((other.starts_at, min(one.ends_at, other.ends_at)))
        left = without(union(twice), rota.absences.get(who, []))
        found.extend(Conflict(a, b, Breach.DOUBLE, who) for a, b in left)
    return found


def _over(
    who: int,
    blocks: Times,
    periods: Iterable[tuple[datetime, datetime]],
    kind: Breach,
    limit: float | None,
) -> list[Conflict]:
    if limit is None:
        return []
    found = []
    for start, end in periods:
        amount = _hours_within(blocks, start, end)
        if amount > limit:
            found.append(Conflict(start, end, kind, who, amount, limit))
    return found


def _rest(who: int, blocks: Times, limit: float | None) -> list[Conflict]:
    if limit is None:
        return []
    pauses = ((before[1], after[0]) for before, after in pairwise(blocks))
    return [
        Conflict(start, end, Breach.REST, who, amount, limit)
        for start, end in pauses
        if (amount := (end - start) / timedelta(hours=1)) < limit
    ]


def _nights(who: int, own: list[Duty], zone: str, limit: int | None) -> list[Conflict]:
    if limit is None:
        return []
    tz = zone_named(zone)
    months: defaultdict[date, int] = defaultdict(int)
    for night in nights_of(own, zone):
        months[night.replace(day=1)] += 1
    return [
        Conflict(
            _midnight(tz, month),
            _midnight(tz, _next_month(month)),
            Breach.NIGHTS,
            who,
            count,
            limit,
        )
        for month, count in months.items()
        if count > limit
    ]


def _hours_within(blocks: Times, start: datetime, end: datetime) -> float:
    inside = (min(b, end) - max(a, start) for a, b in blocks if a < end and start < b)
    return sum(inside, timedelta()) / timedelta(hours=1)


def _days(tz: ZoneInfo, first: date, end: date, step: int) -> Times:
    count = -(-(end - first).days // step)
    edges = [_midnight(tz, first + timedelta(days=n * step)) for n in range(count + 1)]
    return list(pairwise(edges))


def _midnight(tz: ZoneInfo, day: date) -> datetime:
    return instant(tz, day, 0, second=False)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
