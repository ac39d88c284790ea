"""Dates and times in the words that volunteers use: understood, asked about, or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

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
NOW = datetime(2026, 3, 4, 13, 30, tzinfo=UTC)
"""A Wednesday, half past two in the afternoon in Berlin."""

TIMES = {
    "tomorrow 6pm-10pm": "Thu 5 Mar 18:00-22:00",
    "Tomorrow 6 PM – 10 PM": "Thu 5 Mar 18:00-22:00",
    "tomorrow 6 p.m. to 10 p.m.": "Thu 5 Mar 18:00-22:00",
    "tomorrow from 6 to 10pm": "Thu 5 Mar 18:00-22:00",
    "between 6 and 10pm tomorrow": "Thu 5 Mar 18:00-22:00",
    "6-10pm tomorrow": "Thu 5 Mar 18:00-22:00",
    "18:00-22:00 tomorrow": "Thu 5 Mar 18:00-22:00",
    "1800-2200 tomorrow": "Thu 5 Mar 18:00-22:00",
    "tomorrow 18h-22h": "Thu 5 Mar 18:00-22:00",
    "tomorrow 18.30 until 22.15": "Thu 5 Mar 18:30-22:15",
    "tomorrow 6pm for 4 hours": "Thu 5 Mar 18:00-22:00",
    "tmrw 18-22": "Thu 5 Mar 18:00-22:00",
    "24 Dec to 2 Jan": "Thu 24 Dec to Sat 2 Jan 2027",
    "24 Dec - 2 Jan": "Thu 24 Dec to Sat 2 Jan 2027",
    "from 24 Dec until 2 Jan": "Thu 24 Dec to Sat 2 Jan 2027",
    "24th of December to the 2nd of January": "Thu 24 Dec to Sat 2 Jan 2027",
    "2026-12-24 - 2027-01-02": "Thu 24 Dec to Sat 2 Jan 2027",
    "2026-12-24 to 2027-01-02": "Thu 24 Dec to Sat 2 Jan 2027",
    "24.12. - 2.1.": "Thu 24 Dec to Sat 2 Jan 2027",
    "24-26 Dec": "Thu 24 Dec to Sat 26 Dec",
    "24 to 26 December": "Thu 24 Dec to Sat 26 Dec",
    "Dec 24-26": "Thu 24 Dec to Sat 26 Dec",
    "tomorrow to Sunday": "Thu 5 Mar to Sun 8 Mar",
    "Fri-Sun": "Fri 6 Mar to Sun 8 Mar",
    "Friday to Monday": "Fri 6 Mar to Mon 9 Mar",
    "24 Dec 18:00 to 25 Dec 06:00": "Thu 24 Dec 18:00-06:00",
    "24 Dec 18:00 - 26 Dec 9:30": "Thu 24 Dec 18:00 to Sat 26 Dec 09:30",
    "6pm tomorrow to 9am Sunday": "Thu 5 Mar 18:00 to Sun 8 Mar 09:00",
    "now to 6pm": "Wed 4 Mar 14:30-18:00",
    "next Tuesday night": "Tue 10 Mar 22:00-06:00",
    "Tuesday night": "Tue 10 Mar 22:00-06:00",
    "tonight": "Wed 4 Mar 18:00-06:00",
    "tonight 22-6": "Wed 4 Mar 22:00-06:00",
    "this evening": "Wed 4 Mar 18:00-22:00",
    "evening": "Wed 4 Mar 18:00-22:00",
    "tomorrow evening": "Thu 5 Mar 18:00-22:00",
    "tomorrow in the evening": "Thu 5 Mar 18:00-22:00",
    "tomorrow morning": "Thu 5 Mar 06:00-12:00",
    "in the morning on Friday": "Fri 6 Mar 06:00-12:00",
    "Friday afternoon": "Fri 6 Mar 12:00-18:00",
    "the night of 24 Dec": "Thu 24 Dec 22:00-06:00",
    "24 Dec night": "Thu 24 Dec 22:00-06:00",
    "the day after tomorrow in the evening": "Fri 6 Mar 18:00-22:00",
    "tomorrow all day": "Thu 5 Mar 00:00-24:00",
    "all day tomorrow": "Thu 5 Mar 00:00-24:00",
    "tomorrow": "Thu 5 Mar 00:00-24:00",
    "today": "Wed 4 Mar 00:00-24:00",
    "Sunday": "Sun 8 Mar 00:00-24:00",
    "on Sunday 9am-1pm": "Sun 8 Mar 09:00-13:00",
    "Sunday week 9am-1pm": "Sun 15 Mar 09:00-13:00",
    "a week on Sunday 9am-1pm": "Sun 15 Mar 09:00-13:00",
    "in 3 days 18-22": "Sat 7 Mar 18:00-22:00",
    "in a week, 18:00-22:00": "Wed 11 Mar 18:00-22:00",
    "the 24th 18:00-22:00": "Tue 24 Mar 18:00-22:00",
    "24/12 18-22": "Thu 24 Dec 18:00-22:00",
    "12/24 18-22": "Thu 24 Dec 18:00-22:00",
    "24.12.2026 18-22": "Thu 24 Dec 18:00-22:00",
    "Dec 24 6pm to 10pm": "Thu 24 Dec 18:00-22:00",
    "December 24th, 6pm-10pm": "Thu 24 Dec 18:00-22:00",
    "Thu 24 Dec 18:00-22:00": "Thu 24 Dec 18:00-22:00",
    "Thursday, 24 December 2026, 18:00-22:00": "Thu 24 Dec 18:00-22:00",
    "noon to midnight tomorrow": "Thu 5 Mar 12:00-24:00",
    "tomorrow midday - 6pm": "Thu 5 Mar 12:00-18:00",
    "tomorrow 10pm-midnight": "Thu 5 Mar 22:00-24:00",
    "tomorrow midnight to 6": "Thu 5 Mar 00:00-06:00",
    "tomorrow 9-5pm": "Thu 5 Mar 09:00-17:00",
    "tomorrow 10-2pm": "Thu 5 Mar 10:00-14:00",
    "tomorrow 22-6": "Thu 5 Mar 22:00-06:00",
    "tomorrow 9am-17": "Thu 5 Mar 09:00-17:00",
    "18:00-22:00": "Wed 4 Mar 18:00-22:00",
    "9:00-11:00": "Thu 5 Mar 09:00-11:00",
    "today 6-10": "Wed 4 Mar 18:00-22:00",
    "this weekend": "Sat 7 Mar to Sun 8 Mar",
    "weekend": "Sat 7 Mar to Sun 8 Mar",
    "next week": "Mon 9 Mar to Sun 15 Mar",
    "next month": "Wed 1 Apr to Thu 30 Apr",
    "December": "Tue 1 Dec to Thu 31 Dec",
    "28 Mar 22:00-06:00": "Sat 28 Mar 22:00-06:00",
}
"""Each means one time, at `NOW`."""

EVERY_WEEK = {
    "Mon-Fri 18:00-22:00": ("01234", "18:00-22:00", 1),
    "Mon to Fri 6 pm – 10 pm": ("01234", "18:00-22:00", 1),
    "18:00-22:00 Mon-Fri": ("01234", "18:00-22:00", 1),
    "weekdays 9am to 5": ("01234", "09:00-17:00", 1),
    "weekdays 9-17": ("01234", "09:00-17:00", 1),
    "weekends 10:00-14:00": ("56", "10:00-14:00", 1),
    "Sat and Sun 9 am - 5 pm": ("56", "09:00-17:00", 1),
    "Mon, Wed & Fri 18-22": ("024", "18:00-22:00", 1),
    "Mon,Wed-Fri 18-22": ("0234", "18:00-22:00", 1),
    "every Friday 6-10pm": ("4", "18:00-22:00", 1),
    "Fridays from 6pm to 10pm": ("4", "18:00-22:00", 1),
    "every day 22-6": ("0123456", "22:00-06:00", 1),
    "daily all day": ("0123456", "00:00-00:00", 1),
    "every night": ("0123456", "22:00-06:00", 1),
    "every day at night": ("0123456", "22:00-06:00", 1),
    "Fri nights": ("4", "22:00-06:00", 1),
    "Mon-Fri evenings": ("01234", "18:00-22:00", 1),
    "every other Friday 6-10pm": ("4", "18:00-22:00", 2),
    "every second Friday 18:00-22:00": ("4", "18:00-22:00", 2),
    "every 2 weeks on Tue 10am-12pm": ("1", "10:00-12:00", 2),
    "alternate Tuesdays noon to 6pm": ("1", "12:00-18:00", 2),
    "Sundays noon-midnight": ("6", "12:00-00:00", 1),
}

UNTIL = {
    "3h": "Wed 4 Mar 17:30",
    "for 3 hours": "Wed 4 Mar 17:30",
    "an hour": "Wed 4 Mar 15:30",
    "half an hour": "Wed 4 Mar 15:00",
    "1h 30m": "Wed 4 Mar 16:00",
    "an hour and a half": "Wed 4 Mar 16:00",
    "45 min": "Wed 4 Mar 15:15",
    "two days": "Fri 6 Mar 14:30",
    "a week": "Wed 11 Mar 14:30",
    "a fortnight": "Wed 18 Mar 14:30",
    "until 18:00": "Wed 4 Mar 18:00",
    "till 6pm": "Wed 4 Mar 18:00",
    "to 6pm": "Wed 4 Mar 18:00",
    "until tomorrow at 9am": "Thu 5 Mar 09:00",
    "until 9am tomorrow": "Thu 5 Mar 09:00",
    "until noon": "Thu 5 Mar 12:00",
    "until midnight": "Thu 5 Mar 00:00",
    "until Friday": "Sat 7 Mar 00:00",
    "until 24 Dec": "Fri 25 Dec 00:00",
    "next week": "Mon 16 Mar 00:00",
    "this weekend": "Mon 9 Mar 00:00",
}

PERIODS = {
    "2 weeks": "Wed 4 Mar to Tue 17 Mar",
    "14 days": "Wed 4 Mar to Tue 17 Mar",
    "next 3 days": "Wed 4 Mar to Fri 6 Mar",
    "the next two weeks": "Wed 4 Mar to Tue 17 Mar",
    "this week": "Mon 2 Mar to Sun 8 Mar",
    "week": "Mon 2 Mar to Sun 8 Mar",
    "next week": "Mon 9 Mar to Sun 15 Mar",
    "week of 24 Dec": "Mon 21 Dec to Sun 27 Dec",
    "month": "Sun 1 Mar to Tue 31 Mar",
    "this month": "Sun 1 Mar to Tue 31 Mar",
    "next month": "Wed 1 Apr to Thu 30 Apr",
    "last month": "Sun 1 Feb to Sat 28 Feb",
    "Dec 2026": "Tue 1 Dec to Thu 31 Dec",
    "January": "Fri 1 Jan 2027 to Sun 31 Jan 2027",
    "tomorrow": "Thu 5 Mar 00:00-24:00",
    "24 Dec": "Thu 24 Dec 00:00-24:00",
}

UNCLEAR = {
    "tomorrow 6-10": ["Thu 5 Mar 06:00-10:00", "Thu 5 Mar 18:00-22:00"],
    "6-10": ["Thu 5 Mar 06:00-10:00", "Wed 4 Mar 18:00-22:00"],
    "tomorrow 9 to 5": ["Thu 5 Mar 09:00-17:00", "Thu 5 Mar 21:00-05:00"],
    "3/4 18-22": ["Fri 3 Apr 18:00-22:00", "Wed 4 Mar 18:00-22:00"],
    "5/6/2026 18-22": ["Fri 5 Jun 18:00-22:00", "Wed 6 May 18:00-22:00"],
    "Wednesday 18-22": ["Wed 4 Mar 18:00-22:00", "Wed 11 Mar 18:00-22:00"],
    "Wednesday evening": ["Wed 4 Mar 18:00-22:00", "Wed 11 Mar 18:00-22:00"],
    "next Friday 18-22": ["Fri 13 Mar 18:00-22:00", "Fri 6 Mar 18:00-22:00"],
    "next weekend": ["Sat 7 Mar to Sun 8 Mar", "Sat 14 Mar to Sun 15 Mar"],
    "tomorrow 6pm to 9 on Sunday": [
        "Thu 5 Mar 18:00 to Sun 8 Mar 09:00",
        "Thu 5 Mar 18:00 to Sun 8 Mar 21:00",
    ],
}

REFUSED = {
    "": ("", "span"),
    "someday 18:00-22:00": ("someday", "day"),
    "Christmas": ("Christmas", "span"),
    "tomorrow soonish": ("soonish", "hours"),
    "tomorrow 25-26": ("25-26", "hours"),
    "tomorrow 18:60-19:00": ("18:60-19:00", "hours"),
    "tomorrow 13pm-14pm": ("13pm-14pm", "hours"),
    "tomorrow 6 o'clock pm - 22:00": ("6 pm-22:00", "hours"),
    "31 Feb 18-22": ("31 Feb", "day"),
    "Fri 24 Dec 18-22": ("Fri 24 Dec", "day"),
    "Blursday evening": ("Blursday", "day"),
    "today 10:00-11:00": ("today 10:00-11:00", "past"),
    "yesterday evening": ("yesterday evening", "past"),
    "2020-12-24 18:00-22:00": ("2020-12-24 18:00-22:00", "past"),
    "9999-12-31 22:00-06:00": ("9999-12-31", "day"),
    "99 Dec - 2 Jan": ("99 Dec - 2 Jan", "span"),
    "24 Dec tomorrow": ("tomorrow", "hours"),
}

REFUSED_WEEKLY = {
    "Mon-Frog 18:00-22:00": ("Mon-Frog", "weekdays"),
    "Mon-Fri 25:00-26:00": ("25:00-26:00", "hours"),
    "Mon-Fri": ("Mon-Fri", "hours"),
    "18:00-22:00": ("18:00-22:00", "weekdays"),
    "Mon-Fri late": ("late", "hours"),
    "sometimes 18-22": ("sometimes", "weekdays"),
    "24 Dec 18-22": ("24 Dec", "weekdays"),
    "": ("", "weekdays"),
}


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
