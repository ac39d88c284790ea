"""A whole world in one process: phones, an in-memory Telegram, the real engine, and its weather.

The world is told by a seed. Time stands still until it is moved; faults strike when the seed's
dice say so; two engines share the database as two processes would, and while one of them sends
or reads, the other may act in between. The same seed tells the same story.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fakeredis import FakeAsyncRedis, FakeServer
from sqlalchemy.exc import OperationalError
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.core.reading import Reading
from bot.engine.invariants import INVARIANTS, Invariant, values_at
from bot.engine.ports import DeliveryError
from bot.triage.rasa import RasaAway
from models.database import Database
from sandbox.errors import ApiError, too_many_requests
from sandbox.methods import find_method
from sandbox.params import Params, Upload
from tests.sim import town
from tests.sim.engine import STEPS, Engine, FloorReader, sandbox_at
from tests.sim.phones import SimPhone, add_phone
from tests.support.clock import StillClock

FAULTS = (
    "429",
    "5xx",
    "cut before",
    "cut after",
    "redis gone",
    "database",
    "death",
    "nlu gone",
    "nlu slow",
    "clock",
    "doubled",
    "shuffled",
    "interleaved",
)
"""What can go wrong in a world, apart from what people do."""


_PAUSE = timedelta(seconds=31)
_NOBODY_ASKED = (
    "SELECT id FROM cases WHERE status = 'open' AND wake_at > ? AND NOT EXISTS "
    "(SELECT 1 FROM page WHERE page.case_id = cases.id AND page.status IN ('queued', 'sent'))"
)


_DUE = {
    "handle": "SELECT 1 FROM inbox WHERE status = 'waiting' AND due_at <= ? LIMIT 1",
    "wake": "SELECT 1 FROM cases WHERE wake_at <= ?1 UNION ALL "
    "SELECT 1 FROM review WHERE status = 'open' AND overdue_at <= ?1 LIMIT 1",
    "send": "SELECT 1 FROM outbox WHERE status = 'waiting' AND due_at <= ? LIMIT 1",
}


_LOOKS_EVERY = timedelta(seconds=15)
"""How often reminders are looked for, as in the real loop."""


class Death(BaseException):
    """The process is gone: nothing catches this but the world itself."""


class Broken(AssertionError):
    """A promise was broken. The message says which, with the seed's replay."""


@dataclass
class Weather:
    """How likely each fault is at every occasion; a fault that is not named never strikes."""

    odds: dict[str, float] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)

    def strikes(self, name: str, dice: random.Random) -> bool:
        odds = self.odds.get(name, 0.0)
        if odds and dice.random() < odds:
            self.struck[name] += 1
            return True
        return False


