"""Updates come in once, are handled in order, and failing means paging."""

from __future__ import annotations

import asyncio
import json

import pytest
from fakeredis import FakeAsyncRedis
from sqlmodel import col, select
from telegram.ext import ExtBot

from bot.core.decide import Accepted
from bot.core.reading import Reading
from bot.engine import escalation
from bot.engine.ingest import Ingest, chat_of
from bot.engine.live import Window
from bot.engine.ports import Dispatcher
from bot.engine.signals import Signals
from bot.engine.work import UnitOfWork, Words
from bot.engine.worker import LEASE, TRIES, Worker
from bot.telegram.application import TelegramDispatcher, build
from models import Case, Inbox, InboxStatus, Outbox, Role, Urgency
from models.database import Database
from tests.support.clock import MovableClock
from tests.support.fakes import BrokenDispatcher, ScriptedReader, a_community, an_update


class Order:
    """A dispatcher that notes what it handled, and may be held up."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def dispatch(self, update: dict[str, object], work: UnitOfWork) -> None:
        await self.gate.wait()
        self.handled.append(json.dumps(update["message"]["text"]))  # type: ignore[index]

    async def rescue(self, update: dict[str, object], work: UnitOfWork) -> None:
        raise AssertionError("nothing failed")

    def words(self, update: dict[str, object], *, of_volunteer: bool = False) -> Words | None:
        return None

    async def fetch(self, update: dict[str, object]) -> bytes | None:
        return None


class Desk:
    """An inbox with a worker at it."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.database = database
        self.clock = clock
        self.signals = Signals(FakeAsyncRedis())
        self.ingest = Ingest(database, self.signals, clock)

    def worker(self, dispatcher: Dispatcher, reading: Reading | None = None) -> Worker:
        return Worker(
            self.database,
            dispatcher,
            ScriptedReader(reading) if reading else ScriptedReader(),
            a_community(),
            Window(FakeAsyncRedis(), self.database.keyring),
            self.signals,
            self.clock,
        )

    async def rows(self) -> list[Inbox]:
        async with self.database.reading() as session:
            return list((await session.exec(select(Inbox).order_by(col(Inbox.id)))).all())


@pytest.fixture
def desk(database: Database, clock: MovableClock) -> Desk:
    return Desk(database, clock)


async def test_an_update_that_comes_twice_is_kept_once(desk: Desk) -> None:
    update = an_update(1, 7, "hello")
    assert await desk.ingest.receive([update, an_update(2, 7, "again")]) == 2
    assert await desk.ingest.receive([update]) == 0
    assert len(await desk.rows()) == 2


async def test_what_is_no_update_is_refused_and_nothing_of_it_kept(desk: Desk) -> None:
    with pytest.raises(ValueError, match="update_id"):
        await desk.ingest.receive([an_update(1, 7, "hello"), {"message": {}}])
    assert await desk.rows() == []


async def test_messages_of_one_chat_are_handled_in_order(desk: Desk) -> None:
    order = Order()
    await desk.ingest.receive([an_update(n, 7, str(n)) for n in (1, 2, 3)])
    worker = desk.worker(order)
    while await worker.handle_next():
        pass
    assert order.handled == ['"1"', '"2"', '"3"']


async def test_no_second_worker_takes_a_chat_that_is_being_handled(desk: Desk) -> None:
    await desk.ingest.receive([an_update(1, 7, "first"), an_update(2, 7, "second")])
    first = desk.worker(Order())
    assert await first._take(1)
    assert not await desk.worker(Order())._take(1)


async def test_an_update_whose_worker_died_is_handled_by_another(desk: Desk) -> None:
    await desk.ingest.receive([an_update(1, 7, "hello")])
    await desk.worker(Order())._take(1)
    order = Order()
    assert not await desk.worker(order).handle_next()
    desk.clock.move(seconds=LEASE.total_seconds() + 1)
    assert await desk.worker(order).handle_next()
    assert order.handled == ['"hello"']


async def test_an_update_is_forgotten_once_it_is_handled_and_its_number_kept(desk: Desk) -> None:
    await desk.ingest.receive([an_update(1, 7, "hello")])
    await desk.worker(Order()).handle_next()
    row = (await desk.rows())[0]
    assert (row.status, row.update, row.update_id) == (InboxStatus.HANDLED, None, 1)


