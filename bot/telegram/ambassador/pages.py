"""An ambassador answers a page."""

from __future__ import annotations

from telegram import Update

from bot.core.decide import Accepted, Declined, Refusal
from bot.engine import escalation, notices
from bot.telegram.here import Context, Here
from models import Ambassador, Case, CaseStatus, Page


async def page_answered(update: Update, context: Context) -> None:
    """A tap on "I'm here" or "Can't right now", checked anew against what is true now."""
    here, me = context.here, context.here.me
    assert context.match is not None
    page = await here.work.cases.page(int(context.match[1]))
    case = await here.work.cases.find(page.case_id) if page else None
    if page is None or case is None or page.ambassador_id != me.id:
        await here.answer(update, "page.answer_unknown")
        return
    if context.match[2] == "accept":
        await _accept(here, update, me, case)
    else:
        await _decline(here, update, me, case, page)


async def _accept(here: Here, update: Update, me: Ambassador, case: Case) -> None:
    if case.status is CaseStatus.CLAIMED and case.holder_id == me.id:
        await here.answer(update, "page.answer_yours")
        return
    refusal = await escalation.happen(here.work, case, Accepted(me.id))
    if refusal is Refusal.TAKEN and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        await here.answer(update, "page.answer_taken", holder=holder.name)
    elif refusal is not None:
        await here.answer(update, "page.answer_closed")
    else:
        await here.work.audit.record("claimed", by=me, subject=f"case:{case.id}")
        await here.answer(update, "page.answer_accepted")


async def _decline(here: Here, update: Update, me: Ambassador, case: Case, page: Page) -> None:
    if case.status is CaseStatus.CLAIMED and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        key = "page.answer_yours" if holder.id == me.id else "page.answer_taken"
        await here.answer(update, key, holder=holder.name)
        return
    if await escalation.happen(here.work, case, Declined(me.id)) is not None:
        await here.answer(update, "page.answer_closed")
        return
    await here.work.audit.record("declined", by=me, subject=f"case:{case.id}")
    await here.answer(update, "page.answer_declined")
    await notices.show_declined(here.work, case, page, me)
