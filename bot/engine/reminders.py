"""Who is about to go on call is reminded; who keeps the rota hears of gaps in time.

Everything is derived from the rota as it is now, and each thing said is remembered in a row that
is committed with its letter: a restart neither repeats nor loses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from bot.core.rota import Duty, Rota, Span, gaps, on_call, spans, union, zone_named
from bot.engine.clock import Clock
from bot.engine.escalation import alert_coordinators, tell_ambassador
from bot.engine.letters import Priority, Text
from bot.engine.signals import OUTBOX, REMINDERS, Signals
from bot.engine.work import Community, UnitOfWork
from bot.texts import Html
from models import Ambassador, CaseStatus, Layer, Offer, OfferState, Reminder
from models.database import Database

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GAPS_AHEAD = timedelta(days=14)
MOST_LINES = 12
_LOOKS_EVERY_S = 15.0
_HANDOVER_LASTS = timedelta(minutes=30)
_MORNING_LASTS = timedelta(hours=4)
_UNREACHABLE_AHEAD = timedelta(hours=6)
_LOOKS_BACK = timedelta(hours=2)
_LONG = timedelta(hours=26)  # longer than any shift, and there need be no hour named for its end
_LOOKS_AHEAD = DAY + _LONG
_OFFER_AHEAD, _OFFER_STANDS = timedelta(hours=12), HOUR
_REMEMBERED = timedelta(days=60)
_BEFORE = {"day": "reminder.day_before", "hour": "reminder.hour_before"}
_BESIDE = {
    Layer.PRIMARY: ("reminder.your_backup", "reminder.no_backup"),
    Layer.BACKUP: ("reminder.your_primary", "reminder.no_primary"),
}
_OPEN_OFFER = ("reminder.offer_yours", "reminder.offer")
_AGREED_OFFER = ("reminder.agreement_yours", "reminder.agreement")
_log = structlog.get_logger()


class Block(NamedTuple):
    """A time that one ambassador is on call in one layer without a break."""

    starts_at: datetime
    ends_at: datetime
    ambassador_id: int
    layer: Layer


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be said now, once. ``what`` is by which it is remembered."""

    what: str
    kind: str
    block: Block | None = None
    offer: Offer | None = None


