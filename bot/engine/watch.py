"""Holdfast looks after itself: the promises, Telegram, the model and its own loops, every minute.

Where there are several processes they take turns, and the one that polls stands back: a mistake
is better seen by a process that did not make it. Whoever stands back still comes forward when
nobody else does, so that the check can never be switched off by a death.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import col, func, select

from bot.core.reading import MODEL_AWAY
from bot.engine import escalation, second
from bot.engine.clock import Clock
from bot.engine.duties import Candidate
from bot.engine.heartbeats import Beat, Heartbeats
from bot.engine.invariants import AUDIT_CHAIN, breaches
from bot.engine.loops import Loops
from bot.engine.ports import Beacon, CallError, Reader
from bot.engine.reach import Reach
from bot.engine.signals import CALLS, OUTBOX, Signals
from bot.engine.store.audit import entry_before, last_entry
from bot.engine.work import Community, UnitOfWork
from models import Alarm, Inbox
from models.database import Database

EVERY = timedelta(seconds=60)
AGAIN = timedelta(hours=1)
"""An alarm that lasts is told again so often."""
WELL_AFTER = timedelta(seconds=45)
"""Two checks in a row must find it well: another process may see what this one does not."""
SECOND_LOOK_S = 5.0
STUCK = timedelta(seconds=60)
_STANDS_BACK = timedelta(seconds=6)
_POLLER_STANDS_BACK = timedelta(seconds=9)
_AUDIT_AT_FIRST = 1000
_PROBE = "hello"
"""A word of nobody, for the model to read."""

TELEGRAM = "telegram"
UPDATES = "updates"
CONTESTED = "contested"
QUIET = "quiet"
MODEL = "model"
STANDING = "standing"
OWN_ALARMS = (TELEGRAM, UPDATES, CONTESTED, QUIET, MODEL, STANDING)
"""What can be wrong beside the promises of `bot.engine.invariants`."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long Telegram may be out of reach, how long nothing at all may come in, and how long the
    model may read nothing."""

    telegram: timedelta = timedelta(seconds=120)
    quiet: timedelta = timedelta(hours=24)
    model: timedelta = timedelta(seconds=120)


def is_contest(since: datetime | None, now: datetime) -> bool:
    """Whether another program takes the updates: two of our own do so in turn for a moment."""
    return since is not None and now - since > STUCK


class Watch:
    """One process's part in the watching."""

    def __init__(
        self,
        database: Database,
        community: Community,
        duty: Candidate,
        heartbeats: Heartbeats,
        reach: Reach,
        loops: Loops,
        signals: Signals,
        clock: Clock,
        *,
        process: str = "",
        reader: Reader | None = None,
        beacon: Beacon | None = None,
        patience: Patience | None = None,
        second_look_s: float = SECOND_LOOK_S,
    ) -> None:
        self._database = database
        self._community = community
        self._duty = duty
        self._heartbeats = heartbeats
        self._reach = reach
        self._loops = loops
        self._signals = signals
        self._clock = clock
        self._process = process
        self._reader = reader
        self._model_read_at = clock.now()
        self._beacon = beacon
        self._patience = patience or Patience()
        self._second_look_s = second_look_s
        self._audit_from: int | None = None

    async def step(self) -> None:
        """Check where it is this process's turn."""
        if await self.has_turn():
            await self.check()

    async def has_turn(self) -> bool:
        """Whether the check that is due is this process's to make; a yes takes it."""
        row = await self._duty.row()
        if row is not None and self._duty.is_taken(row):
            return False
        was_last = row is not None and row.holder == self._process
        taken = await self._duty.stand(await self._stands_back(was_last=was_last))
        # Held for this one check alone: the next is anybody's, once its minute is over.
        self._duty.let_go()
        return taken

    async def check(self) -> dict[str, int]:
        """Look, raise and heal alarms; the names of what is wrong, with how much of it."""
        found = await self._look()
        if found:
            # After a pause of the whole machine everything is late for a moment: only what is
            # still wrong when the others had time to move is worth waking anybody for.
            await self._loops.pause(self._second_look_s)
            still = await self._look()
            found = {name: count for name, count in still.items() if name in found}
        told = await self._alarm(found)
        if told:
            await self._signals.ring(OUTBOX, CALLS)
        if self._beacon is not None and not found.keys() - {QUIET}:
            try:
                await self._beacon.light()
            except CallError as error:
                _log.warning("beacon_not_lit", error=str(error))
        return found

    async def _stands_back(self, *, was_last: bool) -> timedelta:
        alive = await self._heartbeats.alive()
        others = [beat for beat in alive if beat.process != self._process and beat.moves]
        if not others:
            return timedelta()
        polls = any(beat.polls for beat in alive if beat.process == self._process)
        return _STANDS_BACK * was_last + _POLLER_STANDS_BACK * polls

    async def _look(self) -> dict[str, int]:
        now = self._clock.now()
        async with self._database.reading() as session:
            newest = await last_entry(session)
            if self._audit_from is None:
                # The doctor looks at the whole audit; here what is new is enough.
                self._audit_from = await entry_before(session, newest - _AUDIT_AT_FIRST)
            broken = await breaches(session, now, audit_from=self._audit_from)
            last = (await session.exec(select(func.max(Inbox.received_at)))).one()
        found = {breach.invariant: len(breach.rows) for breach in broken}
        if AUDIT_CHAIN not in found:
            self._audit_from = newest
        found |= dict.fromkeys(self._of_telegram(now, last), 1)
        alive: Sequence[Beat] = await self._heartbeats.alive()
        stand = len(self._loops.standing()) or sum(not beat.moves for beat in alive)
        if stand:
            found[STANDING] = stand
        contested = self._reach.contested_since
        # Only the process that polls is refused; the others hear of it by its heartbeat.
        if any(beat.contested for beat in alive) or is_contest(contested, now):
            found[CONTESTED] = 1
        if await self._model_is_gone(now):
            found[MODEL] = 1
        return found

    async def _model_is_gone(self, now: datetime) -> bool:
        """Whether the model has read nothing for too long, not even a word of ours."""
        if self._reader is None:
            return False
        if MODEL_AWAY not in (await self._reader.read(_PROBE)).reasons:
            self._model_read_at = now
        return now - self._model_read_at > self._patience.model

    def _of_telegram(self, now: datetime, last_update: datetime | None) -> list[str]:
        found = []
        lost, pending = self._reach.lost_since, self._reach.pending_since
        if lost is not None and now - lost > self._patience.telegram:
            found.append(TELEGRAM)
        if pending is not None and now - pending > STUCK:
            came_in = last_update is not None and last_update > pending
            if not came_in:
                found.append(UPDATES)
        if last_update is not None and now - last_update > self._patience.quiet:
            found.append(QUIET)
        return found

    async def _alarm(self, found: dict[str, int]) -> bool:
        told = False
        async with self._database.transaction() as session:
            work = UnitOfWork(session, self._database.keyring, self._community, self._clock.now())
            rows = (await session.exec(select(Alarm).order_by(col(Alarm.name)))).all()
            known = {row.name: row for row in rows}
            for name, count in sorted(found.items()):
                alarm = known.get(name)
                if alarm is None:
                    alarm = Alarm(name=name, raised_at=work.now, told_at=work.now, count=count)
                elif alarm.told_at + AGAIN > work.now:
                    alarm.well_since, alarm.count = None, count
                    session.add(alarm)
                    continue
                alarm.well_since, alarm.count, alarm.told_at = None, count, work.now
                session.add(alarm)
                await self._raise(work, name)
                told = True
            for name in sorted(known.keys() - found.keys()):
                alarm = known[name]
                if alarm.well_since is None:
                    alarm.well_since = work.now
                    session.add(alarm)
                elif alarm.well_since + WELL_AFTER <= work.now:
                    await session.delete(alarm)
                    await self._heal(work, name)
                    told = True
        return told

    async def _raise(self, work: UnitOfWork, name: str) -> None:
        _log.error("alarm_raised", alarm=name)
        await self._tell(work, "watch.alarm", name)
        key = "channel.call_telegram" if name == TELEGRAM else "channel.call_alarm"
        await second.call_coordinators(work, key)

    async def _heal(self, work: UnitOfWork, name: str) -> None:
        _log.info("alarm_healed", alarm=name)
        await self._tell(work, "watch.healed", name)

    async def _tell(self, work: UnitOfWork, key: str, name: str) -> None:
        for coordinator in await work.people.coordinators():
            what = work.texts.say(f"watch.what.{name}", coordinator.language)
            await escalation.tell_ambassador(work, coordinator, key, what=what)
