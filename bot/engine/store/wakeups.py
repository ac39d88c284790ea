"""When time itself has something to decide next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Case, CaseStatus, Review, ReviewStatus

_NEXT = select(
    select(col(Case.wake_at))
    .where(col(Case.wake_at).is_not(None), col(Case.status) != CaseStatus.CLOSED)
    .order_by(col(Case.wake_at))
    .limit(1)
    .scalar_subquery(),
    select(col(Review.overdue_at))
    .where(col(Review.status) == ReviewStatus.OPEN)
    .order_by(col(Review.overdue_at))
    .limit(1)
    .scalar_subquery(),
)


async def next_at(session: AsyncSession) -> datetime | None:
    """When the next case is to be woken, or the next review will have waited too long."""
    connection = await session.connection()
    found = (await connection.execute(_NEXT)).one()
    return min((at for at in found if at), default=None)
