"""Two processes and one PostgreSQL: what they decide in the same moment, and one after the other.

A situation is built once by real updates, kept beside the tables, and laid out anew before every
run. So two runs begin with the same rows and the same numbers, and their ends can be compared.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from fakeredis import FakeAsyncRedis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.core.reading import Reading
from bot.engine.courier import Courier
from bot.engine.ingest import Ingest
from bot.engine.invariants import breaches
from bot.engine.letters import Letter
from bot.engine.live import Window
from bot.engine.ports import ChatGone, DeliveryError, Unavailable
from bot.engine.rates import Pace, Rates
from bot.engine.signals import Signals
from bot.engine.timers import Timers
from bot.engine.worker import TRIES, Worker
from bot.telegram import application
from models import (
    Ambassador,
    Audit,
    Away,
    Case,
    Inbox,
    InboxStatus,
    Message,
    Outbox,
    OutboxStatus,
    Page,
    Person,
    Review,
)
from models.database import Database
from sandbox import DEFAULT_TOKEN
from tests.sim import town
from tests.sim.engine import FloorReader, community
from tests.support.clock import StillClock

_RATES = Rates(None, pace=Pace(100_000, 100_000))
_NEXT = timedelta(milliseconds=10)
"""So much later than the first does the second begin."""
_LEASE = timedelta(seconds=9)
"""Longer than a letter stays with a courier that could not say what became of it."""
_WAITED_FOR = text(
    "SELECT wait_event FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_IN_THE_WAY = ("DBAPIError", "OperationalError", "IntegrityError")
"""How the database says that two were in each other's way; then one of them begins anew."""
_RECORD = "advisory"
"""What whoever waits for their turn to write into the record waits for."""
_NOT_ASKED = (
    # No courier goes on here.
    "letter_leaves",
    # Whoever is away from this moment on may be asked in it. That nobody is who was away before,
    # is part of how it ends.
    "nobody_away_is_paged",
)


class Act(Protocol):
    """Something that is done in one process. ``chat``: whose update it is, where it is one."""

    name: str
    chat: int | None
    holds: int
    """Which of its transactions decides, counted from 1."""

    async def prepare(self, process: Process) -> None:
        """What happens before the moment in which it is decided."""

    async def run(self, process: Process) -> None:
        """Decide and commit."""

    async def look_again(self, process: Process) -> None:
        """What the loop around it would do next, when the moment is over."""


class PatientDatabase(Database):
    """A database that may be held up when all is decided and nothing is committed yet."""

    def __init__(self, url: str) -> None:
        super().__init__(url, town.keyring())
        self._left = 0
        self._meanwhile: Callable[[], Awaitable[None]] | None = None

    def hold(self, number: int, meanwhile: Callable[[], Awaitable[None]]) -> None:
        """Await ``meanwhile`` before the transaction with this ``number`` from now is committed."""
        self._left, self._meanwhile = number, meanwhile

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with super().transaction() as session:
            yield session
            self._left -= 1
            if self._left == 0 and self._meanwhile is not None:
                await session.flush()
                await self._meanwhile()


class Hands:
    """A Telegram that takes a letter at once, or holds it until it is told what to answer."""

    def __init__(self) -> None:
        self.holds = False
        self.only_refuses = ""
        """This chat has blocked the bot, and for the others Telegram is away."""
        self.held: list[str] = []
        self.error: DeliveryError | None = None
        self._told = asyncio.Event()
        self._count = 7000

    async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int | None:
        if self.only_refuses:
            raise ChatGone("blocked") if chat_id == self.only_refuses else Unavailable("away")
        if self.holds:
            self.held.append(chat_id)
            await self._told.wait()
            if self.error is not None:
                raise self.error
        self._count += 1
        return self._count

    def answer(self, error: DeliveryError | None) -> None:
        """Take the letter that is held, or fail with ``error``."""
        self.error = error
        self._told.set()


class _Offline(BaseRequest):
    """No network: all that python-telegram-bot ever asks here is who it is."""

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *arguments: object,
        **more: object,
    ) -> tuple[int, bytes]:
        me = {"id": 1, "is_bot": True, "first_name": "Holdfast", "username": "holdfast_bot"}
        return 200, json.dumps({"ok": True, "result": me}).encode()


