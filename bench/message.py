"""``python -m bench.message``: what one message costs the bot in processor time, step by step.

One message in distress at a time goes through the bot's own parts, from the update to the letters
of its page and of the next rung. Telegram and the language model are stood in for within the
process, so what is counted is ours (and SQLAlchemy's and python-telegram-bot's) alone: `bench.load`
says what it comes to with all of them. Processor time depends less on what else a machine does than
time, and still by half: compare only what ran in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, update
from sqlmodel import col, select
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bench import servers
from bench.growth import Size, grow, settle
from bot import logs
from bot.core.reading import Reading
from bot.engine.courier import Courier
from bot.engine.ingest import Ingest
from bot.engine.live import Window, connect, space_of
from bot.engine.rates import Pace, Rates
from bot.engine.signals import Signals
from bot.engine.timers import Timers
from bot.engine.worker import Worker
from bot.settings import read_settings
from bot.telegram import application
from bot.telegram.port import TelegramCarrier
from bot.wiring import open_community
from models import Case, CaseStatus, Page, PageStatus, Person, Theme, Urgency
from models.database import Database
from models.keyring import Keyring, new_secret
from sandbox import DEFAULT_TOKEN

_DATA = Path("data/bench-message").resolve()
_PHONES = (11, 12, 13)
_PERSON = 1000
_SETTINGS = read_settings(HOLDFAST_BOT_TOKEN=DEFAULT_TOKEN)
Steps = dict[str, list[float]]


class _Telegram(BaseRequest):
    """Takes every letter at once."""

    def __init__(self) -> None:
        self._number = 0

    @property
    def read_timeout(self) -> float | None:
        return 5

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **_: Any
    ) -> tuple[int, bytes]:
        self._number += 1
        result: Any = True
        if url.endswith("/getMe"):
            result = {"id": 1, "is_bot": True, "first_name": "Holdfast", "username": "bot"}
        elif request_data is not None and "text" in request_data.parameters:
            asked = request_data.parameters
            chat = {"id": asked["chat_id"], "type": "private", "first_name": "P"}
            result = {"message_id": self._number, "date": 1, "chat": chat, "text": asked["text"]}
        return 200, json.dumps({"ok": True, "result": result}).encode()


class _Immediate:
    """Reads every message as a life at risk."""

    async def read(self, text: str) -> Reading:
        return Reading(Urgency.IMMEDIATE, Theme.SELF_HARM, language="en")


class _Clock:
    """Goes as all clocks do, and can be put on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.message")
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--persons", type=int, default=0, help="in a database that has grown")
    parser.add_argument("--only", default="", help="databases whose name contains this")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logs.configure("ERROR")
    shutil.rmtree(_DATA, ignore_errors=True)
    figures = {}
    for name in ("SQLite", "PostgreSQL"):
        if arguments.only not in name:
            continue
        (_DATA / name).mkdir(parents=True)
        steps = asyncio.run(_measure(name, arguments.messages, arguments.persons))
        # What else the machine does makes some dearer, and none cheaper.
        figures[name] = {
            step: round(1000 * sorted(took)[len(took) // 4], 2) for step, took in steps.items()
        }
    if arguments.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    table = Table("CPU ms", *figures)
    for step in next(iter(figures.values())):
        table.add_row(step, *(str(one[step]) for one in figures.values()))
    table.add_row("all", *(f"{sum(one.values()):.1f}" for one in figures.values()))
    Console().print(table)


async def _measure(name: str, messages: int, persons: int) -> Steps:
    steps: Steps = defaultdict(list)
    community = open_community(_SETTINGS)
    clock = _Clock()
    bot: ExtBot[None] = ExtBot(DEFAULT_TOKEN, request=_Telegram(), get_updates_request=_Telegram())
    async with _memory(name) as (database, redis):
        if persons:
            size = Size(persons, persons // 5, persons // 100)
            await grow(database, community.policy, size)
        await settle(database, *_PHONES)
        signals = Signals(redis if name == "PostgreSQL" else None, space_of(database.keyring))
        ingest = Ingest(database, signals, clock)
        app = application.build(bot)
        await app.initialize()
        worker = Worker(
            database,
            application.TelegramDispatcher(app),
            _Immediate(),
            community,
            Window(redis, database.keyring),
            signals,
            clock,
        )
        rates = Rates(None, space_of(database.keyring), Pace(100_000, 100_000))
        courier = Courier(database, TelegramCarrier(bot), community, rates, signals, clock)
        timers = Timers(database, community, signals, clock)

        async def send_all() -> None:
            while await courier.send_next():
                pass

        async def wake_all() -> None:
            while await timers.wake_next():
                pass

        for number in range(-10, messages):
            taken = steps if number >= 0 else defaultdict(list)
            await _timed(taken, "receive", partial(ingest.receive, [_update(number)]))
            await _timed(taken, "handle", worker.handle_next)
            await _timed(taken, "send", send_all)
            clock.ahead += timedelta(minutes=3)
            await _timed(taken, "wake", wake_all)
            await _timed(taken, "send again", send_all)
            await _end_cases(database)
        await app.shutdown()
    return steps


async def _timed(steps: Steps, name: str, step: Callable[[], Awaitable[Any]]) -> None:
    began = time.process_time()
    await step()
    steps[name].append(time.process_time() - began)


async def _end_cases(database: Database) -> None:
    """What the rungs of this message still would do is not the next one's cost."""
    async with database.engine.begin() as connection:
        newest = select(func.max(Person.id)).scalar_subquery()
        recent = select(Case.id).where(Case.person_id == newest)
        ours = (await connection.execute(recent)).scalars().all()
        pages = update(Page).where(col(Page.case_id).in_(ours))
        await connection.execute(pages.values(status=PageStatus.WITHDRAWN))
        cases = update(Case).where(col(Case.id).in_(ours))
        await connection.execute(cases.values(status=CaseStatus.CLOSED, wake_at=None))


def _update(number: int) -> dict[str, Any]:
    person = {"id": _PERSON + number, "is_bot": False, "first_name": "P", "language_code": "en"}
    chat = {"id": _PERSON + number, "type": "private", "first_name": "P"}
    return {
        "update_id": 1_000 + number,
        "message": {
            "message_id": 1,
            "date": int(time.time()),
            "from": person,
            "chat": chat,
            "text": "i want to die tonight",
        },
    }


@asynccontextmanager
async def _memory(name: str) -> AsyncIterator[tuple[Database, Redis]]:
    """An empty database, and a Redis: servers of their own for PostgreSQL."""
    data = _DATA / name
    url, redis_url = f"sqlite:///{data}/holdfast.db", None
    async with AsyncExitStack() as stack:
        if name == "PostgreSQL":
            url, redis_url = stack.enter_context(servers.postgres_and_redis(data))
        database = Database(url, Keyring.from_text(new_secret()))
        stack.push_async_callback(database.close)
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)
        await database.migrate()
        yield database, redis


if __name__ == "__main__":
    main()
