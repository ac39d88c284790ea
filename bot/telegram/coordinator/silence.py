"""A person has gone silent: a coordinator decides what becomes of their case."""

from __future__ import annotations

from telegram import Update

from bot.core.decide import ClosedAsSilent, KeptOpen, Refusal
from bot.engine import escalation
from bot.telegram.ambassador import handover
from bot.telegram.here import Context


async def decided(update: Update, context: Context) -> None:
    """A tap on keeping the case open, closing it, or taking it over; checked against now."""
    here, me = context.here, context.here.me
    assert context.match is not None
    case = await here.work.cases.find(int(context.match[1]))
    if case is None:
        await here.answer(update, "page.answer_unknown")
        return
    if context.match[2] == "take":
        await here.answer(update)
        await handover.take(here, case)
        return
    keeps = context.match[2] == "keep"
    holder_id = case.holder_id
    refusal = await escalation.happen(here.work, case, KeptOpen() if keeps else ClosedAsSilent())
    if refusal is Refusal.CONTACT_NOT_CONFIRMED:
        await here.answer(update)
        await here.reply("quiet.contact_owed", label=case.label)
    elif refusal is not None:
        await here.answer(update, "quiet.answer_over")
    elif keeps:
        await here.work.audit.record("kept_open", by=me, subject=f"case:{case.id}")
        await here.answer(update)
        await here.reply("quiet.kept", label=case.label)
    else:
        await here.work.audit.record("closed_as_silent", by=me, subject=f"case:{case.id}")
        await here.answer(update)
        await here.reply("quiet.closed", label=case.label)
        if holder_id is not None and holder_id != me.id:
            holder = await here.work.people.ambassador(holder_id)
            await escalation.tell_ambassador(
                here.work, holder, "holder.closed", case_id=case.id, label=case.label, by=me.name
            )
