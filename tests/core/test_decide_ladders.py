"""How a case climbs: whom it pages, how long it waits, and what the person is told meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from core_kit import ANA, BEN, CAT, CLEO, DAN, EVE, FULL_HOUSE, NOBODY, NOON, Story, policy_with

from bot.core.decide import (
    Accepted,
    AlertCoordinators,
    Declined,
    Opened,
    PageAgain,
    PersonSpoke,
    TimePassed,
)
from bot.core.policy import Loudness, parse_policy
from bot.core.roster import Roster
from models.vocabulary import CaseStatus, PageStatus, Theme, Urgency

EVERYBODY_NOT_CLEO = {ANA, BEN, CAT, DAN, EVE}


# The ladders that come with Holdfast.


def test_in_an_immediate_case_primary_and_backup_are_paged_at_once_for_a_minute() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    assert story.paged == [ANA, BEN]
    assert story.next_look_s == 60
    assert story.told == ["asked"]


def test_an_immediate_case_reaches_everyone_then_coordinators_then_begins_again() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.passes(seconds=59)
    assert story.effects == ()
    story.passes(seconds=1)
    assert story.asked_now == EVERYBODY_NOT_CLEO
    assert story.next_look_s == 90
    story.passes(seconds=90)
    assert story.asked_now == {CLEO}
    assert story.next_look_s == 120
    story.passes(seconds=120)
    assert story.asked_now == {ANA, BEN}
    assert story.next_look_s == 60


@pytest.mark.parametrize(
    ("urgency", "steps"),
    [
        (
            Urgency.URGENT,
            [({ANA}, 120), ({BEN}, 120), (EVERYBODY_NOT_CLEO, 180), ({CLEO}, 300), ({ANA}, 120)],
        ),
        (
            Urgency.SUPPORT,
            [({ANA}, 300), ({BEN}, 300), (EVERYBODY_NOT_CLEO, 600), ({CLEO}, 900), ({ANA}, 300)],
        ),
    ],
)
def test_a_case_that_can_wait_a_little_asks_one_after_the_other(
    urgency: Urgency, steps: list[tuple[set[int], float]]
) -> None:
    story = Story(urgency).opens()
    for asked, wait_s in steps:
        assert story.asked_now == asked
        assert story.next_look_s == wait_s
        story.passes(seconds=wait_s)


def test_who_asks_for_a_human_without_any_urgency_climbs_the_ladder_of_support() -> None:
    story = Story(Urgency.NONE).opens()
    assert story.asked_now == {ANA}
    assert story.next_look_s == 300


def test_a_ladder_repeats_until_somebody_comes() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.passes(hours=6)
    assert story.is_open
    assert story.asked_now
    assert story.case.cycle == 6 * 3600 // 270
    story.happens(Accepted(DAN))
    assert story.case.status is CaseStatus.CLAIMED


def test_a_page_that_nobody_answered_has_expired_when_its_rung_is_over() -> None:
    story = Story(Urgency.URGENT).opens()
    story.passes(minutes=2)
    assert story.page_of(ANA).status is PageStatus.EXPIRED
    assert story.page_of(ANA).ended_at == story.now


# Empty rungs.


def test_an_empty_rung_costs_no_waiting() -> None:
    story = Story(Urgency.URGENT, replace(FULL_HOUSE, primary=(), backup=())).opens()
    assert story.now == NOON
    assert story.asked_now == EVERYBODY_NOT_CLEO
    assert story.next_look_s == 180


def test_a_rung_that_is_empty_when_it_is_reached_is_stepped_over() -> None:
    story = Story(Urgency.URGENT).opens()
    story.roster = replace(FULL_HOUSE, backup=())
    story.passes(minutes=2)
    assert story.case.rung == 2
    assert story.asked_now == EVERYBODY_NOT_CLEO


def test_a_community_of_one_coordinator_is_paged_at_once_and_again() -> None:
    story = Story(Urgency.IMMEDIATE, Roster(coordinators=(CLEO,))).opens()
    assert story.asked_now == {CLEO}
    story.passes(minutes=2)
    assert story.asked_now == {CLEO}
    assert story.told == ["still_asking"]


def test_where_the_first_rungs_are_empty_the_person_still_hears_of_every_turn() -> None:
    story = Story(Urgency.SUPPORT, Roster(everyone=(DAN,), coordinators=(CLEO,))).opens()
    for _ in range(5):
        story.passes(minutes=25)
        assert "still_asking" in story.told


# Declines.


def test_cant_right_now_brings_the_next_at_once() -> None:
    story = Story(Urgency.URGENT).opens()
    story.passes(seconds=5)
    story.happens(Declined(ANA))
    assert story.paged == [BEN]
    assert story.page_of(ANA).status is PageStatus.DECLINED


def test_of_two_who_were_asked_one_declines_and_one_more_is_asked_beside_the_other() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.happens(Declined(ANA))
    assert story.paged == [CAT]
    assert story.asked_now == {BEN, CAT}
    assert story.case.rung == 0
    assert story.next_look_s == 60


def test_each_decline_brings_one_more_and_no_two() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.happens(Declined(ANA))
    story.happens(Declined(CAT))
    assert story.paged == [DAN]
    story.happens(Declined(DAN))
    assert story.paged == [EVE]
    assert story.asked_now == {BEN, EVE}


def test_when_all_who_were_asked_decline_the_next_rung_is_climbed_at_once() -> None:
    story = Story(Urgency.URGENT).opens()
    story.happens(Declined(ANA), Declined(BEN))
    assert set(story.paged) == {BEN, CAT, DAN, EVE}
    story.happens(*(Declined(who) for who in (CAT, DAN, EVE)))
    assert story.paged == [CLEO]
    assert story.now == NOON


def test_who_declined_is_left_in_peace_for_a_quarter_of_an_hour() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.happens(Declined(ANA))
    story.passes(minutes=14, seconds=59)
    assert [page for page in story.case.pages if page.ambassador_id == ANA] == [story.page_of(ANA)]
    story.passes(minutes=5)
    assert story.page_of(ANA).cycle > 0


def test_a_decline_that_comes_late_is_heeded_too() -> None:
    story = Story(Urgency.URGENT).opens()
    story.passes(minutes=2, seconds=1)
    assert story.page_of(ANA).status is PageStatus.EXPIRED
    story.happens(Declined(ANA))
    assert story.effects == ()
    assert story.asked_now == {BEN}
    story.passes(minutes=2)
    assert story.asked_now == {BEN, CAT, DAN, EVE}


def test_a_decline_is_replaced_also_when_the_urgency_rose_since_the_page() -> None:
    story = Story(Urgency.URGENT).opens()
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert story.asked_now == {ANA, BEN}
    story.happens(Declined(ANA))
    assert story.paged == [CAT]


def test_a_decline_by_somebody_who_was_never_asked_changes_nothing() -> None:
    story = Story(Urgency.URGENT).opens()
    before = story.case
    assert story.happens(Declined(DAN)) == ()
    assert story.case == before


# Pages that fail.


def test_a_failed_page_brings_the_next_at_once() -> None:
    story = Story(Urgency.URGENT).opens()
    story.fails(ANA)
    assert story.paged == [BEN]


def test_of_two_pages_one_fails_and_one_more_is_asked() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.fails(ANA)
    assert story.paged == [CAT]
    assert story.next_look_s == 60


def test_who_could_not_be_reached_in_this_turn_is_tried_again_in_the_next() -> None:
    story = Story(Urgency.URGENT).opens()
    story.fails(ANA)
    story.passes(minutes=2 + 3 - 0.01)
    assert ANA not in story.asked_now
    story.passes(minutes=10)
    assert story.page_of(ANA).cycle == 1


def test_when_every_page_fails_each_rung_is_tried_at_once_and_then_there_is_a_pause() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.fails(ANA, BEN)
    assert set(story.paged) == {CAT, DAN, EVE}
    story.fails(CAT, DAN, EVE)
    assert story.paged == [CLEO]
    story.fails(CLEO)
    assert story.paged == []
    assert story.next_look_s == 30
    story.passes(seconds=30)
    assert set(story.paged) == {ANA, BEN}


# Nobody at all.


def test_where_there_is_nobody_the_person_is_told_and_coordinators_are_alerted() -> None:
    story = Story(Urgency.IMMEDIATE, NOBODY).opens()
    assert story.told == ["nobody_free"]
    assert AlertCoordinators() in story.effects
    assert story.next_look_s == 30


def test_where_there_is_nobody_the_person_hears_so_again_every_ten_minutes_and_no_oftener() -> None:
    story = Story(Urgency.IMMEDIATE, NOBODY).opens()
    story.passes(minutes=9, seconds=59)
    assert story.told == []
    story.passes(minutes=50, seconds=1)
    assert story.told == ["nobody_free"] * 6


def test_where_there_is_nobody_the_case_looks_twice_a_minute_and_no_oftener() -> None:
    story = Story(Urgency.IMMEDIATE, NOBODY).opens()
    story.decisions.clear()
    story.passes(hours=1)
    assert len(story.decisions) == 120
    assert all(decision.case.status is CaseStatus.OPEN for decision in story.decisions)


@pytest.mark.parametrize("urgency", list(Urgency))
def test_however_nobody_answers_a_case_looks_at_most_a_few_times_a_minute(urgency: Urgency) -> None:
    for roster in (NOBODY, FULL_HOUSE, Roster(coordinators=(CLEO,))):
        story = Story(urgency, roster).opens()
        for _ in range(30):
            story.decisions.clear()
            story.passes(minutes=1)
            assert len(story.decisions) <= 3


def test_when_all_pages_fail_for_hours_the_tries_stay_bounded() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    for _ in range(60):
        story.decisions.clear()
        end = story.now + timedelta(minutes=1)
        while story.asked_now or story.now + timedelta(seconds=story.next_look_s) < end:
            if story.asked_now:
                story.fails(*story.asked_now)
            else:
                story.passes(seconds=story.next_look_s)
        story.now = end
        assert len(story.decisions) <= 9


def test_as_soon_as_somebody_is_there_again_they_are_paged_within_the_pause() -> None:
    story = Story(Urgency.IMMEDIATE, NOBODY).opens()
    story.passes(minutes=7, seconds=3)
    story.roster = Roster(everyone=(DAN,))
    story.passes(seconds=30)
    assert story.paged == [DAN]
    assert story.told == ["asked"]


def test_when_everybody_declined_the_person_is_told_within_the_pause() -> None:
    story = Story(Urgency.IMMEDIATE, Roster(primary=(ANA,), everyone=(ANA,))).opens()
    story.passes(seconds=4)
    story.happens(Declined(ANA))
    assert story.effects == ()
    story.passes(seconds=26)
    assert story.told == ["nobody_free"]
    assert AlertCoordinators() in story.effects
    story.passes(minutes=9)
    assert story.told == []


def test_the_shortest_turn_of_a_ladder_is_the_pause() -> None:
    policy = parse_policy(
        {
            "rest": "1s",
            "pause": "1m",
            **{
                name: {"rungs": [{"page": ["coordinators"], "wait": "1s"}], "release": "10m"}
                for name in ("immediate", "urgent", "support")
            },
        }
    )
    story = Story(Urgency.IMMEDIATE, Roster(coordinators=(CLEO,)), policy).opens()
    story.passes(minutes=10, seconds=30)
    assert story.case.cycle == 10


# What the person is told.


def test_the_person_hears_of_every_rung_of_the_first_two_turns_and_then_of_every_turn() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    assert story.told == ["asked"]
    story.passes(seconds=269)
    assert story.told == ["still_asking"] * 2
    story.passes(seconds=270)
    assert story.told == ["still_asking"] * 3
    story.passes(seconds=270)
    assert story.told == ["still_asking"]
    story.passes(seconds=270)
    assert story.told == ["still_asking"]


# A rise of the urgency while nobody has come yet.


def test_a_rise_pages_the_first_rung_of_the_faster_ladder_at_once() -> None:
    story = Story(Urgency.SUPPORT).opens()
    story.passes(seconds=30)
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.OVERDOSE))
    assert story.paged == [BEN]
    assert story.asked_now == {ANA, BEN}
    assert (story.case.urgency, story.case.theme) == (Urgency.IMMEDIATE, Theme.OVERDOSE)
    assert story.next_look_s == 60


def test_a_rise_never_takes_back_a_page_that_is_out() -> None:
    story = Story(Urgency.SUPPORT).opens()
    story.passes(minutes=12)
    before = story.asked_now
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert before <= story.asked_now


def test_a_rise_asks_anew_whoever_was_asked_quietly_and_as_loudly_as_the_next() -> None:
    rungs = [{"page": ["primary", "backup"], "wait": "1m", "loudness": "loud"}]
    policy = policy_with(immediate__rungs=[*rungs, {"page": ["coordinators"], "wait": "1m"}])
    story = Story(Urgency.SUPPORT, FULL_HOUSE, policy).opens()
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert PageAgain(ANA, Loudness.LOUD) in story.effects
    assert story.paged == [BEN]
    assert [page.ambassador_id for page in story.case.pages] == [ANA, BEN]
    # Whose page ended before the rise is asked as any other.
    story = Story(Urgency.SUPPORT).opens()
    story.now += timedelta(hours=1)
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert not [one for one in story.effects if isinstance(one, PageAgain)]


@pytest.mark.parametrize("low", [Urgency.NONE, Urgency.SUPPORT, Urgency.URGENT])
@pytest.mark.parametrize("high", [Urgency.SUPPORT, Urgency.URGENT, Urgency.IMMEDIATE])
@pytest.mark.parametrize("after_s", [0, 1, 29, 61, 119, 120, 250, 299, 300, 400, 1199, 1200, 2000])
@pytest.mark.parametrize("roster", [FULL_HOUSE, NOBODY, Roster(coordinators=(CLEO,))])
def test_a_rise_never_makes_anybody_wait_longer(
    low: Urgency, high: Urgency, after_s: int, roster: Roster
) -> None:
    if high.rank <= low.rank:
        return
    story = Story(low, roster).opens()
    story.passes(seconds=after_s)
    before = story.case.wake_at
    asked = story.asked_now
    story.happens(PersonSpoke(high, Theme.SUICIDE))
    assert before is not None
    assert story.case.wake_at is not None
    assert story.now < story.case.wake_at <= before
    assert asked <= story.asked_now


def test_a_rise_after_the_bot_was_down_gives_the_fresh_pages_their_time() -> None:
    story = Story(Urgency.SUPPORT).opens()
    story.now += timedelta(hours=1)
    story.happens(PersonSpoke(Urgency.IMMEDIATE, Theme.SUICIDE))
    assert story.paged == [ANA, BEN]
    assert story.next_look_s == 60


def test_what_is_said_later_never_lowers_the_urgency_or_changes_who_is_asked() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    before = story.case
    for urgency in Urgency:
        assert story.happens(PersonSpoke(urgency, Theme.OTHER)) == ()
    assert story.case == before


# Doubled events.


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("roster", [FULL_HOUSE, NOBODY])
def test_opening_twice_pages_once(urgency: Urgency, roster: Roster) -> None:
    story = Story(urgency, roster).opens()
    before = story.case
    assert story.happens(Opened()) == ()
    assert story.case == before


def test_a_wake_up_that_comes_early_changes_nothing() -> None:
    story = Story(Urgency.URGENT).opens()
    story.now += timedelta(seconds=17)
    before = story.case
    assert story.happens(TimePassed(), TimePassed()) == ()
    assert story.case == before


def test_a_wake_up_that_comes_hours_late_climbs_one_rung_and_waits_its_full_time() -> None:
    story = Story(Urgency.URGENT).opens()
    story.now += timedelta(hours=5)
    story.happens(TimePassed())
    assert story.asked_now == {BEN}
    assert story.next_look_s == 120


def test_a_doubled_decline_asks_nobody_twice() -> None:
    story = Story(Urgency.IMMEDIATE).opens()
    story.happens(Declined(ANA))
    before = story.case
    assert story.happens(Declined(ANA)) == ()
    assert story.case == before


def test_the_same_ladder_is_climbed_in_the_same_way_whoever_decides() -> None:
    first, second = Story(Urgency.URGENT).opens(), Story(Urgency.URGENT).opens()
    for story in (first, second):
        story.happens(Declined(ANA))
        story.passes(minutes=11)
    assert first.case == second.case
    assert first.effects == second.effects
