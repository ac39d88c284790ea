"""The functional suite, in the manner of CheckList: named capabilities, none of it in training."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
import yaml
from understanding.normalise import normalise
from understanding.paths import DATA, NLU

from bot.triage.evaluate import LABELS, Outcome, judge, misses, read_csv, summarise
from bot.triage.floor import Floor
from bot.triage.reader import Triage
from tests.support.servers import RasaServer

SUITE = NLU / "functional.csv"
ROWS = read_csv(SUITE)
FLOORS = {
    "algospeak": 0.95,
    "buried in a long message": 0.95,
    "cool questions": 0.95,
    "denial": 0.95,
    "emoji": 0.95,
    "everyday stress": 0.95,
    "fiction": 0.95,
    "gaming": 0.95,
    "greetings": 0.95,
    "idiom": 0.95,
    "in progress": 0.95,
    "lyrics": 0.95,
    "medical": 0.95,
    "minors": 0.95,
    "negated but risky": 0.95,
    "news": 0.95,
    "opinions": 0.95,
    "perinatal": 0.95,
    "plain": 0.95,
    "planned": 0.95,
    "positive": 0.95,
    "practical questions": 0.95,
    "questions about the topic": 0.95,
    "recovery": 0.95,
    "self-harm": 0.95,
    "someone else": 0.95,
    "technical": 0.95,
    "typos": 0.95,
    "veiled": 0.95,
    "violence now": 0.95,
    "voices": 0.95,
}
"""Share of each capability's cases that must come out as labelled, 0..1. A little below what is
reached, so that it can't get worse unseen. Raise them as it gets better, never lower them."""
CRISES = 0.98
"""The share of all crises together that must page."""


def test_every_capability_has_twenty_cases_and_a_floor() -> None:
    cases = Counter(row.group for row in ROWS)
    assert {name: n for name, n in cases.items() if n < 20} == {}
    assert set(cases) == set(FLOORS)


def test_every_case_has_a_label_that_is_judged() -> None:
    with SUITE.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["capability", "text", "label"]
    assert {row.label for row in ROWS} == set(LABELS)


def test_no_two_cases_are_read_alike_and_none_is_trained_on() -> None:
    trained = {
        _read(line[2:])
        for path in DATA.glob("*.yml")
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    }
    cases = Counter(_read(row.turns[0]) for row in ROWS)
    assert [text for text, n in cases.items() if n > 1] == []
    assert sorted(trained & set(cases)) == []


def _read(text: str) -> str:
    return normalise(text).strip(" .!?")


async def test_every_capability_stays_as_good_as_it_was(rasa: RasaServer) -> None:
    client = rasa.client()
    try:
        outcomes = await judge(Triage(client, Floor.load()), ROWS)
    finally:
        await client.close()
    report = summarise(outcomes)
    assert report.without_model == 0
    # A second look raises and lowers; were it never asked, all else might still hold.
    turned = {r for o in outcomes for r in o.reading.reasons if r.endswith("like:crises")}
    assert turned == {"like:crises", "unlike:crises"}
    assert (report.crisis_paged.rate or 0.0) >= CRISES
    worse = {
        name: str(part.passed)
        for name, part in report.by.items()
        if (part.passed.rate or 0.0) < FLOORS[name]
    }
    if worse:
        pytest.fail(f"{worse}\n{_told(misses(outcomes), set(worse))}")


def _told(missed: list[Outcome], names: set[str]) -> str:
    lines = [
        f"{o.row.group}: {o.row.turns[0]!r} as {o.reading.urgency}, {', '.join(o.reading.reasons)}"
        for o in missed
        if o.row.group in names
    ]
    return "\n".join(lines)
