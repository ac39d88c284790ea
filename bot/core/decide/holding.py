"""Holding: how a case is taken, watched over, let go and ended."""

from __future__ import annotations

from dataclasses import replace

from bot.core.decide import ladder
from bot.core.decide.effects import EndPages, HandCase, Notice, Refusal, TellPerson, Warning
from bot.core.decide.turn import Turn
from models.vocabulary import CaseStatus, Outcome, PageStatus


def accept(turn: Turn, ambassador_id: int) -> None:
    """An ambassador said "I'm here": the first holds the case."""
    if turn.case.status is CaseStatus.CLAIMED:
        if turn.case.holder_id != ambassador_id:
            turn.refuse(Refusal.TAKEN)
        return
    turn.end_newest(ambassador_id, PageStatus.ACCEPTED)
    turn.end_pages(PageStatus.WITHDRAWN)
    turn.change(
        status=CaseStatus.CLAIMED,
        holder_id=ambassador_id,
        claimed_at=turn.now,
        waiting_since=turn.now,
        nudges=0,
        rung_ends_at=None,
    )
    turn.effects += [EndPages(), TellPerson(Notice.CLAIMED), HandCase(ambassador_id)]
    watch(turn)


def decline(turn: Turn, ambassador_id: int) -> None:
    """An ambassador said "Can't right now": the next is asked at once."""
    if turn.case.status is not CaseStatus.OPEN:
        return
    answered = sum(page.ambassador_id == ambassador_id for page in turn.case.in_flight)
    if not answered:
        # Their time had passed and others are asked already; they are left in peace from now.
        turn.end_newest(ambassador_id, PageStatus.DECLINED, only=PageStatus.EXPIRED)
        return
    turn.end_pages(PageStatus.DECLINED, lambda page: page.ambassador_id == ambassador_id)
    ladder.replace_lost(turn, answered)


def person_waits(turn: Turn) -> None:
    """The person wrote to their holder, who is watched from now until they answer."""
    if turn.case.waiting_since is None:
        turn.change(waiting_since=turn.now, nudges=0)
    watch(turn)


def holder_spoke(turn: Turn) -> None:
    """The holder wrote: the person waits no longer."""
    if turn.case.status is CaseStatus.CLAIMED:
        turn.change(waiting_since=None, nudges=0, wake_at=None)


def watch(turn: Turn) -> None:
    """Nudge a holder who has gone quiet, and release the case when they stay so."""
    if turn.case.holder_id in turn.roster.unreachable:
        release(turn, None)
        return
    since = turn.case.waiting_since
    if since is None:
        turn.change(wake_at=None)
        return
    if since + turn.ladder.release <= turn.now:
        release(turn, Warning.RELEASED)
        return
    due = sum(since + nudge <= turn.now for nudge in turn.ladder.nudges)
    if due > turn.case.nudges:
        turn.change(nudges=due)
        turn.tell_holder(Warning.NUDGE)
    coming = [since + nudge for nudge in turn.ladder.nudges[due:]]
    turn.change(wake_at=coming[0] if coming else since + turn.ladder.release)


def give_back(turn: Turn) -> None:
    """The holder, or a coordinator for them, gives the case back."""
    if turn.case.status is not CaseStatus.CLAIMED:
        turn.refuse(Refusal.NOT_CLAIMED)
        return
    release(turn, Warning.RELEASED)


def release(turn: Turn, warning: Warning | None) -> None:
    """The case goes back, and others are paged at once."""
    if warning is not None:
        turn.tell_holder(warning)
    # The page of the one who let go ends now, so that others are asked before them.
    turn.change(
        pages=tuple(
            replace(page, ended_at=turn.now)
            if page.status is PageStatus.ACCEPTED and page.ambassador_id == turn.case.holder_id
            else page
            for page in turn.case.pages
        ),
        status=CaseStatus.OPEN,
        holder_id=None,
        claimed_at=None,
        waiting_since=None,
        nudges=0,
        rung=-1,
        cycle=turn.case.cycle + 1,
        told_at=None,
    )
    ladder.climb(turn)


def end(turn: Turn, outcome: Outcome, reason: str | None) -> None:
    """The holder or a coordinator closes the case; a call for help is not left unconfirmed."""
    if _contact_is_owed(turn) and not reason:
        turn.refuse(Refusal.CONTACT_NOT_CONFIRMED)
        return
    _close(turn, outcome)
    turn.effects.append(TellPerson(Notice.CLOSED))


def person_left(turn: Turn) -> None:
    """The person said that nobody need come any more."""
    if _contact_is_owed(turn):
        # Help is on its way to somebody whose life is at risk: a human sees it through.
        turn.tell_holder(Warning.PERSON_LEFT_UNCONFIRMED)
        turn.refuse(Refusal.CONTACT_NOT_CONFIRMED)
        return
    turn.tell_holder(Warning.PERSON_LEFT)
    _close(turn, Outcome.NOT_NEEDED)


def _contact_is_owed(turn: Turn) -> bool:
    """Whether emergency services were called, and nobody knows yet that they arrived."""
    return turn.case.emergency_called_at is not None and turn.case.contact_confirmed_at is None


def _close(turn: Turn, outcome: Outcome) -> None:
    turn.end_pages(PageStatus.WITHDRAWN)
    turn.change(
        status=CaseStatus.CLOSED,
        closed_at=turn.now,
        outcome=outcome,
        rung_ends_at=None,
        waiting_since=None,
        wake_at=None,
    )
    turn.effects.append(EndPages())
