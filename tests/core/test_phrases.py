"""Days and times as coordinators write them: read rightly, or refused, and never guessed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.phrases import (
    Hours,
    NotUnderstood,
    Unclear,
    read_day,
    read_hours,
    read_span,
    read_until,
    read_weekdays,
    read_zone,
    write_clock,
    write_weekdays,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
"""A Wednesday, half past one in the afternoon in Berlin."""
TODAY = date(2026, 3, 4)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


# Weekdays.


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("Mon", "0"),
        ("monday", "0"),
        ("TUES", "1"),
        ("tue", "1"),
        ("weds", "2"),
        ("thu", "3"),
        ("thurs", "3"),
        ("Fri", "4"),
        ("sat,sun", "56"),
        ("sun,sat", "56"),
        ("Mon-Fri", "01234"),
        ("mon–fri", "01234"),
        ("mon—fri", "01234"),
        ("mon−fri", "01234"),
        ("monday-friday", "01234"),
        ("fri-mon", "0456"),
        ("sun-mon", "06"),
        ("mon-mon", "0"),
        ("mon - fri", "01234"),
        ("mon to fri", "01234"),
        ("mon and tue", "01"),
        ("every day", "0123456"),
        ("mon-sun", "0123456"),
        ("wed-tue", "0123456"),
        ("mon,wed,fri", "024"),
        ("mon-wed,sat", "0125"),
        ("mon-wed,tue-thu", "0123"),
        ("daily", "0123456"),
        ("Everyday", "0123456"),
        ("weekdays", "01234"),
        ("WEEKENDS", "56"),
    ],
)
def test_weekdays_are_read(text: str, digits: str) -> None:
    assert read_weekdays(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        ",",
        "mon-",
        "-fri",
        "mon,",
        ",mon",
        "mo",
        "montag",
        "mon-fri-sun",
        "mon/tue",
        "monfri",
        "0",
        "1-5",
        "someday",
        "18:00-22:00",
        "mon–",
        "m-f",
    ],
)
def test_what_are_no_weekdays_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_weekdays(text)
    assert (refused.value.part, refused.value.expected) == (text, "weekdays")


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("0", "Mon"),
        ("01234", "Mon-Fri"),
        ("0123456", "Mon-Sun"),
        ("56", "Sat-Sun"),
        ("024", "Mon,Wed,Fri"),
        ("0456", "Mon,Fri-Sun"),
        ("01356", "Mon-Tue,Thu,Sat-Sun"),
    ],
)
def test_weekdays_are_written_in_the_shortest_way(digits: str, text: str) -> None:
    assert write_weekdays(digits) == text


@given(st.sets(st.integers(0, 6), min_size=1))
@settings(derandomize=True, deadline=None)
def test_weekdays_that_were_written_read_back(days: set[int]) -> None:
    digits = "".join(str(day) for day in sorted(days))
    assert read_weekdays(write_weekdays(digits)) == digits


# Hours.


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("18:00-22:00", 1080, 1320),
        ("18:00–22:00", 1080, 1320),
        ("18.30-22.15", 1110, 1335),
        ("18h30-22h45", 1110, 1365),
        ("6pm-10pm", 1080, 1320),
        ("6PM-10PM", 1080, 1320),
        ("6:30pm-10:05pm", 1110, 1325),
        ("12am-12pm", 0, 720),
        ("12pm-12am", 720, 0),
        ("12:30am-1am", 30, 60),
        ("22-6", 1320, 360),
        ("0-24", 0, 0),
        ("00:00-24:00", 0, 0),
        ("09:00-9", 540, 540),
        ("9am-17", 540, 1020),
        ("23:59-0:01", 1439, 1),
        ("1800-2200", 1080, 1320),
        ("18:00 to 22:00", 1080, 1320),
        ("noon-midnight", 720, 0),
        ("6-10pm", 1080, 1320),
        ("9am-5", 540, 1020),
        ("10-2pm", 600, 840),
        ("11pm-1", 1380, 60),
        ("evening", 1080, 1320),
        ("at night", 1320, 360),
        ("all day", 0, 0),
    ],
)
def test_hours_are_read(text: str, starts: int, ends: int) -> None:
    assert read_hours(text) == Hours(starts, ends)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "18:00",
        "18:00-",
        "-22:00",
        "18:00-22:00-23:00",
        "25-26",
        "24:01-3",
        "18:60-19:00",
        "13pm-14pm",
        "0am-1am",
        "6-pm",
        "six-ten",
        "18:0-22:00",
        "18::00-22:00",
        "1.5-2.5",
        "18:00:00-22:00:00",
        "½-1",
    ],
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_hours(text)
    assert (refused.value.part, refused.value.expected) == (text, "hours")


@given(st.integers(0, 1439), st.integers(0, 1439))
@settings(derandomize=True, deadline=None)
def test_hours_that_were_written_read_back(starts: int, ends: int) -> None:
    assert read_hours(f"{write_clock(starts)}-{write_clock(ends)}") == Hours(starts, ends)


# Days.


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-03-04"),
        ("Tonight", "2026-03-04"),
        ("tomorrow", "2026-03-05"),
        ("thursday", "2026-03-05"),
        ("Tue", "2026-03-10"),
        ("24 Dec", "2026-12-24"),
        ("24. Dec", "2026-12-24"),
        ("24th december", "2026-12-24"),
        ("1st jan", "2027-01-01"),
        ("on 3rd March", "2027-03-03"),
        ("4 mar", "2026-03-04"),
        ("2nd sept", "2026-09-02"),
        ("24 Dec 2026", "2026-12-24"),
        ("24 Dec, 2026", "2026-12-24"),
        ("24 Dec. 2026", "2026-12-24"),
        ("29 feb", "2028-02-29"),
        ("29 feb 2028", "2028-02-29"),
        ("2026-12-24", "2026-12-24"),
        ("2020-01-01", "2020-01-01"),
        ("  2026-12-24 ", "2026-12-24"),
        ("dec 24", "2026-12-24"),
        ("24/12", "2026-12-24"),
        ("24.12.", "2026-12-24"),
        ("3.4.", "2026-04-03"),
        ("next tue", "2026-03-10"),
        ("the 24th", "2026-03-24"),
        ("the 3rd", "2026-04-03"),
        ("in two days", "2026-03-06"),
        ("the day after tomorrow", "2026-03-06"),
        ("sunday week", "2026-03-15"),
        ("Thu, 24 Dec", "2026-12-24"),
        ("24th of December", "2026-12-24"),
        ("yesterday", "2026-03-03"),
    ],
)
def test_days_are_read(text: str, day: str) -> None:
    assert read_day(text, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "Fri 24 Dec",
        "in some days",
        "32 Dec",
        "0 dec",
        "31 apr",
        "29 feb 2026",
        "24",
        "Dec",
        "24 dez",
        "3 marbles",
        "2026-13-01",
        "2026-02-30",
        "24 Dec 26",
        "tue wed",
        "24 dec 0000",
        "0001-01-01",
        "9999-12-31",
        "31 dec 9999",
        "on",
        "4 ",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_day(text, TODAY)
    assert (refused.value.part, refused.value.expected) == (text, "day")


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 6))
@settings(derandomize=True, deadline=None)
def test_a_weekday_is_the_next_such_day_and_asked_about_on_that_day(
    today: date, number: int
) -> None:
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[number]
    if today.weekday() == number:
        with pytest.raises(Unclear) as asked:
            read_day(name, today)
        meant = [one.value for one in asked.value.meanings]
        assert meant == [today, today + timedelta(days=7)]
        return
    found = read_day(name, today)
    assert found.weekday() == number
    assert timedelta() < found - today < timedelta(days=7)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
@settings(derandomize=True, deadline=None)
def test_a_day_without_a_year_is_never_past(today: date, day: date) -> None:
    found = read_day(f"{day.day} {day:%b}", today)
    assert (found.day, found.month) == (day.day, day.month)
    assert found >= today


# Zones.


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_zones_are_read(name: str) -> None:
    assert str(read_zone(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Europe",
        "Berlin",
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe/",
        "\x00",
        "zone.tab",
        "a" * 3000,
        "�",
        "Europe/Berlin ",
        "🌍",
    ],
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_zone(text)
    assert refused.value.expected == "zone"


# Spans.


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("tomorrow 18:00-22:00", "2026-03-05 18:00", "2026-03-05 22:00"),
        ("today 12-14", "2026-03-04 12:00", "2026-03-04 14:00"),
        ("tonight 22-6", "2026-03-04 22:00", "2026-03-05 06:00"),
        ("Tue 9am-5pm", "2026-03-10 09:00", "2026-03-10 17:00"),
        ("24 Dec 0-24", "2026-12-24 00:00", "2026-12-25 00:00"),
        ("on 24 Dec, 2026 18:00-18:00", "2026-12-24 18:00", "2026-12-25 18:00"),
        ("28 Mar 22-6", "2026-03-28 22:00", "2026-03-29 06:00"),
    ],
)
def test_spans_are_read_in_the_communitys_zone(text: str, starts: str, ends: str) -> None:
    span = read_span(text, NOW, BERLIN)
    assert (span.starts_at, span.ends_at) == (berlin(starts), berlin(ends))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "span"),
        ("tomorrow 18:00", "hours"),
        ("someday 18:00-22:00", "day"),
        ("today 10:00-11:00", "past"),
        ("2026-03-03 18:00-22:00", "past"),
        ("2020-01-01 18:00-22:00", "past"),
        ("9999-12-31 22-6", "day"),
        ("0001-01-01 22-6", "day"),
    ],
)
def test_a_span_that_cannot_be_read_or_is_over_is_refused(text: str, expected: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_span(text, NOW, BERLIN)
    assert refused.value.expected == expected


# Until.


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("3h", "2026-03-04 16:30"),
        ("for 3 hours", "2026-03-04 16:30"),
        ("1 hour", "2026-03-04 14:30"),
        ("2d", "2026-03-06 13:30"),
        ("1 week", "2026-03-11 13:30"),
        ("2w", "2026-03-18 13:30"),
        ("18:00", "2026-03-04 18:00"),
        ("until 18:00", "2026-03-04 18:00"),
        ("6pm", "2026-03-04 18:00"),
        ("9:00", "2026-03-05 09:00"),
        ("until 13:30", "2026-03-05 13:30"),
        ("tomorrow 9:00", "2026-03-05 09:00"),
        ("until tomorrow 9am", "2026-03-05 09:00"),
        ("Tue 18.30", "2026-03-10 18:30"),
        ("24 Dec", "2026-12-25 00:00"),
        ("until 24 dec.", "2026-12-25 00:00"),
        ("today", "2026-03-05 00:00"),
        ("tomorrow", "2026-03-06 00:00"),
        ("2026-03-29", "2026-03-30 00:00"),
        ("2026-03-29 2:30", "2026-03-29 03:00"),
    ],
)
def test_the_end_of_an_absence_is_read(text: str, until: str) -> None:
    assert read_until(text, NOW, BERLIN).astimezone(UTC) == berlin(until)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "until"),
        ("until", "until"),
        ("soon", "until"),
        ("3x", "until"),
        ("3 h ours", "until"),
        ("tomorrow 29", "until"),
        ("25:00", "until"),
        ("someday 18:00", "until"),
        ("1.5h", "until"),
        ("9999-12-31", "until"),
        ("0001-01-01 10:00", "until"),
        ("0h", "past"),
        ("0 days", "past"),
        ("today 9:00", "past"),
        ("2026-03-03", "past"),
    ],
)
def test_an_end_that_cannot_be_read_or_is_over_is_refused(text: str, expected: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_until(text, NOW, BERLIN)
    assert refused.value.expected == expected


# Anything at all.

_PIECES = st.sampled_from(
    "mon|fri|-|,|:|.|am|pm|h|d|w|24|12|0|9999|0001|2026|dec|feb|today|tomorrow|until|for|on|to|"
    "18:00|22:00|18:00-22:00|1st|–|٣|Ⅷ|²|🙂| |  |\n".split("|")
)
ANY_TEXT = st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=7).map("".join))
ZONES = st.sampled_from(["Europe/Berlin", "UTC", "Pacific/Kiritimati", "America/Havana"])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(text=ANY_TEXT, zone=ZONES)
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str, zone: str) -> None:
    there = ZoneInfo(zone)
    for read in (
        lambda: read_weekdays(text),
        lambda: read_hours(text),
        lambda: read_day(text, TODAY),
        lambda: read_zone(text),
        lambda: read_span(text, NOW, there),
        lambda: read_until(text, NOW, there),
    ):
        with suppress(NotUnderstood, Unclear):
            read()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=ANY_TEXT, zone=ZONES)
def test_what_is_read_lies_ahead(text: str, zone: str) -> None:
    there = ZoneInfo(zone)
    with suppress(NotUnderstood, Unclear):
        assert read_until(text, NOW, there) > NOW
    with suppress(NotUnderstood, Unclear):
        span = read_span(text, NOW, there)
        assert span.ends_at > NOW
        assert span.ends_at > span.starts_at
