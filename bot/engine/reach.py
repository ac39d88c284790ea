"""Whether Telegram can be reached from this process, seen from every request it makes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from bot.engine.clock import Clock
from bot.engine.letters import Letter
from bot.engine.ports import Carrier, Contested, DeliveryError, NotOurs, Unavailable, Updates

ASK_AFTER = timedelta(seconds=20)
"""Telegram is asked how it is when nothing was asked of it for so long."""
CONTEST_OVER_AFTER = timedelta(seconds=60)
"""Two programs that ask in turn are refused in turn: between two refusals some requests succeed."""


class Reach:
    """Stands before the Telegram ports, lets everything through, and remembers how it went.

    An answer is an answer, also a refusal: only a request that got none, or a token that is not
    accepted, counts as Telegram out of reach.
    """

    def __init__(self, carrier: Carrier, updates: Updates, clock: Clock) -> None:
        self._carrier = carrier
        self._updates = updates
        self._clock = clock
        self._began = clock.now()
        self._answered_at: datetime | None = None
        self._lost_at: datetime | None = None
        self._pending_since: datetime | None = None
        self._contest: tuple[datetime, datetime] | None = None
        self._asked_at: datetime | None = None

    async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int | None:
        """See `bot.engine.ports.Carrier`."""
        async with self._noted():
            return await self._carrier.deliver(chat_id, letter, message_id)

    async def fetch(self, offset: int | None, timeout_s: float) -> Sequence[dict[str, Any]]:
        """See `bot.engine.ports.Updates`."""
        async with self._noted():
            try:
                return await self._updates.fetch(offset, timeout_s)
            except Contested:
                now = self._clock.now()
                self._contest = (self.contested_since or now, now)
                raise

    async def pending(self) -> int:
        """See `bot.engine.ports.Updates`."""
        async with self._noted():
            count = await self._updates.pending()
        if not count:
            self._pending_since = None
        elif self._pending_since is None:
            self._pending_since = self._clock.now()
        return count

    async def step(self) -> None:
        """Ask Telegram how many updates wait, where that was not asked for a while."""
        now = self._clock.now()
        if self._asked_at is None or self._asked_at + ASK_AFTER <= now:
            self._asked_at = now
            try:
                await self.pending()
            except DeliveryError:
                return  # it is remembered, which is all that was wanted

    @property
    def lost_since(self) -> datetime | None:
        """Since when no request got an answer; None while Telegram can be reached."""
        return self._lost_at

    @property
    def pending_since(self) -> datetime | None:
        """Since when updates wait at Telegram, as far as was seen; None while none do."""
        return self._pending_since

    @property
    def contested_since(self) -> datetime | None:
        """Since when another program takes updates of this bot; None while nobody else does."""
        if self._contest is None:
            return None
        first, last = self._contest
        return first if self._clock.now() - last <= CONTEST_OVER_AFTER else None

    def is_recent(self, within: timedelta) -> bool:
        """Whether Telegram answered within this span."""
        return self._answered_at is not None and self._clock.now() - self._answered_at <= within

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        try:
            yield
        except (Unavailable, NotOurs):
            if self._lost_at is None:
                self._lost_at = self._clock.now()
            raise
        except DeliveryError:
            self._answer()
            raise
        self._answer()

    def _answer(self) -> None:
        self._answered_at, self._lost_at = self._clock.now(), None
