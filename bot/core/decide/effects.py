"""What is to be done about what happened to a case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Notice(StrEnum):
    """What the person is told while they wait."""

    ASKED = "asked"
    STILL_ASKING = "still_asking"
    NOBODY_FREE = "nobody_free"
    CLAIMED = "claimed"
    ASKED_AGAIN = "asked_again"
    CLOSED = "closed"


class Warning(StrEnum):
    """What the holder is told about their case."""

    RAISED = "raised"
    NUDGE = "nudge"
    RELEASED = "released"
    PERSON_LEFT = "person_left"
    PERSON_LEFT_UNCONFIRMED = "person_left_unconfirmed"


@dataclass(frozen=True, slots=True)
class PageOut:
    """Ask this ambassador to take the case."""

    ambassador_id: int
    cycle: int
    rung: int


@dataclass(frozen=True, slots=True)
class EndPages:
    """Show on every page of the case that it needs no answer any more."""


@dataclass(frozen=True, slots=True)
class TellPerson:
    """Tell the person how things stand."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class TellHolder:
    """Tell this ambassador, who holds or held the case."""

    ambassador_id: int
    warning: Warning


@dataclass(frozen=True, slots=True)
class HandCase:
    """Give the case to its new holder: who it is, and what the person wrote so far."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class AlertCoordinators:
    """Nobody at all could be paged."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing changes, and this is why."""

    reason: Refusal


class Refusal(StrEnum):
    """Why an act on a case was refused."""

    TAKEN = "taken"
    CLOSED = "closed"
    NOT_CLAIMED = "not_claimed"
    CONTACT_NOT_CONFIRMED = "contact_not_confirmed"


Effect = PageOut | EndPages | TellPerson | TellHolder | HandCase | AlertCoordinators | Refuse
