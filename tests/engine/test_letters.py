"""Letters survive the outbox as they were put in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.letters import (
    Answer,
    Button,
    Copy,
    Edit,
    Letter,
    Menu,
    Photo,
    Picture,
    Priority,
    Text,
    read_letter,
    write_letter,
)
from bot.pictures import Sketch

WORDS = st.text(max_size=30)
KEYBOARDS = st.lists(
    st.lists(st.builds(Button, WORDS, WORDS), max_size=3).map(tuple), max_size=3
).map(tuple)
LETTERS: st.SearchStrategy[Letter] = st.one_of(
    st.builds(Text, WORDS, KEYBOARDS, st.booleans(), st.booleans()),
    st.builds(Edit, WORDS, KEYBOARDS, st.booleans()),
    st.builds(Picture, st.binary(max_size=40), WORDS, KEYBOARDS, st.booleans()),
    st.builds(
        Picture,
        st.builds(Sketch, st.just("week"), WORDS, st.booleans()),
        WORDS,
        KEYBOARDS,
        st.booleans(),
    ),
    st.builds(Photo, WORDS, WORDS, st.booleans()),
    st.builds(Copy, WORDS, st.integers(), st.booleans()),
    st.builds(Answer, WORDS, WORDS, st.booleans()),
    st.builds(Menu, st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(LETTERS)
def test_a_letter_is_read_back_as_it_was_written(letter: Letter) -> None:
    assert read_letter(write_letter(letter)) == letter


@pytest.mark.parametrize(
    "letter",
    [
        Text("<b>hello</b>", ((Button("I'm here", "page:1:accept"),),), protect=True),
        Edit("taken"),
        Photo("AgAC", "caption"),
        Picture(b"\x89PNG\r\n\x1a\n\x00\xff", "this week", ((Button("Apply", "rota:1:apply"),),)),
        Copy("777", 12, protect=True),
        Answer("9", "Thank you", alert=True),
        Menu((("human", "Talk to a person"),)),
    ],
    ids=lambda letter: type(letter).__name__,
)
def test_each_kind_of_letter_stays_its_kind(letter: Letter) -> None:
    again = read_letter(write_letter(letter))
    assert type(again) is type(letter)
    assert again == letter
    assert hash(again) == hash(letter)


def test_a_letter_is_plain_json_that_says_what_it_is() -> None:
    assert json.loads(write_letter(Text("é", ((Button("a", "b"),),)))) == {
        "kind": "text",
        "html": "é",
        "buttons": [[{"label": "a", "data": "b"}]],
        "protect": False,
    }


def test_a_letter_put_in_by_an_older_version_is_read() -> None:
    assert read_letter('{"kind": "text", "html": "hello"}') == Text("hello")


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "fax"}', '{"kind": "text"}', "[]"])
def test_what_is_no_letter_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_letter(text)


def test_pages_go_first_then_replies_then_the_rest() -> None:
    assert Priority.PAGE < Priority.REPLY < Priority.REST
