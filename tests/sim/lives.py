"""One bot in many lives: started, killed at a commit, started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Lives:
    """The bot's lives, one after the other. A life that is killed is followed by the next."""

    def __init__(self, nursery: Process, environment: Mapping[str, str], folder: Path) -> None:
        self._nursery = nursery
        self._orders = folder / "orders.json"
        self._alive = folder / "orders.alive"
        self._environment = {
            **environment,
            "TEST_ORDERS": str(self._orders),
            "TEST_LOG": str(folder / "bot.log"),
        }
        self._pid = 0
        self._ended = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())
        self._reborn = True
        self.statuses: list[int] = []
        self.log = folder / "bot.log"

    @property
    def deaths(self) -> int:
        """How often the bot was killed."""
        return self.statuses.count(signal.SIGKILL)

    @classmethod
    @asynccontextmanager
    async def of(cls, environment: Mapping[str, str], folder: Path) -> AsyncIterator[Lives]:
        nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.sim.nursery", cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        lives = cls(nursery, environment, folder)
        try:
            yield lives
            await lives.stop()
        finally:
            lives._signal(signal.SIGKILL)
            lives._listening.cancel()
            with suppress(ProcessLookupError):
                nursery.kill()
            await nursery.wait()

    async def start(self) -> None:
        """Begin a life, and wait until it is up."""
        self._reborn = True
        self._begin()
        async with asyncio.timeout(30):
            while not self._alive.exists():  # noqa: ASYNC110  a file of another process
                await asyncio.sleep(0.01)

    def die_at(self, commit: int, side: str) -> None:
        """Order death ``side`` (before or after) of the ``commit``-th change from now."""
        draft = self._orders.with_suffix(".draft")
        draft.write_text(json.dumps({"name": os.urandom(4).hex(), "at": commit, "side": side}))
        draft.rename(self._orders)

    def spare(self) -> None:
        """Take the order back."""
        self._orders.unlink(missing_ok=True)

    async def kill(self) -> None:
        """End this life right now, with none after it until `start`."""
        self._reborn = False
        self._ended.clear()
        self._signal(signal.SIGKILL)
        await self._ended.wait()

    async def stop(self) -> None:
        """End this life politely; `AssertionError` where it does not end so."""
        self.spare()
        self._reborn = False
        self._ended.clear()
        self._signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await self._ended.wait()
        assert self.statuses[-1] in (0, signal.SIGKILL), f"no clean stop: {self.statuses}"

    def _begin(self) -> None:
        assert self._nursery.stdin is not None
        self._alive.unlink(missing_ok=True)
        self._nursery.stdin.write(json.dumps(self._environment).encode() + b"\n")

    def _signal(self, number: int) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)

    async def _listen(self) -> None:
        assert self._nursery.stdout is not None
        while line := (await self._nursery.stdout.readline()).decode().split():
            if line[0] == "born":
                self._pid = int(line[1])
                continue
            self._pid = 0
            self.statuses.append(int(line[1]))
            self._ended.set()
            if self._reborn:
                self._begin()
