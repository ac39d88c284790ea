"""Where decisions become rows: a case, an event, `decide`, and its effects, in one transaction."""

from __future__ import annotations

import structlog

from bot.core.decide import (
    AlertCoordinators,
    Decision,
    EndPages,
    Event,
    HandCase,
    Opened,
    PageOut,
    Refusal,
    Refuse,
    TellHolder,
    TellPerson,
    decide,
    open_case,
)
from bot.core.policy import parse_policy
from bot.engine import notices, review
from bot.engine.letters import Priority, Text
from bot.engine.work import UnitOfWork
from models import Ambassador, Case, Person, Theme, Urgency

_log = structlog.get_logger()


async def open_for(work: UnitOfWork, person: Person, urgency: Urgency, theme: Theme) -> Case:
    """Open a case for ``person`` who has none, without paging yet: see `begin`.

    What waits of them on the review list needs no decision any more.
    """
    await review.overtake(work, person)
    state = open_case(Urgency.highest(urgency, Urgency.SUPPORT), theme, work.now)
    case = await work.cases.open(person, state, work.community.policy)
    _log.info("case_opened", case=case.id, urgency=case.urgency, theme=case.theme)
    return case


async def begin(work: UnitOfWork, case: Case) -> None:
    """Page the first rung of a new case."""
    await happen(work, case, Opened())


async def happen(work: UnitOfWork, case: Case, event: Event) -> Refusal | None:
    """Let ``event`` happen to ``case`` and carry out what is decided; why not, where refused."""
    before = await work.cases.state(case)
    person = await work.people.person(case.person_id)
    # A volunteer may need somebody too; they are not asked to take their own case.
    others = [one for one in await work.people.ambassadors() if one.chat_key != person.chat_key]
    roster = await work.rota.roster(others)
    decision = decide(before, event, parse_policy(case.policy), roster, work.now)
    new_pages = await work.cases.keep(case, decision.case)
    refusal: Refusal | None = None
    paged = iter(new_pages)
    for effect in decision.effects:
        match effect:
            case PageOut():
                page = next(paged)
                await notices.page(work, case, page, person)
                _log.info(
                    "page_queued",
                    case=case.id,
                    page=page.id,
                    ambassador=page.ambassador_id,
                    rung=page.rung,
                    cycle=page.cycle,
                )
            case EndPages():
                await notices.end_pages(work, case, person)
            case TellPerson(notice):
                await notices.tell_person(work, case, person, notice)
            case TellHolder(ambassador_id, warning):
                await notices.tell_holder(work, case, person, ambassador_id, warning)
            case HandCase(ambassador_id):
                await notices.hand_case(work, case, person, ambassador_id)
            case AlertCoordinators():
                await alert_coordinators(work, "alert.nobody", case_id=case.id, label=case.label)
            case Refuse(reason):
                refusal = reason
    _note(case, before.status, decision)
    return refusal


async def flag_minor(work: UnitOfWork, case: Case) -> None:
    """Note that the person of ``case`` seems to be under age; who safeguards is told, once.

    That is the safeguarding lead where one is set and can be reached, else every coordinator.
    """
    if case.minor:
        return
    case.minor = True
    await work.audit.record("minor_flagged", by="bot", subject=f"case:{case.id}")
    lead = await work.people.safeguarding_lead()
    reached = lead is not None and lead.unreachable_at is None and not await work.rota.is_away(lead)
    told = [lead] if lead is not None and reached else await work.people.coordinators()
    person = await work.people.person(case.person_id)
    for one in told:
        if one.chat_key != person.chat_key:
            await tell_ambassador(work, one, "minor.told", case_id=case.id, label=case.label)
    if case.holder_id is not None:
        holder = await work.people.ambassador(case.holder_id)
        await tell_ambassador(work, holder, "minor.holder", case_id=case.id, label=case.label)


async def alert_coordinators(
    work: UnitOfWork, key: str, *, case_id: int | None = None, **values: object
) -> None:
    """Tell every coordinator something they must know."""
    for coordinator in await work.people.coordinators():
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
