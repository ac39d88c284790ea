"""Keeping loops running, and letting them end between two steps rather than within one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from bot.faults import where

_BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_LONGEST_STEP_S = 15.0
STANDS_AFTER_S = 45.0
"""Longer than any step takes, also one that waits for a request to time out."""
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
        self._moved: dict[str, float] = {}

    def repeat(self, name: str, step: Callable[[], Awaitable[None]], every_s: float = 0) -> None:
        """Run ``step`` again and again until stopped, with a pause of ``every_s`` between."""
        self._steps.append(asyncio.create_task(self._keep(name, step, every_s), name=name))

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

    def standing(self) -> list[str]:
        """The loops whose last step began long ago, and has not come to its end."""
        now = asyncio.get_running_loop().time()
        return [name for name, at in self._moved.items() if now - at > STANDS_AFTER_S]

    async def _keep(self, name: str, step: Callable[[], Awaitable[None]], every_s: float) -> None:
        failures = 0
        while not self.stopping.is_set():
            self._moved[name] = asyncio.get_running_loop().time()
            try:
                await step()
                failures = 0
                if every_s:
                    await self.pause(every_s)
            except Exception as error:
                _log.error(
                    "loop_stumbled", loop=name, error=type(error).__name__, where=where(error)
                )
                await self.pause(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until stopped."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return
