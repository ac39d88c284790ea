"""Updates are handled: in order within a chat, side by side across chats, each exactly once."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from sqlalchemy import bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.core.reading import MODEL_AWAY, Reading
from bot.engine.clock import Clock
from bot.engine.escalation import alert_coordinators
from bot.engine.hearing import hear
from bot.engine.ingest import chat_of
from bot.engine.live import Window
from bot.engine.meter import Meter
from bot.engine.ports import Dispatcher, Reader
from bot.engine.signals import CALLS, INBOX, OUTBOX, TIMERS, Signals
from bot.engine.work import Community, UnitOfWork, Words
from bot.faults import where
from models import Inbox, InboxStatus
from models.database import Database
from models.types import UtcDateTime

LEASE = timedelta(seconds=7)
"""Longer than handling takes, and so short that a worker's death delays nobody by 10 s."""
TRIES = 3
_BACKOFF = (timedelta(seconds=0.5), timedelta(seconds=2), timedelta(seconds=10))
_log = structlog.get_logger()


@cache
def _next_update() -> SelectOfScalar[Inbox]:
    """The oldest update that is due and free, of a chat with none before it. Built once."""
    now = bindparam("now", type_=UtcDateTime())
    earlier = aliased(Inbox)
    return (
        select(Inbox)
        .where(
            Inbox.status == InboxStatus.WAITING,
            col(Inbox.due_at) <= now,
            or_(col(Inbox.leased_until).is_(None), col(Inbox.leased_until) <= now),
            ~exists().where(
                col(earlier.chat_key) == Inbox.chat_key,
                col(earlier.status) == InboxStatus.WAITING,
                col(earlier.id) < Inbox.id,
            ),
        )
        # By the sum and not by the column, or SQLite walks through every update there ever was.
        .order_by(col(Inbox.id) + 0)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


class Worker:
    """Handles what stands in the inbox. Several may work at once, in one process or many."""

    def __init__(
        self,
        database: Database,
        dispatcher: Dispatcher,
        reader: Reader,
        community: Community,
        window: Window,
        signals: Signals,
        clock: Clock,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._community = community
        self._window = window
        self._signals = signals
        self._clock = clock
        self._meter = meter or Meter()
        self._reader = _Timed(reader, self._meter)

    async def step(self) -> None:
        """Handle one update, or wait until there may be one."""
        since = self._signals.look(INBOX)
        if not await self.handle_next():
            await self._signals.wait(INBOX, 1.0, since)

    async def handle_next(self) -> bool:
        """Handle the oldest update of a chat that nobody else handles; whether there was one."""
        claimed = await self._claim()
        if claimed is None:
            return False
        update: dict[str, Any] = json.loads(claimed.update or "{}")
        try:
            if claimed.attempts >= TRIES:
                await self._give_up(claimed, update)
            else:
                await self._handle(claimed, update)
        except Exception as error:
            await self._put_back(claimed, error)
        # Nobody is woken for the inbox: what is next in this chat, this worker takes itself.
        await self._signals.ring(OUTBOX, TIMERS, CALLS)
        return True

    async def _claim(self) -> Inbox | None:
        now = self._clock.now()
        async with self._database.transaction() as session:
            row = (await session.exec(_next_update(), params={"now": now})).first()
            if row is not None:
                row.leased_until = now + LEASE
                session.add(row)
            return row

    async def _handle(self, claimed: Inbox, update: dict[str, Any]) -> None:
        words = self._dispatcher.words(update)
        reading = None
        window: tuple[Words, ...] = ()
        reads = words is not None and not await self._is_ambassador(update)
        if reads or "callback_query" in update or "message" in update:
            window = tuple(await self._window.recent(claimed.chat_key))
        if reads and words is not None:
            words = replace(words, at=self._clock.now())
            reading = await hear(self._reader, words, window, self._clock.now())
        async with self._database.transaction() as session:
            row = await self._still_ours(session, claimed)
            if row is None:
                return
            work = self._work(session, reading, window)
            await self._dispatcher.dispatch(update, work)
            self._finish(session, row, work.now)
        if words is not None and reading is not None:
            await self._window.remember(claimed.chat_key, replace(words, reading=reading))
        self._meter.update_handled()
        _log.info("update_handled", update=claimed.update_id)

    async def _give_up(self, claimed: Inbox, update: dict[str, Any]) -> None:
        """Failing means paging: whoever wrote still gets numbers and a page, and it is told."""
        words = self._dispatcher.words(update)
        reading = await self._reader.read(words.text) if words is not None else None
        async with self._database.transaction() as session:
            row = await self._still_ours(session, claimed)
            if row is None:
                return
            work = self._work(session, reading, ())
            await self._dispatcher.rescue(update, work)
            await alert_coordinators(work, "alert.failed_update", error=row.error or "")
            row.status = InboxStatus.FAILED
            row.leased_until = None
            row.handled_at = work.now
            session.add(row)
        self._meter.update_failed()
        _log.error("update_failed", update=claimed.update_id, error=claimed.error)

    async def _put_back(self, claimed: Inbox, error: Exception) -> None:
        _log.warning(
            "update_not_handled",
            update=claimed.update_id,
            attempt=claimed.attempts + 1,
            error=type(error).__name__,
            where=where(error),
        )
        async with self._database.transaction() as session:
            row = await self._still_ours(session, claimed)
            if row is not None:
                row.due_at = self._clock.now() + _BACKOFF[min(row.attempts, len(_BACKOFF) - 1)]
                row.attempts += 1
                row.leased_until = None
                row.error = f"{type(error).__name__} at {where(error)}"[:200]
                session.add(row)

    async def _is_ambassador(self, update: dict[str, Any]) -> bool:
        async with self._database.reading() as session:
            work = self._work(session, None, ())
            return await work.people.ambassador_in(chat_of(update)) is not None

    async def _still_ours(self, session: AsyncSession, claimed: Inbox) -> Inbox | None:
        """The claimed row, locked, unless the lease ran out and somebody else took it."""
        query = select(Inbox).where(
            Inbox.id == claimed.id,
            Inbox.status == InboxStatus.WAITING,
            Inbox.leased_until == claimed.leased_until,
        )
        return (await session.exec(query.with_for_update())).first()

    def _work(
        self, session: AsyncSession, reading: Reading | None, window: tuple[Words, ...]
    ) -> UnitOfWork:
        return UnitOfWork(
            session,
            self._database.keyring,
            self._community,
            self._clock.now(),
            reading=reading,
            window=window,
            meter=self._meter,
        )

    @staticmethod
    def _finish(session: AsyncSession, row: Inbox, now: datetime) -> None:
        row.status = InboxStatus.HANDLED
        row.update = None
        row.leased_until = None
        row.handled_at = now
        session.add(row)


class _Timed:
    """A reader whose every reading is measured."""

    def __init__(self, reader: Reader, meter: Meter) -> None:
        self._reader = reader
        self._meter = meter

    async def read(self, text: str) -> Reading:
        began = time.perf_counter()
        reading = await self._reader.read(text)
        self._meter.read(time.perf_counter() - began, without_model=MODEL_AWAY in reading.reasons)
        return reading
