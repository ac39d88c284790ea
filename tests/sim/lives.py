"""Engines in many lives: born, told what to do step by step, killed, born again."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Life:
    """One process between its birth and its death."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.count = 0
        self.what: list[str] = []

    async def round(self, now: str, waiting: int) -> bool:
        """Have it do what it can do at once; whether that was anything. `EOFError`: it died."""
        self._writer.write(json.dumps({"now": now, "waiting": waiting}).encode() + b"\n")
        answer = await self._hear()
        self.count, self.what = answer["count"], answer["what"]
        return bool(answer["did"])

    async def _hear(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            line = await self._reader.readline()
        if not line:
            raise EOFError
        return dict(json.loads(line))

    def leave(self) -> None:
        """Let it go: without its line it ends."""
        self._writer.close()


class Nursery:
    """Where lives begin. One process with everything imported, forked for each of them."""

    def __init__(self, process: Process, line: Path) -> None:
        self._process = process
        self._line = line
        self._born: asyncio.Queue[Life] = asyncio.Queue()
        self.statuses: list[int] = []
        self._mourned = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder: Path) -> AsyncIterator[Nursery]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.sim.nursery", cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        nursery = cls(process, folder / "line")
        server = await asyncio.start_unix_server(nursery._connected, nursery._line)
        listening = asyncio.create_task(nursery._listen())
        try:
            yield nursery
        finally:
            assert process.stdin is not None
            process.stdin.close()
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            listening.cancel()
            server.close()

    async def killed(self) -> None:
        """Return once a life that fell silent was killed; `TimeoutError` where it just ended."""
        async with asyncio.timeout(10):
            while self.statuses.count(signal.SIGKILL) <= self._mourned:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        self._mourned += 1

    async def bear(self, **orders: Any) -> Life | None:
        """A new life; None for one that dies before it can say so."""
        assert self._process.stdin is not None
        line = {**orders, "line": str(self._line)}
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        async with asyncio.timeout(60):
            while self._born.empty():
                if self.statuses.count(signal.SIGKILL) > self._mourned:
                    self._mourned += 1
                    return None
                await asyncio.sleep(0.001)
        return self._born.get_nowait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        self._born.put_nowait(Life(reader, writer))

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := (await self._process.stdout.readline()).decode().split():
            if line[0] == "dead":
                self.statuses.append(int(line[2]))
