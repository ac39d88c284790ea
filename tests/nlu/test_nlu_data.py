"""The training data: enough, varied, kept apart from what measures it."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from math import ceil
from pathlib import Path

import pytest
from understanding import examples, table
from understanding.normalise import normalise
from understanding.paths import NLU

EXAMPLES = examples.read()
# Each text is looked at by several tests, and reading one is most of their time.
normalised, key = cache(normalise), cache(examples.key)
SUITE, VALIDATION = NLU / "functional.csv", NLU / "validation.csv"
STRANGERS = NLU / "strangers.csv"
NEAR = 0.85
"""Share of words in common, of all words of both, from which two texts are nearly the same."""
WORDS = 5
"""Shorter texts are alike by their nature: "i'm so tired"."""


def _cases(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def _near(ones: Iterable[str], others: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of one and another text that share nearly all their words.

    Two such texts also share one of the few rarest words of either, so only those are compared.
    """
    bags = {
        text: bag
        for text in {*ones, *others}
        if len(bag := frozenset(normalised(text).split())) >= WORDS
    }
    rarity = Counter(word for bag in bags.values() for word in bag)
    where = defaultdict(list)
    for other in bags.keys() & set(others):
        for word in _rarest(bags[other], rarity):
            where[word].append(other)
    for one in bags.keys() & set(ones):
        bag = bags[one]
        found = {other for word in _rarest(bag, rarity) for other in where[word]}
        for other in found:
            both = bag & bags[other]
            if one != other and len(both) >= NEAR * len(bag | bags[other]):
                yield one, other


def _rarest(bag: frozenset[str], rarity: Counter[str]) -> list[str]:
    many = len(bag) - ceil(NEAR * len(bag)) + 1
    return sorted(bag, key=lambda word: (rarity[word], word))[:many]


def test_there_are_enough_examples_and_intents() -> None:
    assert len(EXAMPLES) >= 15_000
    assert len({intent for _, intent in EXAMPLES}) >= 26


def test_no_example_is_blank_or_would_be_read_as_a_command_or_markup() -> None:
    for text, _ in EXAMPLES:
        assert normalised(text), text
        assert not text.startswith("/"), text
        assert not set("[]{}") & set(text), text


def test_no_two_examples_are_read_alike() -> None:
    """Also not across intents, where the classifier could only guess."""
    seen: dict[str, str] = {}
    for text, intent in EXAMPLES:
        read = key(text)
        assert read not in seen, f"{text!r} is in {seen[read]} and in {intent}"
        seen[read] = intent


def test_examples_that_are_nearly_the_same_do_not_contradict_each_other() -> None:
    meanings = table.load()
    urgency = {text: meanings[intent].urgency for text, intent in EXAMPLES}
    texts = [text for text, _ in EXAMPLES]
    found = {
        frozenset(pair)
        for pair in _near(texts, texts)
        if {urgency[text] for text in pair} >= {"immediate", "none"}
    }
    assert found == set()


@pytest.mark.parametrize("kept", [SUITE, VALIDATION, STRANGERS], ids=lambda path: path.name)
def test_nothing_that_measures_is_trained_on(kept: Path) -> None:
    """Neither word by word nor nearly so."""
    trained = {key(text) for text, _ in EXAMPLES}
    assert [text for text in _cases(kept) if key(text) in trained] == []
    assert list(_near(_cases(kept), [text for text, _ in EXAMPLES])) == []


def test_the_validation_set_and_the_suite_have_nothing_in_common() -> None:
    both = {key(text) for text in _cases(SUITE)} & {key(text) for text in _cases(VALIDATION)}
    assert both == set()
    assert list(_near(_cases(VALIDATION), _cases(SUITE))) == []


def test_the_detector_of_near_duplicates_finds_one() -> None:
    said = "honestly i just can not go on with this job anymore"
    assert list(_near([said], [f"{said} now", "something else was said here today"]))
    assert not list(_near([said], ["i just can not sleep with this heat anymore"]))


def test_every_fold_has_its_share() -> None:
    shares = Counter(examples.fold(text) for text, _ in EXAMPLES)
    assert all(0.18 < shares[fold] / len(EXAMPLES) < 0.22 for fold in range(examples.FOLDS))


def test_every_intent_has_a_meaning_and_every_meaning_examples() -> None:
    assert {intent for _, intent in EXAMPLES} == set(table.load())


def test_every_intent_has_enough_examples_to_be_learnt() -> None:
    few = {i: n for i, n in Counter(intent for _, intent in EXAMPLES).items() if n < 15}
    assert few == {}


def test_every_urgency_and_every_theme_is_covered() -> None:
    meanings = table.load().values()
    assert {meaning.urgency for meaning in meanings} == set(table.URGENCIES)
    assert {meaning.theme for meaning in meanings} == table.THEMES


@pytest.mark.parametrize(
    "row",
    [
        "{urgency: soon, theme: other}",
        "{urgency: none, theme: weather}",
        "{urgency: none}",
        "{urgency: none, theme: other, colour: red}",
    ],
)
def test_a_faulty_table_is_refused(tmp_path, row: str) -> None:
    faulty = tmp_path / "intents.yml"
    faulty.write_text(f"some_intent: {row}\n")
    with pytest.raises(table.TableError, match="some_intent"):
        table.load(faulty)
