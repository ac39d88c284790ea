"""What an ambassador may do here, and being out of reach."""

from __future__ import annotations

from telegram import Update

from bot.engine import escalation
from bot.telegram.ambassador.talking import own_case
from bot.telegram.here import Context
from bot.telegram.person import talking as own_chat
from bot.texts import Html
from models import PageStatus, Role


async def start(update: Update, context: Context) -> None:
    """``/start`` of somebody who has joined already."""
    await context.here.reply("ambassador.start", handle=context.here.me.handle)


async def help_(update: Update, context: Context) -> None:
    """``/help``: the commands of this role."""
    here = context.here
    html = here.say("ambassador.help")
    if here.me.role is Role.COORDINATOR:
        html = Html(f"{here.say('coordinator.help')}\n\n{html}")
    await here.send(html)


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist for this role: nobody is sent it, also of a case they hold."""
    await context.here.reply("ambassador.unknown_command")


async def stop(update: Update, context: Context) -> None:
    """``/stop``: for their own case as for any person; pages are stopped in another way."""
    if await own_case(context.here) is not None:
        await own_chat.stop(update, context)
    else:
        await context.here.reply("ambassador.stop")


async def left_or_returned(update: Update, context: Context) -> None:
    """An ambassador blocked the bot, or let it back in."""
    here, me = context.here, context.here.me
    change = update.my_chat_member
    assert change is not None
    if change.new_chat_member.status not in ("kicked", "left"):
        return
    cases = await here.work.cases.of_ambassador(me.id)
    if not await here.work.people.lost(me):
        return
    for case in cases:
        awaited = [
            page
            for page in await here.work.cases.pages(case)
            if page.ambassador_id == me.id and page.status.in_flight
        ]
        for page in awaited:
            page.status, page.ended_at = PageStatus.FAILED, here.work.now
        if awaited or case.holder_id == me.id:
            # Nobody waits for who is gone: the case is decided again at once.
            case.wake_at = here.work.now
    await here.work.audit.record("unreachable", by=me, subject=f"ambassador:{me.id}")
    await escalation.alert_coordinators(here.work, "alert.unreachable", handle=me.handle)
