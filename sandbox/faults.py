"""Faults on demand: what a bot meets on a bad day, switched on and off while it runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from sandbox.errors import (
    ApiError,
    ControlError,
    bad_request,
    conflict,
    forbidden,
    not_found,
    too_many_requests,
    unauthorized,
)

Kind = Literal["error", "delay", "cut_before", "cut_after", "duplicate_updates", "reorder_updates"]
UPDATE_KINDS = frozenset({"duplicate_updates", "reorder_updates"})


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    kind: `error` answers with `status` (404 is "this method is missing");
        `delay` waits `delay_s` seconds and then goes on;
        `cut_before` drops the connection before anything is done;
        `cut_after` does what was asked, then drops the connection unanswered;
        `duplicate_updates` hands an update out again after it was confirmed;
        `reorder_updates` lets the next update overtake this one.
    method: Bot API method, any case, or `*` for all but getUpdates. Ignored for updates.
    chat_id: only calls (or updates) of this chat; None means all.
    description: replaces Telegram's usual words for `status`.
    retry_after: seconds, for 429.
    times: how often it strikes before it is used up; None means without end.
    probability: 0..1, drawn from the sandbox's seeded generator.
    """

    kind: Kind = "error"
    method: str = "*"
    chat_id: int | None = None
    status: int = 500
    description: str | None = None
    retry_after: int = 5
    delay_s: float = 1.0
    times: int | None = None
    probability: float = 1.0
    id: int = 0

    def matches_call(self, method: str, chat_id: int | None) -> bool:
        if self.kind in UPDATE_KINDS or (self.chat_id is not None and self.chat_id != chat_id):
            return False
        if self.method == "*":
            return method.lower() != "getupdates"
        return self.method.lower() == method.lower()

    def matches_update(self, chat_id: int) -> bool:
        return self.kind in UPDATE_KINDS and self.chat_id in (None, chat_id)

    def error(self) -> ApiError:
        """The refusal this fault answers with."""
        usual = {
            400: bad_request("a fault set in the sandbox"),
            401: unauthorized(),
            403: forbidden("bot was blocked by the user"),
            404: not_found(),
            409: conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            ),
            429: too_many_requests(self.retry_after),
            502: ApiError(502, "Bad Gateway"),
        }.get(self.status, ApiError(self.status, "Internal Server Error"))
        if self.description is None:
            return usual
        return ApiError(usual.status, self.description, usual.retry_after)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Fault:
        """Reads a fault as the control interface takes it. Raises ControlError 400."""
        unknown = set(body) - {field.name for field in fields(cls)}
        if unknown:
            raise ControlError(400, f"a fault has no {', '.join(sorted(unknown))}")
        fault = cls(**{**body, "id": 0})
        if fault.kind not in get_args(Kind):
            raise ControlError(400, f"unknown kind of fault: {fault.kind}")
        numbers = (fault.status, fault.retry_after, fault.delay_s, fault.probability)
        if not all(isinstance(n, int | float) and n >= 0 for n in numbers):
            raise ControlError(400, "status, retry_after, delay_s and probability are numbers")
        if not 400 <= fault.status <= 599:
            raise ControlError(400, "status is 400 to 599")
        return fault


class FaultBoard:
    """The faults that are switched on, oldest first."""

    def __init__(self, seed: int, on_change: Callable[[], object]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - chance on request, not secrecy
        self._on_change = on_change
        self._faults: dict[int, Fault] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> Fault:
        """Switches a fault on; returns it with its id."""
        self._last_id += 1
        kept = replace(fault, id=self._last_id)
        self._faults[kept.id] = kept
        self._on_change()
        return kept

    def remove(self, fault_id: int) -> bool:
        """Switches one fault off. False if there is none with this id."""
        removed = self._faults.pop(fault_id, None) is not None
        if removed:
            self._on_change()
        return removed

    def clear(self) -> None:
        self._faults.clear()
        self._on_change()

    def all(self) -> list[Fault]:
        return list(self._faults.values())

    def for_call(self, method: str, chat_id: int | None) -> list[Fault]:
        """The faults that strike this call: each is counted as used once."""
        return self._strike(lambda fault: fault.matches_call(method, chat_id))

    def for_update(self, chat_id: int) -> set[str]:
        """The kinds of fault that strike this update."""
        return {fault.kind for fault in self._strike(lambda fault: fault.matches_update(chat_id))}

    def _strike(self, matches: Callable[[Fault], bool]) -> list[Fault]:
        struck: list[Fault] = []
        for fault in self.all():
            if not matches(fault):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            struck.append(fault)
            if fault.times is not None:
                left = fault.times - 1
                if left > 0:
                    self._faults[fault.id] = replace(fault, times=left)
                else:
                    del self._faults[fault.id]
                self._on_change()
        return struck
