"""Every failure that an operator may meet, played once: what is seen, and what it costs.

    python -m tests.chaos.tour                       all of them, about a quarter of an hour
    python -m tests.chaos.tour redis_stops token_refused

Real processes (`holdfast run` and `holdfast worker --poll`), real PostgreSQL and Redis, the sandbox
as Telegram, a service that hears calls. For each failure it prints what the logs say, what the
coordinator reads and hears, what the doctor finds, and how many seconds after a message the page
left. ``docs/operations.md`` is written from it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bench import servers
from bench.servers import HOLDFAST, Child, Postgres, free_port
from bot import web
from models import Layer, Role
from models.database import Database
from models.keyring import Keyring, new_secret
from sandbox import DEFAULT_TOKEN, Fault, SandboxClient
from sandbox.client import Phone
from tests.sim import town
from tests.sim.town import Volunteer

_TOWN = (
    Volunteer("Ana", 7_100_000_001, layer=Layer.PRIMARY),
    Volunteer("Ben", 7_100_000_002, layer=Layer.BACKUP),
    Volunteer("Cleo", 7_100_000_003, role=Role.COORDINATOR),
)
_TELEGRAM_LIMIT_S = 20
_ORDINARY = {
    "updates_received",
    "update_handled",
    "letter_sent",
    "started",
    "stopping",
    "page_sent",
    "case_opened",
    "case_woken",
    "review_opened",
    "model_away",
    "page_queued",
    "case_claimed",
    "case_closed",
}
_console = Console(width=110, highlight=False)


@dataclass
class Written:
    """A message of a person nobody knew, and when it was written (seconds since the epoch)."""

    phone: Phone
    at: float


@dataclass
class Sight:
    """What was seen of one failure."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    log: Counter[str] = field(default_factory=Counter)
    read: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    doctor: list[str] = field(default_factory=list)
    ready: list[str] = field(default_factory=list)


