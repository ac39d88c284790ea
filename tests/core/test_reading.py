"""Two readers of one message: the more pressing counts, and doubt is kept."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.reading import UNREADABLE, Ask, Reading
from models.vocabulary import Theme, Urgency

READINGS = st.builds(
    Reading,
    urgency=st.sampled_from(Urgency),
    theme=st.sampled_from(Theme),
    asks=st.none() | st.sampled_from(Ask),
    unsure=st.booleans(),
    reasons=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
)


def test_the_urgencies_have_an_order() -> None:
    ranked = sorted(Urgency, key=lambda urgency: urgency.rank)
    assert ranked == [Urgency.NONE, Urgency.SUPPORT, Urgency.URGENT, Urgency.IMMEDIATE]


@pytest.mark.parametrize("order", list(permutations(Urgency)))
def test_the_highest_of_several_urgencies_is_the_most_pressing(order: tuple[Urgency, ...]) -> None:
    assert Urgency.highest(*order) is Urgency.IMMEDIATE


def test_the_highest_of_no_urgencies_is_none() -> None:
    assert Urgency.highest() is Urgency.NONE


@settings(max_examples=150, deadline=None, derandomize=True)
@given(READINGS, READINGS)
def test_joining_never_loses_urgency_doubt_or_a_reason(one: Reading, other: Reading) -> None:
    joined = one.joined_with(other)
    assert joined.urgency is Urgency.highest(one.urgency, other.urgency)
    assert joined.unsure == (one.unsure or other.unsure)
    assert set(joined.reasons) == set(one.reasons) | set(other.reasons)
    assert (joined.asks is None) == (one.asks is None and other.asks is None)
    for loud in (Ask.STOP, Ask.HUMAN):
        if loud in (one.asks, other.asks):
            assert joined.asks in (Ask.STOP, loud)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(READINGS)
def test_a_reading_joined_with_nothing_is_as_pressing_as_before(one: Reading) -> None:
    for joined in (one.joined_with(Reading()), Reading().joined_with(one)):
        assert (joined.urgency, joined.theme, joined.asks) == (one.urgency, one.theme, one.asks)


def test_the_theme_is_that_of_the_more_pressing_unless_it_has_none() -> None:
    low = Reading(Urgency.SUPPORT, Theme.GRIEF)
    assert low.joined_with(Reading(Urgency.URGENT, Theme.VIOLENCE)).theme is Theme.VIOLENCE
    assert low.joined_with(Reading(Urgency.URGENT, Theme.OTHER)).theme is Theme.GRIEF


def test_what_cannot_be_read_is_asked_about_and_not_taken_for_calm() -> None:
    assert UNREADABLE.unsure
    assert Reading(Urgency.URGENT).joined_with(UNREADABLE).urgency is Urgency.URGENT
