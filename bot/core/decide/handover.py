"""Handing over: a case goes from one holder to another, who has said yes to it.

The holder stays the holder until then. Whoever looks after the case afterwards sets its wake-up.
"""

from __future__ import annotations

from bot.core.decide.effects import (
    EndOffer,
    HandCase,
    Notice,
    OfferCase,
    OfferEnd,
    Refusal,
    TellHolder,
    TellPerson,
    Warning,
)
from bot.core.decide.turn import Turn
from models.vocabulary import CaseStatus


def offer(turn: Turn, by_id: int, to_id: int) -> bool:
    """Offer the case to another; an offer to somebody else before it is withdrawn."""
    case = turn.case
    if case.status is not CaseStatus.CLAIMED or case.holder_id != by_id:
        turn.refuse(Refusal.NOT_CLAIMED)
        return False
    if case.offered_to == to_id:
        return False
    if to_id == by_id or to_id not in turn.roster.free.union(turn.roster.coordinators):
        turn.refuse(Refusal.NOT_AVAILABLE)
        return False
    withdraw(turn)
    turn.change(offered_to=to_id, offer_ends_at=turn.now + turn.policy.offer)
    turn.effects.append(OfferCase(to_id))
    return True


def accept(turn: Turn, ambassador_id: int) -> bool:
    """The case goes to whoever it was offered to."""
    case = turn.case
    if case.status is CaseStatus.CLAIMED and case.holder_id == ambassador_id:
        return False
    if not _is_offered(turn, ambassador_id):
        turn.refuse(Refusal.OFFER_OVER)
        return False
    _end(turn, OfferEnd.ACCEPTED)
    pass_on(turn, ambassador_id, Warning.HANDED_OVER)
    return True


def decline(turn: Turn, ambassador_id: int) -> bool:
    """The holder goes on, and is told so."""
    if not _is_offered(turn, ambassador_id):
        turn.refuse(Refusal.OFFER_OVER)
        return False
    _end(turn, OfferEnd.DECLINED)
    turn.tell_holder(Warning.OFFER_DECLINED)
    return True


def withdraw(turn: Turn) -> None:
    """Whatever offer there is ends, because something else became of the case."""
    if turn.case.offered_to is not None:
        _end(turn, OfferEnd.WITHDRAWN)


def let_lapse(turn: Turn) -> None:
    """An offer that was not answered in time ends, and the holder is told so."""
    ends_at = turn.case.offer_ends_at
    if ends_at is not None and ends_at <= turn.now:
        _end(turn, OfferEnd.LAPSED)
        turn.tell_holder(Warning.OFFER_LAPSED)


def pass_on(turn: Turn, ambassador_id: int, warning: Warning) -> None:
    """Let ``ambassador_id`` hold the case; ``warning`` tells whoever held it until now."""
    former = turn.case.holder_id
    turn.let_go()
    turn.came_unasked(ambassador_id)
    turn.hold(ambassador_id)
    if former is not None:
        turn.effects.append(TellHolder(former, warning))
    turn.effects += [TellPerson(Notice.HANDED_OVER), HandCase(ambassador_id)]


def _is_offered(turn: Turn, ambassador_id: int) -> bool:
    ends_at = turn.case.offer_ends_at
    in_time = ends_at is not None and turn.now < ends_at
    is_held = turn.case.status is CaseStatus.CLAIMED
    return is_held and in_time and turn.case.offered_to == ambassador_id


def _end(turn: Turn, end: OfferEnd) -> None:
    if turn.case.offered_to is not None:
        turn.effects.append(EndOffer(turn.case.offered_to, end))
        turn.change(offered_to=None, offer_ends_at=None)
