"""Offers among ambassadors: to take a duty, or to trade one for another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Ambassador, Offer, OfferState


class Offers:
    """What ambassadors ask of one another."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._session = session
        self._now = now

    async def make(self, row: Offer) -> Offer:
        """Keep an offer."""
        self._session.add(row)
        await self._session.flush()
        return row

    async def find(self, offer_id: int) -> Offer | None:
        """The offer with this id, locked: of two who accept at once one finds it taken."""
        query = select(Offer).where(Offer.id == offer_id).with_for_update()
        return (await self._session.exec(query)).one_or_none()

    async def open_ones(self) -> Sequence[Offer]:
        """Every offer that can still be accepted, the soonest first."""
        query = (
            select(Offer)
            .where(Offer.state == OfferState.OPEN, col(Offer.ends_at) > self._now)
            .order_by(col(Offer.starts_at))
        )
        return (await self._session.exec(query)).all()

    async def end(
        self, offer: Offer, state: OfferState, counterpart: Ambassador | None = None
    ) -> bool:
        """Accept, cancel or expire an offer; False where it is not open any more."""
        if offer.state is not OfferState.OPEN:
            return False
        if state is OfferState.ACCEPTED and offer.ends_at <= self._now:
            return False
        offer.state = state
        offer.ended_at = self._now
        if counterpart is not None:
            offer.counterpart_id = counterpart.id
        self._session.add(offer)
        return True
