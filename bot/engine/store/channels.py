"""Second channels and the calls that go out by them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.signals import CALLS
from models import Ambassador, Call, CallReason, CallStatus, Channel

CODE_LASTS = timedelta(minutes=15)
MOST_TRIES = 5
MOST_CHANNELS = 3


class Channels:
    """The ways beside Telegram by which volunteers can be reached."""

    def __init__(self, session: AsyncSession, now: datetime, rings: set[str]) -> None:
        self._session = session
        self._now = now
        self._rings = rings

    async def add(self, ambassador: Ambassador, url: str) -> Channel:
        """A channel that waits to be confirmed, in place of any other that does."""
        for other in await self.pending(ambassador):
            other.ended_at = self._now
        channel = Channel(
            ambassador_id=ambassador.id,
            url=url,
            code=f"{secrets.randbelow(1_000_000):06}",
            created_at=self._now,
        )
        self._session.add(channel)
        await self._session.flush()
        return channel

    async def confirm(self, ambassador: Ambassador, code: str) -> Channel | None:
        """The channel that ``code`` went through, confirmed; None for a wrong or late code.

        After `MOST_TRIES` wrong codes the channel must be set anew.
        """
        for channel in await self.pending(ambassador):
            if channel.created_at + CODE_LASTS < self._now:
                continue
            if secrets.compare_digest((channel.code or "").encode(), code.encode()):
                channel.confirmed_at, channel.code = self._now, None
                return channel
            channel.tries += 1
            if channel.tries >= MOST_TRIES:
                channel.ended_at = self._now
        return None

    async def pending(self, ambassador: Ambassador) -> Sequence[Channel]:
        """The channel that waits to be confirmed, where one does, locked."""
        query = (
            select(Channel)
            .where(
                Channel.ambassador_id == ambassador.id,
                col(Channel.confirmed_at).is_(None),
                col(Channel.ended_at).is_(None),
            )
            .with_for_update()
        )
        return (await self._session.exec(query)).all()

    async def of(self, ambassador_id: int) -> Sequence[Channel]:
        """The confirmed channels of an ambassador, oldest first."""
        query = (
            select(Channel)
            .where(
                Channel.ambassador_id == ambassador_id,
                col(Channel.confirmed_at).is_not(None),
                col(Channel.ended_at).is_(None),
            )
            .order_by(col(Channel.id))
        )
        return (await self._session.exec(query)).all()

    async def end(self, ambassador: Ambassador) -> int:
        """Forget every channel of ``ambassador``; how many were in use."""
        in_use = await self.of(ambassador.id)
        for channel in [*in_use, *await self.pending(ambassador)]:
            channel.ended_at, channel.url, channel.code = self._now, "", None
            self._session.add(channel)
        return len(in_use)

    async def call(
        self, channel: Channel, reason: CallReason, words: str, *, page_id: int | None = None
    ) -> Call:
        """Have ``words`` sent by ``channel`` once this transaction is committed."""
        call = Call(
            channel_id=channel.id,
            reason=reason,
            words=words,
            page_id=page_id,
            status=CallStatus.QUEUED,
            created_at=self._now,
            due_at=self._now,
        )
        self._session.add(call)
        self._rings.add(CALLS)
        return call

    async def was_called(self, page_id: int) -> bool:
        """Whether a call went out, or will, for this page."""
        query = select(Call.id).where(Call.page_id == page_id).limit(1)
        return (await self._session.exec(query)).first() is not None
