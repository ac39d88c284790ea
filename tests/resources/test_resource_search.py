"""How a person may name a country."""

from __future__ import annotations

import pytest

from resources import Directory, load


@pytest.fixture(scope="module")
def directory() -> Directory:
    return load()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("u.k.", "GB"),
        ("England", "GB"),
        ("scotland", "GB"),
        ("Northern Ireland", "GB"),
        ("USA", "US"),
        ("America", "US"),
        ("united states", "US"),
        ("Deutschland", "DE"),
        ("germany", "DE"),
        ("España", "ES"),
        ("espana", "ES"),
        ("ESPAÑA", "ES"),
        ("Россия", "RU"),
        ("Україна", "UA"),
        ("украина", "UA"),
        ("مصر", "EG"),
        ("إيران", "IR"),
        ("ایران", "IR"),
        ("भारत", "IN"),
        ("Türkiye", "TR"),
        ("turkiye", "TR"),
        ("TÜRKİYE", "TR"),
        ("Brasil", "BR"),
        ("Indonesia", "ID"),
        ("日本", "JP"),
        ("Holland", "NL"),
        ("Czech Republic", "CZ"),
        ("Côte d’Ivoire", "CI"),
        ("ivory coast", "CI"),
        ("Burma", "MM"),
        ("UAE", "AE"),
        ("Korea", "KR"),
        ("fr", "FR"),
        ("NO", "NO"),
        ("in", "IN"),
        ("🇫🇷", "FR"),
        ("🇬🇧 hello", "GB"),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", "GB"),
        ("  Portugal  ", "PT"),
        ("Frankreich", "FR"),
        ("Inglaterra", "GB"),
    ],
)
def test_a_country_is_found_by_any_usual_name(directory: Directory, typed: str, code: str) -> None:
    assert directory.search_country(typed)[0].code == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("germny", "DE"),
        ("Frnace", "FR"),
        ("Untied Kingdom", "GB"),
        ("Phillipines", "PH"),
        ("Argentinia", "AR"),
        ("switz", "CH"),
    ],
)
def test_small_slips_and_beginnings_are_forgiven(
    directory: Directory, typed: str, code: str
) -> None:
    assert directory.search_country(typed)[0].code == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("I live in Germany", "DE"),
        ("im in the US", "US"),
        ("I am in South Africa right now", "ZA"),
        ("estoy en México", "MX"),
        ("я в Україні, Україна", "UA"),
    ],
)
def test_a_name_inside_a_sentence_is_found(directory: Directory, typed: str, code: str) -> None:
    assert directory.search_country(typed)[0].code == code


@pytest.mark.parametrize(
    "typed", ["", "   ", "xyzzy", "help me it is so bad", "???", "🙂", "1234", "q", "🇽🇽"]
)
def test_what_is_no_country_is_not_guessed(directory: Directory, typed: str) -> None:
    assert directory.search_country(typed) == []


def test_an_ambiguous_name_gives_every_country(directory: Directory) -> None:
    assert {country.code for country in directory.search_country("Congo")} == {"CG", "CD"}


def test_long_text_is_not_read_to_its_end(directory: Directory) -> None:
    assert directory.search_country("a" * 4096) == []
