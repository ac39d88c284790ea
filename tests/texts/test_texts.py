"""What the bot says: there is a text for everything, and every text is fit to be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts_kit import families, named_keys, said_keys

from bot.core.decide import Notice, OfferEnd, Warning
from bot.core.policy import LADDERS, Group
from bot.core.rota import Breach
from bot.engine.invariants import AUDIT_CHAIN, INVARIANTS
from bot.engine.watch import OWN_ALARMS
from bot.telegram.rota.commands import OF_AMBASSADORS, OF_COORDINATORS
from bot.telegram.rota.forms import FORMS
from bot.texts import FALLBACK, Html, Texts, load_texts
from bot.texts.numbers import numbers
from bot.texts.split import MESSAGE_UNITS, units
from models.vocabulary import (
    Kind,
    Layer,
    OnBreach,
    Outcome,
    ReviewStatus,
    Role,
    Theme,
    Urgency,
)
from resources import load as load_directory
from sandbox.entities import parse_html

TEXTS = load_texts()
KEYS = TEXTS.keys()
SECTIONS = {key.partition(".")[0] for key in KEYS}
LANGUAGES = sorted(TEXTS.languages)

FAMILIES: dict[str, list[str]] = {
    "page.": [urgency.value for urgency in Urgency if urgency is not Urgency.NONE],
    "urgency.": list(Urgency),
    "theme.": list(Theme),
    "kind.": list(Kind),
    "outcome.": list(Outcome),
    "role.": list(Role),
    "join.welcome_": list(Role),
    "wait.": list(Notice),
    "holder.": list(Warning),
    "person.support.": list(Theme),
    "person.sent.": [kind.value for kind in Kind if kind is not Kind.TEXT],
    "understood.": [
        "weekdays",
        "hours",
        "day",
        "span",
        "until",
        "zone",
        "layer",
        "past",
        "period",
        "shorter",
    ],
    "handover.was_": list(OfferEnd),
    "policy.unread_": ["ladder", "rung", "group", "what", "time"],
    "policy.word.": [
        *Group,
        *LADDERS,
        "quiet",
        "loud",
        "again",
        "times",
        "then_last",
        "waits",
        "forever",
    ],
    "menu.": [
        "human",
        "resources",
        "privacy",
        "stop",
        "help",
        "mycases",
        "close",
        "handover",
        "takeover",
        "languages",
        "policy",
        "group",
        "oncall",
        "away",
        "back",
        "cases",
        "ambassadors",
        "invite",
        "remove",
        "shift",
        "cover",
        "channel",
        "test",
        "review",
        "safeguarding",
        "rota",
        "rotate",
        "gaps",
        "needs",
        "fair",
        "limits",
        "undo",
        "next",
        "myshifts",
        "coverme",
        "swap",
        "calendar",
    ],
    "channel.not_": ["unreadable", "kind", "local"],
    "watch.what.": [
        *(invariant.name for invariant in INVARIANTS),
        AUDIT_CHAIN,
        *OWN_ALARMS,
    ],
    "review.": [status.value for status in ReviewStatus if status is not ReviewStatus.OPEN],
    "layer.": list(Layer),
    "conflict.": list(Breach),
    "usage.": [*OF_COORDINATORS, *OF_AMBASSADORS],
    "form.": sorted({step.slot for form in FORMS.values() for step in form.steps}),
    "limit.": ["day", "week", "rest", "nights", "cases", "cooldown", "breach", "approve"],
    "limits.": list(OnBreach),
    "undo.": ["undone", "old", "later"],
    "rota.done_": ["shift", "rotation", "need"],
    "tap.": ["dark", "light"],
    "import.": ["unreadable", "too_big", "empty"],
}
"""For each family of keys that the code puts together, every value it may take."""

LONG = "Wolfgang & <b>Söhne</b> " * 3
LONGEST_USAGE = max((TEXTS.say(key) for key in KEYS if key.startswith("usage.")), key=len)


def long_value(name: str) -> object:
    """A value as long as the code ever gives under this name."""
    if name == "numbers":
        return longest_numbers()
    if name == "usage":
        return LONGEST_USAGE
    if name in ("head", "state", "ways", "place", "waited", "excerpt", "coming"):
        return Html(f"<b>{TEXTS.escape(LONG)}</b>")
    if name == "words":
        return "<&>" * 200
    if name == "handles":
        return ", ".join("@" + "x" * 22 for _ in range(30))
    return LONG


def longest_numbers() -> Html:
    directory = load_directory()
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return max(
        (
            numbers(TEXTS, directory, country.code, theme, None, now)
            for country in directory.countries()
            for theme in (Theme.SUICIDE, Theme.VIOLENCE)
        ),
        key=units,
    )


def filled(language: str, key: str) -> Html:
    names = TEXTS.keys(language)[key]
    return TEXTS.say(key, language, **{name: long_value(name) for name in names})


# There is a text for everything.


def test_every_text_that_the_code_names_exists() -> None:
    named = named_keys(SECTIONS)
    assert len(named) > 80
    assert {key: module for key, module in named.items() if key not in KEYS} == {}


def test_every_text_that_the_code_says_is_given_the_names_it_needs() -> None:
    wanting = [
        (module, key, KEYS[key] - names)
        for module, key, names in said_keys()
        if names is not None and key in KEYS and not KEYS[key] <= names
    ]
    assert wanting == []


def test_every_family_of_texts_that_the_code_puts_together_is_known_here() -> None:
    unknown = {
        begins: module for begins, module in families(SECTIONS).items() if begins not in FAMILIES
    }
    assert unknown == {}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_family_of_texts_has_one_for_every_value(family: str) -> None:
    assert [value for value in FAMILIES[family] if f"{family}{value}" not in KEYS] == []


def test_no_text_is_forgotten() -> None:
    written = set(named_keys(SECTIONS)) | {key for _, key, _ in said_keys()}
    for family, values in FAMILIES.items():
        written |= {f"{family}{value}" for value in values}
    assert sorted(set(KEYS) - written) == []


# Every text is fit to be read.


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_html_that_telegram_takes_and_short_enough(language: str) -> None:
    for key in TEXTS.keys(language):
        html = filled(language, key)
        formatted = parse_html(html)
        assert formatted.text.strip(), key
        assert "{" not in html.replace(LONG, ""), key
        assert units(formatted.text) < MESSAGE_UNITS, key


SHORT_SECTIONS = ("button", "menu", "outcome", "tap")
SHORT_KEYS = (
    "page.accept",
    "page.decline",
    "review.page",
    "review.looks_fine",
    "check.yes",
    "check.no",
    "language.danger",
    "language.human",
    "language.numbers",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_on_a_button_or_in_a_menu_is_plain_and_short(language: str) -> None:
    for key in TEXTS.keys(language):
        if key.partition(".")[0] in SHORT_SECTIONS or key in SHORT_KEYS:
            template = TEXTS.template(key, language)
            assert "<" not in template, key
            assert "\n" not in template.strip(), key
            assert units(template) <= 40, key


@pytest.mark.parametrize(
    "key", [key for key in KEYS if "answer_" in key or key in ("case.gone", "page.accept")]
)
def test_what_fades_after_a_tap_has_no_markup_and_fits(key: str) -> None:
    assert "<" not in TEXTS.template(key)
    assert units(TEXTS.say(key, **dict.fromkeys(KEYS[key], "x" * 64))) <= 200


def test_the_profile_fits_where_telegram_shows_it() -> None:
    assert units(TEXTS.say("about.short")) <= 120
    assert units(TEXTS.say("about.description")) <= 512


NEVER = (
    r"commit(s|ted|ting)?\s+suicide",
    r"low[\s-]?risk",
    r"not\s+(really\s+)?(in\s+)?(a\s+)?(crisis|serious)",
    r"attention[\s-]?seek",
    r"(un)?successful\s+(suicide|attempt)",
    r"failed\s+attempt",
    r"i\s+(understand|know)\s+(exactly\s+)?how\s+you\s+feel",
)
METHODS = (
    r"hang(ed|ing|s)?|noose|rope|belt|strangl\w*|suffocat\w*|chok(e|ing)",
    r"pills?|tablets?|medication|paracetamol|poison\w*|bleach|charcoal|insulin",
    r"gun|shoot\w*|shot|rifle|pistol|firearm|bullet",
    r"knife|knives|razor|blades?|wrists?|slit\w*|cutting|stab\w*",
    r"jump\w*|bridge|roof|rooftop|cliff|train|tracks?|railway|drown\w*|gas|exhaust|electrocut\w*",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_names_a_method_or_judges(language: str) -> None:
    for key in TEXTS.keys(language):
        text = TEXTS.template(key, language)
        for pattern in (*NEVER, *(rf"\b({words})\b" for words in METHODS)):
            found = re.search(pattern, text, re.IGNORECASE)
            assert found is None, (key, found)


def test_the_first_message_says_that_it_is_a_bot_and_links_to_the_privacy_page() -> None:
    for language in TEXTS.languages:
        for key in ("person.start", "person.bot_line"):
            text = TEXTS.template(key, language)
            assert "bot" in text
            assert "/privacy" in text


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith("person.immediate")])
def test_in_an_immediate_case_the_numbers_stand_before_anything_else(key: str) -> None:
    for language in TEXTS.languages:
        lines = [line for line in TEXTS.template(key, language).splitlines() if line]
        assert lines[1] == "{numbers}"
        assert lines[0].startswith("<b>")
        assert lines[0].endswith(":</b>")


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith("person.support.")])
def test_whoever_writes_anything_is_offered_a_person(key: str) -> None:
    offer = TEXTS.template(key)
    assert offer.rstrip().endswith("?")
    assert offer.count("?") == 1
    assert re.search(r"\bperson\b|\bpeople\b", offer)


def test_words_of_a_person_stand_behind_a_cover_in_a_page() -> None:
    for language in TEXTS.languages:
        template = TEXTS.template("page.excerpt", language)
        assert "<tg-spoiler>{words}</tg-spoiler>" in template


# How texts are filled.


def test_whatever_is_put_into_a_text_is_escaped() -> None:
    texts = Texts({"en": {"x": "<b>{name}</b>"}})
    assert texts.say("x", name="<i>&") == "<b>&lt;i&gt;&amp;</b>"
    assert texts.say("x", name=Html("<i>y</i>")) == "<b><i>y</i></b>"
    assert texts.say("x", name=3) == "<b>3</b>"


def test_braces_in_a_value_are_left_alone() -> None:
    assert Texts({"en": {"x": "{name}"}}).say("x", name="{other} {0}") == "{other} {0}"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_words_come_out_of_a_text_as_they_went_in(words: str) -> None:
    html = TEXTS.say("page.excerpt", words=words)
    # Telegram takes the blanks from both ends of a message.
    assert parse_html(html).text.strip() == f"Tap to read: {words}".strip()


def test_a_text_that_is_missing_in_a_language_is_said_in_english() -> None:
    texts = Texts({"en": {"a": "hello", "b": "bye"}, "de": {"a": "hallo"}})
    assert [texts.say(key, "de") for key in "ab"] == ["hallo", "bye"]
    assert texts.say("a", "de-AT") == "hallo"
    assert texts.say("a", "DE") == "hallo"
    assert texts.say("a", "tlh") == "hello"
    assert texts.say("a", None) == texts.say("a", "") == "hello"
    assert texts.languages == ("de", "en")


def test_a_key_or_a_value_that_is_missing_is_an_error() -> None:
    texts = Texts({"en": {"a": "hello {name}"}})
    with pytest.raises(KeyError):
        texts.say("b")
    with pytest.raises(KeyError):
        texts.say("a")
    assert texts.keys() == {"a": frozenset({"name"})}


def test_other_languages_have_only_texts_that_english_has_with_the_same_names() -> None:
    for language in TEXTS.languages:
        for key, names in TEXTS.keys(language).items():
            assert key in KEYS, f"{language}: {key} is not a text of {FALLBACK}"
            assert names == KEYS[key], f"{language}: {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_what_is_asked_and_told_in_it(language: str) -> None:
    told = {key for key in TEXTS.keys(language) if key.startswith("language.")}
    assert told == {key for key in KEYS if key.startswith("language.")}
    call = TEXTS.say("language.call", language)
    assert call[-1] in ":：፦"
    assert len(call) <= 30


def test_every_word_of_the_vocabulary_that_is_shown_has_a_text() -> None:
    shown: tuple[tuple[str, type[StrEnum]], ...] = (
        ("theme", Theme),
        ("urgency", Urgency),
        ("outcome", Outcome),
        ("role", Role),
    )
    for family, vocabulary in shown:
        assert {key for key in KEYS if key.startswith(f"{family}.")} == {
            f"{family}.{word}" for word in vocabulary
        }
