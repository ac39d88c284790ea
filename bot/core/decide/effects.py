"""What is to be done about what happened to a case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.policy import Loudness


class Notice(StrEnum):
    """What the person is told about how things stand."""

    ASKED = "asked"
    STILL_ASKING = "still_asking"
    NOBODY_FREE = "nobody_free"
    CLAIMED = "claimed"
    ASKED_AGAIN = "asked_again"
    REOPENED = "reopened"
    HANDED_OVER = "handed_over"
    HOLDER_QUIET = "holder_quiet"
    CHECKED_ON = "checked_on"
    CLOSED = "closed"


class Warning(StrEnum):
    """What the holder is told about their case."""

    RAISED = "raised"
    DANGER = "danger"
    NUDGE = "nudge"
    RELEASED = "released"
    PERSON_SILENT = "person_silent"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    OFFER_DECLINED = "offer_declined"
    OFFER_LAPSED = "offer_lapsed"
    PERSON_LEFT = "person_left"
    PERSON_LEFT_UNCONFIRMED = "person_left_unconfirmed"


@dataclass(frozen=True, slots=True)
class PageOut:
    """Ask this ambassador to take the case."""

    ambassador_id: int
    cycle: int
    rung: int
    loudness: Loudness = Loudness.NORMAL


@dataclass(frozen=True, slots=True)
class PageAgain:
    """Ask this ambassador, whose page is out still, anew: the case is more urgent now."""

    ambassador_id: int
    loudness: Loudness = Loudness.NORMAL


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


class OfferEnd(StrEnum):
    """What became of a case that was offered to somebody."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class OfferCase:
    """Ask this ambassador whether they take the case over from its holder."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class EndOffer:
    """Show this ambassador that the offer needs no answer any more."""

    ambassador_id: int
    end: OfferEnd


@dataclass(frozen=True, slots=True)
class AskCoordinators:
    """The person has been silent for long, also when asked: coordinators decide what follows."""


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
    NOT_AVAILABLE = "not_available"
    OFFER_OVER = "offer_over"
    NOT_SILENT = "not_silent"
    NOT_CLOSED = "not_closed"


Effect = (
    PageOut
    | PageAgain
    | EndPages
    | TellPerson
    | TellHolder
    | HandCase
    | OfferCase
    | EndOffer
    | AskCoordinators
    | AlertCoordinators
    | Refuse
)
