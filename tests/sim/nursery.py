"""Gives birth to engines that can be killed.

The modules are imported once; each life is a process of its own, forked from here, with its own
loop, connections and memory. It takes one step at a time when it is told to, by the clock that
it is told, and counts what it changes outside itself: every commit, every call to Telegram that
was answered, every batch of updates that arrived. At the number it is told it kills itself with
SIGKILL: nothing is flushed, closed or said. Killing after each of them reaches every state that
the world can be left in, for between two of them nothing outside changes.

Run as a process: each line of standard input is one life's orders in JSON; standard output says
``born PID`` and ``dead PID STATUS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
import traceback
from datetime import datetime, timedelta
from typing import Any

from fakeredis import FakeAsyncRedis
from redis.asyncio import Redis
from sqlalchemy import event
from telegram.request import HTTPXRequest, RequestData

from bot import logs
from bot.engine.duties import TERM
from bot.engine.leases import release_leases
from models.database import Database
from tests.sim import bugs, town
from tests.sim.engine import STEPS, Engine, FloorReader, community
from tests.sim.inline import sqlite_inline
from tests.support.clock import StillClock

_CHANGES = ("INSERT", "UPDATE", "DELETE")


def main() -> None:
    community()  # read once, for all lives
    asyncio.run(FloorReader().read("hello"))
    logs.configure("CRITICAL")
    living: set[int] = set()
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.002 if living else None)
        if readable:
            line = sys.stdin.readline()
            if not line:
                return
            pid = os.fork()
            if pid == 0:
                _be_born(json.loads(line))
            living.add(pid)
            _say(f"born {pid}")
        for pid in list(living):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                living.discard(pid)
                _say(f"dead {pid} {status}")


def _be_born(orders: dict[str, Any]) -> None:
    try:
        asyncio.run(_live(orders))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Fate:
    """Counts what changed in the world, and ends the process at its hour."""

    def __init__(self) -> None:
        self.count = 0
        self.hour = 0
        self.what: list[str] = []

    def tick(self, what: str) -> None:
        self.count += 1
        if self.hour and self.count == self.hour:
            os.kill(os.getpid(), signal.SIGKILL)
        self.what.append(what)


class FatalRequest(HTTPXRequest):
    """python-telegram-bot's own network, which a death may follow."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate
        self._confirmed = ""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **rest: Any
    ) -> tuple[int, bytes]:
        answer = await super().do_request(url, method, request_data, **rest)
        name = url.rsplit("/", 1)[1]
        if name != "getUpdates":
            self._fate.tick(f"send {name}")
            return answer
        offset = request_data.json_parameters.get("offset", "") if request_data else ""
        if offset != self._confirmed:
            # Telegram has forgotten what it confirmed.
            self._confirmed = offset
            self._fate.tick("confirm")
        if json.loads(answer[1]).get("result"):
            self._fate.tick("receive")
        return answer


def _watch_commits(database: Database, fate: Fate) -> None:
    dirty: set[int] = set()
    engine = database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(_CHANGES):
            dirty.add(id(connection.connection.dbapi_connection))

    dialect = engine.dialect
    commit = dialect.do_commit

    def do_commit(connection: Any) -> None:
        commit(connection)
        whose = id(getattr(connection, "dbapi_connection", connection))
        if whose in dirty:
            dirty.discard(whose)
            fate.tick("commit")

    dialect.do_commit = do_commit  # type: ignore[method-assign]


async def _live(orders: dict[str, Any]) -> None:
    if orders.get("bug"):
        import pytest

        getattr(bugs, orders["bug"])(pytest.MonkeyPatch())
    with sqlite_inline():
        await _serve(orders)


async def _serve(orders: dict[str, Any]) -> None:
    fate = Fate()
    database = Database(orders["database"], town.keyring(), orders.get("schema"))
    _watch_commits(database, fate)
    clock = StillClock(datetime.fromisoformat(orders["now"]))
    if orders["releases"]:
        await release_leases(database, clock.now())
    address = orders.get("redis")
    redis = Redis.from_url(address) if address else FakeAsyncRedis()
    engine = Engine(
        database,
        FatalRequest(fate),
        redis,
        clock,
        base_url=orders["telegram"],
        # The only process takes its duties for long, as in `bot.wiring`.
        term=timedelta(hours=1) if orders["releases"] else TERM,
    )
    await engine.start()
    fate.count, fate.what, fate.hour = 0, [], int(orders.get("hour", 0))
    reader, writer = await asyncio.open_unix_connection(orders["line"])
    writer.write(b"{}\n")
    while line := await reader.readline():
        told = json.loads(line)
        clock.set(datetime.fromisoformat(told["now"]))
        did = False
        for name in STEPS:
            did |= await _step(engine, name, int(told["waiting"]))
            told["waiting"] = 1 if did else told["waiting"]
        answer = {"did": did, "count": fate.count, "what": fate.what}
        writer.write(json.dumps(answer).encode() + b"\n")
    os._exit(0)


async def _step(engine: Engine, name: str, waiting: int) -> bool:
    if name == "poll" and not waiting:
        return False
    did = False
    try:
        while await engine.step(name, lambda: waiting):
            did = True
            if name == "poll":
                break
    except Exception:
        return True  # as `Loops` does: what stumbled is tried again
    return did


if __name__ == "__main__":
    main()
