"""The journal: every call of the bot and every update handed out, as a test wants to read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sandbox.changes import ChangeCounter

KEPT = 5000


@dataclass(frozen=True)
class Entry:
    """One call of the bot, or one update POSTed to its webhook.

    n: counts from 1. at_ms: the sandbox's clock, milliseconds since 1970, when it ended.
    status: the HTTP status answered (for a delivery: the one received), or None when the
        connection was cut or refused. fault: the kind of fault that struck, if any.
    updates: updates handed out by this call or delivery.
    """

    n: int
    at_ms: int
    kind: Literal["call", "delivery"]
    method: str
    params: dict[str, Any]
    status: int | None
    description: str | None = None
    result: Any = None
    fault: str | None = None
    updates: list[dict[str, Any]] = field(default_factory=list)
    change: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Journal:
    """The last 5000 entries, in order."""

    def __init__(self, counter: ChangeCounter, clock: Callable[[], float]) -> None:
        self._counter = counter
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._last = 0

    def write(
        self,
        kind: Literal["call", "delivery"],
        method: str,
        params: dict[str, Any],
        status: int | None,
        *,
        description: str | None = None,
        result: Any = None,
        fault: str | None = None,
        updates: list[dict[str, Any]] | None = None,
    ) -> None:
        self._last += 1
        self._entries.append(
            Entry(
                n=self._last,
                at_ms=int(self._clock() * 1000),
                kind=kind,
                method=method,
                params=params,
                status=status,
                description=description,
                result=result,
                fault=fault,
                updates=updates or [],
                change=self._counter.tick(),
            )
        )

    def after(self, n: int) -> list[Entry]:
        """Entries numbered above `n`."""
        return self._newest(lambda entry: entry.n > n)

    def since(self, change: int) -> list[Entry]:
        """Entries written after this change of the sandbox."""
        return self._newest(lambda entry: entry.change > change)

    def _newest(self, is_new: Callable[[Entry], bool]) -> list[Entry]:
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if not is_new(entry):
                break
            found.append(entry)
        found.reverse()
        return found
