"""An ambassador's second channel: set by a URL, confirmed by a code, tried, taken away."""

from __future__ import annotations

import asyncio
import re

from telegram import Update

from bot.calling import NotAChannel, check_channel, show_channel
from bot.engine import second
from bot.engine.letters import Delete
from bot.engine.store.channels import MOST_CHANNELS
from bot.telegram.here import Context, Here
from models import CallReason

_CODE = re.compile(r"[0-9]{3}[ -]?[0-9]{3}")


async def channel(update: Update, context: Context) -> None:
    """``/channel URL``, ``/channel 123456``, ``/channel off``, or ``/channel`` to look."""
    here = context.here
    # As it was typed: a URL may hold letters that only look like others.
    text = " ".join(context.args or [])
    if not text:
        await _show(here)
    elif text.lower() == "off":
        await _end(here)
    elif _CODE.fullmatch(text):
        await _confirm(here, re.sub(r"[ -]", "", text))
    else:
        await _set(here, update, text)


async def test(update: Update, context: Context) -> None:
    """``/test``: a call through every channel of one's own."""
    here, me = context.here, context.here.me
    channels = await here.work.channels.of(me.id)
    for one in channels:
        words = second.plain(here.work, "channel.call_test", me)
        await here.work.channels.call(one, CallReason.TEST, words)
    if channels:
        await here.reply("channel.testing")
    else:
        await here.send(f"{here.say('channel.none')}\n\n{here.say('channel.usage')}")


async def _show(here: Here) -> None:
    channels = await here.work.channels.of(here.me.id)
    lines = [
        here.say("channel.yours", channels=", ".join([await _shown(one.url) for one in channels]))
        if channels
        else here.say("channel.none")
    ]
    if await here.work.channels.pending(here.me):
        lines.append(here.say("channel.waits_for_code"))
    await here.send("\n\n".join([*lines, here.say("channel.usage")]))


async def _end(here: Here) -> None:
    if await here.work.channels.end(here.me):
        await here.work.audit.record("channel_ended", by=here.me)
        await here.reply("channel.ended")
    else:
        await here.send(f"{here.say('channel.none')}\n\n{here.say('channel.usage')}")


async def _confirm(here: Here, code: str) -> None:
    confirmed = await here.work.channels.confirm(here.me, code)
    if confirmed is None:
        await here.reply("channel.wrong_code")
        return
    await here.work.audit.record("channel_confirmed", by=here.me)
    await here.reply("channel.confirmed", channel=await _shown(confirmed.url))


async def _set(here: Here, update: Update, url: str) -> None:
    message = update.effective_message
    if message is not None and "://" in url:
        # Whatever becomes of it: a URL may hold a password, and chats are read over shoulders.
        await here.put(Delete(message.message_id))
    kinds = here.work.community.channels
    try:
        await asyncio.to_thread(check_channel, url, kinds)
    except NotAChannel as error:
        await here.reply(
            f"channel.not_{error}", kind=url.partition("://")[0][:40], kinds=", ".join(kinds)
        )
        return
    if len(await here.work.channels.of(here.me.id)) >= MOST_CHANNELS:
        await here.reply("channel.too_many", n=MOST_CHANNELS)
        return
    made = await here.work.channels.add(here.me, url)
    words = second.plain(here.work, "channel.call_code", here.me, code=made.code)
    await here.work.channels.call(made, CallReason.CODE, words)
    await here.reply("channel.code_sent", channel=await _shown(url))


async def _shown(url: str) -> str:
    return await asyncio.to_thread(show_channel, url)