class Tour:
    """The community, its processes and its servers; on SQLite one process and no servers."""

    def __init__(self, folder: Path, *, embedded: bool = False, **changes: str) -> None:
        self.folder = folder
        self.embedded = embedded
        self.secret = new_secret()
        self.changes = changes
        self.heard: list[str] = []
        self.refuses_calls = False
        self.sight = Sight()
        self.ports = [free_port(), free_port()]
        self.people = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Tour]:
        child, self.address = servers.sandbox(self.folder)
        self.environment = {
            "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_BASE": self.address,
            "HOLDFAST_KEY": self.secret,
            "NLU_URL": "http://127.0.0.1:9",
            "HOLDFAST_COMMUNITY": "Harbour",
            "HOLDFAST_MORNING": "off",
            "HOLDFAST_CHANNELS": "json,local",
            "HOLDFAST_TELEGRAM_LIMIT": str(_TELEGRAM_LIMIT_S),
            **self.changes,
        }
        self.children: list[Child] = [child]
        if self.embedded:
            url = f"sqlite:///{self.folder / 'holdfast.db'}"
            commands: Sequence[Sequence[str]] = (("run",),)
        else:
            self.postgres = Postgres(self.folder / "pg")
            self.redis, redis_url = servers.redis(self.folder)
            self.redis.start()
            self.children.append(self.redis)
            url = self.postgres.url
            self.environment["REDIS_URL"] = redis_url
            commands = (("run",), ("worker", "--poll"))
        self.environment["DATABASE_URL"] = url
        self.database = Database(url, Keyring.from_text(self.secret))
        self.workers = [self._worker(n, command) for n, command in enumerate(commands)]
        child.start()
        port = free_port()
        self.service = f"json://127.0.0.1:{port}/hook"
        app = web.create_app([Route("/hook", self._hear, methods=["POST"])])
        try:
            await servers.answers(f"{self.address}/health")
            await town.settle_town(self.database, _TOWN)
            for worker in self.workers:
                worker.start()
            async with (
                web.listening(app, "127.0.0.1", port),
                SandboxClient(self.address) as self.client,
            ):
                self.ana, self.ben, self.cleo = [
                    await self.client.new_phone(one.name, user_id=one.user_id) for one in _TOWN
                ]
                for phone in (self.ana, self.ben, self.cleo):
                    await phone.start()
                    await phone.reads(timeout_s=120)
                await self._channel()
                yield self
        finally:
            for one in (*self.workers, *reversed(self.children)):
                one.stop()
            await self.database.close()
            if not self.embedded:
                self.postgres.stop()

    def _worker(self, number: int, command: Sequence[str]) -> Child:
        own = {
            "HOLDFAST_DATA": str(self.folder / f"data{number}"),
            "HOLDFAST_HTTP_PORT": str(self.ports[number]),
        }
        log = self.folder / f"p{number}.log"
        environment = {**self.environment, **own}
        return Child(f"p{number}", [str(HOLDFAST), *command], environment, log)

    async def _hear(self, request: Request) -> Response:
        if self.refuses_calls:
            return PlainTextResponse("no", 500)
        self.heard.append((await request.json())["message"])
        return PlainTextResponse("ok")

    async def _channel(self) -> None:
        """The coordinator sets the second channel, as every coordinator should."""
        await self.cleo.says(f"/channel {self.service}")
        await self.cleo.reads("I sent a code", timeout_s=30)
        while not self.heard:  # noqa: ASYNC110  it comes by HTTP
            await asyncio.sleep(0.1)
        code = re.findall(r"\d{6}", self.heard.pop())[0]
        await self.cleo.says(f"/channel {code}")
        await self.cleo.reads("works. From now on", timeout_s=30)

    # What people do.

    async def writes(self, words: str = "i want to die tonight") -> Written:
        self.people += 1
        phone = await self.client.new_phone(f"P{self.people}")
        at = time.time()
        await phone.says(words)
        return Written(phone, at)

    async def pages(self, name: str, *written: Written, within_s: float = 60) -> None:
        """Wait until a page left for each, and note how long each took."""
        waits = self.sight.waits.setdefault(name, [])
        for one in written:
            deadline = time.time() + within_s
            while (left := await self._first_page(one)) is None:
                if time.time() > deadline:
                    waits.append(float("inf"))
                    break
                await asyncio.sleep(0.2)
            else:
                waits.append(left - one.at)

    async def _first_page(self, written: Written) -> float | None:
        key = self.database.keyring.lookup("chat", written.phone.id)
        query = text(
            "SELECT min(page.sent_at) FROM page JOIN cases ON cases.id = page.case_id "
            "JOIN person ON person.id = cases.person_id WHERE person.chat_key = :key"
        )
        try:
            async with self.database.reading() as session:
                row = (await (await session.connection()).execute(query, {"key": key})).scalar()
        except Exception:
            return None
        if row is None:
            return None
        if isinstance(row, str):  # SQLite knows no times
            return datetime.fromisoformat(row + "+00:00").timestamp()
        return float(row.timestamp())

    async def ends(self) -> None:
        """The coordinator closes what is open, so that the next failure begins in peace."""
        query = text("SELECT id FROM cases WHERE status <> 'closed'")
        for _ in range(20):
            async with self.database.reading() as session:
                rows = (await (await session.connection()).execute(query)).all()
            if not rows:
                return
            for (case_id,) in rows:
                await self.cleo.says(f"/close C{case_id} this was an exercise")
            await asyncio.sleep(3)

    # What an operator sees.

    def events(self, since: str) -> list[dict[str, Any]]:
        """What the processes logged after the time ``since``, an ISO time in UTC."""
        found = []
        for worker in self.workers:
            for line in worker.log.read_text().splitlines():
                with suppress(ValueError):
                    event = json.loads(line)
                    if event.get("timestamp", "") > since:
                        found.append(event)
        return found

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Note what comes newly into the logs, onto the coordinator's phone and by calls."""
        since, marker, calls = _iso_now(), await self.cleo.marker(), len(self.heard)
        yield
        for event in self.events(since):
            if event["event"] not in _ORDINARY:
                more = [f"{key}={event[key]}" for key in ("loop", "alarm", "error") if key in event]
                self.sight.log[" ".join([str(event["event"]), *more])] += 1
        for message in await self.cleo.messages():
            if message.from_bot and message.message_id > marker:
                self.sight.read.append(message.text.splitlines()[0][:160])
        self.sight.heard += self.heard[calls:]

    async def looks(self) -> None:
        """Ask the doctor and the processes how they are."""
        own = {"HOLDFAST_DATA": str(self.folder / "data0")}
        process = await asyncio.create_subprocess_exec(
            HOLDFAST,
            "doctor",
            "--json",
            env={**os.environ, **self.environment, **own},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        told, _ = await process.communicate()
        for one in json.loads(told)["findings"]:
            if one["health"] != "good" and one["part"] != "model":
                self.sight.doctor.append(f"{one['part']}: {one['text']}")
        for number, port in enumerate(self.ports[: len(self.workers)]):
            self.sight.ready.append(f"p{number} /readyz {await _readiness(port)}")

    async def poller(self) -> Child:
        async with self.database.reading() as session:
            query = text("SELECT holder FROM duty WHERE name = 'poll'")
            holder = (await (await session.connection()).execute(query)).scalar_one()
        return next(one for one in self.workers if str(one.pid) == holder.split(":")[1])

    async def other(self) -> Child:
        polls = await self.poller()
        return next(one for one in self.workers if one is not polls)

    async def comes_back(self, worker: Child) -> None:
        """Start it, and wait until it works: what comes next needs both."""
        worker.start()
        port = self.ports[self.workers.index(worker)]
        async with asyncio.timeout(120):
            while not (await _readiness(port)).startswith("200"):  # noqa: ASYNC110
                await asyncio.sleep(0.5)

    async def fault(self, **fault: Any) -> Fault:
        return await self.client.faults.add(Fault(**fault))


def _iso_now() -> str:
    return datetime.now(UTC).isoformat()


async def _readiness(port: int) -> str:
    import httpx

    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
    except httpx.HTTPError as error:
        return type(error).__name__
    return f"{answer.status_code} {answer.text}"


# The failures, in the order of the guide. Each leaves things as it found them.


async def nothing(tour: Tour) -> None:
    """Nothing fails: what the others are to be compared with."""
    async with tour.watching():
        for _ in range(5):
            await tour.pages("page after", await tour.writes())
        await tour.looks()


async def worker_dies(tour: Tour) -> None:
    """A process is killed while it holds claims; the one that asks Telegram goes on."""
    async with tour.watching():
        written = [await tour.writes() for _ in range(6)]
        await asyncio.sleep(0.3)
        victim = await tour.other()
        victim.kill()
        await tour.pages("page after, written before the death", *written)
        await tour.pages("page after, written afterwards", await tour.writes())
        await tour.looks()
        await tour.comes_back(victim)


async def poller_dies(tour: Tour) -> None:
    """The process that asks Telegram is killed."""
    async with tour.watching():
        victim = await tour.poller()
        victim.kill()
        written = [await tour.writes() for _ in range(4)]
        await tour.pages("page after, written after the death", *written)
        await tour.comes_back(victim)


async def process_hangs(tour: Tour) -> None:
    """The process that asks Telegram stands still, as on a machine that was suspended."""
    async with tour.watching():
        victim = await tour.poller()
        os.kill(victim.pid, signal.SIGSTOP)
        written = [await tour.writes() for _ in range(3)]
        await tour.pages("page after", *written)
        await asyncio.sleep(10)
        os.kill(victim.pid, signal.SIGCONT)
        await asyncio.sleep(5)


async def redis_stops(tour: Tour) -> None:
    """Redis is gone for a minute."""
    for _ in range(5):
        await tour.pages("page after, before", await tour.writes())
    async with tour.watching():
        tour.redis.kill()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            await tour.pages("page after, without Redis", await tour.writes())
            await asyncio.sleep(2)
        await tour.looks()
        tour.redis.start()
        await asyncio.sleep(3)
        for _ in range(5):
            await tour.pages("page after, afterwards", await tour.writes())


async def database_stops(tour: Tour) -> None:
    """PostgreSQL is gone for twenty seconds."""
    async with tour.watching():
        tour.postgres.kill()
        written = [await tour.writes()]
        await tour.looks()
        await asyncio.sleep(15)
        written.append(await tour.writes())
        await asyncio.sleep(5)
        back = time.time()
        await servers.eventually(tour.postgres.start)
        tour.sight.waits["page after the message"] = []
        await tour.pages("page after the message", *written)
        for one in written:
            one.at = back
        await tour.pages("page after the database was back", *written)


async def telegram_away(tour: Tour) -> None:
    """Telegram answers nothing but 502 for ninety seconds."""
    async with tour.watching():
        await tour.fault(method="*", status=502)
        await tour.fault(method="getUpdates", status=502)
        written = [await tour.writes()]
        await asyncio.sleep(75)
        await tour.looks()
        await asyncio.sleep(45)
        await tour.client.faults.clear()
        back = time.time()
        for one in written:
            one.at = back
        await tour.pages("page after Telegram was back", *written)
        await asyncio.sleep(120)


async def too_many_requests(tour: Tour) -> None:
    """Telegram lets nothing through to one volunteer for half a minute (429)."""
    async with tour.watching():
        fault = await tour.fault(
            method="sendMessage", status=429, retry_after=30, chat_id=tour.ana.id
        )
        first = await tour.writes()
        other = await tour.writes()
        await tour.pages("page after", first, other, within_s=90)
        await tour.client.faults.remove(fault)


async def volunteer_blocks(tour: Tour) -> None:
    """The volunteer on call has blocked the bot (403)."""
    async with tour.watching():
        await tour.ana.blocks()
        await tour.pages("page of the next after", await tour.writes())
        await asyncio.sleep(2)
        await tour.ana.unblocks()
        await tour.ana.start()
        await asyncio.sleep(3)


async def letter_refused(tour: Tour) -> None:
    """Telegram refuses one page as malformed (400): a defect."""
    async with tour.watching():
        await tour.fault(method="sendMessage", chat_id=tour.ana.id, status=400, times=1)
        await tour.pages("page of the next after", await tour.writes())
        await asyncio.sleep(3)
        await tour.client.faults.clear()


async def token_refused(tour: Tour) -> None:
    """The token is revoked for ninety seconds (401)."""
    async with tour.watching():
        await tour.fault(method="*", status=401)
        await tour.fault(method="getUpdates", status=401)
        await asyncio.sleep(80)
        await tour.looks()
        await asyncio.sleep(30)
        await tour.client.faults.clear()
        await tour.pages("page after, afterwards", await tour.writes())
        await asyncio.sleep(110)


async def runs_twice(tour: Tour) -> None:
    """Another program asks Telegram for the same bot's updates (409)."""
    async with tour.watching():
        await tour.fault(method="getUpdates", status=409, probability=0.5)
        written = [await tour.writes()]
        await tour.pages("page after", *written)
        await asyncio.sleep(150)
        await tour.client.faults.clear()
        await asyncio.sleep(150)


async def channel_fails(tour: Tour) -> None:
    """The service of the second channel refuses calls."""
    async with tour.watching():
        tour.refuses_calls = True
        await tour.cleo.says("/test")
        await asyncio.sleep(150)
        tour.refuses_calls = False


async def wrong_key(tour: Tour) -> None:
    """The database is started with a key that is not its own."""
    tour.workers[0].stop()
    right, tour.environment["HOLDFAST_KEY"] = tour.environment["HOLDFAST_KEY"], new_secret()
    await tour.looks()
    tour.sight.read += await _said_by(tour, "run")
    tour.environment["HOLDFAST_KEY"] = right
    await tour.comes_back(tour.workers[0])


async def not_migrated(tour: Tour) -> None:
    """A program meets tables of another version."""
    connection = await tour.database.engine.connect()
    await connection.execution_options(isolation_level="AUTOCOMMIT")
    await connection.execute(text("CREATE DATABASE empty"))
    await connection.close()
    right = tour.environment["DATABASE_URL"]
    tour.environment["DATABASE_URL"] = right.replace("/postgres?", "/empty?")
    tour.sight.read += await _said_by(tour, "run")
    tour.environment["DATABASE_URL"] = right


async def _said_by(tour: Tour, command: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        HOLDFAST,
        command,
        env={**os.environ, **tour.environment, "HOLDFAST_DATA": str(tour.folder / "data9")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(40):
            told, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        return ["it started all the same"]
    return [f"exit {process.returncode}: {told.decode()[-400:].strip()}"]


async def disk_full(tour: Tour) -> None:
    """The disk of a bot on SQLite takes nothing more for twenty seconds."""
    import resource

    async with tour.watching():
        pid = tour.workers[0].pid
        free = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, free[1]))
        written = [await tour.writes()]
        await asyncio.sleep(20)
        await tour.looks()
        resource.prlimit(pid, resource.RLIMIT_FSIZE, free)
        back = time.time()
        for one in written:
            one.at = back
        await tour.pages("page after there was room", *written)


async def model_dies(tour: Tour) -> None:
    """Rasa, the bot's child, is killed."""
    async with asyncio.timeout(180):
        while not (found := _model_of(tour.workers[0].pid)):  # noqa: ASYNC110
            await asyncio.sleep(1)
        while "model_ready" not in tour.workers[0].log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(1)
    async with tour.watching():
        await tour.pages("page after, with the model", await tour.writes())
        os.kill(found, signal.SIGKILL)
        await tour.pages("page after, without it", await tour.writes())
        doubtful = await tour.writes("hmm so well")
        answer = await doubtful.phone.reads(timeout_s=20)
        tour.sight.read.append(f"a person who wrote “hmm so well” reads: {answer.text[:120]}")
        await asyncio.sleep(60)
        await tour.pages("page after, afterwards", await tour.writes())


def _model_of(pid: int) -> int | None:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for child in children.read_text().split():
        if b"understanding" in Path(f"/proc/{child}/cmdline").read_bytes():
            return int(child)
    return None


Failure = Callable[[Tour], Awaitable[None]]
_SHARED: Sequence[Failure] = (
    nothing,
    worker_dies,
    poller_dies,
    process_hangs,
    redis_stops,
    database_stops,
    telegram_away,
    too_many_requests,
    volunteer_blocks,
    letter_refused,
    token_refused,
    runs_twice,
    channel_fails,
    not_migrated,
)
_ALONE: Sequence[Failure] = (disk_full, wrong_key, model_dies)
FAILURES = tuple(one.__name__ for one in (*_SHARED, *_ALONE))


async def _all(names: Sequence[str]) -> dict[str, Sight]:
    seen: dict[str, Sight] = {}

    async def play(tour: Tour, failure: Failure) -> None:
        name = failure.__name__
        tour.sight = seen[name] = Sight()
        try:
            await failure(tour)
        except Exception as error:
            tour.sight.read.append(f"could not be played: {type(error).__name__} {error}"[:300])
        _show(failure, tour.sight)
        await tour.ends()

    wanted = [one for one in _SHARED if not names or one.__name__ in names]
    if wanted:
        with tempfile.TemporaryDirectory(prefix="holdfast-tour-") as folder:
            async with Tour(Path(folder)).open() as tour:
                for failure in wanted:
                    await play(tour, failure)
    for failure in _ALONE:
        if names and failure.__name__ not in names:
            continue
        changes = {"NLU_URL": ""} if failure is model_dies else {}
        with tempfile.TemporaryDirectory(prefix="holdfast-tour-") as folder:
            async with Tour(Path(folder), embedded=True, **changes).open() as tour:
                await play(tour, failure)
    return seen


def _show(failure: Failure, sight: Sight) -> None:
    _console.rule(failure.__name__, align="left")
    _console.print((failure.__doc__ or "").splitlines()[0])
    for name, waits in sight.waits.items():
        _console.print(
            f"  {name}: median {statistics.median(waits):.2f} s, worst {max(waits):.2f} s "
            f"({len(waits)} messages)"
        )
    for title, lines in (
        ("log", [f"{count} × {what}" for what, count in sight.log.most_common()]),
        ("the coordinator reads", sight.read),
        ("and hears by the second channel", sight.heard),
        ("holdfast doctor", sight.doctor),
        ("/readyz", sight.ready),
    ):
        for line in lines:
            _console.print(f"  {title}: {line}", markup=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.tour")
    parser.add_argument("names", nargs="*", choices=[[], *FAILURES], metavar="failure")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    seen = asyncio.run(_all(arguments.names))
    if arguments.json:
        told = {name: vars(sight) for name, sight in seen.items()}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
