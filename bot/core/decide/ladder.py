"""Climbing: whom a case pages next, and how long it waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.core.case import PageState
from bot.core.decide.effects import AlertCoordinators, Notice, PageAgain, PageOut
from bot.core.decide.turn import Turn
from bot.core.policy import Loudness
from models.vocabulary import PageStatus, Urgency

_STILL_HERE = timedelta(minutes=10)
"""When nobody at all can be paged, the person is told so again this often."""

_CYCLES_TOLD = 2
"""In the first turns of a ladder the person hears of every rung, later of every new turn."""


def go_on(turn: Turn) -> None:
    """Time has passed, or a page failed: the next rung, or somebody in the place of one lost."""
    if turn.case.rung_ends_at is None or turn.case.rung_ends_at <= turn.now:
        turn.end_pages(PageStatus.EXPIRED)
        climb(turn)
    else:
        turn.change(wake_at=turn.case.rung_ends_at)
        replace_lost(turn)


def widen(turn: Turn) -> None:
    """The urgency rose: climb the faster ladder from its first rung.

    The pages already out stay out, and say anew how urgent it is: the faster ladder is climbed
    beside them, past every rung whose people are all asked already, and no wait that was running
    gets longer.
    """
    running_out = turn.case.rung_ends_at
    if running_out is not None and running_out <= turn.now:
        turn.end_pages(PageStatus.EXPIRED)
        running_out = None
    _page_again(turn)
    turn.change(rung=-1, cycle=turn.case.cycle + 1, climbs=0)
    climb(turn)
    if running_out is not None and turn.case.rung_ends_at is not None:
        turn.wait_until(min(running_out, turn.case.rung_ends_at))


def come_back_to(turn: Turn, former: int | None) -> None:
    """A case is open again: whoever held it is asked first, where they are free.

    An immediate case waits for nobody: its first rung is paged beside them.
    """
    if former is None or former not in turn.roster.free:
        climb(turn)
        return
    first = turn.ladder.rungs[0]
    if turn.case.urgency is Urgency.IMMEDIATE:
        if former not in turn.roster.members(first.groups) or former in _unavailable(turn):
            _page(turn, [former], -1, first.loudness)
        climb(turn)
        return
    _page(turn, [former], -1, first.loudness)
    turn.wait_until(turn.now + first.wait)
    turn.tell_person(turn.first_words)


def climb(turn: Turn) -> None:
    """Page the next rung that has somebody new in it; begin the ladder again after the last.

    A rung with nobody left to ask costs no waiting.
    """
    for rung in range(turn.case.rung + 1, len(turn.ladder.rungs)):
        if _page_rung(turn, rung):
            return
    if turn.case.in_flight:
        # Everybody there is has been asked: their time to answer is not cut short.
        turn.change(rung=len(turn.ladder.rungs) - 1)
        turn.wait_until(turn.now + turn.ladder.rungs[-1].wait)
        return
    _begin_again(turn)


def replace_lost(turn: Turn, declined: int = 0) -> None:
    """After a decline or a failed page: the next ambassador at once.

    With nobody left in flight the next rung is climbed. Otherwise one more is asked for each page
    lost, the first of the coming rungs who was not asked yet; the last rung is kept for its time.
    ``declined`` pages were lost just now, whichever turn of the ladder they are of.
    """
    if not turn.case.in_flight:
        climb(turn)
        return
    current = [
        page
        for page in turn.case.pages
        if page.cycle == turn.case.cycle and page.rung >= turn.case.rung
    ]
    lost = sum(page.status in (PageStatus.DECLINED, PageStatus.FAILED) for page in current)
    replaced = sum(page.rung > turn.case.rung for page in current)
    missing = max(declined, lost - replaced)
    asked_now = _unavailable(turn)
    for number in range(turn.case.rung + 1, len(turn.ladder.rungs) - 1):
        step = turn.ladder.rungs[number]
        for who in turn.roster.members(step.groups):
            if missing <= 0:
                return
            if who not in asked_now:
                _page(turn, [who], number, step.loudness)
                asked_now |= {who}
                missing -= 1


def _begin_again(turn: Turn) -> None:
    earliest = turn.case.cycle_began_at + turn.policy.pause
    first_time = turn.case.rung == -1 and not turn.case.pages
    if not first_time and turn.now < earliest:
        turn.change(rung=len(turn.ladder.rungs) - 1)
        turn.wait_until(earliest)
        return
    if not first_time:
        turn.change(cycle=turn.case.cycle + 1, climbs=turn.case.climbs + 1)
    turn.change(cycle_began_at=turn.now)
    for rung in _rungs_of_this_climb(turn):
        if _page_rung(turn, rung):
            return
    turn.change(rung=len(turn.ladder.rungs) - 1)
    turn.wait_until(turn.now + turn.policy.pause)
    if _told_is_over(turn):
        turn.tell_person(Notice.NOBODY_FREE)
        turn.effects.append(AlertCoordinators())


def _rungs_of_this_climb(turn: Turn) -> list[int]:
    """After so many climbs of the whole ladder the last rung comes first; nobody is left out."""
    rungs = list(range(len(turn.ladder.rungs)))
    if _only_last_rung(turn):
        return [rungs[-1], *rungs[:-1]]
    return rungs


def _only_last_rung(turn: Turn) -> bool:
    repeat = turn.ladder.repeat
    return repeat is not None and turn.case.climbs >= repeat


def _told_is_over(turn: Turn) -> bool:
    """Whether what the person was told last, that somebody is asked, is no longer true."""
    told_at = turn.case.told_at
    if told_at is None or told_at + _STILL_HERE <= turn.now:
        return True
    return any(page.ended_at is not None and page.ended_at > told_at for page in turn.case.pages)


def _page_rung(turn: Turn, rung: int) -> bool:
    step = turn.ladder.rungs[rung]
    asked_now = _unavailable(turn)
    fresh = [who for who in turn.roster.members(step.groups) if who not in asked_now]
    if not fresh:
        return False
    first = not turn.case.pages
    turn_begins = all(page.cycle < turn.case.cycle for page in turn.case.pages)
    _page(turn, fresh, rung, step.loudness)
    turn.change(rung=rung)
    turn.wait_until(turn.now + step.wait)
    if first:
        turn.tell_person(Notice.ASKED)
    elif turn.case.told_at is None:
        turn.tell_person(turn.first_words)
    elif _only_last_rung(turn):
        # The same few are asked in short turns: to say so each time would tire.
        if turn.case.told_at + _STILL_HERE <= turn.now:
            turn.tell_person(Notice.STILL_ASKING)
    elif turn_begins or turn.case.cycle < _CYCLES_TOLD:
        turn.tell_person(Notice.STILL_ASKING)
    return True


def _unavailable(turn: Turn) -> frozenset[int]:
    """Who is not to be asked now: in flight, failed in this cycle, or declined of late."""

    def spared(page: PageState) -> bool:
        if page.status.in_flight:
            return True
        if page.status is PageStatus.FAILED:
            return page.cycle == turn.case.cycle
        if page.status in (PageStatus.DECLINED, PageStatus.ACCEPTED):
            return page.ended_at is not None and page.ended_at + turn.policy.rest > turn.now
        return False

    return frozenset(page.ambassador_id for page in turn.case.pages if spared(page))


def _page_again(turn: Turn) -> None:
    """Who was asked quietly, and has not answered, must hear it as loudly as whoever is asked next.

    Who has gone away meanwhile is left in peace.
    """
    loudness = turn.ladder.rungs[0].loudness
    there = turn.roster.free.union(turn.roster.coordinators)
    turn.effects += [
        PageAgain(page.ambassador_id, loudness)
        for page in turn.case.in_flight
        if page.ambassador_id in there
    ]


def _page(turn: Turn, ambassadors: Iterable[int], rung: int, loudness: Loudness) -> None:
    for who in ambassadors:
        page = PageState(who, turn.case.cycle, rung, PageStatus.QUEUED)
        turn.change(pages=(*turn.case.pages, page))
        turn.effects.append(PageOut(who, turn.case.cycle, rung, loudness))
