"""A calendar that somebody sends is read, and what cannot be read is said."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar.file import CalendarError, CalendarFile, Weekly, read_calendar
from bot.core.rota import Rota, Span, spans
from models import Layer, Shift

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def read(*events: str) -> CalendarFile:
    return read_calendar(calendar(*events), "Europe/Berlin", start=START, end=END)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(found: CalendarFile) -> list[tuple[str, str]]:
    return [
        (f"{span.starts_at:%m-%d %H:%M}", f"{span.ends_at:%m-%d %H:%M}")
        for entry in found.entries
        for span in entry.spans
    ]


def test_one_event_is_one_span_with_who_takes_part() -> None:
    (entry,) = read(
        "SUMMARY:Ana\nDTSTART:20260310T180000Z\nDTEND:20260310T200000Z\n"
        "ATTENDEE;CN=Ben Okri:mailto:ben@example.org\nATTENDEE:mailto:ana@example.org"
    ).entries
    assert entry.who == "Ana"
    assert entry.people == ("Ben Okri", "ana@example.org")
    assert entry.weekly is None
    assert entry.spans == (Span(utc("2026-03-10 18:00"), utc("2026-03-10 20:00")),)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20260310T180000\nDTEND:20260310T200000", ("03-10 17:00", "03-10 19:00")),
        ("DTSTART;VALUE=DATE:20260310", ("03-09 23:00", "03-10 23:00")),
        (
            "DTSTART;VALUE=DATE:20260310\nDTEND;VALUE=DATE:20260312",
            ("03-09 23:00", "03-11 23:00"),
        ),
        (
            "DTSTART;TZID=America/New_York:20260310T180000\nDURATION:PT2H",
            ("03-10 22:00", "03-11 00:00"),
        ),
        # The night on which clocks go forward: eight hours on the wall are seven.
        (
            "DTSTART;TZID=Europe/Berlin:20260328T220000\nDTEND;TZID=Europe/Berlin:20260329T060000",
            ("03-28 21:00", "03-29 04:00"),
        ),
    ],
)
def test_times_are_meant_in_their_zone_or_else_in_the_rotas(
    event: str, expected: tuple[str, str]
) -> None:
    assert times(read(event)) == [expected]


def test_what_repeats_as_a_shift_does_is_weekly() -> None:
    (entry,) = read(
        "SUMMARY:Ana\nDTSTART;TZID=Europe/Berlin:20260302T220000\n"
        "DTEND;TZID=Europe/Berlin:20260303T060000\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260430T205959Z\n"
        "EXDATE;TZID=Europe/Berlin:20260309T220000"
    ).entries
    assert entry.spans == ()
    assert entry.weekly == Weekly(
        weekdays="02",
        every=1,
        starts=22 * 60,
        ends=6 * 60,
        zone="Europe/Berlin",
        from_date=date(2026, 3, 2),
        until_date=date(2026, 4, 30),
        except_dates=("2026-03-09",),
    )


@pytest.mark.parametrize(
    ("rule", "weekdays", "until"),
    [
        ("FREQ=DAILY", "0123456", None),
        ("FREQ=WEEKLY", "1", None),
        ("FREQ=DAILY;BYDAY=SA,SU", "56", None),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=TU;INTERVAL=1", "1", None),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20260414", "1", date(2026, 4, 14)),
        ("FREQ=WEEKLY;UNTIL=20260414", "1", date(2026, 4, 14)),
        # 16:00 in UTC is 18:00 in Berlin in April: the beginning itself still counts.
        ("FREQ=WEEKLY;UNTIL=20260414T160000Z", "1", date(2026, 4, 14)),
        ("FREQ=WEEKLY;UNTIL=20260414T155959Z", "1", date(2026, 4, 13)),
    ],
)
def test_days_and_the_last_date_are_read(rule: str, weekdays: str, until: date | None) -> None:
    (entry,) = read(
        f"DTSTART;TZID=Europe/Berlin:20260303T180000\nDURATION:PT2H\nRRULE:{rule}"
    ).entries
    assert entry.weekly is not None
    assert (entry.weekly.weekdays, entry.weekly.until_date) == (weekdays, until)


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=WEEKLY;COUNT=3", 3),
        ("FREQ=MONTHLY;BYDAY=1TU", 2),
        ("FREQ=DAILY;INTERVAL=3;UNTIL=20260312T170000Z", 4),
        # Weeks that begin on Sunday are not those in which a shift counts.
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU", 9),
        # It begins on a Tuesday, and goes on on Fridays.
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", 4),
    ],
)
def test_what_repeats_in_another_way_is_each_of_its_times(rule: str, count: int) -> None:
    (entry,) = read(
        f"DTSTART;TZID=Europe/Berlin:20260303T180000\nDURATION:PT2H\nRRULE:{rule}"
    ).entries
    assert entry.weekly is None
    assert len(entry.spans) == count
    for span in entry.spans:
        hour = 16 if span.starts_at > utc("2026-03-29 01:00") else 17
        assert span.starts_at.hour == hour, "the wall-clock time is kept through the change"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    every=st.integers(1, 4),
    others=st.sets(st.sampled_from(DAYS), max_size=3),
    week_start=st.sampled_from(("", ";WKST=MO", ";WKST=SU", ";WKST=WE")),
)
def test_weeks_that_are_left_out_are_those_that_the_file_leaves_out(
    every: int, others: set[str], week_start: str
) -> None:
    days = ",".join(sorted({"FR", *others}, key=DAYS.index))
    (entry,) = read(
        "DTSTART;TZID=Europe/Berlin:20260306T180000\nDURATION:PT4H\n"
        f"RRULE:FREQ=WEEKLY;INTERVAL={every};BYDAY={days}{week_start}"
    ).entries
    rule = f"FREQ=WEEKLY;INTERVAL={every};BYDAY={days}{week_start}"
    # By the clock on the wall, which knows no zone.
    first = datetime(2026, 3, 6, 18, tzinfo=UTC).replace(tzinfo=None)
    begins = rrulestr(rule, dtstart=first).between(first, first + timedelta(days=54), inc=True)
    zone = ZoneInfo("Europe/Berlin")
    if entry.weekly is None:
        assert every > 1, "weeks that begin on another day count the same where none is left out"
        assert week_start not in ("", ";WKST=MO")
        found = [one.starts_at for one in entry.spans]
    else:
        row = Shift(
            id=1,
            ambassador_id=1,
            layer=Layer.PRIMARY,
            created_at=utc("2026-01-01 00:00"),
            **{**asdict(entry.weekly), "except_dates": []},
        )
        window = (utc("2026-03-01 00:00"), utc("2026-06-01 00:00"))
        found = [one.starts_at for one in spans(Rota((row,)), *window, join=False)]
    expected = [one.replace(tzinfo=zone) for one in begins]
    assert [one for one in found if one < utc("2026-04-29 22:00")] == [
        one for one in expected if one < utc("2026-04-29 22:00")
    ]


def test_one_time_of_a_repeating_event_that_was_moved_counts_where_it_was_moved_to() -> None:
    found = read(
        "UID:a\nSUMMARY:Ana\nDTSTART;TZID=Europe/Berlin:20260303T180000\nDURATION:PT2H\n"
        "RRULE:FREQ=WEEKLY",
        "UID:a\nSUMMARY:Ana\nRECURRENCE-ID;TZID=Europe/Berlin:20260310T180000\n"
        "DTSTART;TZID=Europe/Berlin:20260311T100000\nDURATION:PT2H",
    )
    series, moved = found.entries
    assert series.weekly is not None
    assert series.weekly.except_dates == ("2026-03-10",)
    assert moved.spans[0].starts_at == utc("2026-03-11 09:00")


def test_what_was_cancelled_or_is_long_over_is_left_out() -> None:
    found = read(
        "STATUS:CANCELLED\nDTSTART:20260310T180000Z\nDURATION:PT2H",
        "DTSTART:20250310T180000Z\nDURATION:PT2H",
        "DTSTART:20250310T180000Z\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;UNTIL=20250601T000000Z",
        "SUMMARY:this one\nDTSTART:20260310T180000Z\nDURATION:PT2H",
    )
    assert [entry.who for entry in found.entries] == ["this one"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART:rubbish", "time"),
        ("DTSTART:20260310T180000Z", "time"),
        ("DTSTART:20260310T180000Z\nDTEND:20260310T180000Z", "time"),
        ("DTSTART:20260310T180000Z\nDTEND:20260310T170000Z", "time"),
        ("DURATION:PT2H", "time"),
        ("DTSTART:20260310T180000Z\nDURATION:PT2H\nRRULE:FREQ=OFTEN", "repeats"),
        ("DTSTART:20260310T180000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY", "repeats"),
        ("DTSTART:19000101T000000Z\nDURATION:PT50H\nRRULE:FREQ=DAILY", "too_many"),
    ],
)
def test_an_event_that_cannot_be_read_is_named_and_the_others_are_kept(
    event: str, why: str
) -> None:
    found = read(
        f"SUMMARY:this one\n{event}", "SUMMARY:Ben\nDTSTART:20260310T180000Z\nDURATION:PT2H"
    )
    assert [(one.who, one.why) for one in found.unread] == [("this one", why)]
    assert [entry.who for entry in found.entries] == ["Ben"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "unreadable"),
        (b"hello", "unreadable"),
        (b"\xff\xfe\x00\x01", "unreadable"),
        (b"%PDF-1.7", "unreadable"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "empty"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "unreadable"),
        (b" " * 1_000_001, "too_big"),
        (calendar(*["DTSTART:20260310T180000Z"] * 2001), "too_big"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_file_that_is_no_calendar_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(CalendarError) as refused:
        read_calendar(data, "UTC", start=START, end=END)
    assert refused.value.reason == reason


_PARTS = st.sampled_from(
    (
        "DTSTART:20260310T180000Z",
        "DTSTART;VALUE=DATE:20260310",
        "DTSTART;TZID=Nowhere/Land:20260310T180000",
        "DTSTART:x",
        "DTEND:20260310T200000",
        "DTEND;VALUE=DATE:20260312",
        "DURATION:-PT2H",
        "DURATION:P1W",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,2TU",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=WEEKLY;UNTIL=20260401",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "EXDATE:20260310T180000Z,20260311T180000",
        "EXDATE:x",
        "RDATE:20260320T180000Z",
        "RDATE;VALUE=PERIOD:20260320T180000Z/PT2H",
        "RECURRENCE-ID:20260310T180000Z",
        "RECURRENCE-ID:x",
        "SUMMARY:a\\, b",
        "SUMMARY:second",
        "STATUS:TENTATIVE",
        "UID:1",
        "ATTENDEE:x",
        "BEGIN:VALARM\nEND:VALARM",
    )
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.lists(_PARTS, max_size=7).map("\n".join), max_size=3), st.binary(max_size=5))
def test_whatever_a_file_holds_it_is_read_or_refused_and_nothing_breaks(
    events: list[str], noise: bytes
) -> None:
    for data in (calendar(*events), calendar(*events)[:-30] + noise, noise):
        try:
            found = read_calendar(data, "Europe/Berlin", start=START, end=END)
        except CalendarError:
            continue
        for entry in found.entries:
            assert (entry.weekly is None) == bool(entry.spans)
            assert all(span.starts_at < span.ends_at for span in entry.spans)
