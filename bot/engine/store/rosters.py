"""Who may be paged right now: the plan joined with what everybody carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import rota
from bot.core.roster import Roster, Standing, base_language, make_roster
from bot.engine.store.limits import Limits
from bot.engine.store.rota import Rota
from models import Ambassador, Case, CaseStatus, GroupMember, OnBreach, Page, Urgency

_LOAD_LOOKS_BACK = timedelta(days=7)
_MOMENT = timedelta(microseconds=1)


class Rosters:
    """Whom rungs page, and what pages and cases everybody had of late."""

    def __init__(
        self, session: AsyncSession, now: datetime, zone: str, plan: Rota, limits: Limits
    ) -> None:
        self._session = session
        self._now = now
        self._zone = zone
        self._plan = plan
        self._limits = limits

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
        limits = await self._limits.current()
        plan = await self._plan.plan(
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
