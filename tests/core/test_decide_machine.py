"""What holds in every case, whatever happens to it and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core_kit import NOON, real_policy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.case import CaseState, PageState
from bot.core.decide import (
    Accepted,
    AskCoordinators,
    Closed,
    ClosedAsSilent,
    ContactConfirmed,
    Decision,
    Declined,
    EmergencyCalled,
    EndOffer,
    Event,
    HandCase,
    HolderSpoke,
    KeptOpen,
    Notice,
    OfferAccepted,
    OfferCase,
    OfferDeclined,
    Offered,
    OfferWithdrawn,
    Opened,
    PageOut,
    PersonLeft,
    PersonSpoke,
    Refuse,
    Released,
    Reopened,
    TakenOver,
    TellPerson,
    TimePassed,
    decide,
    open_case,
)
from bot.core.policy import Policy, parse_policy
from bot.core.roster import Roster, Standing, make_roster
from bot.core.rota import OnCall
from models.vocabulary import CaseStatus, Outcome, PageStatus, Role, Theme, Urgency

AMBASSADORS = tuple(range(1, 8))
COORDINATORS = {6, 7}

TAPS = Accepted | Declined | Closed | OfferAccepted | OfferDeclined | OfferWithdrawn | TakenOver

HASTY = parse_policy(
    {
        "rest": "1m",
        "pause": "10s",
        "reopen": "30m",
        "offer": "40s",
        "immediate": {
            "rungs": [
                {"page": ["on_call", "group:night"], "wait": "4s", "loudness": "loud"},
                {"page": ["coordinators"], "wait": "5s"},
            ],
            "release": "20s",
            "check": "30s",
            "quiet": "1m",
            "repeat": 2,
        },
        "urgent": {
            "rungs": [
                {"page": ["backup", "primary"], "wait": "1h"},
                {"page": ["coordinators", "everyone"], "wait": "1s"},
            ],
            "nudge": ["1s", "2s"],
            "release": "3s",
        },
        "support": {
            "rungs": [
                {"page": ["primary"], "wait": "2s"},
                {"page": ["primary"], "wait": "3s"},
                {"page": ["everyone"], "wait": "1m"},
                {"page": ["coordinators"], "wait": "1h"},
            ],
            "nudge": ["30m"],
            "release": "1h",
        },
    }
)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Who is there: anything from nobody to everybody, sorted as the rota sorts them."""
    standings = [
        Standing(
            ambassador_id=who,
            role=Role.COORDINATOR if who in COORDINATORS else Role.AMBASSADOR,
            away=draw(st.booleans()),
            full=draw(st.booleans()),
            reachable=draw(st.integers(0, 4)) > 0,
            load=draw(st.integers(0, 3)),
            speaks=draw(st.sampled_from([frozenset(), frozenset({"en"}), frozenset({"es"})])),
            groups=frozenset({"night"}) if draw(st.booleans()) else frozenset(),
        )
        for who in draw(st.sets(st.sampled_from(AMBASSADORS)))
    ]
    primary = draw(st.frozensets(st.sampled_from(AMBASSADORS), max_size=3))
    backup = draw(st.frozensets(st.sampled_from(AMBASSADORS), max_size=3))
    language = draw(st.sampled_from([None, "es", "en-GB"]))
    return make_roster(standings, OnCall(primary, backup - primary), language)


