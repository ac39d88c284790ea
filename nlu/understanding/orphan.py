"""Ends this process when its parent is gone, so that no server is left behind."""

from __future__ import annotations

import os
import signal
import threading
import time

_EVERY_SECONDS = 1.0
_GRACE_SECONDS = 5.0


def end_with_parent() -> None:
    """Watch the parent from a thread of its own.

    Polling works on every Unix. Linux's parent-death signal would be quicker, but it fires when
    the *thread* that started us ends, though its process lives on.
    """
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name="orphan-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)
