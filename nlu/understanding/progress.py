"""Plain lines that tell how far a long piece of work has come."""

from __future__ import annotations

import sys
import time

_started = time.monotonic()


def say(line: str) -> None:
    """Print ``line`` to standard error with the seconds since the process started working."""
    print(f"[{time.monotonic() - _started:5.1f} s] {line}", file=sys.stderr, flush=True)  # noqa: T201
