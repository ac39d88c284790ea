"""Gives birth to bots that can be killed.

The modules are imported once; each life is a process of its own, forked from here, with its own
loop, connections and locks. A life that finds an order to die carries it out with SIGKILL at a
commit to the database: nothing is flushed, closed or said.

Run as a process: each line of standard input is one life's environment in JSON; standard output
says ``born PID`` and ``dead STATUS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot import logs
from bot.settings import read_settings
from bot.wiring import running
from models.database import Database


def main() -> None:
    for line in sys.stdin:
        environment = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.environ.update(environment)
            log = os.open(environment["TEST_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 2)
            asyncio.run(_live())
            os._exit(0)
        _say(f"born {pid}")
        _, status = os.waitpid(pid, 0)
        _say(f"dead {status}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _live() -> None:
    logs.configure("INFO", as_json=True)
    _obey(Path(os.environ["TEST_ORDERS"]))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with running(read_settings()):
        Path(os.environ["TEST_ORDERS"]).with_suffix(".alive").write_text(str(os.getpid()))
        await told.wait()


def _obey(orders: Path) -> None:
    """Have every database of this process look for an order to die at commits that change it."""
    original = Database.__init__

    def init(self: Database, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _watch_commits(self, orders)

    Database.__init__ = init  # type: ignore[method-assign]


def _watch_commits(database: Database, orders: Path) -> None:
    dialect = database.engine.dialect
    commit = dialect.do_commit
    changes_before = 0
    counted = 0
    counting_for = ""

    def do_commit(connection: Any) -> None:
        nonlocal changes_before, counted, counting_for
        changes = connection.driver_connection.total_changes
        is_change = changes != changes_before
        changes_before = changes
        order = _order(orders) if is_change else None
        if order is None:
            commit(connection)
            return
        if order["name"] != counting_for:
            counting_for, counted = order["name"], 0
        counted += 1
        due = counted == order["at"]
        if due and order["side"] == "before":
            _die(orders)
        commit(connection)
        if due:
            _die(orders)

    dialect.do_commit = do_commit  # type: ignore[method-assign]


def _order(orders: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(orders.read_text()))
    except FileNotFoundError:
        return None


def _die(orders: Path) -> None:
    orders.unlink()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
