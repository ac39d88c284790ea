"""Cover that ambassadors arrange among themselves: ``/coverme`` and ``/swap``.

An offer is accepted once, by the first who taps; its row is locked while it is looked at, and the
duties it is about are looked up again: what was offered may have been moved or covered since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from telegram import Update

from bot.core.phrases import days, read_when
from bot.core.roster import base_language
from bot.core.rota import Add, Breach, Change, Duty, Span, spans, zone_named
from bot.engine.escalation import alert_coordinators, tell_ambassador
from bot.engine.letters import Button, Keyboard, Priority, Text
from bot.telegram.here import Context, Here
from bot.telegram.rota.covers import cover_of, duties_ahead, duties_within, next_duties
from bot.telegram.rota.proposing import applied, outlook, rewrite, settle, tell_coordinators
from bot.telegram.rota.reading import Refused, Wanting, Words, named
from bot.telegram.rota.saying import names_of, span_words
from bot.texts import Html
from models import Ambassador, Offer, OfferKind, OfferState

_MOST_CHOICES = 12
_HINDERS = (Breach.AWAY, Breach.DOUBLE, Breach.DAY_HOURS, Breach.WEEK_HOURS, Breach.REST)
_DAY = timedelta(days=1)


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
        await here.reply("offer.several", _duty_buttons(here, found, "coverme"))
        return
    await _offer(here, found[0])


async def _choose_duty(here: Here, key: str) -> None:
    found = await duties_ahead(here, here.me)
    if not found:
        await here.reply("mine.none_next")
        return
    await here.reply(key, _duty_buttons(here, found, "coverme"))


def _duty_buttons(here: Here, found: Sequence[Duty], prefix: str, *, ends: str = "") -> Keyboard:
    """A button for each duty. Its data names the place and the date, not the time."""
    return tuple(
        (
            Button(
                span_words(here, one.starts_at, one.ends_at),
                f"{prefix}:{one.place}:{one.on_date.toordinal()}{ends}",
            ),
        )
        for one in found[:_MOST_CHOICES]
    )


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


async def find_duty(here: Here, who: int, place: str | None, on_date: date | None) -> Duty | None:
    """The duty of ``who`` that begins in this place on this date, if it is still theirs."""
    if place is None or on_date is None:
        return None
    now = here.work.now
    midnight = days(on_date, on_date, zone_named(here.work.community.zone)).starts_at
    start = max(now - _DAY, midnight - _DAY)
    plan = await here.work.rota.plan(start, start + timedelta(days=4))
    return next(
        (
            one
            for one in spans(plan, start, start + timedelta(days=4), join=False)
            if (one.ambassador_id, one.place, one.on_date) == (who, place, on_date)
            and one.ends_at > now
        ),
        None,
    )


async def _offer(here: Here, duty: Duty) -> None:
    open_ones = await here.work.offers.open_ones()
    if any(
        (one.ambassador_id, one.place, one.on_date, one.kind)
        == (here.me.id, duty.place, duty.on_date, OfferKind.COVER)
        for one in open_ones
    ):
        await here.reply("offer.open_already", span=_span(here, duty))
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
    await here.reply(
        key,
        ((withdraw,),),
        span=_span(here, duty),
        count=len(able),
        names=", ".join(f"@{one.handle}" for one in able),
    )
    if not able:
        await tell_coordinators(
            here, "offer.told_nobody", handle=here.me.handle, span=_span(here, duty)
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
        span=_span(here, duty),
        layer=here.texts.say(f"layer.{duty.layer}", one.language),
    )
    await here.work.letters.put(one.chat_id, Text(html, (keys,)), priority=Priority.REPLY)


def _span(here: Here, duty: Duty) -> str:
    return span_words(here, duty.starts_at, duty.ends_at)


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


async def offer_answered(update: Update, context: Context) -> None:
    """A tap on I'll take it, Not me, Swap, or Withdraw."""
    here = context.here
    assert context.match is not None
    offer = await here.work.offers.find(int(context.match[1]))
    act = context.match[2]
    if offer is None or (act == "withdraw") != (offer.ambassador_id == here.me.id):
        await here.answer(update, "page.answer_unknown")
        return
    if offer.kind is OfferKind.SWAP and act != "withdraw" and offer.counterpart_id != here.me.id:
        await here.answer(update, "page.answer_unknown")
        return
    if offer.state is not OfferState.OPEN or offer.ends_at <= here.work.now:
        await _too_late(here, update, offer)
    elif act == "withdraw":
        await here.work.offers.end(offer, OfferState.CANCELLED)
        await here.answer(update, "rota.answer_cancelled")
        await settle(here, update, here.say("offer.withdrawn"))
    elif act == "no":
        await _decline(here, update, offer)
    else:
        await _accept(here, update, offer)


