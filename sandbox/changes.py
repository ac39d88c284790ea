"""The change counter: every visible change gets the next number, and whoever waits is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Signal:
    """Wakes everyone who waits at this moment. Nothing is remembered: check, then wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, timeout_s: float | None = None) -> None:
        """Returns at the next `notify`, or after `timeout_s` seconds (None: no limit)."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout_s)
        except TimeoutError:
            return


class ChangeCounter:
    """One number for the whole sandbox, so that "what is new since 41?" has one answer."""

    def __init__(self) -> None:
        self.value = 0
        self.signal = Signal()

    def tick(self) -> int:
        """Counts one change, wakes the waiting, returns the new number."""
        self.value += 1
        self.signal.notify()
        return self.value


class Touched(Generic[K]):
    """Remembers at which change each key was last touched, newest last."""

    def __init__(self, counter: ChangeCounter) -> None:
        self._counter = counter
        self._at: dict[K, int] = {}

    def touch(self, key: K) -> None:
        self._at.pop(key, None)
        self._at[key] = self._counter.tick()

    def at(self, key: K) -> int:
        return self._at[key]

    def since(self, change: int) -> list[K]:
        """Keys touched after `change`, oldest touch first."""
        found: list[K] = []
        for key in reversed(self._at):
            if self._at[key] <= change:
                break
            found.append(key)
        found.reverse()
        return found
