"""Where decisions become rows: a case, an event, `decide`, and its effects, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache

import structlog

from bot.core.case import CaseState
from bot.core.decide import (
    Accepted,
    AlertCoordinators,
    AskCoordinators,
    Decision,
    EndOffer,
    EndPages,
    Event,
    HandCase,
    OfferAccepted,
    OfferCase,
    Opened,
    PageAgain,
    PageOut,
    Refusal,
    Refuse,
    Reopened,
    TakenOver,
    TellHolder,
    TellPerson,
    decide,
    open_case,
)
from bot.core.policy import Loudness, Policy, PolicyError, parse_policy
from bot.engine import notices, review, second
from bot.engine.letters import Priority, Text
from bot.engine.safeguarding import lead_for, told_of
from bot.engine.work import UnitOfWork
from models import Ambassador, Case, CaseStatus, Person, Theme, Urgency

_log = structlog.get_logger()


async def open_for(work: UnitOfWork, person: Person, urgency: Urgency, theme: Theme) -> Case:
    """A case for ``person`` who has none, without paging yet: see `begin`.

    It is the one that was closed last where that was a short while ago, else a new one. What
    waits of them on the review list needs no decision any more.
    """
    await review.overtake(work, person)
    recent = await recent_case(work, person)
    if recent is not None:
        recent.policy = (await work.policies.current()).as_json()
        return recent
    state = open_case(Urgency.highest(urgency, Urgency.SUPPORT), theme, work.now)
    case = await work.cases.open(person, state, await work.policies.current())
    _log.info("case_opened", case=case.id, urgency=case.urgency, theme=case.theme)
    return case


async def recent_case(work: UnitOfWork, person: Person) -> Case | None:
    """The case of ``person`` that their next words may open again."""
    policy = await work.policies.current()
    return await work.cases.closed_since(person, work.now - policy.reopen)


async def begin(
    work: UnitOfWork,
    case: Case,
    urgency: Urgency = Urgency.NONE,
    theme: Theme = Theme.OTHER,
) -> None:
    """Page the first rung of a case that `open_for` gave; what triage has may raise an old one."""
    closed = case.status is CaseStatus.CLOSED
    await happen(work, case, Reopened(urgency, theme) if closed else Opened())


_TAKES = (Accepted, OfferAccepted, TakenOver)


async def happen(work: UnitOfWork, case: Case, event: Event) -> Refusal | None:
    """Let ``event`` happen to ``case`` and carry out what is decided; why not, where refused."""
    before = await work.cases.state(case)
    person = await work.people.person(case.person_id)
    # A volunteer may need somebody too; they are not asked to take their own case.
    roster = await work.rosters.roster(person.language, case, but=person)
    if isinstance(event, _TAKES) and await work.people.has_left(event.ambassador_id):
        # They were one of us when they tapped, and are taken out in the same moment.
        return Refusal.NOT_AVAILABLE
    policy = await _policy_of(work, case)
    decision = decide(before, event, policy, roster, work.now)
    new_pages = await work.cases.keep(case, decision.case)
    refusal: Refusal | None = None
    paged = iter(new_pages)
    for effect in decision.effects:
        match effect:
            case PageOut(loudness=loudness):
                page = next(paged)
                page.loud = loudness is Loudness.LOUD
                await notices.page(work, case, page, person, loudness)
                if page.loud:
                    await second.call_for_page(work, page)
                _log.info(
                    "page_queued",
                    case=case.id,
                    page=page.id,
                    ambassador=page.ambassador_id,
                    rung=page.rung,
                    cycle=page.cycle,
                )
            case PageAgain(ambassador_id, loudness):
                page = (await work.cases.asking(case, ambassador_id))[0]
                page.loud = page.loud or loudness is Loudness.LOUD
                await notices.page_again(work, case, page, person, loudness)
                if page.loud:
                    await second.call_for_page(work, page)
                _log.info("page_raised", case=case.id, page=page.id, urgency=case.urgency)
            case EndPages():
                await notices.end_pages(work, case, person)
            case TellPerson(notice):
                await notices.tell_person(work, case, person, notice)
            case TellHolder(ambassador_id, warning):
                await notices.tell_holder(work, case, person, ambassador_id, warning)
            case HandCase(ambassador_id):
                await notices.hand_case(work, case, person, ambassador_id)
            case OfferCase(ambassador_id):
                await notices.offer(work, case, person, ambassador_id)
            case EndOffer(ambassador_id, end):
                await notices.end_offer(work, case, person, ambassador_id, end)
            case AskCoordinators():
                await notices.ask_about_silence(work, case, person)
            case AlertCoordinators():
                for one in await work.people.coordinators(but=person):
                    await tell_ambassador(
                        work, one, "alert.nobody", case_id=case.id, label=case.label
                    )
            case Refuse(reason):
                refusal = reason
    _note(case, before.status, decision)
    _count(work, before, decision.case)
    return refusal


async def _policy_of(work: UnitOfWork, case: Case) -> Policy:
    """The policy that ``case`` was opened with.

    One that another version wrote, and this one cannot read, gives way to the one that counts now.
    """
    try:
        return _parsed(json.dumps(case.policy))
    except PolicyError:
        _log.error("snapshot_not_read", case=case.id)
        return await work.policies.current()


@lru_cache(maxsize=64)
def _parsed(snapshot: str) -> Policy:
    """Most cases have the same snapshot."""
    return parse_policy(json.loads(snapshot))


async def flag_minor(work: UnitOfWork, case: Case) -> None:
    """Note that the person of ``case`` seems to be under age; who safeguards is told, once.

    That is the safeguarding lead where one is set and can be reached, else every coordinator.
    """
    if case.minor:
        return
    case.minor = True
    await work.audit.record("minor_flagged", by="bot", subject=f"case:{case.id}")
    person = await work.people.person(case.person_id)
    told = await told_of(work, person)
    for one in told:
        key = "minor.holder_told" if one.id == case.holder_id else "minor.told"
        await tell_ambassador(work, one, key, case_id=case.id, label=case.label)
    if case.holder_id is not None and case.holder_id not in (one.id for one in told):
        holder = await work.people.ambassador(case.holder_id)
        lead = await lead_for(work, person)
        await tell_ambassador(
            work,
            holder,
            "minor.holder" if lead is None else "minor.holder_lead",
            case_id=case.id,
            label=case.label,
            handle=lead.handle if lead is not None else "",
        )


async def alert_coordinators(
    work: UnitOfWork,
    key: str,
    *,
    case_id: int | None = None,
    but: Collection[int] = (),
    **values: object,
) -> None:
    """Tell every coordinator, ``but`` those who know it already, something they must know."""
    for coordinator in await work.people.coordinators():
        if coordinator.id not in but:
            await tell_ambassador(work, coordinator, key, case_id=case_id, **values)


async def tell_ambassador(
    work: UnitOfWork,
    ambassador: Ambassador,
    key: str,
    *,
    case_id: int | None = None,
    **values: object,
) -> None:
    """Tell one ambassador something, in their language."""
    html = work.texts.say(key, ambassador.language, **values)
    await work.letters.put(ambassador.chat_id, Text(html), priority=Priority.REPLY, case_id=case_id)


def _note(case: Case, status_before: str, decision: Decision) -> None:
    if decision.case.status != status_before:
        _log.info(
            f"case_{'reopened' if decision.case.status == 'open' else decision.case.status}",
            case=case.id,
            urgency=case.urgency,
            ambassador=case.holder_id,
        )


def _count(work: UnitOfWork, before: CaseState, after: CaseState) -> None:
    known = {page.id: page.status for page in before.pages}
    for page in after.pages:
        if page.id is None or known.get(page.id) is not page.status:
            work.meter.page(page.status)
    if after.status is CaseStatus.CLAIMED and before.status is not CaseStatus.CLAIMED:
        work.meter.claimed(after.urgency, (work.now - after.opened_at).total_seconds())
