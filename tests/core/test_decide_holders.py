"""Who holds a case, how it is let go, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from core_kit import ANA, BEN, CAT, CLEO, DAN, FULL_HOUSE, NOBODY, Story

from bot.core.decide import (
    Accepted,
    Closed,
    ClosedAsSilent,
    ContactConfirmed,
    Declined,
    EmergencyCalled,
    EndPages,
    Event,
    HandCase,
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
    TakenOver,
    TellPerson,
    TimePassed,
    decide,
)
from bot.core.roster import Roster
from models.vocabulary import CaseStatus, Outcome, PageStatus, Theme, Urgency

EVENTS: tuple[Event, ...] = (
    Opened(),
    PersonSpoke(Urgency.IMMEDIATE, Theme.OVERDOSE),
    PersonSpoke(Urgency.NONE, Theme.OTHER),
    HolderSpoke(),
    Accepted(ANA),
    Accepted(DAN),
    Declined(ANA),
    TimePassed(),
    Released(),
    EmergencyCalled(),
    ContactConfirmed(),
    Closed(Outcome.SAFER),
    Closed(Outcome.NOT_NEEDED, "spoke with the family"),
    PersonLeft(),
    Offered(ANA, BEN),
    Offered(DAN, BEN),
    OfferAccepted(BEN),
    OfferDeclined(BEN),
    OfferWithdrawn(ANA),
    TakenOver(CLEO),
    KeptOpen(),
    ClosedAsSilent(),
)


def held(urgency: Urgency = Urgency.IMMEDIATE, roster: Roster = FULL_HOUSE) -> Story:
    """A case that Ana holds and has just answered in."""
    story = Story(urgency, roster).opens()
    story.happens(Accepted(ANA), HolderSpoke())
    return story


# Taking a case.


def test_who_says_im_here_holds_the_case_and_nobody_else_is_asked_any_more() -> None:
    story = Story().opens()
    story.happens(Accepted(ANA))
    assert (story.case.status, story.case.holder_id) == (CaseStatus.CLAIMED, ANA)
    assert story.page_of(ANA).status is PageStatus.ACCEPTED
    assert story.page_of(BEN).status is PageStatus.WITHDRAWN
    assert story.told == ["claimed"]
    assert [effect for effect in story.effects if not isinstance(effect, TellPerson)] == [
        EndPages(),
        HandCase(ANA),
    ]


def test_of_two_who_come_the_first_holds_and_the_second_is_told() -> None:
    story = Story().opens()
    story.happens(Accepted(BEN))
    before = story.case
    story.happens(Accepted(ANA))
    assert story.refused == ["taken"]
    assert story.case == before


def test_a_doubled_tap_by_the_holder_changes_nothing() -> None:
    story = held()
    before = story.case
    assert story.happens(Accepted(ANA)) == ()
    assert story.case == before


def test_a_late_im_here_counts_though_the_page_had_expired() -> None:
    story = Story(Urgency.URGENT).opens()
    story.passes(minutes=3)
    assert story.page_of(ANA).status is PageStatus.EXPIRED
    story.happens(Accepted(ANA))
    assert story.case.holder_id == ANA
    assert story.page_of(ANA).status is PageStatus.ACCEPTED
    assert story.page_of(BEN).status is PageStatus.WITHDRAWN


def test_one_who_declined_may_think_better_of_it() -> None:
    story = Story(Urgency.URGENT).opens()
    story.happens(Declined(ANA), Accepted(ANA))
    assert story.case.holder_id == ANA
    assert not story.case.in_flight


def test_an_accepted_page_is_the_newest_of_that_ambassador() -> None:
    story = Story(Urgency.URGENT).opens()
    story.passes(minutes=4)
    story.happens(Accepted(ANA))
    statuses = [page.status for page in story.case.pages if page.ambassador_id == ANA]
    assert statuses == [PageStatus.EXPIRED, PageStatus.ACCEPTED]


def test_a_decline_after_the_case_was_taken_changes_nothing() -> None:
    story = held()
    before = story.case
    for who in (ANA, BEN, DAN):
        assert story.happens(Declined(who)) == ()
    assert story.case == before


# A holder who goes quiet.


def test_a_holder_who_never_writes_is_nudged_twice_then_released_and_others_are_paged() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.happens(Accepted(ANA))
    story.passes(seconds=119)
    assert story.effects == ()
    story.passes(seconds=1)
    assert story.warned == [(ANA, "nudge")]
    story.passes(minutes=2)
    assert story.warned == [(ANA, "nudge")]
    story.passes(minutes=2)
    assert story.warned == [(ANA, "released")]
    assert story.told == ["asked_again"]
    assert story.paged == [BEN]
    assert (story.case.status, story.case.holder_id) == (CaseStatus.OPEN, None)


@pytest.mark.parametrize(
    ("urgency", "nudges_min", "release_min"),
    [
        (Urgency.IMMEDIATE, [2, 4], 6),
        (Urgency.URGENT, [5, 10], 15),
        (Urgency.SUPPORT, [15, 30], 45),
    ],
)
def test_the_patience_with_a_quiet_holder_follows_the_urgency(
    urgency: Urgency, nudges_min: list[int], release_min: int
) -> None:
    story = held(urgency)
    story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER))
    heard = []
    for minute in range(1, release_min + 1):
        story.passes(minutes=1)
        heard += [(minute, warning) for _, warning in story.warned]
    assert heard == [(minute, "nudge") for minute in nudges_min] + [(release_min, "released")]


def test_a_holder_who_answers_is_left_alone() -> None:
    story = held()
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    story.passes(minutes=3)
    assert story.warned == [(ANA, "nudge")]
    story.happens(HolderSpoke())
    assert story.passes(minutes=9) == ()
    story.passes(hours=5)
    assert (ANA, "nudge") not in story.warned
    assert story.case.holder_id == ANA


def test_the_wait_is_counted_from_the_first_unanswered_word() -> None:
    story = held()
    for _ in range(5):
        story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER))
        story.passes(minutes=1)
    assert story.case.holder_id == ANA
    story.passes(minutes=1)
    assert story.case.holder_id is None


def test_after_an_answer_the_nudges_begin_anew() -> None:
    story = held()
    for _ in range(3):
        story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER))
        story.passes(minutes=3)
        assert story.warned == [(ANA, "nudge")]
        story.happens(HolderSpoke())


def test_nudges_missed_while_the_bot_was_down_are_one() -> None:
    story = held()
    story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER))
    story.now += timedelta(minutes=5)
    story.happens(TimePassed())
    assert story.warned == [(ANA, "nudge")]
    assert story.next_look_s == 60


def test_a_rise_tells_the_holder_and_shortens_the_patience() -> None:
    story = held(Urgency.SUPPORT)
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.OVERDOSE))
    assert story.warned == [(ANA, "raised")]
    assert story.next_look_s == 120


def test_a_rise_with_a_holder_who_was_quiet_too_long_for_it_pages_others_at_once() -> None:
    story = held(Urgency.SUPPORT)
    story.happens(PersonSpoke(Urgency.SUPPORT, Theme.GRIEF))
    story.passes(minutes=10)
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert story.paged == [BEN]
    assert story.is_open


def test_a_holder_who_cannot_be_reached_holds_nothing() -> None:
    story = held()
    story.roster = replace(
        FULL_HOUSE, primary=(), everyone=(BEN, CAT), unreachable=frozenset({ANA})
    )
    story.happens(TimePassed())
    assert story.warned == []
    assert story.told == ["asked_again"]
    assert story.paged == [BEN]


def test_a_holder_who_went_away_or_is_full_keeps_the_case() -> None:
    story = held()
    story.roster = NOBODY
    story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER), HolderSpoke())
    assert story.case.holder_id == ANA


# Giving a case back.


def test_a_case_given_back_is_paged_to_others_and_the_person_is_told() -> None:
    story = held()
    story.happens(Released())
    assert story.paged == [BEN]
    assert story.told == ["asked_again"]
    assert story.case.cycle == 1


def test_who_gave_a_case_back_is_not_the_one_asked_next() -> None:
    story = held(Urgency.URGENT)
    story.passes(hours=1)
    story.happens(Released())
    assert story.paged == [BEN]
    story.passes(minutes=14)
    assert ANA not in story.asked_now


def test_who_gave_a_case_back_may_take_it_again() -> None:
    story = held()
    story.happens(Released(), Accepted(ANA))
    assert story.case.holder_id == ANA


def test_a_case_nobody_holds_cannot_be_given_back() -> None:
    story = Story().opens()
    before = story.case
    story.happens(Released())
    assert story.refused == ["not_claimed"]
    assert story.case == before


def test_the_person_hears_that_their_volunteer_is_gone_also_when_the_next_comes_later() -> None:
    story = Story(Urgency.IMMEDIATE, Roster(primary=(ANA,), everyone=(ANA,))).opens()
    story.happens(Accepted(ANA), HolderSpoke(), Released())
    assert story.paged == []
    story.roster = Roster(everyone=(ANA, DAN))
    story.passes(seconds=30)
    assert story.paged == [DAN]
    assert story.told == ["asked_again"]


def test_where_nobody_else_is_there_the_person_of_a_case_given_back_is_told_so() -> None:
    story = held(roster=Roster(primary=(ANA,), everyone=(ANA,)))
    story.passes(minutes=1)
    story.happens(Released())
    assert story.told == ["nobody_free"]


# Emergency services.


def emergency() -> Story:
    story = held()
    story.happens(EmergencyCalled())
    return story


def test_after_the_emergency_services_were_called_a_case_cannot_simply_be_closed() -> None:
    story = emergency()
    before = story.case
    story.happens(Closed(Outcome.EMERGENCY))
    assert story.refused == ["contact_not_confirmed"]
    assert story.case == before


def test_it_can_be_closed_once_help_has_reached_the_person() -> None:
    story = emergency()
    story.happens(ContactConfirmed(), Closed(Outcome.EMERGENCY))
    assert story.case.status is CaseStatus.CLOSED


def test_it_can_be_closed_with_a_coordinators_reason() -> None:
    story = emergency()
    story.happens(Closed(Outcome.NOT_NEEDED, "the family is with them"))
    assert story.case.status is CaseStatus.CLOSED


def test_an_empty_reason_is_none() -> None:
    story = emergency()
    story.happens(Closed(Outcome.NOT_NEEDED, ""))
    assert story.refused == ["contact_not_confirmed"]


def test_who_says_nobody_need_come_is_not_left_while_help_is_on_its_way() -> None:
    story = emergency()
    story.happens(PersonLeft())
    assert story.refused == ["contact_not_confirmed"]
    assert story.warned == [(ANA, "person_left_unconfirmed")]
    assert story.case.holder_id == ANA
    story.happens(ContactConfirmed(), PersonLeft())
    assert story.case.status is CaseStatus.CLOSED


def test_a_call_that_was_noted_stays_noted_when_the_case_changes_hands() -> None:
    story = emergency()
    story.happens(Released(), Accepted(BEN), HolderSpoke(), Closed(Outcome.SAFER))
    assert story.refused == ["contact_not_confirmed"]


def test_noting_a_call_twice_keeps_the_first_time() -> None:
    story = emergency()
    first = story.case.emergency_called_at
    story.passes(minutes=3)
    story.happens(EmergencyCalled(), ContactConfirmed())
    confirmed = story.case.contact_confirmed_at
    story.passes(minutes=3)
    story.happens(ContactConfirmed())
    assert story.case.emergency_called_at == first
    assert story.case.contact_confirmed_at == confirmed


# Endings.


def test_a_closed_case_has_no_page_in_flight_and_never_wakes() -> None:
    story = Story().opens()
    story.happens(Closed(Outcome.NOT_NEEDED, "a test"))
    assert story.case.in_flight == ()
    assert story.case.wake_at is None
    assert story.case.closed_at == story.now
    assert story.told == ["closed"]
    assert EndPages() in story.effects


def test_who_says_it_ended_with_the_emergency_services_is_asked_whether_help_arrived() -> None:
    story = held()
    story.happens(Closed(Outcome.EMERGENCY))
    assert story.refused == ["contact_not_confirmed"]
    assert story.case.status is CaseStatus.CLAIMED
    assert story.case.emergency_called_at is not None
    story.happens(ContactConfirmed(), Closed(Outcome.EMERGENCY))
    assert (story.case.status, story.case.outcome) == (CaseStatus.CLOSED, Outcome.EMERGENCY)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.EMERGENCY])
def test_a_holder_may_close_with_any_outcome(outcome: Outcome) -> None:
    story = held()
    story.happens(Closed(outcome))
    assert (story.case.status, story.case.outcome) == (CaseStatus.CLOSED, outcome)


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_a_closed_case_refuses_everything(event: Event) -> None:
    story = held()
    story.happens(Closed(Outcome.SAFER))
    before = story.case
    story.happens(event)
    assert story.refused == ["closed"]
    assert len(story.effects) == 1
    assert story.case == before


def test_who_says_nobody_need_come_while_waiting_is_not_come_to() -> None:
    story = Story().opens()
    story.happens(PersonLeft())
    assert (story.case.status, story.case.outcome) == (CaseStatus.CLOSED, None)
    assert story.case.in_flight == ()
    assert story.effects == (EndPages(),)


def test_who_says_nobody_need_come_any_more_ends_it_for_the_holder_too() -> None:
    story = held()
    story.happens(PersonLeft())
    assert story.case.status is CaseStatus.CLOSED
    assert story.warned == [(ANA, "person_left")]


# Every event in every status.


def _open() -> Story:
    return Story(Urgency.URGENT).opens()


def _paused() -> Story:
    return Story(Urgency.URGENT, NOBODY).opens()


def _held() -> Story:
    return held(Urgency.URGENT)


def _emergency() -> Story:
    return emergency()


@pytest.mark.parametrize("event", EVENTS, ids=str)
@pytest.mark.parametrize("start", [_open, _paused, _held, _emergency])
def test_whatever_happens_a_case_keeps_its_next_step(start: object, event: Event) -> None:
    assert callable(start)
    story = start()
    assert isinstance(story, Story)
    story.passes(seconds=20)
    before = story.case
    story.happens(event)
    case = story.case
    assert case.urgency.rank >= before.urgency.rank
    assert len(case.pages) >= len(before.pages)
    if case.status is CaseStatus.OPEN:
        assert case.holder_id is None
        assert case.wake_at is not None
        assert case.wake_at > story.now
    else:
        assert case.in_flight == ()
        assert (case.wake_at is None) or case.status is CaseStatus.CLAIMED
    if case.status is CaseStatus.CLAIMED:
        assert case.holder_id is not None
        assert case.wake_at is not None
        assert (case.waiting_since is None) != (case.silent_since is None)


@pytest.mark.parametrize("event", EVENTS, ids=str)
@pytest.mark.parametrize("start", [_open, _held])
def test_deciding_changes_nothing_but_what_it_returns(start: object, event: Event) -> None:
    assert callable(start)
    story = start()
    assert isinstance(story, Story)
    before = story.case
    first = decide(story.case, event, story.policy, story.roster, story.now)
    second = decide(story.case, event, story.policy, story.roster, story.now)
    assert story.case == before
    assert first == second


def test_a_coordinator_may_take_a_case_from_the_last_rung() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.passes(seconds=150)
    story.happens(Accepted(CLEO))
    assert story.case.holder_id == CLEO
