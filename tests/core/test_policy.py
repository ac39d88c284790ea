"""What a policy may say, and how one that may not be used is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from core_kit import real_policy
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.policy import LADDERS, Group, PolicyError, parse_policy
from models.vocabulary import Urgency

GOOD: dict[str, Any] = {
    name: {
        "rungs": [{"page": ["primary"], "wait": "90s"}, {"page": ["coordinators"], "wait": "1h"}],
        "nudge": ["2m", "4m"],
        "release": "6m",
    }
    for name in ("immediate", "urgent", "support")
}


def test_the_policy_that_comes_with_holdfast_can_be_used() -> None:
    policy = real_policy()
    assert set(policy.ladders) == set(LADDERS)
    assert policy.rest == timedelta(minutes=15)
    assert policy.pause == timedelta(seconds=30)
    for ladder in policy.ladders.values():
        assert ladder.rungs[-1].groups == (Group.COORDINATORS,)


def test_the_more_pressing_the_sooner_everybody_has_been_asked() -> None:
    policy = real_policy()
    spans = [
        sum((rung.wait for rung in policy.ladder(urgency).rungs), timedelta())
        for urgency in LADDERS
    ]
    assert spans == sorted(spans)
    assert [policy.ladder(urgency).release for urgency in LADDERS] == sorted(
        policy.ladder(urgency).release for urgency in LADDERS
    )


def test_who_asks_at_no_urgency_is_on_the_ladder_of_support() -> None:
    assert real_policy().ladder(Urgency.NONE) is real_policy().ladder(Urgency.SUPPORT)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("90s", 90), ("2m", 120), ("1h", 3600), (" 5 m ", 300), ("60m", 3600)],
)
def test_a_time_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_policy({**GOOD, "pause": text}).pause == timedelta(seconds=seconds)


def test_what_is_left_out_has_a_default() -> None:
    data = deepcopy(GOOD)
    del data["urgent"]["nudge"], data["urgent"]["release"]
    policy = parse_policy(data)
    assert policy.ladder(Urgency.URGENT).nudges == ()
    assert policy.ladder(Urgency.URGENT).release == timedelta(minutes=30)
    assert (policy.rest, policy.pause) == (timedelta(minutes=15), timedelta(seconds=30))


def _with(where: str, value: object) -> dict[str, Any]:
    """The good policy with one thing changed; ``where`` such as ``urgent.rungs.0.wait``."""
    data: Any = deepcopy(GOOD)
    *path, last = where.split(".")
    node = data
    for step in path:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if isinstance(node, list):
        node[int(last)] = value
    elif value is None:
        del node[last]
    else:
        node[last] = value
    result: dict[str, Any] = data
    return result


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "a policy is a mapping with the keys immediate, urgent and support"),
        ([], "a policy is a mapping"),
        ("immediate", "a policy is a mapping"),
        ({}, "immediate: a ladder needs a list of rungs"),
        ({**GOOD, "imediate": {}}, "a policy: unknown key 'imediate'; known are immediate"),
        (
            _with("urgent.relase", "5m"),
            "urgent: unknown key 'relase'; known are check, nudge, quiet",
        ),
        (_with("urgent.rungs.0.whait", "5m"), "urgent, rung 1: unknown key 'whait'; known are"),
        (_with("urgent", None), "urgent: a ladder needs a list of rungs"),
        (_with("urgent", ["primary"]), "urgent: a ladder needs a list of rungs"),
        (_with("urgent.rungs", []), "urgent: a ladder needs a list of rungs"),
        (_with("urgent.rungs", "primary"), "urgent: a ladder needs a list of rungs"),
        (_with("urgent.rungs.0", "primary"), "urgent, rung 1: say whom to page"),
        (_with("urgent.rungs.0.page", []), "urgent, rung 1: say whom to page"),
        (_with("urgent.rungs.0.page", "primary"), "urgent, rung 1: say whom to page"),
        (
            _with("urgent.rungs.0.page", ["primery"]),
            "a rung pages primary, backup, on_call, everyone, coordinators or a group of your own, "
            "such as group:night; not ['primery']",
        ),
        (_with("urgent.rungs.0.page", [["primary"]]), "urgent, rung 1: a rung pages"),
        (
            _with("urgent.rungs.1.page", ["everyone"]),
            "urgent: the last rung must page coordinators, or a case could wait with nobody",
        ),
        (_with("urgent.rungs.0.wait", None), "urgent, rung 1: write a time such as 90s, 2m or 1h"),
        (_with("urgent.rungs.0.wait", "soon"), "urgent, rung 1: write a time"),
        (_with("urgent.rungs.0.wait", 90), "urgent, rung 1: write a time"),
        (_with("urgent.rungs.0.wait", "-1s"), "urgent, rung 1: write a time"),
        (_with("urgent.rungs.0.wait", "1.5m"), "urgent, rung 1: write a time"),
        (_with("urgent.rungs.1.wait", "0s"), "urgent, rung 2: a time must be above zero"),
        (_with("urgent.rungs.1.wait", "61m"), "urgent, rung 2: a time must be above zero and at"),
        (_with("urgent.nudge", ["soon"]), "urgent, nudge: write a time"),
        (_with("urgent.nudge", ["4m", "2m"]), "urgent: nudges must come in order and before"),
        (_with("urgent.nudge", ["2m", "6m"]), "urgent: nudges must come in order and before"),
        (_with("urgent.release", "never"), "urgent, release: write a time"),
        ({**GOOD, "rest": "2h"}, "rest: a time must be above zero and at most an hour"),
        ({**GOOD, "pause": "0s"}, "pause: a time must be above zero"),
        (_with("urgent.nudge", "2m"), "urgent: nudge is a list of times, such as [2m, 4m]"),
        (_with("urgent.nudge", 5), "urgent: nudge is a list of times, such as [2m, 4m]"),
        (dict([*GOOD.items(), (3, "x"), ("y", 1)]), "unknown key 3"),
        (_with("urgent.rungs.0.page", ["group:"]), "a group's name is one word"),
        (_with("urgent.rungs.0.page", ["group:everyone"]), "everyone means something already"),
        (_with("urgent.rungs.0.loudness", "shrill"), "loudness is quiet, normal, loud"),
        (_with("urgent.rungs.0.loudness", ["loud"]), "loudness is quiet, normal, loud"),
        (_with("urgent.rungs.1.loudness", "quiet"), "the last rung must make a sound"),
        (_with("immediate.rungs.0.loudness", "quiet"), "immediate: no rung may be quiet"),
        (_with("urgent.rungs", GOOD["urgent"]["rungs"] * 5), "at most 8 rungs"),
        (_with("urgent.check", "25h"), "urgent, check: a time must be above zero and at most 24"),
        (_with("urgent.quiet", "20m"), "urgent: quiet must be longer than check"),
        (_with("urgent.repeat", 0), "repeat is a number from 1 to 99 or forever; not 0"),
        (_with("urgent.repeat", True), "repeat is a number from 1 to 99 or forever"),
        ({**GOOD, "reopen": "73h"}, "reopen: a time must be above zero and at most 72 hours"),
        ({**GOOD, "offer": "0m"}, "offer: a time must be above zero"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_with_a_sentence(
    data: object, sentence: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(data)
    assert sentence in str(refused.value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["2m", "1s", "primary", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["immediate", "urgent", "support", "rungs", "page", "wait", "nudge"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    where=st.sampled_from(
        [
            "urgent",
            "urgent.rungs",
            "urgent.rungs.0",
            "urgent.rungs.1.page",
            "urgent.nudge",
            "urgent.rungs.0.wait",
            "urgent.release",
            "rest",
        ]
    ),
    value=ANYTHING,
)
def test_whatever_stands_in_a_policy_it_is_read_or_refused_and_nothing_else(
    where: str, value: object
) -> None:
    with suppress(PolicyError):
        policy = parse_policy(_with(where, value) if where != "rest" else {**GOOD, "rest": value})
        assert parse_policy(policy.as_json()) == policy


SECONDS = st.integers(1, 3600)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    data: dict[str, Any] = {"rest": f"{draw(SECONDS)}s", "pause": f"{draw(SECONDS)}s"}
    known = [*(group.value for group in Group), "group:night", "group:french_2"]
    groups = st.lists(st.sampled_from(known), min_size=1, max_size=4)
    for name in ("immediate", "urgent", "support"):
        rungs = [
            {
                "page": draw(groups),
                "wait": f"{draw(SECONDS)}s",
                "loudness": draw(st.sampled_from(["normal", "loud"])),
            }
            for _ in range(draw(st.integers(0, 3)))
        ]
        rungs.append({"page": [*draw(groups), "coordinators"], "wait": "1m"})
        times = sorted(draw(st.sets(SECONDS, min_size=1, max_size=4)))
        data[name] = {
            "rungs": rungs,
            "nudge": [f"{time}s" for time in times[:-1]],
            "release": f"{times[-1]}s",
            "check": f"{draw(SECONDS)}s",
            "quiet": f"{3600 + draw(SECONDS)}s",
            "repeat": draw(st.sampled_from(["forever", 1, 99])),
        }
    return data


@settings(max_examples=60, deadline=None, derandomize=True)
@given(policies())
def test_a_case_keeps_its_policy_through_the_database_unchanged(data: dict[str, Any]) -> None:
    policy = parse_policy(data)
    assert parse_policy(json.loads(json.dumps(policy.as_json()))) == policy


def test_the_real_policy_survives_its_snapshot() -> None:
    assert parse_policy(json.loads(json.dumps(real_policy().as_json()))) == real_policy()
