"""Who is about to go on call hears of it once, and who keeps the rota hears of gaps in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from fakeredis import FakeAsyncRedis
from rota_kit import House
from sqlmodel import select

from bot.engine import escalation
from bot.engine.reminders import Reminders
from bot.engine.signals import Signals
from models import (
    Ambassador,
    Away,
    Cover,
    Layer,
    Offer,
    OfferKind,
    OfferState,
    Reminder,
    Role,
    Theme,
    Urgency,
)
from models.database import Database

MONDAY_NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)  # in Berlin
TEAM = "-1007"


def reminders(house: House, **choices: object) -> Reminders:
    given = {"team_chat": None, "morning": None} | choices
    return Reminders(
        house.database,
        house.community,
        Signals(FakeAsyncRedis()),
        house.clock,
        **given,  # type: ignore[arg-type]
    )


async def ana_and_ben(database: Database) -> tuple[House, Ambassador, Ambassador]:
    """Ana is primary from 18 to 20, Ben is her backup from 12 to 24."""
    house = House(database, MONDAY_NOON)
    ana, ben = await house.joins("Ana"), await house.joins("Ben")
    await house.has(house.shift(ana, 18, 20), house.shift(ben, 12, 24, layer=Layer.BACKUP))
    return house, ana, ben


async def test_one_is_reminded_a_day_and_an_hour_before_and_at_the_hand_over(
    database: Database,
) -> None:
    house = House(database, MONDAY_NOON)
    ana = await house.joins("Ana")
    await house.has(house.shift(ana, 18, 20, weekdays="02"))
    loop = reminders(house)
    for at, words in (
        ("2026-03-02 11:00", "from <b>Mon 02 Mar, 18:00</b> to Mon 02 Mar, 20:00"),
        ("2026-03-02 16:00", "In an hour or less you are on call (primary): <b>Mon 02 Mar, 18:00"),
        ("2026-03-02 17:00", "You are on call now (primary)</b>, until Mon 02 Mar, 20:00"),
        ("2026-03-03 17:01", "from <b>Wed 04 Mar, 18:00</b>"),
    ):
        before = len(await house.reads(ana))
        house.clock.set(datetime.fromisoformat(at).replace(tzinfo=UTC))
        await loop.remind()
        new = (await house.reads(ana))[before:]
        assert len(new) == 1, (at, new)
        assert words in new[0]
        for _ in range(2):
            assert await loop.remind() == 0, "it is said once"


async def test_a_restart_neither_repeats_nor_loses_a_reminder(database: Database) -> None:
    house, ana, _ = await ana_and_ben(database)
    assert await reminders(house).remind() > 0
    assert await reminders(house).remind() == 0
    house.clock.move(hours=5, minutes=50)  # nothing ran when the hour began
    await reminders(house).remind()
    assert "In an hour or less" in (await house.reads(ana))[-1]


async def test_two_processes_say_it_once(database: Database) -> None:
    house, ana, ben = await ana_and_ben(database)
    said = await asyncio.gather(*(reminders(house).remind() for _ in range(4)))
    async with database.reading() as session:
        kept = (await session.exec(select(Reminder))).all()
    assert sum(said) == len(kept) == len(await house.reads(ana)) + len(await house.reads(ben))


async def test_each_chooses_which_reminders_to_have(database: Database) -> None:
    house, ana, _ = await ana_and_ben(database)
    async with house.work() as work:
        me = await work.people.ambassador(ana.id)
        me.remind_day_before = False
        me.remind_hour_before = False
    await reminders(house).remind()
    house.clock.move(hours=5, minutes=30)
    await reminders(house).remind()
    assert await house.reads(ana) == []
    house.clock.move(minutes=31)
    await reminders(house).remind()
    assert len(await house.reads(ana)) == 1, "the hand-over itself is told to everybody"


async def test_the_hand_over_says_who_else_is_there_and_what_is_open(database: Database) -> None:
    house, ana, ben = await ana_and_ben(database)
    async with house.work() as work:
        for chat in (70, 71):
            person = await work.people.meet(chat, "en")
            await escalation.open_for(work, person, Urgency.SUPPORT, Theme.GRIEF)
    house.clock.move(hours=6, minutes=1)
    await reminders(house).remind()
    (said,) = [one for one in await house.reads(ana) if "on call now" in one]
    assert "Your backup: @ben." in said
    assert "Cases that wait for somebody: 2. Cases that somebody holds: 0." in said
    house.clock.move(hours=17, minutes=30)  # Ben's next shift, at noon, with nobody primary
    await reminders(house).remind()
    house.clock.move(minutes=31)
    await reminders(house).remind()
    assert "Nobody is primary right now: you are asked first." in "\n".join(await house.reads(ben))


async def test_who_is_away_or_covered_is_left_in_peace_and_the_cover_is_reminded(
    database: Database,
) -> None:
    house, ana, ben = await ana_and_ben(database)
    cleo = await house.joins("Cleo")
    now = house.clock.now()
    common = {"starts_at": now, "ends_at": now + timedelta(hours=29), "created_at": now}
    await house.has(
        Cover(ambassador_id=cleo.id, for_ambassador_id=ana.id, **common),
        Away(ambassador_id=ben.id, starts_at=now, created_at=now),
    )
    house.clock.move(hours=5, minutes=30)
    await reminders(house).remind()
    assert await house.reads(ana) == []
    assert await house.reads(ben) == []
    (said,) = await house.reads(cleo)
    assert "Mon 02 Mar, 18:00" in said


async def test_an_end_more_than_a_day_away_is_not_given_an_hour(database: Database) -> None:
    house = House(database, MONDAY_NOON)
    ana = await house.joins("Ana")
    await house.has(house.shift(ana, 13, 13, from_date=date(2026, 3, 2)))
    await reminders(house).remind()
    (said,) = await house.reads(ana)
    assert "<b>Mon 02 Mar, 13:00</b> to more than a day later" in said


async def test_shifts_that_follow_each_other_have_one_hand_over(database: Database) -> None:
    house, ana, _ = await ana_and_ben(database)
    await house.has(house.shift(ana, 20, 22))
    house.clock.move(hours=7, minutes=30)
    await reminders(house).remind()
    before = len(await house.reads(ana))
    house.clock.move(minutes=40)
    await reminders(house).remind()
    assert len(await house.reads(ana)) == before


async def test_coordinators_hear_of_whoever_cannot_be_reached_before_their_shift(
    database: Database,
) -> None:
    house, ana, _ = await ana_and_ben(database)
    chief = await house.joins("Cleo", Role.COORDINATOR)
    async with house.work() as work:
        (await work.people.ambassador(ana.id)).unreachable_at = work.now
    house.clock.move(minutes=30)
    for _ in range(2):
        await reminders(house).remind()
    (said,) = await house.reads(chief)
    assert "@ana is on call (primary) from <b>Mon 02 Mar, 18:00</b> and can't be reached" in said
    assert await house.reads(ana) == []


@pytest.mark.parametrize(
    ("waits_for", "told", "owner_told"),
    [
        ("somebody", "nobody has so far", "Nobody has taken your shift"),
        ("a yes", "no coordinator has said yes or no", "No coordinator has said yes or no"),
    ],
)
async def test_a_shift_that_nobody_takes_is_heard_of_before_it_begins(
    database: Database, waits_for: str, told: str, owner_told: str
) -> None:
    house, ana, ben = await ana_and_ben(database)
    cleo = await house.joins("Cleo", Role.COORDINATOR)
    async with house.work() as work:
        offer = await work.offers.make(
            Offer(
                kind=OfferKind.COVER,
                ambassador_id=ana.id,
                starts_at=MONDAY_NOON + timedelta(hours=6),
                ends_at=MONDAY_NOON + timedelta(hours=8),
                place="shift:1",
                on_date=date(2026, 3, 2),
                state=OfferState.OPEN,
                made_at=MONDAY_NOON,
                counterpart_id=ben.id if waits_for == "a yes" else None,
                agreed_at=MONDAY_NOON if waits_for == "a yes" else None,
            )
        )
        number = offer.id
    loop = reminders(house)
    await loop.remind()
    assert await house.reads(cleo) == [], "others have some time to answer"
    house.clock.move(hours=1)
    await loop.remind()
    assert told in (await house.reads(cleo))[-1]
    assert any(owner_told in text for text in await house.reads(ana))
    assert await loop.remind() == 0, "it is said once"
    async with house.work() as work:
        found = await work.offers.find(number)
        assert found is not None
        await work.offers.end(found, OfferState.CANCELLED)
    house.clock.move(hours=1)
    assert await loop.remind() == 0


async def test_every_morning_coordinators_read_the_gaps_of_two_weeks(database: Database) -> None:
    house, ana, ben = await ana_and_ben(database)
    chief = await house.joins("Cleo", Role.COORDINATOR)
    loop = reminders(house, morning=8 * 60)
    await house.has(house.shift(ben, 20, 18))
    now = house.clock.now()
    await house.has(
        Away(
            ambassador_id=ana.id,
            starts_at=now + timedelta(days=3),
            ends_at=now + timedelta(days=4),
            created_at=now,
        )
    )
    for at, times in (
        ("2026-03-03 06:59", 0),
        ("2026-03-03 07:00", 1),
        ("2026-03-03 09:00", 1),
        ("2026-03-04 10:30", 2),  # the bot was down until later that morning
        ("2026-03-05 14:00", 2),
        ("2026-03-07 07:30", 2),  # and now there is no gap any more
    ):
        house.clock.set(datetime.fromisoformat(at).replace(tzinfo=UTC))
        await loop.remind()
        said = [one for one in await house.reads(chief) if "Nobody is primary" in one]
        assert len(said) == times, at
    assert "Thu 05 Mar, 18:00 to Thu 05 Mar, 20:00" in said[0]
    assert [one for one in await house.reads(ana) if "Nobody is primary" in one] == []


async def test_a_list_of_gaps_ends_before_it_is_too_long(database: Database) -> None:
    house, _, _ = await ana_and_ben(database)
    chief = await house.joins("Cleo", Role.COORDINATOR)
    house.clock.set(datetime(2026, 3, 3, 7, 30, tzinfo=UTC))
    await reminders(house, morning=8 * 60).remind()
    (said,) = await house.reads(chief)
    assert "… and 3 more" in said
    assert said.count(" to ") == 12


async def test_who_has_no_rota_is_not_told_of_gaps(database: Database) -> None:
    house = House(database, datetime(2026, 3, 3, 7, 30, tzinfo=UTC))
    chief = await house.joins("Cleo", Role.COORDINATOR)
    await reminders(house, morning=8 * 60, team_chat=TEAM).remind()
    assert await house.reads(chief) == await house.reads(TEAM) == []


async def test_the_team_reads_once_a_day_who_is_on_and_who_is_next(database: Database) -> None:
    house, _, _ = await ana_and_ben(database)
    loop = reminders(house, morning=8 * 60, team_chat=TEAM)
    house.clock.set(datetime(2026, 3, 3, 7, 30, tzinfo=UTC))
    for _ in range(2):
        await loop.remind()
    (said,) = await house.reads(TEAM)
    assert "Primary: nobody" in said
    assert "Tue 03 Mar, 12:00: @ben (backup)\nTue 03 Mar, 18:00: @ana (primary)" in said


@pytest.mark.parametrize(
    ("night", "starts"),
    [("2026-03-29 00:10", 2), ("2026-10-25 00:10", 3)],
)
async def test_on_nights_when_clocks_change_an_hour_is_an_hour(
    database: Database, night: str, starts: int
) -> None:
    at = datetime.fromisoformat(night).replace(tzinfo=UTC)
    house = House(database, at)
    ana = await house.joins("Ana")
    await house.has(house.shift(ana, starts, 6, weekdays="6"))
    await reminders(house).remind()
    minutes = 50 if "03-29" in night else 110
    kinds = ["In an hour" in one for one in await house.reads(ana)]
    assert kinds == [minutes <= 60]
