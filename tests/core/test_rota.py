"""Who is on call: shifts in wall-clock time, through midnights, weeks and changed clocks."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.rota import (
    OnCall,
    Rota,
    Span,
    away_now,
    instant,
    occurrence,
    span_on,
    zone_named,
)
from bot.core.rota import (
    on_call as on_call_in,
)
from models import Away, Cover, Layer, Shift

ANA, BEN, CAT = 1, 2, 3
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Antarctica/Troll",
)
"""Clocks that change at one, at two, at midnight, by half an hour, by two, and for Ramadan."""


def shift(
    who: int = ANA,
    hours: tuple[int, int] = (9, 17),
    *,
    weekdays: str = "0123456",
    zone: str = "UTC",
    layer: Layer = Layer.PRIMARY,
    from_date: date = date(2020, 1, 1),
    until_date: date | None = None,
    ended_at: datetime | None = None,
) -> Shift:
    starts, ends = (int(hour * 60) for hour in hours)
    return Shift(
        id=1,
        ambassador_id=who,
        layer=layer,
        weekdays=weekdays,
        starts=starts,
        ends=ends,
        zone=zone,
        from_date=from_date,
        until_date=until_date,
        created_at=LONG_AGO,
        ended_at=ended_at,
    )


def at(text: str, zone: str = "UTC") -> datetime:
    """``2026-03-02 18:00`` in ``zone``, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def on_call(shifts: list[Shift], covers: list[Cover], aways: list[Away], when: datetime) -> OnCall:
    return on_call_in(Rota(tuple(shifts), (), tuple(covers), tuple(aways)), when)


def primary(shifts: list[Shift], when: datetime) -> set[int]:
    return set(on_call(shifts, [], [], when).primary)


# Ordinary days.


def test_a_shift_holds_from_its_first_minute_up_to_its_last() -> None:
    ana = [shift(ANA, (9, 17))]
    assert primary(ana, at("2026-03-02 08:59:59")) == set()
    assert primary(ana, at("2026-03-02 09:00")) == {ANA}
    assert primary(ana, at("2026-03-02 16:59:59")) == {ANA}
    assert primary(ana, at("2026-03-02 17:00")) == set()


def test_a_shift_is_meant_in_its_own_zone() -> None:
    ana = [shift(ANA, (9, 17), zone="Pacific/Auckland")]
    assert primary(ana, at("2026-03-02 09:30", "Pacific/Auckland")) == {ANA}
    assert primary(ana, at("2026-03-02 09:30")) == set()


def test_a_shift_keeps_its_hours_in_summer_and_winter() -> None:
    ana = [shift(ANA, (18, 22), zone="Europe/Berlin")]
    for day in ("2026-01-15", "2026-07-15"):
        assert primary(ana, at(f"{day} 18:00", "Europe/Berlin")) == {ANA}
        assert primary(ana, at(f"{day} 17:59", "Europe/Berlin")) == set()
        assert primary(ana, at(f"{day} 22:00", "Europe/Berlin")) == set()


def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    friday_night = [shift(ANA, (22, 6), weekdays="4")]
    assert primary(friday_night, at("2026-03-06 21:59")) == set()
    assert primary(friday_night, at("2026-03-06 22:00")) == {ANA}
    assert primary(friday_night, at("2026-03-07 05:59")) == {ANA}
    assert primary(friday_night, at("2026-03-07 06:00")) == set()
    assert primary(friday_night, at("2026-03-07 22:00")) == set()
    assert primary(friday_night, at("2026-03-06 05:00")) == set()


def test_a_shift_that_ends_when_it_starts_lasts_a_day() -> None:
    monday = [shift(ANA, (9, 9), weekdays="0")]
    assert primary(monday, at("2026-03-02 08:59")) == set()
    assert primary(monday, at("2026-03-02 09:00")) == {ANA}
    assert primary(monday, at("2026-03-03 08:59")) == {ANA}
    assert primary(monday, at("2026-03-03 09:00")) == set()