class World:
    """See the module's docstring."""

    def __init__(self, path: Path, dice: random.Random, weather: Weather) -> None:
        self.dice = dice
        self.weather = weather
        self.clock = StillClock(town.BEGINS)
        self.sandbox = sandbox_at(self.clock)
        self.phones = {
            one.name: add_phone(self.sandbox, one.name, one.user_id, started=True)
            for one in town.TOWN
        }
        self.path = path
        self.database = MortalDatabase(self, path)
        self.redis_server = FakeServer()
        self.engines: list[Engine] = []
        self.deaths = 0
        self.steps = 0
        self.checked = 0
        self.is_nested = False
        self._reminded_at = self.clock.now() - _LOOKS_EVERY
        self._in_hand: int | None = None
        self._handled: Counter[int] = Counter()
        self._look = sqlite3.connect(path, isolation_level=None)

    @classmethod
    @asynccontextmanager
    async def made(
        cls, folder: Path, dice: random.Random, weather: Weather, engines: int = 2
    ) -> AsyncIterator[World]:
        path = await town.new_town(folder)
        world = cls(path, dice, weather)
        try:
            for _ in range(engines):
                world.engines.append(await world.born())
            yield world
        finally:
            world._look.close()
            await world.database.close()

    async def born(self) -> Engine:
        """A new process."""
        odds, self.weather.odds = self.weather.odds, {}
        redis = FakeAsyncRedis(server=self.redis_server)
        engine = Engine(
            self.database, Wire(self), redis, self.clock, SimReader(self), note=self._took
        )
        await engine.start()
        self.weather.odds = odds
        return engine

    def person(self, name: str) -> SimPhone:
        """A phone that the bot has never seen."""
        phone = add_phone(self.sandbox, name, 7_200_000_001 + len(self.phones))
        self.phones[name] = phone
        return phone

    @property
    def volunteers(self) -> list[SimPhone]:
        return [self.phones[one.name] for one in town.TOWN]

    @property
    def persons(self) -> list[SimPhone]:
        known = {one.name for one in town.TOWN}
        return [phone for name, phone in self.phones.items() if name not in known]

    # Time and steps.

    async def step(self, name: str, engine: Engine | None = None) -> bool:
        """One step of one engine; a death is followed by a new life at once."""
        engine = engine or self.dice.choice(self.engines)
        self.steps += 1
        try:
            return await engine.step(name, lambda: len(self.sandbox.updates))
        except Death:
            self.deaths += 1
            self.engines[self.engines.index(engine)] = await self.born()
            return True
        except Exception as error:
            # As `Loops` does: what failed is tried again. Only known troubles may come this far.
            if not isinstance(error, TRANSIENT):
                raise
            return True

    async def until_quiet(self, most: int = 2000) -> None:
        """Let everything happen that can happen now, in an order that the dice choose."""
        idle: set[tuple[str, int]] = set()
        while len(idle) < len(STEPS) * len(self.engines) and most > 0:
            most -= 1
            choices = [
                (name, number)
                for name in STEPS
                for number in range(len(self.engines))
                if (name, number) not in idle
            ]
            name, number = self.dice.choice(choices)
            if self._is_due(name) and await self.step(name, self.engines[number]):
                idle.clear()
            elif name == "poll" and self.sandbox.updates:
                idle.add((name, number))  # the duty may be another's
            else:
                # What one engine does not find, the other does not find either.
                idle |= {(name, other) for other in range(len(self.engines))}
            self.check_now()
        if most <= 0:
            raise Broken("the engine never comes to rest")

    def _is_due(self, name: str) -> bool:
        """Whether this step could find anything: a question to spare most of the idle ones."""
        if name == "poll":
            return bool(self.sandbox.updates)
        if name == "remind":
            due = abs(self.clock.now() - self._reminded_at) >= _LOOKS_EVERY
            self._reminded_at = self.clock.now() if due else self._reminded_at
            return due
        now = self.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")
        return bool(self.query(_DUE[name], now))

    async def time_passes(self, span: timedelta, most: int = 60) -> None:
        """Move time on to each moment at which something is due, for ``span``."""
        end = self.clock.now() + span
        await self.until_quiet()
        while most > 0:
            most -= 1
            coming = self._next_due()
            if coming is None or coming > end:
                break
            self.clock.set(max(coming, self.clock.now() + timedelta(milliseconds=10)))
            await self.until_quiet()
        self.clock.set(max(end, self.clock.now()))
        await self.until_quiet()

    def _next_due(self) -> datetime | None:
        """The next moment at which a case wakes, a letter or update is due, or a lease ends."""
        row = self._look.execute(
            "SELECT min(at) FROM ("
            " SELECT min(wake_at) AS at FROM cases WHERE wake_at IS NOT NULL"
            " UNION SELECT min(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END)"
            "  FROM outbox WHERE status = 'waiting'"
            " UNION SELECT min(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END)"
            "  FROM inbox WHERE status = 'waiting'"
            " UNION SELECT min(overdue_at) FROM review WHERE status = 'open'"
            " UNION SELECT min(until) FROM duty WHERE name = 'poll' AND ?)",
            (len(self.sandbox.updates) > 0,),
        ).fetchone()
        if row[0] is None:
            return None
        return datetime.fromisoformat(row[0]).replace(tzinfo=UTC)

    @property
    def ambiguous(self) -> int:
        """How often nobody could tell whether a letter had left: each may have left twice."""
        struck = self.weather.struck
        return struck["cut after"] + struck["death"] + struck["database"]

    # Looking.

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._look.execute(sql, values).fetchall()

    def check_now(self) -> None:
        """The promises that hold between any two transactions."""
        self.checked += 1
        for invariant in INVARIANTS:
            if ":late" in invariant.broken.text:
                continue  # what may be late is asked when the weather is over
            if rows := self.broken(invariant):
                raise Broken(f"{invariant.name}: {invariant.promise} {rows}")

        # Nobody is asked, and nobody will be for longer than the shortest pause of a ladder.
        soon = (self.clock.now() + _PAUSE).strftime("%Y-%m-%d %H:%M:%S.%f")
        if waits := self.query(_NOBODY_ASKED, soon):
            raise Broken(f"cases {waits} wait with nobody asked")

    def _took(self, update_id: int) -> None:
        self._in_hand = update_id

    def committed(self) -> None:
        """A transaction was committed: whatever update was handled in it is handled."""
        if self._in_hand is not None:
            self._handled[self._in_hand] += 1
            if self._handled[self._in_hand] > 1:
                raise Broken(f"update {self._in_hand} was handled twice")
        self._in_hand = None

    def rolled_back(self) -> None:
        """A transaction was given up."""
        self._in_hand = None

    def broken(self, invariant: Invariant) -> list[Any]:
        """The rows that break this promise now."""
        values = values_at(self.clock.now(), is_sqlite=True)
        return self._look.execute(invariant.broken.text, values).fetchall()

    # Meddling while one engine waits for the world.

    async def meanwhile(self) -> None:
        """While one engine waits for somebody's answer, others may act."""
        if self.is_nested or not self.weather.strikes("interleaved", self.dice):
            return
        self.is_nested = True
        try:
            for _ in range(self.dice.randint(1, 3)):
                await self.step(self.dice.choice(STEPS))
        finally:
            self.is_nested = False

    def may_die(self) -> None:
        if not self.is_nested and self.weather.strikes("death", self.dice):
            raise Death


