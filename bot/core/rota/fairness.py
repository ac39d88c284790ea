"""What each ambassador carries: hours, nights, pages and cases, weighed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bot.core.rota.plan import Rota
from models.vocabulary import Urgency


class Held(NamedTuple):
    """A case that an ambassador held from ``claimed_at`` to ``until``."""

    ambassador_id: int
    urgency: Urgency
    claimed_at: datetime
    until: datetime


class Paged(NamedTuple):
    """A page that reached out for an ambassador."""

    ambassador_id: int
    at: datetime


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
    raise NotImplementedError


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
    raise NotImplementedError