@pytest.mark.parametrize("number", range(7))
def test_weekdays_count_from_monday(number: int) -> None:
    monday = date(2026, 3, 2)
    one = shift(weekdays=str(number))
    held = [step for step in range(7) if span_on(one, monday + timedelta(days=step))]
    assert held == [number]


def test_a_shift_begins_on_its_first_date_and_not_the_night_before() -> None:
    nights = [shift(ANA, (22, 6), from_date=date(2026, 3, 4))]
    assert primary(nights, at("2026-03-04 03:00")) == set()
    assert primary(nights, at("2026-03-04 22:00")) == {ANA}


def test_the_last_date_of_a_shift_runs_to_the_end_of_its_night() -> None:
    nights = [shift(ANA, (22, 6), until_date=date(2026, 3, 4))]
    assert primary(nights, at("2026-03-05 05:59")) == {ANA}
    assert primary(nights, at("2026-03-05 22:00")) == set()


def test_an_ended_shift_holds_nobody_from_that_moment_on() -> None:
    ended = [shift(ANA, (9, 17), ended_at=at("2026-03-02 12:00"))]
    assert primary(ended, at("2026-03-02 11:59:59")) == {ANA}
    assert primary(ended, at("2026-03-02 12:00")) == set()
    assert primary(ended, at("2026-03-03 10:00")) == set()


def test_who_is_in_both_layers_is_primary() -> None:
    both = [shift(ANA), shift(ANA, layer=Layer.BACKUP), shift(BEN, layer=Layer.BACKUP)]
    now = on_call(both, [], [], at("2026-03-02 10:00"))
    assert now == OnCall(frozenset({ANA}), frozenset({BEN}))


def test_a_zone_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        zone_named("Mars/Olympus")


# Covers and away times.


def cover(
    who: int, other: int, starts: str, ends: str, made: datetime = LONG_AGO, number: int = 1
) -> Cover:
    return Cover(
        id=number,
        ambassador_id=who,
        for_ambassador_id=other,
        starts_at=at(starts),
        ends_at=at(ends),
        created_at=made,
    )


def away(who: int, starts: str, ends: str | None = None) -> Away:
    return Away(
        id=1,
        ambassador_id=who,
        starts_at=at(starts),
        ends_at=at(ends) if ends else None,
        created_at=LONG_AGO,
    )


NOON = at("2026-03-02 12:00")


def test_a_cover_stands_in_for_as_long_as_it_lasts() -> None:
    covers = [cover(BEN, ANA, "2026-03-02 12:00", "2026-03-02 13:00")]
    assert on_call([shift()], covers, [], at("2026-03-02 11:59:59")).primary == {ANA}
    assert on_call([shift()], covers, [], NOON).primary == {BEN}
    assert on_call([shift()], covers, [], at("2026-03-02 13:00")).primary == {ANA}


def test_a_cover_stands_in_each_layer_the_other_would_have_been_in() -> None:
    covers = [cover(BEN, ANA, "2026-03-02 00:00", "2026-03-03 00:00")]
    assert on_call([shift(layer=Layer.BACKUP)], covers, [], NOON).backup == {BEN}


def test_a_cover_for_somebody_without_a_shift_changes_nothing() -> None:
    covers = [cover(BEN, CAT, "2026-03-02 00:00", "2026-03-03 00:00")]
    assert on_call([shift()], covers, [], NOON).primary == {ANA}


def test_of_two_covers_the_later_made_one_counts() -> None:
    older = cover(BEN, ANA, "2026-03-02 00:00", "2026-03-03 00:00", LONG_AGO, 2)
    newer = cover(CAT, ANA, "2026-03-02 00:00", "2026-03-03 00:00", NOON, 1)
    for covers in ([older, newer], [newer, older]):
        assert on_call([shift()], covers, [], NOON).primary == {CAT}


