"""``python -m bench.load``: how long a page takes under load, and in a database that has grown.

Messages come at a pace, whether the bot keeps up or not, each from a person of their own; the
sandbox is a process of its own, without service limits. Times are taken from the moment a phone
sends to the moment at which the sandbox has the page, by the sandbox's journal. The echo bot of
python-telegram-bot runs on the same sandbox in the same run: the floor of what is possible.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.growth import Size, grow
from bot import logs
from bot.core.policy import parse_policy
from bot.demo.community import first_invitation
from bot.engine.invariants import INVARIANTS
from bot.engine.live import Pace
from bot.settings import Settings, read_settings
from bot.wiring import Holdfast, open_database, running
from models.database import Database
from sandbox import DEFAULT_TOKEN, SandboxClient

_FREELY = Pace(100_000, 100_000)
_TOKEN = re.compile(r"#(\d+)\b")
_LINK = re.compile(r"\?start=([\w-]+)")
_RUNG = "5s"
_HOLDFAST = Path(sys.executable).parent / "holdfast"
Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.load")
    parser.add_argument("--rates", default="1,10,20,30", help="messages a second")
    parser.add_argument("--seconds", type=float, default=20, help="at each rate")
    parser.add_argument("--persons", type=int, default=1_000_000, help="in the grown database")
    parser.add_argument("--skip-growth", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="where to write a picture, such as load.png")
    arguments = parser.parse_args()
    logs.configure("ERROR")
    rates = [float(rate) for rate in arguments.rates.split(",")]
    figures = asyncio.run(_measure(rates, arguments.seconds, arguments))
    if arguments.plot:
        _plot(figures, arguments.plot)
    if arguments.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        _show(figures)


async def _measure(
    rates: list[float], seconds: float, arguments: argparse.Namespace
) -> list[Figures]:
    found: list[Figures] = []
    for rate in rates:
        async with _sandbox() as (address, client), _echo_bot(address):
            times = await _flood(client, rate, seconds, lambda words: "echo" in words)
            found.append(_row("echo bot", rate, times))
    found += await _holdfast("Holdfast, small", rates, seconds, None)
    if not arguments.skip_growth:
        few = arguments.persons
        size = Size(persons=few, closed=few // 5, open=few // 100)
        found += await _holdfast(f"Holdfast, {few:,} persons", rates, seconds, size)
    return found


async def _holdfast(
    name: str, rates: list[float], seconds: float, size: Size | None
) -> list[Figures]:
    data = Path("data/bench-load")
    policy = _fresh(data)
    found = []
    async with _sandbox() as (address, client):
        settings = read_settings(
            HOLDFAST_BOT_TOKEN=DEFAULT_TOKEN,
            TELEGRAM_API_BASE=address,
            HOLDFAST_DATA=data,
            HOLDFAST_POLICY=policy,
        )
        if size is not None:
            await _grown(settings, size)
        async with running(settings, pace=_FREELY) as bot:
            if bot.model is not None:
                await bot.model.ready.wait()
            await _gather(bot, client)
            for rate in rates:
                times = await _flood(client, rate, seconds, lambda words: "IMMEDIATE" in words)
                late = await _rungs(bot.database)
                found.append(_row(name, rate, times) | {"due rung": _cuts(late)})
                # Whoever was paged in this round rests: the next one begins with nothing open.
                await _end_cases(bot.database)
            slowest = await _slow_queries(bot.database)
        found[-1]["queries"] = slowest
        found[-1]["peak memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _fresh(data: Path) -> Path:
    """Empty the folder, and put a policy into it."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    policy = data / "policy.yml"
    policy.write_text(_short_rungs())
    return policy


async def _grown(settings: Settings, size: Size) -> None:
    database = open_database(settings)
    await database.migrate()
    policy = parse_policy(yaml.safe_load(_short_rungs()))
    await grow(database, policy, size)
    await database.close()


