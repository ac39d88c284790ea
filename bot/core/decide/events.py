"""What can happen to a case."""

from __future__ import annotations

from dataclasses import dataclass

from models.vocabulary import Outcome, Theme, Urgency


@dataclass(frozen=True, slots=True)
class Opened:
    """The case was just opened."""


@dataclass(frozen=True, slots=True)
class PersonSpoke:
    """The person wrote again; ``urgency`` and ``theme`` are what triage made of it."""

    urgency: Urgency
    theme: Theme


@dataclass(frozen=True, slots=True)
class HolderSpoke:
    """The holder wrote to the person."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An ambassador said "I'm here"."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class Declined:
    """An ambassador said "Can't right now"."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The case's wake-up is due, or a page of it failed."""


@dataclass(frozen=True, slots=True)
class Released:
    """The holder, or a coordinator for them, gave the case back."""


@dataclass(frozen=True, slots=True)
class EmergencyCalled:
    """The holder called the emergency services."""


@dataclass(frozen=True, slots=True)
class ContactConfirmed:
    """The holder confirmed that help has reached the person."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The holder or a coordinator ends the case. ``reason``: a coordinator's, where one is owed."""

    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """The person said that nobody need come any more."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The holder ``by_id`` would hand the case over to another."""

    by_id: int
    to_id: int


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """An ambassador takes over the case that was offered to them."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """An ambassador does not take over the case that was offered to them."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class OfferWithdrawn:
    """The holder ``by_id`` keeps the case after all."""

    by_id: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A coordinator takes the case, whoever holds it."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class KeptOpen:
    """A coordinator keeps the case of a silent person open."""


@dataclass(frozen=True, slots=True)
class ClosedAsSilent:
    """A coordinator closes the case of a silent person. ``reason``: where contact is owed."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """The person wrote again soon after the close; ``urgency`` and ``theme`` as triage has it."""

    urgency: Urgency
    theme: Theme


Event = (
    Opened
    | PersonSpoke
    | HolderSpoke
    | Accepted
    | Declined
    | TimePassed
    | Released
    | EmergencyCalled
    | ContactConfirmed
    | Closed
    | PersonLeft
    | Offered
    | OfferAccepted
    | OfferDeclined
    | OfferWithdrawn
    | TakenOver
    | KeptOpen
    | ClosedAsSilent
    | Reopened
)
