"""Real processes on one PostgreSQL and one Redis: any of them may die, and the case goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.engine.clock import SystemClock
from bot.engine.invariants import breaches
from bot.engine.work import UnitOfWork
from bot.settings import Settings, read_settings
from bot.wiring import open_community, open_database
from models import Case, CaseStatus, Duty, Inbox, InboxStatus, Role
from models.database import Database
from models.keyring import new_secret
from sandbox import DEFAULT_TOKEN, Limits, Sandbox, SandboxClient, serving
from sandbox.client import Phone
from tests.support.servers import Schemas

HOLDFAST = Path(sys.executable).with_name("holdfast")
DISTRESS = "i want to die tonight, i have the pills here"
_WAIT_S = 30.0


@dataclass
class Crew:
    """Processes of one bot, and the database they share."""

    environment: dict[str, str]
    folder: Path
    database: Database
    processes: dict[str, Process] = field(default_factory=dict)

    async def start(self, name: str, *command: str) -> None:
        """Start a process and wait until it works."""
        log = self.log(name)
        with log.open("wb") as file:
            self.processes[name] = await asyncio.create_subprocess_exec(
                HOLDFAST,
                *command,
                cwd=self.folder,
                env={**os.environ, **self.environment, "HOLDFAST_DATA": str(self.folder / name)},
                stderr=file,
            )
        async with asyncio.timeout(60):
            while not any(event["event"] == "started" for event in self.events(name)):
                assert self.processes[name].returncode is None, log.read_text()
                await asyncio.sleep(0.05)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def events(self, *names: str) -> list[dict[str, object]]:
        """What the processes logged."""
        found = []
        for name in names or self.processes:
            for line in self.log(name).read_text().splitlines():
                with suppress(ValueError):
                    found.append(json.loads(line))
        return found

    def count(self, name: str, event: str) -> int:
        return sum(one["event"] == event for one in self.events(name))

    def send(self, name: str, number: int) -> None:
        self.processes[name].send_signal(number)

    async def kill(self, name: str) -> None:
        self.send(name, signal.SIGKILL)
        await self.processes[name].wait()

    async def poller(self) -> str:
        """The process that polls right now."""
        async with self.database.reading() as session:
            duty = (await session.exec(select(Duty).where(Duty.name == "poll"))).one()
        by_name = {str(one.pid): name for name, one in self.processes.items()}
        return by_name[duty.holder.split(":")[1]]

    async def until_polled_by_another_than(self, name: str) -> None:
        async with asyncio.timeout(20):
            while await self.poller() == name:  # noqa: ASYNC110  another process
                await asyncio.sleep(0.05)

    async def end(self) -> None:
        for one in self.processes.values():
            if one.returncode is None:
                with suppress(ProcessLookupError):
                    one.send_signal(signal.SIGCONT)
                    one.terminate()
        for one in self.processes.values():
            async with asyncio.timeout(30):
                await one.wait()


@dataclass
class Scene:
    """A crew, and the phones."""

    crew: Crew
    client: SandboxClient
    sandbox: Sandbox
    cleo: Phone
    ana: Phone
    ben: Phone


async def _joined(scene: SandboxClient, settings: Settings, database: Database) -> list[Phone]:
    community = open_community(settings)
    phones = []
    for name, role in (
        ("Cleo", Role.COORDINATOR),
        ("Ana", Role.AMBASSADOR),
        ("Ben", Role.AMBASSADOR),
    ):
        phone = await scene.new_phone(name)
        async with database.transaction() as session:
            work = UnitOfWork(session, database.keyring, community, SystemClock().now())
            token = await work.people.invite(role, None)
        await phone.start(token)
        await phone.reads("You are a", timeout_s=_WAIT_S)
        phones.append(phone)
    cleo = phones[0]
    for name, layer in (("ana", "primary"), ("ben", "backup")):
        await cleo.says(f"/shift add @{name} daily 00:00-00:00 {layer}")
        await cleo.reads(f"@{name} is {layer}", timeout_s=_WAIT_S)
    return phones


@asynccontextmanager
async def scene(
    tmp_path: Path, postgres: str, redis_url: str, *commands: tuple[str, ...]
) -> AsyncIterator[Scene]:
    sandbox = Sandbox(limits=Limits.off())
    async with serving(sandbox) as address:
        environment = {
            "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_BASE": address,
            "HOLDFAST_KEY": new_secret(),
            "DATABASE_URL": postgres,
            "HOLDFAST_DATABASE_SCHEMA": Schemas.fresh(),
            "REDIS_URL": redis_url,
            # What is shown here needs no model: the floor hears these words.
            "NLU_URL": "http://127.0.0.1:9",
        }
        settings = read_settings(**environment)
        database = open_database(settings)
        await database.migrate()
        crew = Crew(environment, tmp_path, database)
        try:
            for number, command in enumerate(commands):
                await crew.start(f"p{number}", *command)
            async with SandboxClient(address) as client:
                cleo, ana, ben = await _joined(client, settings, database)
                yield Scene(crew, client, sandbox, cleo, ana, ben)
                await _all_is_well(crew)
        finally:
            await crew.end()
            await database.drop_schema()
            await database.close()


async def _all_is_well(crew: Crew) -> None:
    """Everything came to rest, every promise holds, and no update was handled twice."""
    async with asyncio.timeout(_WAIT_S):
        while await _left_over(crew.database):  # noqa: ASYNC110  another process
            await asyncio.sleep(0.1)
    async with crew.database.reading() as session:
        assert await breaches(session, SystemClock().now()) == []
        numbers = (await session.exec(select(Inbox.update_id))).all()
    handled = Counter(
        event["update"] for event in crew.events() if event["event"] == "update_handled"
    )
    # A process that was killed between its commit and its log line says nothing: at most once.
    assert max(handled.values()) == 1
    assert set(handled) <= set(numbers)


async def _left_over(database: Database) -> bool:
    async with database.reading() as session:
        query = select(Inbox.id).where(col(Inbox.status) == InboxStatus.WAITING)
        return bool((await session.exec(query)).all())


@pytest.fixture(autouse=True)
def _ran_on(request: pytest.FixtureRequest) -> None:
    request.node.user_properties.extend([("ran on", "PostgreSQL"), ("ran on", "Redis")])


async def test_each_process_is_killed_in_turn_in_the_middle_of_a_case_and_the_case_goes_on(
    tmp_path: Path, postgres: str, redis_url: str
) -> None:
    worker = ("worker", "--poll")
    async with scene(tmp_path, postgres, redis_url, ("run",), worker, worker) as here:
        sam = await here.client.new_phone("Sam")
        await sam.says(DISTRESS)
        await here.crew.kill("p0")
        answer = await sam.reads("112", timeout_s=_WAIT_S)
        page = await here.ana.reads("IMMEDIATE", timeout_s=_WAIT_S)
        await here.ana.taps("I'm here", on=page)
        await here.crew.kill("p1")
        await sam.reads("Ana is here for you", after=answer, timeout_s=_WAIT_S)
        await here.ana.reads("i have the pills here", after=page, timeout_s=_WAIT_S)
        await here.crew.start("p3", "run")
        await here.ana.says("I'm with you now")
        await here.crew.kill("p2")
        heard = await sam.reads("I'm with you now", timeout_s=_WAIT_S)
        await here.ana.says("/close")
        question = await here.ana.reads("How did it end?", timeout_s=_WAIT_S)
        await here.ana.taps("They feel safer", on=question)
        await sam.reads("This conversation has ended", after=heard, timeout_s=_WAIT_S)
        async with here.crew.database.reading() as session:
            cases = (await session.exec(select(Case))).all()
        assert [case.status for case in cases] == [CaseStatus.CLOSED]


async def test_when_the_poller_dies_another_polls_and_a_page_is_no_ten_seconds_later(
    tmp_path: Path, postgres: str, redis_url: str
) -> None:
    async with scene(
        tmp_path, postgres, redis_url, ("run",), ("worker", "--poll"), ("worker",)
    ) as here:
        first = await here.crew.poller()
        await here.crew.kill(first)
        sam = await here.client.new_phone("Sam")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await sam.says(DISTRESS)
        await here.ana.reads("IMMEDIATE", timeout_s=_WAIT_S)
        assert loop.time() - began < 10
        assert await here.crew.poller() != first
        assert await here.crew.poller() != "p2", "a worker that was not asked to poll does not"


async def test_a_poller_that_was_paused_keeps_nothing_after_it_was_replaced_and_nothing_is_lost(
    tmp_path: Path, postgres: str, redis_url: str
) -> None:
    async with scene(tmp_path, postgres, redis_url, ("run",), ("worker", "--poll")) as here:
        first = await here.crew.poller()
        other = "p1" if first == "p0" else "p0"
        here.crew.send(first, signal.SIGSTOP)
        people = [await here.client.new_phone(f"P{n}") for n in range(3)]
        for person in people:
            await person.says(DISTRESS)
        await here.crew.until_polled_by_another_than(first)
        for person in people:
            await person.reads("112", timeout_s=_WAIT_S)
        kept_by_the_first = here.crew.count(first, "updates_received")
        here.crew.send(first, signal.SIGCONT)
        late = await here.client.new_phone("Late")
        await late.says(DISTRESS)
        await late.reads("112", timeout_s=_WAIT_S)
        assert await here.crew.poller() == other
        assert here.crew.count(first, "updates_received") == kept_by_the_first
        # Telegram forgets what was confirmed: each of these was answered, so none was lost.
        assert here.crew.count(first, "update_failed") == 0


async def test_a_second_process_on_sqlite_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with serving(Sandbox(limits=Limits.off())) as address:
        environment = {
            "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_BASE": address,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'one.db'}",
            "NLU_URL": "http://127.0.0.1:9",
            "REDIS_URL": "redis://127.0.0.1:9/0",
        }
        settings = read_settings(**environment, HOLDFAST_DATA=tmp_path / "p0")
        crew = Crew(environment, tmp_path, open_database(settings))
        try:
            await crew.start("p0", "run")
            refused = await asyncio.create_subprocess_exec(
                HOLDFAST,
                "run",
                cwd=tmp_path,
                env={**os.environ, **environment, "HOLDFAST_DATA": str(tmp_path / "p1")},
                stderr=asyncio.subprocess.PIPE,
            )
            _, error = await refused.communicate()
            assert refused.returncode == 2
            assert b"SQLite is for one process" in error
            assert b"Traceback" not in error
        finally:
            await crew.end()
            await crew.database.close()


async def test_a_worker_on_sqlite_is_refused_with_a_sentence(tmp_path: Path) -> None:
    refused = await asyncio.create_subprocess_exec(
        HOLDFAST,
        "worker",
        cwd=tmp_path,
        env={**os.environ, "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN},
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await refused.communicate()
    assert refused.returncode == 2
    assert b"needs PostgreSQL" in error
