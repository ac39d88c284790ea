"""A calendar that is given out says what the rota says, also to another program."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar.feed import write_calendar
from bot.calendar.file import read_calendar
from bot.core.rota import Duty, Rota, spans
from models import Away, Cover, Layer, Rotation, Shift

MADE = datetime(2026, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 1, tzinfo=UTC)


def title(duty: Duty) -> str:
    return f"@{duty.ambassador_id}, {duty.layer}; \\ both\nlines"


def some_rota(zone: str, starts: int, ends: int, handover: int, away_hour: int) -> Rota:
    common = {"zone": zone, "from_date": date(2026, 1, 1), "created_at": MADE}
    begins = START + timedelta(days=20, hours=away_hour)
    return Rota(
        (
            Shift(
                id=1,
                ambassador_id=1,
                layer=Layer.PRIMARY,
                weekdays="0246",
                starts=starts,
                ends=ends,
                **common,
            ),
            Shift(
                id=2,
                ambassador_id=4,
                layer=Layer.PRIMARY,
                weekdays="14",
                every=2,
                starts=ends,
                ends=starts,
                **common,
            ),
        ),
        (
            Rotation(
                id=1,
                name="weeks",
                layer=Layer.BACKUP,
                order=[2, 3, 1],
                period_days=1,
                handover=handover,
                weekdays="0123456",
                **common,
            ),
        ),
        (
            Cover(
                id=1,
                ambassador_id=3,
                for_ambassador_id=1,
                starts_at=begins,
                ends_at=begins + timedelta(hours=30),
                created_at=MADE,
            ),
        ),
        (
            Away(
                id=1,
                ambassador_id=2,
                starts_at=begins,
                ends_at=begins + timedelta(hours=9),
                created_at=MADE,
            ),
        ),
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.sampled_from(("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC")),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.integers(0, 240),
)
def test_another_library_reads_the_same_duties_back(
    zone: str, starts: int, ends: int, handover: int, away_hour: int
) -> None:
    plan = some_rota(zone, starts, ends, handover, away_hour)
    duties = spans(plan, START, START + timedelta(days=45), join=False)
    written = write_calendar(duties, "Harbour, the team", title, MADE)
    calendar = vobject.readOne(written.decode())
    found = sorted(
        (event.dtstart.value, event.dtend.value, event.summary.value)
        for event in calendar.vevent_list
    )
    expected = sorted((one.starts_at, one.ends_at, title(one)) for one in duties)
    assert [(a.astimezone(UTC), b.astimezone(UTC), c) for a, b, c in found] == expected
    ids = [event.uid.value for event in calendar.vevent_list]
    assert len(set(ids)) == len(ids)


def test_an_empty_calendar_is_a_calendar() -> None:
    written = write_calendar((), "Harbour", title, MADE)
    assert vobject.readOne(written.decode()).contents["x-wr-calname"][0].value == "Harbour"


def test_every_line_is_short_enough_and_ends_as_the_standard_asks() -> None:
    plan = some_rota("UTC", 540, 1020, 0, 0)
    duties = spans(plan, START, START + timedelta(days=9), join=False)
    written = write_calendar(duties, "ä" * 90, title, MADE)
    lines = written.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)


def test_a_duty_keeps_its_identity_when_another_one_goes() -> None:
    plan = some_rota("UTC", 540, 1020, 0, 0)
    duties = spans(plan, START, START + timedelta(days=9), join=False)

    def ids(some: tuple[Duty, ...]) -> dict[datetime, set[str]]:
        calendar = vobject.readOne(write_calendar(some, "Harbour", title, MADE).decode())
        found: dict[datetime, set[str]] = {}
        for event in calendar.vevent_list:
            found.setdefault(event.dtstart.value, set()).add(event.uid.value)
        return found

    after = ids(duties[4:])
    assert all(ids(duties)[at] >= those for at, those in after.items())


def test_what_is_written_can_be_imported_again() -> None:
    plan = some_rota("UTC", 540, 1020, 0, 0)
    end = START + timedelta(days=9)
    duties = spans(plan, START, end, join=False)
    back = read_calendar(write_calendar(duties, "x", title, MADE), "UTC", start=START, end=end)
    assert back.unread == ()
    assert sorted(
        (span.starts_at, span.ends_at) for entry in back.entries for span in entry.spans
    ) == sorted((one.starts_at, one.ends_at) for one in duties)
