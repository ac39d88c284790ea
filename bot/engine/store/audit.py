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


async def first_broken_entry(session: AsyncSession) -> int | None:
    """The id of the first entry whose seal does not hold, or None where all do."""
    previous = GENESIS
    for entry in (await session.exec(select(Audit).order_by(col(Audit.id)))).all():
        if entry.previous != previous or entry.seal != entry.expected_seal():
            return entry.id
        previous = entry.seal
    return None
