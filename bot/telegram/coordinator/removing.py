"""Taking somebody out of the community: a lost phone, a volunteer who stops, one who must."""

from __future__ import annotations

from telegram import Update

from bot.engine import leaving
from bot.engine.escalation import alert_coordinators
from bot.engine.letters import Button, Text
from bot.telegram.here import Context, Here, buttons
from bot.telegram.joining import menu
from bot.telegram.volunteers import volunteer_called, volunteer_numbered
from models import Ambassador, Role


async def remove(update: Update, context: Context) -> None:
    """``/remove @ben``: shown what follows, and done only after a tap."""
    here, words = context.here, context.words
    if len(words) != 1:
        await here.reply("leaving.usage")
        return
    whom = await volunteer_called(here, words[0])
    if whom is None:
        return
    if await _is_last(here, whom):
        await here.reply("leaving.last")
        return
    held = await here.work.cases.held_by(whom.id)
    labels = ", ".join(case.label for case in held)
    await here.reply(
        "leaving.ask_holding" if held else "leaving.ask",
        buttons(
            (Button(here.say("leaving.do", handle=whom.handle), f"remove:{whom.id}:yes"),),
            (Button(here.say("leaving.keep"), f"remove:{whom.id}:no"),),
        ),
        handle=whom.handle,
        name=whom.name,
        labels=labels,
    )


async def decided(update: Update, context: Context) -> None:
    """A tap below `remove`, checked against how things are now."""
    here, me = context.here, context.here.me
    assert context.match is not None
    whom = await volunteer_numbered(here, int(context.match[1]))
    if whom is None:
        await here.answer(update, "page.answer_unknown")
        return
    await here.answer(update)
    if context.match[2] == "no":
        await here.reply("leaving.kept", handle=whom.handle)
        return
    if await _is_last(here, whom):
        await here.reply("leaving.last")
        return
    await leaving.for_good(here.work, whom, me)
    letters, texts = here.work.letters, here.work.texts
    told = texts.say("leaving.told", whom.language, community=here.work.community.name)
    await letters.put(whom.chat_id, Text(told))
    await letters.put(whom.chat_id, menu(texts, None))
    if whom.id != me.id:
        await here.reply("leaving.done", handle=whom.handle)
    await alert_coordinators(
        here.work, "leaving.others", but=(me.id,), handle=whom.handle, by=me.name
    )


async def _is_last(here: Here, whom: Ambassador) -> bool:
    """Whether nobody would coordinate any more."""
    return whom.role is Role.COORDINATOR and len(await here.work.people.coordinators()) == 1
