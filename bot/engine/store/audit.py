"""The record of what volunteers did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import GENESIS, Ambassador, Audit

_CHAIN_LOCK = 0x43484149  # any fixed number will do: "CHAI" in ASCII


class AuditTrail:
    """Writes entries, each sealed to the one before."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._session = session
        self._now = now

    async def record(
        self,
        act: str,
        *,
        by: Ambassador | str,
        subject: str | None = None,
        **details: str | int | bool | None,
    ) -> None:
        """Remember that ``by`` did ``act``. ``details`` never hold a person's words."""
        if self._session.get_bind().dialect.name == "postgresql":
            # Two at once would seal to the same entry; SQLite has one writer anyway.
            connection = await self._session.connection()
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _CHAIN_LOCK}
            )
        last = (
            await self._session.exec(select(Audit.seal).order_by(col(Audit.id).desc()).limit(1))
        ).first()
        entry = Audit(
            at=self._now,
            actor=by if isinstance(by, str) else f"ambassador:{by.id}",
            act=act,
            subject=subject,
            details=dict(details),
            previous=last or GENESIS,
            seal="",
        )
        entry.seal = entry.expected_seal()
        self._session.add(entry)
        await self._session.flush()


async def first_broken_entry(session: AsyncSession, after: int = 0) -> int | None:
    """The id of the first entry whose seal does not hold, or None where all do.

    Entries up to the one with the id ``after`` are taken to be well.
    """
    previous = GENESIS
    if after:
        kept = (await session.exec(select(Audit.seal).where(Audit.id == after))).first()
        if kept is None:
            return after
        previous = kept
    query = select(Audit).where(col(Audit.id) > after).order_by(col(Audit.id))
    for entry in (await session.exec(query)).all():
        if entry.previous != previous or entry.seal != entry.expected_seal():
            return entry.id
        previous = entry.seal
    return None


async def last_entry(session: AsyncSession) -> int:
    """The id of the newest entry; 0 where there is none."""
    query = select(Audit.id).order_by(col(Audit.id).desc()).limit(1)
    return (await session.exec(query)).first() or 0


async def entry_before(session: AsyncSession, entry_id: int) -> int:
    """The id of the newest entry up to ``entry_id``; 0 where there is none."""
    query = select(Audit.id).where(col(Audit.id) <= entry_id).order_by(col(Audit.id).desc())
    return (await session.exec(query.limit(1))).first() or 0
