"""The training data: enough, varied, and every intent with a meaning."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml
from understanding import table
from understanding.normalise import normalise
from understanding.paths import DATA


def _examples() -> list[tuple[str, str]]:
    pairs = []
    for path in sorted(DATA.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = block["examples"].splitlines()
            assert all(line.startswith("- ") for line in lines), f"{path.name}: not a list"
            pairs += [(line[2:].strip(), block["intent"]) for line in lines]
    return pairs


EXAMPLES = _examples()


def test_there_are_enough_examples_and_intents() -> None:
    assert len(EXAMPLES) >= 4700
    assert len({intent for _, intent in EXAMPLES}) >= 26


def test_no_example_is_blank_or_would_be_read_as_a_command_or_markup() -> None:
    for text, _ in EXAMPLES:
        assert normalise(text), text
        assert not text.startswith("/"), text
        assert not set("[]{}") & set(text), text


def test_no_two_examples_are_read_alike() -> None:
    """Also not across intents, where the classifier could only guess."""
    seen: dict[str, str] = {}
    for text, intent in EXAMPLES:
        read = normalise(text).strip(" .!?")
        assert read not in seen, f"{text!r} is in {seen[read]} and in {intent}"
        seen[read] = intent


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
