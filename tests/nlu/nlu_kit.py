"""Starts and asks the real NLU server, in its own environment."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

NLU = Path(__file__).resolve().parents[2] / "nlu"
PYTHON = NLU / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
START_SECONDS = 420.0
"""Long enough to train first on a slow machine."""


@dataclass(frozen=True)
class Server:
    """A running Rasa server."""

    url: str
    token: str
    output: Path
    """All it has printed, to either stream."""

    def parse(self, text: str | None) -> dict:
        """Return the parse of ``text``."""
        response = httpx.post(
            f"{self.url}/model/parse", params={"token": self.token}, json={"text": text}, timeout=30
        )
        response.raise_for_status()
        return response.json()


@contextmanager
def running(output: Path) -> Iterator[Server]:
    """Start the server as the bot does, and stop it by SIGTERM."""
    port, token = _free_port(), "token-of-this-test"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [nlu_python(), "-m", "understanding.serve", "--port", str(port)],
            cwd=NLU,
            env={**os.environ, "HOLDFAST_NLU_TOKEN": token},
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_ready(process, output, f"holdfast-nlu ready port={port} model=")
        yield Server(f"http://127.0.0.1:{port}", token, output)
    finally:
        process.terminate()
        process.wait(timeout=30)


def nlu_python() -> str:
    """Return the interpreter of nlu/; skip the test without it, or fail it under CI=true."""
    if not PYTHON.exists():
        missing = f"{PYTHON.relative_to(NLU.parent)} is missing: run `uv sync --project nlu`"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return str(PYTHON)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await_ready(process: subprocess.Popen[bytes], output: Path, line: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while line not in (said := output.read_text(errors="replace")):
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}:\n{said}")
        if time.monotonic() > deadline:
            pytest.fail(f"the server was not ready after {START_SECONDS} s:\n{said}")
        time.sleep(0.1)
