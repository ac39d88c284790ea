"""A due case is woken once, whoever looks."""

from __future__ import annotations

from fakeredis import FakeAsyncRedis
from sqlmodel import select

from bot.engine import escalation
from bot.engine.signals import Signals
from bot.engine.timers import Timers
from bot.engine.work import UnitOfWork
from models import Case, Theme, Urgency
from models.database import Database
from tests.support.clock import MovableClock
from tests.support.fakes import a_community


async def test_a_case_that_nobody_can_take_is_woken_again_and_again(
    database: Database, clock: MovableClock
) -> None:
    community = a_community()
    timers = Timers(database, community, Signals(FakeAsyncRedis()), clock)
    async with database.transaction() as session:
        work = UnitOfWork(session, database.keyring, community, clock.now())
        person = await work.people.meet(7, "en")
        case = await escalation.open_for(work, person, Urgency.IMMEDIATE, Theme.SUICIDE)
        await escalation.begin(work, case)
    for _ in range(3):
        assert not await timers.wake_next()
        clock.move(seconds=31)
        assert await timers.wake_next()
    async with database.reading() as session:
        case = (await session.exec(select(Case))).one()
    assert case.wake_at is not None
    assert case.wake_at > clock.now()
