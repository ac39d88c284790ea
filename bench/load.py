"""``python -m bench.load``: how long a page takes under load, and in a database that has grown.

Messages come at a pace, whether the bot keeps up or not, each from a person of their own. The bot,
the sandbox (without service limits) and whoever writes are processes of their own, all on this
machine. Times are taken from the moment a phone sends to the moment at which the sandbox has the
page, by the sandbox's journal. The echo bot of python-telegram-bot runs on the same sandbox in the
same run: the floor of what is possible.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from sqlalchemy import and_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bench import servers
from bench.growth import Size, grow, settle
from bench.servers import Child
from bot import logs
from bot.core.policy import parse_policy
from bot.engine.invariants import INVARIANTS, values_at
from models import Case, CaseStatus, Page, PageStatus
from models.database import Database
from models.keyring import Keyring, new_secret
from sandbox import DEFAULT_TOKEN, SandboxClient

_NUMBER = re.compile(r"#(\d+)\b")
_RUNG_S = 5
_PATIENCE_S = 30
_DATA = Path("data/bench-load").resolve()
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setup:
    """A way to run Holdfast. ``processes`` beyond the first are workers beside it."""

    name: str
    postgres: bool = False
    processes: int = 1
    size: Size | None = None


@dataclass(frozen=True, slots=True)
class Flood:
    """What came of messages sent at a pace: ms from each message to its page."""

    sent: int
    ms: list[float]
    a_second: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.load")
    parser.add_argument("--rates", default="1,10,20,30", help="messages a second")
    parser.add_argument("--seconds", type=float, default=20, help="at each rate")
    parser.add_argument("--persons", type=int, default=1_000_000, help="in the grown database")
    parser.add_argument("--skip-growth", action="store_true")
    parser.add_argument("--only", default="", help="setups whose name contains this")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="where to write a picture, such as load.png")
    arguments = parser.parse_args()
    logs.configure("ERROR")
    rates = [float(rate) for rate in arguments.rates.split(",")]
    setups = [one for one in _setups(arguments) if arguments.only in one.name]
    shutil.rmtree(_DATA, ignore_errors=True)
    for number in range(len(setups)):
        (_DATA / str(number)).mkdir(parents=True)
    figures = asyncio.run(_measure(rates, arguments.seconds, setups))
    if arguments.plot:
        _plot(figures, arguments.plot)
    if arguments.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        _show(figures)


def _setups(arguments: argparse.Namespace) -> list[Setup]:
    few = arguments.persons
    size = Size(persons=few, closed=few // 5, open=few // 100)
    small = [
        Setup("SQLite"),
        Setup("PostgreSQL", postgres=True),
        Setup("PostgreSQL, 2 processes", postgres=True, processes=2),
    ]
    if arguments.skip_growth:
        return small
    grown = f", {few:,} persons"
    return [
        *small,
        Setup(f"SQLite{grown}", size=size),
        Setup(f"PostgreSQL{grown}", postgres=True, size=size),
    ]


async def _measure(rates: list[float], seconds: float, setups: list[Setup]) -> list[Figures]:
    found = await _echo(rates, seconds)
    for number, setup in enumerate(setups):
        sys.stderr.write(f"… {setup.name}\n")
        found += await _holdfast(setup, _DATA / str(number), rates, seconds)
    return found


async def _echo(rates: list[float], seconds: float) -> list[Figures]:
    found = []
    async with _sandbox() as (address, client):
        bot = _bot("echo", address, {}, _DATA)
        async with _running([bot]):
            for rate in rates:
                before = bot.cpu_seconds()
                flood = await _flood(client, rate, seconds, lambda words: "echo" in words)
                found.append(_row("echo bot", rate, flood, bot.cpu_seconds() - before))
    return found


async def _holdfast(setup: Setup, data: Path, rates: list[float], seconds: float) -> list[Figures]:
    found: list[Figures] = []
    async with AsyncExitStack() as stack:
        address, client = await stack.enter_async_context(_sandbox())
        database, environment = await stack.enter_async_context(_database(setup, data))
        await _fill(database, setup, client)
        bots = [_bot("holdfast", address, environment, data)]
        bots += [_bot("worker", address, environment, data) for _ in range(setup.processes - 1)]
        await stack.enter_async_context(_running(bots))
        for rate in rates:
            before = sum(bot.cpu_seconds() for bot in bots)
            flood = await _flood(client, rate, seconds, lambda words: "IMMEDIATE" in words)
            spent = sum(bot.cpu_seconds() for bot in bots) - before
            late = await _rungs(database)
            row = _row(setup.name, rate, flood, spent) | {"due rung": _cuts(late)}
            sys.stderr.write(f"  {json.dumps(row)}\n")
            found.append(row)
            # Whoever was paged in this round rests: the next one begins with nothing open.
            await _end_cases(database)
        found[-1]["queries"] = await _slow_queries(database)
        found[-1]["peak memory MB"] = [bot.peak_megabytes() for bot in bots]
    return found


@asynccontextmanager
async def _sandbox() -> AsyncIterator[tuple[str, SandboxClient]]:
    """A sandbox in a process of its own, without limits."""
    child, address = servers.sandbox(_DATA)
    child.start()
    try:
        await servers.answers(f"{address}/health")
        async with SandboxClient(address) as client:
            await client.set_limits(on=False)
            yield address, client
    finally:
        child.stop()


@asynccontextmanager
async def _database(setup: Setup, data: Path) -> AsyncIterator[tuple[Database, dict[str, str]]]:
    """A migrated database, and the environment of bots that run on it."""
    secret = new_secret()
    policy = data / "policy.yml"
    policy.write_text(yaml.safe_dump(_policy()))
    environment = {
        "HOLDFAST_KEY": secret,
        "HOLDFAST_POLICY": str(policy),
        "HOLDFAST_DATA": str(data),
        "HOLDFAST_MORNING": "off",
    }
    url = f"sqlite:///{data}/holdfast.db"
    async with AsyncExitStack() as stack:
        if setup.postgres:
            url, redis_url = stack.enter_context(servers.postgres_and_redis(data))
            environment |= {"DATABASE_URL": url, "REDIS_URL": redis_url}
        database = Database(url, Keyring.from_text(secret))
        stack.push_async_callback(database.close)
        await database.migrate()
        yield database, environment


def _policy() -> dict[str, Any]:
    """A policy whose first rung ends within the bench, so that what is due can be timed."""
    rungs = [
        {"page": ["primary"], "wait": f"{_RUNG_S}s"},
        {"page": ["backup"], "wait": "1h"},
        {"page": ["coordinators"], "wait": "1h"},
    ]
    ladder = {"rungs": rungs, "nudge": [], "release": "1h"}
    return {"immediate": ladder, "urgent": ladder, "support": ladder}


async def _fill(database: Database, setup: Setup, client: SandboxClient) -> None:
    if setup.size is not None:
        sys.stderr.write("… growing the database\n")
        await grow(database, parse_policy(_policy()), setup.size)
    phones = {name: await client.new_phone(name) for name in ("Ana", "Ben", "Cleo")}
    for phone in phones.values():
        await phone.start()
    await settle(database, *(phone.id for phone in phones.values()))


def _bot(kind: str, address: str, environment: dict[str, str], data: Path) -> Child:
    return Child(
        kind,
        [sys.executable, "-m", "bench.bots", kind],
        {
            "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_BASE": address,
            "PYTHONPATH": str(Path.cwd()),
            **environment,
        },
        data / f"{kind}.log",
    )


@asynccontextmanager
async def _running(bots: list[Child]) -> AsyncIterator[None]:
    """The bots, from when all of them take messages."""
    for bot in bots:
        bot.start()
    try:
        for bot in bots:
            await servers.eventually(bot.must_have_said("ready"), within_s=120)
        yield
    finally:
        for bot in bots:
            bot.stop()


_count = 0


async def _flood(
    client: SandboxClient, rate: float, seconds: float, is_wanted: Callable[[str], bool]
) -> Flood:
    """Send at a pace for a while, and wait for what comes of it."""
    global _count
    phones = [await client.new_phone(f"P{_count + n}") for n in range(int(rate * seconds))]
    entries = await client.journal()
    last = entries[-1].n if entries else 0
    sent: dict[int, float] = {}
    arrived: dict[int, int] = {}
    writing: list[asyncio.Task[Any]] = []

    async def listen() -> None:
        nonlocal last
        while True:
            for entry in await client.journal(after=last, wait_s=1):
                last = entry.n
                words = str(entry.params.get("text", ""))
                found = _NUMBER.search(words)
                if entry.method == "sendMessage" and found and is_wanted(words):
                    arrived.setdefault(int(found[1]), entry.at_ms)
            # Whoever listens all the time takes a core from whom they listen to.
            await asyncio.sleep(0.25)

    listening = asyncio.create_task(listen())
    began = time.time()
    for n, phone in enumerate(phones):
        await asyncio.sleep(max(0.0, began + n / rate - time.time()))
        _count += 1
        sent[_count] = time.time() * 1000
        words = f"i want to die tonight #{_count}"
        writing.append(asyncio.create_task(phone.says(words)))
    await asyncio.gather(*writing)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while len(arrived) < len(sent):  # noqa: ASYNC110  the journal fills in another task
                await asyncio.sleep(0.1)
    listening.cancel()
    sys.stderr.write(f"  {rate:g} messages/s: {len(arrived)} of {len(sent)} arrived\n")
    ended = max(arrived.values(), default=0) / 1000
    times = [arrived[n] - sent[n] for n in sent if n in arrived]
    return Flood(len(sent), times, round(len(times) / max(0.001, ended - began), 1))


async def _rungs(database: Database) -> list[float]:
    """How late, in ms, each page of a second rung was on its way."""
    await asyncio.sleep(_RUNG_S + 3)
    first = aliased(Page)
    query = (
        select(first.queued_at, Page.sent_at)
        .join(first, and_(col(first.case_id) == Page.case_id, col(first.rung) == 0))
        .where(
            Page.rung == 1,
            col(Page.sent_at).is_not(None),
            first.queued_at > datetime.now(UTC) - timedelta(seconds=120),
        )
    )
    async with database.reading() as session:
        return [
            ((sent - queued).total_seconds() - _RUNG_S) * 1000
            for queued, sent in (await session.exec(query)).all()
            if sent is not None
        ]


async def _end_cases(database: Database) -> None:
    since = datetime.now(UTC) - timedelta(seconds=600)
    # In the order in which the bot, which goes on, locks them as well.
    locked = (
        select(Case.id)
        .where(Case.status == CaseStatus.OPEN, col(Case.opened_at) > since)
        .order_by(col(Case.id))
        .with_for_update()
    )
    in_flight = (PageStatus.QUEUED, PageStatus.SENT)
    async with database.transaction() as session:
        connection = await session.connection()
        recent = (await connection.execute(locked)).scalars().all()
        await connection.execute(
            update(Page)
            .where(col(Page.status).in_(in_flight), col(Page.case_id).in_(recent))
            .values(status=PageStatus.WITHDRAWN)
        )
        await connection.execute(
            update(Case)
            .where(col(Case.id).in_(recent))
            .values(status=CaseStatus.CLOSED, wake_at=None)
        )


async def _slow_queries(database: Database) -> dict[str, float]:
    """What it costs to ask for each promise, in ms, to see which of them grows."""
    found: dict[str, float] = {}
    values = values_at(datetime.now(UTC), is_sqlite=database.is_sqlite)
    async with database.reading() as session:
        connection = await session.connection()
        for one in INVARIANTS:
            began = time.perf_counter()
            await one.rows(connection, values)
            found[one.name] = round((time.perf_counter() - began) * 1000, 2)
    return found


def _row(name: str, rate: float, flood: Flood, cpu_s: float) -> Figures:
    return {
        "bot": name,
        "rate": rate,
        "sent": flood.sent,
        "a second": flood.a_second,
        "message to page": _cuts(flood.ms),
        "bot CPU ms a message": round(cpu_s * 1000 / max(1, flood.sent), 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _cuts(values: list[float]) -> dict[str, float]:
    if not values:
        return {"n": 0}
    ordered = sorted(values)

    def cut(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return {"n": len(values), "p50": cut(0.5), "p95": cut(0.95), "p99": cut(0.99)}


def _show(figures: list[Figures]) -> None:
    table = Table(
        "",
        "messages/s",
        "handled/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "due rung p99 ms",
        "CPU ms",
        "load",
    )
    for row in figures:
        cuts, due = row["message to page"], row.get("due rung", {})
        table.add_row(
            row["bot"],
            f"{row['rate']:g}",
            str(row["a second"]),
            *(str(cuts.get(name, "-")) for name in ("p50", "p95", "p99")),
            str(due.get("p99", "-")),
            str(row["bot CPU ms a message"]),
            str(row["load"]),
        )
    console = Console()
    console.print(table)
    for row in figures:
        if "queries" in row:
            slow = sorted(row["queries"].items(), key=lambda one: -one[1])[:4]
            told = ", ".join(f"{name} {ms:g} ms" for name, ms in slow)
            console.print(
                f"{row['bot']}: peak {row['peak memory MB']} MB; slowest promises: {told}"
            )


def _plot(figures: list[Figures], path: Path) -> None:
    """Draw the figures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row["bot"] for row in figures))
    figure = Figure(figsize=(7, 4.5))
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name in names:
        rows = [row for row in figures if row["bot"] == name]
        rates = [row["rate"] for row in rows]
        middle = [row["message to page"].get("p50") for row in rows]
        worst = [row["message to page"].get("p99") for row in rows]
        (line,) = axes.plot(rates, middle, "o-", label=f"{name}: p50")
        axes.plot(rates, worst, "^--", color=line.get_color())
    axes.set(xlabel="messages a second", ylabel="message to page, ms (dashed: p99)", yscale="log")
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
