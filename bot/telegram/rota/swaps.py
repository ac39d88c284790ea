"""``/swap``: one of my duties for one of theirs."""

from __future__ import annotations

from datetime import date

from telegram import Update

from bot.core.phrases import read_when
from bot.core.rota import Duty
from bot.engine.letters import Button, Text
from bot.telegram.here import Context, Here
from bot.telegram.rota.duties import (
    duties_ahead,
    duties_within,
    duty_buttons,
    find_duty,
    next_duties,
)
from bot.telegram.rota.offers import note_shown, show_offer
from bot.telegram.rota.proposing import rewrite, settle
from bot.telegram.rota.reading import Refused, Wanting, Words, named
from bot.telegram.rota.saying import duty_span, names_of, span_words
from models import Ambassador, Offer, OfferKind, OfferState


async def swap(here: Here, text: str) -> None:
    """``/swap @ben tomorrow evening for Friday evening``, or ``/swap @ben`` and taps."""
    words = Words.of(here, text)
    other = await named(here, words.take())
    if other.id == here.me.id:
        raise Refused("swap.self")
    if not words.left:
        mine = await duties_ahead(here, here.me)
        if not mine:
            raise Refused("mine.none_next")
        keys = duty_buttons(here, mine, f"swap:{other.id}")
        await here.reply("swap.which_mine", keys)
        return
    if "for" not in [word.lower() for word in words.left]:
        raise Wanting
    index = [word.lower() for word in words.left].index("for")
    mine_when = read_when(" ".join(words.left[:index]), here.work.now, words.zone)
    their_when = read_when(" ".join(words.left[index + 1 :]), here.work.now, words.zone)
    mine = await duties_within(here, here.me, mine_when)
    theirs = await duties_within(here, other, their_when)
    for found, who, when in ((mine, here.me, mine_when), (theirs, other, their_when)):
        if len(found) != 1:
            raise Refused(
                "swap.not_one",
                handle=who.handle,
                count=len(found),
                when=span_words(here, when.span.starts_at, when.span.ends_at),
                next=await next_duties(here, who),
            )
    await _offer_swap(here, other, mine[0], theirs[0])


async def swap_mine_chosen(update: Update, context: Context) -> None:
    """A tap on my duty: now theirs."""
    here = context.here
    assert context.match is not None
    who, place, ordinal = context.match[1], context.match[2], context.match[3]
    other = await _ambassador(here, int(who))
    if other is None:
        await here.answer(update, "offer.answer_gone")
        return
    theirs = await duties_ahead(here, other)
    await here.answer(update)
    if not theirs:
        await settle(here, update, here.say("swap.none_theirs", handle=other.handle))
        return
    ends = f":{place}:{ordinal}"
    keys = duty_buttons(here, theirs, f"swop:{who}", ends=ends)
    text = here.say("swap.which_theirs", handle=other.handle)
    await rewrite(here, update, text, [row for row in keys if len(row[0].data) <= 64])


async def swap_theirs_chosen(update: Update, context: Context) -> None:
    """A tap on their duty: they are asked."""
    here = context.here
    assert context.match is not None
    who, their_place, their_day, place, day = context.match.groups()
    other = await _ambassador(here, int(who))
    mine = await find_duty(here, here.me.id, place, date.fromordinal(int(day)))
    theirs = (
        await find_duty(here, other.id, their_place, date.fromordinal(int(their_day)))
        if other
        else None
    )
    if other is None or mine is None or theirs is None:
        await here.answer(update, "offer.answer_gone")
        return
    await here.answer(update)
    await _offer_swap(here, other, mine, theirs)


async def _ambassador(here: Here, number: int) -> Ambassador | None:
    everybody = {one.id: one for one in await here.work.people.ambassadors()}
    return everybody.get(number)


async def _offer_swap(here: Here, other: Ambassador, mine: Duty, theirs: Duty) -> None:
    offer = await here.work.offers.make(
        Offer(
            kind=OfferKind.SWAP,
            ambassador_id=here.me.id,
            counterpart_id=other.id,
            layer=mine.layer,
            starts_at=mine.starts_at,
            ends_at=min(mine.ends_at, theirs.ends_at),
            place=mine.place,
            on_date=mine.on_date,
            their_layer=theirs.layer,
            their_starts_at=theirs.starts_at,
            their_ends_at=theirs.ends_at,
            their_place=theirs.place,
            their_on_date=theirs.on_date,
            state=OfferState.OPEN,
            made_at=here.work.now,
        )
    )
    await here.work.audit.record("swap_asked", by=here.me, subject=f"offer:{offer.id}")
    keys = (
        Button(here.texts.say("tap.swap", other.language), f"offer:{offer.id}:take"),
        Button(here.texts.say("tap.not_me", other.language), f"offer:{offer.id}:no"),
    )
    html = here.texts.say(
        "swap.asked",
        other.language,
        handle=here.me.handle,
        span=duty_span(here, theirs),
        their_span=duty_span(here, mine),
    )
    await show_offer(here, offer, other, Text(html, (keys,)))
    names = await names_of(here)
    letter = await here.reply(
        "swap.sent",
        ((Button(here.say("tap.withdraw"), f"offer:{offer.id}:withdraw"),),),
        handle=names[other.id],
        span=duty_span(here, mine),
        their_span=duty_span(here, theirs),
    )
    await note_shown(here, offer, here.me, letter)
