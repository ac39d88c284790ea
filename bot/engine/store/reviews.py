"""Finding and keeping items of the review list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Person, Review, ReviewStatus

_WAITING = (ReviewStatus.OPEN, ReviewStatus.OVERDUE)


# What every message asks is put together once: that takes longer than asking.
_OF_PERSON = (
    select(Review)
    .where(Review.person_id == bindparam("person"), col(Review.status).in_(_WAITING))
    .with_for_update()
)


class Reviews:
    """What humans have been asked to look at."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._session = session
        self._now = now

    async def add(self, item: Review) -> Review:
        """Keep a new item."""
        self._session.add(item)
        await self._session.flush()
        return item

    async def find(self, number: int) -> Review | None:
        """The item with this number, locked: of two who decide the first is heard."""
        query = select(Review).where(Review.id == number).with_for_update()
        return (await self._session.exec(query)).one_or_none()

    async def of_person(self, person: Person) -> Review | None:
        """The item of ``person`` that nobody has decided, locked."""
        return (await self._session.exec(_OF_PERSON, params={"person": person.id})).one_or_none()

    async def waiting(self) -> Sequence[Review]:
        """Every item that nobody has decided, oldest first."""
        query = select(Review).where(col(Review.status).in_(_WAITING)).order_by(col(Review.id))
        return (await self._session.exec(query)).all()

    async def next_overdue(self) -> Review | None:
        """An item that has waited too long for the ambassadors, locked."""
        query = (
            select(Review)
            .where(Review.status == ReviewStatus.OPEN, col(Review.overdue_at) <= self._now)
            .order_by(col(Review.overdue_at))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.exec(query)).first()
