"""What the shipped directory promises."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from models.vocabulary import Theme
from resources import Audience, Directory, is_stale, load

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def directory() -> Directory:
    return load()


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def test_every_line_names_its_source_and_confidence(directory: Directory) -> None:
    lines = directory.all_lines()
    assert len(lines) > 400
    for line in lines:
        assert line.sources, line.id
        assert line.confidence in {"two-sources", "one-source"}, line.id
        assert line.verified_by, line.id


def test_nobody_claims_that_a_directory_date_was_a_test(directory: Directory) -> None:
    assert {line.verified_by for line in directory.all_lines()} == {"directory"}


def test_every_line_can_be_reached_somehow(directory: Directory) -> None:
    for line in directory.all_lines():
        assert line.phone or line.sms or line.whatsapp or line.chat, line.id


def test_ids_are_unique_and_begin_with_the_country(directory: Directory) -> None:
    ids = [line.id for line in directory.all_lines()]
    assert len(set(ids)) == len(ids)
    for line in directory.all_lines():
        assert line.id.startswith(line.country.lower()), line.id


def test_a_line_with_one_source_is_unconfirmed(directory: Directory) -> None:
    for line in directory.all_lines():
        assert line.unconfirmed == (line.confidence == "one-source"), line.id


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("US", "1-800-273-8255"),
        ("CA", "1-833-456-4566"),
        ("IN", "1800-599-0019"),
        ("KR", "1393"),
        ("SG", "1800-221 4444"),
        ("TH", "02-713-6793"),
        ("NL", "0900-0113"),
        ("GB", "08457 90 90 90"),
        ("GB", "0808 802 9999"),
        ("DE", "08000 116 016"),
        ("IT", "199 284 284"),
        ("PL", "801 12 00 02"),
        ("TR", "182"),
    ],
)
def test_known_retired_numbers_are_absent(directory: Directory, country: str, number: str) -> None:
    for line in directory.all_lines(country):
        carried = [line.phone, line.whatsapp, *line.phone_alt, line.sms and line.sms.number]
        assert _digits(number) not in {_digits(each) for each in carried if each}, line.id


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("US", "988"),
        ("CA", "988"),
        ("IN", "14416"),
        ("KR", "109"),
        ("GB", "116 123"),
        ("FR", "3114"),
        ("BR", "188"),
        ("NL", "0800-0113"),
        ("AU", "13 11 14"),
    ],
)
def test_the_current_national_suicide_line_comes_first(
    directory: Directory, country: str, number: str
) -> None:
    assert directory.lines(country, Theme.SUICIDE, NOW)[0].phone == number


def test_unconfirmed_lines_are_never_shown(directory: Directory) -> None:
    for country in directory.countries():
        for theme in (None, *Theme):
            assert not any(
                line.unconfirmed for line in directory.lines(country.code, theme, NOW, limit=99)
            )


def test_a_country_without_confirmed_lines_falls_back_to_emergency_and_international(
    directory: Directory,
) -> None:
    for code in ("VE", "DO", "ZM", "UG"):
        assert directory.all_lines(code)
        assert directory.lines(code, Theme.SUICIDE, NOW) == []
        assert directory.emergency(code).first() is not None
    assert directory.international().listings


def test_a_suicidal_person_is_not_sent_to_a_line_for_something_else(directory: Directory) -> None:
    for country in directory.countries():
        for line in directory.lines(country.code, Theme.SUICIDE, NOW, limit=99):
            assert (
                Theme.SUICIDE in line.themes
                or line.general
                or Theme.LOW_MOOD in line.themes
                or not line.themes
            ), line.id


def test_a_childrens_line_comes_after_lines_for_anyone(directory: Directory) -> None:
    lines = directory.lines("GB", Theme.SUICIDE, NOW, limit=99)
    places = [bool(line.audience) for line in lines]
    assert places == sorted(places)


def test_a_child_is_shown_the_childrens_line_among_the_first(directory: Directory) -> None:
    lines = directory.lines("GB", None, NOW, audience={Audience.CHILDREN, Audience.YOUTH}, limit=99)
    assert "gb-childline" in {line.id for line in lines}
    adult = directory.lines("GB", Theme.SUICIDE, NOW, limit=99)
    child = directory.lines("GB", Theme.SUICIDE, NOW, audience={Audience.YOUTH}, limit=99)
    assert [line.id for line in child].index("gb-papyrus-hopeline247") < [
        line.id for line in adult
    ].index("gb-papyrus-hopeline247")


def test_regional_lines_come_after_national_ones(directory: Directory) -> None:
    lines = directory.lines("RU", Theme.SUICIDE, NOW)
    assert [line.region for line in lines[:2]] == [None, "Moscow"]


def test_violence_is_met_by_a_violence_line_first(directory: Directory) -> None:
    for code in ("US", "DE", "FR", "IT", "IN"):
        assert Theme.VIOLENCE in directory.lines(code, Theme.VIOLENCE, NOW)[0].themes


def test_the_persons_language_is_preferred(directory: Directory) -> None:
    def place(language: str | None) -> int:
        lines = directory.lines("JP", Theme.SUICIDE, NOW, language=language, limit=9)
        return [line.id for line in lines].index("jp-tell")

    assert place("en") < place(None)


def test_the_limit_is_kept(directory: Directory) -> None:
    assert len(directory.lines("GB", None, NOW)) == 3
    assert len(directory.lines("GB", None, NOW, limit=1)) == 1


def test_codes_are_taken_in_any_case(directory: Directory) -> None:
    assert directory.lines("gb", None, NOW) == directory.lines("GB", None, NOW)
    assert directory.emergency("gb") == directory.emergency("GB")


def test_a_naive_time_is_refused(directory: Directory) -> None:
    with pytest.raises(ValueError, match="aware"):
        directory.lines("GB", Theme.SUICIDE, NOW.replace(tzinfo=None))


def test_every_country_with_numbers_or_lines_has_a_name(directory: Directory) -> None:
    known = {country.code for country in directory.countries()}
    assert {line.country for line in directory.all_lines()} <= known
    for country in directory.countries():
        assert country.name
        assert country.region
        assert len(country.flag) == 2
    assert len([code for code in known if directory.emergency(code).known]) >= 220


def test_an_unknown_emergency_number_is_said_to_be_unknown(directory: Directory) -> None:
    nowhere = directory.emergency("GA")
    assert not nowhere.known
    assert nowhere.first() is None
    assert nowhere.unconfirmed


def test_every_emergency_row_names_its_sources(directory: Directory) -> None:
    for country in directory.countries():
        emergency = directory.emergency(country.code)
        if emergency.known:
            assert emergency.sources
            assert emergency.verified_at


def test_a_disputed_emergency_number_is_absent_and_named(directory: Directory) -> None:
    afghanistan = directory.emergency("AF")
    assert afghanistan.ambulance is None
    assert afghanistan.unresolved == ("ambulance",)


def test_violence_calls_the_police_before_the_ambulance(directory: Directory) -> None:
    egypt = directory.emergency("EG")
    assert egypt.first(Theme.VIOLENCE) == egypt.police
    assert egypt.first(Theme.SUICIDE) == egypt.ambulance


def test_norway_is_not_a_boolean(directory: Directory) -> None:
    assert directory.emergency("NO").known
    norway = directory.country("NO")
    assert norway is not None
    assert norway.name == "Norway"


def test_the_world_has_listings_with_sources(directory: Directory) -> None:
    world = directory.international()
    assert world.mobile_emergency.number == "112"
    assert world.mobile_emergency.sources
    assert len(world.listings) >= 3
    for listing in world.listings:
        assert listing.sources
        assert listing.url.startswith("https://")


def test_an_old_line_and_an_undated_line_are_stale(directory: Directory) -> None:
    by_id = {line.id: line for line in directory.all_lines()}
    assert not is_stale(by_id["us-988-lifeline"], date(2026, 11, 22))
    assert is_stale(by_id["us-988-lifeline"], date(2027, 11, 22))
    assert is_stale(by_id["gb-calm"], date(2026, 11, 22))
    assert not is_stale(by_id["gb-calm"], date(2026, 11, 22), max_age_days=2000)
    assert is_stale(by_id["pl-niebieska-linia"], date(2026, 11, 22), max_age_days=100_000)


def test_a_stale_line_gives_way_to_a_fresher_one(directory: Directory) -> None:
    lines = directory.lines("GB", Theme.SUICIDE, NOW, limit=99)
    open_to_all = [is_stale(line, NOW.date()) for line in lines if not line.audience]
    assert open_to_all[0] is False
    assert open_to_all[2] is True
