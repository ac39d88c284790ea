"""A SQLite driver that hands to its thread only what may have to wait.

aiosqlite sends every call to a thread and back, some six times for one statement, and each way
costs more than most statements do. What is quick runs at once here; what waits for a slow disk or
for another program's lock still runs in the thread, so that the event loop never stands still for
long.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Generator
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import immutabledict
from sqlalchemy.util.concurrency import await_

LONG = "/* long */ "
"""Put before a question that may take long, so that the event loop need not wait for it."""
BEGIN = "BEGIN IMMEDIATE"
_SLOW = ("PRAGMA", "VACUUM", "CREATE", "ALTER", LONG)
"""Statements that write to the disk, or take long."""
_PATIENCE_MS = 15_000
"""How long another program's lock is waited for."""
_SLOW_COMMIT_S = 0.02
_AFTER_A_SLOW_ONE = 100
"""Where a commit took longer than that, so many are left to the thread before one is tried here
again. A disk of today takes half a millisecond, and the way back from a thread, which has to wait
for the interpreter, ten times as long: all that write would wait for it."""


class _Nothing:
    """SQLAlchemy takes a statement that awaited nothing for the mark of a wrong driver."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


_NOTHING = _Nothing()


class QuickCursor(AsyncAdapt_aiosqlite_cursor):
    """For short statements; long questions begin with `LONG`."""

    __slots__ = ()
    _awaitable_cursor_close = False
    _adapt_connection: QuickConnection
    _cursor: Any
    _rows: deque[Any]

    def __init__(self, adapted: QuickConnection) -> None:
        self._adapt_connection = adapted
        self._connection = adapted._connection
        self._cursor = adapted.real.cursor()
        self._soft_closed_memoized = immutabledict()
        self._rows = deque()

    def execute(self, operation: str, parameters: Any = None) -> None:
        if operation.startswith(_SLOW):
            self._rows = await_(self._connection._execute(self._run, operation, parameters))
        elif operation != BEGIN:
            await_(_NOTHING)
            self._rows = self._run(operation, parameters)
        elif not self._adapt_connection.begin_at_once():
            await_(self._connection._execute(self._run, BEGIN, None))

    def executemany(self, operation: str, parameters: Any) -> None:
        await_(_NOTHING)
        self._cursor.executemany(operation, parameters)

    def _run(self, operation: str, parameters: Any) -> deque[Any]:
        self._cursor.execute(operation, parameters or ())
        return deque(self._cursor.fetchall() if self._cursor.description else ())


class QuickConnection(AsyncAdapt_aiosqlite_connection):
    """What SQLAlchemy takes for a connection of aiosqlite."""

    __slots__ = ()
    _cursor_cls = QuickCursor  # type: ignore[assignment]
    dbapi: Driver

    @property
    def real(self) -> sqlite3.Connection:
        """The connection itself; it is used from two threads, but never from both at once."""
        real: sqlite3.Connection = self._connection._conn
        return real

    def begin_at_once(self) -> bool:
        """Take the lock of those who write; False where another program has it."""
        self.real.execute("PRAGMA busy_timeout=0")
        try:
            self.real.execute(BEGIN)
        except sqlite3.OperationalError:
            return False
        finally:
            self.real.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        return True

    def commit(self) -> None:
        if not self._connection._connection:
            return
        if self.dbapi.by_thread > 0:
            self.dbapi.by_thread -= 1
            super().commit()
            return
        began = time.perf_counter()
        self.real.commit()
        if time.perf_counter() - began > _SLOW_COMMIT_S:
            self.dbapi.by_thread = _AFTER_A_SLOW_ONE

    def rollback(self) -> None:
        if self._connection._connection:
            self.real.rollback()


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """Give it to `create_async_engine` as ``module``."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)
        self.by_thread = 0
        """So many commits are still left to the thread."""

    def connect(self, *args: Any, **options: Any) -> QuickConnection:
        adapted = super().connect(*args, **options | {"check_same_thread": False})
        return QuickConnection(self, adapted._connection)
