"""SQLite without the driver's thread, for stories that are told thousands of times.

aiosqlite runs every statement on a thread of its own and comes back through the event loop: two
switches for each. In a simulation nothing runs beside a statement anyway, so it is run where it
is asked for. The database, the driver's own code and everything above it stay as they are.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosqlite import core


class _Inline:
    """In the place of the queue to the thread: whatever is put in is done at once."""

    def put_nowait(self, item: tuple[Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = item
        try:
            result = function()
        except BaseException as error:
            if future is None:
                raise
            future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


class _NoThread:
    """In the place of the thread."""

    daemon = False

    def __init__(self, **arguments: object) -> None:
        """Takes what a thread takes."""

    def start(self) -> None:
        """Nothing to start."""


@contextmanager
def sqlite_inline() -> Iterator[None]:
    """Connections that are opened within the block have no thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "SimpleQueue", _Inline)
        patch.setattr(core, "Thread", _NoThread)
        yield
