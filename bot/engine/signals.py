"""Wake-ups between loops and, through Redis, between processes.

A signal says "look again", never what to do: whatever it announces stands in the database. Lost
signals cost at most the polling interval.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

INBOX = "inbox"
OUTBOX = "outbox"
TIMERS = "timers"
REMINDERS = "reminders"

_log = structlog.get_logger()


class Signals:
    """Rings for and waits on names."""

    def __init__(self, redis: Redis, space: str = "") -> None:
        self._redis = redis
        self._channel = f"holdfast:{space}:wake"
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def ring(self, *names: str) -> None:
        """Wake whoever waits for ``names``, here at once and elsewhere through Redis."""
        for name in names:
            self._events[name].set()
        try:
            for name in names:
                await self._redis.publish(self._channel, name)
        except (RedisError, OSError) as error:
            _log.warning("signal_not_shared", error=type(error).__name__)

    async def wait(self, name: str, timeout_s: float) -> None:
        """Return when ``name`` was rung since the last wait, or after ``timeout_s``."""
        event = self._events[name]
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            pass
        event.clear()

    async def keep_listening(self) -> None:
        """Pass on what other processes ring; where Redis is away, try again every second."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                _log.warning("signals_not_heard", error=type(error).__name__)
                await asyncio.sleep(1.0)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            while True:
                message = await subscription.get_message(
                    ignore_subscribe_messages=True, timeout=5.0
                )
                if message:
                    data = message["data"]
                    self._events[data.decode() if isinstance(data, bytes) else data].set()
