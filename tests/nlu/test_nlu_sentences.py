"""How a message is cut into the pieces that are judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from understanding.sentences import MAX_WORDS, split


def _pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("  \n ", []),
        ("just one line", ["just one line"]),
        ("One is here. Two is here!", ["One is here.", "Two is here!"]),
        ("first line here\nsecond line here", ["first line here", "second line here"]),
        ("I saw Dr. Hill today. He was kind.", ["I saw Dr. Hill today.", "He was kind."]),
        ("It cost 3.50 at most today", ["It cost 3.50 at most today"]),
        ("I took them all. Please.", ["I took them all. Please."]),
        ("Hi. I want to talk now.", ["Hi. I want to talk now."]),
    ],
)
def test_it_is_cut_at_sentences(text: str, pieces: list[str]) -> None:
    assert _pieces(text) == pieces


def test_a_text_without_full_stops_is_cut_by_length() -> None:
    text = " ".join(f"word{i}" + ("," if i % 15 == 14 else "") for i in range(100))
    pieces = _pieces(text)
    assert len(pieces) > 2
    assert all(len(piece.split()) <= MAX_WORDS for piece in pieces)
    assert pieces[0].endswith(",")


@given(st.text(max_size=400))
def test_nothing_but_blanks_is_lost(text: str) -> None:
    assert "".join("".join(_pieces(text)).split()) == "".join(text.split())