def _short_rungs() -> str:
    """A policy whose first rung ends within the bench, so that what is due can be timed."""
    rungs = [
        {"page": ["primary"], "wait": _RUNG},
        {"page": ["backup"], "wait": "1h"},
        {"page": ["coordinators"], "wait": "1h"},
    ]
    ladder = {"rungs": rungs, "nudge": [], "release": "1h"}
    return yaml.safe_dump({"immediate": ladder, "urgent": ladder, "support": ladder})


@asynccontextmanager
async def _sandbox() -> AsyncIterator[tuple[str, SandboxClient]]:
    """A sandbox in a process of its own, without limits."""
    process = subprocess.Popen(  # noqa: ASYNC220, S603  our own command, before anything is timed
        [str(_HOLDFAST), "sandbox", "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        address = (await asyncio.to_thread(process.stderr.readline)).split()[1]
        async with SandboxClient(address) as client:
            await client.set_limits(on=False)
            yield address, client
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def _echo_bot(address: str) -> AsyncIterator[None]:
    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"echo {update.message.text}")

    async with AsyncExitStack() as stack:
        application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder()
            .token(DEFAULT_TOKEN)
            .base_url(f"{address}/bot")
            .concurrent_updates(True)
            .build()
        )
        application.add_handler(MessageHandler(filters.TEXT, echo))
        await stack.enter_async_context(application)
        assert application.updater is not None
        await application.updater.start_polling()
        await application.start()
        yield
        await application.updater.stop()
        await application.stop()


async def _gather(bot: Holdfast, client: SandboxClient) -> None:
    chief = await client.new_phone("Cleo")
    await chief.start(await first_invitation(bot))
    await chief.reads("You are a coordinator", timeout_s=60)
    for name, layer in (("Ana", "primary"), ("Ben", "backup")):
        phone = await client.new_phone(name)
        marker = await chief.marker()
        await chief.says("/invite ambassador")
        link = _LINK.search((await chief.reads("?start=", after=marker)).text)
        assert link is not None
        await phone.start(link[1])
        await phone.reads("You are an ambassador", timeout_s=60)
        marker = await chief.marker()
        await chief.says(f"/shift add @{name.lower()} daily 00:00-00:00 {layer}")
        await chief.reads("Shift", after=marker)


_count = 0


async def _flood(
    client: SandboxClient, rate: float, seconds: float, is_wanted: Callable[[str], bool]
) -> dict[str, Any]:
    """Send at a pace for a while; how long each message took, in ms, and how many were answered."""
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
                found = _TOKEN.search(words)
                if entry.method == "sendMessage" and found and is_wanted(words):
                    arrived.setdefault(int(found[1]), entry.at_ms)

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
        async with asyncio.timeout(60):
            while len(arrived) < len(sent):  # noqa: ASYNC110  the journal fills in another task
                await asyncio.sleep(0.1)
    listening.cancel()
    sys.stderr.write(f"… {rate:g} messages/s: {len(arrived)} of {len(sent)} arrived\n")
    ended = max(arrived.values(), default=0) / 1000
    times = [arrived[n] - sent[n] for n in sent if n in arrived]
    return {
        "ms": times,
        "sent": len(sent),
        "a second": round(len(times) / max(0.001, ended - began), 1),
    }


async def _rungs(database: Database) -> list[float]:
    """How late, in ms, each page of a second rung was on its way."""
    await asyncio.sleep(float(_RUNG.removesuffix("s")) + 3)
    wait_s = float(_RUNG.removesuffix("s"))
    async with database.reading() as session:
        connection = await session.connection()
        rows = await connection.execute(
            text(
                "SELECT first.queued_at, page.sent_at FROM page JOIN page AS first "
                "ON first.case_id = page.case_id AND first.rung = 0 JOIN cases "
                "ON cases.id = page.case_id WHERE page.rung = 1 AND page.sent_at IS NOT NULL "
                "AND cases.status = 'open' AND first.queued_at > :since"
            ),
            {"since": _stamp(-120)},
        )
        stamp = datetime.fromisoformat
        return [
            ((stamp(str(sent)) - stamp(str(queued))).total_seconds() - wait_s) * 1000
            for queued, sent in rows.all()
        ]


