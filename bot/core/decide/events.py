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
)
