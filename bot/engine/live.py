"""What is shared while it lasts and missed by nobody when it is gone: Redis, or the embedded one.

Nothing here is the only copy of anything that must not be lost. When Redis is away the bot goes
on: windows are empty.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import structlog
from fakeredis import FakeAsyncRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.core.reading import Ask, Reading, Reply
from bot.engine.pause import Pause
from bot.engine.work import Words
from models import Theme, Urgency
from models.keyring import Keyring, KeyringError

_AWAY = (RedisError, OSError)
_log = structlog.get_logger()

WINDOW_LASTS = timedelta(hours=1)
WINDOW_HOLDS = 10


def connect(url: str | None) -> Redis:
    """The Redis at ``url``, or one inside this process where there is none."""
    if url is None:
        return FakeAsyncRedis()
    # One that hangs holds up every message for so long, once in a `Pause`.
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


def space_of(keyring: Keyring) -> str:
    """The part of a shared Redis that belongs to whoever holds this data key.

    A demo, or a second bot, on the same Redis neither takes this one's duties nor its places.
    """
    return keyring.lookup("space", "redis")[:12]


class Window:
    """A person's last messages with how they were read, sealed, for an hour."""

    def __init__(self, redis: Redis, keyring: Keyring) -> None:
        self._redis = redis
        self._keyring = keyring
        self._space = space_of(keyring)
        self._pause = Pause()

    async def remember(self, chat_key: str, words: Words) -> None:
        """Add a message to the window."""
        if self._pause.lasts:
            return
        item = json.dumps(_written(words), ensure_ascii=False)
        name = self._name(chat_key)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.rpush(name, self._keyring.encrypt(item, name))
                pipe.ltrim(name, -WINDOW_HOLDS, -1)
                pipe.expire(name, WINDOW_LASTS)
                await pipe.execute()
        except _AWAY as error:
            self._pause.begin()
            _log.warning("window_not_kept", error=type(error).__name__)

    async def recent(self, chat_key: str) -> Sequence[Words]:
        """The messages in the window, oldest first."""
        if self._pause.lasts:
            return ()
        name = self._name(chat_key)
        try:
            items = await self._redis.lrange(name, 0, -1)
        except _AWAY as error:
            self._pause.begin()
            _log.warning("window_not_read", error=type(error).__name__)
            return ()
        found = (self._read(item, name) for item in items)
        return tuple(words for words in found if words is not None)

    def _read(self, item: bytes | str, name: str) -> Words | None:
        """One message; None where another version wrote it in a way that is not known here."""
        try:
            return _read_back(json.loads(self._keyring.decrypt(_bytes(item), name)))
        except (KeyringError, ValueError, KeyError, TypeError) as error:
            _log.warning("window_item_not_read", error=type(error).__name__)
            return None

    async def forget(self, chat_key: str) -> None:
        """Empty the window."""
        try:
            await self._redis.delete(self._name(chat_key))
        except _AWAY as error:
            _log.warning("window_not_forgotten", error=type(error).__name__)

    def _name(self, chat_key: str) -> str:
        return f"holdfast:{self._space}:window:{chat_key}"


def _written(words: Words) -> list[Any]:
    at = words.at.isoformat() if words.at else None
    return [words.message_id, words.text, at, asdict(words.reading) if words.reading else None]


def _read_back(item: list[Any]) -> Words:
    """The words of an item; one from before readings were kept has only number and text."""
    number, text, at, reading = (*item, None, None)[:4]
    return Words(
        number,
        text,
        datetime.fromisoformat(at) if at else None,
        _reading(reading) if reading else None,
    )


def _reading(kept: dict[str, Any]) -> Reading:
    return Reading(
        urgency=Urgency(kept["urgency"]),
        theme=Theme(kept["theme"]),
        asks=Ask(kept["asks"]) if kept["asks"] else None,
        unsure=kept["unsure"],
        reasons=tuple(kept["reasons"]),
        review=kept["review"],
        language=kept["language"],
        foreign=kept["foreign"],
        guessed=kept.get("guessed", False),
        reply=Reply(kept["reply"]) if kept["reply"] else None,
    )


def _bytes(answer: bytes | str) -> bytes:
    return answer.encode() if isinstance(answer, str) else answer
