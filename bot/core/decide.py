"""What happens next in a case: a plain function of what is known and what just happened.

No input or output, no clock, no await. Everything hard about escalation is here, and can be tried
in microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.core.case import CaseState, PageState
from bot.core.policy import Ladder, Policy
from bot.core.roster import Roster
from models.vocabulary import CaseStatus, Outcome, PageStatus, Theme, Urgency

_STILL_HERE = timedelta(minutes=10)
"""When nobody at all can be paged, the person is told so again this often."""

_CYCLES_TOLD = 2
"""In the first turns of a ladder the person hears of every rung, later of every new turn."""


# Events: what just happened.


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


# Effects: what is to be done about it.


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
    if case.status is CaseStatus.CLOSED:
        return Decision(case, (Refuse(Refusal.CLOSED),))
    turn = _Turn(case, policy, roster, now)
    match event:
        case Opened() | TimePassed():
            turn.time_passed()
        case PersonSpoke(urgency, theme):
            turn.person_spoke(urgency, theme)
        case HolderSpoke():
            turn.holder_spoke()
        case Accepted(ambassador_id):
            turn.accepted(ambassador_id)
        case Declined(ambassador_id):
            turn.declined(ambassador_id)
        case Released():
            turn.released()
        case EmergencyCalled():
            turn.change(emergency_called_at=case.emergency_called_at or now)
        case ContactConfirmed():
            turn.change(contact_confirmed_at=case.contact_confirmed_at or now)
        case Closed(outcome, reason):
            turn.closed(outcome, reason)
        case PersonLeft():
            turn.person_left()
        case _:
            assert_never(event)
    return Decision(turn.case, tuple(turn.effects))


class _Turn:
    """One call of `decide`: the case as it changes, and the effects as they gather."""

    def __init__(self, case: CaseState, policy: Policy, roster: Roster, now: datetime) -> None:
        self.case = case
        self.policy = policy
        self.roster = roster
        self.now = now
        self.effects: list[Effect] = []

    @property
    def ladder(self) -> Ladder:
        return self.policy.ladder(self.case.urgency)

    def change(self, **changes: object) -> None:
        self.case = replace(self.case, **changes)  # type: ignore[arg-type]

    def time_passed(self) -> None:
        if self.case.status is CaseStatus.CLAIMED:
            self._watch_holder()
            return
        if self.case.rung_ends_at is None or self.case.rung_ends_at <= self.now:
            self._end_pages(PageStatus.EXPIRED)
            self._climb()
        else:
            self.change(wake_at=self.case.rung_ends_at)
            self._replace_lost()

    def person_spoke(self, urgency: Urgency, theme: Theme) -> None:
        rose = urgency.rank > self.case.urgency.rank
        if rose:
            self.change(urgency=urgency, theme=theme)
        if self.case.status is CaseStatus.CLAIMED:
            if rose:
                self._tell_holder(Warning.RAISED)
            if self.case.waiting_since is None:
                self.change(waiting_since=self.now, nudges=0)
            self._watch_holder()
        elif rose:
            # The pages already out stay out: the faster ladder is climbed beside them, past every
            # rung whose people are all asked already, and no wait that was running gets longer.
            running_out = self.case.rung_ends_at
            if running_out is not None and running_out <= self.now:
                self._end_pages(PageStatus.EXPIRED)
                running_out = None
            self.change(rung=-1, cycle=self.case.cycle + 1)
            self._climb()
            if running_out is not None and self.case.rung_ends_at is not None:
                self._wait_until(min(running_out, self.case.rung_ends_at))

    def holder_spoke(self) -> None:
        if self.case.status is CaseStatus.CLAIMED:
            self.change(waiting_since=None, nudges=0, wake_at=None)

    def accepted(self, ambassador_id: int) -> None:
        if self.case.status is CaseStatus.CLAIMED:
            if self.case.holder_id != ambassador_id:
                self.effects.append(Refuse(Refusal.TAKEN))
            return
        self._end_newest(ambassador_id, PageStatus.ACCEPTED)
        self._end_pages(PageStatus.WITHDRAWN)
        self.change(
            status=CaseStatus.CLAIMED,
            holder_id=ambassador_id,
            claimed_at=self.now,
            waiting_since=self.now,
            nudges=0,
            rung_ends_at=None,
        )
        self.effects += [
            EndPages(),
            TellPerson(Notice.CLAIMED),
            HandCase(ambassador_id),
        ]
        self._watch_holder()

    def declined(self, ambassador_id: int) -> None:
        if self.case.status is not CaseStatus.OPEN:
            return
        answered = sum(page.ambassador_id == ambassador_id for page in self.case.in_flight)
        if not answered:
            # Their time had passed and others are asked already; they are left in peace from now.
            self._end_newest(ambassador_id, PageStatus.DECLINED, only=PageStatus.EXPIRED)
            return
        self._end_pages(PageStatus.DECLINED, lambda page: page.ambassador_id == ambassador_id)
        self._replace_lost(answered)

    def released(self) -> None:
        if self.case.status is not CaseStatus.CLAIMED:
            self.effects.append(Refuse(Refusal.NOT_CLAIMED))
            return
        self._release(Warning.RELEASED)

    def closed(self, outcome: Outcome, reason: str | None) -> None:
        if self._contact_is_owed() and not reason:
            self.effects.append(Refuse(Refusal.CONTACT_NOT_CONFIRMED))
            return
        self._close(outcome)
        self.effects.append(TellPerson(Notice.CLOSED))

    def person_left(self) -> None:
        if self._contact_is_owed():
            # Help is on its way to somebody whose life is at risk: a human sees it through.
            self._tell_holder(Warning.PERSON_LEFT_UNCONFIRMED)
            self.effects.append(Refuse(Refusal.CONTACT_NOT_CONFIRMED))
            return
        self._tell_holder(Warning.PERSON_LEFT)
        self._close(Outcome.NOT_NEEDED)

    def _contact_is_owed(self) -> bool:
        """Whether emergency services were called, and nobody knows yet that they arrived."""
        return self.case.emergency_called_at is not None and self.case.contact_confirmed_at is None

    # Climbing.

    def _climb(self) -> None:
        """Page the next rung that has somebody new in it; begin the ladder again after the last.

        A rung with nobody left to ask costs no waiting.
        """
        for rung in range(self.case.rung + 1, len(self.ladder.rungs)):
            if self._page_rung(rung):
                return
        if self.case.in_flight:
            # Everybody there is has been asked: their time to answer is not cut short.
            self.change(rung=len(self.ladder.rungs) - 1)
            self._wait_until(self.now + self.ladder.rungs[-1].wait)
            return
        self._begin_again()

    def _begin_again(self) -> None:
        earliest = self.case.cycle_began_at + self.policy.pause
        first_time = self.case.rung == -1 and not self.case.pages
        if not first_time and self.now < earliest:
            self.change(rung=len(self.ladder.rungs) - 1)
            self._wait_until(earliest)
            return
        if not first_time:
            self.change(cycle=self.case.cycle + 1)
        self.change(cycle_began_at=self.now)
        for rung in range(len(self.ladder.rungs)):
            if self._page_rung(rung):
                return
        self.change(rung=len(self.ladder.rungs) - 1)
        self._wait_until(self.now + self.policy.pause)
        if self._told_is_over():
            self._tell_person(Notice.NOBODY_FREE)
            self.effects.append(AlertCoordinators())

    def _told_is_over(self) -> bool:
        """Whether what the person was told last, that somebody is asked, is no longer true."""
        told_at = self.case.told_at
        if told_at is None or told_at + _STILL_HERE <= self.now:
            return True
        return any(
            page.ended_at is not None and page.ended_at > told_at for page in self.case.pages
        )

    def _page_rung(self, rung: int) -> bool:
        step = self.ladder.rungs[rung]
        asked_now = self._unavailable()
        fresh = [who for who in self.roster.members(step.groups) if who not in asked_now]
        if not fresh:
            return False
        first = not self.case.pages
        turn_begins = all(page.cycle < self.case.cycle for page in self.case.pages)
        self._page(fresh, rung)
        self.change(rung=rung)
        self._wait_until(self.now + step.wait)
        if first:
            self._tell_person(Notice.ASKED)
        elif self.case.told_at is None:
            self._tell_person(Notice.ASKED_AGAIN)
        elif turn_begins or self.case.cycle < _CYCLES_TOLD:
            self._tell_person(Notice.STILL_ASKING)
        return True

    def _replace_lost(self, declined: int = 0) -> None:
        """After a decline or a failed page: the next ambassador at once.

        With nobody left in flight the next rung is climbed. Otherwise one more is asked for each
        page lost, the first of the coming rungs who was not asked yet; the last rung is kept for
        its time. ``declined`` pages were lost just now, whichever turn of the ladder they are of.
        """
        if not self.case.in_flight:
            self._climb()
            return
        current = [
            page
            for page in self.case.pages
            if page.cycle == self.case.cycle and page.rung >= self.case.rung
        ]
        lost = sum(page.status in (PageStatus.DECLINED, PageStatus.FAILED) for page in current)
        replaced = sum(page.rung > self.case.rung for page in current)
        missing = max(declined, lost - replaced)
        asked_now = self._unavailable()
        for number in range(self.case.rung + 1, len(self.ladder.rungs) - 1):
            for who in self.roster.members(self.ladder.rungs[number].groups):
                if missing <= 0:
                    return
                if who not in asked_now:
                    self._page([who], number)
                    asked_now |= {who}
                    missing -= 1

    def _unavailable(self) -> frozenset[int]:
        """Who is not to be asked now: in flight, failed in this cycle, or declined of late."""

        def spared(page: PageState) -> bool:
            if page.status.in_flight:
                return True
            if page.status is PageStatus.FAILED:
                return page.cycle == self.case.cycle
            if page.status in (PageStatus.DECLINED, PageStatus.ACCEPTED):
                return page.ended_at is not None and page.ended_at + self.policy.rest > self.now
            return False

        return frozenset(page.ambassador_id for page in self.case.pages if spared(page))

    def _page(self, ambassadors: Iterable[int], rung: int) -> None:
        for who in ambassadors:
            page = PageState(who, self.case.cycle, rung, PageStatus.QUEUED)
            self.change(pages=(*self.case.pages, page))
            self.effects.append(PageOut(who, self.case.cycle, rung))

    def _end_pages(
        self,
        status: PageStatus,
        which: Callable[[PageState], bool] = lambda page: True,
    ) -> None:
        self.change(
            pages=tuple(
                replace(page, status=status, ended_at=self.now)
                if page.status.in_flight and which(page)
                else page
                for page in self.case.pages
            )
        )

    def _end_newest(
        self, ambassador_id: int, status: PageStatus, *, only: PageStatus | None = None
    ) -> None:
        """End the newest page of this ambassador, also when its time had passed."""
        own = [n for n, page in enumerate(self.case.pages) if page.ambassador_id == ambassador_id]
        if own and only in (None, self.case.pages[own[-1]].status):
            pages = list(self.case.pages)
            pages[own[-1]] = replace(pages[own[-1]], status=status, ended_at=self.now)
            self.change(pages=tuple(pages))

    def _wait_until(self, at: datetime) -> None:
        self.change(rung_ends_at=at, wake_at=at)

    # A holder who has gone quiet.

    def _watch_holder(self) -> None:
        if self.case.holder_id in self.roster.unreachable:
            self._release(None)
            return
        since = self.case.waiting_since
        if since is None:
            self.change(wake_at=None)
            return
        if since + self.ladder.release <= self.now:
            self._release(Warning.RELEASED)
            return
        due = sum(since + nudge <= self.now for nudge in self.ladder.nudges)
        if due > self.case.nudges:
            self.change(nudges=due)
            self._tell_holder(Warning.NUDGE)
        coming = [since + nudge for nudge in self.ladder.nudges[due:]]
        self.change(wake_at=coming[0] if coming else since + self.ladder.release)

    def _release(self, warning: Warning | None) -> None:
        if warning is not None:
            self._tell_holder(warning)
        # The page of the one who let go ends now, so that others are asked before them.
        self.change(
            pages=tuple(
                replace(page, ended_at=self.now)
                if page.status is PageStatus.ACCEPTED and page.ambassador_id == self.case.holder_id
                else page
                for page in self.case.pages
            ),
            status=CaseStatus.OPEN,
            holder_id=None,
            claimed_at=None,
            waiting_since=None,
            nudges=0,
            rung=-1,
            cycle=self.case.cycle + 1,
            told_at=None,
        )
        self._climb()

    # Endings and words.

    def _close(self, outcome: Outcome) -> None:
        self._end_pages(PageStatus.WITHDRAWN)
        self.change(
            status=CaseStatus.CLOSED,
            closed_at=self.now,
            outcome=outcome,
            rung_ends_at=None,
            waiting_since=None,
            wake_at=None,
        )
        self.effects.append(EndPages())

    def _tell_person(self, notice: Notice) -> None:
        self.change(told_at=self.now)
        self.effects.append(TellPerson(notice))

    def _tell_holder(self, warning: Warning) -> None:
        if self.case.holder_id is not None:
            self.effects.append(TellHolder(self.case.holder_id, warning))
