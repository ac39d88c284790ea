"""Changes of the rota: shown as drafts, applied, written down, undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import rota
from bot.engine.store.rota import Rota
from models import Ambassador, RotaChange, RotaDraft

UNDO_WITHIN = timedelta(days=1)
DRAFT_LASTS = timedelta(hours=1)


class DraftOver(Exception):
    """A draft that was applied or cancelled, or has expired."""


class CannotUndo(Exception):
    """A change that is undone already, is too old, or that a later change stands on.

    Its only argument says which: ``undone``, ``old`` or ``later``.
    """


class Journal:
    """How the rota came to be what it is: every change, with what takes it back."""

    def __init__(self, session: AsyncSession, now: datetime, plan: Rota) -> None:
        self._session = session
        self._now = now
        self._plan = plan

    async def draft(
        self,
        change: rota.Change,
        by: Ambassador,
        kind: str,
        summary: str = "",
        asked: dict[str, Any] | None = None,
    ) -> RotaDraft:
        """Keep a change that is being shown, on the plan as it is now, for `DRAFT_LASTS`."""
        row = RotaDraft(
            by_id=by.id,
            kind=kind,
            summary=summary[:1000],
            change=rota.write_change(change),
            asked=asked or {},
            rota_version=await self._plan.version(),
            made_at=self._now,
            expires_at=self._now + DRAFT_LASTS,
        )
        self._session.add(row)
        await self._session.flush()
        return row

    async def drafted(self, draft_id: int) -> RotaDraft | None:
        """The draft with this id, locked, whatever has become of it."""
        query = select(RotaDraft).where(RotaDraft.id == draft_id).with_for_update()
        return (await self._session.exec(query)).one_or_none()

    async def apply_draft(self, draft: RotaDraft, by: Ambassador) -> RotaChange:
        """Apply what was shown. `RotaMoved` where the plan has changed since: show the draft anew
        with `looked_again`, and ask again. `DraftOver` for one that was applied, cancelled, or has
        expired.
        """
        if draft.applied_at or draft.cancelled_at or draft.expires_at <= self._now:
            raise DraftOver
        change = rota.read_change(draft.change)
        row = await self.apply(change, by, draft.kind, draft.summary, on_version=draft.rota_version)
        draft.applied_at = self._now
        self._session.add(draft)
        return row

    async def looked_again(self, draft: RotaDraft, summary: str | None = None) -> None:
        """The draft was shown on the plan as it is now, and may be applied on it."""
        draft.rota_version = await self._plan.version()
        draft.expires_at = self._now + DRAFT_LASTS
        if summary is not None:
            draft.summary = summary[:1000]
        self._session.add(draft)

    async def cancel_draft(self, draft: RotaDraft) -> None:
        """The draft is not to be applied."""
        draft.cancelled_at = draft.cancelled_at or self._now
        self._session.add(draft)

    async def apply(
        self,
        change: rota.Change,
        by: Ambassador,
        kind: str,
        summary: str = "",
        *,
        on_version: int | None = None,
    ) -> RotaChange:
        """Change the rota and write it into the journal.

        `RotaMoved` where the plan is no longer of ``on_version``; `ChangeError` for a row that is
        not there. Rows of plans that were read before in this transaction change with it: compare
        plans before, not after.
        """
        version = await self._plan.raise_version(on_version)
        before = await self._rows_of(change)
        backward: list[rota.Operation] = []
        for one in change:
            backward.append(await self._carry_out(one, before))
        row = RotaChange(
            by_id=by.id,
            at=self._now,
            kind=kind,
            summary=summary[:1000],
            forward=rota.write_change(change),
            backward=rota.write_change(tuple(reversed(backward))),
            rota_version=version,
        )
        self._session.add(row)
        await self._session.flush()
        return row

    async def last_change(self, by: Ambassador | None = None) -> RotaChange | None:
        """The newest change that may still be undone, of anybody or of ``by``."""
        query = select(RotaChange).where(
            col(RotaChange.undone_at).is_(None),
            col(RotaChange.at) > self._now - UNDO_WITHIN,
        )
        if by is not None:
            query = query.where(RotaChange.by_id == by.id)
        return (await self._session.exec(query.order_by(col(RotaChange.id).desc()))).first()

    async def change(self, change_id: int) -> RotaChange | None:
        """The entry of the journal with this id."""
        return await self._session.get(RotaChange, change_id)

    async def since(self, at: datetime) -> Sequence[RotaChange]:
        """What was changed since then, newest first."""
        query = select(RotaChange).where(col(RotaChange.at) >= at)
        return (await self._session.exec(query.order_by(col(RotaChange.id).desc()))).all()

    def backward(self, row: RotaChange) -> rota.Change:
        """What undoing would do now, for showing it first."""
        return tuple(
            replace(one, at=self._now) if isinstance(one, rota.End) else one
            for one in rota.read_change(row.backward)
        )

    async def undo(self, row: RotaChange) -> None:
        """Take a change back, within `UNDO_WITHIN`; what it did until now stays in the past.

        `CannotUndo` where it is undone already or too old, or where a later change stands on it.
        """
        await self._plan.raise_version()
        await self._session.refresh(row)
        if row.undone_at is not None:
            raise CannotUndo("undone")
        if row.at <= self._now - UNDO_WITHIN:
            raise CannotUndo("old")
        backward = self.backward(row)
        mine = rota.touched(backward)
        later = select(RotaChange).where(
            col(RotaChange.id) > row.id, col(RotaChange.undone_at).is_(None)
        )
        for other in (await self._session.exec(later)).all():
            # What stands backward names the rows that were added too.
            if mine & rota.touched(rota.read_change(other.backward)):
                raise CannotUndo("later")
        rows = await self._rows_of(backward)
        for one in backward:
            await self._carry_out(one, rows)
        row.undone_at = self._now
        self._session.add(row)
        await self._session.flush()

    async def _rows_of(self, change: rota.Change) -> dict[tuple[str, int], rota.Row]:
        found: dict[tuple[str, int], rota.Row] = {}
        for table, number in rota.touched(change):
            row = await self._session.get(rota.TABLES[table], number, populate_existing=True)
            if row is None:
                raise rota.ChangeError(f"there is no {table} {number}")
            found[table, number] = cast(rota.Row, row)
        return found

    async def _carry_out(
        self, one: rota.Operation, rows: dict[tuple[str, int], rota.Row]
    ) -> rota.Operation:
        """Do it, and say what undoes it."""
        if isinstance(one, rota.Add):
            # What was shown for a while is made when it is applied.
            values = one.row.model_dump(exclude={"id", "created_at"})
            new = type(one.row)(**values, created_at=self._now)
            self._session.add(new)
            await self._session.flush()
            return rota.End(rota.table_of(new), new.id, self._now)
        row = rows[one.table, one.id]
        values = rota.ending(row, one.at) if isinstance(one, rota.End) else one.values
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        self._session.add(row)
        return rota.Edit(one.table, one.id, before)
