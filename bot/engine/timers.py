"""Cases whose time has come are decided again."""

from __future__ import annotations

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.decide import TimePassed
from bot.engine import review
from bot.engine.clock import Clock
from bot.engine.escalation import happen
from bot.engine.meter import Meter
from bot.engine.signals import TIMERS, Signals
from bot.engine.work import Community, UnitOfWork
from models.database import Database

_log = structlog.get_logger()


class Timers:
    """Wakes cases. The case row is its own timer, so nothing can disagree with it."""

    def __init__(
        self,
        database: Database,
        community: Community,
        signals: Signals,
        clock: Clock,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._community = community
        self._signals = signals
        self._clock = clock
        self._meter = meter or Meter()

    async def step(self) -> None:
        """Wake one case that is due, or wait until one may be."""
        since = self._signals.look(TIMERS)
        # Looking costs nobody anything; whoever writes waits in line.
        async with self._database.reading() as session:
            work = self._work_in(session)
            due = [
                at
                for at in (await work.cases.next_wake_up(), await work.reviews.next_overdue_at())
                if at
            ]
        wait_s = (min(due) - self._clock.now()).total_seconds() if due else 1.0
        if wait_s > 0 or not await self.wake_next():
            await self._signals.wait(TIMERS, min(1.0, max(0.01, wait_s)), since)

    async def wake_next(self) -> bool:
        """Decide on the case that is longest due, or move an overdue review; whether there was."""
        async with self._database.transaction() as session:
            work = self._work_in(session)
            case = await work.cases.next_due()
            if case is not None:
                _log.info("case_woken", case=case.id)
                await happen(work, case, TimePassed())
            elif not await review.move_overdue(work):
                return False
        await self._signals.ring(*work.rings - {TIMERS})
        return True

    def _work_in(self, session: AsyncSession) -> UnitOfWork:
        return UnitOfWork(
            session,
            self._database.keyring,
            self._community,
            self._clock.now(),
            meter=self._meter,
        )
