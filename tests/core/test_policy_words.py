"""A change of the policy in a coordinator's words: read, or refused with what was unclear."""

from __future__ import annotations

import pytest
from core_kit import real_policy
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.policy import LADDERS, Group, PolicyError, parse_policy
from bot.core.policy_words import WordsNotRead, change_policy
from models.vocabulary import Urgency

GROUPS = ("night", "french")


def changed(text: str) -> list[str]:
    """The rungs of the ladder that ``text`` begins with, after the change."""
    words = text.split()
    policy = change_policy(real_policy(), words, GROUPS)
    return [
        f"{'+'.join(rung.groups)} {int(rung.wait.total_seconds())} {rung.loudness}"
        for rung in policy.ladder(Urgency(words[0].lower())).rungs
    ]


@pytest.mark.parametrize(
    ("text", "number", "rung"),
    [
        ("immediate 2 wait 90s", 2, "everyone 90 normal"),
        ("Immediate 2 WAIT 30s", 2, "everyone 30 normal"),
        ("urgent 3 page everyone coordinators", 3, "everyone+coordinators 180 normal"),
        ("urgent 3 page everyone, coordinators", 3, "everyone+coordinators 180 normal"),
        ("urgent 3 page everyone and coordinators wait 1h", 3, "everyone+coordinators 3600 normal"),
        ("urgent 1 page oncall loud", 1, "on_call 120 loud"),
        ("urgent 1 quiet wait 1m", 1, "primary 60 quiet"),
        ("urgent add 3 page night wait 2m loud", 3, "group:night 120 loud"),
        ("urgent add page night french", 4, "group:night+group:french 120 normal"),
        ("urgent add 5 page coordinators wait 4m", 5, "coordinators 240 normal"),
        ("urgent remove 2", 2, "everyone 180 normal"),
    ],
)
def test_a_rung_is_changed_as_it_is_said(text: str, number: int, rung: str) -> None:
    assert changed(text)[number - 1] == rung


def test_what_is_not_named_stays_as_it_is() -> None:
    policy = real_policy()
    after = change_policy(policy, ["urgent", "nudge", "3m", "6m"], GROUPS)
    ladder = after.ladder(Urgency.URGENT)
    assert [int(nudge.total_seconds()) for nudge in ladder.nudges] == [180, 360]
    assert ladder.rungs == policy.ladder(Urgency.URGENT).rungs
    assert after.ladder(Urgency.IMMEDIATE) == policy.ladder(Urgency.IMMEDIATE)
    assert change_policy(policy, ["urgent", "nudge", "off"], ()).ladder(Urgency.URGENT).nudges == ()


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("", "", "ladder"),
        ("none 2 wait 2m", "none", "ladder"),
        ("urgent", "", "what"),
        ("urgent 2", "", "what"),
        ("urgent 2 wiat 2m", "wiat", "what"),
        ("urgent 0 wait 2m", "0", "rung"),
        ("urgent 5 wait 2m", "5", "rung"),
        ("urgent remove", "", "rung"),
        ("urgent remove everyone", "everyone", "rung"),
        ("urgent 2 wait", "", "time"),
        ("urgent 2 wait 2", "2", "time"),
        ("urgent nudge", "", "time"),
        ("rest", "", "time"),
        ("urgent 2 page", "", "group"),
        ("urgent 2 page nihgt", "nihgt", "group"),
        ("urgent add 3 wait 2m", "", "group"),
    ],
)
def test_what_is_not_understood_is_named(text: str, part: str, expected: str) -> None:
    with pytest.raises(WordsNotRead) as refused:
        change_policy(real_policy(), text.split(), GROUPS)
    assert (refused.value.part, refused.value.expected) == (part, expected)


SAID = (
    "page wait add remove nudge release check quiet loud repeat forever rest pause reopen offer "
    "0 1 2 3 4 5 99 1s 90s 2m 1h 9h off and"
)
WORDS = st.sampled_from([*LADDERS, *Group, *GROUPS, *SAID.split()])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(words=st.lists(WORDS, max_size=9))
def test_whatever_is_said_the_policy_that_comes_of_it_can_leave_nobody_unpaged(
    words: list[str],
) -> None:
    try:
        policy = change_policy(real_policy(), words, GROUPS)
    except (WordsNotRead, PolicyError):
        return
    assert parse_policy(policy.as_json()) == policy
    for urgency in LADDERS:
        assert Group.COORDINATORS in policy.ladder(urgency).rungs[-1].groups