_RECENT = "SELECT id FROM cases WHERE status = 'open' AND opened_at > :since"
_WITHDRAW = f"""UPDATE page SET status = 'withdrawn'
    WHERE status IN ('queued', 'sent') AND case_id IN ({_RECENT})"""  # noqa: S608  fixed texts
_CLOSE = f"""UPDATE cases SET status = 'closed', wake_at = NULL
    WHERE id IN ({_RECENT})"""  # noqa: S608  fixed texts


async def _end_cases(database: Database) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        for statement in (_WITHDRAW, _CLOSE):
            await connection.execute(text(statement), {"since": _stamp(-600)})


def _stamp(seconds: float) -> str:
    """The time so many seconds from now, as SQLite keeps it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")


_QUESTIONS = {
    "roster: held": "SELECT holder_id, count(*) FROM cases WHERE status = 'claimed' "
    "GROUP BY holder_id",
    "roster: paged": "SELECT ambassador_id, count(*) FROM page WHERE queued_at > :late "
    "GROUP BY ambassador_id",
    "next due": "SELECT id FROM cases WHERE wake_at <= :late ORDER BY wake_at LIMIT 1",
    "not closed": "SELECT id FROM cases WHERE status <> 'closed' ORDER BY id",
    **{f"promise: {one.name}": one.broken.text for one in INVARIANTS},
}


async def _slow_queries(database: Database) -> dict[str, float]:
    """What each question of a quiet moment costs, in ms, to see which of them grows."""
    found: dict[str, float] = {}
    async with database.reading() as session:
        connection = await session.connection()
        for name, sql in _QUESTIONS.items():
            values = {"late": _stamp(-60)} if ":late" in sql else {}
            began = time.perf_counter()
            (await connection.execute(text(sql), values)).all()
            found[name] = round((time.perf_counter() - began) * 1000, 2)
    return found


def _row(name: str, rate: float, times: dict[str, Any]) -> Figures:
    return {
        "bot": name,
        "rate": rate,
        "sent": times["sent"],
        "a second": times["a second"],
        "message to page": _cuts(times["ms"]),
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
        "", "messages/s", "handled/s", "p50 ms", "p95 ms", "p99 ms", "due rung p99 ms", "load"
    )
    for row in figures:
        cuts, due = row["message to page"], row.get("due rung", {})
        table.add_row(
            row["bot"],
            f"{row['rate']:g}",
            str(row["a second"]),
            *(str(cuts.get(name, "-")) for name in ("p50", "p95", "p99")),
            str(due.get("p99", "-")),
            str(row["load"]),
        )
    console = Console()
    console.print(table)
    for row in figures:
        if "queries" in row:
            console.print(row["bot"], row["queries"], "peak MB", row["peak memory MB"])


def _plot(figures: list[Figures], path: Path) -> None:
    """Draw the figures; `ImportError` where matplotlib is not installed."""
    import matplotlib.pyplot as plt  # type: ignore[import-not-found, unused-ignore]

    names = list(dict.fromkeys(row["bot"] for row in figures))
    figure, axes = plt.subplots(figsize=(6, 4))
    for name in names:
        rows = [row for row in figures if row["bot"] == name]
        rates = [row["rate"] for row in rows]
        (line,) = axes.plot(
            rates, [row["message to page"]["p50"] for row in rows], "o-", label=f"{name}: p50"
        )
        axes.plot(
            rates, [row["message to page"]["p99"] for row in rows], "^--", color=line.get_color()
        )
    axes.set(xlabel="messages a second", ylabel="message to page, ms (dashed: p99)", yscale="log")
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
