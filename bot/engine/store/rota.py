"""The plan: shifts, rotations, covers and away times, read as far as they matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.core import rota
from models import Ambassador, Away, Cover, Need, RotaState, Rotation, Shift

_MOMENT = timedelta(microseconds=1)
_SLACK = timedelta(days=3)  # a cover of one duty may have moved with it
_REMEMBERED = timedelta(hours=1)
_Row = TypeVar("_Row", Shift, Rotation, Cover, Away)


class RotaMoved(Exception):
    """The rota was changed since this was looked at: show it anew before it is applied."""


_VERSION = select(RotaState.version)
_VERSION_STAYS = _VERSION.with_for_update(read=True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A plan as it was read at ``read_at``, with every row that matters in [start, until)."""

    version: int
    start: datetime
    read_at: datetime
    until: datetime
    plan: rota.Rota

    def holds(self, version: int, start: datetime, now: datetime) -> bool:
        same = (self.version, self.start) == (version, start)
        return same and self.read_at <= now < self.until


class Rota:
    """The rows of the plan. What changes them for people goes through the journal."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._session = session
        self._now = now
        self._is_changing = False

    async def plan(self, start: datetime | None = None, end: datetime | None = None) -> rota.Rota:
        """Every row that matters within [start, end); without times, that matters now."""
        start = start or self._now
        end = end or start + _MOMENT
        shifts, rotations, covers, aways, needs = _rows_within(start, end)
        return rota.Rota(
            shifts=tuple((await self._session.exec(shifts)).all()),
            rotations=tuple((await self._session.exec(rotations)).all()),
            covers=tuple((await self._session.exec(covers)).all()),
            aways=(*(await self._session.exec(aways)).all(), *await self._gone(end)),
            needs=tuple((await self._session.exec(needs)).all()),
        )

    async def plan_for(self, change: rota.Change, start: datetime, end: datetime) -> rota.Rota:
        """`plan`, with every row that ``change`` is about, also those that have ended."""
        plan = await self.plan(start, end)
        ended: dict[str, Any] = {}
        for table, number in sorted(rota.touched(change)):
            field = f"{table}s"
            rows = ended.get(field, getattr(plan, field))
            if all(row.id != number for row in rows):
                row = await self._session.get(rota.TABLES[table], number)
                ended[field] = (*rows, row) if row is not None else rows
        return replace(plan, **ended)

    async def plan_since(self, start: datetime) -> rota.Rota:
        """Every row that matters to who is on call between ``start`` and now, but that of who left.

        The process remembers it for as long as the plan has the same version, since every page
        asks for it. Its rows belong to no session. Nobody goes before this transaction ends (see
        `hold`): who goes away in the moment in which they are asked finds that they are.
        """
        if self._is_changing:
            return await self._plan_apart(start, self._now + _MOMENT)
        memory = self._session.info["memory"]
        version = (await self._session.exec(_VERSION_STAYS)).one()
        kept: _Kept | None = memory.get("plan")
        if kept is None or not kept.holds(version, start, self._now):
            until = self._now + _REMEMBERED
            kept = _Kept(version, start, self._now, until, await self._plan_apart(start, until))
            memory["plan"] = kept
        return kept.plan

    async def _plan_apart(self, start: datetime, end: datetime) -> rota.Rota:
        shifts, rotations, covers, aways, _ = _rows_within(start, end)
        return rota.Rota(
            shifts=await self._apart(Shift, shifts),
            rotations=await self._apart(Rotation, rotations),
            covers=await self._apart(Cover, covers),
            aways=await self._apart(Away, aways),
        )

    async def _apart(self, table: type[_Row], query: SelectOfScalar[_Row]) -> tuple[_Row, ...]:
        """The rows of ``query`` as values that no session changes or expires."""
        connection = await self._session.connection()
        columns = table.__table__.columns  # type: ignore[attr-defined]
        rows = await connection.execute(query.with_only_columns(*columns))
        return tuple(table(**row._mapping) for row in rows.all())

    async def on_call(self) -> rota.OnCall:
        """Who is on call right now."""
        return rota.on_call(await self.plan(), self._now)

    async def version(self) -> int:
        """The version of the plan: raised with everything that changes it."""
        return (await self._session.exec(_VERSION)).one()

    async def is_kept(self) -> bool:
        """Whether this community has ever had a shift or a rotation."""
        for table in (Shift, Rotation):
            if (await self._session.exec(select(table).limit(1))).first() is not None:
                return True
        return False

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

    async def rotations(self) -> Sequence[Rotation]:
        """Every rotation that has not ended."""
        query = (
            select(Rotation)
            .where(or_(col(Rotation.ended_at).is_(None), col(Rotation.ended_at) > self._now))
            .order_by(col(Rotation.id))
        )
        return (await self._session.exec(query)).all()

    async def covers(self) -> Sequence[Cover]:
        """Every cover that is not over."""
        query = (
            select(Cover)
            .where(
                col(Cover.ends_at) > self._now,
                or_(col(Cover.ended_at).is_(None), col(Cover.ended_at) > self._now),
            )
            .order_by(col(Cover.starts_at))
        )
        return (await self._session.exec(query)).all()

    async def aways(self) -> Sequence[Away]:
        """Every away time that is not over."""
        query = select(Away).where(or_(col(Away.ends_at).is_(None), col(Away.ends_at) > self._now))
        return (await self._session.exec(query)).all()

    async def needs(self) -> Sequence[Need]:
        """Every row of hours in which somebody is needed that has not ended."""
        today = self._now.date() - timedelta(days=1)
        query = (
            select(Need)
            .where(
                or_(col(Need.ended_at).is_(None), col(Need.ended_at) > self._now),
                or_(col(Need.until_date).is_(None), col(Need.until_date) >= today),
            )
            .order_by(col(Need.id))
        )
        return (await self._session.exec(query)).all()

    async def is_away(self, ambassador: Ambassador) -> bool:
        """Whether ``ambassador`` is away right now."""
        return ambassador.id in rota.away_now(await self.aways(), self._now)

    async def add(self, row: rota.Row) -> None:
        """Remember ``row``, past the journal: it cannot be undone."""
        await self.raise_version()
        self._session.add(row)
        await self._session.flush()

    async def come_back(self, ambassador_id: int) -> bool:
        """End whatever keeps this ambassador away right now; whether anything did."""
        gone = [
            away
            for away in await self.aways()
            if away.ambassador_id == ambassador_id and away.starts_at <= self._now
        ]
        if gone:
            await self.raise_version()
        for away in gone:
            away.ends_at = self._now
            self._session.add(away)
        return bool(gone)

    async def raise_version(self, expected: int | None = None) -> int:
        """Hold the plan, and give it its next version.

        `RotaMoved` where it is no longer of the version ``expected``.
        """
        state = await self.hold()
        if expected is not None and state.version != expected:
            raise RotaMoved
        state.version += 1
        self._is_changing = True
        self._session.add(state)
        await self._session.flush()
        return state.version

    async def hold(self) -> RotaState:
        """Lock the plan for this transaction: nobody decides meanwhile whom to ask.

        Whoever has decided is waited for, and whoever decides next sees what this changes.
        """
        query = select(RotaState).with_for_update().execution_options(populate_existing=True)
        return (await self._session.exec(query)).one()

    async def _gone(self, end: datetime) -> list[Away]:
        """Whoever has left is away for good, whatever shifts are still in their name."""
        query = select(Ambassador.id, Ambassador.left_at).where(
            col(Ambassador.left_at).is_not(None), col(Ambassador.left_at) < end
        )
        return [
            Away(id=-who, ambassador_id=who, starts_at=left_at, created_at=left_at)
            for who, left_at in (await self._session.exec(query)).all()
            if left_at is not None
        ]


def _rows_within(
    start: datetime, end: datetime
) -> tuple[
    SelectOfScalar[Shift],
    SelectOfScalar[Rotation],
    SelectOfScalar[Cover],
    SelectOfScalar[Away],
    SelectOfScalar[Need],
]:
    """The questions for every row that matters within [start, end), in the order of their ids."""
    since, until = start.date() - timedelta(days=3), end.date() + timedelta(days=2)
    shifts = select(Shift).where(
        or_(col(Shift.ended_at).is_(None), col(Shift.ended_at) > start),
        or_(col(Shift.until_date).is_(None), col(Shift.until_date) >= since),
        col(Shift.from_date) <= until,
    )
    rotations = select(Rotation).where(
        or_(col(Rotation.ended_at).is_(None), col(Rotation.ended_at) > start),
        or_(col(Rotation.until_date).is_(None), col(Rotation.until_date) >= since),
        col(Rotation.from_date) <= until,
    )
    covers = select(Cover).where(
        col(Cover.ends_at) > start - _SLACK,
        col(Cover.starts_at) < end + _SLACK,
        or_(col(Cover.ended_at).is_(None), col(Cover.ended_at) > start),
    )
    aways = select(Away).where(
        or_(col(Away.ends_at).is_(None), col(Away.ends_at) > start), col(Away.starts_at) < end
    )
    needs = select(Need).where(
        or_(col(Need.ended_at).is_(None), col(Need.ended_at) > start),
        or_(col(Need.until_date).is_(None), col(Need.until_date) >= since),
        col(Need.from_date) <= until,
    )
    return (
        shifts.order_by(col(Shift.id)),
        rotations.order_by(col(Rotation.id)),
        covers.order_by(col(Cover.id)),
        aways.order_by(col(Away.id)),
        needs.order_by(col(Need.id)),
    )
