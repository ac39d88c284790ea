"""Letting go of what a process that died had taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from models import Duty, Inbox, Outbox
from models.database import Database


async def release_leases(database: Database, now: datetime) -> None:
    """Free every update, letter and duty. Only for a process that is known to be the only one.

    Its predecessor's work goes on at once, instead of when the leases run out.
    """
    async with database.transaction() as session:
        connection = await session.connection()
        for table in (Inbox, Outbox):
            taken = col(table.leased_until).is_not(None)
            await connection.execute(update(table).where(taken).values(leased_until=None))
        await connection.execute(update(Duty).values(until=now))
