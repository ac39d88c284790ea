"""Cutting a text: into parts that fit, and nothing is lost but blanks where it was cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.texts.split import MESSAGE_UNITS, split, units

TEXTS = st.one_of(
    st.text(alphabet=st.sampled_from("ab \n🕊é👩‍👧"), max_size=120),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120),
)


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("é", 1), ("🕊", 2), ("👩‍👧", 5), ("\U0010ffff", 2), ("\uffff", 1)],
)
def test_length_is_counted_as_telegram_counts_it(text: str, length: int) -> None:
    assert units(text) == length


@pytest.mark.parametrize(
    ("text", "room", "parts"),
    [
        ("", 10, []),
        ("short", 10, ["short"]),
        ("exactly 10", 10, ["exactly 10"]),
        ("one two three", 8, ["one two", "three"]),
        ("one two\nthree four", 13, ["one two", "three four"]),
        ("first line\nsecond line", 15, ["first line", "second line"]),
        ("nospaceanywhere", 6, ["nospac", "eanywh", "ere"]),
        ("🕊🕊🕊", 4, ["🕊🕊", "🕊"]),
        ("🕊🕊🕊", 3, ["🕊", "🕊", "🕊"]),
        ("a " + "b" * 9, 8, ["a bbbbbb", "bbb"]),
    ],
)
def test_a_text_is_cut_at_a_line_or_a_space_or_where_it_must_be(
    text: str, room: int, parts: list[str]
) -> None:
    assert split(text, room) == parts


@settings(max_examples=400, deadline=None, derandomize=True)
@given(text=TEXTS, room=st.integers(2, 60))
def test_every_part_fits(text: str, room: int) -> None:
    for part in split(text, room):
        assert 0 < units(part) <= room


@settings(max_examples=400, deadline=None, derandomize=True)
@given(text=TEXTS, room=st.integers(2, 60))
def test_nothing_but_blanks_where_it_was_cut_is_lost(text: str, room: int) -> None:
    position = 0
    for part in split(text, room):
        found = text.index(part, position)
        assert not text[position:found].strip()
        position = found + len(part)
    assert not text[position:].strip()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=TEXTS, room=st.integers(2, 60))
def test_no_character_is_cut_in_two(text: str, room: int) -> None:
    for part in split(text, room):
        assert part.encode("utf-16-le").decode("utf-16-le") == part


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TEXTS)
def test_what_fits_is_left_as_it_is(text: str) -> None:
    assert split(text, MESSAGE_UNITS) == ([text] if text else [])


def test_a_very_long_text_is_cut_quickly() -> None:
    text = "word " * 40_000
    parts = split(text, MESSAGE_UNITS)
    assert len(parts) == 49
    assert "".join(parts).count("word") == 40_000
