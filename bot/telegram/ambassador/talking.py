"""An ambassador talks: to the person of a case they hold, or about something of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from telegram import Message as TelegramMessage
from telegram import Update

from bot.core.decide import HolderSpoke, PersonSpoke
from bot.engine import escalation, notices, relay
from bot.engine.letters import Button, Edit
from bot.telegram import said
from bot.telegram.here import Context, Here, buttons
from bot.telegram.person import talking as own_chat
from bot.telegram.person.manners import numbers_for
from models import Ambassador, Case, CaseStatus, Message, Speaker, Urgency

if TYPE_CHECKING:
    from models import Outbox

_LABEL = re.compile(r"\s*[cC](\d{1,9})\b[:,.]?\s*")


async def spoke(update: Update, context: Context) -> None:
    """An ambassador wrote: to the case they answer, or the one they hold; else they are asked."""
    here, me = context.here, context.here.me
    message = update.effective_message
    assert message is not None
    here.work.for_themselves = False
    if message.contact is not None:
        await here.reply("case.cannot_copy_contact")
        return
    held = await here.work.cases.held_by(me.id)
    own = await own_case(here)
    answered = await _answered_letter(here, message)
    if answered is not None and answered.case_id is not None:
        case = next((case for case in held if case.id == answered.case_id), None)
        if case is not None:
            await _say_to(here, me, case, message, strip=_label(message, case))
            return
        if own is not None and own.id == answered.case_id:
            await _for_themselves(update, context)
            return
        closed = await here.work.cases.find(answered.case_id)
        if closed is not None and await _keep_note(here, me, closed, message):
            return
        if closed is not None and held:
            await here.reply("case.not_yours", label=closed.label)
            return
    elif answered is not None and held:
        # An answer to something else that the bot showed, such as the review list.
        await _ask_which(here, held, own, message)
        return
    named = _LABEL.match(said.words_of(message) or "")
    if named and held:
        for case in held:
            if case.id == int(named[1]):
                if named[0].strip() == (said.words_of(message) or "").strip():
                    await here.reply("case.label_alone", label=case.label)
                else:
                    await _say_to(here, me, case, message, strip=named[0])
                return
        # A case of somebody else, or one that is over: nobody else may read what was meant for it.
        meant = await here.work.cases.find(int(named[1]))
        if meant is not None and (own is None or meant.id != own.id):
            await here.reply("case.not_yours", label=meant.label)
            return
    if not held and own is not None:
        await _for_themselves(update, context)
    elif not held:
        await _nothing_held(here, me)
    elif len(held) == 1 and own is None:
        await _say_to(here, me, held[0], message)
    else:
        await _ask_which(here, held, own, message)


async def _for_themselves(update: Update, context: Context) -> None:
    context.here.work.for_themselves = True
    await own_chat.spoke(update, context)


async def _nothing_held(here: Here, me: Ambassador) -> None:
    """Nobody reads what they wrote: they learn so, and what they may have meant is one tap away."""
    page = await here.work.cases.went_back(me.id)
    case = await here.work.cases.find(page.case_id) if page is not None else None
    if page is not None and case is not None and case.status is CaseStatus.OPEN:
        await notices.tell_went_back(here.work, case, page, me)
    elif here.work.reading.pressing:
        shown = numbers_for(here, await here.person(), here.work.reading.theme)
        human = Button(here.say("button.human"), "human")
        danger = Button(here.say("button.danger"), "danger")
        await here.reply("case.for_whom", buttons((human,), (danger,)), numbers=shown)
    else:
        await here.reply("case.nothing_held")


async def own_case(here: Here) -> Case | None:
    """The case that the ambassador opened for themselves."""
    own = await here.work.people.person_in(here.chat_id)
    return await here.work.cases.of_person(own) if own is not None else None


def _label(message: TelegramMessage, case: Case) -> str:
    """The label of ``case`` that ``message`` begins with, before other words; else nothing."""
    words = said.words_of(message) or ""
    named = _LABEL.match(words)
    is_label = named is not None and int(named[1]) == case.id and named[0] != words
    return named[0] if named is not None and is_label else ""


async def _say_to(
    here: Here, me: Ambassador, case: Case, message: TelegramMessage, *, strip: str = ""
) -> None:
    kept = await said.keep(here, case, Speaker.AMBASSADOR, message)
    if strip and kept.words:
        kept.words = kept.words.removeprefix(strip) or kept.words
    await _relay(here, me, case, kept)


async def _relay(here: Here, me: Ambassador, case: Case, message: Message) -> None:
    person = await here.work.people.person(case.person_id)
    await relay.to_person(here.work, case, person, me, message)
    if person.blocked_at is not None:
        await here.reply("holder.person_gone", label=case.label)
    await escalation.happen(here.work, case, HolderSpoke())


async def _ask_which(
    here: Here, held: Sequence[Case], own: Case | None, message: TelegramMessage
) -> None:
    kept = await said.keep(here, None, Speaker.AMBASSADOR, message)
    reading = here.work.reading
    if own is not None and reading.pressing:
        # It may be about themselves, and that does not wait for a tap.
        await escalation.happen(here.work, own, PersonSpoke(reading.urgency, reading.theme))
    rows = []
    for case in held:
        person = await here.work.people.person(case.person_id)
        label = here.say("button.case", label=case.label, pseudonym=person.pseudonym)
        rows.append((Button(label, f"fit:{kept.id}:{case.id}"),))
    if own is None:
        key = "case.which" if len(held) > 1 else "case.which_if_any"
        await here.reply(key, buttons(*rows), count=len(held))
        return
    rows.append((Button(here.say("button.own_case"), f"fit:{kept.id}:{own.id}"),))
    await here.reply("case.which_or_own", buttons(*rows))


async def placed(update: Update, context: Context) -> None:
    """A tap on the case that a message is for."""
    here, me = context.here, context.here.me
    assert context.match is not None
    message = await here.work.cases.message(int(context.match[1]))
    case = await here.work.cases.find(int(context.match[2]))
    if message is None or case is None or message.ambassador_id != me.id:
        await here.answer(update, "page.answer_unknown")
        return
    if message.case_id is not None:
        await here.answer(update, "case.placed", label=f"C{message.case_id}")
        return
    own = await own_case(here)
    if own is not None and own.id == case.id:
        await _place_own(here, update, own, message)
        return
    if case.holder_id != me.id or case.status is not CaseStatus.CLAIMED:
        await here.answer(update, "page.answer_unknown")
        await here.reply("case.not_yours", label=case.label)
        return
    message.case_id = case.id
    await _relay(here, me, case, message)
    await _show_placed(here, update, case)


async def _place_own(here: Here, update: Update, own: Case, message: Message) -> None:
    """The message was said for themselves: it goes to whoever is there for them."""
    message.speaker, message.ambassador_id, message.case_id = Speaker.PERSON, None, own.id
    person = await here.work.people.person(own.person_id)
    await relay.to_whoever_holds(here.work, own, person, message)
    await escalation.happen(here.work, own, PersonSpoke(Urgency.NONE, own.theme))
    await _show_placed(here, update, own)


async def _show_placed(here: Here, update: Update, case: Case) -> None:
    await here.answer(update, "case.placed", label=case.label)
    asked = update.callback_query and update.callback_query.message
    letter = await here.work.letters.shown_as(here.chat_id, asked.message_id) if asked else None
    if letter is not None:
        await here.work.letters.change(letter, Edit(here.say("case.placed", label=case.label)))


async def edited(update: Update, context: Context) -> None:
    """An ambassador changed a message: the person sees the new words."""
    here = context.here
    here.work.for_themselves = False
    message = update.edited_message
    assert message is not None
    kept = await here.work.cases.said_as(
        here.work.people.chat_key(here.chat_id), message.message_id
    )
    if kept is None:
        return
    if kept.speaker is Speaker.PERSON:
        here.work.for_themselves = True
        await own_chat.edited(update, context)
        return
    case = await here.work.cases.find(kept.case_id) if kept.case_id else None
    words = said.words_of(message)
    words = words.removeprefix(_label(message, case)) if words and case else words
    if words == kept.words:
        return
    kept.words = words
    if case is not None and case.status is CaseStatus.CLAIMED and case.holder_id == here.me.id:
        person = await here.work.people.person(case.person_id)
        await relay.mirror_edit(here.work, case, person, kept)


async def _answered_letter(here: Here, message: TelegramMessage) -> Outbox | None:
    answered = message.reply_to_message
    return await here.work.letters.shown_as(here.chat_id, answered.message_id) if answered else None


async def _keep_note(here: Here, me: Ambassador, case: Case, message: TelegramMessage) -> bool:
    if case.status is not CaseStatus.CLOSED or case.holder_id != me.id or not message.text:
        return False
    case.note = f"{case.note}\n{message.text}" if case.note else message.text
    await here.work.audit.record("noted", by=me, subject=f"case:{case.id}")
    await here.reply("case.note_kept", label=case.label)
    return True
