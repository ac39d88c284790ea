"""Letters go out: pages first, in order within a chat, at least once each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import structlog
from sqlalchemy import Integer, bindparam, exists, func
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.engine import second, undelivered
from bot.engine.clock import Clock
from bot.engine.letters import (
    Copy,
    Letter,
    NoButtons,
    Photo,
    Picture,
    Priority,
    Text,
    UnknownLetter,
    read_letter,
)
from bot.engine.live import Rates
from bot.engine.meter import Meter
from bot.engine.ports import (
    Carrier,
    ChatGone,
    DeliveryError,
    NotOurs,
    Rejected,
    Stale,
    TooMany,
    Unavailable,
)
from bot.engine.signals import CALLS, OUTBOX, TIMERS, Signals
from bot.engine.work import Community, UnitOfWork
from models import Case, CaseStatus, Outbox, OutboxStatus, Page, PageStatus
from models.database import Database
from models.types import UtcDateTime

LEASE = timedelta(seconds=8)
"""Longer than a request may take, so that a letter on its way is not sent a second time; short
enough that one whose courier died leaves in time all the same."""
LONGEST_SEND_S = 6.0
AT_ONCE = 16
_BACKOFF_S = (0.5, 1, 2, 4, 8, 15, 30)
_FOR_OTHERS = timedelta(seconds=5)
_PAGE_WAITS_S = 10.0
"""A page that Telegram wants later than this goes by the second channel as well."""
_TRIES_BEFORE_CALL = 2
"""So often a page may fail before: one time-out is no outage."""
_log = structlog.get_logger()


@cache
def _next_letters() -> SelectOfScalar[Outbox]:
    """The first letter of each chat that is due and free, pressing chats first. Built once."""
    now = bindparam("now", type_=UtcDateTime())
    earlier, other = aliased(Outbox), aliased(Outbox)
    pressing = (
        select(func.min(other.priority))
        .where(
            col(other.chat_key) == Outbox.chat_key,
            other.status == OutboxStatus.WAITING,
            # Says nothing new of the first of its chat, but leads SQLite to the waiting ones
            # instead of through every letter the chat ever got.
            col(other.id) >= Outbox.id,
        )
        .scalar_subquery()
    )
    return (
        select(Outbox)
        .where(
            Outbox.status == OutboxStatus.WAITING,
            col(Outbox.due_at) <= now,
            or_(col(Outbox.leased_until).is_(None), col(Outbox.leased_until) <= now),
            ~exists().where(
                col(earlier.chat_key) == Outbox.chat_key,
                col(earlier.status) == OutboxStatus.WAITING,
                col(earlier.id) < Outbox.id,
            ),
        )
        .order_by(pressing, col(Outbox.id))
        .limit(bindparam("count", type_=Integer()))
        .with_for_update(skip_locked=True, of=Outbox)
    )


class Courier:
    """Sends what stands in the outbox and writes down what became of it. It decides nothing."""

    def __init__(
        self,
        database: Database,
        carrier: Carrier,
        community: Community,
        rates: Rates,
        signals: Signals,
        clock: Clock,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._carrier = carrier
        self._community = community
        self._rates = rates
        self._signals = signals
        self._clock = clock
        self._meter = meter or Meter()
        self._sending: set[asyncio.Task[None]] = set()
        self._paused_until: datetime | None = None
        self._last_refused: dict[str, datetime] = {}

    async def step(self) -> None:
        """Start sending what can be sent now, or wait until something may be."""
        since = self._signals.look(OUTBOX)
        room = AT_ONCE - len(self._sending)
        letters = await self._claim(room) if room > 0 and not self._is_paused() else []
        for letter in letters:
            task = asyncio.create_task(self._send(letter))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if not letters:
            await self._signals.wait(OUTBOX, 0.5, since)

    async def finish(self) -> None:
        """Wait until everything that is being sent has been."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def send_next(self) -> bool:
        """Send the most pressing letter; whether there was one."""
        letters = await self._claim(1)
        for letter in letters:
            await self._send(letter)
        return bool(letters)

    def _is_paused(self) -> bool:
        return self._paused_until is not None and self._clock.now() < self._paused_until

    async def _claim(self, count: int) -> Sequence[Outbox]:
        """The first letter of each of up to ``count`` chats, those with pages before others."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            found = await session.exec(_next_letters(), params={"now": now, "count": count})
            rows = found.all()
            for row in rows:
                row.leased_until = now + LEASE
                session.add(row)
            return rows

    async def _send(self, row: Outbox) -> None:
        try:
            if not await self._may_leave(row):
                return
            message_id = await self._target(row)
            letter = read_letter(row.letter or "")
            if isinstance(letter, Text | Photo | Picture | Copy):
                await self._rates.wait(row.chat_key)
            if not await self._has_time(row):
                return
            sent = await self._deliver(row, letter, message_id)
        except DeliveryError as error:
            await self._failed(row, error)
        except UnknownLetter:
            await self._later(row, self._clock.now() + _FOR_OTHERS, count=False)
        except (SQLAlchemyError, OSError) as error:
            # Our own database stumbled, not the letter: its lease runs out and it is sent again.
            _log.warning("letter_left_for_later", letter=row.id, error=type(error).__name__)
        except Exception as error:
            _log.error("letter_broken", letter=row.id, error=type(error).__name__)
            await self._failed(row, Rejected(type(error).__name__))
        else:
            await self._arrived(row, letter, sent)
        await self._signals.ring(OUTBOX)

    async def _deliver(self, row: Outbox, letter: Letter, message_id: int | None) -> int | None:
        try:
            async with asyncio.timeout(LONGEST_SEND_S):
                return await self._carrier.deliver(row.chat_id, letter, message_id)
        except TimeoutError as error:
            raise Unavailable("timeout") from error

    async def _has_time(self, row: Outbox) -> bool:
        """Whether the lease lasts as long as sending may take, taken anew where it does not.

        Waiting for its turn can use up a letter's lease; by then another may have taken it.
        """
        now = self._clock.now()
        if row.leased_until and row.leased_until - now > timedelta(seconds=LONGEST_SEND_S):
            return True
        async with self._database.transaction() as session:
            ours = await self._still_ours(session, row)
            if ours is None:
                return False
            ours.leased_until = now + LEASE
            session.add(ours)
        row.leased_until = ours.leased_until
        return True

    async def _may_leave(self, row: Outbox) -> bool:
        """A page that needs no answer any more is not sent, though its letter was queued."""
        if row.page_id is None:
            return True
        async with self._database.transaction() as session:
            page = await session.get_one(Page, row.page_id)
            if page.status.in_flight:
                return True
            ours = await self._still_ours(session, row)
            if ours is not None:
                self._end(session, ours, OutboxStatus.WITHDRAWN)
        await self._signals.ring(OUTBOX)
        return False

    async def _target(self, row: Outbox) -> int | None:
        if row.changes is None:
            return None
        async with self._database.reading() as session:
            earlier = await session.get_one(Outbox, row.changes)
        if earlier.message_id is None:
            raise Stale("the message to change was never sent")
        return earlier.message_id

    async def _arrived(self, row: Outbox, letter: Letter, message_id: int | None) -> None:
        async with self._database.transaction() as session:
            await _lock_case(session, row)
            kept = await session.get_one(Outbox, row.id, with_for_update=True)
            if kept.status is not OutboxStatus.WAITING:
                # Our lease ran out while we were sending, and another was quicker.
                if message_id is not None and isinstance(letter, Text) and letter.buttons:
                    await self._disarm_copy(session, row, message_id)
                return
            self._end(session, kept, OutboxStatus.SENT, message_id=message_id)
            self._meter.letter_sent(row.priority)
            if row.page_id is None:
                _log.info("letter_sent", letter=row.id, case=row.case_id)
                return
            page = await session.get_one(Page, row.page_id, with_for_update=True)
            page.sent_at = self._clock.now()
            if page.status is PageStatus.QUEUED:
                page.status = PageStatus.SENT
            session.add(page)
            self._meter.page(PageStatus.SENT)
            _log.info("page_sent", page=page.id, case=page.case_id, ambassador=page.ambassador_id)

    async def _disarm_copy(self, session: AsyncSession, row: Outbox, message_id: int) -> None:
        """A letter arrived twice: its second message keeps its words, but no buttons."""
        work = self._work(session)
        copy = await work.letters.note_copy(row, message_id)
        await work.letters.change(copy, NoButtons(), priority=Priority.PAGE)
        _log.info("letter_arrived_twice", letter=row.id, case=row.case_id)

    async def _failed(self, row: Outbox, error: DeliveryError) -> None:
        _log.warning(
            "letter_not_sent",
            letter=row.id,
            case=row.case_id,
            page=row.page_id,
            attempt=row.attempts + 1,
            error=type(error).__name__,
        )
        self._meter.letter_not_sent(type(error).__name__)
        now = self._clock.now()
        match error:
            case TooMany():
                await self._later(row, now + timedelta(seconds=error.retry_after), count=False)
                self._note_refusal(row.chat_key, now + timedelta(seconds=error.retry_after))
                if error.retry_after > _PAGE_WAITS_S:
                    await self._call_instead(row)
            case Unavailable() | NotOurs():
                wait_s = _BACKOFF_S[min(row.attempts, len(_BACKOFF_S) - 1)]
                await self._later(row, now + timedelta(seconds=wait_s), count=True)
                if row.attempts >= _TRIES_BEFORE_CALL:
                    await self._call_instead(row)
            case _:
                await self._lost(row, error)

    async def _call_instead(self, row: Outbox) -> None:
        """A page that Telegram does not take now: its ambassador is called another way, once."""
        if row.page_id is None:
            return
        async with self._database.transaction() as session:
            page = await session.get_one(Page, row.page_id)
            called = page.status.in_flight and await second.call_for_page(self._work(session), page)
        if called:
            await self._signals.ring(CALLS)

    def _note_refusal(self, chat_key: str, until: datetime) -> None:
        """A 429 pauses its chat; when it hits several chats at once it means the whole bot."""
        now = self._clock.now()
        self._last_refused = {
            key: end for key, end in self._last_refused.items() if end > now and key != chat_key
        }
        if len(self._last_refused) >= 2:
            self._paused_until = until
        self._last_refused[chat_key] = until

    async def _later(self, row: Outbox, due_at: datetime, *, count: bool) -> None:
        async with self._database.transaction() as session:
            ours = await self._still_ours(session, row)
            if ours is not None:
                ours.due_at = due_at
                ours.leased_until = None
                ours.attempts += count
                session.add(ours)

    async def _lost(self, row: Outbox, error: DeliveryError) -> None:
        """The letter will never arrive: whoever must know is told, and its case looks again."""
        async with self._database.transaction() as session:
            work = self._work(session)
            case = await _lock_case(session, row)
            ours = await self._still_ours(session, row)
            if ours is None:
                return
            self._end(session, ours, OutboxStatus.FAILED, error=type(error).__name__)
            if row.page_id is not None:
                page = await session.get_one(Page, row.page_id, with_for_update=True)
                if page.status.in_flight:
                    page.status = PageStatus.FAILED
                    page.ended_at = work.now
                    session.add(page)
                    self._meter.page(PageStatus.FAILED)
                    _wake(session, case, work.now)
            if isinstance(error, ChatGone):
                await undelivered.chat_gone(work, row, case)
            elif isinstance(error, Rejected):
                await undelivered.rejected(work, row)
        await self._signals.ring(TIMERS)

    def _end(
        self,
        session: AsyncSession,
        ours: Outbox,
        status: OutboxStatus,
        *,
        message_id: int | None = None,
        error: str | None = None,
    ) -> None:
        ours.status = status
        ours.letter = None
        ours.leased_until = None
        ours.message_id = message_id
        ours.error = error
        ours.sent_at = self._clock.now() if status is OutboxStatus.SENT else None
        session.add(ours)

    def _work(self, session: AsyncSession) -> UnitOfWork:
        return UnitOfWork(
            session,
            self._database.keyring,
            self._community,
            self._clock.now(),
            meter=self._meter,
        )

    async def _still_ours(self, session: AsyncSession, row: Outbox) -> Outbox | None:
        query = select(Outbox).where(
            Outbox.id == row.id,
            Outbox.status == OutboxStatus.WAITING,
            Outbox.leased_until == row.leased_until,
        )
        return (await session.exec(query.with_for_update())).first()


async def _lock_case(session: AsyncSession, row: Outbox) -> Case | None:
    """The letter's case, locked before anything else, as everybody does who changes a case."""
    if row.case_id is None:
        return None
    return await session.get(Case, row.case_id, with_for_update=True)


def _wake(session: AsyncSession, case: Case | None, now: datetime) -> None:
    if case is not None and case.status is not CaseStatus.CLOSED:
        case.wake_at = now
        session.add(case)
