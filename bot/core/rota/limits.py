"""How much one volunteer may carry, and where a plan asks for more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.core.rota.plan import Rota
from bot.core.rota.zones import Span
from models.vocabulary import OnBreach

SUGGESTED_BLOCK_HOURS = 2
"""How long a shift is suggested to be, as on most crisis lines."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a community allows. None is without a limit.

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
    needed: Sequence[Span] | None = None,
) -> tuple[Conflict, ...]:
    """Everything that is wrong within [start, end), by start; days and weeks are those of ``zone``.

    ``needed`` says when somebody must be primary, for gaps; None: always.
    """
    raise NotImplementedError


def new_conflicts(before: Iterable[Conflict], after: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """What is wrong after a change and was not, or was less so, before it."""
    raise NotImplementedError
