"""Answers to what ambassadors offer one another, by ``/coverme`` and ``/swap``.

An offer is accepted once, by the first who taps; its row is locked while it is looked at, and the
duties it is about are looked up again: what was offered may have been moved or covered since.
Where the limits say so, a coordinator is asked before it counts; otherwise they are told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from telegram import Update

from bot.core.rota import Add, Breach, Change, Duty, Span
from bot.engine.escalation import alert_coordinators, tell_ambassador
from bot.engine.letters import Button, Edit, Priority, Text
from bot.telegram.here import Context, Here
from bot.telegram.rota.covers import cover_of
from bot.telegram.rota.duties import find_duty
from bot.telegram.rota.proposing import Outlook, applied, outlook, settle
from bot.telegram.rota.saying import by_words, conflict_lines, duty_span, names_of, span_words
from bot.texts import Html
from models import Ambassador, Offer, OfferKind, OfferState, Outbox, Role

_CLASH = (Breach.AWAY, Breach.DOUBLE)


@dataclass(frozen=True, slots=True)
class Arranged:
    """What an offer comes to where ``taker`` says yes to ``owner``."""

    owner: Ambassador
    taker: Ambassador
    change: Change
    summary: Html
    seen: Outlook
    kind: str

    @property
    def clashes(self) -> bool:
        """Whether the taker is away or on call already."""
        return any(
            one.ambassador_id == self.taker.id and one.kind in _CLASH for one in self.seen.conflicts
        )


async def show_offer(here: Here, offer: Offer, one: Ambassador, text: Text) -> None:
    """Show an offer to somebody, in a message that changes when it is settled."""
    letter = await here.work.letters.put(one.chat_id, text, priority=Priority.REPLY)
    await note_shown(here, offer, one, letter)


async def note_shown(here: Here, offer: Offer, one: Ambassador, letter: Outbox) -> None:
    """This letter shows the offer too."""
    number = await here.work.letters.number_of(letter)
    kept = offer.shown.get(str(one.id), [])
    offer.shown = {**offer.shown, str(one.id): [*kept, number]}


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
        await _settle_shown(here, offer)
    elif offer.agreed_at is not None:
        await here.answer(update, "offer.answer_waits")
    elif act == "no":
        await _decline(here, update, offer)
    else:
        await _accept(here, update, offer)


async def agreed(update: Update, context: Context) -> None:
    """A coordinator's tap on whether what was arranged is all right."""
    here = context.here
    assert context.match is not None
    offer = await here.work.offers.find(int(context.match[1]))
    if offer is None or offer.counterpart_id is None:
        await here.answer(update, "page.answer_unknown")
        return
    over = offer.state is not OfferState.OPEN or offer.ends_at <= here.work.now
    if over or offer.agreed_at is None:
        await _too_late(here, update, offer)
        return
    arranged = await _arranged(here, offer, offer.counterpart_id)
    if arranged is None:
        await _gone(here, update, offer)
    elif context.match[2] == "no":
        await here.work.offers.end(offer, OfferState.CANCELLED)
        await here.work.audit.record("cover_refused", by=here.me, subject=f"offer:{offer.id}")
        await here.answer(update, "rota.answer_cancelled")
        refused = here.say("offer.refused", by=by_words(here.me), summary=arranged.summary)
        await settle(here, update, refused)
        await _settle_shown(here, offer)
        for one in (arranged.owner, arranged.taker):
            await tell_ambassador(
                here.work, one, "offer.refused", by=by_words(here.me), summary=arranged.summary
            )
    elif arranged.clashes:
        await here.answer(update, "offer.answer_clash_now")
    else:
        await _apply(here, offer, arranged)
        await here.answer(update, "rota.answer_applied")
        await settle(here, update, arranged.summary)
        for one in (arranged.owner, arranged.taker):
            await tell_ambassador(
                here.work, one, "offer.agreed", by=by_words(here.me), summary=arranged.summary
            )


async def _too_late(here: Here, update: Update, offer: Offer) -> None:
    span = span_words(here, offer.starts_at, offer.ends_at)
    if offer.state is OfferState.ACCEPTED and offer.counterpart_id == here.me.id:
        await here.answer(update, "offer.answer_yours")
        return
    await here.answer(update, "offer.answer_taken")
    if str(here.me.id) in offer.shown:
        # What has ended otherwise says so already.
        _forget_shown(offer, here.me)
        await settle(here, update, here.say("offer.taken", span=span))


async def _decline(here: Here, update: Update, offer: Offer) -> None:
    await here.answer(update, "page.answer_declined")
    await settle(here, update, here.say("offer.declined"))
    _forget_shown(offer, here.me)
    if offer.kind is OfferKind.SWAP:
        await here.work.offers.end(offer, OfferState.CANCELLED)
        await _settle_shown(here, offer)
        owner = await here.work.people.ambassador(offer.ambassador_id)
        await tell_ambassador(here.work, owner, "swap.declined", handle=here.me.handle)


