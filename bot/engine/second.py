"""The second channel: calls go out beside Telegram. Each says one sentence, never anybody's words.

A call says that something waits in Telegram, or that the bot itself needs looking after. Calls
are sent at least once, under a lease, as letters are; they decide nothing.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from html import unescape

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.clock import Clock
from bot.engine.letters import Priority, Text
from bot.engine.meter import Meter
from bot.engine.ports import Caller, CallError
from bot.engine.signals import CALLS, OUTBOX, Signals
from bot.engine.work import Community, UnitOfWork
from models import Ambassador, Call, CallReason, CallStatus, Channel, Page
from models.database import Database

LEASE = timedelta(seconds=30)
"""Longer than a caller may take."""
LONGEST_CALL_S = 20.0
FIRST_TRY_S = 8.0
"""A service that is well answers sooner; one that is not gets its time later."""
AT_ONCE = 8
_BACKOFF_S = (5, 15, 60, 120)
_log = structlog.get_logger()


async def call_for_page(work: UnitOfWork, page: Page) -> bool:
    """Call the ambassador of ``page`` by every channel they have; whether there was one.

    At most once for each page, however often it is asked for.
    """
    if await work.channels.was_called(page.id):
        return False
    ambassador = await work.people.ambassador(page.ambassador_id)
    channels = await work.channels.of(ambassador.id)
    words = plain(work, "channel.call_case", ambassador)
    for channel in channels:
        await work.channels.call(channel, CallReason.CASE, words, page_id=page.id)
    return bool(channels)


async def call_coordinators(work: UnitOfWork, key: str, **values: object) -> int:
    """Call every coordinator by every channel they have; how many calls go out."""
    count = 0
    for coordinator in await work.people.coordinators():
        words = plain(work, key, coordinator, **values)
        for channel in await work.channels.of(coordinator.id):
            await work.channels.call(channel, CallReason.ALARM, words)
            count += 1
    return count


def plain(work: UnitOfWork, key: str, ambassador: Ambassador, **values: object) -> str:
    """A text as other places than Telegram show it, without markup."""
    return unescape(work.texts.say(key, ambassador.language, **values))


class Second:
    """Sends the calls that are queued."""

    def __init__(
        self,
        database: Database,
        caller: Caller,
        community: Community,
        signals: Signals,
        clock: Clock,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._caller = caller
        self._community = community
        self._signals = signals
        self._clock = clock
        self._meter = meter or Meter()
        self._calling: set[asyncio.Task[None]] = set()

    async def step(self) -> None:
        """Begin to send what is due, or wait until something may be.

        Calls go out side by side: a service that hangs must not hold up the others.
        """
        since = self._signals.look(CALLS)
        found = await self._claim() if len(self._calling) < AT_ONCE else None
        if found is None:
            await self._signals.wait(CALLS, 1.0, since)
            return
        task = asyncio.create_task(self._call_and_go_on(*found))
        self._calling.add(task)
        task.add_done_callback(self._calling.discard)

    async def finish(self) -> None:
        """Wait until every call that is being sent has been."""
        await asyncio.gather(*self._calling, return_exceptions=True)

    async def call_next(self) -> bool:
        """Send the call that is longest due; whether there was one."""
        found = await self._claim()
        if found is not None:
            await self._call(*found)
        return found is not None

    async def _call_and_go_on(self, call: Call, channel: Channel) -> None:
        try:
            await self._call(call, channel)
        except (SQLAlchemyError, OSError) as error:
            # Our own database stumbled: the lease runs out, and it is called again.
            _log.warning("call_left_for_later", error=type(error).__name__)
        self._signals.rouse(CALLS)

    async def _call(self, call: Call, channel: Channel) -> None:
        longest_s = FIRST_TRY_S if call.tries == 0 else LONGEST_CALL_S
        try:
            async with asyncio.timeout(longest_s):
                await self._caller.call(channel.url, call.words or "")
        except TimeoutError:
            await self._failed(call, "timeout")
        except CallError as error:
            await self._failed(call, str(error))
        else:
            await self._end(call, CallStatus.SENT)
        await self._signals.ring(OUTBOX)

    async def _claim(self) -> tuple[Call, Channel] | None:
        now = self._clock.now()
        query = (
            select(Call)
            .where(
                Call.status == CallStatus.QUEUED,
                col(Call.due_at) <= now,
                or_(col(Call.leased_until).is_(None), col(Call.leased_until) <= now),
            )
            .order_by(col(Call.due_at), col(Call.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction() as session:
            while (call := (await session.exec(query)).first()) is not None:
                channel = await session.get_one(Channel, call.channel_id)
                if await self._may_leave(session, call, channel):
                    call.leased_until = now + LEASE
                    session.add(call)
                    return call, channel
                self._close(session, call, CallStatus.WITHDRAWN)
                await session.flush()
            return None

    async def _may_leave(self, session: AsyncSession, call: Call, channel: Channel) -> bool:
        if channel.ended_at is not None:
            return False
        if call.page_id is None:
            return True
        page = await session.get_one(Page, call.page_id)
        return page.status.in_flight

    async def _failed(self, call: Call, error: str) -> None:
        _log.warning("call_not_sent", attempt=call.tries + 1, error=error)
        if call.tries >= len(_BACKOFF_S) or call.reason in (CallReason.CODE, CallReason.TEST):
            # Whoever tries a channel waits for the answer: it comes at once.
            await self._end(call, CallStatus.FAILED, error)
            return
        async with self._database.transaction() as session:
            ours = await self._still_ours(session, call)
            if ours is not None:
                ours.due_at = self._clock.now() + timedelta(seconds=_BACKOFF_S[ours.tries])
                ours.tries += 1
                ours.leased_until = None
                ours.error = error[:200]
                session.add(ours)

    async def _end(self, call: Call, status: CallStatus, error: str | None = None) -> None:
        async with self._database.transaction() as session:
            ours = await self._still_ours(session, call)
            if ours is None:
                return
            self._close(session, ours, status, error)
            if ours.reason is CallReason.TEST or status is CallStatus.FAILED:
                await self._tell(session, ours, status)
        _log.info("call_ended", mode=status)

    def _close(
        self, session: AsyncSession, call: Call, status: CallStatus, error: str | None = None
    ) -> None:
        call.status = status
        call.words = None
        call.leased_until = None
        call.ended_at = self._clock.now()
        call.error = error[:200] if error else None
        session.add(call)
        self._meter.call(status)

    async def _tell(self, session: AsyncSession, call: Call, status: CallStatus) -> None:
        """Whoever the channel belongs to hears in Telegram whether it works."""
        work = UnitOfWork(session, self._database.keyring, self._community, self._clock.now())
        channel = await session.get_one(Channel, call.channel_id)
        ambassador = await work.people.ambassador(channel.ambassador_id)
        key = "channel.test_sent" if status is CallStatus.SENT else "channel.not_reached"
        html = work.texts.say(key, ambassador.language)
        await work.letters.put(ambassador.chat_id, Text(html), priority=Priority.REPLY)

    async def _still_ours(self, session: AsyncSession, call: Call) -> Call | None:
        query = select(Call).where(
            Call.id == call.id,
            Call.status == CallStatus.QUEUED,
            Call.leased_until == call.leased_until,
        )
        return (await session.exec(query.with_for_update())).first()
