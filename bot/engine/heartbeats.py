"""Each process says that it lives, and whether its loops move: in Redis, or else on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from bot.engine.clock import Clock
from models import Heartbeat
from models.database import Database

BEAT_S = 5.0
FORGOTTEN_AFTER = timedelta(seconds=20)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process said last.

    ``polls``: it asks Telegram. ``moves``: no loop stands still. ``contested``: Telegram gives
    its updates to another program; this is passed on by Redis only.
    """

    process: str
    at: datetime
    polls: bool
    moves: bool
    contested: bool = False


class Heartbeats:
    """The heartbeats of all processes of one bot."""

    def __init__(self, redis: Redis, space: str, database: Database, clock: Clock) -> None:
        self._redis = redis
        self._name = f"holdfast:{space}:beats"
        self._database = database
        self._clock = clock

    async def beat(
        self, process: str, *, polls: bool, moves: bool, contested: bool = False
    ) -> None:
        """Say that ``process`` lives now."""
        beat = Beat(process, self._clock.now(), polls, moves, contested)
        try:
            # The fourth stands there only when it must: versions before it read three.
            value = json.dumps([beat.at.isoformat(), polls, moves, *([True] * contested)])
            await self._redis.hset(self._name, process, value)
        except (RedisError, OSError) as error:
            _log.warning("heartbeat_without_redis", error=type(error).__name__)
            await self._write(beat)

    async def alive(self) -> Sequence[Beat]:
        """Every process that spoke of late, by name."""
        now = self._clock.now()
        found: dict[str, Beat] = {}
        for beat in [*await self._in_redis(), *await self._in_database()]:
            known = found.get(beat.process)
            if known is None or known.at < beat.at:
                found[beat.process] = beat
        return sorted(
            (beat for beat in found.values() if now - beat.at <= FORGOTTEN_AFTER),
            key=lambda beat: beat.process,
        )

    async def end(self, process: str) -> None:
        """``process`` ends as it should and is not missed."""
        try:
            await self._redis.hdel(self._name, process)
        except (RedisError, OSError):
            return

    async def _in_redis(self) -> list[Beat]:
        try:
            items = await self._redis.hgetall(self._name)
        except (RedisError, OSError) as error:
            _log.warning("heartbeats_not_read", error=type(error).__name__)
            return []
        beats = []
        for name, value in items.items():
            at, polls, moves, *contested = json.loads(value)
            process = name.decode() if isinstance(name, bytes) else name
            beats.append(Beat(process, datetime.fromisoformat(at), polls, moves, bool(contested)))
        long_gone = [
            beat.process for beat in beats if self._clock.now() - beat.at > FORGOTTEN_AFTER * 10
        ]
        for process in long_gone:
            await self.end(process)
        return beats

    async def _in_database(self) -> list[Beat]:
        since = self._clock.now() - FORGOTTEN_AFTER
        async with self._database.reading() as session:
            rows = await session.exec(select(Heartbeat).where(col(Heartbeat.beat_at) >= since))
            return [Beat(row.process, row.beat_at, row.polls, row.moves) for row in rows.all()]

    async def _write(self, beat: Beat) -> None:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        values = {"beat_at": beat.at, "polls": beat.polls, "moves": beat.moves}
        statement = insert(Heartbeat).values(process=beat.process, **values)
        async with self._database.transaction() as session:
            connection = await session.connection()
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["process"], set_=values)
            )
