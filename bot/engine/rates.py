"""How fast letters may leave: below Telegram's limits, by one allowance for all processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.exceptions import RedisError

from bot.engine.pause import Pause

_AWAY = (RedisError, OSError, StorageError)
_SOONEST_S = 0.02
"""Nobody asks again sooner than this."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How many messages may leave in ``seconds``, for the bot and for one chat.

    The defaults keep below Telegram's limits, from its bots FAQ: about 30 messages a second in
    all, and in one chat no more than one a second except in short bursts.
    """

    bot_each_second: int = 28
    chat: int = 18
    seconds: int = 18


TELEGRAMS_PACE = Pace()


class Rates:
    """Lets letters leave at a pace that all processes share, or that this one keeps by itself."""

    def __init__(
        self,
        url: str | None,
        space: str = "",
        pace: Pace = TELEGRAMS_PACE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = _Shared(url, space, pace) if url else None
        self._own = _Own(pace, now)
        self._pause = Pause(now)

    async def take(self, chat_key: str) -> float:
        """Take a place for a letter to this chat: 0.0, or in how many seconds one may be free."""
        if self._shared is not None and not self._pause.lasts:
            try:
                return await self._shared.take(chat_key)
            except _AWAY as error:
                self._pause.begin()
                _log.warning("rates_not_shared", error=type(error).__name__)
        return self._own.take(chat_key)


class _Shared:
    """The allowance in Redis."""

    def __init__(self, url: str, space: str, pace: Pace) -> None:
        storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            wrap_exceptions=True,
            socket_timeout=1,
            socket_connect_timeout=1,
        )
        self._limiter = MovingWindowRateLimiter(storage)
        self._space = space
        self._bot = RateLimitItemPerSecond(pace.bot_each_second)
        self._chat = RateLimitItemPerSecond(pace.chat, pace.seconds)

    async def take(self, chat_key: str) -> float:
        chat = await self._limiter.get_window_stats(self._chat, self._space, chat_key)
        if chat.remaining <= 0:
            return _until(chat.reset_time)
        if not await self._limiter.hit(self._bot, self._space):
            bot = await self._limiter.get_window_stats(self._bot, self._space)
            return _until(bot.reset_time)
        # Another process may have been quicker by a moment.
        return 0.0 if await self._limiter.hit(self._chat, self._space, chat_key) else _SOONEST_S


def _until(moment: float) -> float:
    return max(_SOONEST_S, moment - time.time())


class _Own:
    """The allowance in this process: the times at which letters left, while they still count.

    The library's own memory starts a thread for every known chat at every letter.
    """

    def __init__(self, pace: Pace, now: Callable[[], float]) -> None:
        self._pace = pace
        self._now = now
        self._bot: deque[float] = deque()
        self._chats: dict[str, deque[float]] = {}
        self._swept_at = now()

    def take(self, chat_key: str) -> float:
        now = self._now()
        self._sweep(now)
        chat = self._chats.setdefault(chat_key, deque())
        _forget(self._bot, now - 1)
        _forget(chat, now - self._pace.seconds)
        if len(chat) >= self._pace.chat:
            return max(_SOONEST_S, chat[0] + self._pace.seconds - now)
        if len(self._bot) >= self._pace.bot_each_second:
            return max(_SOONEST_S, self._bot[0] + 1 - now)
        self._bot.append(now)
        chat.append(now)
        return 0.0

    def _sweep(self, now: float) -> None:
        """Forget the chats in which nothing counts any more, once in a while."""
        if now - self._swept_at >= self._pace.seconds:
            quiet = now - self._pace.seconds
            self._chats = {
                key: times for key, times in self._chats.items() if times and times[-1] > quiet
            }
            self._swept_at = now


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
