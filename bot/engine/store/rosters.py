"""Who may be paged right now: the plan joined with what everybody carries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import rota
from bot.core.roster import Roster, Standing, base_language, make_roster
from bot.engine.store.limits import Limits
from bot.engine.store.people import People, Volunteer
from bot.engine.store.rota import Rota
from models import Case, CaseStatus, GroupMember, OnBreach, Page, Person, Urgency
from models.types import UtcDateTime

_LOAD_LOOKS_BACK = timedelta(days=7)


# What every page asks is put together once: that takes longer than asking.
_SINCE = bindparam("since", type_=UtcDateTime())
_GROUPS = select(GroupMember.name, GroupMember.ambassador_id)
_NEWEST_PAGES = (
    select(Page.ambassador_id, func.max(Page.queued_at, type_=UtcDateTime()), func.count())
    .where(col(Page.queued_at) > _SINCE)
    .group_by(col(Page.ambassador_id))
)
_HELD = select(Case.holder_id, Case.urgency, Case.claimed_at, Case.closed_at).where(
    col(Case.holder_id).is_not(None), col(Case.claimed_at) > _SINCE
)
_HOLDING = (
    select(Case.holder_id, func.count())
    # By this word SQLite knows the index of the cases that go on.
    .where(text("cases.status <> 'closed'"), Case.status == CaseStatus.CLAIMED)
    .group_by(col(Case.holder_id))
)
_CLOSED_IMMEDIATE = select(Case.holder_id).where(
    Case.urgency == Urgency.IMMEDIATE, col(Case.closed_at) > _SINCE, Case.id != bindparam("but")
)


@dataclass(frozen=True, slots=True)
class _Carried:
    """What the pages up to ``until`` weigh on each: by the ``hours`` they were queued in, and all
    together.
    """

    until: datetime
    hours: Mapping[datetime, Mapping[int, float]]
    load: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class _Worn:
    """Who has done their hours by this plan and these limits, in this minute."""

    plan: rota.Rota
    limits: rota.Limits
    minute: datetime
    who: frozenset[int]


class Rosters:
    """Whom rungs page, and what pages and cases everybody had of late."""

    def __init__(
        self,
        session: AsyncSession,
        now: datetime,
        zone: str,
        people: People,
        plan: Rota,
        limits: Limits,
    ) -> None:
        self._session = session
        self._now = now
        self._zone = zone
        self._people = people
        self._plan = plan
        self._limits = limits

    async def roster(
        self,
        language: str | None = None,
        case: Case | None = None,
        *,
        but: Person | None = None,
    ) -> Roster:
        """Whom a rung of ``case`` may page right now, for a person who speaks ``language``.

        Who speaks it comes first, then the lightest load of the last seven days. Nobody rests from
        ``case`` itself: who comes back soon goes on in the same talk, and to decline is free. A
        volunteer who is the person it is about, ``but``, is not among them.
        """
        limits = await self._limits.current()
        week = rota.week_start(self._now, self._zone)
        plan = await self._plan.plan_since(min(week, self._now))
        # After the plan, which holds still whoever would go.
        volunteers = await self._people.volunteers(but)
        held, cooling = await self._cases_of_late(limits, case)
        worn = self._worn(plan, week, limits)
        load = await self._load()
        grouped = (await self._session.exec(_GROUPS)).all()
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
            for one in volunteers
        ]
        return make_roster(
            standings,
            rota.on_call(plan, self._now),
            language,
            limits_bind=limits.on_breach is OnBreach.REFUSE,
        )

    async def pages(self, since: datetime, until: datetime | None = None) -> list[rota.Paged]:
        """The pages queued after ``since``, and not after ``until``."""
        query = select(Page.ambassador_id, Page.queued_at).where(col(Page.queued_at) > since)
        if until is not None:
            query = query.where(col(Page.queued_at) <= until)
        return [rota.Paged(who, at) for who, at in (await self._session.exec(query)).all()]

    async def held(self, since: datetime) -> list[rota.Held]:
        """The cases claimed since then and held to their end, or until now."""
        rows = await self._session.exec(_HELD, params={"since": since})
        return [
            rota.Held(who, Urgency(urgency), claimed_at, closed_at or self._now)
            for who, urgency, claimed_at, closed_at in rows.all()
            if who is not None and claimed_at is not None
        ]

    def _worn(self, plan: rota.Rota, week: datetime, limits: rota.Limits) -> frozenset[int]:
        """Who has been on call for as long as the limits allow. Limits are hours: the process
        remembers for the minute what it has counted.
        """
        memory = self._session.info["memory"]
        minute = self._now.replace(second=0, microsecond=0)
        kept: _Worn | None = memory.get("worn")
        if kept is None or kept.plan is not plan or (kept.limits, kept.minute) != (limits, minute):
            duties = rota.spans(plan, week, self._now)
            who = rota.over_hours(duties, limits, self._now, self._zone)
            memory["worn"] = kept = _Worn(plan, limits, minute, who)
        return kept.who

    async def _load(self) -> Mapping[int, float]:
        """How the pages and cases of the last days weigh on each.

        What the pages of up to a minute ago weigh does not change any more: the process remembers
        it by the hour, and asks for the newest ones alone.
        """
        since = self._now - _LOAD_LOOKS_BACK
        memory = self._session.info["memory"]
        kept: _Carried | None = memory.get("carried")
        if kept is None or not since <= kept.until <= self._now:
            kept = _Carried(since, {}, {})
        settled = self._now.replace(second=0, microsecond=0) - timedelta(minutes=1)
        if settled > kept.until:
            memory["carried"] = kept = await self._carry_on(kept, since, settled)
        newest = await self._session.exec(_NEWEST_PAGES, params={"since": kept.until})
        pages = [rota.Paged(who, last, count) for who, last, count in newest.all()]
        return _sum(kept.load, rota.load_of(pages, await self.held(since), self._zone))

    async def _carry_on(self, kept: _Carried, since: datetime, until: datetime) -> _Carried:
        """``kept`` with the pages up to ``until``, and without the hours before ``since``."""
        new: defaultdict[datetime, list[rota.Paged]] = defaultdict(list)
        for page in await self.pages(kept.until, until):
            new[page.at.replace(minute=0, second=0, microsecond=0)].append(page)
        hours = {
            hour: load for hour, load in kept.hours.items() if hour > since - timedelta(hours=1)
        }
        for hour, pages in new.items():
            hours[hour] = _sum(hours.get(hour, {}), rota.load_of(pages, (), self._zone))
        return _Carried(until, hours, _sum(*hours.values()))

    async def _cases_of_late(
        self, limits: rota.Limits, but: Case | None
    ) -> tuple[dict[int, int], set[int]]:
        """How many cases each ambassador holds, and who has just come out of an immediate one
        other than ``but``.
        """
        holding = (await self._session.exec(_HOLDING)).all()
        held = {who: count for who, count in holding if who is not None}
        values = {
            "since": self._now - timedelta(minutes=limits.cooldown_minutes),
            "but": but.id if but else 0,
        }
        closed = (await self._session.exec(_CLOSED_IMMEDIATE, params=values)).all()
        return held, {who for who in closed if who is not None}


def _sum(*loads: Mapping[int, float]) -> dict[int, float]:
    return {who: sum(load.get(who, 0.0) for load in loads) for who in set().union(*loads)}


def _spoken(volunteer: Volunteer) -> frozenset[str]:
    """The languages they said they speak; until they do, that of their Telegram."""
    return frozenset(volunteer.languages or [base_language(volunteer.language)]) - {""}