async def _accept(here: Here, update: Update, offer: Offer) -> None:
    arranged = await _arranged(here, offer, here.me.id)
    if arranged is None:
        await _gone(here, update, offer)
        return
    if arranged.clashes:
        await here.answer(update, "offer.answer_clash")
        return
    if await _needs_a_yes(here, arranged):
        await _ask_coordinators(here, update, offer, arranged)
        return
    await _apply(here, offer, arranged)
    await here.answer(update, "offer.answer_yours")
    await settle(here, update, arranged.summary)
    await here.send(Html(f"{here.say('offer.thanks')}\n{arranged.summary}"))
    await tell_ambassador(
        here.work,
        arranged.owner,
        "offer.found",
        handle=here.me.handle,
        summary=arranged.summary,
    )
    await alert_coordinators(
        here.work, "offer.told", but=(here.me.id, arranged.owner.id), summary=arranged.summary
    )


async def _needs_a_yes(here: Here, arranged: Arranged) -> bool:
    """Whether a coordinator has to be asked: not where one of the two is one."""
    limits = await here.work.limits.current()
    return (
        limits.approve
        and Role.COORDINATOR not in (arranged.owner.role, arranged.taker.role)
        and bool(await here.work.people.coordinators())
    )


async def _ask_coordinators(here: Here, update: Update, offer: Offer, arranged: Arranged) -> None:
    offer.agreed_at = here.work.now
    offer.counterpart_id = here.me.id
    await here.answer(update, "offer.answer_waits")
    await settle(here, update, here.say("offer.waits", summary=arranged.summary))
    await _settle_shown(here, offer, but=(arranged.owner.id,))
    await tell_ambassador(
        here.work,
        arranged.owner,
        "offer.found_waits",
        handle=here.me.handle,
        summary=arranged.summary,
    )
    wrong = conflict_lines(here, arranged.seen.conflicts, await names_of(here))
    for one in await here.work.people.coordinators():
        keys = (
            Button(here.texts.say("tap.agree", one.language), f"agree:{offer.id}:yes"),
            Button(here.texts.say("tap.refuse", one.language), f"agree:{offer.id}:no"),
        )
        html = here.texts.say(
            "offer.agree", one.language, summary=arranged.summary, wrong=Html("\n".join(wrong))
        )
        await show_offer(here, offer, one, Text(html, (keys,)))


async def _apply(here: Here, offer: Offer, arranged: Arranged) -> None:
    await here.work.offers.end(offer, OfferState.ACCEPTED, arranged.taker)
    row = await here.work.journal.apply(arranged.change, here.me, arranged.kind, arranged.summary)
    await applied(here, row, arranged.seen.difference)
    await _settle_shown(here, offer)


async def _gone(here: Here, update: Update, offer: Offer) -> None:
    await here.work.offers.end(offer, OfferState.EXPIRED)
    await here.answer(update, "offer.answer_gone")
    await settle(here, update, here.say("offer.gone"))
    await _settle_shown(here, offer)


def _forget_shown(offer: Offer, one: Ambassador) -> None:
    offer.shown = {who: kept for who, kept in offer.shown.items() if who != str(one.id)}


async def _settle_shown(here: Here, offer: Offer, but: Collection[int] = ()) -> None:
    """Wherever else the offer is shown, it says that it is settled, without buttons."""
    _forget_shown(offer, here.me)
    span = span_words(here, offer.starts_at, offer.ends_at)
    kept = {who: numbers for who, numbers in offer.shown.items() if int(who) in but}
    for who, numbers in offer.shown.items():
        if who in kept:
            continue
        one = await here.work.people.ambassador(int(who))
        for number in numbers:
            letter = await here.work.letters.numbered(number)
            if letter is not None:
                html = here.texts.say("offer.taken", one.language, span=span)
                await here.work.letters.change(letter, Edit(html))
    offer.shown = kept


async def _arranged(here: Here, offer: Offer, taker_id: int) -> Arranged | None:
    """What the offer comes to if this ambassador takes it; None where a duty is gone."""
    owner = await here.work.people.ambassador(offer.ambassador_id)
    taker = await here.work.people.ambassador(taker_id)
    duty = await find_duty(here, owner.id, offer.place, offer.on_date)
    if duty is None:
        return None
    change: Change = (Add(cover_of(here, duty, taker.id)),)
    if offer.kind is not OfferKind.SWAP:
        seen = await outlook(here, change, Span(duty.starts_at, duty.ends_at))
        summary = _cover_words(here, owner, taker, duty)
        return Arranged(owner, taker, change, summary, seen, "cover_accepted")
    theirs = await find_duty(here, taker.id, offer.their_place, offer.their_on_date)
    if theirs is None:
        return None
    change = (*change, Add(cover_of(here, theirs, owner.id)))
    both = Span(min(duty.starts_at, theirs.starts_at), max(duty.ends_at, theirs.ends_at))
    seen = await outlook(here, change, both)
    summary = here.say(
        "swap.is",
        handle=owner.handle,
        other=taker.handle,
        span=duty_span(here, duty),
        their_span=duty_span(here, theirs),
        zone=here.work.community.zone,
    )
    return Arranged(owner, taker, change, summary, seen, "swapped")


def _cover_words(here: Here, owner: Ambassador, taker: Ambassador, duty: Duty) -> Html:
    return here.say(
        "cover.is",
        handle=taker.handle,
        other=owner.handle,
        spans=duty_span(here, duty),
        zone=here.work.community.zone,
    )
