"""Keeping loops running, and letting them end between two steps rather than within one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from bot.faults import where

_BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_LONGEST_STEP_S = 15.0
_log = structlog.get_logger()


class Loops:
    """The loops of one process.

    A step that fails is reported and tried again. To stop, every loop is let finish the step it
    is in: a transaction that is cut off half-way is safe, but leaves its connection behind.
    """

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self._steps: list[asyncio.Task[None]] = []
        self._others: list[asyncio.Task[None]] = []

    def repeat(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Run ``step`` again and again until stopped."""
        self._steps.append(asyncio.create_task(self._keep(name, step), name=name))

    def run(self, name: str, loop: Coroutine[None, None, None]) -> None:
        """Run ``loop``, which may be cancelled anywhere: it holds no transaction."""
        self._others.append(asyncio.create_task(loop, name=name))

    async def stop(self) -> None:
        """Let every step end, and then cancel what is left. May be called again."""
        self.stopping.set()
        if self._steps:
            await asyncio.wait(self._steps, timeout=_LONGEST_STEP_S)
        for task in (*self._steps, *self._others):
            task.cancel()
        await asyncio.gather(*self._steps, *self._others, return_exceptions=True)

    async def _keep(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while not self.stopping.is_set():
            try:
                await step()
                failures = 0
            except Exception as error:
                _log.error(
                    "loop_stumbled", loop=name, error=type(error).__name__, where=where(error)
                )
                await self._pause(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return