def test_whoever_is_away_is_on_call_in_no_layer() -> None:
    shifts = [shift(ANA), shift(BEN, layer=Layer.BACKUP)]
    aways = [away(ANA, "2026-03-02 00:00"), away(BEN, "2026-03-02 11:00", "2026-03-02 12:30")]
    assert on_call(shifts, [], aways, NOON) == OnCall()
    assert on_call(shifts, [], aways, at("2026-03-02 12:30")).backup == {BEN}


def test_a_cover_who_is_away_leaves_the_place_empty_rather_than_calling_the_other_back() -> None:
    covers = [cover(BEN, ANA, "2026-03-02 00:00", "2026-03-03 00:00")]
    assert on_call([shift()], covers, [away(BEN, "2026-03-02 00:00")], NOON) == OnCall()


def test_away_is_from_its_start_up_to_its_end() -> None:
    aways = [away(ANA, "2026-03-02 12:00", "2026-03-02 13:00"), away(BEN, "2026-03-02 12:30")]
    assert away_now(aways, at("2026-03-02 11:59:59")) == set()
    assert away_now(aways, NOON) == {ANA}
    assert away_now(aways, at("2026-03-02 12:30")) == {ANA, BEN}
    assert away_now(aways, at("2026-03-02 13:00")) == {BEN}
    assert away_now(aways, at("2036-03-02 13:00")) == {BEN}


# Nights when a clock changes.


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """Every change of the clock in ``name`` from 2024 to 2027, to the minute, in UTC."""
    zone = ZoneInfo(name)
    found = []
    moment, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    while moment < end:
        after = moment + timedelta(hours=6)
        if moment.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            early, late = moment, after
            while late - early > timedelta(minutes=1):
                middle = early + (late - early) / 2
                middle = middle.replace(second=0, microsecond=0)
                same = middle.astimezone(zone).utcoffset() == early.astimezone(zone).utcoffset()
                early, late = (middle, late) if same else (early, middle)
            found.append(late)
        moment = after
    return tuple(found)


@pytest.mark.parametrize("name", ZONES)
def test_the_zones_do_change_their_clocks(name: str) -> None:
    assert len(changes(name)) >= 7


@pytest.mark.parametrize(
    ("name", "day", "minutes", "second", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 150, False, "2026-03-29 01:00"),
        ("Europe/Berlin", date(2026, 3, 29), 150, True, "2026-03-29 01:00"),
        ("Europe/Berlin", date(2026, 10, 25), 150, False, "2026-10-25 00:30"),
        ("Europe/Berlin", date(2026, 10, 25), 150, True, "2026-10-25 01:30"),
        ("Europe/Berlin", date(2026, 10, 25), 180, False, "2026-10-25 02:00"),
        ("America/Santiago", date(2026, 9, 6), 0, False, "2026-09-06 04:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 105, False, "2026-04-04 14:45"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 105, True, "2026-04-04 15:15"),
        ("Antarctica/Troll", date(2026, 3, 29), 120, False, "2026-03-29 01:00"),
        ("Asia/Kolkata", date(2026, 3, 29), 150, True, "2026-03-28 21:00"),
    ],
)
def test_a_time_on_such_a_night_is_the_documented_moment(
    name: str, day: date, minutes: int, second: bool, expected: str
) -> None:
    assert instant(ZoneInfo(name), day, minutes, second=second) == at(expected)


@pytest.mark.parametrize("name", ZONES)
def test_a_time_that_exists_once_is_that_time_and_every_other_is_near_a_change(name: str) -> None:
    zone = ZoneInfo(name)
    for change in changes(name):
        local = change.astimezone(zone).date()
        for step in (-1, 0, 1):
            day = local + timedelta(days=step)
            for minutes in range(0, 1440, 15):
                first = instant(zone, day, minutes, second=False)
                second = instant(zone, day, minutes, second=True)
                assert first <= second
                shown = first.astimezone(zone)
                exists = (shown.date(), shown.hour * 60 + shown.minute) == (day, minutes)
                assert exists or first == second == change


