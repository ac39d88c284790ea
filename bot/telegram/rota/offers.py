"""Answers to what ambassadors offer one another, by ``/coverme`` and ``/swap``.

An offer is accepted once, by the first who taps; its row is locked while it is looked at, and the
duties it is about are looked up again: what was offered may have been moved or covered since.
"""

from __future__ import annotations

from telegram import Update

from bot.core.rota import Add, Breach, Change, Duty, Span
from bot.engine.escalation import alert_coordinators, tell_ambassador
from bot.telegram.here import Context, Here
from bot.telegram.rota.covers import cover_of
from bot.telegram.rota.duties import find_duty
from bot.telegram.rota.proposing import applied, outlook, settle
from bot.telegram.rota.saying import duty_span, span_words
from bot.texts import Html
from models import Ambassador, Offer, OfferKind, OfferState


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
            spans=duty_span(here, duty),
            zone=here.work.community.zone,
        )
    return here.say(
        "swap.is",
        handle=owner.handle,
        other=here.me.handle,
        span=duty_span(here, duty),
        their_span=duty_span(here, theirs),
        zone=here.work.community.zone,
    )