async def _too_late(here: Here, update: Update, offer: Offer) -> None:
    span = span_words(here, offer.starts_at, offer.ends_at)
    if offer.state is OfferState.ACCEPTED and offer.counterpart_id == here.me.id:
        await here.answer(update, "offer.answer_yours")
        return
    await here.answer(update, "offer.answer_taken")
    await settle(here, update, here.say("offer.taken", span=span))


async def _decline(here: Here, update: Update, offer: Offer) -> None:
    await here.answer(update, "page.answer_declined")
    await settle(here, update, here.say("offer.declined"))
    if offer.kind is OfferKind.SWAP:
        await here.work.offers.end(offer, OfferState.CANCELLED)
        owner = await here.work.people.ambassador(offer.ambassador_id)
        await tell_ambassador(here.work, owner, "swap.declined", handle=here.me.handle)


async def _accept(here: Here, update: Update, offer: Offer) -> None:
    owner = await here.work.people.ambassador(offer.ambassador_id)
    duty = await find_duty(here, owner.id, offer.place, offer.on_date)
    theirs = await find_duty(here, here.me.id, offer.their_place, offer.their_on_date)
    is_swap = offer.kind is OfferKind.SWAP
    if duty is None or (is_swap and theirs is None):
        await here.work.offers.end(offer, OfferState.EXPIRED)
        await here.answer(update, "offer.answer_gone")
        await settle(here, update, here.say("offer.gone"))
        return
    change: Change = (Add(cover_of(here, duty, here.me.id)),)
    if theirs is not None and is_swap:
        change = (*change, Add(cover_of(here, theirs, owner.id)))
    latest = max(duty.ends_at, theirs.ends_at if theirs and is_swap else duty.ends_at)
    earliest = min(duty.starts_at, theirs.starts_at if theirs and is_swap else duty.starts_at)
    seen = await outlook(here, change, Span(earliest, latest))
    clash = (Breach.AWAY, Breach.DOUBLE)
    if any(one.ambassador_id == here.me.id and one.kind in clash for one in seen.conflicts):
        await here.answer(update, "offer.answer_clash")
        return
    await here.work.offers.end(offer, OfferState.ACCEPTED, here.me)
    summary = _summary(here, owner, duty, theirs if is_swap else None)
    row = await here.work.journal.apply(
        change, here.me, "swapped" if is_swap else "cover_accepted", summary
    )
    await applied(here, row, seen.difference)
    await here.answer(update, "offer.answer_yours")
    await settle(here, update, summary)
    await here.send(Html(f"{here.say('offer.thanks')}\n{summary}"))
    await tell_ambassador(here.work, owner, "offer.found", handle=here.me.handle, summary=summary)
    await alert_coordinators(here.work, "offer.told", but=(here.me.id, owner.id), summary=summary)


def _summary(here: Here, owner: Ambassador, duty: Duty, theirs: Duty | None) -> Html:
    if theirs is None:
        return here.say(
            "cover.is",
            handle=here.me.handle,
            other=owner.handle,
            spans=_span(here, duty),
            zone=here.work.community.zone,
        )
    return here.say(
        "swap.is",
        handle=owner.handle,
        other=here.me.handle,
        span=_span(here, duty),
        their_span=_span(here, theirs),
        zone=here.work.community.zone,
    )


# Swaps.


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
        keys = _duty_buttons(here, mine, f"swap:{other.id}")
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
    keys = _duty_buttons(here, theirs, f"swop:{who}", ends=ends)
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
        span=_span(here, theirs),
        their_span=_span(here, mine),
    )
    await here.work.letters.put(other.chat_id, Text(html, (keys,)), priority=Priority.REPLY)
    names = await names_of(here)
    await here.reply(
        "swap.sent",
        ((Button(here.say("tap.withdraw"), f"offer:{offer.id}:withdraw"),),),
        handle=names[other.id],
        span=_span(here, mine),
        their_span=_span(here, theirs),
    )
