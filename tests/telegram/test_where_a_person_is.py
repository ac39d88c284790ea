"""An answer to "Which country are you in?" is understood, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from bot.telegram.person.where import countries_in
from resources import Directory, load


@pytest.fixture(scope="module")
def directory() -> Directory:
    return load()


def _codes(directory: Directory, text: str, asked: bool = False) -> list[str]:
    return [country.code for country in countries_in(directory, text, asked=asked)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("im in the uk", "GB"),
        ("i'm in england", "GB"),
        ("i live in spain", "ES"),
        ("uk", "GB"),
        ("nz", "NZ"),
        ("ireland pls", "IE"),
        ("im in us", "US"),
        ("I\u2019m from the US", "US"),
        ("hi im in canada now", "CA"),
        ("my country is kenya", "KE"),
        ("estoy en España", "ES"),
        ("moro no Brasil", "BR"),
        ("je suis en France", "FR"),
        ("j'habite au Canada", "CA"),
        ("ich bin in Deutschland", "DE"),
        ("vivo in Italia", "IT"),
        ("живу в Германии", "DE"),
        ("я в Україні", "UA"),
        ("Almanya'dayım", "DE"),
        ("انا في مصر", "EG"),
        ("من در ایران هستم", "IR"),
        ("main india mein hoon", "IN"),
        ("मैं भारत में हूँ", "IN"),
        ("saya di Indonesia", "ID"),
        ("ausralia", "AU"),
        ("germeny", "DE"),
    ],
)
def test_where_somebody_is_is_understood_as_they_say_it(
    directory: Directory, text: str, code: str
) -> None:
    assert _codes(directory, text) == [code]


@pytest.mark.parametrize(("text", "code"), [("us", "US"), ("in", "IN"), ("fr", "FR")])
def test_two_letters_are_a_country_right_after_the_question_alone(
    directory: Directory, text: str, code: str
) -> None:
    assert _codes(directory, text, asked=True) == [code]
    assert _codes(directory, text, asked=False) == []


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "im in the uk and i want to die",
        "i live in spain with my abusive husband",
        "i am not in spain",
        "im in hell",
        "im in pain",
        "im in danger",
        "im in trouble",
        "i live in fear",
        "i live with my child",
        "im hungry",
        "hungry",
        "child",
        "im jordan",
        "its us",
        "i'm in",
        "no",
        "so",
        "it",
        "me",
        "help me",
        "estoy en casa",
        "ich bin in Gefahr",
        "",
        "?",
        "in " * 200,
    ],
)
def test_a_message_that_says_anything_else_is_no_answer(
    directory: Directory, text: str, asked: bool
) -> None:
    assert _codes(directory, text, asked) == []


def test_a_name_of_two_countries_is_both(directory: Directory) -> None:
    assert set(_codes(directory, "im in congo")) == {"CD", "CG"}


def test_every_lead_in_comes_to_an_end(directory: Directory) -> None:
    for text in ("mein hoon mein hoon", "pls thanks now", "main mein mein hoon"):
        assert _codes(directory, text) == []
