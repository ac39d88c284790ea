"""``make chaos``: workers and servers are killed at random under load, and nothing may be lost.

Three real `holdfast run` processes on real PostgreSQL and Redis, the sandbox as a process of its
own with its service limits and faults that come and go, persons who write and ambassadors who
tap. The language model is left out: the lexical floor decides, as it does when the model is away.
At the end the faults stop, and the history is judged from the phones' side. Prints a table, or
with ``--json`` one JSON object; exit code 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench import servers
from bench.servers import HOLDFAST, Child, Postgres
from bot.engine.clock import SystemClock
from bot.engine.invariants import breaches
from models import Layer, Role
from models.database import Database
from models.keyring import Keyring, new_secret
from sandbox import DEFAULT_TOKEN, Fault, SandboxClient
from sandbox.client import ChatMessage, Phone, SandboxRefused
from tests.sim import history, town
from tests.sim.history import Said
from tests.sim.town import Volunteer

_PERSONS = 40
_TOWN = (
    *(Volunteer(f"Prim{n}", 7_100_000_010 + n, layer=Layer.PRIMARY) for n in range(3)),
    *(Volunteer(f"Back{n}", 7_100_000_020 + n, layer=Layer.BACKUP) for n in range(2)),
    *(Volunteer(f"Free{n}", 7_100_000_030 + n) for n in range(2)),
    Volunteer("Coord", 7_100_000_040, role=Role.COORDINATOR),
)
_WORDS = (
    ("i want to die tonight", True),
    ("i am going to kill myself", True),
    ("he hit me again and i am scared", False),
    ("can i talk to a human please", False),
)
_FAULTS = (
    Fault(kind="error", method="sendMessage", status=429, retry_after=2, probability=0.2),
    Fault(kind="error", status=502, probability=0.3),
    Fault(kind="error", method="getUpdates", status=500, probability=0.5),
    Fault(kind="cut_before", probability=0.2),
    Fault(kind="cut_after", probability=0.1),
    Fault(kind="delay", method="sendMessage", delay_s=7.0, probability=0.03),
    Fault(kind="duplicate_updates", probability=0.3),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=1.0, help="messages a second")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(10_000)
    with tempfile.TemporaryDirectory(prefix="holdfast-chaos-") as folder:
        told = asyncio.run(Chaos(Path(folder), seed, arguments).play())
    if arguments.json:
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        _show(told)
    sys.exit(bool(told["broken"]))


class Chaos:
    """One run."""

    def __init__(self, folder: Path, seed: int, arguments: argparse.Namespace) -> None:
        self.folder = folder
        self.seed = seed
        self.dice = random.Random(seed)
        self.seconds: float = arguments.seconds
        self.rate: float = arguments.rate
        self.said: list[Said] = []
        self.struck: Counter[str] = Counter()
        self.doubtful = 0
        self.over = asyncio.Event()

    async def play(self) -> dict[str, Any]:
        self.postgres = Postgres(self.folder / "pg")
        self.redis, redis_url = servers.redis(self.folder)
        sandbox, self.address = servers.sandbox(self.folder)
        secret = new_secret()
        self.database = Database(self.postgres.url, Keyring.from_text(secret))
        environment = {
            "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_BASE": self.address,
            "HOLDFAST_KEY": secret,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": redis_url,
            "NLU_URL": "http://127.0.0.1:9",
            "HOLDFAST_COMMUNITY": "Harbour",
        }
        self.workers = [
            Child(
                f"worker {n}",
                [str(HOLDFAST), "run"],
                {**environment, "HOLDFAST_DATA": str(self.folder / f"data{n}")},
                self.folder / f"worker{n}.log",
            )
            for n in range(3)
        ]
        began = time.time()
        try:
            self.redis.start()
            sandbox.start()
            await servers.answers(f"{self.address}/health")
            await town.settle_town(self.database, _TOWN)
            for worker in self.workers:
                worker.start()
            async with SandboxClient(self.address) as self.client:
                await self._gather()
                await self._storm()
                await self._calm()
                return await self._judge(time.time() - began)
        finally:
            for child in (*self.workers, self.redis, sandbox):
                child.stop()
            await self.database.close()
            self.postgres.stop()

    async def _gather(self) -> None:
        """Phones for everybody; volunteers have talked to the bot before."""
        self.volunteers = [
            await self.client.new_phone(one.name, user_id=one.user_id) for one in _TOWN
        ]
        for phone in self.volunteers:
            await phone.start()
        self.persons = [await self.client.new_phone(f"P{n}") for n in range(_PERSONS)]
        for phone in self.volunteers:
            await phone.reads("/help", timeout_s=90)

    async def _storm(self) -> None:
        tasks = [
            asyncio.create_task(self._persons_write()),
            asyncio.create_task(self._faults_come_and_go()),
            asyncio.create_task(self._processes_die()),
            asyncio.create_task(self._journal_is_read()),
            *(asyncio.create_task(self._volunteer_acts(phone)) for phone in self.volunteers),
        ]
        self._reading = tasks[3]
        await asyncio.sleep(self.seconds)
        self.over.set()
        for task in tasks:
            if task is not self._reading:
                task.cancel()
        for result in await asyncio.gather(
            *(task for task in tasks if task is not self._reading), return_exceptions=True
        ):
            if isinstance(result, Exception):
                raise result

    # What people do.

    async def _persons_write(self) -> None:
        while True:
            await asyncio.sleep(self.dice.expovariate(self.rate))
            phone = self.dice.choice(self.persons)
            words, immediate = self.dice.choice(_WORDS)
            words = f"{words} #{len(self.said) + 1}"
            message = await phone.says(words)
            self.said.append(Said(phone.name, message.message_id, words, True, immediate))

    async def _volunteer_acts(self, phone: Phone) -> None:
        dice = random.Random(self.dice.random())
        while True:
            await asyncio.sleep(dice.uniform(0.5, 6))
            with suppress(SandboxRefused, AssertionError):
                await self._act(phone, dice)

    async def _act(self, phone: Phone, dice: random.Random) -> None:
        buttons = await self._buttons(phone)
        pages = [one for one in buttons if one[1].startswith("page:")]
        ends = [one for one in buttons if one[1].startswith("close:")]
        held = [one for one in buttons if one[1].endswith((":close", ":release"))]
        if ends and dice.random() < 0.8:
            await phone.taps_data(ends[-1][1], ends[-1][0])
        elif pages and dice.random() < 0.7:
            message, data = dice.choice(pages)
            wanted = "accept" if dice.random() < 0.6 else "decline"
            for _ in range(dice.choice((1, 1, 2))):  # some tap twice
                await phone.taps_data(re.sub("accept|decline", wanted, data), message)
        elif held and dice.random() < 0.4:
            await phone.taps_data(*reversed(dice.choice(held)))
        elif held:
            await phone.says("i am with you")

    @staticmethod
    async def _buttons(phone: Phone) -> list[tuple[ChatMessage, str]]:
        return [
            (message, button.data)
            for message in await phone.messages()
            for row in message.buttons
            for button in row
            if button.data
        ]

    # What goes wrong.

    async def _faults_come_and_go(self) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(2, 8))
            fault = await self.client.faults.add(self.dice.choice(_FAULTS))
            await asyncio.sleep(self.dice.uniform(1, 8))
            with suppress(SandboxRefused):
                await self.client.faults.remove(fault)

    async def _processes_die(self) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(2, 9))
            victim: Child | Postgres = self.dice.choice(
                (*self.workers * 3, self.redis, self.redis, self.postgres)
            )
            victim.kill()
            await asyncio.sleep(self.dice.uniform(0.1, 5))
            await servers.eventually(victim.start)

    async def _journal_is_read(self) -> None:
        """Count what nobody can tell the end of: a call that was carried out and not answered."""
        last = 0
        while True:
            for entry in await self.client.journal(after=last, wait_s=1):
                last = entry.n
                if entry.fault:
                    self.struck[entry.fault] += 1
                late = entry.fault == "delay" and entry.status == 200
                if entry.method.startswith(("send", "copy")) and (
                    late or entry.fault == "cut_after"
                ):
                    self.doubtful += 1
            await asyncio.sleep(0.2)

    # How it ends.

    async def _calm(self) -> None:
        """Everything is up again, somebody takes what is open, and all has time to settle."""
        await self.client.faults.clear()
        await servers.eventually(self.postgres.start)
        for child in (self.redis, *self.workers):
            if not child.is_alive:
                child.start()
        # One chat takes a letter a second, so whoever holds many cases has a long queue.
        deadline = time.monotonic() + 900
        greeted: set[tuple[str, int]] = set()
        while time.monotonic() < deadline:
            await asyncio.sleep(3)
            for phone in self.volunteers:
                await self._greet(phone, greeted)
            waiting = await self._query(
                "SELECT (SELECT count(*) FROM inbox WHERE status = 'waiting') "
                "+ (SELECT count(*) FROM outbox WHERE status = 'waiting')"
            )
            still_open = await self._query("SELECT id FROM cases WHERE status = 'open'")
            if waiting[0][0]:
                continue  # taps are answered when what came before is
            if not still_open:
                break
            for phone in self.volunteers:
                pages = [one for one in await self._buttons(phone) if one[1].endswith(":accept")]
                for message, data in pages[-3:]:
                    with suppress(SandboxRefused):
                        await phone.taps_data(data, message)
        await asyncio.sleep(3)
        self._reading.cancel()

    async def _greet(self, phone: Phone, greeted: set[tuple[str, int]]) -> None:
        """Whoever was given a case writes to its person, lest it goes back for their silence."""
        for message, data in await self._buttons(phone):
            given = (phone.name, message.message_id)
            if data.startswith("case:") and data.endswith(":close") and given not in greeted:
                greeted.add(given)
                with suppress(SandboxRefused):
                    await phone.says("i am with you", reply_to=message)

    async def _judge(self, took_s: float) -> dict[str, Any]:
        phones: dict[str, list[ChatMessage]] = {
            phone.name: await phone.messages() for phone in (*self.volunteers, *self.persons)
        }
        known = {sql: await self._query(sql) for sql in (*history.QUERIES, *history.WAITING)}

        def ask(sql: str) -> Sequence[Sequence[object]]:
            return known[sql]

        deaths = sum(worker.deaths for worker in self.workers)
        # A database that dies takes from every worker the knowledge of what it just did.
        doubtful = self.doubtful + deaths + self.postgres.deaths * len(self.workers)
        copies = history.duplicates(phones, ask)
        async with self.database.reading() as session:
            found = await breaches(session, SystemClock().now())
        lost_messages = [
            *history.unanswered(self.said, phones),
            *history.unheard(self.said, phones),
        ]
        lost_pages = [
            *history.vanished_pages(phones, ask),
            *history.open_pages(phones, ask, doubtful),
        ]
        doubles = history.double_holders(phones)
        broken = [
            *lost_messages,
            *lost_pages,
            *doubles,
            *history.without_number(self.said, phones),
            *history.still_waiting(ask),
            *(f"{one.invariant}: {one.rows}" for one in found),
        ]
        if copies > doubtful:
            broken.append(f"{copies} copies, but only {doubtful} doubtful sendings")
        waits = [
            float(row[0])
            for row in await self._query(
                "SELECT extract(epoch FROM min(page.sent_at) - cases.opened_at) FROM cases "
                "JOIN page ON page.case_id = cases.id WHERE page.sent_at IS NOT NULL "
                "GROUP BY cases.id, cases.opened_at"
            )
        ]
        cases = await self._query("SELECT count(*) FROM cases")
        pages = await self._query("SELECT count(*) FROM page")
        return {
            "seed": self.seed,
            "seconds": round(took_s, 1),
            "messages of persons": len(self.said),
            "cases": cases[0][0],
            "pages": pages[0][0],
            "worker deaths": deaths,
            "PostgreSQL deaths": self.postgres.deaths,
            "Redis deaths": self.redis.deaths,
            "calls that a fault struck": self.struck.total(),
            "sendings of unknown end": self.doubtful,
            "messages lost": len(lost_messages),
            "pages lost": len(lost_pages),
            "double holders": len(doubles),
            "copies": copies,
            "copies explained by deaths and doubt": doubtful,
            "case to first page p50 s": round(statistics.median(waits), 2) if waits else None,
            "case to first page p99 s": _cut(waits, 99),
            "case to first page worst s": round(max(waits), 2) if waits else None,
            "broken": broken,
        }

    async def _query(self, sql: str) -> list[Sequence[Any]]:
        for attempt in range(20):
            try:
                async with self.database.reading() as session:
                    connection = await session.connection()
                    return [tuple(row) for row in (await connection.execute(text(sql))).all()]
            except Exception:
                if attempt == 19:
                    raise
                await asyncio.sleep(1)
        raise AssertionError


def _cut(values: list[float], percent: int) -> float | None:
    if len(values) < 2:
        return None
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 2)


def _show(told: dict[str, Any]) -> None:
    table = Table("chaos", "")
    for name, value in told.items():
        if name != "broken":
            table.add_row(name, str(value))
    console = Console()
    console.print(table)
    for line in told["broken"]:
        console.print(f"[red]broken:[/red] {line}", highlight=False)
    if not told["broken"]:
        console.print("[green]Nothing was lost.[/green]")


if __name__ == "__main__":
    main()
