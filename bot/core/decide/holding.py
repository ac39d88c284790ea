"""Holding: how a case is taken, watched over, let go, ended and opened again."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.decide import handover, ladder
from bot.core.decide.effects import (
    AskCoordinators,
    EndPages,
    HandCase,
    Notice,
    Refusal,
    TellPerson,
    Warning,
)
from bot.core.decide.turn import Turn
from models.vocabulary import CaseStatus, Outcome, PageStatus, Theme, Urgency


def accept(turn: Turn, ambassador_id: int) -> None:
    """An ambassador said "I'm here": the first holds the case."""
    if turn.case.status is CaseStatus.CLAIMED:
        if turn.case.holder_id != ambassador_id:
            turn.refuse(Refusal.TAKEN)
        return
    turn.end_newest(ambassador_id, PageStatus.ACCEPTED)
    _claim(turn, ambassador_id)


def _claim(turn: Turn, ambassador_id: int) -> None:
    turn.end_pages(PageStatus.WITHDRAWN)
    turn.hold(ambassador_id, status=CaseStatus.CLAIMED, rung_ends_at=None)
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
    turn.change(silent_since=None, checks=0)
    if turn.case.waiting_since is None:
        turn.change(waiting_since=turn.now, nudges=0)
    watch(turn)


def holder_spoke(turn: Turn) -> None:
    """The holder wrote: the person waits no longer, and it is their turn to write."""
    if turn.case.status is not CaseStatus.CLAIMED:
        return
    turn.change(waiting_since=None, nudges=0)
    if turn.case.silent_since is None:
        turn.change(silent_since=turn.now, checks=0)
    _look(turn)


def watch(turn: Turn) -> None:
    """Look after a claimed case: a holder out of reach, a quiet one, a silent person, an offer."""
    if turn.case.holder_id in turn.roster.unreachable:
        release(turn, None)
    else:
        _look(turn)


def _look(turn: Turn) -> None:
    handover.let_lapse(turn)
    if turn.case.waiting_since is not None:
        coming = _watch_holder(turn, turn.case.waiting_since)
    elif turn.case.silent_since is not None:
        coming = _watch_person(turn, turn.case.silent_since)
    else:
        coming = None
    if turn.case.status is CaseStatus.CLAIMED:
        times = [at for at in (coming, turn.case.offer_ends_at) if at is not None]
        turn.change(wake_at=min(times, default=None))


def _watch_holder(turn: Turn, since: datetime) -> datetime | None:
    """Nudge a holder who has gone quiet, and release the case when they stay so."""
    if since + turn.ladder.release <= turn.now:
        release(turn, Warning.RELEASED)
        return None
    due = sum(since + nudge <= turn.now for nudge in turn.ladder.nudges)
    if due > turn.case.nudges:
        if turn.case.nudges == 0:
            turn.tell_person(Notice.HOLDER_QUIET)
        turn.change(nudges=due)
        turn.tell_holder(Warning.NUDGE)
    coming = [since + nudge for nudge in turn.ladder.nudges[due:]]
    return coming[0] if coming else since + turn.ladder.release


def _watch_person(turn: Turn, since: datetime) -> datetime:
    """Ask after a silent person, then ask coordinators what follows, and again until they say.

    Nobody's case is closed by a timer.
    """
    check, quiet = turn.ladder.check, turn.ladder.quiet
    if turn.case.checks == 0:
        if turn.now < since + check:
            return since + check
        # However late it has become, the person is asked first and has their time to answer.
        since = turn.now - check
        turn.change(checks=1, silent_since=since)
        turn.tell_person(Notice.CHECKED_ON)
        turn.tell_holder(Warning.PERSON_SILENT)
    turns = _whole(turn.now - since, quiet)
    if turns >= turn.case.checks:
        turn.change(checks=turns + 1)
        turn.effects.append(AskCoordinators())
    return since + quiet * (turns + 1)


def _whole(span: timedelta, unit: timedelta) -> int:
    return max(0, span // unit)


def keep_open(turn: Turn) -> None:
    """A coordinator gives a silent person more time."""
    if not _coordinators_decide(turn):
        turn.refuse(Refusal.NOT_SILENT)
        return
    turn.change(silent_since=turn.now, checks=1)
    _look(turn)


def end_as_silent(turn: Turn, reason: str | None) -> None:
    """A coordinator closes the case of a silent person; not one who has written again since."""
    if not _coordinators_decide(turn):
        turn.refuse(Refusal.NOT_SILENT)
        return
    end(turn, Outcome.WENT_QUIET, reason)


def _coordinators_decide(turn: Turn) -> bool:
    return turn.case.status is CaseStatus.CLAIMED and turn.case.checks > 1


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
    handover.withdraw(turn)
    turn.let_go()
    turn.change(
        status=CaseStatus.OPEN,
        holder_id=None,
        claimed_at=None,
        waiting_since=None,
        nudges=0,
        silent_since=None,
        checks=0,
        rung=-1,
        cycle=turn.case.cycle + 1,
        climbs=0,
        told_at=None,
    )
    ladder.climb(turn)


def take(turn: Turn, ambassador_id: int) -> None:
    """A coordinator takes the case, whoever holds it."""
    if turn.case.status is not CaseStatus.CLAIMED:
        own = any(page.ambassador_id == ambassador_id for page in turn.case.in_flight)
        turn.end_pages(PageStatus.ACCEPTED, lambda page: page.ambassador_id == ambassador_id)
        if not own:
            turn.came_unasked(ambassador_id)
        _claim(turn, ambassador_id)
    elif turn.case.holder_id != ambassador_id:
        handover.withdraw(turn)
        handover.pass_on(turn, ambassador_id, Warning.TAKEN_OVER)
        watch(turn)


def hand_over(turn: Turn, ambassador_id: int) -> None:
    """Whoever was offered the case takes it."""
    if handover.accept(turn, ambassador_id):
        watch(turn)


def offer(turn: Turn, by_id: int, to_id: int) -> None:
    """The holder would hand the case over; they hold it until it is taken."""
    if handover.offer(turn, by_id, to_id):
        _look(turn)


def drop_offer(turn: Turn, ambassador_id: int) -> None:
    """Whoever was offered the case does not take it."""
    if handover.decline(turn, ambassador_id):
        _look(turn)


def take_back_offer(turn: Turn, by_id: int) -> None:
    """The holder keeps the case after all."""
    if turn.case.status is not CaseStatus.CLAIMED or turn.case.holder_id != by_id:
        turn.refuse(Refusal.NOT_CLAIMED)
    elif turn.case.offered_to is not None:
        handover.withdraw(turn)
        _look(turn)


def reopen(turn: Turn, urgency: Urgency, theme: Theme) -> None:
    """The person came back soon after the close: the same case, for whoever held it first.

    It is as pressing as it was, or more: only a human could say that it is less.
    """
    closed_at = turn.case.closed_at
    if turn.case.status is not CaseStatus.CLOSED:
        turn.refuse(Refusal.NOT_CLOSED)
        return
    if closed_at is None or closed_at + turn.policy.reopen <= turn.now:
        turn.refuse(Refusal.CLOSED)
        return
    former = turn.case.holder_id
    turn.change(
        status=CaseStatus.OPEN,
        urgency=Urgency.highest(turn.case.urgency, urgency),
        theme=turn.case.theme if theme is Theme.OTHER else theme,
        reopened_at=turn.now,
        closed_at=None,
        outcome=None,
        holder_id=None,
        claimed_at=None,
        nudges=0,
        checks=0,
        emergency_called_at=None,
        contact_confirmed_at=None,
        rung=-1,
        cycle=turn.case.cycle + 1,
        first_cycle=turn.case.cycle + 1,
        cycle_began_at=turn.now,
        climbs=0,
        told_at=None,
    )
    turn.first_words = Notice.REOPENED
    ladder.come_back_to(turn, former)


def end(turn: Turn, outcome: Outcome, reason: str | None) -> None:
    """The holder or a coordinator closes the case; a call for help is not left unconfirmed.

    That it ended with the emergency services says that they were called.
    """
    if outcome is Outcome.EMERGENCY:
        turn.change(emergency_called_at=turn.case.emergency_called_at or turn.now)
    if _contact_is_owed(turn) and not reason:
        turn.refuse(Refusal.CONTACT_NOT_CONFIRMED)
        return
    _close(turn, outcome)
    turn.effects.append(TellPerson(Notice.CLOSED))


def person_left(turn: Turn) -> None:
    """The person said that nobody need come any more: no holder judged how it ended."""
    if _contact_is_owed(turn):
        # Help is on its way to somebody whose life is at risk: a human sees it through.
        turn.tell_holder(Warning.PERSON_LEFT_UNCONFIRMED)
        turn.refuse(Refusal.CONTACT_NOT_CONFIRMED)
        return
    turn.tell_holder(Warning.PERSON_LEFT)
    _close(turn, None)


def _contact_is_owed(turn: Turn) -> bool:
    """Whether emergency services were called, and nobody knows yet that they arrived."""
    return turn.case.emergency_called_at is not None and turn.case.contact_confirmed_at is None


def _close(turn: Turn, outcome: Outcome | None) -> None:
    turn.end_pages(PageStatus.WITHDRAWN)
    handover.withdraw(turn)
    turn.change(
        status=CaseStatus.CLOSED,
        closed_at=turn.now,
        outcome=outcome,
        rung_ends_at=None,
        waiting_since=None,
        silent_since=None,
        wake_at=None,
    )
    turn.effects.append(EndPages())
