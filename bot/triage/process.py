"""The Rasa server as a child of the bot: started, watched, and started again when it dies."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import structlog

HOME = Path(__file__).parents[2] / "nlu"
PYTHON = HOME / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
_BACKOFF_S = (1, 2, 5, 10, 30)
_log = structlog.get_logger()


class NotInstalled(Exception):
    """The NLU's own environment is not there."""


class RasaProcess:
    """Keeps one Rasa server running on loopback, under a token that nobody else knows."""

    def __init__(self, log: Path) -> None:
        if not PYTHON.exists():
            raise NotInstalled("the NLU is not installed: run `make train`, or set NLU_URL")
        self.token = secrets.token_urlsafe(24)
        self.ready = asyncio.Event()
        self._port = _free_port()
        self._log_file = log
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The server's process, while there is one."""
        return self._process.pid if self._process else None

    async def keep_running(self) -> None:
        """Run the server until cancelled; one that dies is started again."""
        failures = 0
        while True:
            loop = asyncio.get_running_loop()
            started = loop.time()
            await self._run_once()
            self.ready.clear()
            failures = 0 if loop.time() - started > 60 else failures + 1
            wait_s = _BACKOFF_S[min(failures, len(_BACKOFF_S)) - 1] if failures else 0
            _log.warning("model_server_died", restart_in_s=wait_s)
            await asyncio.sleep(wait_s)

    async def _run_once(self) -> None:
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(PYTHON),
                "-m",
                "understanding.serve",
                "--port",
                str(self._port),
                cwd=HOME,
                env={
                    **os.environ,
                    "HOLDFAST_NLU_TOKEN": self.token,
                    "RASA_TELEMETRY_ENABLED": "false",
                },
                stdout=PIPE,
                stderr=log,
                start_new_session=True,
            )
            try:
                await self._watch(self._process)
            finally:
                await self._end(self._process)

    async def _watch(self, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if line.startswith(b"holdfast-nlu ready"):
                self.ready.set()
                _log.info("model_ready")
        await process.wait()

    @staticmethod
    async def _end(process: Process) -> None:
        if process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
