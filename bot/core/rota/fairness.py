"""What each ambassador carries: hours, nights, pages and cases, weighed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core.rota.coverage import NIGHT, hours_of, nights_of
from bot.core.rota.duty import Duty
from bot.core.rota.plan import Rota
from bot.core.rota.spans import spans
from bot.core.rota.zones import zone_named
from models.vocabulary import Urgency

# In hours of quiet listening: an immediate case takes more out of a volunteer than a supportive
# one, and everything takes half as much again at night. A page that led to
# nothing still woke somebody.
_PAGE = 0.2
_CASE = {Urgency.IMMEDIATE: 3.0, Urgency.URGENT: 2.0, Urgency.SUPPORT: 1.0, Urgency.NONE: 1.0}
_HOUR = 1.0
_MOST_HOURS = 6.0  # a case left open for a week was not listened to for a week
_NIGHT = 1.5


class Held(NamedTuple):
    """A case that an ambassador held from ``claimed_at`` to ``until``."""

    ambassador_id: int
    urgency: Urgency
    claimed_at: datetime
    until: datetime


class Paged(NamedTuple):
    """A page that reached out for an ambassador, or several at about the same time."""

    ambassador_id: int
    at: datetime
    times: int = 1


class Share(NamedTuple):
    """What one ambassador carried in a time. ``load`` is the weighed sum that rungs pick by."""

    ambassador_id: int
    hours: float
    nights: int
    pages: int
    cases: int
    load: float


def load_of(pages: Iterable[Paged], held: Iterable[Held], zone: str) -> dict[int, float]:
    """How much pages and cases weigh on each ambassador: urgency, night and time spent count."""
    load: defaultdict[int, float] = defaultdict(float)
    for page in pages:
        load[page.ambassador_id] += _PAGE * page.times * _at_night(page.at, zone)
    for case in held:
        spent = max(0.0, (case.until - case.claimed_at) / timedelta(hours=1))
        weight = _CASE[case.urgency] + _HOUR * min(spent, _MOST_HOURS)
        load[case.ambassador_id] += weight * _at_night(case.claimed_at, zone)
    return dict(load)


def fairness(
    rota: Rota,
    ambassadors: Iterable[int],
    pages: Iterable[Paged],
    held: Iterable[Held],
    start: datetime,
    end: datetime,
    zone: str,
) -> tuple[Share, ...]:
    """The share of each of ``ambassadors`` within [start, end), the heaviest load first."""
    duties: defaultdict[int, list[Duty]] = defaultdict(list)
    for one in spans(rota, start, end):
        duties[one.ambassador_id].append(one)
    paged = [one for one in pages if start <= one.at < end]
    took = [one for one in held if start <= one.claimed_at < end]
    load = load_of(paged, took, zone)
    shares = (
        Share(
            ambassador_id=who,
            hours=hours_of(duties[who]) / timedelta(hours=1),
            nights=len(nights_of(duties[who], zone)),
            pages=sum(one.times for one in paged if one.ambassador_id == who),
            cases=sum(one.ambassador_id == who for one in took),
            load=load.get(who, 0.0),
        )
        for who in ambassadors
    )
    return tuple(sorted(shares, key=lambda one: (-one.load, -one.hours, one.ambassador_id)))


def _at_night(at: datetime, zone: str) -> float:
    local = at.astimezone(zone_named(zone))
    return _NIGHT if NIGHT[0] <= local.hour * 60 + local.minute < NIGHT[1] else 1.0