class _Calm:
    """A language model that hears nothing in any words: what presses is found by the floor."""

    async def read(self, text: str) -> Reading:
        return Reading(reasons=("model:calm",))


@dataclass
class Process:
    """One process of the bot for the length of one run."""

    database: Database
    clock: StillClock
    worker: Worker
    timers: Timers
    courier: Courier
    hands: Hands
    ingest: Ingest
    sending: asyncio.Task[bool] | None = None
    stumbled: Counter[str] = field(default_factory=Counter)

    async def receive(self, update: dict[str, Any]) -> None:
        """Put an update into the inbox."""
        await self.ingest.receive([update])

    async def wake_all(self) -> None:
        """Decide on every case that is due."""
        for _ in range(20):
            if not await self.timers.wake_next():
                return
        raise AssertionError("the cases never come to rest")

    async def finds_gone(self, chat: int) -> None:
        """The courier tries what is on its way, and nobody is in this chat any more."""
        self.hands.only_refuses = str(chat)
        while await self.courier.send_next():
            pass

    async def takes_letter(self) -> None:
        """The courier takes the most pressing letter, and Telegram has not answered yet."""
        self.hands.holds = True
        self.sending = asyncio.create_task(self.courier.send_next())
        while not self.hands.held and not self.sending.done():  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    async def hears(self, error: DeliveryError | None) -> None:
        """Telegram answers; a courier that stumbles over the database sends again later."""
        assert self.sending is not None
        self.hands.answer(error)
        try:
            await self.sending
        except SQLAlchemyError as stumble:
            self.stumbled[type(stumble).__name__] += 1
            self.clock.set(self.clock.now() + _LEASE)
            await self.courier.send_next()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, in words that are the same for two ends that nobody could tell apart."""

    lines: tuple[str, ...]

    @property
    def sorted(self) -> tuple[str, ...]:
        """Without the order in which letters and entries were written."""
        return tuple(sorted(re.sub(r"^(\w+) \d+", r"\1", line) for line in self.lines))

    def against(self, other: Outcome) -> str:
        """What only one of two ends has."""
        mine, others = Counter(self.lines), Counter(other.lines)
        return "\n".join(
            [
                *(f"  - {line}" for line in sorted((others - mine).elements())),
                *(f"  + {line}" for line in sorted((mine - others).elements())),
            ]
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """What became of two acts at once. ``waited``: the second could not end before the first."""

    outcome: Outcome
    waited: bool
    stumbled: Counter[str]
    broken: tuple[str, ...]


class Office:
    """See the module's docstring."""

    def __init__(self, url: str) -> None:
        self._first = PatientDatabase(url)
        self._second = Database(url, town.keyring())
        self._onlooker = Database(url, town.keyring())
        self.clock = StillClock(town.BEGINS)
        self._kept: dict[str, tuple[str, datetime]] = {}
        self._redis = FakeAsyncRedis()
        self.stumbled: Counter[str] = Counter()
        """Over what those stumbled who met, and who did it again."""

    async def open(self) -> None:
        """Settle the town."""
        request = _Offline()
        self._app = application.build(
            ExtBot(DEFAULT_TOKEN, request=request, get_updates_request=request)
        )
        await self._app.initialize()
        await town.settle_town(self._second)
        await self.keep("")

    async def close(self) -> None:
        for database in (self._first, self._second, self._onlooker):
            await database.close()

    def process(self, database: Database | None = None) -> Process:
        """A process that was started just now."""
        database = database or self._second
        signals, hands = Signals(None), Hands()
        dispatcher = application.TelegramDispatcher(self._app)
        window = Window(self._redis, database.keyring)
        reader = FloorReader(_Calm())
        return Process(
            database=database,
            clock=self.clock,
            worker=Worker(database, dispatcher, reader, community(), window, signals, self.clock),
            timers=Timers(database, community(), signals, self.clock),
            courier=Courier(database, hands, community(), _RATES, signals, self.clock),
            hands=hands,
            ingest=Ingest(database, signals, self.clock),
        )

    # Situations.

    async def keep(self, name: str) -> None:
        """Keep what is in the tables now, to be laid out anew by `lay_out`."""
        tables = [table.name for table in SQLModel.metadata.sorted_tables]
        schema = f"kept_{name.replace(' ', '_')}"
        script = [f"CREATE SCHEMA {schema};"]
        script += [f"CREATE TABLE {schema}.{one} AS TABLE public.{one};" for one in tables]
        await self._execute("".join(script))
        laid = [f"DELETE FROM {one};" for one in reversed(tables)]
        for one in tables:
            laid.append(f"INSERT INTO {one} SELECT * FROM {schema}.{one};")
            if "id" in SQLModel.metadata.tables[one].columns:
                laid.append(
                    f"SELECT setval(pg_get_serial_sequence('{one}', 'id'), "
                    f"(SELECT coalesce(max(id), 0) + 1 FROM {one}), false);"
                )
        self._kept[name] = ("".join(laid), self.clock.now())

    async def lay_out(self, name: str) -> None:
        """Let everything be as it was when it was kept."""
        script, now = self._kept[name]
        await self._execute(script)
        await self._redis.flushall()
        self.clock.set(now)
        for database in (self._first, self._second):
            # The rows have changed behind the back of what a process remembers of them.
            database.memory.clear()

    async def _execute(self, script: str) -> None:
        async with self._onlooker.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.execute(script)

    # Two acts.

    async def in_turn(self, situation: str, first: Act, second: Act) -> Outcome:
        """How it ends when ``second`` begins after ``first`` was committed."""
        await self.lay_out(situation)
        processes = self.process(self._first), self.process(self._second)
        await self._prepare((first, second), processes)
        await first.run(processes[0])
        self.clock.set(self.clock.now() + _NEXT)
        await second.run(processes[1])
        await self._look_again((first, second), processes)
        return await self._outcome()

    async def at_once(self, situation: str, first: Act, second: Act) -> Moment:
        """How it ends when ``second`` begins while ``first`` has decided and not committed."""
        await self.lay_out(situation)
        processes = self.process(self._first), self.process(self._second)
        await self._prepare((first, second), processes)
        others: list[asyncio.Task[None]] = []
        waited = False

        async def second_begins() -> None:
            nonlocal waited
            self.clock.set(self.clock.now() + _NEXT)
            other = asyncio.create_task(second.run(processes[1]))
            others.append(other)
            async with asyncio.timeout(20):
                while not other.done() and not (waits := await self._waited_for()):  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            # The record is everybody's: who waits for that alone touches nothing of the first.
            waited = not other.done() and waits != _RECORD

        self._first.hold(first.holds, second_begins)
        await first.run(processes[0])
        assert others, f"{first.name} did not decide where it was thought to"
        await others[0]
        self._first.hold(0, second_begins)
        stumbled = await self._look_again((first, second), processes)
        broken = await self._breaches()
        return Moment(await self._outcome(), waited, stumbled, tuple(broken))

    async def verdict(self, situation: str, first: Act, second: Act) -> str:
        """What is wrong with how two end who are at it at once; nothing where all is well."""
        moment = await self.at_once(situation, first, second)
        self.stumbled += moment.stumbled
        name = f"{situation}: {first.name} while {second.name}"
        if moment.broken:
            return f"{name}: {moment.broken}"
        if defects := [error for error in moment.stumbled if not error.startswith(_IN_THE_WAY)]:
            return f"{name}: {defects}"
        one_way = await self.in_turn(situation, first, second)
        if moment.outcome == one_way:
            return ""
        if not moment.waited:
            # Neither saw the other, so either may count as the first. What both have written
            # leaves in the order in which it was written, which says nothing of who that was.
            other_way = await self.in_turn(situation, second, first)
            if moment.outcome.sorted == other_way.sorted:
                return ""
        waited = "and waits" if moment.waited else "and does not wait"
        return f"{name} {waited}:\n{moment.outcome.against(one_way)}"

    async def _prepare(self, acts: Sequence[Act], processes: Sequence[Process]) -> None:
        for act, process in zip(acts, processes, strict=True):
            await act.prepare(process)

    async def _look_again(self, acts: Sequence[Act], processes: Sequence[Process]) -> Counter[str]:
        """What the loops do when the moment is over; over what they had stumbled in it."""
        stumbled: Counter[str] = Counter()
        for process in processes:
            stumbled += process.stumbled
        for _ in range(TRIES):
            errors = await self._put_back()
            if not errors:
                break
            stumbled.update(errors)
            # The worker tries again what failed; it waits longer each time.
            self.clock.set(self.clock.now() + timedelta(seconds=0.5))
            while await processes[1].worker.handle_next():
                pass
        for act, process in zip(acts, processes, strict=True):
            await act.look_again(process)
        return stumbled

    async def _put_back(self) -> list[str]:
        async with self._onlooker.reading() as session:
            query = select(Inbox.error).where(Inbox.status == InboxStatus.WAITING)
            return [str(error) for error in (await session.exec(query)).all()]

    async def _waited_for(self) -> str | None:
        async with self._onlooker.engine.connect() as connection:
            return (await connection.execute(_WAITED_FOR)).scalar()

    async def _breaches(self) -> list[str]:
        async with self._onlooker.reading() as session:
            found = await breaches(session, self.clock.now())
        return [f"{one.promise} {one.rows}" for one in found if one.invariant not in _NOT_ASKED]

    # Looking.

    async def _outcome(self) -> Outcome:
        async with self._onlooker.reading() as session:
            lines = [line async for line in _lines(session)]
        return Outcome(tuple(lines))


