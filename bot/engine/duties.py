"""Duties that one process does at a time, with a token by which who was replaced is told apart.

A duty stands in the database, as everything that must not be lost does: it is kept while Redis is
away, and the token can be checked in the very transaction that it guards.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.clock import Clock
from models import Duty
from models.database import Database

POLL = "poll"
WATCH = "watch"
TERM = timedelta(seconds=5)
"""How long a duty stays with a process that says nothing more."""

RENEW_S = 1.5
_CLOCKS_DIFFER = timedelta(seconds=60)
"""How far apart the clocks of two machines may be."""
_log = structlog.get_logger()


class Replaced(Exception):
    """Another process has taken the duty over in the meantime."""


class Candidate:
    """One process's claim to a duty."""

    def __init__(
        self, database: Database, name: str, process: str, clock: Clock, term: timedelta = TERM
    ) -> None:
        self._database = database
        self._name = name
        self._process = process
        self._clock = clock
        self._term = term
        self._token: int | None = None
        self._kept_until = clock.now()

    @property
    def token(self) -> int | None:
        """The token under which this process last held the duty; None where it does not."""
        return self._token

    async def stand(self, patience: timedelta = timedelta()) -> bool:
        """Take the duty if it is free, or keep it; whether it is this process's for a term.

        With ``patience`` it is left to others for as long after it became free.
        """
        now = self._clock.now()
        if self._token is not None and self._kept_until - now > self._term / 2:
            # Nobody else may take it before then; whoever was paused longer is found by `check`.
            return True
        seen = await self.row()
        if seen is not None and not self._is_mine(seen) and self.is_taken(seen, patience):
            self._token = None
            return False
        async with self._database.transaction() as session:
            if seen is None:
                await self._make(session)
            query = select(Duty).where(Duty.name == self._name).with_for_update()
            row = (await session.exec(query)).one()
            is_mine = self._is_mine(row)
            if not is_mine and self.is_taken(row, patience):
                self._token = None
                return False
            if not is_mine:
                row.token += 1
                row.holder = self._process
            row.until = now + self._term
            session.add(row)
            token = row.token
        if token != self._token:
            _log.info("duty_taken", duty=self._name)
        self._token, self._kept_until = token, now + self._term
        return True

    def is_taken(self, row: Duty, patience: timedelta = timedelta()) -> bool:
        """Whether somebody has the duty, or had it until less than ``patience`` ago.

        Nobody has one for longer than a term: a clock that ran ahead wrote that, and was put right.
        """
        now = self._clock.now()
        return now < row.until + patience and row.until <= now + self._term + _CLOCKS_DIFFER

    async def check(self, session: AsyncSession) -> None:
        """`Replaced` unless the token is still the newest; held so until ``session`` commits."""
        query = select(Duty.token).where(Duty.name == self._name).with_for_update(read=True)
        newest = (await session.exec(query)).first()
        if self._token is None or newest != self._token:
            self._token = None
            raise Replaced(self._name)

    async def row(self) -> Duty | None:
        """Who had the duty last, and until when; None where nobody ever had."""
        async with self._database.reading() as session:
            return (await session.exec(select(Duty).where(Duty.name == self._name))).first()

    async def resign(self) -> None:
        """Let another process take the duty at once."""
        token, self._token = self._token, None
        if token is None:
            return
        # Where the database is gone, the term runs out by itself.
        with suppress(SQLAlchemyError, OSError):
            async with self._database.transaction() as session:
                connection = await session.connection()
                await connection.execute(
                    update(Duty)
                    .where(col(Duty.name) == self._name, col(Duty.token) == token)
                    .values(until=self._clock.now())
                )

    def let_go(self) -> None:
        """Hold the duty no longer, without freeing it for others before its term is over."""
        self._token = None

    def _is_mine(self, row: Duty) -> bool:
        return row.token == self._token

    async def _make(self, session: AsyncSession) -> None:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        connection = await session.connection()
        await connection.execute(
            insert(Duty)
            .values(name=self._name, holder="", token=0, until=self._clock.now() - self._term)
            .on_conflict_do_nothing(index_elements=["name"])
        )
