"""A case as `decide` sees it: plain values, nothing of the database or of Telegram."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.vocabulary import CaseStatus, Outcome, PageStatus, Theme, Urgency


@dataclass(frozen=True, slots=True)
class PageState:
    """One page of the case. ``id`` is None until it is stored."""

    ambassador_id: int
    cycle: int
    rung: int
    status: PageStatus
    id: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where one case stands; the fields are those of `models.Case`."""

    urgency: Urgency
    theme: Theme
    opened_at: datetime
    cycle_began_at: datetime
    status: CaseStatus = CaseStatus.OPEN
    holder_id: int | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    cycle: int = 0
    rung: int = -1
    rung_ends_at: datetime | None = None
    told_at: datetime | None = None
    waiting_since: datetime | None = None
    nudges: int = 0
    emergency_called_at: datetime | None = None
    contact_confirmed_at: datetime | None = None
    wake_at: datetime | None = None
    climbs: int = 0
    reopened_at: datetime | None = None
    first_cycle: int = 0
    silent_since: datetime | None = None
    checks: int = 0
    offered_to: int | None = None
    offer_ends_at: datetime | None = None
    pages: tuple[PageState, ...] = ()

    @property
    def in_flight(self) -> tuple[PageState, ...]:
        """The pages whose answer may still come."""
        return tuple(page for page in self.pages if page.status.in_flight)

    @property
    def asked(self) -> frozenset[int]:
        """Everybody who was paged for this case so far."""
        return frozenset(page.ambassador_id for page in self.pages)
