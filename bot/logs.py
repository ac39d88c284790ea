"""Logging: events in the past tense, with fields from a list and nothing else.

A person's words, names and ids must be in no log. So fields that are not listed are dropped,
errors are named by type and place alone, and of what libraries log only where it came from is
kept: their messages hold addresses, tokens and texts.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from bot.faults import where

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "ambassador",
        "alarm",
        "attempt",
        "case",
        "count",
        "cycle",
        "duty",
        "error",
        "invariant",
        "kind",
        "letter",
        "library",
        "loop",
        "mode",
        "new",
        "page",
        "process",
        "restart_in_s",
        "rung",
        "theme",
        "update",
        "urgency",
        "version",
        "where",
        "worker",
    }
)


def configure(level: str = "INFO", *, as_json: bool | None = None) -> None:
    """Write events to standard error: as JSON, or readably where that is a terminal."""
    if as_json is None:
        as_json = not sys.stderr.isatty()
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Lines(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryHandler()]
    root.setLevel(logging.WARNING)


def only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {name: value for name, value in event.items() if name in ALLOWED}


class _Lines:
    """A stream of lines that fails nobody: where the disk is full, or whoever read them is gone,
    they are lost, and the work that they tell of goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class _LibraryHandler(logging.Handler):
    """Says that a library logged something, and where, but not what."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            min(record.levelno // 10 * 10, logging.CRITICAL),  # some libraries invent levels
            "library_logged",
            library=record.name,
            where=where(error) if error else f"{record.module}:{record.lineno}",
            error=type(error).__name__ if error else None,
        )
