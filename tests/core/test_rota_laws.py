"""What holds for every rota, and on every night on which a clock anywhere changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import MO, WEEKLY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.rota import (
    Add,
    Duty,
    Edit,
    End,
    Rota,
    apply,
    difference,
    gaps,
    hours,
    instant,
    moved,
    on_call,
    overlaps,
    read_change,
    spans,
    write_change,
)
from models import Away, Cover, Layer, Need, Rotation, Shift

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
QUARTER = timedelta(minutes=15)
NAMES = sorted(available_timezones() - {"localtime", "Factory"})
PEOPLE = range(1, 6)


def shift(who: int, starts: int, ends: int, zone: str, number: int = 1, **values: object) -> Shift:
    fields: dict[str, object] = {
        "id": number,
        "ambassador_id": who,
        "layer": Layer.PRIMARY,
        "weekdays": "0123456",
        "starts": starts,
        "ends": ends,
        "zone": zone,
        "from_date": date(2020, 1, 1),
        "created_at": LONG_AGO,
    }
    return Shift(**(fields | values))


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """Every change of the clock of ``name`` in these years, to the second."""
    zone = ZoneInfo(name)
    found = []
    moment = START
    while moment < END:
        after = moment + timedelta(days=5)
        # Two changes are never nearer than that: Morocco's are the nearest, four weeks apart.
        if moment.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            early, late = moment, after
            while late - early > timedelta(seconds=1):
                middle = early + (late - early) // 2
                same = middle.astimezone(zone).utcoffset() == early.astimezone(zone).utcoffset()
                early, late = (middle, late) if same else (early, middle)
            found.append(late.replace(microsecond=0))
        moment = after
    return tuple(found)


def distinct_changes() -> list[tuple[str, datetime]]:
    """Each change in each zone; of zones whose clocks show the same around it one is enough."""
    seen: dict[tuple[object, ...], tuple[str, datetime]] = {}
    for name in NAMES:
        zone = ZoneInfo(name)
        for change in changes(name):
            before = (change - timedelta(hours=1)).astimezone(zone).utcoffset()
            key = (change, before, change.astimezone(zone).utcoffset())
            seen.setdefault(key, (name, change))
    return list(seen.values())


CHAINS = (
    (0, 8 * 60, 16 * 60),
    (2 * 60 + 30, 14 * 60),
    (0, 30, 60, 90, 120, 150, 180, 210, 12 * 60, 23 * 60, 23 * 60 + 30),
    tuple(hour * 60 for hour in range(24)),
)


def test_there_are_changes_to_look_at() -> None:
    assert len(NAMES) > 400
    zones_that_change = [name for name in NAMES if changes(name)]
    assert len(zones_that_change) > 150
    assert len(distinct_changes()) > 300


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: f"{len(chain)}-shifts")
def test_through_every_change_of_every_clock_a_chain_of_shifts_covers_each_moment_once(
    chain: tuple[int, ...],
) -> None:
    turns = [*pairwise(chain), (chain[-1], chain[0])]
    for name, change in distinct_changes():
        plan = Rota(
            tuple(shift(n, starts, ends, name, n) for n, (starts, ends) in enumerate(turns, 1))
        )
        start, end = change - timedelta(hours=40), change + timedelta(hours=40)
        duties = spans(plan, start, end)
        assert duties[0].starts_at == start, name
        assert duties[-1].ends_at == end, name
        for before, after in pairwise(duties):
            assert before.ends_at == after.starts_at, f"{name} at {change}: {before} {after}"


def test_through_every_change_of_every_clock_a_shift_keeps_its_wall_clock_times() -> None:
    for name, change in distinct_changes():
        zone = ZoneInfo(name)
        plan = Rota((shift(1, 5 * 60 + 10, 21 * 60 + 20, name),))
        for duty in spans(plan, change - timedelta(days=3), change + timedelta(days=3), join=False)[
            1:-1
        ]:
            assert f"{duty.starts_at.astimezone(zone):%H:%M}" == "05:10", name
            assert f"{duty.ends_at.astimezone(zone):%H:%M}" == "21:20", name


def test_zones_whose_clocks_never_change_need_no_special_night() -> None:
    for name in NAMES:
        if changes(name):
            continue
        plan = Rota((shift(1, 0, 12 * 60, name, 1), shift(2, 12 * 60, 0, name, 2)))
        start = datetime(2026, 3, 1, tzinfo=UTC)
        duties = spans(plan, start, start + WEEK)
        assert sum((duty.length for duty in duties), timedelta()) == WEEK
        assert all(a.ends_at == b.starts_at for a, b in pairwise(duties)), name


def test_where_one_of_two_that_meet_is_missing_the_other_stays_until_the_second_time() -> None:
    night = datetime(2026, 10, 25, tzinfo=UTC)  # 02:30 comes at 00:30 and 01:30 in Berlin
    ana = shift(1, 22 * 60, 150, "Europe/Berlin", 1)
    ben = shift(2, 150, 10 * 60, "Europe/Berlin", 2)
    alone = spans(Rota((ana,)), night, night + timedelta(hours=3))
    assert [duty.ends_at for duty in alone] == [night + timedelta(hours=1, minutes=30)]
    both = spans(Rota((ana, ben)), night, night + timedelta(hours=3))
    assert both[0].ends_at == night + timedelta(minutes=30)
    assert on_call(Rota((ana, ben)), night + timedelta(hours=1)).primary == {2}
    assert on_call(Rota((ana,)), night + timedelta(hours=1)).primary == {1}


# Any rota at all.

_ZONES = st.sampled_from(("UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe"))
_MONDAY = datetime(2026, 3, 23, tzinfo=UTC)  # the week in which most of Europe's clocks change
_DATES = st.dates(date(2026, 3, 10), date(2026, 4, 10))
_WEEKDAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda some: "".join(map(str, sorted(some))))
_MOMENTS = st.integers(0, 14 * 24 * 4).map(lambda n: _MONDAY + timedelta(minutes=15 * n))
_QUARTERS = st.integers(0, 95).map(lambda n: n * 15)
_LAYERS = st.sampled_from(Layer)


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    return shift(
        draw(st.sampled_from(PEOPLE)),
        draw(_QUARTERS),
        draw(_QUARTERS),
        draw(_ZONES),
        layer=draw(_LAYERS),
        weekdays=draw(_WEEKDAYS),
        every=draw(st.sampled_from((1, 1, 1, 2, 3))),
        from_date=draw(_DATES),
        until_date=draw(st.none() | _DATES),
        except_dates=[one.isoformat() for one in draw(st.lists(_DATES, max_size=2))],
        ended_at=draw(st.none() | _MOMENTS),
    )


@st.composite
def needs(draw: st.DrawFn) -> Need:
    return Need(
        id=1,
        weekdays=draw(_WEEKDAYS),
        starts=draw(_QUARTERS),
        ends=draw(_QUARTERS),
        zone=draw(_ZONES),
        from_date=draw(_DATES),
        until_date=draw(st.none() | _DATES),
        created_at=LONG_AGO,
        ended_at=draw(st.none() | _MOMENTS),
    )


@st.composite
def rotations(draw: st.DrawFn) -> Rotation:
    window = draw(st.booleans())
    return Rotation(
        id=1,
        name="nights",
        layer=draw(_LAYERS),
        order=draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4)),
        period_days=draw(st.sampled_from((1, 2, 7))),
        handover=draw(_QUARTERS),
        zone=draw(_ZONES),
        from_date=draw(_DATES),
        until_date=draw(st.none() | _DATES),
        weekdays=draw(_WEEKDAYS),
        starts=draw(_QUARTERS) if window else None,
        ends=draw(_QUARTERS) if window else None,
        created_at=LONG_AGO,
        ended_at=draw(st.none() | _MOMENTS),
    )


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    who, other = draw(st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True))
    starts_at = draw(_MOMENTS)
    place = draw(st.none() | st.sampled_from(("shift:1", "shift:2", "rotation:1")))
    return Cover(
        id=1,
        ambassador_id=who,
        for_ambassador_id=other,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=draw(st.integers(1, 60))),
        layer=draw(st.none() | _LAYERS),
        place=place,
        on_date=draw(_DATES) if place else None,
        created_at=LONG_AGO + timedelta(minutes=draw(st.integers(0, 3))),
        ended_at=draw(st.none() | _MOMENTS),
    )


@st.composite
def aways(draw: st.DrawFn) -> Away:
    starts_at = draw(_MOMENTS)
    length = draw(st.none() | st.integers(1, 60))
    return Away(
        id=1,
        ambassador_id=draw(st.sampled_from(PEOPLE)),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=length) if length else None,
        created_at=LONG_AGO,
    )


def numbered(rows: list) -> tuple:  # type: ignore[type-arg]
    for number, row in enumerate(rows, 1):
        row.id = number
    return tuple(rows)


ROTAS = st.builds(
    lambda *tables: Rota(*map(numbered, tables)),
    st.lists(shifts(), max_size=5),
    st.lists(rotations(), max_size=2),
    st.lists(covers(), max_size=5),
    st.lists(aways(), max_size=3),
    st.lists(needs(), max_size=2),
)


def holding(duties: tuple[Duty, ...], at: datetime) -> tuple[set[int], set[int]]:
    found = {
        layer: {one.ambassador_id for one in duties if one.layer is layer and one.holds(at)}
        for layer in Layer
    }
    return found[Layer.PRIMARY], found[Layer.BACKUP]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ROTAS)
def test_who_is_on_call_at_a_moment_is_who_has_a_duty_then(plan: Rota) -> None:
    end = _MONDAY + 2 * WEEK
    duties = spans(plan, _MONDAY, end)
    edges = {time for one in duties for time in (one.starts_at, one.ends_at)}
    moments = {_MONDAY + timedelta(hours=7 * n) for n in range(48)} | edges
    moments |= {edge - timedelta(microseconds=1) for edge in edges}
    for at in moments:
        if _MONDAY <= at < end:
            now = on_call(plan, at)
            assert (set(now.primary), set(now.backup)) == holding(duties, at), at


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ROTAS, _MOMENTS, st.integers(1, 200))
def test_spans_of_a_part_are_a_part_of_the_spans(plan: Rota, start: datetime, length: int) -> None:
    end = start + timedelta(hours=length)
    whole = spans(plan, _MONDAY - WEEK, _MONDAY + 6 * WEEK, join=False)
    part = spans(plan, start, end, join=False)
    cut = [
        one._replace(starts_at=max(one.starts_at, start), ends_at=min(one.ends_at, end))
        for one in whole
        if one.starts_at < end and start < one.ends_at
    ]
    assert Counter(part) == Counter(cut)
    assert list(part) == sorted(part, key=lambda one: one.starts_at)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(ROTAS)
def test_gaps_and_duties_share_out_the_time_between_them(plan: Rota) -> None:
    start, end = _MONDAY, _MONDAY + WEEK
    duties = spans(plan, start, end)
    holes = gaps(replace(plan, needs=()), start, end)
    doubled = overlaps(plan, start, end)
    present: Counter[int] = Counter()
    # Every time in these plans is a quarter of an hour, on every clock.
    for at in (start + QUARTER * n for n in range(7 * 96)):
        now = on_call(plan, at)
        present.update(now.primary | now.backup)
        assert any(hole.holds(at) for hole in holes) != bool(now.primary)
        found = [one.ambassador_ids for one in doubled if one.starts_at <= at < one.ends_at]
        assert found == ([now.primary] if len(now.primary) > 1 else [])
    for who in PEOPLE:
        assert hours(plan, who, start, end) == present[who] * QUARTER
    assert all(one.length > timedelta() for one in duties)


def is_needed(plan: Rota, at: datetime) -> bool:
    """Whether somebody must be primary, by looking at every day there is."""
    said = False
    for need in plan.needs:
        zone = ZoneInfo(need.zone)
        today = at.astimezone(zone).date()
        in_force = need.from_date <= today and (need.until_date is None or today <= need.until_date)
        said = said or (in_force and (need.ended_at is None or at < need.ended_at))
        for day in (need.from_date + timedelta(days=n) for n in range(90)):
            if (
                str(day.weekday()) in need.weekdays
                and (need.until_date is None or day <= need.until_date)
                and (need.ended_at is None or at < need.ended_at)
            ):
                last = day if need.ends > need.starts else day + timedelta(days=1)
                starts_at = instant(zone, day, need.starts, second=False)
                ends_at = instant(zone, last, need.ends, second=True)
                if starts_at <= at < ends_at:
                    return True
    return not said


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ROTAS)
def test_a_gap_counts_only_where_somebody_is_needed(plan: Rota) -> None:
    start, end = _MONDAY, _MONDAY + 2 * WEEK
    everywhere = gaps(replace(plan, needs=()), start, end)
    found = gaps(plan, start, end)
    for at in (start + timedelta(minutes=105 * n) for n in range(192)):
        expected = is_needed(plan, at) and any(one.holds(at) for one in everywhere)
        assert any(one.holds(at) for one in found) == expected, at


def test_hours_that_are_needed_keep_to_the_clock_on_the_wall() -> None:
    evening = Need(
        id=1,
        weekdays="0123456",
        starts=18 * 60,
        ends=23 * 60,
        zone="Europe/Berlin",
        from_date=date(2026, 3, 1),
        created_at=LONG_AGO,
    )
    night = datetime(2026, 3, 29, tzinfo=UTC)  # clocks go forward
    found = gaps(Rota(needs=(evening,)), night - timedelta(days=1), night + timedelta(days=1))
    zone = ZoneInfo("Europe/Berlin")
    local = [
        (f"{one.starts_at.astimezone(zone):%d %H:%M}", f"{one.ends_at.astimezone(zone):%H:%M}")
        for one in found
    ]
    assert local == [("28 18:00", "23:00"), ("29 18:00", "23:00")]


# Weeks that are left out, beside the recurrences of iCalendar.


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    every=st.integers(1, 4),
    weekdays=_WEEKDAYS,
    from_date=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    starts=_QUARTERS,
    ends=_QUARTERS,
    name=st.sampled_from(("UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe")),
)
def test_a_shift_of_some_weeks_comes_round_as_a_rule_of_icalendar_does(
    every: int, weekdays: str, from_date: date, starts: int, ends: int, name: str
) -> None:
    zone = ZoneInfo(name)
    rule = rrule(
        WEEKLY,
        interval=every,
        wkst=MO,
        byweekday=[int(digit) for digit in weekdays],
        dtstart=datetime.combine(from_date, time()),
        until=datetime.combine(from_date + timedelta(days=120), time()),
    )
    days = [one.date() for one in rule]
    row = shift(1, starts, ends, name, weekdays=weekdays, every=every, from_date=from_date)
    start = datetime.combine(from_date, time(), tzinfo=zone) - WEEK
    duties = spans(Rota((row,)), start, start + timedelta(days=120), join=False)
    assert [one.on_date for one in duties] == days[: len(duties)]
    assert len(duties) >= len([day for day in days if day < from_date + timedelta(days=110)]) - 1
    for one in duties[:-1]:
        assert one.starts_at == instant(zone, one.on_date, starts, second=False)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    every=st.sampled_from((2, 3)),
    weekdays=_WEEKDAYS,
    from_date=_DATES,
    first_day=st.dates(date(2026, 3, 10), date(2026, 6, 1)),
)
def test_a_shift_that_is_moved_goes_on_in_the_weeks_that_were_its_own(
    every: int, weekdays: str, from_date: date, first_day: date
) -> None:
    row = shift(1, 18 * 60, 20 * 60, "UTC", weekdays=weekdays, every=every, from_date=from_date)
    plan = Rota((row,))
    after = apply(plan, moved(row, first_day, starts=19 * 60, ends=21 * 60))
    window = (START.replace(year=2026), START.replace(year=2026, month=9))
    before = [one.on_date for one in spans(plan, *window, join=False)]
    assert [one.on_date for one in spans(after, *window, join=False)] == before
    for one in spans(after, *window, join=False):
        begins = 19 if one.on_date >= first_day or first_day <= from_date else 18
        assert one.starts_at.hour == begins


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ROTAS, aways())
def test_whoever_is_away_has_no_duty_and_nobody_else_gains_one(plan: Rota, away: Away) -> None:
    away.id = 99
    end = away.ends_at or datetime.max.replace(tzinfo=UTC)
    after = apply(plan, (Add(away),))
    window = (_MONDAY, _MONDAY + 2 * WEEK)
    for one in spans(after, *window):
        if one.ambassador_id == away.ambassador_id:
            assert one.ends_at <= away.starts_at or end <= one.starts_at
    for change in difference(plan, after, *window):
        assert not change.gains
        assert change.ambassador_id == away.ambassador_id


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ROTAS, _MOMENTS)
def test_the_last_made_cover_of_a_place_stands_above_all_others(
    plan: Rota, starts_at: datetime
) -> None:
    ends_at = starts_at + timedelta(hours=20)
    new = Cover(
        ambassador_id=9,
        for_ambassador_id=1,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=starts_at,
    )
    after = apply(plan, (Add(new),))
    for one in spans(after, starts_at, ends_at):
        assert one.ambassador_id != 1 or one.source.startswith("cover:")
        assert one.for_ambassador_id != 1 or one.ambassador_id == 9
    before = spans(plan, starts_at, ends_at)
    for at in (starts_at + timedelta(minutes=30 * n) for n in range(40)):
        was, is_ = holding(before, at), on_call(after, at)
        if 1 in was[0]:
            assert 9 in is_.primary
    outside = (starts_at - 2 * WEEK, starts_at), (ends_at, ends_at + 2 * WEEK)
    for window in outside:
        assert difference(plan, after, *window) == ()


def test_who_covers_for_a_cover_has_the_place_too() -> None:
    monday = (_MONDAY, _MONDAY + timedelta(days=1))

    def cover(who: int, other: int, minute: int, layer: Layer | None = None) -> Cover:
        return Cover(
            id=minute,
            ambassador_id=who,
            for_ambassador_id=other,
            starts_at=monday[0],
            ends_at=monday[1],
            layer=layer,
            created_at=LONG_AGO + timedelta(minutes=minute),
        )

    ana = (shift(1, 0, 0, "UTC"),)
    chain = Rota(ana, covers=(cover(2, 1, 1), cover(3, 2, 2)))
    (duty,) = spans(chain, *monday)
    assert (duty.ambassador_id, duty.for_ambassador_id, duty.source) == (3, 1, "cover:2")
    # Made before there was a place to cover, it covers nothing.
    (duty,) = spans(Rota(ana, covers=(cover(3, 2, 1), cover(2, 1, 2))), *monday)
    assert duty.ambassador_id == 2
    # Two who trade layers for a day each name the layer they take over.
    both = (*ana, shift(2, 0, 0, "UTC", 2, layer=Layer.BACKUP))
    traded = Rota(both, covers=(cover(2, 1, 1, Layer.PRIMARY), cover(1, 2, 2, Layer.BACKUP)))
    now = on_call(traded, monday[0])
    assert (now.primary, now.backup) == ({2}, {1})


# Rotations, beside a model written as slowly and plainly as it can be.


def turn_at(rotation: Rotation, at: datetime) -> int | None:
    """Whose turn it is: hand-overs counted on the clock on the wall, day after day."""
    zone = ZoneInfo(rotation.zone)
    today = at.astimezone(zone).date()
    # Today's hand-over has passed once a clock has shown its time, or a later one.
    passed = False
    for minutes_ago in range(0, 25 * 60, 15):
        shown = (at - timedelta(minutes=minutes_ago)).astimezone(zone)
        if shown.date() == today and shown.hour * 60 + shown.minute >= rotation.handover:
            passed = True
    day = today if passed else today - timedelta(days=1)
    if day < rotation.from_date:
        return None
    turn = 0
    left = rotation.period_days
    one = rotation.from_date
    while one < day:
        one += timedelta(days=1)
        left -= 1
        if left == 0:
            turn, left = turn + 1, rotation.period_days
    return rotation.order[turn % len(rotation.order)]


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    order=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5),
    period=st.sampled_from((1, 2, 3, 7, 14)),
    handover=_QUARTERS,
    change=st.sampled_from(distinct_changes()),
    from_days_before=st.integers(-1, 40),
)
def test_a_rotation_is_whom_the_slow_model_says_also_when_clocks_change(
    order: list[int],
    period: int,
    handover: int,
    change: tuple[str, datetime],
    from_days_before: int,
) -> None:
    name, moment = change
    # To the quarter of an hour, as the model steps; no clock changes between two of them.
    moment -= timedelta(minutes=moment.minute % 15, seconds=moment.second)
    rotation = Rotation(
        id=1,
        name="weeks",
        layer=Layer.PRIMARY,
        order=order,
        period_days=period,
        handover=handover,
        zone=name,
        from_date=moment.date() - timedelta(days=from_days_before),
        weekdays="0123456",
        created_at=LONG_AGO,
    )
    plan = Rota((), (rotation,))
    for step in range(-120, 121):
        at = moment + timedelta(minutes=15 * step)
        expected = turn_at(rotation, at)
        assert on_call(plan, at).primary == ({expected} if expected else set()), at


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    order=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5),
    period=st.sampled_from((1, 3, 7)),
    handover=_QUARTERS,
    starts=_QUARTERS,
    ends=_QUARTERS,
    weekdays=_WEEKDAYS,
)
def test_a_window_is_wholly_the_one_whose_turn_it_is_when_it_begins(
    order: list[int], period: int, handover: int, starts: int, ends: int, weekdays: str
) -> None:
    rotation = Rotation(
        id=1,
        name="evenings",
        layer=Layer.PRIMARY,
        order=order,
        period_days=period,
        handover=handover,
        zone="Asia/Kolkata",
        from_date=date(2026, 3, 1),
        weekdays=weekdays,
        starts=starts,
        ends=ends,
        created_at=LONG_AGO,
    )
    zone = ZoneInfo("Asia/Kolkata")
    expected = []
    for day in (date(2026, 3, 1) + timedelta(days=n) for n in range(30)):
        if str(day.weekday()) not in weekdays:
            continue
        begins = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=starts)
        length = (ends - starts) % (24 * 60) or 24 * 60
        who = turn_at(rotation, begins)
        if who is not None:
            expected.append((begins, begins + timedelta(minutes=length), who))
    found = spans(
        Rota((), (rotation,)),
        datetime(2026, 2, 20, tzinfo=UTC),
        datetime(2026, 3, 30, 18, 30, tzinfo=UTC) + timedelta(days=3),
        join=False,
    )
    early = [(one.starts_at, one.ends_at, one.ambassador_id) for one in found]
    assert early[: len(expected)] == expected


# Changes.


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ROTAS, _MOMENTS, shifts(), rotations(), covers(), aways(), needs())
def test_a_change_written_and_read_again_does_the_same(
    plan: Rota, at: datetime, a: Shift, b: Rotation, c: Cover, d: Away, e: Need
) -> None:
    rows: tuple[Shift | Rotation | Cover | Away | Need, ...] = (a, b, c, d, e)
    for row in rows:
        row.id = None  # type: ignore[assignment]
    change = (
        *(Add(row) for row in rows),
        *(End("shift", one.id, at) for one in plan.shifts[:1]),
        *(Edit("rotation", one.id, {"order": [4, 2]}) for one in plan.rotations[:1]),
        *(Edit("shift", one.id, {"until_date": at.date()}) for one in plan.shifts[1:2]),
        *(End("away", one.id, at) for one in plan.aways[:1]),
        *(End("need", one.id, at) for one in plan.needs[:1]),
    )
    window = (_MONDAY, _MONDAY + 2 * WEEK)
    read = read_change(write_change(change))
    assert spans(apply(plan, read), *window) == spans(apply(plan, change), *window)
    assert gaps(apply(plan, read), *window) == gaps(apply(plan, change), *window)
    assert difference(plan, apply(plan, ()), *window) == ()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ROTAS, ROTAS)
def test_a_difference_says_exactly_who_gains_and_who_loses(before: Rota, after: Rota) -> None:
    start, end = _MONDAY, _MONDAY + WEEK
    found = difference(before, after, start, end)
    for at in (start + timedelta(minutes=105 * n) for n in range(96)):
        was, will_be = on_call(before, at), on_call(after, at)
        for layer, old, new in (
            (Layer.PRIMARY, was.primary, will_be.primary),
            (Layer.BACKUP, was.backup, will_be.backup),
        ):
            holding_now = [
                one for one in found if one.layer is layer and one.starts_at <= at < one.ends_at
            ]
            assert {one.ambassador_id for one in holding_now if one.gains} == new - old
            assert {one.ambassador_id for one in holding_now if not one.gains} == old - new
