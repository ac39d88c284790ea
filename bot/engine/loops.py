"""Keeping loops running: a step that fails is reported and tried again, never the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.faults import where

_BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_log = structlog.get_logger()


async def keep(name: str, step: Callable[[], Awaitable[None]]) -> None:
    """Run ``step`` again and again until cancelled."""
    failures = 0
    while True:
        try:
            await step()
            failures = 0
        except Exception as error:
            _log.error("loop_stumbled", loop=name, error=type(error).__name__, where=where(error))
            await asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
            failures += 1
