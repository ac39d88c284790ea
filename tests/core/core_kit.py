"""A case told as a story: events happen, time moves, and one looks at what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

import bot
from bot.core.case import CaseState, PageState
from bot.core.decide import (
    Decision,
    Effect,
    Event,
    Opened,
    PageOut,
    Refuse,
    TellHolder,
    TellPerson,
    TimePassed,
    decide,
    open_case,
)
from bot.core.policy import Policy, parse_policy
from bot.core.roster import Roster
from models.vocabulary import CaseStatus, PageStatus, Theme, Urgency

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

ANA, BEN, CAT, DAN, EVE, CLEO = 1, 2, 3, 4, 5, 6
"""Ana is primary, Ben backup; Cat, Dan and Eve are off shift; Cleo coordinates."""

FULL_HOUSE = Roster(
    primary=(ANA,),
    backup=(BEN,),
    everyone=(ANA, BEN, CAT, DAN, EVE),
    coordinators=(CLEO,),
)
NOBODY = Roster()


@cache
def real_policy() -> Policy:
    """The policy that comes with Holdfast."""
    path = Path(bot.__file__).parent / "policy.yml"
    return parse_policy(yaml.safe_load(path.read_text("utf-8")))


def policy_with(**changes: object) -> Policy:
    """The real policy, with keys such as ``urgent__repeat`` changed."""
    data = real_policy().as_json()
    for where, value in changes.items():
        ladder, _, key = where.partition("__")
        if key:
            data[ladder][key] = value
        else:
            data[ladder] = value
    return parse_policy(data)


class Story:
    """One case, from its opening on."""

    def __init__(
        self,
        urgency: Urgency = Urgency.IMMEDIATE,
        roster: Roster = FULL_HOUSE,
        policy: Policy | None = None,
    ) -> None:
        self.policy = policy or real_policy()
        self.roster = roster
        self.now = NOON
        self.case: CaseState = open_case(urgency, Theme.SUICIDE, self.now)
        self.decisions: list[Decision] = []
        self.effects: tuple[Effect, ...] = ()

    def opens(self) -> Story:
        """The first page goes out."""
        self.happens(Opened())
        return self

    def happens(self, *events: Event) -> tuple[Effect, ...]:
        """Decide ``events``; the effects of them all."""
        gathered: tuple[Effect, ...] = ()
        for event in events:
            decision = decide(self.case, event, self.policy, self.roster, self.now)
            self.decisions.append(decision)
            self.case = decision.case
            gathered += decision.effects
        self.effects = gathered
        return gathered

    def passes(self, **span: float) -> tuple[Effect, ...]:
        """Time goes by, and each wake-up on the way is decided when it is due."""
        end = self.now + timedelta(**span)
        gathered: tuple[Effect, ...] = ()
        while self.case.wake_at is not None and self.case.wake_at <= end:
            self.now = max(self.now, self.case.wake_at)
            gathered += self.happens(TimePassed())
        self.now = end
        self.effects = gathered
        return gathered

    def fails(self, *ambassadors: int) -> tuple[Effect, ...]:
        """Telegram refuses the pages of these ambassadors, and the case is woken."""
        self.pages_become(
            PageStatus.FAILED, lambda page: page.ambassador_id in ambassadors, ended_at=self.now
        )
        self.case = replace(self.case, wake_at=self.now)
        return self.happens(TimePassed())

    def pages_become(
        self,
        status: PageStatus,
        which: Callable[[PageState], bool] = lambda page: True,
        ended_at: datetime | None = None,
    ) -> None:
        """What the courier writes into the pages in flight."""
        self.case = replace(
            self.case,
            pages=tuple(
                replace(page, status=status, ended_at=ended_at)
                if page.status.in_flight and which(page)
                else page
                for page in self.case.pages
            ),
        )

    @property
    def asked_now(self) -> set[int]:
        """Who has an unanswered page."""
        return {page.ambassador_id for page in self.case.in_flight}

    @property
    def next_look_s(self) -> float:
        """Seconds until the case wakes."""
        assert self.case.wake_at is not None
        return (self.case.wake_at - self.now).total_seconds()

    def page_of(self, ambassador_id: int) -> PageState:
        """The newest page of this ambassador."""
        return [page for page in self.case.pages if page.ambassador_id == ambassador_id][-1]

    @property
    def paged(self) -> list[int]:
        """Whom the last effects page, in order."""
        return [effect.ambassador_id for effect in self.effects if isinstance(effect, PageOut)]

    @property
    def told(self) -> list[str]:
        """What the last effects tell the person."""
        return [effect.notice.value for effect in self.effects if isinstance(effect, TellPerson)]

    @property
    def warned(self) -> list[tuple[int, str]]:
        """What the last effects tell a holder."""
        return [
            (effect.ambassador_id, effect.warning.value)
            for effect in self.effects
            if isinstance(effect, TellHolder)
        ]

    @property
    def refused(self) -> list[str]:
        """Why the last events were refused."""
        return [effect.reason.value for effect in self.effects if isinstance(effect, Refuse)]

    @property
    def is_open(self) -> bool:
        return self.case.status is CaseStatus.OPEN
