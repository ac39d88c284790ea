"""Telegram's service limits: how much a bot may send before it hears 429."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import too_many_requests


@dataclass(frozen=True)
class Limits:
    """Sends and copies count; edits, answers and chat actions do not.

    Rates are messages per second; bursts are messages. `on=False` lets everything through.
    """

    on: bool = True
    overall_per_s: float = 30.0
    overall_burst: int = 30
    chat_per_s: float = 1.0
    chat_burst: int = 20

    @classmethod
    def off(cls) -> Limits:
        return cls(on=False)


@dataclass
class _Bucket:
    rate: float
    burst: int
    level: float
    at: float

    def missing_s(self, now: float) -> float:
        """Seconds until one message may pass; 0 when it may pass now."""
        self.level = min(float(self.burst), self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1.0 else (1.0 - self.level) / self.rate


class Throttle:
    """Counts what the bot sends. `clock` gives seconds."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.set(limits)

    def set(self, limits: Limits) -> None:
        """Takes new limits and forgets what was counted."""
        self.limits = limits
        now = self._clock()
        self._overall = _Bucket(
            limits.overall_per_s, limits.overall_burst, float(limits.overall_burst), now
        )
        self._chats: dict[int, _Bucket] = {}

    def admit(self, chat_id: int) -> None:
        """Counts one message to a chat. Raises 429 when it is too many; a refusal isn't counted."""
        if not self.limits.on:
            return
        now = self._clock()
        chat = self._chats.get(chat_id)
        if chat is None:
            burst = self.limits.chat_burst
            chat = self._chats[chat_id] = _Bucket(self.limits.chat_per_s, burst, float(burst), now)
        missing_s = max(chat.missing_s(now), self._overall.missing_s(now))
        if missing_s > 0:
            raise too_many_requests(max(1, math.ceil(missing_s)))
        chat.level -= 1
        self._overall.level -= 1
