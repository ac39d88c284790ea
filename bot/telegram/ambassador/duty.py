"""What an ambassador may do here, and being out of reach."""

from __future__ import annotations

from telegram import Update

from bot.engine import leaving
from bot.telegram.ambassador.talking import own_case
from bot.telegram.here import Context
from bot.telegram.person import talking as own_chat
from bot.texts import Html
from models import Role


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
    if change.new_chat_member.status in ("kicked", "left"):
        await leaving.out_of_reach(here.work, me, by=me)
