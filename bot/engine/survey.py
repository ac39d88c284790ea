"""How the whole bot stands right now, as the database and the heartbeats say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col, func

from bot.engine.clock import Clock
from bot.engine.duties import WATCH
from bot.engine.heartbeats import Heartbeats
from bot.engine.invariants import AUDIT_CHAIN, INVARIANTS
from bot.engine.watch import EVERY, OWN_ALARMS
from models import Alarm, Case, CaseStatus, Duty, Inbox, InboxStatus, Outbox, OutboxStatus
from models.database import Database


@dataclass(frozen=True, slots=True)
class Survey:
    """Ages are in seconds. ``check_age_s`` is None where nothing was ever checked."""

    inbox_age_s: float
    outbox_age_s: dict[int, float]
    cases: dict[str, int]
    alarms: dict[str, bool]
    check_age_s: float | None
    beats: dict[str, float]


async def survey(database: Database, heartbeats: Heartbeats, clock: Clock) -> Survey:
    """Look at the queues, the open cases, the alarms and the heartbeats."""
    now = clock.now()

    def age(at: datetime | None) -> float:
        return max(0.0, (now - at).total_seconds()) if at is not None else 0.0

    async with database.reading() as session:
        connection = await session.connection()
        inbox = await connection.execute(
            select(func.min(Inbox.received_at)).where(col(Inbox.status) == InboxStatus.WAITING)
        )
        outbox = await connection.execute(
            select(Outbox.priority, func.min(Outbox.created_at))  # type: ignore[call-overload]
            .where(col(Outbox.status) == OutboxStatus.WAITING)
            .group_by(col(Outbox.priority))
        )
        cases = await connection.execute(
            select(Case.status, func.count())  # type: ignore[call-overload]
            .where(col(Case.status) != CaseStatus.CLOSED)
            .group_by(col(Case.status))
        )
        raised = set((await connection.execute(select(col(Alarm.name)))).scalars().all())
        until = await connection.execute(select(col(Duty.until)).where(col(Duty.name) == WATCH))
        checked = until.scalar()
        waiting = {priority: age(at) for priority, at in outbox.all()}
        counted = {str(status): int(count) for status, count in cases.all()}
        oldest = inbox.scalar()
    names = [invariant.name for invariant in INVARIANTS] + [AUDIT_CHAIN, *OWN_ALARMS]
    return Survey(
        inbox_age_s=age(oldest),
        outbox_age_s={priority: waiting.get(priority, 0.0) for priority in (0, 1, 2)},
        cases={
            status.value: counted.get(status.value, 0)
            for status in (CaseStatus.OPEN, CaseStatus.CLAIMED)
        },
        alarms={name: name in raised for name in names},
        check_age_s=age(checked - EVERY) if checked is not None else None,
        beats={beat.process: age(beat.at) for beat in await heartbeats.alive()},
    )