async def _lines(session: AsyncSession) -> AsyncIterator[str]:
    for case in await _all(session, Case):
        yield f"case {_row(case, 'policy', 'offer_letter')} offers={case.offer_letter is not None}"
    pages = sorted(_row(page, "id") for page in await _all(session, Page))
    for page in pages:
        yield f"page {page}"
    for table in (Person, Ambassador, Away, Review):
        for row in await _all(session, table):
            yield f"{table.__tablename__} {_row(row, 'id')}"
    for number, said in enumerate(await _all(session, Message)):
        yield f"message {number} {_row(said, 'id')}"
    for number, entry in enumerate(await _all(session, Audit)):
        # Numbers come from sequences, which no rollback gives back; the case has always the same.
        subject = re.sub(r"(rota_change):\d+", r"\1", entry.subject or "")
        yield f"audit {number} {entry.actor} {entry.act} {subject} {entry.details}"
    for update in await _all(session, Inbox):
        yield f"inbox {update.update_id} {update.status}"
    async for line in _letters(session):
        yield line


async def _letters(session: AsyncSession) -> AsyncIterator[str]:
    """What waits, in the order in which it will leave; of the rest, what became of it."""
    count: Counter[str] = Counter()
    for row in await _all(session, Outbox):
        chat = _CHATS.get(row.chat_id, row.chat_id)
        about = f"{row.status} page={row.page_id is not None} changes={row.changes is not None}"
        if row.status is OutboxStatus.WAITING:
            count[chat] += 1
            letter = re.sub(r"page:\d+:", "page:N:", row.letter or "")
            yield f"letter {count[chat]} {chat} {row.priority} {about} {letter}"
        elif row.status is OutboxStatus.WITHDRAWN or row.error == ChatGone.__name__:
            # Whether it was held back from who is gone or was refused: they have not read it.
            yield f"letter 0 {chat} unread"
        else:
            yield f"letter 0 {chat} {about} {row.error}"


async def _all(session: AsyncSession, table: type[Any]) -> Sequence[Any]:
    return (await session.exec(select(table).order_by(col(table.id)))).all()


def _row(row: SQLModel, *but: str) -> str:
    values = row.model_dump(exclude={"seal", "previous", *but})
    return " ".join(
        f"{name}={_plain(value)}" for name, value in values.items() if value not in (None, False)
    )


def _plain(value: object) -> object:
    """A time as the seconds since the beginning, to the ten: the second is a little later."""
    if isinstance(value, datetime):
        return f"{round((value - town.BEGINS).total_seconds() / 10) * 10}s"
    return value


_CHATS = {str(one.user_id): one.name for one in town.TOWN}
