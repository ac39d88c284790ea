"""What happens next in a case: a plain function of what is known and what just happened.

No input or output, no clock, no await. Everything hard about escalation is in this package, and
can be tried in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.core.case import CaseState
from bot.core.decide import holding, ladder
from bot.core.decide.effects import (
    AlertCoordinators,
    AskCoordinators,
    Effect,
    EndOffer,
    EndPages,
    HandCase,
    Notice,
    OfferCase,
    OfferEnd,
    PageAgain,
    PageOut,
    Refusal,
    Refuse,
    TellHolder,
    TellPerson,
    Warning,
)
from bot.core.decide.events import (
    Accepted,
    Closed,
    ClosedAsSilent,
    ContactConfirmed,
    Declined,
    EmergencyCalled,
    Event,
    HolderSpoke,
    KeptOpen,
    OfferAccepted,
    OfferDeclined,
    Offered,
    OfferWithdrawn,
    Opened,
    PersonLeft,
    PersonSpoke,
    Released,
    Reopened,
    TakenOver,
    TimePassed,
)
from bot.core.decide.turn import Turn
from bot.core.policy import Policy
from bot.core.roster import Roster
from models.vocabulary import CaseStatus, Theme, Urgency

__all__ = [
    "Accepted",
    "AlertCoordinators",
    "AskCoordinators",
    "Closed",
    "ClosedAsSilent",
    "ContactConfirmed",
    "Decision",
    "Declined",
    "Effect",
    "EmergencyCalled",
    "EndOffer",
    "EndPages",
    "Event",
    "HandCase",
    "HolderSpoke",
    "KeptOpen",
    "Notice",
    "OfferAccepted",
    "OfferCase",
    "OfferDeclined",
    "OfferEnd",
    "OfferWithdrawn",
    "Offered",
    "Opened",
    "PageAgain",
    "PageOut",
    "PersonLeft",
    "PersonSpoke",
    "Refusal",
    "Refuse",
    "Released",
    "Reopened",
    "TakenOver",
    "TellHolder",
    "TellPerson",
    "TimePassed",
    "Warning",
    "decide",
    "open_case",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """The case as it is now to be, and what is to be done."""

    case: CaseState
    effects: tuple[Effect, ...] = ()


def open_case(urgency: Urgency, theme: Theme, now: datetime) -> CaseState:
    """A new case that nobody was paged for yet; decide `Opened` for it next."""
    return CaseState(urgency=urgency, theme=theme, opened_at=now, cycle_began_at=now)


def decide(
    case: CaseState, event: Event, policy: Policy, roster: Roster, now: datetime
) -> Decision:
    """What becomes of ``case`` after ``event``.

    ``policy`` is the snapshot the case was opened with; ``roster`` is who may be paged right now.
    The same event decided twice changes nothing the second time, so that doubled updates and
    repeated taps are harmless.
    """
    turn = Turn(case, policy, roster, now)
    if case.status is CaseStatus.CLOSED and not isinstance(event, Reopened):
        turn.refuse(Refusal.CLOSED)
    else:
        _happen(turn, event)
    return Decision(turn.case, tuple(turn.effects))


def _happen(turn: Turn, event: Event) -> None:
    match event:
        case Opened() | TimePassed():
            if turn.case.status is CaseStatus.CLAIMED:
                holding.watch(turn)
            else:
                ladder.go_on(turn)
        case PersonSpoke(urgency, theme):
            _person_spoke(turn, urgency, theme)
        case HolderSpoke():
            holding.holder_spoke(turn)
        case Accepted(ambassador_id):
            holding.accept(turn, ambassador_id)
        case Declined(ambassador_id):
            holding.decline(turn, ambassador_id)
        case Released():
            holding.give_back(turn)
        case EmergencyCalled():
            turn.change(emergency_called_at=turn.case.emergency_called_at or turn.now)
        case ContactConfirmed():
            turn.change(contact_confirmed_at=turn.case.contact_confirmed_at or turn.now)
        case Closed(outcome, reason):
            holding.end(turn, outcome, reason)
        case PersonLeft():
            holding.person_left(turn)
        case Offered(by_id, to_id):
            holding.offer(turn, by_id, to_id)
        case OfferAccepted(ambassador_id):
            holding.hand_over(turn, ambassador_id)
        case OfferDeclined(ambassador_id):
            holding.drop_offer(turn, ambassador_id)
        case OfferWithdrawn(by_id):
            holding.take_back_offer(turn, by_id)
        case TakenOver(ambassador_id):
            holding.take(turn, ambassador_id)
        case KeptOpen():
            holding.keep_open(turn)
        case ClosedAsSilent(reason):
            holding.end_as_silent(turn, reason)
        case Reopened(urgency, theme):
            holding.reopen(turn, urgency, theme)
        case _:
            assert_never(event)


def _person_spoke(turn: Turn, urgency: Urgency, theme: Theme) -> None:
    rose = urgency.rank > turn.case.urgency.rank
    if rose:
        turn.change(urgency=urgency, theme=theme)
    if turn.case.status is CaseStatus.CLAIMED:
        if rose:
            turn.tell_holder(Warning.RAISED)
        holding.person_waits(turn)
    elif rose:
        ladder.widen(turn)
