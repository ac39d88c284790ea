"""A stage on which engines die: phones that do not notice, and scenes that must end well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import SQLModel

from bot.engine.invariants import breaches
from models import RotaState, Shape
from models.database import Database
from sandbox import serving
from tests.sim import history, town
from tests.sim.engine import sandbox_at
from tests.sim.history import Said
from tests.sim.lives import Life, Nursery
from tests.sim.phones import SimPhone, add_phone
from tests.support.clock import StillClock

_LONGEST_LEASE = timedelta(seconds=16)


@dataclass(frozen=True, slots=True)
class House:
    """What a run is on: a database that is empty but for the town, and how many workers."""

    database: Database
    workers: int = 1
    redis: str | None = None
    releases: bool = True
    """Whether a life lets go of what the one before had taken, as the only process does."""

    async def clear(self) -> None:
        """Make the town anew."""
        async with self.database.engine.begin() as connection:
            if self.database.is_sqlite:
                await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            for table in reversed(SQLModel.metadata.sorted_tables):
                # What migrations wrote themselves stays.
                if table.name not in (RotaState.__tablename__, Shape.__tablename__):
                    await connection.execute(table.delete())
        await town.settle_town(self.database)
        if self.redis is not None:
            # What was said in the run before must not be remembered in this one.
            async with Redis.from_url(self.redis) as redis:
                await redis.flushdb()


@dataclass
class Theatre:
    """One run of one scene. ``hours``: at which event of the first, second… life it dies."""

    house: House
    nursery: Nursery
    hours: Sequence[int] = ()
    bug: str = ""
    deaths: int = 0
    said: list[Said] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    ledger_at_end: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        self.clock = StillClock(town.BEGINS)
        self.sandbox = sandbox_at(self.clock)
        self._address = await self._stack.enter_async_context(serving(self.sandbox))
        self.phones = {
            one.name: add_phone(self.sandbox, one.name, one.user_id, started=True)
            for one in town.TOWN
        }
        self.phones["Sam"] = add_phone(self.sandbox, "Sam", 7_200_000_001)
        self._hours = list(self.hours)
        self._workers: list[Life] = []
        for number in range(self.house.workers):
            self._workers.append(await self._born(mortal=number == 0))
        return self

    async def __aexit__(self, *rest: object) -> None:
        for life in self._workers:
            life.leave()
        await self._stack.aclose()

    def phone(self, name: str) -> SimPhone:
        return self.phones[name]

    @property
    def events(self) -> list[str]:
        """What the first worker has changed in the world so far."""
        return self._workers[0].what

    async def settle(self) -> None:
        """Let the workers do all there is to do, in turn; whoever dies is born again, later."""
        idle = 0
        rounds = 0
        while idle < len(self._workers):
            rounds += 1
            assert rounds < 400, "the workers never come to rest"
            # The mortal one comes first: it has the duty to poll, until it dies with it.
            number = (rounds - 1) % len(self._workers)
            try:
                waiting = len(self.sandbox.updates)
                did = await self._workers[number].round(self.clock.now().isoformat(), waiting)
            except EOFError:
                await self.nursery.killed()
                self.deaths += 1
                await self._look_at_what_is_left()
                if len(self._workers) == 1:
                    self._workers[0] = await self._born(mortal=True)
                else:
                    # The other one goes on; the one that died comes back when all is over.
                    del self._workers[number]
                self.clock.set(self.clock.now() + _LONGEST_LEASE)
                did = True
            idle = 0 if did else idle + 1

    async def time_passes(self, seconds: float) -> None:
        """Move time, a little at a time, so that nothing is late for want of looking."""
        for _ in range(max(1, int(seconds // 30))):
            self.clock.move(seconds=min(30.0, seconds))
            await self.settle()

    async def _born(self, *, mortal: bool) -> Life:
        while True:
            hour = self._hours.pop(0) if mortal and self._hours else 0
            life = await self.nursery.bear(
                database=self.house.database.url.render_as_string(hide_password=False),
                schema=self.house.database.schema,
                redis=self.house.redis,
                telegram=self._address,
                now=self.clock.now().isoformat(),
                hour=hour,
                bug=self.bug,
                releases=self.house.releases and self.house.database.is_sqlite,
            )
            if life is not None:
                return life
            self.deaths += 1

    async def _look_at_what_is_left(self) -> None:
        """The promises hold in whatever a death leaves behind."""
        async with self.house.database.reading() as session:
            assert await breaches(session, self.clock.now()) == []

    async def query(self, sql: str) -> list[Sequence[Any]]:
        async with self.house.database.reading() as session:
            connection = await session.connection()
            return [tuple(row) for row in (await connection.execute(text(sql))).all()]

    # What people do.

    def sam_says(self, words: str, *, distress: bool = True, immediate: bool = False) -> int:
        words = f"{words} #{len(self.said) + 1}"
        number = self.phone("Sam").says(words)
        self.said.append(Said("Sam", number, words, distress, immediate))
        return number

    def taps(self, name: str, data: str) -> None:
        assert self.phone(name).taps_newest(data), f"{name} sees no button {data}"

    # How it must have ended.

    async def ledger(self) -> Counter[tuple[str, str]]:
        """How many letters each chat was to get, by what became of them."""
        # What is said twice is stale the second time, such as the answer to a tap.
        rows = await self.query(
            "SELECT chat_key, CASE WHEN error = 'Stale' THEN 'sent' ELSE status END FROM outbox"
        )
        names = {
            self.house.database.keyring.lookup("chat", phone.id): phone.name
            for phone in self.phones.values()
        }
        return Counter((names[str(key)], str(status)) for key, status in rows)

    async def judge(self) -> list[str]:
        """What is not as it must be."""
        await self._look_at_what_is_left()
        phones = {name: phone.messages() for name, phone in self.phones.items()}
        known = {sql: await self.query(sql) for sql in (*history.QUERIES, *history.WAITING)}

        def ask(sql: str) -> Sequence[Sequence[object]]:
            return known[sql]

        broken = [
            *history.still_waiting(ask),
            *history.unanswered(self.said, phones),
            *history.unheard(self.said, phones),
            *history.without_number(self.said, phones),
            *history.double_holders(phones),
            *history.open_pages(
                {name: seen for name, seen in phones.items() if name not in self.blocked},
                ask,
                self.deaths,
            ),
            *history.vanished_pages(phones, ask),
        ]
        copies = history.duplicates(phones, ask)
        if copies > self.deaths:
            broken.append(f"{copies} copies of {self.deaths} deaths")
        return broken


# Scenes.


async def whole_case(here: Theatre) -> None:
    """From the first word to the close, with a decline on the way."""
    here.sam_says("i want to die tonight, i have the pills here", immediate=True)
    await here.settle()
    assert here.phone("Ana").shown("IMMEDIATE")
    here.taps("Ben", ":decline")
    await here.settle()
    assert here.phone("Dee").shown("IMMEDIATE"), "a decline brings the next one at once"
    here.taps("Ana", ":accept")
    await here.settle()
    assert here.phone("Sam").shown("Ana is here for you")
    here.phone("Ana").says("i am with you now")
    await here.settle()
    assert here.phone("Sam").shown("i am with you now")
    here.sam_says("thank you ana")
    await here.settle()
    here.taps("Ana", ":close")
    await here.settle()
    here.taps("Ana", ":safer")
    await here.settle()
    assert here.phone("Sam").shown("This conversation has ended")
    assert here.phone("Ana").shown("is closed")
    assert not here.phone("Ben").shown("You are with them now")


async def nobody_answers(here: Theatre) -> None:
    """The ladder is climbed to its end, and a coordinator comes."""
    here.sam_says("he hit me again and i am scared", immediate=False)
    await here.settle()
    for name in ("Ana", "Ben", "Dee", "Cleo"):
        assert here.phone(name).buttons(":accept"), f"{name} is not asked in time"
        await here.time_passes(180 if name == "Dee" else 120)
    here.taps("Cleo", ":accept")
    await here.settle()
    assert here.phone("Sam").shown("Cleo is here for you")


async def decline(here: Theatre) -> None:
    """One word, one "Can't right now"."""
    here.sam_says("i am going to kill myself", immediate=True)
    await here.settle()
    here.taps("Ana", ":decline")
    await here.settle()
    assert here.phone("Dee").shown("IMMEDIATE"), "a decline brings the next one at once"


async def quiet_holder(here: Theatre) -> None:
    """A holder says nothing: they are nudged, and then others are asked again."""
    here.sam_says("i am going to kill myself", immediate=True)
    await here.settle()
    here.taps("Ana", ":accept")
    await here.settle()
    await here.time_passes(420)
    assert here.phone("Ana").shown("waiting for your next word")
    assert here.phone("Ana").shown("has gone back")
    here.taps("Ben", ":accept")
    await here.settle()
    assert here.phone("Sam").shown("Ben is here for you")


async def out_of_reach(here: Theatre) -> None:
    """The primary has blocked the bot: the next one is asked at once."""
    here.phone("Ana").blocks()
    here.phone("Ben").blocks()
    here.blocked |= {"Ana", "Ben"}
    here.sam_says("i am going to kill myself", immediate=True)
    await here.settle()
    assert here.phone("Dee").shown("IMMEDIATE"), "who cannot be reached is not waited for"
    here.taps("Dee", ":accept")
    await here.settle()
    assert here.phone("Sam").shown("Dee is here for you")


Scene = Callable[[Theatre], Awaitable[None]]
SCENES: tuple[Scene, ...] = (whole_case, nobody_answers, decline, quiet_holder, out_of_reach)
SHORT: tuple[Scene, ...] = (decline,)


async def play(
    scene: Scene, house: House, nursery: Nursery, hours: Sequence[int] = (), bug: str = ""
) -> Theatre:
    """One run of ``scene``; `AssertionError` where it does not end as it must."""
    await house.clear()
    async with Theatre(house, nursery, hours, bug) as here:
        try:
            await scene(here)
            here.ledger_at_end = await here.ledger()
            broken = await here.judge()
            assert not broken, broken
        except AssertionError as error:
            seen = "\n".join(phone.transcript() for phone in here.phones.values())
            raise AssertionError(
                f"{scene.__name__}, dying at {list(hours)}: {error}\n{seen}"
            ) from None
        return here
