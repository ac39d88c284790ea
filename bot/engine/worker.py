"""Updates are handled: in order within a chat, side by side across chats, each exactly once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.reading import MODEL_AWAY, Reading
from bot.engine.clock import Clock
from bot.engine.escalation import alert_coordinators
from bot.engine.hearing import hear
from bot.engine.live import Window
from bot.engine.meter import Meter
from bot.engine.ports import Dispatcher, Reader
from bot.engine.signals import INBOX, Signals
from bot.engine.store import inbox
from bot.engine.store.inbox import InHand
from bot.engine.work import Community, UnitOfWork, Words
from bot.faults import where
from models import InboxStatus
from models.database import Database

LEASE = timedelta(seconds=7)
"""Longer than handling takes, and so short that a worker's death delays nobody by 10 s."""
TRIES = 3
_LONGEST_FETCH_S = 4.0
_LONGEST_S = 30.0
_BACKOFF = (timedelta(seconds=0.5), timedelta(seconds=2), timedelta(seconds=10))
_log = structlog.get_logger()


class Worker:
    """Handles what stands in the inbox, up to ``at_once`` chats side by side."""

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
        at_once: int = 4,
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._community = community
        self._window = window
        self._signals = signals
        self._clock = clock
        self._meter = meter or Meter()
        self._reader = _Timed(reader, self._meter)
        self._at_once = at_once
        self._handling: set[asyncio.Task[None]] = set()

    async def step(self) -> None:
        """Begin to handle what can be handled now, or wait until something may be."""
        since = self._signals.look(INBOX)
        room = self._at_once - len(self._handling)
        taken = await self._take(room) if room > 0 else ()
        for one in taken:
            task = asyncio.create_task(self._handle_and_go_on(one, since))
            self._handling.add(task)
            task.add_done_callback(self._handling.discard)
        if room <= 0 or len(taken) < room:
            await self._signals.wait(INBOX, 1.0, since)

    async def finish(self) -> None:
        """Wait until everything that is being handled has been."""
        await asyncio.gather(*self._handling, return_exceptions=True)

    async def handle_next(self) -> bool:
        """Handle the oldest update of a chat that nobody else handles; whether there was one."""
        taken = await self._take(1)
        for one in taken:
            await self._handle_somehow(one)
        return bool(taken)

    async def _take(self, count: int) -> Sequence[InHand]:
        now = self._clock.now()
        async with self._database.transaction() as session:
            return await inbox.take(session, now, now + LEASE, count)

    async def _handle_and_go_on(self, one: InHand, since: int) -> None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                await self._handle_somehow(one)
        except Exception as error:
            # The database is away or stuck: the lease runs out, and the update is handled then.
            _log.error("update_left_for_later", error=type(error).__name__, where=where(error))
        # What comes next in this chat is free now, and there is room again where all was taken.
        is_full = len(self._handling) >= self._at_once
        if one.followed or is_full or self._signals.look(INBOX) != since:
            self._signals.rouse(INBOX)

    async def _handle_somehow(self, one: InHand) -> None:
        try:
            if one.attempts >= TRIES:
                await self._give_up(one)
            else:
                await self._handle(one)
        except Exception as error:
            await self._put_back(one, error)

    async def _handle(self, one: InHand) -> None:
        words = self._dispatcher.words(one.update, of_volunteer=one.of_ambassador)
        reading = None
        window: tuple[Words, ...] = ()
        if words is not None or "callback_query" in one.update or "message" in one.update:
            window = tuple(await self._window.recent(one.chat_key))
        if words is not None:
            words = replace(words, at=self._clock.now())
            reading = await hear(self._reader, words, window, self._clock.now())
        file = await self._fetch(one) if one.of_ambassador else None
        async with self._database.transaction() as session:
            work = self._work(session, reading, window)
            work.file = file
            if not await inbox.cross_off(session, one, work.now):
                return
            await self._dispatcher.dispatch(one.update, work)
        # Before anybody is woken: what this person sent next is read in the light of this.
        if words is not None and reading is not None and work.for_themselves:
            await self._window.remember(one.chat_key, replace(words, reading=reading))
        await self._signals.ring(*work.rings)
        self._meter.update_handled()
        _log.info("update_handled", update=one.update_id)

    async def _fetch(self, one: InHand) -> bytes | None:
        """What a volunteer sent to be read. Without it whatever else they meant goes on."""
        try:
            async with asyncio.timeout(_LONGEST_FETCH_S):
                return await self._dispatcher.fetch(one.update)
        except Exception as error:
            _log.warning("file_not_fetched", error=type(error).__name__, where=where(error))
            return None

    async def _give_up(self, one: InHand) -> None:
        """Failing means paging: whoever wrote still gets numbers and a page, and it is told."""
        words = self._dispatcher.words(one.update, of_volunteer=one.of_ambassador)
        reading = await self._reader.read(words.text) if words is not None else None
        async with self._database.transaction() as session:
            work = self._work(session, reading, ())
            if not await inbox.cross_off(session, one, work.now, InboxStatus.FAILED):
                return
            await self._dispatcher.rescue(one.update, work)
            await alert_coordinators(work, "alert.failed_update", error=one.error or "")
        await self._signals.ring(*work.rings)
        self._meter.update_failed()
        _log.error("update_failed", update=one.update_id, error=one.error)

    async def _put_back(self, one: InHand, error: Exception) -> None:
        _log.warning(
            "update_not_handled",
            update=one.update_id,
            attempt=one.attempts + 1,
            error=type(error).__name__,
            where=where(error),
        )
        due_at = self._clock.now() + _BACKOFF[min(one.attempts, len(_BACKOFF) - 1)]
        async with self._database.transaction() as session:
            why = f"{type(error).__name__} at {where(error)}"
            await inbox.put_back(session, one, due_at, why)

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