TRANSIENT: tuple[type[Exception], ...] = (OperationalError, DeliveryError)
"""What a step may fail with on a bad day; anything else is a defect."""


class Wire(BaseRequest):
    """The network between python-telegram-bot and the sandbox: none, but with its faults."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._handed_out: list[dict[str, Any]] = []

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *args: object,
        **kwargs: object,
    ) -> tuple[int, bytes]:
        world, weather, dice = self._world, self._world.weather, self._world.dice
        name = url.rsplit("/", 1)[1]
        values: dict[str, Any] = dict(request_data.json_parameters) if request_data else {}
        world.may_die()
        if weather.strikes("cut before", dice):
            raise NetworkError("the connection broke")
        if weather.strikes("5xx", dice):
            return 502, b"<html>Bad Gateway</html>"
        if name != "getUpdates":
            await world.meanwhile()
            if weather.strikes("429", dice):
                error = too_many_requests(dice.choice((1, 3, 20)))
                return error.status, json.dumps(error.envelope()).encode()
        files = request_data.multipart_data if request_data else {}
        uploads = {part: Upload(file, kind, data) for part, (file, data, kind) in files.items()}
        status, envelope = await self._call(name, Params(values, uploads))
        if name == "getUpdates" and status == 200:
            envelope["result"] = self._garbled(envelope["result"])
        if name != "getUpdates":
            world.may_die()
            if weather.strikes("cut after", dice):
                raise TimedOut
            await world.meanwhile()
        return status, json.dumps(envelope).encode()

    async def _call(self, name: str, params: Params) -> tuple[int, dict[str, Any]]:
        found = find_method(name)
        assert found is not None, name
        try:
            return 200, {"ok": True, "result": await found.call(self._world.sandbox, params)}
        except ApiError as error:
            return error.status, error.envelope()

    def _garbled(self, updates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Updates as they come on a bad day: doubled, and in another order."""
        weather, dice = self._world.weather, self._world.dice
        told = list(updates)
        if told and self._handed_out and weather.strikes("doubled", dice):
            told += dice.sample(self._handed_out, min(2, len(self._handed_out)))
        if len(told) > 1 and weather.strikes("shuffled", dice):
            dice.shuffle(told)
        self._handed_out = (self._handed_out + list(updates))[-20:]
        return told


class SimReader:
    """Triage with a model that is away or slow when the weather says so."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def read(self, text: str) -> Reading:
        world = self._world
        world.may_die()
        if not world.is_nested and world.weather.strikes("nlu slow", world.dice):
            # Longer than a lease: another worker may take the update meanwhile.
            world.clock.move(seconds=world.dice.choice((1.4, 11.0)))
            await world.meanwhile()
        return await FloorReader(Listener(world)).read(text)


class Listener:
    """A model that hears what the floor hears, unless it is away."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def read(self, text: str) -> Reading:
        if self._world.weather.strikes("nlu gone", self._world.dice):
            raise RasaAway("gone")
        return Reading(reasons=("model:calm",))


class MortalDatabase(Database):
    """A database that loses its connection, or its client, at either side of a commit."""

    def __init__(self, world: World, path: Path) -> None:
        super().__init__(f"sqlite:///{path}", town.keyring())
        self._world = world

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        world = self._world
        world.may_die()
        if world.weather.strikes("database", world.dice):
            raise _gone()
        world.rolled_back()
        async with super().transaction() as session:
            yield session
            if world.weather.strikes("database", world.dice):
                raise _gone()  # in the middle: everything is rolled back
            world.may_die()
        world.committed()
        # After the commit nobody may hear of it any more.
        if world.weather.strikes("database", world.dice):
            raise _gone()
        world.may_die()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        if self._world.weather.strikes("database", self._world.dice):
            raise _gone()
        async with super().reading() as session:
            yield session


def _gone() -> OperationalError:
    return OperationalError("", {}, Exception("the server closed the connection"))
