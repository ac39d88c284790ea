"""Handing a case over: the holder offers it, another takes it, a coordinator may take it."""

from __future__ import annotations

from telegram import Update

from bot.core.decide import (
    OfferAccepted,
    OfferDeclined,
    Offered,
    OfferWithdrawn,
    Refusal,
    TakenOver,
)
from bot.engine import escalation, notices
from bot.engine.letters import Button
from bot.telegram.cases import case_named, label_in
from bot.telegram.here import Context, Here, buttons
from bot.telegram.volunteers import volunteer_numbered
from models import Ambassador, Case, CaseStatus, Role

_MOST_NAMES = 12
"""More buttons than this are a list that nobody reads; others are named by command."""


async def handover(update: Update, context: Context) -> None:
    """``/handover [C12] [@ben]``; without a name the holder chooses among those who are free."""
    here, me = context.here, context.here.me
    held = await here.work.cases.held_by(me.id)
    words = context.words
    named = await case_named(here, words[0]) if words else None
    if named is not None:
        words = words[1:]
        case = next((one for one in held if one.id == named.id), None)
    else:
        case = held[0] if len(held) == 1 else None
    if case is None:
        await _say_which(here, held, context.words)
        return
    if not words:
        await ask_whom(here, case)
        return
    to = await here.work.people.ambassador_called(words[0])
    if to is None or len(words) > 1:
        await here.reply("handover.no_such", text=" ".join(words)[:60], label=case.label)
        return
    await _offer(here, me, case, to)


async def _say_which(here: Here, held: object, words: list[str]) -> None:
    if not held:
        await here.reply("case.none_held")
    else:
        await here.reply("handover.usage", text=" ".join(words)[:60] or "…")


async def ask_whom(here: Here, case: Case) -> None:
    """Ask the holder to whom the case shall go."""
    me = here.me
    person = await here.work.people.person(case.person_id)
    roster = await here.work.rosters.roster(person.language, but=person)
    free = dict.fromkeys(roster.primary + roster.backup + roster.everyone + roster.coordinators)
    free.pop(me.id, None)
    names = {one.id: one for one in await here.work.people.ambassadors()}
    rows = [
        (Button(f"{names[who].name} · @{names[who].handle}", f"handto:{case.id}:{who}"),)
        for who in list(free)[:_MOST_NAMES]
    ]
    if not rows:
        await here.reply("handover.nobody", label=case.label)
        return
    head = notices.page_head(here.work, case, person, me.language)
    await here.send(here.say("handover.whom", head=head), buttons(*rows), case_id=case.id)


async def chosen(update: Update, context: Context) -> None:
    """A tap on the name of whom the case is offered to."""
    here, me = context.here, context.here.me
    assert context.match is not None
    case = await here.work.cases.find(int(context.match[1]))
    to = await volunteer_numbered(here, int(context.match[2]))
    if case is None or to is None or case.holder_id != me.id:
        await here.answer(update, "page.answer_unknown")
        return
    await here.answer(update)
    await _offer(here, me, case, to)


async def _offer(here: Here, me: Ambassador, case: Case, to: Ambassador) -> None:
    person = await here.work.people.person(case.person_id)
    before = case.offered_to
    if to.chat_key == person.chat_key:
        refusal: Refusal | None = Refusal.NOT_AVAILABLE
    else:
        refusal = await escalation.happen(here.work, case, Offered(me.id, to.id))
    if refusal is Refusal.NOT_AVAILABLE:
        await here.reply("handover.not_available", handle=to.handle, label=case.label)
    elif refusal is not None:
        await here.reply("handover.not_held", label=case.label)
    elif before == to.id:
        await here.reply("handover.offered_already", handle=to.handle, label=case.label)
    else:
        await here.work.audit.record(
            "offered", by=me, subject=f"case:{case.id}", to=f"ambassador:{to.id}"
        )
        await here.send(
            here.say("handover.offered", handle=to.handle, label=case.label),
            buttons((Button(here.say("handover.withdraw"), f"hand:{case.id}:withdraw"),)),
            case_id=case.id,
        )


async def answered(update: Update, context: Context) -> None:
    """A tap on an offer: taking it, not taking it, or withdrawing it."""
    here, me = context.here, context.here.me
    assert context.match is not None
    case = await here.work.cases.find(int(context.match[1]))
    if case is None:
        await here.answer(update, "page.answer_unknown")
        return
    match context.match[2]:
        case "accept":
            await _accept(here, update, me, case)
        case "decline":
            if await escalation.happen(here.work, case, OfferDeclined(me.id)) is not None:
                await here.answer(update, "handover.answer_over")
                return
            await here.work.audit.record("offer_declined", by=me, subject=f"case:{case.id}")
            await here.answer(update, "handover.answer_declined")
        case _:
            offered = case.offered_to is not None
            refusal = await escalation.happen(here.work, case, OfferWithdrawn(me.id))
            if refusal is not None or not offered:
                await here.answer(update, "handover.answer_over")
            else:
                await here.work.audit.record("offer_withdrawn", by=me, subject=f"case:{case.id}")
                await here.answer(update)
                await here.reply("handover.withdrawn", label=case.label)


async def _accept(here: Here, update: Update, me: Ambassador, case: Case) -> None:
    former = case.holder_id
    if case.status is CaseStatus.CLAIMED and former == me.id:
        await here.answer(update, "page.answer_yours")
    elif await escalation.happen(here.work, case, OfferAccepted(me.id)) is not None:
        await here.answer(update, "handover.answer_over")
    else:
        await here.work.audit.record(
            "handed_over", by=me, subject=f"case:{case.id}", before=f"ambassador:{former}"
        )
        await here.answer(update, "page.answer_accepted")


async def takeover(update: Update, context: Context) -> None:
    """``/takeover C12``: a coordinator takes a case, whoever holds it."""
    here, words = context.here, context.words
    label = label_in(words[0]) if len(words) == 1 else None
    if not words:
        await here.reply("handover.takeover_which")
    elif label is None:
        await here.reply("handover.takeover_how", text=" ".join(words)[:60])
    elif (case := await case_named(here, words[0])) is None:
        await here.reply("case.unknown", label=label)
    else:
        await take(here, case)


async def take(here: Here, case: Case) -> None:
    """Let the coordinator who writes hold ``case``; they are told where that cannot be."""
    me, former = here.me, case.holder_id
    person = await here.work.people.person(case.person_id)
    assert me.role is Role.COORDINATOR
    if case.status is CaseStatus.CLAIMED and former == me.id:
        await here.reply("handover.yours_already", label=case.label)
    elif person.chat_key == me.chat_key:
        await here.reply("handover.own_case")
    elif await escalation.happen(here.work, case, TakenOver(me.id)) is not None:
        await here.reply("case.gone")
    else:
        await here.work.audit.record(
            "taken_over",
            by=me,
            subject=f"case:{case.id}",
            before=f"ambassador:{former}" if former else None,
        )