async def test_when_handling_fails_for_good_the_person_gets_numbers_and_a_page_goes_out(
    desk: Desk,
) -> None:
    bot: ExtBot[None] = ExtBot("1:none")
    broken = BrokenDispatcher(TelegramDispatcher(build(bot)))
    worker = desk.worker(broken, Reading(Urgency.NONE))
    await desk.ingest.receive([an_update(1, 7, "something we choke on")])
    for _ in range(TRIES + 1):
        assert await worker.handle_next()
        desk.clock.move(seconds=20)
    assert broken.attempts == TRIES
    row = (await desk.rows())[0]
    assert row.status is InboxStatus.FAILED
    assert "RuntimeError" in (row.error or "")
    async with desk.database.reading() as session:
        case = (await session.exec(select(Case))).one()
        letters = (await session.exec(select(Outbox).order_by(col(Outbox.id)))).all()
    assert case.urgency is Urgency.URGENT
    assert case.wake_at is not None
    assert "112" in (letters[0].letter or "")


async def fails_for_good(desk: Desk, number: int, chat: int, text: str, reading: Reading) -> None:
    """A message whose handling fails until the bot gives up."""
    bot: ExtBot[None] = ExtBot("1:none")
    worker = desk.worker(BrokenDispatcher(TelegramDispatcher(build(bot))), reading)
    await desk.ingest.receive([an_update(number, chat, text)])
    for _ in range(TRIES + 1):
        assert await worker.handle_next()
        desk.clock.move(seconds=20)


async def test_when_handling_fails_for_good_the_words_still_reach_whoever_is_there(
    desk: Desk,
) -> None:
    ana = 99
    async with desk.database.transaction() as session:
        work = UnitOfWork(session, desk.database.keyring, a_community(), desk.clock.now())
        token = await work.people.invite(Role.AMBASSADOR, None)
        await session.flush()
        holder = (await work.people.join(token, ana, "Ana", "en")).id
    await fails_for_good(desk, 1, 7, "it is so dark here", Reading(Urgency.URGENT))
    async with desk.database.transaction() as session:
        work = UnitOfWork(session, desk.database.keyring, a_community(), desk.clock.now())
        case = (await session.exec(select(Case))).one()
        assert [one.words for one in await work.cases.messages(case)] == ["it is so dark here"]
        await escalation.happen(work, case, Accepted(holder))
    await fails_for_good(desk, 2, 7, "i have the knife", Reading(Urgency.IMMEDIATE))
    async with desk.database.reading() as session:
        case = (await session.exec(select(Case))).one()
        letters = (await session.exec(select(Outbox).order_by(col(Outbox.id)))).all()
    assert case.urgency is Urgency.IMMEDIATE
    read = [one.letter or "" for one in letters if one.chat_id == str(ana)]
    assert any("i have the knife" in letter for letter in read)
    told = [one.letter or "" for one in letters if one.chat_id == "7"]
    assert any("Ana</b> is here for you now" in letter for letter in told)

    await fails_for_good(desk, 3, ana, "i am calling an ambulance", Reading())
    async with desk.database.reading() as session:
        letters = (await session.exec(select(Outbox).order_by(col(Outbox.id)))).all()
    assert any("did not go through" in (one.letter or "") for one in letters)


async def test_half_a_character_holds_up_no_update(desk: Desk) -> None:
    await desk.ingest.receive([an_update(1, 7, "help \ud83d me"), an_update(2, 8, "hello 🌊")])
    order = Order()
    worker = desk.worker(order)
    while await worker.handle_next():
        pass
    assert [json.loads(one) for one in order.handled] == ["help \ufffd me", "hello 🌊"]


async def test_a_handler_that_fails_leaves_nothing_half_done(desk: Desk) -> None:
    bot: ExtBot[None] = ExtBot("1:none")
    worker = desk.worker(BrokenDispatcher(TelegramDispatcher(build(bot))))
    await desk.ingest.receive([an_update(1, 7, "hello")])
    await worker.handle_next()
    async with desk.database.reading() as session:
        assert (await session.exec(select(Outbox))).all() == []
    assert (await desk.rows())[0].attempts == 1


def test_every_kind_of_update_belongs_to_the_chat_it_came_from() -> None:
    message = an_update(1, 7, "x")["message"]
    assert chat_of({"update_id": 1, "edited_message": message}) == 7
    tapped = {"id": "1", "from": {"id": 9}, "message": message}
    assert chat_of({"update_id": 1, "callback_query": tapped}) == 7
    assert chat_of({"update_id": 1, "callback_query": {"id": "1", "from": {"id": 9}}}) == 9
    assert chat_of({"update_id": 1, "poll": {"id": "3"}}) == 0
