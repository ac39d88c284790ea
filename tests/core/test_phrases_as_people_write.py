"""Dates and times in the words that volunteers use: understood, asked about, or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from phrasings import (
    EVERY_WEEK,
    NOW,
    PERIODS,
    REFUSED,
    REFUSED_WEEKLY,
    TIMES,
    UNCLEAR,
    UNTIL,
)

from bot.core.phrases import (
    NotUnderstood,
    Unclear,
    read_period,
    read_until,
    read_weekly,
    read_when,
    write_clock,
    write_moment,
    write_span,
)
from bot.core.rota import Span

BERLIN = ZoneInfo("Europe/Berlin")


def test_at_least_a_hundred_ways_of_saying_it_are_understood() -> None:
    assert sum(len(table) for table in (TIMES, EVERY_WEEK, UNTIL, PERIODS)) > 120


@pytest.mark.parametrize(("text", "means"), TIMES.items())
def test_a_time_is_understood_as_it_is_written(text: str, means: str) -> None:
    assert write_span(read_when(text, NOW, BERLIN).span, "Europe/Berlin", NOW) == means


@pytest.mark.parametrize(("text", "means"), EVERY_WEEK.items())
def test_what_recurs_is_understood_as_it_is_written(text: str, means: tuple[str, str, int]) -> None:
    weekly = read_weekly(text)
    hours = f"{write_clock(weekly.hours.starts)}-{write_clock(weekly.hours.ends)}"
    assert (weekly.weekdays, hours, weekly.every) == means


@pytest.mark.parametrize(("text", "means"), UNTIL.items())
def test_the_end_of_an_absence_is_understood_as_it_is_written(text: str, means: str) -> None:
    assert write_moment(read_until(text, NOW, BERLIN), "Europe/Berlin", NOW) == means


@pytest.mark.parametrize(("text", "means"), PERIODS.items())
def test_a_period_is_understood_as_it_is_written(text: str, means: str) -> None:
    assert write_span(read_period(text, NOW, BERLIN), "Europe/Berlin", NOW) == means


def test_looking_back_a_month_by_its_name_is_the_one_that_was() -> None:
    found = read_period("October", NOW, BERLIN, back=True)
    assert write_span(found, "Europe/Berlin") == "Wed 1 Oct to Fri 31 Oct"
    assert found.starts_at.year == 2025
    found = read_period("2 weeks", NOW, BERLIN, back=True)
    assert write_span(found, "Europe/Berlin", NOW) == "Thu 19 Feb to Wed 4 Mar"


@pytest.mark.parametrize(("text", "choices"), UNCLEAR.items())
def test_what_can_mean_several_things_is_asked_about(text: str, choices: list[str]) -> None:
    with pytest.raises(Unclear) as asked:
        read_when(text, NOW, BERLIN)
    meant = [write_span(one.value.span, "Europe/Berlin", NOW) for one in asked.value.meanings]  # type: ignore[attr-defined]
    assert meant == choices


@pytest.mark.parametrize("text", [*UNCLEAR, "Wed", "this weekend", "tomorrow evening"])
def test_the_phrase_of_a_meaning_means_that_alone(text: str) -> None:
    try:
        read_when(text, NOW, BERLIN)
    except Unclear as asked:
        for one in asked.meanings:
            assert read_when(one.phrase, NOW, BERLIN) == one.value


def test_next_tuesday_is_unclear_on_a_monday_and_on_no_other_day_of_the_week() -> None:
    unclear = []
    for days in range(7):
        now = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=days)
        try:
            read_when("next Tuesday 18-22", now, BERLIN)
        except Unclear:
            unclear.append(f"{now:%a}")
    assert unclear == ["Mon"]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("tomorrow 9", ["Thu 5 Mar 09:00", "Thu 5 Mar 21:00"]),
        ("until 9", ["Thu 5 Mar 09:00", "Wed 4 Mar 21:00"]),
        ("until tomorrow midnight", ["Thu 5 Mar 00:00", "Fri 6 Mar 00:00"]),
        ("until tomorrow evening", ["Thu 5 Mar 18:00", "Thu 5 Mar 22:00"]),
        ("until Wednesday", ["Thu 5 Mar 00:00", "Thu 12 Mar 00:00"]),
    ],
)
def test_an_end_that_can_mean_several_things_is_asked_about(text: str, choices: list[str]) -> None:
    with pytest.raises(Unclear) as asked:
        read_until(text, NOW, BERLIN)
    meant = [write_moment(one.value, "Europe/Berlin", NOW) for one in asked.value.meanings]  # type: ignore[arg-type]
    assert meant == choices


@pytest.mark.parametrize("text", ["weekdays 9 to 5", "Mon, Wed 8-9", "every other Tue 10-12"])
def test_hours_of_either_half_of_the_day_are_asked_about(text: str) -> None:
    with pytest.raises(Unclear) as asked:
        read_weekly(text)
    for one in asked.value.meanings:
        assert read_weekly(one.phrase) == one.value


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_what_is_no_time_is_refused_with_the_part_that_was_not_understood(
    text: str, why: tuple[str, str]
) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_when(text, NOW, BERLIN)
    assert (refused.value.part, refused.value.expected) == why


@pytest.mark.parametrize(("text", "why"), REFUSED_WEEKLY.items())
def test_what_recurs_never_is_refused_with_the_part_that_was_not_understood(
    text: str, why: tuple[str, str]
) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_weekly(text)
    assert (refused.value.part, refused.value.expected) == why


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (("2026-03-05 18:00", "2026-03-05 22:00"), "Thu 5 Mar 18:00-22:00"),
        (("2026-03-05 22:00", "2026-03-06 06:00"), "Thu 5 Mar 22:00-06:00"),
        (("2026-03-05 22:00", "2026-03-06 00:00"), "Thu 5 Mar 22:00-24:00"),
        (("2026-03-05 00:00", "2026-03-06 00:00"), "Thu 5 Mar 00:00-24:00"),
        (("2026-03-05 00:00", "2026-03-07 00:00"), "Thu 5 Mar to Fri 6 Mar"),
        (("2026-03-05 09:00", "2026-03-06 10:00"), "Thu 5 Mar 09:00 to Fri 6 Mar 10:00"),
        (("2026-12-24 09:00", "2027-01-02 10:00"), "Thu 24 Dec 09:00 to Sat 2 Jan 2027 10:00"),
    ],
)
def test_a_span_is_written_short_and_with_its_days(span: tuple[str, str], text: str) -> None:
    start, end = (
        datetime.fromisoformat(one).replace(tzinfo=BERLIN).astimezone(UTC) for one in span
    )
    assert write_span(Span(start, end), "Europe/Berlin", NOW) == text