class AnyCase(RuleBasedStateMachine):
    """One case after another, and all that can befall it."""

    def __init__(self) -> None:
        super().__init__()
        self.policy: Policy = HASTY
        self.roster = Roster()
        self.now = NOON
        self.case: CaseState = open_case(Urgency.SUPPORT, Theme.OTHER, NOON)

    @initialize(
        policy=st.sampled_from([real_policy(), HASTY]),
        urgency=st.sampled_from(Urgency),
        roster=rosters(),
    )
    def opens(self, policy: Policy, urgency: Urgency, roster: Roster) -> None:
        self.policy, self.roster = policy, roster
        self.case = open_case(urgency, Theme.OTHER, self.now)
        self.happens(Opened())

    def happens(self, event: Event) -> None:
        before = self.case
        decision = decide(before, event, self.policy, self.roster, self.now)
        self.case = decision.case
        may_be_paged = {
            who
            for ladder in self.policy.ladders.values()
            for rung in ladder.rungs
            for who in self.roster.members(rung.groups)
        }
        if isinstance(event, Reopened):
            may_be_paged |= self.roster.free & {before.holder_id}
        new = [
            page
            for page in decision.case.pages[len(before.pages) :]
            if page.status is PageStatus.QUEUED
        ]
        paged = [effect for effect in decision.effects if isinstance(effect, PageOut)]
        assert [(page.ambassador_id, page.cycle, page.rung) for page in new] == [
            (page.ambassador_id, page.cycle, page.rung) for page in paged
        ], "every page is a letter, and every letter a page"
        assert {page.ambassador_id for page in new} <= may_be_paged, "nobody else is paged"
        assert not {page.ambassador_id for page in new} & self.roster.unreachable
        assert decision.case.urgency.rank >= before.urgency.rank, "urgency never falls"
        self._nobody_waits_longer(before, event)
        self._a_case_changes_hands_by_a_human_alone(before, event, decision)
        self._every_offer_ends_before_the_next(before, decision)
        for old, same in zip(before.pages, decision.case.pages, strict=False):
            assert _may_become(old, same, event), (old, same, event)
        refused = [effect for effect in decision.effects if isinstance(effect, Refuse)]
        if any(refusal.reason != "contact_not_confirmed" for refusal in refused):
            assert decision.case == before, "what is refused changes nothing"
            assert len(decision.effects) == 1
        if isinstance(event, TAPS):
            again = decide(self.case, event, self.policy, self.roster, self.now)
            assert again.case == self.case, "the same tap twice changes nothing the second time"
            assert all(isinstance(effect, Refuse) for effect in again.effects)

    def _nobody_waits_longer(self, before: CaseState, event: Event) -> None:
        """A rise in mid-ladder never lets anybody wait longer than they would have."""
        if not isinstance(event, PersonSpoke) or before.status is not CaseStatus.OPEN:
            return
        running = before.rung_ends_at
        if running is not None and running > self.now:
            assert self.case.rung_ends_at is not None
            assert self.case.rung_ends_at <= running

    def _a_case_changes_hands_by_a_human_alone(
        self, before: CaseState, event: Event, decision: Decision
    ) -> None:
        after, effects = decision.case, decision.effects
        if isinstance(event, TimePassed | Opened | PersonSpoke):
            assert after.status is before.status or after.status is CaseStatus.OPEN, (
                "no timer closes or claims"
            )
        if after.status is CaseStatus.CLAIMED and after.holder_id != before.holder_id:
            assert isinstance(event, Accepted | OfferAccepted | TakenOver)
            assert after.holder_id == event.ambassador_id
            assert HandCase(event.ambassador_id) in effects
            assert any(
                effect in effects
                for effect in (TellPerson(Notice.CLAIMED), TellPerson(Notice.HANDED_OVER))
            ), "the person is told who is there"
            if isinstance(event, OfferAccepted):
                assert before.offered_to == event.ambassador_id, "only who was offered it"
        if AskCoordinators() in effects:
            assert before.checks > 0, "the person is asked before coordinators are"

    def _every_offer_ends_before_the_next(self, before: CaseState, decision: Decision) -> None:
        offered = [one.ambassador_id for one in decision.effects if isinstance(one, OfferCase)]
        ended = [one.ambassador_id for one in decision.effects if isinstance(one, EndOffer)]
        if decision.case.offered_to != before.offered_to:
            assert ended == ([] if before.offered_to is None else [before.offered_to])
            now = decision.case.offered_to
            assert offered == ([] if now is None else [now])
        else:
            assert offered == ended == []

    # What people do.

    @rule(urgency=st.sampled_from(Urgency), theme=st.sampled_from(Theme))
    def the_person_writes(self, urgency: Urgency, theme: Theme) -> None:
        self.happens(PersonSpoke(urgency, theme))

    @rule(who=st.sampled_from(AMBASSADORS))
    def somebody_comes(self, who: int) -> None:
        """A tap, also on a page that is long over; whoever taps can be reached again."""
        if who in self.case.asked:
            self._is_reached(who)
            self.happens(Accepted(who))

    @rule(who=st.sampled_from(AMBASSADORS))
    def somebody_cannot_come(self, who: int) -> None:
        if who in self.case.asked:
            self._is_reached(who)
            self.happens(Declined(who))

    @precondition(lambda self: self.case.in_flight)
    @rule(data=st.data())
    def one_who_is_asked_cannot_come(self, data: st.DataObject) -> None:
        page = data.draw(st.sampled_from(self.case.in_flight))
        self.happens(Declined(page.ambassador_id))

    @precondition(lambda self: self.case.status is CaseStatus.CLAIMED)
    @rule(event=st.sampled_from([HolderSpoke(), Released(), EmergencyCalled(), ContactConfirmed()]))
    def the_holder_acts(self, event: Event) -> None:
        self.happens(event)

    @rule(event=st.sampled_from([HolderSpoke(), Released(), EmergencyCalled(), Opened()]))
    def something_comes_that_is_out_of_place(self, event: Event) -> None:
        self.happens(event)

    @precondition(lambda self: self.case.status is CaseStatus.CLAIMED)
    @rule(who=st.sampled_from(AMBASSADORS))
    def the_holder_offers_the_case(self, who: int) -> None:
        assert self.case.holder_id is not None
        self.happens(Offered(self.case.holder_id, who))

    @rule(by=st.sampled_from(AMBASSADORS), to=st.sampled_from(AMBASSADORS))
    def somebody_offers_a_case_that_may_not_be_theirs(self, by: int, to: int) -> None:
        holds = self.case.status is CaseStatus.CLAIMED and self.case.holder_id == by
        self.happens(Offered(by, to))
        assert holds or self.case.offered_to != to or self.case.status is CaseStatus.CLAIMED

    @precondition(lambda self: self.case.offered_to is not None)
    @rule(takes=st.booleans())
    def who_was_offered_the_case_answers(self, takes: bool) -> None:
        assert self.case.offered_to is not None
        to, ends_at = self.case.offered_to, self.case.offer_ends_at
        self._is_reached(to)
        self.happens(OfferAccepted(to) if takes else OfferDeclined(to))
        assert ends_at is not None
        if takes and self.now < ends_at:
            assert self.case.holder_id == to

    @rule(who=st.sampled_from(AMBASSADORS), event=st.sampled_from([OfferAccepted, OfferDeclined]))
    def somebody_answers_an_old_offer(self, who: int, event: type[OfferAccepted]) -> None:
        self._is_reached(who)
        self.happens(event(who))

    @rule(who=st.sampled_from(AMBASSADORS))
    def an_offer_is_withdrawn(self, who: int) -> None:
        self.happens(OfferWithdrawn(who))

    @rule(who=st.sampled_from(sorted(COORDINATORS)))
    def a_coordinator_takes_the_case(self, who: int) -> None:
        self._is_reached(who)
        was_closed = self.case.status is CaseStatus.CLOSED
        self.happens(TakenOver(who))
        assert was_closed or self.case.holder_id == who

    @rule(event=st.sampled_from([KeptOpen(), ClosedAsSilent(), ClosedAsSilent("a reason")]))
    def coordinators_decide_about_a_silent_person(self, event: Event) -> None:
        checks, owed = self.case.checks, self._contact_is_owed
        was = self.case.status
        self.happens(event)
        if self.case.status is CaseStatus.CLOSED and was is CaseStatus.CLAIMED:
            assert checks > 1
            assert not owed or event == ClosedAsSilent("a reason")

    @precondition(lambda self: self.case.status is CaseStatus.CLOSED)
    @rule(urgency=st.sampled_from(Urgency), theme=st.sampled_from(Theme))
    def the_person_comes_back(self, urgency: Urgency, theme: Theme) -> None:
        assert self.case.closed_at is not None
        in_time = self.now < self.case.closed_at + self.policy.reopen
        former = self.case.holder_id
        free = former in self.roster.free
        self.happens(Reopened(urgency, theme))
        assert (self.case.status is CaseStatus.OPEN) == in_time
        if in_time and free:
            assert former in {page.ambassador_id for page in self.case.in_flight}

    @rule(outcome=st.sampled_from(Outcome), reason=st.sampled_from([None, "", "a reason"]))
    def somebody_closes(self, outcome: Outcome, reason: str | None) -> None:
        self.happens(Closed(outcome, reason))
        # That it ended with the emergency services says that they were called.
        assert (self.case.status is CaseStatus.CLOSED) or (self._contact_is_owed and not reason)

    @rule()
    def the_person_leaves(self) -> None:
        was_owed = self._contact_is_owed
        self.happens(PersonLeft())
        assert (self.case.status is CaseStatus.CLOSED) or was_owed

    @precondition(lambda self: self.case.status is CaseStatus.CLOSED)
    @rule(urgency=st.sampled_from(Urgency))
    def a_new_case_opens(self, urgency: Urgency) -> None:
        self.case = open_case(urgency, Theme.OTHER, self.now)
        self.happens(Opened())

    # What the world does.

    @rule(seconds=st.one_of(st.integers(0, 130), st.integers(0, 4000)))
    def time_passes(self, seconds: int) -> None:
        """Every wake-up on the way is decided when it is due; they never come in a rush."""
        end = self.now + timedelta(seconds=seconds)
        looks = 0
        while self.case.wake_at is not None and self.case.wake_at <= end:
            self.now = max(self.now, self.case.wake_at)
            self.happens(TimePassed())
            looks += 1
            assert looks <= 8 + seconds, "a case never spins"
        self.now = end

    @rule(seconds=st.integers(1, 5000))
    def the_bot_is_down(self, seconds: int) -> None:
        """Nothing is decided meanwhile, and what comes first afterwards may be anything."""
        self.now += timedelta(seconds=seconds)

    @rule()
    def a_wake_up_comes_early(self) -> None:
        self.happens(TimePassed())

    @rule(roster=rosters())
    def the_rota_changes(self, roster: Roster) -> None:
        self.roster = roster

    @precondition(lambda self: self.case.in_flight)
    @rule(data=st.data(), status=st.sampled_from([PageStatus.SENT, PageStatus.FAILED]))
    def a_page_is_sent_or_fails(self, data: st.DataObject, status: PageStatus) -> None:
        number = data.draw(
            st.sampled_from([n for n, page in enumerate(self.case.pages) if page.status.in_flight])
        )
        pages = list(self.case.pages)
        ended_at = self.now if status is PageStatus.FAILED else None
        pages[number] = replace(pages[number], status=status, ended_at=ended_at)
        self.case = replace(self.case, pages=tuple(pages))
        if status is PageStatus.FAILED:
            self.happens(TimePassed())

    def _is_reached(self, who: int) -> None:
        self.roster = replace(self.roster, unreachable=self.roster.unreachable - {who})

    @property
    def _contact_is_owed(self) -> bool:
        return self.case.emergency_called_at is not None and self.case.contact_confirmed_at is None

    # What always holds.

    @invariant()
    def there_is_a_next_step(self) -> None:
        case = self.case
        if case.status is CaseStatus.OPEN:
            assert case.wake_at is not None
            if case.wake_at <= self.now:
                case = decide(case, TimePassed(), self.policy, self.roster, self.now).case
            assert case.status is CaseStatus.OPEN
            assert case.wake_at is not None
            assert case.wake_at > self.now
        elif case.status is CaseStatus.CLAIMED:
            assert case.wake_at is not None, "a claimed case is watched"
            assert (case.waiting_since is None) != (case.silent_since is None)
        else:
            assert case.wake_at is None

    @invariant()
    def there_is_at_most_one_holder(self) -> None:
        claimed = self.case.status is CaseStatus.CLAIMED
        assert (self.case.holder_id is not None) or not claimed
        assert (self.case.holder_id is None) or self.case.status is not CaseStatus.OPEN

    @invariant()
    def pages_are_out_only_while_nobody_has_come(self) -> None:
        assert self.case.status is CaseStatus.OPEN or not self.case.in_flight

    @invariant()
    def an_offer_is_of_a_claimed_case_and_ends(self) -> None:
        case = self.case
        assert (case.offered_to is None) == (case.offer_ends_at is None)
        if case.offered_to is not None:
            assert case.status is CaseStatus.CLAIMED
            assert case.offered_to != case.holder_id
            assert case.wake_at is not None
            assert case.offer_ends_at is not None
            assert case.wake_at <= case.offer_ends_at

    @invariant()
    def nobody_is_asked_twice_at_once(self) -> None:
        asked = [page.ambassador_id for page in self.case.in_flight]
        assert len(asked) == len(set(asked))

    @invariant()
    def what_ended_has_a_time_of_its_end(self) -> None:
        for page in self.case.pages:
            assert (page.ended_at is None) == page.status.in_flight


def _may_become(old: PageState, new: PageState, event: Event) -> bool:
    """A page ends once; only whoever was asked can still say more than that their time passed."""
    if old.status.in_flight or old.status is new.status:
        return True
    if isinstance(event, Accepted) and new.status is PageStatus.ACCEPTED:
        return new.ambassador_id == event.ambassador_id
    late = (old.status, new.status) == (PageStatus.EXPIRED, PageStatus.DECLINED)
    return late and isinstance(event, Declined) and new.ambassador_id == event.ambassador_id


TestAnyCase = AnyCase.TestCase
TestAnyCase.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
