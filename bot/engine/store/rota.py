"""Keeping the rota: the plan, its changes, and finding who may be paged by it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import rota
from bot.core.roster import Roster, Standing, base_language, make_roster
from models import (
    Ambassador,
    Away,
    Case,
    CaseStatus,
    Cover,
    Feed,
    GroupMember,
    Offer,
    OfferState,
    OnBreach,
    Page,
    RotaChange,
    RotaDraft,
    RotaLimits,
    RotaState,
    Rotation,
    Shift,
    Urgency,
)
from models.keyring import Keyring

UNDO_WITHIN = timedelta(days=1)
DRAFT_LASTS = timedelta(hours=1)
_LOAD_LOOKS_BACK = timedelta(days=7)
_MOMENT = timedelta(microseconds=1)
_SLACK = timedelta(days=3)  # a cover of one duty may have moved with it


class RotaMoved(Exception):
    """The rota was changed since this was looked at: show it anew before it is applied."""


class DraftOver(Exception):
    """A draft that was applied or cancelled, or has expired."""


class CannotUndo(Exception):
    """A change that is undone already, is too old, or that a later change stands on.

    Its only argument says which: ``undone``, ``old`` or ``later``.
    """


class Rota:
    """Shifts, rotations, covers and away times, with the journal of how they came to be."""

    def __init__(
        self, session: AsyncSession, keyring: Keyring, now: datetime, zone: str = "UTC"
    ) -> None:
        self._session = session
        self._keyring = keyring
        self._now = now
        self._zone = zone

    # The plan.

    async def plan(self, start: datetime | None = None, end: datetime | None = None) -> rota.Rota:
        """Every row that matters within [start, end); without times, that matters now."""
        start = start or self._now
        end = end or start + _MOMENT
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
            or_(col(Away.ends_at).is_(None), col(Away.ends_at) > start),
            col(Away.starts_at) < end,
        )
        return rota.Rota(
            shifts=tuple((await self._session.exec(shifts.order_by(col(Shift.id)))).all()),
            rotations=tuple((await self._session.exec(rotations.order_by(col(Rotation.id)))).all()),
            covers=tuple((await self._session.exec(covers.order_by(col(Cover.id)))).all()),
            aways=(
                *(await self._session.exec(aways.order_by(col(Away.id)))).all(),
                *await self._gone(end),
            ),
        )

    async def on_call(self) -> rota.OnCall:
        """Who is on call right now."""
        return rota.on_call(await self.plan(), self._now)

    async def version(self) -> int:
        """The version of the plan: raised with everything that changes it."""
        return (await self._session.exec(select(RotaState.version))).one()

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

    async def is_away(self, ambassador: Ambassador) -> bool:
        """Whether ``ambassador`` is away right now."""
        return ambassador.id in rota.away_now(await self.aways(), self._now)

    async def add(self, row: Shift | Rotation | Cover | Away) -> None:
        """Remember ``row``, past the journal: it cannot be undone."""
        await self._raise_version()
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
            await self._raise_version()
        for away in gone:
            away.ends_at = self._now
            self._session.add(away)
        return bool(gone)

    # Drafts and changes.

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
            rota_version=await self.version(),
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
        draft.rota_version = await self.version()
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
        version = await self._raise_version(on_version)
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

    async def journal(self, since: datetime) -> Sequence[RotaChange]:
        """What was changed since then, newest first."""
        query = select(RotaChange).where(col(RotaChange.at) >= since)
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
        await self._raise_version()
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

    # Offers.

    async def offer(self, row: Offer) -> Offer:
        """Keep an offer."""
        self._session.add(row)
        await self._session.flush()
        return row

    async def offered(self, offer_id: int) -> Offer | None:
        """The offer with this id, locked: of two who accept at once one finds it taken."""
        query = select(Offer).where(Offer.id == offer_id).with_for_update()
        return (await self._session.exec(query)).one_or_none()

    async def open_offers(self) -> Sequence[Offer]:
        """Every offer that can still be accepted, the soonest first."""
        query = (
            select(Offer)
            .where(Offer.state == OfferState.OPEN, col(Offer.ends_at) > self._now)
            .order_by(col(Offer.starts_at))
        )
        return (await self._session.exec(query)).all()

    async def end_offer(
        self, offer: Offer, state: OfferState, counterpart: Ambassador | None = None
    ) -> bool:
        """Accept, cancel or expire an offer; False where it is not open any more."""
        if offer.state is not OfferState.OPEN:
            return False
        if state is OfferState.ACCEPTED and offer.ends_at <= self._now:
            return False
        offer.state = state
        offer.ended_at = self._now
        if counterpart is not None:
            offer.counterpart_id = counterpart.id
        self._session.add(offer)
        return True

    # Limits, and who may be paged.

    async def limits(self) -> rota.Limits:
        """What the community allows; the defaults where it has not said."""
        query = select(RotaLimits).order_by(col(RotaLimits.id).desc()).limit(1)
        row = (await self._session.exec(query)).first()
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
        )

    async def set_limits(self, limits: rota.Limits, by: Ambassador) -> None:
        """From now on these limits count."""
        self._session.add(RotaLimits(**asdict(limits), by_id=by.id, made_at=self._now))
        await self._session.flush()

    async def roster(
        self,
        ambassadors: Sequence[Ambassador],
        language: str | None = None,
        case: Case | None = None,
    ) -> Roster:
        """Whom a rung of ``case`` may page right now, for a person who speaks ``language``.

        Who speaks it comes first, then the lightest load of the last seven days. Nobody rests from
        ``case`` itself: who comes back soon goes on in the same talk, and to decline is free.
        """
        limits = await self.limits()
        plan = await self.plan(
            min(rota.week_start(self._now, self._zone), self._now), self._now + _MOMENT
        )
        held, cooling = await self._cases_of_late(limits, case)
        worn = rota.over_hours(
            rota.spans(plan, rota.week_start(self._now, self._zone), self._now),
            limits,
            self._now,
            self._zone,
        )
        load = rota.load_of(
            await self.pages(self._now - _LOAD_LOOKS_BACK),
            await self.held(self._now - _LOAD_LOOKS_BACK),
            self._zone,
        )
        grouped = (
            await self._session.exec(select(GroupMember.name, GroupMember.ambassador_id))
        ).all()
        standings = [
            Standing(
                ambassador_id=one.id,
                role=one.role,
                away=plan.is_away(one.id, self._now),
                full=held.get(one.id, 0)
                >= min(one.cases_at_once, limits.cases_at_once or one.cases_at_once),
                cooling=one.id in cooling,
                worn=one.id in worn,
                reachable=one.unreachable_at is None,
                load=load.get(one.id, 0.0),
                speaks=_spoken(one),
                groups=frozenset(name for name, who in grouped if who == one.id),
            )
            for one in ambassadors
        ]
        return make_roster(
            standings,
            rota.on_call(plan, self._now),
            language,
            limits_bind=limits.on_breach is OnBreach.REFUSE,
        )

    async def pages(self, since: datetime) -> list[rota.Paged]:
        """The pages queued since then."""
        query = select(Page.ambassador_id, Page.queued_at).where(col(Page.queued_at) > since)
        return [rota.Paged(who, at) for who, at in (await self._session.exec(query)).all()]

    async def held(self, since: datetime) -> list[rota.Held]:
        """The cases claimed since then and held to their end, or until now."""
        query = select(Case.holder_id, Case.urgency, Case.claimed_at, Case.closed_at).where(
            col(Case.holder_id).is_not(None), col(Case.claimed_at) > since
        )
        return [
            rota.Held(who, Urgency(urgency), claimed_at, closed_at or self._now)
            for who, urgency, claimed_at, closed_at in (await self._session.exec(query)).all()
            if who is not None and claimed_at is not None
        ]

    # Calendar addresses.

    async def feed(self, ambassador: Ambassador | None) -> str:
        """A new secret for a calendar address, of one ambassador or of the team.

        The earlier one stops working: an address that was lost is replaced, not added to.
        """
        await self.revoke_feed(ambassador)
        token = secrets.token_urlsafe(24)
        self._session.add(
            Feed(
                token_key=self._keyring.lookup("feed", token),
                ambassador_id=ambassador.id if ambassador else None,
                made_at=self._now,
            )
        )
        await self._session.flush()
        return token

    async def revoke_feed(self, ambassador: Ambassador | None) -> bool:
        """Nobody reads this calendar by its address any more; whether anybody could."""
        whose = (
            col(Feed.ambassador_id) == ambassador.id
            if ambassador
            else col(Feed.ambassador_id).is_(None)
        )
        query = select(Feed).where(whose, col(Feed.revoked_at).is_(None))
        rows = (await self._session.exec(query)).all()
        for row in rows:
            row.revoked_at = self._now
            self._session.add(row)
        return bool(rows)

    async def fed_by(self, token: str) -> Feed | None:
        """The calendar with this secret; None for one that is unknown or revoked."""
        query = select(Feed).where(
            Feed.token_key == self._keyring.lookup("feed", token), col(Feed.revoked_at).is_(None)
        )
        return (await self._session.exec(query)).one_or_none()

    # Within.

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

    async def _raise_version(self, expected: int | None = None) -> int:
        query = select(RotaState).with_for_update().execution_options(populate_existing=True)
        state = (await self._session.exec(query)).one()
        if expected is not None and state.version != expected:
            raise RotaMoved
        state.version += 1
        self._session.add(state)
        await self._session.flush()
        return state.version

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
            new = type(one.row)(**one.row.model_dump(exclude={"id"}))
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

    async def _cases_of_late(
        self, limits: rota.Limits, but: Case | None
    ) -> tuple[dict[int, int], set[int]]:
        """How many cases each ambassador holds, and who has just come out of an immediate one
        other than ``but``.
        """
        holding = (
            select(Case.holder_id, func.count())
            .where(Case.status == CaseStatus.CLAIMED)
            .group_by(col(Case.holder_id))
        )
        held = {
            who: count
            for who, count in (await self._session.exec(holding)).all()
            if who is not None
        }
        closed = select(Case.holder_id).where(
            Case.urgency == Urgency.IMMEDIATE,
            col(Case.closed_at) > self._now - timedelta(minutes=limits.cooldown_minutes),
            col(Case.id) != (but.id if but else None),
        )
        return held, {who for who in (await self._session.exec(closed)).all() if who is not None}


def _spoken(ambassador: Ambassador) -> frozenset[str]:
    """The languages they said they speak; until they do, that of their Telegram."""
    return frozenset(ambassador.languages or [base_language(ambassador.language)]) - {""}
