"""Keeping the rota, and finding who may be paged by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import rota
from bot.core.roster import Roster, Standing, make_roster
from models import Ambassador, Away, Case, CaseStatus, Cover, Page, Shift

_LOAD_LOOKS_BACK = timedelta(days=7)


class Rota:
    """Shifts, covers and away times."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._session = session
        self._now = now

    async def on_call(self) -> rota.OnCall:
        """Who is on call right now."""
        plan = rota.Rota(
            shifts=tuple(await self.shifts()),
            covers=tuple(await self.covers()),
            aways=tuple(await self.aways()),
        )
        return rota.on_call(plan, self._now)

    async def roster(self, ambassadors: Sequence[Ambassador]) -> Roster:
        """Whom a rung may page right now; fewest pages of the last seven days first."""
        away = rota.away_now(await self.aways(), self._now)
        held = dict(
            (
                await self._session.exec(
                    select(Case.holder_id, func.count())
                    .where(Case.status == CaseStatus.CLAIMED)
                    .group_by(col(Case.holder_id))
                )
            ).all()
        )
        paged = dict(
            (
                await self._session.exec(
                    select(Page.ambassador_id, func.count())
                    .where(col(Page.queued_at) > self._now - _LOAD_LOOKS_BACK)
                    .group_by(col(Page.ambassador_id))
                )
            ).all()
        )
        standings = [
            Standing(
                ambassador_id=one.id,
                role=one.role,
                away=one.id in away,
                full=held.get(one.id, 0) >= one.cases_at_once,
                reachable=one.unreachable_at is None,
                load=paged.get(one.id, 0),
            )
            for one in ambassadors
        ]
        return make_roster(standings, await self.on_call())

    async def shifts(self) -> Sequence[Shift]:
        """Every shift that has not ended."""
        query = (
            select(Shift)
            .where(or_(col(Shift.ended_at).is_(None), col(Shift.ended_at) > self._now))
            .order_by(col(Shift.id))
        )
        return (await self._session.exec(query)).all()

    async def shift(self, number: int) -> Shift | None:
        """The shift with this number, ended or not."""
        return await self._session.get(Shift, number)

    async def covers(self) -> Sequence[Cover]:
        """Every cover that is not over."""
        query = select(Cover).where(col(Cover.ends_at) > self._now).order_by(col(Cover.starts_at))
        return (await self._session.exec(query)).all()

    async def aways(self) -> Sequence[Away]:
        """Every away time that is not over."""
        query = select(Away).where(or_(col(Away.ends_at).is_(None), col(Away.ends_at) > self._now))
        return (await self._session.exec(query)).all()

    async def add(self, row: Shift | Cover | Away) -> None:
        """Remember ``row``."""
        self._session.add(row)
        await self._session.flush()

    async def come_back(self, ambassador_id: int) -> bool:
        """End whatever keeps this ambassador away right now; whether anything did."""
        gone = [
            away
            for away in await self.aways()
            if away.ambassador_id == ambassador_id and away.starts_at <= self._now
        ]
        for away in gone:
            away.ends_at = self._now
            self._session.add(away)
        return bool(gone)
