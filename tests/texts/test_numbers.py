"""The block of numbers that answers a person first."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest

from bot.texts import load_texts
from bot.texts.numbers import numbers
from bot.texts.split import units
from models.vocabulary import Theme
from resources import Directory, load
from sandbox.entities import parse_html

TEXTS = load_texts()
NIGHT = datetime(2026, 3, 2, 3, tzinfo=UTC)


@cache
def directory() -> Directory:
    return load()


def block(country: str | None, theme: Theme = Theme.SUICIDE) -> str:
    return parse_html(numbers(TEXTS, directory(), country, theme, None, NIGHT)).text


@pytest.mark.parametrize("theme", list(Theme))
def test_in_every_country_a_number_stands_first_and_the_block_stays_short(theme: Theme) -> None:
    for country in directory().countries():
        text = block(country.code, theme)
        first = text.splitlines()[0]
        assert country.name in first
        assert any(character.isdigit() for character in first)
        assert len(text.splitlines()) <= 4
        assert units(text) < 1500


def test_in_every_country_there_is_a_line_or_a_way_to_find_one() -> None:
    for country in directory().countries():
        second = block(country.code).splitlines()[1]
        assert any(character.isdigit() for character in second) or "http" in second or "." in second


@pytest.mark.parametrize("country", [None, "", "XX", "Atlantis"])
def test_where_the_country_is_not_known_none_is_guessed(country: str | None) -> None:
    text = block(country)
    assert text == block(None)
    assert "112" in text
    assert "https://" in text


def test_the_emergency_number_comes_before_every_line() -> None:
    first, *lines = block("GB").splitlines()
    assert "999" in first
    assert lines
    assert all("999" not in line.split(":")[0] for line in lines)


def test_for_violence_the_police_is_named_where_it_has_a_number_of_its_own() -> None:
    both = [
        country.code
        for country in directory().countries()
        if (found := directory().emergency(country.code)).police
        and found.ambulance
        and found.police != found.ambulance
    ]
    assert both
    for code in both:
        emergency = directory().emergency(code)
        text = block(code, Theme.VIOLENCE).splitlines()[0]
        assert str(emergency.first(Theme.VIOLENCE)) in text
