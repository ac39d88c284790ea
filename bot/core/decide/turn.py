"""One call of `decide`: the case as it changes, and the effects as they gather."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.core.case import CaseState, PageState
from bot.core.decide.effects import Effect, Notice, Refusal, Refuse, TellHolder, TellPerson, Warning
from bot.core.policy import Ladder, Policy
from bot.core.roster import Roster
from models.vocabulary import PageStatus


class Turn:
    """What every part of a decision reads and changes."""

    def __init__(self, case: CaseState, policy: Policy, roster: Roster, now: datetime) -> None:
        self.case = case
        self.policy = policy
        self.roster = roster
        self.now = now
        self.effects: list[Effect] = []
        self.first_words = Notice.ASKED_AGAIN
        """What a person hears of the first page of a case that was open before."""

    @property
    def ladder(self) -> Ladder:
        """The ladder that the case climbs at its present urgency."""
        return self.policy.ladder(self.case.urgency)

    def change(self, **changes: object) -> None:
        """Set fields of the case."""
        self.case = replace(self.case, **changes)  # type: ignore[arg-type]

    def wait_until(self, at: datetime) -> None:
        """Let the present rung last until ``at``."""
        self.change(rung_ends_at=at, wake_at=at)

    def end_pages(
        self, status: PageStatus, which: Callable[[PageState], bool] = lambda page: True
    ) -> None:
        """End the pages in flight that are meant by ``which``."""
        self.change(
            pages=tuple(
                replace(page, status=status, ended_at=self.now)
                if page.status.in_flight and which(page)
                else page
                for page in self.case.pages
            )
        )

    def end_newest(
        self, ambassador_id: int, status: PageStatus, *, only: PageStatus | None = None
    ) -> None:
        """End the newest page of this ambassador, also when its time had passed."""
        own = [n for n, page in enumerate(self.case.pages) if page.ambassador_id == ambassador_id]
        if own and only in (None, self.case.pages[own[-1]].status):
            pages = list(self.case.pages)
            pages[own[-1]] = replace(pages[own[-1]], status=status, ended_at=self.now)
            self.change(pages=tuple(pages))

    def came_unasked(self, ambassador_id: int) -> None:
        """Record that an ambassador came by another way than a page: the record knows all who did.

        It has ended already, so no letter asks anybody.
        """
        page = PageState(
            ambassador_id, self.case.cycle, self.case.rung, PageStatus.ACCEPTED, ended_at=self.now
        )
        self.change(pages=(*self.case.pages, page))

    def hold(self, ambassador_id: int, **changes: object) -> None:
        """Let this ambassador hold the case from now on, whose person waits for them."""
        self.change(
            holder_id=ambassador_id,
            claimed_at=self.now,
            waiting_since=self.now,
            nudges=0,
            silent_since=None,
            checks=0,
            **changes,
        )

    def let_go(self) -> None:
        """End the time of the holder, who is asked after others from now on."""
        self.change(
            pages=tuple(
                replace(page, ended_at=self.now)
                if page.status is PageStatus.ACCEPTED and page.ambassador_id == self.case.holder_id
                else page
                for page in self.case.pages
            )
        )

    def refuse(self, why: Refusal) -> None:
        """Nothing changes."""
        self.effects.append(Refuse(why))

    def tell_person(self, notice: Notice) -> None:
        """Tell the person how things stand."""
        self.change(told_at=self.now)
        self.effects.append(TellPerson(notice))

    def tell_holder(self, warning: Warning) -> None:
        """Tell the holder, where there is one."""
        if self.case.holder_id is not None:
            self.effects.append(TellHolder(self.case.holder_id, warning))
