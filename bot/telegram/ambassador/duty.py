"""An ambassador's own standing: who is on call, being away, being out of reach."""

from __future__ import annotations

from datetime import datetime

from telegram import Update

from bot.core.phrases import NotUnderstood, read_until
from bot.core.rota import zone_named
from bot.engine import escalation
from bot.telegram.ambassador.talking import own_case
from bot.telegram.here import Context
from bot.telegram.person import talking as own_chat
from bot.texts import Html
from models import Away, PageStatus, Role


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
    """A command that does not exist for this role."""
    await context.here.reply("person.unknown_command")


async def on_call(update: Update, context: Context) -> None:
    """``/oncall``: who is on call right now."""
    here = context.here
    current = await here.work.rota.on_call()
    names = {one.id: f"@{one.handle}" for one in await here.work.people.ambassadors()}

    def listed(ids: frozenset[int]) -> str:
        known = sorted(names[one] for one in ids if one in names)
        return ", ".join(known) or here.say("ambassador.oncall_nobody")

    zone = here.work.community.zone
    await here.reply(
        "ambassador.oncall",
        time=_clock(here.work.now, zone),
        zone=zone,
        primary=listed(current.primary),
        backup=listed(current.backup),
    )


async def away(update: Update, context: Context) -> None:
    """``/away``, ``/away 3h``, ``/away until tomorrow 9:00``."""
    here, me = context.here, context.here.me
    text = " ".join(context.words)
    zone = here.work.community.zone
    try:
        until = read_until(text, here.work.now, zone_named(zone)) if text else None
    except NotUnderstood as error:
        usage = here.say("ambassador.away_usage")
        await here.reply(f"understood.{error.expected}", part=error.part[:60], usage=usage)
        return
    before = await here.work.rota.on_call()
    await here.work.rota.come_back(me.id)
    await here.work.rota.add(
        Away(
            ambassador_id=me.id,
            starts_at=here.work.now,
            ends_at=until,
            created_at=here.work.now,
        )
    )
    await here.work.audit.record("away", by=me, until=until.isoformat() if until else None)
    if until is None:
        await here.reply("ambassador.away")
    else:
        await here.reply(
            "ambassador.away_until", until=_clock(until, zone, with_day=True), zone=zone
        )
    held = await here.work.cases.held_by(me.id)
    if held:
        labels = ", ".join(case.label for case in held)
        await here.reply("ambassador.away_holding", labels=labels)
    left = await here.work.rota.on_call()
    if me.id in before.primary | before.backup and not left.primary | left.backup:
        await here.reply("ambassador.away_gap")


async def stop(update: Update, context: Context) -> None:
    """``/stop``: for their own case as for any person; pages are stopped in another way."""
    if await own_case(context.here) is not None:
        await own_chat.stop(update, context)
    else:
        await context.here.reply("ambassador.stop")


async def back(update: Update, context: Context) -> None:
    """``/back``."""
    here, me = context.here, context.here.me
    if await here.work.rota.come_back(me.id):
        await here.work.audit.record("back", by=me)
        await here.reply("ambassador.back")
    else:
        await here.reply("ambassador.not_away")


async def left_or_returned(update: Update, context: Context) -> None:
    """An ambassador blocked the bot, or let it back in."""
    here, me = context.here, context.here.me
    change = update.my_chat_member
    assert change is not None
    if change.new_chat_member.status in ("kicked", "left") and me.unreachable_at is None:
        me.unreachable_at = here.work.now
        for case in await here.work.cases.not_closed():
            pages = [
                page
                for page in await here.work.cases.pages(case)
                if page.ambassador_id == me.id and page.status.in_flight
            ]
            for page in pages:
                page.status, page.ended_at = PageStatus.FAILED, here.work.now
            if pages or case.holder_id == me.id:
                # Nobody waits for who is gone: the case is decided again at once.
                case.wake_at = here.work.now
        await here.work.audit.record("unreachable", by=me, subject=f"ambassador:{me.id}")
        await escalation.alert_coordinators(here.work, "alert.unreachable", handle=me.handle)


def _clock(at: datetime, zone: str, *, with_day: bool = False) -> str:
    return at.astimezone(zone_named(zone)).strftime("%a %d %b, %H:%M" if with_day else "%H:%M")
