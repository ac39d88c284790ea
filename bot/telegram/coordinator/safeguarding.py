"""Who is told of persons under age."""

from __future__ import annotations

from telegram import Update

from bot.telegram.here import Context

_NOBODY = ("off", "nobody", "none")


async def safeguarding(update: Update, context: Context) -> None:
    """``/safeguarding``, ``/safeguarding @ana``, ``/safeguarding off``."""
    here, me = context.here, context.here.me
    lead = await here.work.people.safeguarding_lead()
    if not context.words:
        handle = f"@{lead.handle}" if lead else here.say("minor.nobody")
        await here.reply("minor.lead", handle=handle)
        return
    word = " ".join(context.words)
    off = word.lower() in _NOBODY
    chosen = None if off else await here.work.people.ambassador_called(word)
    if chosen is None and not off:
        handles = ", ".join(f"@{one.handle}" for one in await here.work.people.ambassadors())
        await here.reply("minor.no_such", text=word[:40], handles=handles)
        return
    if lead is not None:
        lead.safeguards_since = None
    if chosen is not None:
        chosen.safeguards_since = here.work.now
    await here.work.audit.record(
        "safeguarding_lead",
        by=me,
        subject=f"ambassador:{chosen.id}" if chosen else None,
    )
    handle = f"@{chosen.handle}" if chosen else here.say("minor.nobody")
    await here.reply("minor.lead_set", handle=handle)
