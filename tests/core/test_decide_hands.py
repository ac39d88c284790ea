"""How a case changes hands, waits for a silent person, and is opened again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from core_kit import ANA, BEN, CAT, CLEO, DAN, FULL_HOUSE, Story, policy_with

from bot.core.decide import (
    Accepted,
    AskCoordinators,
    Closed,
    ClosedAsSilent,
    EmergencyCalled,
    EndOffer,
    HandCase,
    HolderSpoke,
    KeptOpen,
    OfferAccepted,
    OfferCase,
    OfferDeclined,
    Offered,
    OfferEnd,
    OfferWithdrawn,
    PageOut,
    PersonLeft,
    PersonSpoke,
    Released,
    Reopened,
    TakenOver,
)
from bot.core.policy import Loudness, Policy
from bot.core.roster import Roster
from models.vocabulary import CaseStatus, Outcome, PageStatus, Theme, Urgency


def held(urgency: Urgency = Urgency.URGENT, policy: Policy | None = None) -> Story:
    """A case that Ana holds and has just answered in."""
    story = Story(urgency, FULL_HOUSE, policy).opens()
    story.happens(Accepted(ANA), HolderSpoke())
    return story


# Handing over.


def test_a_holder_stays_the_holder_until_another_says_yes() -> None:
    story = held()
    assert story.happens(Offered(ANA, BEN)) == (OfferCase(BEN),)
    assert story.case.holder_id == ANA
    story.happens(OfferAccepted(BEN))
    assert story.case.holder_id == BEN
    assert story.warned == [(ANA, "handed_over")]
    assert story.told == ["handed_over"]
    assert HandCase(BEN) in story.effects
    assert EndOffer(BEN, OfferEnd.ACCEPTED) in story.effects


def test_the_new_holder_has_their_own_time_to_write() -> None:
    story = held()
    story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER), Offered(ANA, BEN))
    story.passes(minutes=9)
    story.happens(OfferAccepted(BEN))
    story.passes(minutes=14)
    assert story.case.holder_id == BEN
    story.passes(minutes=1)
    assert story.is_open


def test_a_quiet_holder_is_relieved_though_they_have_offered_the_case() -> None:
    story = held(Urgency.IMMEDIATE)
    story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER), Offered(ANA, BEN))
    story.passes(minutes=6)
    assert story.is_open
    assert EndOffer(BEN, OfferEnd.WITHDRAWN) in story.effects


@pytest.mark.parametrize("event", [Released(), Closed(Outcome.SAFER), PersonLeft()], ids=str)
def test_an_offer_ends_with_whatever_else_becomes_of_the_case(event: object) -> None:
    story = held()
    story.happens(Offered(ANA, BEN), event)  # type: ignore[arg-type]
    assert EndOffer(BEN, OfferEnd.WITHDRAWN) in story.effects
    story.happens(OfferAccepted(BEN))
    assert story.refused in (["offer_over"], ["closed"])


def test_an_offer_without_an_answer_lapses_and_its_holder_is_told() -> None:
    story = held()
    story.happens(Offered(ANA, BEN))
    story.passes(minutes=10)
    assert story.warned == [(ANA, "offer_lapsed")]
    story.happens(OfferAccepted(BEN))
    assert story.refused == ["offer_over"]
    assert story.case.holder_id == ANA


def test_an_offer_that_is_declined_is_told_and_a_late_yes_counts_no_more() -> None:
    story = held()
    story.happens(Offered(ANA, BEN), OfferDeclined(BEN))
    assert story.warned == [(ANA, "offer_declined")]
    story.happens(OfferAccepted(BEN))
    assert story.refused == ["offer_over"]


def test_nobody_can_be_offered_a_case_who_could_not_be_paged() -> None:
    story = held()
    for who in (ANA, 99):
        story.happens(Offered(ANA, who))
        assert story.refused == ["not_available"]
    story.happens(Offered(BEN, CAT))
    assert story.refused == ["not_claimed"]
    assert story.case.offered_to is None


def test_a_second_offer_takes_the_first_back() -> None:
    story = held()
    story.happens(Offered(ANA, BEN), Offered(ANA, CAT))
    assert story.effects[1:] == (EndOffer(BEN, OfferEnd.WITHDRAWN), OfferCase(CAT))
    story.happens(OfferWithdrawn(ANA))
    assert story.effects == (EndOffer(CAT, OfferEnd.WITHDRAWN),)


def test_who_handed_a_case_over_is_asked_after_others_when_it_goes_back() -> None:
    story = held()
    story.happens(Offered(ANA, BEN), OfferAccepted(BEN), Released())
    assert ANA not in story.asked_now
    assert BEN not in story.asked_now
    assert story.asked_now


# Taking over.


def test_a_coordinator_takes_a_case_and_its_holder_is_told() -> None:
    story = held()
    story.happens(TakenOver(CLEO))
    assert story.case.holder_id == CLEO
    assert story.warned == [(ANA, "taken_over")]
    assert story.told == ["handed_over"]


def test_a_coordinator_takes_a_case_that_nobody_holds_and_pages_end() -> None:
    story = Story().opens()
    story.happens(TakenOver(CLEO))
    assert story.case.holder_id == CLEO
    assert story.told == ["claimed"]
    assert {page.status for page in story.case.pages} == {
        PageStatus.WITHDRAWN,
        PageStatus.ACCEPTED,
    }


# A silent person.


def test_a_silent_person_is_asked_gently_then_coordinators_decide() -> None:
    story = held(Urgency.IMMEDIATE)
    story.passes(minutes=10)
    assert story.told == ["checked_on"]
    assert story.warned == [(ANA, "person_silent")]
    story.passes(minutes=9, seconds=59)
    assert story.effects == ()
    story.passes(seconds=1)
    assert story.effects == (AskCoordinators(),)


@pytest.mark.parametrize("urgency", [Urgency.IMMEDIATE, Urgency.URGENT, Urgency.SUPPORT])
def test_no_timer_closes_the_case_of_a_silent_person(urgency: Urgency) -> None:
    story = held(urgency)
    story.passes(days=7)
    assert story.case.holder_id == ANA
    assert story.case.status is CaseStatus.CLAIMED
    assert story.told == ["checked_on"], "the person is asked once, not again and again"
    assert story.effects.count(AskCoordinators()) > 2


def test_even_after_the_bot_was_down_the_person_is_asked_before_coordinators_are() -> None:
    story = held(Urgency.IMMEDIATE)
    story.now += timedelta(hours=5)
    story.passes(seconds=1)
    assert story.told == ["checked_on"]
    assert AskCoordinators() not in story.effects
    story.passes(minutes=10)
    assert AskCoordinators() in story.effects


def test_who_has_written_again_is_not_closed_by_an_old_button() -> None:
    story = held(Urgency.IMMEDIATE)
    story.passes(minutes=20)
    story.happens(PersonSpoke(Urgency.NONE, Theme.OTHER))
    for event in (ClosedAsSilent("a reason"), KeptOpen()):
        story.happens(event)
        assert story.refused == ["not_silent"]
    assert story.case.status is CaseStatus.CLAIMED


def test_a_case_kept_open_is_asked_about_again_later() -> None:
    story = held(Urgency.IMMEDIATE)
    story.passes(minutes=20)
    story.happens(KeptOpen())
    story.passes(minutes=19)
    assert story.effects == ()
    story.passes(minutes=1)
    assert story.effects == (AskCoordinators(),)
    story.happens(ClosedAsSilent())
    assert story.case.outcome is Outcome.WENT_QUIET


def test_silence_after_a_call_for_help_is_not_closed_without_a_reason() -> None:
    story = held(Urgency.IMMEDIATE)
    story.happens(EmergencyCalled())
    story.passes(minutes=20)
    story.happens(ClosedAsSilent())
    assert story.refused == ["contact_not_confirmed"]
    story.happens(ClosedAsSilent("the ward has them"))
    assert story.case.status is CaseStatus.CLOSED


# Coming back.


def closed(urgency: Urgency = Urgency.URGENT) -> Story:
    story = Story(urgency).opens()
    story.happens(Accepted(DAN), HolderSpoke(), Closed(Outcome.SAFER))
    story.passes(hours=1)
    return story


def test_who_comes_back_soon_gets_whoever_held_the_case_first() -> None:
    story = closed()
    story.happens(Reopened(Urgency.NONE, Theme.OTHER))
    assert story.paged == [DAN]
    assert story.told == ["reopened"]
    story.passes(minutes=2)
    assert story.paged == [ANA], "then the ladder, from its first rung"


def test_in_an_immediate_case_the_first_rung_is_asked_beside_them() -> None:
    story = closed(Urgency.IMMEDIATE)
    story.happens(Reopened(Urgency.NONE, Theme.OTHER))
    assert story.paged == [DAN, ANA, BEN]
    assert story.told == ["reopened"]


def test_beyond_their_hours_yet_on_call_they_are_asked_first_all_the_same() -> None:
    story = closed()
    story.roster = Roster(primary=(ANA,), backup=(DAN,), everyone=(ANA,))
    story.happens(Reopened(Urgency.NONE, Theme.OTHER))
    assert story.paged == [DAN]


def test_where_they_are_not_free_the_ladder_is_climbed() -> None:
    story = closed()
    story.roster = Roster(primary=(ANA,), everyone=(ANA, BEN), coordinators=(CLEO,))
    story.happens(Reopened(Urgency.NONE, Theme.OTHER))
    assert story.paged == [ANA]
    assert story.told == ["reopened"]


def test_a_case_is_as_pressing_as_it_was_or_more_when_it_is_opened_again() -> None:
    story = closed()
    story.happens(Reopened(Urgency.SUPPORT, Theme.OTHER))
    assert (story.case.urgency, story.case.theme) == (Urgency.URGENT, Theme.SUICIDE)
    story = closed()
    story.happens(Reopened(Urgency.IMMEDIATE, Theme.OVERDOSE))
    assert (story.case.urgency, story.case.theme) == (Urgency.IMMEDIATE, Theme.OVERDOSE)


def test_after_the_window_a_case_stays_closed() -> None:
    story = closed()
    story.passes(hours=11)
    story.happens(Reopened(Urgency.IMMEDIATE, Theme.OTHER))
    assert story.refused == ["closed"]
    assert story.case.status is CaseStatus.CLOSED


def test_a_case_that_is_open_cannot_be_opened_again() -> None:
    story = held()
    story.happens(Reopened(Urgency.IMMEDIATE, Theme.OTHER))
    assert story.refused == ["not_closed"]


# Rungs.


def test_a_rung_pages_both_layers_as_on_call_and_a_group_of_the_communitys_own() -> None:
    rungs = [
        {"page": ["on_call"], "wait": "1m"},
        {"page": ["group:night", "group:gone"], "wait": "1m", "loudness": "loud"},
        {"page": ["coordinators"], "wait": "1m"},
    ]
    policy = policy_with(urgent__rungs=rungs)
    roster = Roster(
        primary=(ANA,), backup=(BEN,), coordinators=(CLEO,), named={"night": (DAN, CAT)}
    )
    story = Story(Urgency.URGENT, roster, policy).opens()
    assert story.paged == [ANA, BEN]
    story.passes(minutes=1)
    assert story.paged == [DAN, CAT]
    assert {one.loudness for one in story.effects if isinstance(one, PageOut)} == {Loudness.LOUD}


def test_after_so_many_climbs_only_the_last_rung_is_asked_but_never_nobody() -> None:
    policy = policy_with(immediate__repeat=2)
    story = Story(Urgency.IMMEDIATE, FULL_HOUSE, policy).opens()
    story.passes(seconds=2 * 270)
    assert story.asked_now == {CLEO}
    told = 0
    for _ in range(20):
        story.passes(minutes=2)
        assert story.asked_now == {CLEO}
        told += len(story.told)
    assert 2 <= told <= 5, "the same few are asked, and the person does not hear it each time"
    story.roster = Roster(primary=(ANA,), everyone=(ANA,))
    story.passes(minutes=2)
    assert story.asked_now == {ANA}


def test_a_rise_in_mid_ladder_climbs_the_whole_faster_ladder_though_the_slower_was_worn_out() -> (
    None
):
    policy = policy_with(support__repeat=1)
    story = Story(Urgency.SUPPORT, FULL_HOUSE, policy).opens()
    story.passes(minutes=40)
    assert story.asked_now == {CLEO}
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert {ANA, BEN} <= story.asked_now
