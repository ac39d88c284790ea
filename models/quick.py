"""A SQLite connection that hands to its thread only what may have to wait.

aiosqlite sends every call to a thread and back, some six times for one statement, and each way
costs more than most statements do. What only looks into or writes to memory runs at once here;
what waits for the disk or for another connection's lock still runs in the thread, so that the
event loop never stands still for long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import aiosqlite

_QUICK = frozenset(("cursor", "rollback"))
"""Of what a connection does, what waits for nothing."""

LONG = "/* long */ "
"""Put before a question that may take long, so that the event loop need not wait for it."""
_SLOW = ("BEGIN IMMEDIATE", "PRAGMA", "VACUUM", "CREATE", "ALTER", LONG)
"""Statements that wait for a lock, write to the disk, or take long."""


class QuickConnection(aiosqlite.Connection):
    """For short statements; long questions begin with `LONG`."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if _may_wait(fn, args):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)


def connect(path: str) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """What makes a connection to the file at ``path``, as `create_async_engine` wants it."""

    async def make() -> aiosqlite.Connection:
        # It is used from two threads, but never from both at once.
        connection = QuickConnection(
            lambda: sqlite3.connect(path, check_same_thread=False), iter_chunk_size=64
        )
        connection._thread.daemon = True
        return await connection

    return make


def _may_wait(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    of_cursor = isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
    if not of_cursor:
        return getattr(fn, "__name__", "") not in _QUICK
    return bool(args) and isinstance(args[0], str) and args[0].startswith(_SLOW)
