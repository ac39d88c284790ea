"""Which language a message is in: English is not taken for another, others not for English."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.reading import Ask, Reply
from bot.texts import load_texts
from bot.triage.answers import Answers
from bot.triage.floor import Floor
from bot.triage.languages import Languages, Placed
from bot.triage.reader import Triage
from models.vocabulary import Urgency
from tests.support.servers import RasaServer

HERE = Path(__file__).parent
SLANG = (HERE / "slang.txt").read_text("utf-8").splitlines()
FOREIGN: dict[str, list[str]] = yaml.safe_load((HERE / "foreign.yml").read_text("utf-8"))
LINES = [(language, text) for language, texts in FOREIGN.items() for text in texts]
HERE_WE_ASK_IN = frozenset(load_texts().languages)


@pytest.fixture(scope="module")
def languages() -> Languages:
    floor = Floor.load()
    return Languages.load(floor.everyday_english, floor.everyday_elsewhere)


def test_slang_typos_and_names_are_hardly_ever_taken_for_another_language(
    languages: Languages,
) -> None:
    english = [line for line in SLANG if line not in ("que sera sera", "adios amigo lol")]
    assert len(english) >= 100
    wrong = [line for line in english if languages.place(line).foreign]
    assert len(wrong) < 0.02 * len(english), wrong


def test_a_text_in_another_language_is_not_taken_for_english(languages: Languages) -> None:
    missed = [text for _, text in LINES if not languages.place(text).foreign]
    assert len(missed) <= 0.04 * len(LINES), missed


def test_the_language_is_named_where_we_have_words_in_it(languages: Languages) -> None:
    named = [(language, text) for language, text in LINES if language != "other"]
    wrong = [(lang, text) for lang, text in named if languages.place(text).language != lang]
    assert len(wrong) <= 0.05 * len(named), wrong


def test_english_with_slips_is_english_or_only_guessed_to_be_anything_else(
    languages: Languages,
) -> None:
    named = ("hii is ths anonymus", "my freind is gona kil herslef", "panik atack rn")
    for text in (*named, "gettin hit evrynite", "delete my data"):
        assert text in SLANG
        assert not languages.place(text).foreign, text
    sure = [text for text in SLANG if languages.place(text).foreign]
    sure = [text for text in sure if not languages.place(text).guessed]
    assert sure in ([], ["que sera sera"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("mam dość wszystkiego", "pl"),
        ("nie mam już siły", "pl"),
        ("boje sie wracac do domu", "pl"),
        ("kocam beni dövüyor", "tr"),
        ("cok korkuyorum simdi", "tr"),
        ("sitaki kuishi tena", "sw"),
        ("nimechoka na maisha", "sw"),
        ("ayoko na mabuhay", "tl"),
        ("walang nagmamahal sa akin", "tl"),
        ("no me siento bien", "es"),
        ("ich bin so allein", "de"),
        ("non so cosa fare", "it"),
        ("wat moet ik doen", "nl"),
        ("tôi muốn chết", "vi"),
    ],
)
def test_a_few_words_in_another_language_are_met_in_it(
    languages: Languages, text: str, language: str
) -> None:
    placed = languages.place(text)
    assert (placed.language, placed.foreign, placed.guessed) == (language, True, False)


def test_what_is_certain_is_not_guessed(languages: Languages) -> None:
    for _, text in LINES:
        placed = languages.place(text)
        assert not (placed.certain and placed.guessed), text
    guessed = [text for _, text in LINES if languages.place(text).guessed]
    assert len(guessed) <= 0.1 * len(LINES), guessed


def test_words_known_only_to_place_a_text_are_not_taken_for_understood(
    languages: Languages,
) -> None:
    # Else a doubt of the model's about plain words would go unasked.
    assert not languages.knows("blood everywhere in the kitchen")
    assert languages.place("blood everywhere in the kitchen") == Placed("en")


@pytest.mark.parametrize("text", ["", "...", "😭😭", "ツ", "(ಠ_ಠ)", "123", "https://a.b/ć", "@ana"])
def test_what_has_no_words_is_in_no_language(languages: Languages, text: str) -> None:
    assert languages.place(text) == Placed()


def test_letters_that_only_look_foreign_are_not(languages: Languages) -> None:
    assert not languages.place("і wаnt tо gо hоmе").foreign
    assert not languages.place("𝓲 𝔀𝓪𝓷𝓽 𝓽𝓸 𝓰𝓸 𝓱𝓸𝓶𝓮").foreign


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_placed(text: str) -> None:
    languages = Languages.load(frozenset())
    assert languages.place(text).certain <= languages.place(text).foreign


# Small words.


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("no", Reply.NO),
        ("Nope.", Reply.NO),
        ("no i'm not 😭", Reply.NO),
        ("not really", Reply.NO),
        ("yes", Reply.YES),
        ("yeah but not really", Reply.PERHAPS),
        ("idk", Reply.PERHAPS),
        ("sí", Reply.YES),
        ("nein", Reply.NO),
        ("да", Reply.YES),
        ("नहीं", Reply.NO),
        ("不是", Reply.NO),
        ("no one cares", None),
        ("no worries", None),
        ("no thanks", None),
        ("ok", None),
        ("i do not want to live", None),
        ("não consigo dormir", None),
        ("yes i would like to tell you about everything that happened", None),
    ],
)
def test_short_answers_are_understood(text: str, reply: Reply | None) -> None:
    assert Answers.load().read(text) is reply


def test_every_language_that_we_ask_in_has_its_yes_and_no() -> None:
    path = HERE.parents[1] / "bot/triage/answers.yml"
    listed = yaml.safe_load(path.read_text("utf-8"))
    assert set(listed) >= HERE_WE_ASK_IN
    for language in HERE_WE_ASK_IN:
        assert {"agree", "deny", "doubt"} <= set(listed[language]), language


def test_a_courtesy_is_one_in_any_language() -> None:
    for text, asks in (("Hola!", Ask.GREETING), ("merci", Ask.THANKS), ("пока", Ask.GOODBYE)):
        assert Answers.load().courtesy(text) is asks


# Triage, with the real model.


@pytest.fixture
async def triage(rasa: RasaServer) -> Triage:
    return Triage(rasa.client(), Floor.load())


async def test_nobody_is_left_unread_because_of_their_language(triage: Triage) -> None:
    for language, text in LINES:
        reading = await triage.read(text)
        met = reading.pressing or reading.unsure or reading.asks or reading.review
        assert met, (language, text)


async def test_distress_in_a_language_of_the_floor_pages(triage: Triage) -> None:
    for text in ("quiero morir esta noche", "ich will sterben", "я хочу умереть"):
        assert (await triage.read(text)).pressing, text


async def test_small_words_of_any_language_are_asked_nothing(triage: Triage) -> None:
    for text in (
        *("ok", "hola", "merci", "danke :)", "namaste", "lol ok", "np", "meh", "gn"),
        *("goodbye", "good night"),
    ):
        reading = await triage.read(text)
        assert not reading.unsure, text
        assert not reading.review, text
        assert reading.urgency is Urgency.NONE, text


async def test_two_words_that_the_floor_heard_are_in_the_language_it_heard_them_in(
    triage: Triage,
) -> None:
    for text, language in (("quiero morir", "es"), ("voglio morire", "it"), ("kms", None)):
        assert (await triage.read(text)).language == language, text
