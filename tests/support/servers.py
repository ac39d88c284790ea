"""Servers that tests run on."""

from __future__ import annotations

import os
import secrets
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.triage.process import HOME, PYTHON
from bot.triage.rasa import Rasa

_READY_WITHIN_S = 180
PATIENCE_MS = 3000
"""How long tests wait for Rasa: that it can be slow has a test of its own."""


class Unavailable(Exception):
    """A server that cannot be had here, and why."""


class Schemas:
    """Names of PostgreSQL schemas that nobody else uses."""

    @staticmethod
    def fresh() -> str:
        return f"t_{secrets.token_hex(6)}"


@dataclass(frozen=True)
class RasaServer:
    """A Rasa server that answers."""

    url: str
    token: str
    process: subprocess.Popen[bytes]

    def client(self) -> Rasa:
        """A client that is patient, for the machine is shared with other tests."""
        return Rasa(self.url, self.token, PATIENCE_MS)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[RasaServer]:
        if not PYTHON.exists():
            raise Unavailable("nlu/.venv is not there: run `make train`")
        token = secrets.token_urlsafe(12)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [str(PYTHON), "-m", "understanding.serve", "--port", str(port)],
            cwd=HOME,
            env={**os.environ, "HOLDFAST_NLU_TOKEN": token, "RASA_TELEMETRY_ENABLED": "false"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_until_ready(process)
            yield cls(f"http://127.0.0.1:{port}", token, process)
        finally:
            process.terminate()
            process.wait(20)


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        readable, _, _ = select.select([process.stdout], [], [], 1.0)
        if readable:
            line = process.stdout.readline()
            if line.startswith(b"holdfast-nlu ready"):
                return
            if not line:
                raise RuntimeError(f"the NLU ended with {process.wait()} before it was ready")
    raise TimeoutError("the NLU was not ready in time")
