"""Updates on their way to the bot: kept in order until confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.changes import Signal
from sandbox.errors import ApiError, conflict
from sandbox.faults import FaultBoard

Json = dict[str, Any]

ANOTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
HELD_BACK_S = 1.0
_FIRST_MOMENT = 1_767_225_600  # 2026-01-01, so that ids stay within 31 bits for years
_IDS_PER_S = 10


def first_id(now: float) -> int:
    """A number to count from that a sandbox started earlier can't have reached yet."""
    return max(1, int((now - _FIRST_MOMENT) * _IDS_PER_S))


@dataclass
class _Waiting:
    update: Json
    repeat: bool = False
    late: bool = False
    given: bool = False

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


class UpdateQueue:
    """The queue of one bot: filled by phones, emptied by long polls or by the webhook."""

    def __init__(self, clock: Callable[[], float], faults: FaultBoard) -> None:
        self._faults = faults
        self._next_id = first_id(clock())
        self._waiting: list[_Waiting] = []
        self._held: list[_Waiting] = []
        self._poller: object = None
        self._takeover = ""
        self.allowed: list[str] = []
        self.closed = False
        self.signal = Signal()

    def put(self, kind: str, body: Json, chat_id: int) -> None:
        """Queues one update, unless the bot has said that it doesn't want this kind."""
        if self.closed or (self.allowed and kind not in self.allowed):
            return
        entry = _Waiting({"update_id": self._next_id, kind: body})
        self._next_id += 1
        strikes = self._faults.for_update(chat_id)
        entry.repeat = "duplicate_updates" in strikes
        if "reorder_updates" in strikes:
            entry.late = True
            self._held.append(entry)
            asyncio.get_running_loop().call_later(HELD_BACK_S, self._release)
            return
        self._waiting.append(entry)
        self._release()

    def _release(self) -> None:
        self._waiting.extend(self._held)
        self._held.clear()
        self.signal.notify()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._held)

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """What getUpdates answers: at most `limit` updates, waiting up to `timeout_s` for one.

        Updates below `offset` are forgotten; a negative one keeps only the last so many.
        Raises 409 in the poll that was waiting when another one comes.
        """
        self.interrupt(ANOTHER_POLLER)
        ticket = self._poller = object()
        self._forget(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self._waiting and not self.closed and loop.time() < deadline:
            await self.signal.wait(deadline - loop.time())
            if self._poller is not ticket:
                raise conflict(self._takeover)
        self._poller = None
        batch = self._waiting[:limit]
        for entry in batch:
            entry.given = True
        return [entry.update for entry in batch]

    @property
    def is_polled(self) -> bool:
        """True while a poll waits."""
        return self._poller is not None

    def interrupt(self, why: str) -> None:
        """Ends the poll that is waiting, with 409 and `why`."""
        self._poller = None
        self._takeover = why
        self.signal.notify()

    def drop_all(self) -> None:
        self._waiting.clear()
        self._held.clear()

    def head(self) -> Json | None:
        """The oldest update, which stays in the queue until `delivered`."""
        return self._waiting[0].update if self._waiting else None

    def delivered(self, update: Json) -> None:
        """Takes an update off the queue. One that a fault repeats stays once more."""
        for entry in self._waiting:
            if entry.update is update:
                entry.given = True
                self._keep([other for other in self._waiting if other is not entry], [entry])
                return

    def _forget(self, offset: int) -> None:
        if offset > 0:
            old = [entry for entry in self._waiting if entry.id < offset]
            self._keep([entry for entry in self._waiting if entry.id >= offset], old)
        elif offset < 0:
            self._waiting = self._waiting[offset:]

    def _keep(self, remaining: Sequence[_Waiting], confirmed: Sequence[_Waiting]) -> None:
        again = [entry for entry in confirmed if entry.late and not entry.given]
        for entry in confirmed:
            if entry.repeat and entry.given:
                entry.repeat = False
                again.append(entry)
        self._waiting = [*again, *remaining]


def poll_refused_by_webhook() -> ApiError:
    return conflict(
        "can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
