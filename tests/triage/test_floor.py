"""What the floor promises for any text at all."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.triage import lexicon
from bot.triage.floor import Floor
from bot.triage.lexicon.patterns import GAP, Graph, PatternError, parse
from bot.triage.lexicon.words import STOP
from models.vocabulary import Theme, Urgency

FLOOR = Floor.load()
KNOWN = sorted(FLOOR._lexicon.known)


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\n", "🙂", "❤️❤️", "👍🏽", "...", "???", "12345", "\u200b"]
)
def test_what_has_no_words_is_unreadable(text: str) -> None:
    reading = FLOOR.read(text)
    assert reading.unreadable
    assert reading.urgency is Urgency.NONE
    assert reading.language is None


@pytest.mark.parametrize(
    "text",
    [
        "我不想活了",
        "死にたい",
        "죽고 싶어요",
        "θέλω να πεθάνω",
        "אני רוצה למות",
        "en jaksa enää elää eikä kukaan välitä minusta",
    ],
)
def test_what_no_lexicon_can_read_says_so(text: str) -> None:
    assert FLOOR.read(text).unreadable


@pytest.mark.parametrize(
    "text", ["hello", "ok", "what is the weather like", "hola", "привет", "asdf"]
)
def test_plain_words_are_readable(text: str) -> None:
    assert not FLOOR.read(text).unreadable


def test_a_reading_is_quiet_about_the_persons_words() -> None:
    reading = FLOOR.read("my name is Xanthippe and i want to die")
    ids = {rule.id for rule in FLOOR._lexicon.rules}
    assert reading.reasons
    assert set(reading.reasons) <= ids


def test_the_highest_urgency_decides_and_names_the_theme() -> None:
    reading = FLOOR.read("i feel so lonely and i just took 40 pills")
    assert reading.urgency is Urgency.IMMEDIATE
    assert reading.theme is Theme.OVERDOSE


def test_stop_beats_other_wishes_and_a_human_beats_resources() -> None:
    reading = FLOOR.read("can i talk to a person or is there a number i can call")
    assert reading.asks == "human"


def test_a_wish_and_a_crisis_are_both_heard() -> None:
    reading = FLOOR.read("i want to die. can i talk to a human")
    assert reading.urgency is Urgency.URGENT
    assert reading.asks == "human"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=4096))
def test_no_text_makes_it_fail(text: str) -> None:
    reading = FLOOR.read(text)
    assert reading.urgency in Urgency
    assert reading.theme in Theme


@settings(max_examples=100, deadline=None)
@given(
    st.text(
        alphabet=st.characters(min_codepoint=0xD800, max_codepoint=sys.maxunicode), max_size=300
    )
)
def test_no_odd_character_makes_it_fail(text: str) -> None:
    FLOOR.read(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*KNOWN, STOP, "...", "💊", "*", "@"]), max_size=400))
def test_no_mix_of_its_own_words_makes_it_fail(words: list[str]) -> None:
    FLOOR.read(" ".join(words))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_words_around_never_hide_a_plain_statement(before: str, after: str) -> None:
    """Only another statement may explain it away, never noise."""
    quiet = "".join(char for char in before + after if not char.isalnum())
    text = f"{quiet[: len(before)]}. i swallowed all my pills. {quiet[len(before) :]}"
    assert FLOOR.read(text).urgency is Urgency.IMMEDIATE


def test_walks_stay_short_whatever_is_written() -> None:
    """The work for one word is bounded by the longest pattern, not by the message."""
    longest = 0
    for graph in (FLOOR._lexicon._graph, FLOOR._lexicon._guards):
        for words in (["i"] * 500, ["want", "i", "kill"] * 200, KNOWN[:600], ["zzz"] * 500):
            spans = Counter(end - start for _, start, end in graph.find(words, STOP))
            longest = max([longest, *spans])
    assert longest <= 12 * (GAP + 1)


def test_reading_counts_no_more_steps_for_a_longer_message() -> None:
    """Steps a word grow with nothing: twice the words, at most about twice the matches."""
    graph = FLOOR._lexicon._graph
    text = ["i", "want", "to", "kill", "myself", "and", "my", "pills"]
    once = sum(1 for _ in graph.find(text * 50, STOP))
    twice = sum(1 for _ in graph.find(text * 100, STOP))
    assert twice <= 2 * once + 100


def test_every_rule_has_its_own_id_and_its_languages_name() -> None:
    ids = Counter(rule.id for rule in FLOOR._lexicon.rules)
    assert not [name for name, count in ids.items() if count > 1]
    everywhere = {*lexicon.LANGUAGES, *lexicon.PLAINEST}
    assert {rule.language for rule in FLOOR._lexicon.rules} == everywhere


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
def test_every_language_covers_the_core(language: str) -> None:
    ours = [rule for rule in FLOOR._lexicon.rules if rule.language == language]
    assert {"human", "resources", "stop"} <= {rule.asks for rule in ours}
    high = {rule.theme for rule in ours if rule.urgency.rank >= Urgency.URGENT.rank}
    assert {
        Theme.SUICIDE,
        Theme.SELF_HARM,
        Theme.OVERDOSE,
        Theme.VIOLENCE,
        Theme.SOMEONE_ELSE,
    } <= high


def _found(line: str, text: str, **lists: list[str]) -> bool:
    graph = Graph()
    graph.add(parse(line, lists, lambda words: words), 0)
    return bool(list(graph.find(text.split(), STOP)))


@pytest.mark.parametrize(
    ("line", "text", "found"),
    [
        ("kill|hurt myself", "i hurt myself", True),
        ("kill|hurt myself", "i hurt him", False),
        ("want to? die", "want die", True),
        ("(right now|tonight)? die", "die", True),
        ("die (right now|tonight)", "die right now", True),
        ("die (right now|tonight)", "die right", False),
        ("kill ... myself", "kill myself", True),
        ("kill ... myself", "kill a b c d myself", True),
        ("kill ... myself", "kill a b c d e myself", False),
        ("kill ... myself", "kill it . myself", False),
        ("suicid* x", "suicidal x", True),
        ("< stop >", "stop", True),
        ("< stop >", "dont stop", False),
        ("i {want} die", "i long to die", True),
        ("i (now {want}|x) die", "i now long to die", True),
    ],
)
def test_the_pattern_language_means_what_it_says(line: str, text: str, found: bool) -> None:
    assert _found(line, text, want=["want", "long to"]) is found


@pytest.mark.parametrize("line", ["... die", "die ...", "{nothing} die", "a|| b", "to?", ""])
def test_a_malformed_pattern_is_refused(line: str) -> None:
    with pytest.raises(PatternError):
        parse(line, {}, lambda words: words)
