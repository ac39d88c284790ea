"""Wake-ups between loops and, through Redis, between processes.

A signal says "look again", never what to do: whatever it announces stands in the database. Lost
signals cost at most the polling interval.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict, deque

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.engine.pause import Pause

INBOX = "inbox"
OUTBOX = "outbox"
TIMERS = "timers"
REMINDERS = "reminders"
CALLS = "calls"

_log = structlog.get_logger()


class Signals:
    """Rings for and waits on names.

    A ring wakes as many as there is work for, those of this process first; only what is left
    over is passed on to other processes. Whoever is not woken loses nothing: they are busy, and
    look again before they wait. Without ``redis`` there are no other processes.
    """

    def __init__(self, redis: Redis | None, space: str = "") -> None:
        self._redis = redis
        self._channel = f"holdfast:{space}:wake"
        self._pause = Pause()
        self._me = secrets.token_hex(4)
        self._rings: defaultdict[str, int] = defaultdict(int)
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._waiting: defaultdict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    async def ring(self, *names: str, count: int = 1) -> None:
        """Wake up to ``count`` of those who wait for each of ``names``, here or elsewhere."""
        for name in names:
            left = count - self._wake(name, count)
            if left <= 0 or self._redis is None or self._pause.lasts:
                continue
            try:
                await self._redis.publish(self._channel, f"{self._me} {name} {left}")
            except (RedisError, OSError) as error:
                self._pause.begin()
                _log.warning("signal_not_shared", error=type(error).__name__)

    def rouse(self, name: str) -> None:
        """Wake one who waits for ``name`` in this process, for what concerns no other."""
        self._wake(name, 1)

    def look(self, name: str) -> int:
        """How often ``name`` was rung so far: ask before looking for work, give it to `wait`."""
        return self._rings[name]

    async def wait(self, name: str, timeout_s: float, since: int | None = None) -> None:
        """Return when ``name`` is rung, or after ``timeout_s``.

        At once where it was rung after `look` gave ``since``; without it, since the last wait.
        """
        since = self._seen[name] if since is None else since
        if self._rings[name] == since:
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting[name].append(woken)
            try:
                async with asyncio.timeout(timeout_s):
                    await woken
            except TimeoutError:
                pass
            finally:
                if woken in self._waiting[name]:
                    self._waiting[name].remove(woken)
        self._seen[name] = self._rings[name]

    def wake_all(self) -> None:
        """Wake everybody who waits in this process, for it is to end."""
        for name, waiting in list(self._waiting.items()):
            self._wake(name, len(waiting))

    async def keep_listening(self) -> None:
        """Pass on what other processes ring; where Redis is away, try again every second."""
        while self._redis is not None:
            try:
                await self._listen(self._redis)
            except (RedisError, OSError) as error:
                _log.warning("signals_not_heard", error=type(error).__name__)
                await asyncio.sleep(1.0)

    def _wake(self, name: str, count: int) -> int:
        self._rings[name] += 1
        waiting = self._waiting[name]
        woken = 0
        while waiting and woken < count:
            one = waiting.popleft()
            if not one.done():
                one.set_result(None)
                woken += 1
        return woken

    async def _listen(self, redis: Redis) -> None:
        async with redis.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            while True:
                message = await subscription.get_message(
                    ignore_subscribe_messages=True, timeout=5.0
                )
                if message:
                    self._heard(message["data"])

    def _heard(self, data: bytes | str) -> None:
        sender, name, count = (data.decode() if isinstance(data, bytes) else data).split()
        if sender != self._me:
            self._wake(name, int(count))