class Reminders:
    """Reminds. ``morning``: minutes after midnight when the day's posts go out; None for never."""

    def __init__(
        self,
        database: Database,
        community: Community,
        signals: Signals,
        clock: Clock,
        *,
        team_chat: str | None = None,
        morning: int | None = 8 * 60,
    ) -> None:
        self._database = database
        self._community = community
        self._signals = signals
        self._clock = clock
        self._team_chat = team_chat
        self._morning = morning

    async def step(self) -> None:
        """Say what is due, and wait until something may be."""
        if await self.remind():
            await self._signals.ring(OUTBOX)
        await self._signals.wait(REMINDERS, _LOOKS_EVERY_S)

    async def remind(self) -> int:
        """Say everything that is due and was not said; how much that was."""
        said = 0
        for due in await self._due():
            try:
                said += await self._say(due)
            except IntegrityError:
                continue  # another process has just said it
        return said

    async def _due(self) -> list[Due]:
        now = self._clock.now()
        async with self._database.reading() as session:
            work = UnitOfWork(session, self._database.keyring, self._community, now)
            plan = await work.rota.plan(now - _LOOKS_BACK, now + _LOOKS_AHEAD)
            ambassadors = {one.id: one for one in await work.people.ambassadors()}
            found = [
                due
                for block in blocks(spans(plan, now - _LOOKS_BACK, now + _LOOKS_AHEAD))
                if block.ambassador_id in ambassadors and block.starts_at > now - _LOOKS_BACK
                for due in _of_block(block, ambassadors[block.ambassador_id], now)
            ]
            found += _of_offers(await work.offers.open_ones(), now)
            found += self._of_day(now)
            said = set(
                (
                    await session.exec(
                        select(Reminder.what).where(
                            col(Reminder.what).in_([due.what for due in found])
                        )
                    )
                ).all()
            )
        return [due for due in found if due.what not in said]

    def _of_day(self, now: datetime) -> list[Due]:
        if self._morning is None:
            return []
        local = now.astimezone(zone_named(self._community.zone))
        begins = datetime.combine(local.date(), time(*divmod(self._morning, 60)))
        if not begins <= local.replace(tzinfo=None) < begins + _MORNING_LASTS:
            return []
        kinds = ("gaps", "team") if self._team_chat else ("gaps",)
        return [Due(f"{kind}:{local.date()}", kind) for kind in kinds]

    async def _say(self, due: Due) -> bool:
        """Say it and remember that, together; whether there was anything to say."""
        async with self._database.transaction() as session:
            now = self._clock.now()
            session.add(Reminder(what=due.what, at=now))
            await session.flush()
            work = UnitOfWork(session, self._database.keyring, self._community, now)
            match due.kind:
                case "gaps":
                    await session.exec(delete(Reminder).where(col(Reminder.at) < now - _REMEMBERED))
                    said = await _say_gaps(work)
                case "team":
                    said = await self._post_to_team(work)
                case "offer":
                    assert due.offer is not None
                    said = await _say_offer(work, due.offer.id)
                case _:
                    assert due.block is not None
                    said = await _say_block(work, due.kind, due.block)
        _log.info("reminded", kind=due.kind)
        return said

    async def _post_to_team(self, work: UnitOfWork) -> bool:
        if self._team_chat is None or not await work.rota.is_kept():
            return False
        plan = await work.rota.plan(work.now, work.now + DAY)
        handles = await _handles(work)
        current = on_call(plan, work.now)
        upcoming = [
            work.texts.say(
                "reminder.team_line",
                time=_when(one.starts_at, work),
                handle=handles.get(one.ambassador_id, "?"),
                layer=one.layer,
            )
            for one in blocks(spans(plan, work.now, work.now + DAY))
            if one.starts_at > work.now
        ]
        html = work.texts.say(
            "reminder.team",
            zone=self._community.zone,
            primary=_names(work, current.primary, handles),
            backup=_names(work, current.backup, handles),
            next=Html("\n".join(_shortened(work, upcoming)) or work.texts.say("reminder.no_next")),
        )
        await work.letters.put(self._team_chat, Text(html), priority=Priority.REST)
        return True


def blocks(duties: Iterable[Duty]) -> list[Block]:
    """The duties of each ambassador in each layer, with those that touch made one; by start."""
    ordered = sorted(duties, key=lambda one: (one.ambassador_id, one.layer))
    found = [
        Block(starts_at, ends_at, who, layer)
        for (who, layer), own in groupby(ordered, key=lambda one: (one.ambassador_id, one.layer))
        for starts_at, ends_at in union((one.starts_at, one.ends_at) for one in own)
    ]
    return sorted(found)


def _of_block(block: Block, ambassador: Ambassador, now: datetime) -> list[Due]:
    kinds = []
    ahead = block.starts_at - now
    if ahead > timedelta():
        if ambassador.unreachable_at is not None:
            kinds = ["unreachable"] if ahead <= _UNREACHABLE_AHEAD else []
        elif ahead <= HOUR:
            # Late at night or after an outage one reminder is enough, and this is the later one.
            kinds = ["hour"] if ambassador.remind_hour_before else []
        elif ahead <= DAY and ambassador.remind_day_before:
            kinds = ["day"]
    elif ahead > -_HANDOVER_LASTS and ambassador.unreachable_at is None:
        kinds = ["handover"]
    begins = f"{block.starts_at:%Y-%m-%dT%H:%MZ}"
    return [
        Due(f"{kind}:{block.ambassador_id}:{block.layer}:{begins}", kind, block) for kind in kinds
    ]


def _of_offers(offers: Iterable[Offer], now: datetime) -> list[Due]:
    """Shifts that others were asked to take some time ago, and that begin before long."""
    return [
        Due(f"offer:{one.id}", "offer", offer=one)
        for one in offers
        if now < one.starts_at <= now + _OFFER_AHEAD and one.made_at + _OFFER_STANDS <= now
    ]


