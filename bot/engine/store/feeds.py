"""Calendar addresses: secret, one at a time, taken back by their owner."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Ambassador, Feed
from models.keyring import Keyring


class Feeds:
    """Who reads which calendar by an address. The addresses themselves are not kept."""

    def __init__(self, session: AsyncSession, keyring: Keyring, now: datetime) -> None:
        self._session = session
        self._keyring = keyring
        self._now = now

    async def make(self, ambassador: Ambassador | None) -> str:
        """A new secret for a calendar address, of one ambassador or of the team.

        The earlier one stops working: an address that was lost is replaced, not added to.
        """
        await self.revoke(ambassador)
        token = secrets.token_urlsafe(24)
        self._session.add(
            Feed(
                token_key=self._keyring.lookup("feed", token),
                ambassador_id=ambassador.id if ambassador else None,
                made_at=self._now,
            )
        )
        await self._session.flush()
        return token

    async def revoke(self, ambassador: Ambassador | None) -> bool:
        """Nobody reads this calendar by its address any more; whether anybody could."""
        whose = (
            col(Feed.ambassador_id) == ambassador.id
            if ambassador
            else col(Feed.ambassador_id).is_(None)
        )
        query = select(Feed).where(whose, col(Feed.revoked_at).is_(None))
        rows = (await self._session.exec(query)).all()
        for row in rows:
            row.revoked_at = self._now
            self._session.add(row)
        return bool(rows)

    async def read_by(self, token: str) -> Feed | None:
        """The calendar with this secret; None for one that is unknown or revoked."""
        query = select(Feed).where(
            Feed.token_key == self._keyring.lookup("feed", token), col(Feed.revoked_at).is_(None)
        )
        return (await self._session.exec(query)).one_or_none()
