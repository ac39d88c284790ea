"""Cases whose time has come are decided again."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.decide import TimePassed
from bot.engine import review
from bot.engine.clock import Clock
from bot.engine.escalation import happen
from bot.engine.meter import Meter
from bot.engine.signals import TIMERS, Signals
from bot.engine.store import wakeups
from bot.engine.work import Community, UnitOfWork
from bot.faults import where
from models import CaseStatus
from models.database import Database

_AGAIN_S = (0.5, 1, 2, 5, 15)
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
        self._stumbled: dict[int, int] = {}

    async def step(self) -> None:
        """Wake one case that is due, or wait until one may be."""
        since = self._signals.look(TIMERS)
        # Looking costs nobody anything; whoever writes waits in line.
        async with self._database.reading() as session:
            at = await wakeups.next_at(session)
        wait_s = (at - self._clock.now()).total_seconds() if at else 1.0
        if wait_s > 0 or not await self.wake_next():
            await self._signals.wait(TIMERS, min(1.0, max(0.01, wait_s)), since)

    async def wake_next(self) -> bool:
        """Decide on the case that is longest due, or move an overdue review; whether there was."""
        number: int | None = None
        try:
            async with self._database.transaction() as session:
                work = self._work_in(session)
                case = await work.cases.next_due()
                if case is not None:
                    number = case.id
                    _log.info("case_woken", case=number)
                    await happen(work, case, TimePassed())
                elif not await review.move_overdue(work):
                    return False
        except Exception as error:
            if number is None:
                raise
            await self._put_off(number, error)
            return True
        if number is not None:
            self._stumbled.pop(number, None)
        await self._signals.ring(*work.rings - {TIMERS})
        return True

    async def _put_off(self, number: int, error: Exception) -> None:
        """A case that cannot be decided on waits a little, and holds up no other meanwhile.

        Where it goes on so, its rung has ended and it wakes later: the watch tells coordinators.
        """
        failures = self._stumbled.get(number, 0)
        self._stumbled[number] = failures + 1
        wait_s = _AGAIN_S[min(failures, len(_AGAIN_S) - 1)]
        _log.error(
            "case_not_decided",
            case=number,
            attempt=failures + 1,
            error=type(error).__name__,
            where=where(error),
        )
        async with self._database.transaction() as session:
            case = await self._work_in(session).cases.find(number)
            if case is not None and case.status is not CaseStatus.CLOSED:
                case.wake_at = self._clock.now() + timedelta(seconds=wait_s)

    def _work_in(self, session: AsyncSession) -> UnitOfWork:
        return UnitOfWork(
            session,
            self._database.keyring,
            self._community,
            self._clock.now(),
            meter=self._meter,
        )