def _moments(name: str) -> list[datetime]:
    """Moments around every change of the clock, and a few on ordinary days."""
    around = [
        change + timedelta(minutes=step)
        for change in changes(name)
        for step in [*range(-180, 181, 15), *(hours * 60 for hours in (-40, -26, -13, 13, 26, 40))]
    ]
    return around + [moment - timedelta(seconds=1) for moment in around]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("boundaries", [(8, 20), (0, 12), (1, 13), (2, 2.5), (23, 0), (1.5, 3)])
def test_two_shifts_that_meet_leave_no_hole_and_overlap_only_in_an_hour_that_comes_twice(
    name: str, boundaries: tuple[float, float]
) -> None:
    early, late = (int(hour * 60) for hour in boundaries)
    day, night = shift(ANA, zone=name), shift(BEN, zone=name)
    day.starts, day.ends, night.starts, night.ends = early, late, late, early
    for moment in _moments(name):
        held = primary([day, night], moment)
        assert held, f"nobody is on call at {moment}"
        if len(held) == 2:
            assert _boundary_comes_twice(name, moment, (early, late)), f"two are, at {moment}"


def _boundary_comes_twice(name: str, moment: datetime, boundaries: tuple[int, int]) -> bool:
    zone = ZoneInfo(name)
    for step in (-1, 0, 1):
        day = moment.astimezone(zone).date() + timedelta(days=step)
        for minutes in boundaries:
            first = instant(zone, day, minutes, second=False)
            second = instant(zone, day, minutes, second=True)
            if first <= moment < second:
                return True
    return False


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(ZONES),
    boundaries=st.lists(st.integers(0, 1439), min_size=1, max_size=4, unique=True).map(sorted),
    change=st.integers(0, 7),
    offset_s=st.integers(-50 * 3600, 50 * 3600),
)
def test_however_a_day_is_shared_out_somebody_is_on_call_at_every_moment(
    name: str, boundaries: list[int], change: int, offset_s: int
) -> None:
    moments = changes(name)
    moment = moments[change % len(moments)] + timedelta(seconds=offset_s)
    turns = [*pairwise(boundaries), (boundaries[-1], boundaries[0])]
    shifts = []
    for number, (starts, ends) in enumerate(turns):
        one = shift(number, zone=name)
        one.starts, one.ends = starts, ends
        shifts.append(one)
    held = primary(shifts, moment)
    assert held
    local = moment.astimezone(ZoneInfo(name))
    repeated = any(_boundary_comes_twice(name, moment, (b, b)) for b in boundaries)
    if not repeated:
        expected = (bisect_right(boundaries, local.hour * 60 + local.minute) - 1) % len(boundaries)
        assert held == {expected}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(ZONES),
    starts=st.integers(0, 1439),
    ends=st.integers(0, 1439),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(
        lambda days: "".join(str(day) for day in sorted(days))
    ),
    change=st.integers(0, 7),
    offset_s=st.integers(-50 * 3600, 50 * 3600),
)
def test_on_call_at_a_moment_is_to_be_in_one_of_the_spans_of_the_days_around(
    name: str, starts: int, ends: int, weekdays: str, change: int, offset_s: int
) -> None:
    moments = changes(name)
    moment = moments[change % len(moments)] + timedelta(seconds=offset_s)
    one = shift(zone=name, weekdays=weekdays)
    one.starts, one.ends = starts, ends
    today = moment.astimezone(ZoneInfo(name)).date()
    spans = [span_on(one, today + timedelta(days=step)) for step in (-3, -2, -1, 0, 1)]
    held = [span for span in spans if span is not None and span.holds(moment)]
    found = occurrence(one, moment)
    assert (found is not None) == bool(held)
    assert found is None or found in held


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(at("2026-03-02 12:00"), at("2026-03-02 13:00"))
    assert span.holds(span.starts_at)
    assert not span.holds(span.ends_at)
