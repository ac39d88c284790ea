"""What one volunteer may carry, as the community has set it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import rota
from models import Ambassador, RotaLimits

_NEWEST = select(RotaLimits).order_by(col(RotaLimits.id).desc()).limit(1)


class Limits:
    """The limits that count, and those that counted before."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._session = session
        self._now = now

    async def current(self) -> rota.Limits:
        """What the community allows; the defaults where it has not said."""
        row = (await self._session.exec(_NEWEST)).first()
        if row is None:
            return rota.Limits()
        return rota.Limits(
            hours_a_day=row.hours_a_day,
            hours_a_week=row.hours_a_week,
            rest_hours=row.rest_hours,
            nights_a_month=row.nights_a_month,
            cases_at_once=row.cases_at_once,
            cooldown_minutes=row.cooldown_minutes,
            on_breach=row.on_breach,
            approve=row.approve,
        )

    async def set(self, limits: rota.Limits, by: Ambassador) -> None:
        """From now on these limits count."""
        self._session.add(RotaLimits(**asdict(limits), by_id=by.id, made_at=self._now))
        await self._session.flush()