async def _say_offer(work: UnitOfWork, offer_id: int) -> bool:
    """Whoever asked, and the coordinators, hear that nobody has taken it so far."""
    offer = await work.offers.find(offer_id)
    if offer is None or offer.state is not OfferState.OPEN:
        return False
    owner = await work.people.ambassador(offer.ambassador_id)
    values: dict[str, object] = {
        "handle": owner.handle,
        "starts": _when(offer.starts_at, work),
        "zone": work.community.zone,
    }
    yours, others = _OPEN_OFFER if offer.agreed_at is None else _AGREED_OFFER
    await tell_ambassador(work, owner, yours, case_id=None, **values)
    await alert_coordinators(work, others, case_id=None, but=(owner.id,), **values)
    return True


async def _say_block(work: UnitOfWork, kind: str, block: Block) -> bool:
    ambassador = await work.people.ambassador(block.ambassador_id)
    values: dict[str, object] = {
        "layer": block.layer,
        "starts": _when(block.starts_at, work),
        "ends": _when(block.ends_at, work)
        if block.ends_at < block.starts_at + _LONG
        else work.texts.say("reminder.long_after", ambassador.language),
        "zone": work.community.zone,
    }
    if kind == "unreachable":
        values["handle"] = ambassador.handle
        await alert_coordinators(work, "reminder.unreachable", case_id=None, but=(), **values)
    elif kind == "handover":
        await _hand_over(work, ambassador, block, values)
    else:
        await tell_ambassador(work, ambassador, _BEFORE[kind], case_id=None, **values)
    return True


async def _hand_over(
    work: UnitOfWork, ambassador: Ambassador, block: Block, values: dict[str, object]
) -> None:
    plan = await work.rota.plan()
    current = on_call(plan, work.now)
    ids = current.backup if block.layer is Layer.PRIMARY else current.primary
    somebody, nobody = _BESIDE[block.layer]
    handles = await _handles(work)
    cases = Counter(one.status for one in await work.cases.not_closed())
    say, language = work.texts.say, ambassador.language
    others = _names(work, ids, handles, language)
    lines = [
        say("reminder.handover", language, **values),
        say(somebody, language, others=others) if ids else say(nobody, language),
        say(
            "reminder.cases",
            language,
            open=cases[CaseStatus.OPEN],
            held=cases[CaseStatus.CLAIMED],
        )
        if cases
        else say("reminder.no_cases", language),
    ]
    html = Html("\n".join(lines))
    await work.letters.put(ambassador.chat_id, Text(html), priority=Priority.REPLY)


async def _say_gaps(work: UnitOfWork) -> bool:
    if not await work.rota.is_kept():
        return False
    end = work.now + GAPS_AHEAD
    plan: Rota = await work.rota.plan(work.now, end)
    found = gaps(plan, work.now, end)
    if not found:
        return False
    for coordinator in await work.people.coordinators():
        lines = [
            work.texts.say("reminder.gap_line", coordinator.language, **_gap(one, work))
            for one in found
        ]
        html = work.texts.say(
            "reminder.gaps",
            coordinator.language,
            days=GAPS_AHEAD.days,
            zone=work.community.zone,
            gaps=Html("\n".join(_shortened(work, lines))),
        )
        await work.letters.put(coordinator.chat_id, Text(html), priority=Priority.REST)
    return True


def _gap(gap: Span, work: UnitOfWork) -> dict[str, object]:
    return {"starts": _when(gap.starts_at, work), "ends": _when(gap.ends_at, work)}


def _shortened(work: UnitOfWork, lines: Sequence[Html]) -> list[Html]:
    if len(lines) <= MOST_LINES:
        return list(lines)
    more = work.texts.say("reminder.more", count=len(lines) - MOST_LINES)
    return [*lines[:MOST_LINES], more]


async def _handles(work: UnitOfWork) -> dict[int, str]:
    return {one.id: one.handle for one in await work.people.ambassadors()}


def _names(
    work: UnitOfWork, ids: Iterable[int], handles: dict[int, str], language: str | None = None
) -> str:
    known = sorted(f"@{handles[one]}" for one in ids if one in handles)
    return ", ".join(known) or work.texts.say("reminder.nobody", language)


def _when(at: datetime, work: UnitOfWork) -> str:
    return f"{at.astimezone(zone_named(work.community.zone)):%a %d %b, %H:%M}"
