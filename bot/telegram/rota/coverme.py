"""``/coverme``: a duty offered to whoever could take it."""

from __future__ import annotations

from datetime import date

from telegram import Update

from bot.core.phrases import read_when
from bot.core.roster import base_language
from bot.core.rota import Add, Breach, Duty, Span
from bot.engine.letters import Button, Text
from bot.telegram.here import Context, Here
from bot.telegram.rota.covers import cover_of
from bot.telegram.rota.duties import (
    duties_ahead,
    duties_within,
    duty_buttons,
    find_duty,
    next_duties,
)
from bot.telegram.rota.offers import note_shown, show_offer
from bot.telegram.rota.proposing import outlook, tell_coordinators
from bot.telegram.rota.reading import Refused, Words
from bot.telegram.rota.saying import duty_span, span_words
from models import Ambassador, Offer, OfferKind, OfferState

_HINDERS = (Breach.AWAY, Breach.DOUBLE, Breach.DAY_HOURS, Breach.WEEK_HOURS, Breach.REST)


async def cover_me(here: Here, text: str) -> None:
    """``/coverme tomorrow evening``: offer my shift to whoever could take it."""
    if not text:
        await _choose_duty(here, "offer.which")
        return
    when = read_when(text, here.work.now, Words.of(here, text).zone)
    found = await duties_within(here, here.me, when)
    if not found:
        raise Refused(
            "offer.no_duty",
            when=span_words(here, when.span.starts_at, when.span.ends_at),
            next=await next_duties(here, here.me),
        )
    if len(found) > 1:
        await here.reply("offer.several", duty_buttons(here, found, "coverme"))
        return
    await _offer(here, found[0])


async def _choose_duty(here: Here, key: str) -> None:
    found = await duties_ahead(here, here.me)
    if not found:
        await here.reply("mine.none_next")
        return
    await here.reply(key, duty_buttons(here, found, "coverme"))


async def duty_chosen(update: Update, context: Context) -> None:
    """A tap on the duty that somebody would like to be covered."""
    here = context.here
    assert context.match is not None
    duty = await find_duty(
        here, here.me.id, context.match[1], date.fromordinal(int(context.match[2]))
    )
    if duty is None:
        await here.answer(update, "offer.answer_gone")
        return
    await here.answer(update)
    await _offer(here, duty)


async def _offer(here: Here, duty: Duty) -> None:
    open_ones = await here.work.offers.open_ones()
    if any(
        (one.ambassador_id, one.place, one.on_date, one.kind)
        == (here.me.id, duty.place, duty.on_date, OfferKind.COVER)
        for one in open_ones
    ):
        await here.reply("offer.open_already", span=duty_span(here, duty))
        return
    able = await able_to_take(here, duty)
    offer = await here.work.offers.make(
        Offer(
            kind=OfferKind.COVER,
            ambassador_id=here.me.id,
            layer=duty.layer,
            starts_at=duty.starts_at,
            ends_at=duty.ends_at,
            place=duty.place,
            on_date=duty.on_date,
            state=OfferState.OPEN,
            made_at=here.work.now,
        )
    )
    await here.work.audit.record("cover_asked", by=here.me, subject=f"offer:{offer.id}")
    for one in able:
        await _ask(here, one, offer, duty)
    key = "offer.sent" if able else "offer.nobody"
    withdraw = Button(here.say("tap.withdraw"), f"offer:{offer.id}:withdraw")
    letter = await here.reply(
        key,
        ((withdraw,),),
        span=duty_span(here, duty),
        count=len(able),
        names=", ".join(f"@{one.handle}" for one in able),
    )
    await note_shown(here, offer, here.me, letter)
    if not able:
        await tell_coordinators(
            here, "offer.told_nobody", handle=here.me.handle, span=duty_span(here, duty)
        )


async def _ask(here: Here, one: Ambassador, offer: Offer, duty: Duty) -> None:
    keys = (
        Button(here.texts.say("tap.take", one.language), f"offer:{offer.id}:take"),
        Button(here.texts.say("tap.not_me", one.language), f"offer:{offer.id}:no"),
    )
    html = here.texts.say(
        "offer.asked",
        one.language,
        handle=here.me.handle,
        span=duty_span(here, duty),
        layer=here.texts.say(f"layer.{duty.layer}", one.language),
    )
    await show_offer(here, offer, one, Text(html, (keys,)))


async def able_to_take(here: Here, duty: Duty) -> list[Ambassador]:
    """Those who could take this duty: reachable, not away, not on duty already, not over their
    limits by it, and speaking the language of whoever has it, where anybody does."""
    found = [
        one
        for one in await here.work.people.ambassadors()
        if one.id != duty.ambassador_id
        and one.unreachable_at is None
        and not await _hindered(here, one, duty)
    ]
    owner = await here.work.people.ambassador(duty.ambassador_id)
    alike = [one for one in found if _language(one) == _language(owner)]
    return alike or found


def _language(one: Ambassador) -> str:
    return base_language(one.language) or "en"


async def _hindered(here: Here, one: Ambassador, duty: Duty) -> bool:
    """Whether taking this duty would clash with anything of ``one``."""
    seen = await outlook(
        here, (Add(cover_of(here, duty, one.id)),), Span(duty.starts_at, duty.ends_at)
    )
    return any(each.ambassador_id == one.id and each.kind in _HINDERS for each in seen.conflicts)
