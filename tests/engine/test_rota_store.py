"""The rota is changed by one at a time, in view of how it is, and can be changed back."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from rota_kit import House
from sqlmodel import select

from bot.core.rota import (
    Add,
    Change,
    ChangeError,
    Edit,
    End,
    Limits,
    Rota,
    except_on,
    moved,
    on_call,
    spans,
)
from bot.engine.store.journal import CannotUndo, DraftOver
from bot.engine.store.rota import RotaMoved
from models import (
    Ambassador,
    Away,
    Case,
    CaseStatus,
    Cover,
    Layer,
    Offer,
    OfferKind,
    OfferState,
    OnBreach,
    Page,
    PageStatus,
    Role,
    Rotation,
    Theme,
    Urgency,
)
from models.database import Database
from models.keyring import Keyring

MONDAY = datetime(2026, 3, 2, 11, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + timedelta(days=7))


async def a_house(database: Database) -> tuple[House, Ambassador, Ambassador, Ambassador]:
    house = House(database, MONDAY)
    ana, ben = await house.joins("Ana"), await house.joins("Ben")
    return house, ana, ben, await house.joins("Cleo", Role.COORDINATOR)


async def plan(house: House) -> Rota:
    async with house.work() as work:
        return await work.rota.plan(*WEEK)


async def applied(house: House, change: Change, by: Ambassador, kind: str = "test") -> int:
    async with house.work() as work:
        return (await work.journal.apply(change, by, kind, "in words")).id


async def draft_applied(house: House, number: int, by: Ambassador) -> None:
    async with house.work() as work:
        draft = await work.journal.drafted(number)
        assert draft is not None
        await work.journal.apply_draft(draft, by)


async def undone(house: House, change_id: int) -> None:
    async with house.work() as work:
        row = await work.journal.change(change_id)
        assert row is not None
        await work.journal.undo(row)


def everything(house: House, ana: Ambassador, ben: Ambassador) -> Change:
    now = house.clock.now()
    span = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=2)}
    return (
        Add(house.shift(ana, 18, 22)),
        Add(
            Rotation(
                name="nights",
                layer=Layer.BACKUP,
                order=[ben.id, ana.id],
                period_days=1,
                handover=9 * 60,
                zone="Europe/Berlin",
                from_date=date(2026, 3, 1),
                created_at=now,
            )
        ),
        Add(Cover(ambassador_id=ben.id, for_ambassador_id=ana.id, created_at=now, **span)),
        Add(Away(ambassador_id=ben.id, created_at=now, **span)),
    )


async def test_what_is_applied_is_on_call_and_what_is_undone_is_not(database: Database) -> None:
    house, ana, ben, chief = await a_house(database)
    assert spans(await plan(house), *WEEK) == ()
    change = await applied(house, everything(house, ana, ben), chief)
    now = await plan(house)
    assert (len(now.shifts), len(now.rotations), len(now.covers), len(now.aways)) == (1, 1, 1, 1)
    assert {one.source for one in spans(now, *WEEK)} == {"shift:1", "rotation:1"}
    await undone(house, change)
    assert spans(await plan(house), house.clock.now(), WEEK[1]) == ()
    async with house.work() as work:
        assert await work.rota.aways() == []


async def test_undoing_leaves_in_the_past_what_was(database: Database) -> None:
    house, ana, _, chief = await a_house(database)
    change = await applied(house, (Add(house.shift(ana, 0, 24)),), chief)
    house.clock.move(hours=5)
    await undone(house, change)
    (duty,) = spans(await plan(house), *WEEK)
    assert abs(duty.ends_at - house.clock.now()) < timedelta(minutes=1)


async def test_edits_and_endings_are_undone_to_what_they_were(database: Database) -> None:
    house, ana, _, chief = await a_house(database)
    await applied(house, (Add(house.shift(ana, 18, 22)),), chief)
    (shift,) = (await plan(house)).shifts
    before = spans(await plan(house), *WEEK)
    for change in (
        (except_on(shift, date(2026, 3, 4)),),
        (End("shift", shift.id, MONDAY + timedelta(days=2)),),
        (Edit("shift", shift.id, {"starts": 60, "layer": Layer.BACKUP}),),
        moved(shift, date(2026, 3, 5), starts=19 * 60, ends=23 * 60),
        (except_on(shift, date(2026, 3, 4)), End("shift", shift.id, MONDAY)),
    ):
        number = await applied(house, change, chief)
        assert spans(await plan(house), *WEEK) != before, change
        await undone(house, number)
        assert spans(await plan(house), *WEEK) == before, change


async def test_a_cover_of_one_evening_follows_the_shift_when_it_is_moved(
    database: Database,
) -> None:
    house, ana, ben, chief = await a_house(database)
    await applied(house, (Add(house.shift(ana, 18, 22)),), chief)
    thursday = next(one for one in spans(await plan(house), *WEEK) if one.on_date.day == 5)
    cover = Cover(
        ambassador_id=ben.id,
        for_ambassador_id=ana.id,
        starts_at=thursday.starts_at,
        ends_at=thursday.ends_at,
        place=thursday.place,
        on_date=thursday.on_date,
        created_at=house.clock.now(),
    )
    await applied(house, (Add(cover),), chief)
    (shift,) = (await plan(house)).shifts
    await applied(house, moved(shift, date(2026, 3, 4), starts=15 * 60, ends=21 * 60), chief)
    bens = [one for one in spans(await plan(house), *WEEK) if one.ambassador_id == ben.id]
    assert [(one.starts_at.hour, one.ends_at.hour, one.on_date.day) for one in bens] == [
        (14, 20, 5)
    ], "the whole of the moved evening, and nothing but it"


async def test_a_change_can_be_undone_for_a_day_and_once(database: Database) -> None:
    house, ana, ben, chief = await a_house(database)
    change = await applied(house, everything(house, ana, ben), chief)
    house.clock.move(hours=23, minutes=59)
    async with house.work() as work:
        assert await work.journal.last_change(chief) is not None
        assert await work.journal.last_change(ana) is None
    await undone(house, change)
    with pytest.raises(CannotUndo, match="undone"):
        await undone(house, change)
    later = await applied(house, everything(house, ana, ben), chief)
    house.clock.move(hours=24, minutes=1)
    with pytest.raises(CannotUndo, match="old"):
        await undone(house, later)
    async with house.work() as work:
        assert await work.journal.last_change() is None


async def test_what_a_later_change_stands_on_is_not_undone_before_it(database: Database) -> None:
    house, ana, ben, chief = await a_house(database)
    first = await applied(house, everything(house, ana, ben), chief)
    (shift,) = (await plan(house)).shifts
    second = await applied(house, (except_on(shift, date(2026, 3, 4)),), chief)
    with pytest.raises(CannotUndo, match="later"):
        await undone(house, first)
    await undone(house, second)
    await undone(house, first)


async def test_a_change_of_a_row_that_is_not_there_changes_nothing(database: Database) -> None:
    house, ana, _, chief = await a_house(database)
    with pytest.raises(ChangeError):
        await applied(house, (Add(house.shift(ana, 1, 2)), End("shift", 77, MONDAY)), chief)
    assert (await plan(house)).shifts == ()


async def test_a_draft_made_on_an_older_rota_is_shown_anew_before_it_is_applied(
    database: Database,
) -> None:
    house, ana, ben, chief = await a_house(database)
    async with house.work() as work:
        draft = await work.journal.draft((Add(house.shift(ana, 18, 22)),), chief, "shift", "Ana")
    await house.has(house.shift(ben, 18, 22))  # somebody else was quicker
    with pytest.raises(RotaMoved):
        await draft_applied(house, draft.id, chief)
    assert len((await plan(house)).shifts) == 1
    async with house.work() as work:
        kept = await work.journal.drafted(draft.id)
        assert kept is not None
        await work.journal.looked_again(kept)
        row = await work.journal.apply_draft(kept, chief)
        assert (row.kind, row.summary) == ("shift", "Ana")
    with pytest.raises(DraftOver):
        await draft_applied(house, draft.id, chief)
    assert len((await plan(house)).shifts) == 2


async def test_of_two_coordinators_who_apply_at_once_one_is_shown_the_others_change(
    database: Database,
) -> None:
    house, ana, ben, chief = await a_house(database)
    async with house.work() as work:
        drafts = [
            await work.journal.draft((Add(house.shift(who, 18, 22)),), chief, "shift")
            for who in (ana, ben)
        ]

    results = await asyncio.gather(
        *(draft_applied(house, one.id, chief) for one in drafts), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) == ["NoneType", "RotaMoved"]
    assert len((await plan(house)).shifts) == 1


async def test_a_draft_that_expired_or_was_cancelled_is_over(database: Database) -> None:
    house, ana, _, chief = await a_house(database)
    async with house.work() as work:
        old, dropped = [
            await work.journal.draft((Add(house.shift(ana, 18, 22)),), chief, "shift")
            for _ in range(2)
        ]
        await work.journal.cancel_draft(dropped)
    for number, hours in ((dropped.id, 0), (old.id, 2)):
        house.clock.move(hours=hours)
        with pytest.raises(DraftOver):
            await draft_applied(house, number, chief)


async def test_every_change_of_the_rota_raises_its_version(database: Database) -> None:
    house, ana, ben, chief = await a_house(database)

    async def version() -> int:
        async with house.work() as work:
            return await work.rota.version()

    seen = [await version()]
    change = await applied(house, everything(house, ana, ben), chief)
    seen.append(await version())
    await undone(house, change)
    seen.append(await version())
    now = house.clock.now()
    await house.has(Away(ambassador_id=ana.id, starts_at=now, created_at=now))
    seen.append(await version())
    async with house.work() as work:
        assert await work.rota.come_back(ana.id)
    seen.append(await version())
    assert seen == sorted(set(seen))
    async with house.work() as work:
        assert not await work.rota.come_back(ana.id)
    assert await version() == seen[-1], "nothing was changed"


async def test_whoever_has_left_is_on_call_no_more_and_was_before(database: Database) -> None:
    house, ana, _, _ = await a_house(database)
    await house.has(house.shift(ana, 0, 24))
    house.clock.move(hours=5)
    async with house.work() as work:
        (await work.people.ambassador(ana.id)).left_at = work.now
    now = await plan(house)
    assert on_call(now, MONDAY + timedelta(hours=1)).primary == {ana.id}
    assert on_call(now, house.clock.now() + timedelta(hours=1)).primary == set()


# Offers.


async def test_of_two_who_accept_an_offer_at_once_one_gets_it(database: Database) -> None:
    house, ana, ben, chief = await a_house(database)
    now = house.clock.now()
    async with house.work() as work:
        offer = await work.offers.make(
            Offer(
                kind=OfferKind.COVER,
                ambassador_id=ana.id,
                starts_at=now + timedelta(hours=1),
                ends_at=now + timedelta(hours=3),
                state=OfferState.OPEN,
                made_at=now,
            )
        )
        assert [one.id for one in await work.offers.open_ones()] == [offer.id]

    async def accept(who: Ambassador) -> bool:
        async with house.work() as work:
            kept = await work.offers.find(offer.id)
            assert kept is not None
            return await work.offers.end(kept, OfferState.ACCEPTED, who)

    assert sorted(await asyncio.gather(accept(ben), accept(chief))) == [False, True]
    async with house.work() as work:
        assert await work.offers.open_ones() == []


async def test_an_offer_of_what_is_over_is_not_accepted(database: Database) -> None:
    house, ana, ben, _ = await a_house(database)
    now = house.clock.now()
    async with house.work() as work:
        offer = await work.offers.make(
            Offer(
                kind=OfferKind.COVER,
                ambassador_id=ana.id,
                starts_at=now,
                ends_at=now + timedelta(hours=2),
                state=OfferState.OPEN,
                made_at=now,
            )
        )
    house.clock.move(hours=2)
    async with house.work() as work:
        kept = await work.offers.find(offer.id)
        assert kept is not None
        assert await work.offers.open_ones() == []
        assert not await work.offers.end(kept, OfferState.ACCEPTED, ben)
        assert await work.offers.end(kept, OfferState.EXPIRED)


# Limits, and whom a rung picks.


async def closed_case(
    house: House, who: Ambassador, urgency: Urgency, chat: int, *, minutes_ago: int, long: int = 5
) -> None:
    async with house.work() as work:
        person = await work.people.meet(chat, "en")
        closed = work.now - timedelta(minutes=minutes_ago)
        work.rota._session.add(
            Case(
                person_id=person.id,
                status=CaseStatus.CLOSED,
                urgency=urgency,
                theme=Theme.OTHER,
                policy=work.community.policy.as_json(),
                holder_id=who.id,
                opened_at=closed - timedelta(minutes=long),
                claimed_at=closed - timedelta(minutes=long),
                closed_at=closed,
                cycle_began_at=closed,
            )
        )


async def test_limits_are_the_defaults_until_somebody_sets_them(database: Database) -> None:
    house, _, _, chief = await a_house(database)
    async with house.work() as work:
        assert await work.limits.current() == Limits()
        assert (await work.limits.current()).hours_a_week == 12
    for chosen in (
        Limits(hours_a_week=None, on_breach=OnBreach.REFUSE),
        Limits(hours_a_day=2.5, nights_a_month=1, cases_at_once=1, cooldown_minutes=0),
    ):
        async with house.work() as work:
            await work.limits.set(chosen, chief)
        async with house.work() as work:
            assert await work.limits.current() == chosen


async def test_who_has_just_closed_an_immediate_case_rests_before_the_next(
    database: Database,
) -> None:
    house, ana, ben, chief = await a_house(database)
    await house.has(house.shift(ana, 11, 13), house.shift(ben, 11, 13))
    await closed_case(house, ana, Urgency.IMMEDIATE, 50, minutes_ago=10)
    await closed_case(house, ben, Urgency.URGENT, 51, minutes_ago=1)
    for minutes, primary in ((0, {ben.id}), (21, {ana.id, ben.id})):
        house.clock.move(minutes=minutes)
        async with house.work() as work:
            roster = await work.rosters.roster()
        assert set(roster.primary) == primary
        assert (ana.id in roster.everyone) == (ana.id in primary)
        assert roster.coordinators == (chief.id,), "the last rung is never left empty"


async def test_nobody_rests_from_the_very_case_that_is_opened_again(database: Database) -> None:
    house, ana, ben, _ = await a_house(database)
    await house.has(house.shift(ana, 11, 13), house.shift(ben, 11, 13))
    await closed_case(house, ana, Urgency.IMMEDIATE, 50, minutes_ago=10)
    await closed_case(house, ben, Urgency.IMMEDIATE, 51, minutes_ago=10)
    async with house.work() as work:
        for who, chat in ((ana, 50), (ben, 51)):
            person = await work.people.meet(chat, "en")
            case = await work.cases.closed_since(person, work.now - timedelta(hours=1))
            roster = await work.rosters.roster("en", case)
            assert roster.primary == (who.id,)


@pytest.mark.parametrize("on_breach", list(OnBreach))
async def test_who_has_done_their_hours_is_asked_only_where_their_own_shift_says_so(
    database: Database, on_breach: OnBreach
) -> None:
    house, ana, ben, chief = await a_house(database)
    house.clock.set(datetime(2026, 3, 4, 11, tzinfo=UTC))  # Wednesday, noon in Berlin
    await house.has(house.shift(ana, 6, 14), house.shift(ben, 10, 12))
    async with house.work() as work:
        await work.limits.set(Limits(on_breach=on_breach), chief)
    async with house.work() as work:
        roster = await work.rosters.roster()
    # Ana was on call for 8 + 8 + 6 hours this week, Ben for 6.
    assert ben.id in roster.everyone
    assert ana.id not in roster.everyone
    assert (ana.id in roster.primary) == (on_breach is OnBreach.WARN)


async def test_a_limit_of_cases_holds_for_everybody(database: Database) -> None:
    house, ana, ben, chief = await a_house(database)
    async with house.work() as work:
        person = await work.people.meet(60, "en")
        work.rota._session.add(
            Case(
                person_id=person.id,
                status=CaseStatus.CLAIMED,
                urgency=Urgency.SUPPORT,
                theme=Theme.OTHER,
                policy=work.community.policy.as_json(),
                holder_id=ana.id,
                opened_at=work.now,
                claimed_at=work.now,
                cycle_began_at=work.now,
            )
        )
    for limit, expected in ((None, {ana.id, ben.id}), (1, {ben.id})):
        async with house.work() as work:
            await work.limits.set(Limits(cases_at_once=limit), chief)
        async with house.work() as work:
            roster = await work.rosters.roster()
        assert {one for one in roster.everyone if one != chief.id} == expected


async def test_who_carried_less_is_asked_first(database: Database) -> None:
    house, ana, ben, _ = await a_house(database)
    await house.has(house.shift(ana, 11, 13), house.shift(ben, 11, 13))
    await closed_case(house, ana, Urgency.IMMEDIATE, 50, minutes_ago=600)
    await closed_case(house, ben, Urgency.SUPPORT, 51, minutes_ago=600)
    await closed_case(house, ben, Urgency.SUPPORT, 52, minutes_ago=700)
    async with house.work() as work:
        roster = await work.rosters.roster()
    assert roster.primary == (ben.id, ana.id), "two light cases weigh less than an immediate one"


async def test_what_is_remembered_of_the_pages_is_what_asking_for_all_of_them_says(
    database: Database,
) -> None:
    house, ana, ben, _ = await a_house(database)
    await closed_case(house, ana, Urgency.SUPPORT, 50, minutes_ago=60)
    begin = house.clock.now().replace(minute=0, second=0, microsecond=0)
    async with house.work() as work:
        session = work.rota._session
        case = (await session.exec(select(Case))).one()
        session.add_all(
            Page(
                case_id=case.id,
                ambassador_id=(ana if n % 3 else ben).id,
                cycle=n,
                rung=0,
                status=PageStatus.EXPIRED,
                queued_at=begin + timedelta(minutes=7 + 53 * n),
                ended_at=begin + timedelta(minutes=8 + 53 * n),
            )
            for n in range(300)
        )
    remembered: list[dict[int, float]] = []
    asked_anew: list[dict[int, float]] = []
    for hours in (1, 2, 3, 30, 100, 190, 240, 270, 430, 440):
        house.clock.set(begin + timedelta(hours=hours))
        async with house.work() as work:
            remembered.append(dict(await work.rosters._load()))
        kept = dict(database.memory)
        database.memory.clear()
        async with house.work() as work:
            asked_anew.append(dict(await work.rosters._load()))
        database.memory.clear()
        database.memory.update(kept)
    for one, other in zip(remembered, asked_anew, strict=True):
        assert {who: load for who, load in one.items() if load} == pytest.approx(other)
    assert remembered[5] != remembered[6]
    assert not any(remembered[-1].values()), "a week later nothing weighs any more"


# What the process remembers of the plan.


async def _on_call(house: House) -> set[int]:
    async with house.work() as work:
        roster = await work.rosters.roster()
        return set(roster.primary)


async def test_who_is_paged_follows_a_change_at_once(database: Database) -> None:
    house, ana, ben, cleo = await a_house(database)
    await applied(house, (Add(house.shift(ana, 0, 24)),), cleo)
    assert await _on_call(house) == {ana.id}
    await applied(house, (Add(house.shift(ben, 0, 24)),), cleo)
    assert await _on_call(house) == {ana.id, ben.id}


async def test_a_change_that_was_rolled_back_pages_nobody(database: Database) -> None:
    house, ana, ben, cleo = await a_house(database)
    await applied(house, (Add(house.shift(ana, 0, 24)),), cleo)

    class Failed(Exception):
        """Something went wrong after the change."""

    async def fails_after_it() -> None:
        async with house.work() as work:
            await work.rota.add(house.shift(ben, 0, 24))
            roster = await work.rosters.roster()
            assert set(roster.primary) == {ana.id, ben.id}
            raise Failed

    with pytest.raises(Failed):
        await fails_after_it()
    assert await _on_call(house) == {ana.id}
    await applied(house, (Add(house.shift(cleo, 0, 24)),), cleo)
    assert await _on_call(house) == {ana.id, cleo.id}


async def test_what_one_process_changed_the_other_sees_at_once(
    database: Database, keyring: Keyring
) -> None:
    house, ana, ben, cleo = await a_house(database)
    other_database = Database(database.url.render_as_string(hide_password=False), keyring)
    other = House(other_database, MONDAY)
    await applied(house, (Add(house.shift(ana, 0, 24)),), cleo)
    assert await _on_call(other) == {ana.id}
    await applied(house, (Add(house.shift(ben, 0, 24)),), cleo)
    assert await _on_call(other) == {ana.id, ben.id}
    await other_database.close()
