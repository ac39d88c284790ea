"""What is wrong with a plan is found and explained, and what everybody carries is weighed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.roster import Standing, make_roster
from bot.core.rota import (
    Add,
    Breach,
    Conflict,
    Held,
    Limits,
    OnCall,
    Paged,
    Rota,
    apply,
    conflicts,
    fairness,
    load_of,
    moved,
    new_conflicts,
    nights,
    over_hours,
    spans,
)
from models import Away, Layer, Need, Role, Rotation, Shift, Urgency

ANA, BEN = 1, 2
BERLIN = "Europe/Berlin"
MADE = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=1)  # midnight in Berlin
SUNDAY = MONDAY + timedelta(days=7)
NO_LIMITS = Limits(None, None, None, None)


def shift(who: int, starts: float, ends: float, number: int = 1, **values: object) -> Shift:
    fields: dict[str, object] = {
        "id": number,
        "ambassador_id": who,
        "layer": Layer.PRIMARY,
        "weekdays": "0123456",
        "starts": int(starts * 60),
        "ends": int(ends * 60) % 1440,
        "zone": BERLIN,
        "from_date": date(2026, 1, 1),
        "created_at": MADE,
    }
    return Shift(**(fields | values))


def found(
    plan: Rota, limits: Limits, kind: Breach, start: datetime = MONDAY, end: datetime = SUNDAY
) -> list[Conflict]:
    return [one for one in conflicts(plan, limits, start, end, BERLIN) if one.kind is kind]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_plan_within_the_limits_has_no_conflicts_but_its_gaps() -> None:
    plan = Rota((shift(ANA, 18, 20, weekdays="024"), shift(BEN, 18, 20, 2, weekdays="135")))
    kinds = {one.kind for one in conflicts(plan, Limits(), MONDAY, SUNDAY, BERLIN)}
    assert kinds == {Breach.GAP}
    needed = Need(
        weekdays="0",
        starts=18 * 60,
        ends=20 * 60,
        zone=BERLIN,
        from_date=date(2026, 3, 1),
        created_at=at("2026-03-01 12:00"),
    )
    plan = apply(plan, (Add(needed),))
    assert conflicts(plan, Limits(), MONDAY, SUNDAY, BERLIN) == ()


def test_a_gap_is_named_to_the_minute() -> None:
    plan = Rota((shift(ANA, 0, 22), shift(BEN, 22, 24, 2, weekdays="012456")))
    (gap,) = found(plan, NO_LIMITS, Breach.GAP)
    assert (gap.starts_at, gap.ends_at) == (at("2026-03-05 21:00"), at("2026-03-05 23:00"))
    assert gap.ambassador_id is None


def test_who_is_asked_for_while_away_is_a_conflict_for_that_time() -> None:
    away = Away(
        id=1,
        ambassador_id=ANA,
        starts_at=at("2026-03-03 18:00"),
        ends_at=at("2026-03-04 17:30"),
        created_at=MADE,
    )
    plan = Rota((shift(ANA, 18, 20),), aways=(away,))
    assert [(one.starts_at, one.ends_at) for one in found(plan, NO_LIMITS, Breach.AWAY)] == [
        (at("2026-03-03 18:00"), at("2026-03-03 19:00")),
        (at("2026-03-04 17:00"), at("2026-03-04 17:30")),
    ]


def test_to_be_in_two_places_at_once_is_a_conflict() -> None:
    plan = Rota(
        (
            shift(ANA, 18, 20, weekdays="0"),
            shift(ANA, 19, 21, 2, weekdays="0", layer=Layer.BACKUP),
            shift(BEN, 18, 20, 3, weekdays="0"),
        )
    )
    (double,) = found(plan, NO_LIMITS, Breach.DOUBLE)
    assert double[:4] == (
        at("2026-03-02 18:00"),
        at("2026-03-02 19:00"),
        Breach.DOUBLE,
        ANA,
    )


@pytest.mark.parametrize(("limit", "days"), [(8, 0), (7.9, 7), (None, 0)])
def test_hours_of_a_day_are_those_between_midnights(limit: float | None, days: int) -> None:
    plan = Rota((shift(ANA, 20, 4),))
    over = found(plan, Limits(limit, None, None, None), Breach.DAY_HOURS)
    assert len(over) == days
    assert {(one.amount, one.limit) for one in over} <= {(8.0, 7.9)}


def test_hours_of_a_week_are_those_of_the_whole_week_however_little_of_it_is_looked_at() -> None:
    plan = Rota((shift(ANA, 18, 20),))
    assert found(plan, Limits(hours_a_week=14), Breach.WEEK_HOURS) == []
    (over,) = found(
        plan, Limits(), Breach.WEEK_HOURS, MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
    )
    assert (over.starts_at, over.ends_at) == (MONDAY, SUNDAY)
    assert (over.ambassador_id, over.amount, over.limit) == (ANA, 14.0, 12)


def test_the_night_on_which_clocks_go_back_has_an_hour_more() -> None:
    plan = Rota((shift(ANA, 0, 8, weekdays="6"),))
    start = at("2026-10-24 22:00")
    (over,) = found(
        plan, Limits(8, None, None, None), Breach.DAY_HOURS, start, start + timedelta(days=1)
    )
    assert over.amount == 9.0


def test_rest_between_shifts_is_counted_across_days_and_sources() -> None:
    plan = Rota(
        (shift(ANA, 20, 24, weekdays="0"), shift(ANA, 6, 8, 2, weekdays="1")),
    )
    (short,) = found(plan, Limits(), Breach.REST)
    assert (short.amount, short.limit) == (6.0, 8)
    assert (short.starts_at, short.ends_at) == (at("2026-03-02 23:00"), at("2026-03-03 05:00"))
    assert found(plan, Limits(rest_hours=6), Breach.REST) == []


def test_nights_are_counted_by_month_and_an_evening_is_none() -> None:
    five = Rota((shift(ANA, 23, 3, weekdays="012"),))
    march = (at("2026-02-28 23:00"), at("2026-03-31 22:00"))
    assert nights(five, ANA, *march, BERLIN) == 13
    (over,) = found(five, Limits(), Breach.NIGHTS)
    assert (over.amount, over.limit, over.starts_at) == (13, 4, march[0])
    evenings = Rota((shift(ANA, 18, 24),))
    assert nights(evenings, ANA, *march, BERLIN) == 0


def test_only_what_a_change_makes_worse_is_new() -> None:
    before = Rota((shift(ANA, 18, 20), shift(BEN, 20, 18, 2, weekdays="012345")))
    after = apply(before, (Add(shift(ANA, 20, 21, 3, weekdays="6")),))
    was = conflicts(before, Limits(), MONDAY, SUNDAY, BERLIN)
    is_ = conflicts(after, Limits(), MONDAY, SUNDAY, BERLIN)
    new = new_conflicts(was, is_)
    assert new_conflicts(was, was) == ()
    assert [(one.kind, one.ambassador_id, one.amount) for one in new] == [
        (Breach.WEEK_HOURS, ANA, 15.0)
    ]
    fewer = new_conflicts(is_, was)
    assert [(one.kind, one.ends_at - one.starts_at) for one in fewer] == [
        (Breach.GAP, timedelta(hours=1))
    ], "to take the shift away again leaves one hour more without anybody"


def test_who_has_done_their_hours_today_or_this_week_is_over() -> None:
    plan = Rota((shift(ANA, 8, 16, weekdays="0"), shift(BEN, 8, 12, 2)))
    duties = spans(plan, MONDAY, SUNDAY)
    for now, over in (
        ("2026-03-02 14:59", set()),
        ("2026-03-02 15:00", {ANA}),
        ("2026-03-03 07:00", set()),
        ("2026-03-04 10:59", set()),
        ("2026-03-04 11:00", {BEN}),
    ):
        assert over_hours(duties, Limits(), at(now), BERLIN) == over, now


# Moving what is there.


def test_a_rotation_with_new_hours_goes_on_with_whose_turn_it_is() -> None:
    weekly = Rotation(
        id=4,
        name="weeks",
        layer=Layer.PRIMARY,
        order=[1, 2, 3],
        period_days=7,
        handover=9 * 60,
        zone=BERLIN,
        from_date=date(2026, 2, 2),
        weekdays="0123456",
        created_at=MADE,
    )
    before = Rota((), (weekly,))
    after = apply(before, moved(weekly, date(2026, 3, 4), handover=10 * 60))
    window = (MONDAY, MONDAY + timedelta(days=30))
    turns = [(one.ambassador_id, one.on_date) for one in spans(before, *window)]
    again = [(one.ambassador_id, one.on_date) for one in spans(after, *window)]
    assert again == turns
    (gap,) = found(after, NO_LIMITS, Breach.GAP, *window)
    assert gap[:2] == (at("2026-03-09 08:00"), at("2026-03-09 09:00"))


# What everybody carries.


def test_urgency_night_and_time_spent_all_weigh() -> None:
    noon, night = at("2026-03-02 11:00"), at("2026-03-02 02:00")

    def case(urgency: Urgency, begins: datetime, hours: float) -> float:
        held = Held(ANA, urgency, begins, begins + timedelta(hours=hours))
        return load_of([], [held], BERLIN)[ANA]

    assert case(Urgency.IMMEDIATE, noon, 1) > case(Urgency.URGENT, noon, 1)
    assert case(Urgency.URGENT, noon, 1) > case(Urgency.SUPPORT, noon, 1)
    assert case(Urgency.SUPPORT, night, 1) > case(Urgency.SUPPORT, noon, 1)
    assert case(Urgency.SUPPORT, noon, 2) > case(Urgency.SUPPORT, noon, 1)
    assert case(Urgency.SUPPORT, noon, 200) == case(Urgency.SUPPORT, noon, 20)
    pages = load_of([Paged(ANA, noon), Paged(BEN, night)], [], BERLIN)
    assert pages[BEN] > pages[ANA] > 0
    assert pages[BEN] < case(Urgency.SUPPORT, noon, 0)


def test_a_share_says_what_one_carried_within_the_time_and_nothing_else() -> None:
    plan = Rota((shift(ANA, 22, 2, weekdays="0"), shift(BEN, 18, 20, 2, weekdays="01")))
    inside, outside = at("2026-03-02 11:00"), at("2026-03-10 11:00")
    held = [
        Held(BEN, Urgency.URGENT, inside, inside + timedelta(hours=1)),
        Held(ANA, Urgency.URGENT, outside, outside + timedelta(hours=1)),
    ]
    pages = [Paged(ANA, inside), Paged(BEN, inside), Paged(BEN, outside)]
    ben, ana, cat = fairness(plan, [ANA, BEN, 3], pages, held, MONDAY, SUNDAY, BERLIN)
    assert ben[:5] == (BEN, 4.0, 0, 1, 1)
    assert ana[:5] == (ANA, 4.0, 1, 1, 0)
    assert cat == (3, 0.0, 0, 0, 0, 0.0)
    assert ben.load > ana.load > cat.load


# Whom a rung may page.


@pytest.mark.parametrize("why", ["full", "cooling", "worn"])
@pytest.mark.parametrize("role", list(Role))
def test_who_must_not_be_paged_is_paged_on_the_last_rung_alone(why: str, role: Role) -> None:
    resting = Standing(ANA, role, **{why: True})  # type: ignore[arg-type]
    roster = make_roster(
        [resting, Standing(BEN, Role.AMBASSADOR)],
        OnCall(frozenset({ANA, BEN})),
        limits_bind=True,
    )
    assert (roster.primary, roster.everyone) == ((BEN,), (BEN,))
    assert roster.coordinators == ((ANA,) if role is Role.COORDINATOR else ())


def test_where_limits_only_warn_a_shift_beyond_them_is_still_a_shift() -> None:
    worn = Standing(ANA, Role.AMBASSADOR, worn=True)
    roster = make_roster([worn], OnCall(frozenset({ANA})))
    assert (roster.primary, roster.everyone) == ((ANA,), ())
