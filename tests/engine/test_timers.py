"""A due case is woken once, whoever looks."""

from __future__ import annotations

from datetime import timedelta

from fakeredis import FakeAsyncRedis
from sqlalchemy import text
from sqlmodel import select

from bot.engine import escalation
from bot.engine.invariants import breaches
from bot.engine.signals import Signals
from bot.engine.timers import Timers
from bot.engine.work import UnitOfWork
from models import Case, CaseStatus, Theme, Urgency
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


async def test_a_closed_case_that_should_wake_by_some_mistake_holds_up_nobody(
    database: Database, clock: MovableClock
) -> None:
    timers, numbers = await two_cases(database, clock)
    async with database.transaction() as session:
        first = await session.get_one(Case, numbers[0])
        first.status, first.wake_at = CaseStatus.CLOSED, clock.now() - timedelta(hours=1)
    clock.move(seconds=31)
    assert await timers.wake_next()
    assert await is_paged_anew(database, numbers[1], clock)


async def test_a_case_that_cannot_be_decided_on_holds_up_nobody_and_is_tried_again(
    database: Database, clock: MovableClock
) -> None:
    timers, numbers = await two_cases(database, clock)
    sound = await damage_person_of(database, numbers[0])
    clock.move(seconds=31)
    assert await timers.wake_next()
    assert await timers.wake_next()
    assert not await timers.wake_next()
    assert await is_paged_anew(database, numbers[1], clock)
    for _ in range(8):
        clock.move(seconds=16)
        while await timers.wake_next():
            pass
    async with database.reading() as session:
        found = {one.invariant for one in await breaches(session, clock.now())}
    assert "rung_ends_in_time" in found, "coordinators are told of it"

    await damage_person_of(database, numbers[0], sound)
    clock.move(seconds=16)
    while await timers.wake_next():
        pass
    assert await is_paged_anew(database, numbers[0], clock)


async def test_a_case_whose_policy_another_version_wrote_goes_on_by_the_one_that_counts_now(
    database: Database, clock: MovableClock
) -> None:
    timers, numbers = await two_cases(database, clock)
    async with database.transaction() as session:
        (await session.get_one(Case, numbers[0])).policy = {"ladders": "of another world"}
    clock.move(seconds=31)
    while await timers.wake_next():
        pass
    assert await is_paged_anew(database, numbers[0], clock)


async def damage_person_of(database: Database, number: int, chat_id: bytes = b"?") -> bytes:
    """Make the person of a case unreadable, or whole again; what stood there before."""
    async with database.transaction() as session:
        connection = await session.connection()
        values = {"case": number, "chat": chat_id}
        whose = "WHERE id = (SELECT person_id FROM cases WHERE id = :case)"
        query = text(f"SELECT chat_id FROM person {whose}")
        before = (await connection.execute(query, {"case": number})).scalar_one()
        change = text(f"UPDATE person SET chat_id = :chat {whose}")
        await connection.execute(change, values)
        return bytes(before)


async def two_cases(database: Database, clock: MovableClock) -> tuple[Timers, list[int]]:
    """Two immediate cases that nobody can take yet, and what wakes them."""
    community = a_community()
    numbers = []
    async with database.transaction() as session:
        work = UnitOfWork(session, database.keyring, community, clock.now())
        for chat in (7, 8):
            person = await work.people.meet(chat, "en")
            case = await escalation.open_for(work, person, Urgency.IMMEDIATE, Theme.SUICIDE)
            await escalation.begin(work, case)
            numbers.append(case.id)
    return Timers(database, community, Signals(FakeAsyncRedis()), clock), numbers


async def is_paged_anew(database: Database, number: int, clock: MovableClock) -> bool:
    """Whether the case was decided on now: its next rung lies ahead."""
    async with database.reading() as session:
        case = await session.get_one(Case, number)
    return case.rung_ends_at is not None and case.rung_ends_at > clock.now()
