"""What an ambassador can do: answer pages, talk, close, and say when they are away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from telegram import Message as TelegramMessage
from telegram import Update

from bot.core.decide import (
    Accepted,
    Closed,
    ContactConfirmed,
    Declined,
    EmergencyCalled,
    HolderSpoke,
    PersonSpoke,
    Refusal,
    Released,
)
from bot.core.phrases import NotUnderstood, read_until
from bot.core.rota import zone_named
from bot.engine import escalation, notices, relay
from bot.engine.letters import Button, Edit, Priority
from bot.telegram import person as own_chat
from bot.telegram import said
from bot.telegram.here import Context, Here, buttons
from bot.texts import Html
from models import (
    Ambassador,
    Away,
    Case,
    CaseStatus,
    Message,
    Outcome,
    Page,
    PageStatus,
    Role,
    Speaker,
    Urgency,
)

if TYPE_CHECKING:
    from models import Outbox

_LABEL = re.compile(r"\s*[cC](\d{1,9})\b[:,.]?\s*")
_CASE = re.compile(r"[cC#]?(\d{1,9})[:,.]?")


async def start(update: Update, context: Context) -> None:
    """``/start`` of somebody who has joined already."""
    await context.here.reply("ambassador.start", handle=_me(context.here).handle)


async def help_(update: Update, context: Context) -> None:
    """``/help``: the commands of this role."""
    here = context.here
    html = here.say("ambassador.help")
    if _me(here).role is Role.COORDINATOR:
        html = Html(f"{here.say('coordinator.help')}\n\n{html}")
    await here.send(html)


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist for this role."""
    await context.here.reply("person.unknown_command")


# Pages.


async def page_answered(update: Update, context: Context) -> None:
    """A tap on "I'm here" or "Can't right now", checked anew against what is true now."""
    here, me = context.here, _me(context.here)
    assert context.match is not None
    page = await here.work.cases.page(int(context.match[1]))
    case = await here.work.cases.find(page.case_id) if page else None
    if page is None or case is None or page.ambassador_id != me.id:
        await here.answer(update, "page.answer_unknown")
        return
    if context.match[2] == "accept":
        await _accept(here, update, me, case)
    else:
        await _decline(here, update, me, case, page)


async def _accept(here: Here, update: Update, me: Ambassador, case: Case) -> None:
    if case.status is CaseStatus.CLAIMED and case.holder_id == me.id:
        await here.answer(update, "page.answer_yours")
        return
    refusal = await escalation.happen(here.work, case, Accepted(me.id))
    if refusal is Refusal.TAKEN and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        await here.answer(update, "page.answer_taken", holder=holder.name)
    elif refusal is not None:
        await here.answer(update, "page.answer_closed")
    else:
        await here.work.audit.record("claimed", by=me, subject=f"case:{case.id}")
        await here.answer(update, "page.answer_accepted")


async def _decline(here: Here, update: Update, me: Ambassador, case: Case, page: Page) -> None:
    if case.status is CaseStatus.CLAIMED and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        key = "page.answer_yours" if holder.id == me.id else "page.answer_taken"
        await here.answer(update, key, holder=holder.name)
        return
    if await escalation.happen(here.work, case, Declined(me.id)) is not None:
        await here.answer(update, "page.answer_closed")
        return
    await here.work.audit.record("declined", by=me, subject=f"case:{case.id}")
    await here.answer(update, "page.answer_declined")
    if case.status is CaseStatus.OPEN:
        person = await here.work.people.person(case.person_id)
        head = notices.page_head(here.work, case, person, me.language)
        for letter in await here.work.letters.of_pages(case.id):
            if letter.page_id == page.id:
                edit = Edit(here.say("page.declined", head=head))
                await here.work.letters.change(letter, edit, priority=Priority.PAGE)


# Talking.


async def spoke(update: Update, context: Context) -> None:
    """An ambassador wrote: to the case they answer, or the one they hold; else they are asked."""
    here, me = context.here, _me(context.here)
    message = update.effective_message
    assert message is not None
    if message.contact is not None:
        await here.reply("case.cannot_copy_contact")
        return
    held = await here.work.cases.held_by(me.id)
    own = await _own_case(here)
    answered = await _answered_letter(here, message)
    if answered is not None and answered.case_id is not None:
        case = next((case for case in held if case.id == answered.case_id), None)
        if case is not None:
            await _say_to(here, me, case, message, strip=_label(message, case))
            return
        if own is not None and own.id == answered.case_id:
            await own_chat.spoke(update, context)
            return
        closed = await here.work.cases.find(answered.case_id)
        if closed is not None and await _keep_note(here, me, closed, message):
            return
        if closed is not None and held:
            await here.reply("case.not_yours", label=closed.label)
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
        await own_chat.spoke(update, context)
    elif not held:
        await here.reply("case.nothing_held")
    elif len(held) == 1 and own is None:
        await _say_to(here, me, held[0], message)
    else:
        await _ask_which(here, held, own, message)


async def _own_case(here: Here) -> Case | None:
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
    rows = []
    for case in held:
        person = await here.work.people.person(case.person_id)
        label = here.say("button.case", label=case.label, pseudonym=person.pseudonym)
        rows.append((Button(label, f"fit:{kept.id}:{case.id}"),))
    if own is None:
        await here.reply("case.which", buttons(*rows), count=len(held))
        return
    rows.append((Button(here.say("button.own_case"), f"fit:{kept.id}:{own.id}"),))
    await here.reply("case.which_or_own", buttons(*rows))


async def placed(update: Update, context: Context) -> None:
    """A tap on the case that a message is for."""
    here, me = context.here, _me(context.here)
    assert context.match is not None
    message = await here.work.cases.message(int(context.match[1]))
    case = await here.work.cases.find(int(context.match[2]))
    if message is None or case is None or message.ambassador_id != me.id:
        await here.answer(update, "page.answer_unknown")
        return
    if message.case_id is not None:
        await here.answer(update, "case.placed", label=f"C{message.case_id}")
        return
    own = await _own_case(here)
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
    if own.status is CaseStatus.CLAIMED and own.holder_id is not None:
        person = await here.work.people.person(own.person_id)
        holder = await here.work.people.ambassador(own.holder_id)
        await relay.to_holder(here.work, own, person, holder, message)
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
    message = update.edited_message
    assert message is not None
    kept = await here.work.cases.said_as(
        here.work.people.chat_key(here.chat_id), message.message_id
    )
    if kept is None:
        return
    if kept.speaker is Speaker.PERSON:
        await own_chat.edited(update, context)
        return
    case = await here.work.cases.find(kept.case_id) if kept.case_id else None
    words = said.words_of(message)
    kept.words = words.removeprefix(_label(message, case)) if words and case else words
    if case is not None and case.status is CaseStatus.CLAIMED and case.holder_id == _me(here).id:
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


# Cases.


async def my_cases(update: Update, context: Context) -> None:
    """``/mycases``."""
    here, me = context.here, _me(context.here)
    held = await here.work.cases.held_by(me.id)
    if not held:
        await here.reply("case.none_held")
    for case in held:
        person = await here.work.people.person(case.person_id)
        html = here.say(
            "case.line",
            head=notices.page_head(here.work, case, person, me.language),
            urgency=here.say(f"urgency.{case.urgency}"),
            state=here.say("case.held_by", holder=me.name),
        )
        await here.send(html, notices.case_buttons(here.work, case, me), case_id=case.id)


async def close(update: Update, context: Context) -> None:
    """``/close [C12]``; a coordinator closes another's case with ``/close C12 reason``."""
    here, me = context.here, _me(context.here)
    held = await here.work.cases.held_by(me.id)
    words = context.words
    if words:
        named = _CASE.fullmatch(words[0])
        case = await here.work.cases.find(int(named[1])) if named else None
        if case is not None and case.holder_id == me.id and case.status is CaseStatus.CLAIMED:
            if len(words) == 1 or me.role is not Role.COORDINATOR:
                await _ask_outcome(here, me, case)
                return
        elif case is None or me.role is not Role.COORDINATOR:
            await here.reply("case.no_such", text=words[0][:20])
            return
        await _close_with_reason(here, me, case, " ".join((context.args or [])[1:]))
    elif not held:
        await here.reply("case.none_held")
    elif len(held) == 1:
        await _ask_outcome(here, me, held[0])
    else:
        rows = []
        for case in held:
            person = await here.work.people.person(case.person_id)
            label = here.say("button.case", label=case.label, pseudonym=person.pseudonym)
            rows.append((Button(label, f"case:{case.id}:close"),))
        await here.reply("case.which_close", buttons(*rows))


async def _close_with_reason(here: Here, me: Ambassador, case: Case, reason: str) -> None:
    if not reason:
        await here.reply("coordinator.close_usage")
        return
    holder_id = case.holder_id
    refusal = await escalation.happen(here.work, case, Closed(Outcome.NOT_NEEDED, reason))
    if refusal is not None:
        await here.reply("case.gone")
        return
    case.note = reason
    await here.work.audit.record("closed_with_reason", by=me, subject=f"case:{case.id}")
    await here.reply("case.closed_with_reason", label=case.label)
    if holder_id is not None and holder_id != me.id:
        holder = await here.work.people.ambassador(holder_id)
        await escalation.tell_ambassador(
            here.work, holder, "holder.closed", case_id=case.id, label=case.label, by=me.name
        )


async def _ask_outcome(here: Here, me: Ambassador, case: Case) -> None:
    person = await here.work.people.person(case.person_id)
    rows = [
        (Button(here.say(f"outcome.{outcome}"), f"close:{case.id}:{outcome}"),)
        for outcome in Outcome
    ]
    html = here.say("case.closing", head=notices.page_head(here.work, case, person, me.language))
    await here.send(html, buttons(*rows), case_id=case.id)


async def case_tapped(update: Update, context: Context) -> None:
    """A tap on one of the buttons of a case one holds."""
    here, me = context.here, _me(context.here)
    assert context.match is not None
    case = await _tapped(here, me, update, int(context.match[1]))
    if case is None:
        return
    await here.answer(update)
    match context.match[2]:
        case "close":
            await _ask_outcome(here, me, case)
        case "release":
            await escalation.happen(here.work, case, Released())
            await here.work.audit.record("released", by=me, subject=f"case:{case.id}")
            await here.reply("case.released", label=case.label)
        case "emergency":
            await escalation.happen(here.work, case, EmergencyCalled())
            await here.work.audit.record("emergency_called", by=me, subject=f"case:{case.id}")
            await here.send(
                here.say("case.emergency_noted", label=case.label),
                notices.case_buttons(here.work, case, me),
                case_id=case.id,
            )
        case "confirmed":
            await escalation.happen(here.work, case, ContactConfirmed())
            await here.work.audit.record("contact_confirmed", by=me, subject=f"case:{case.id}")
            await here.reply("case.confirmed_noted", label=case.label)


async def _tapped(here: Here, me: Ambassador, update: Update, number: int) -> Case | None:
    """The case whose button was tapped, if it is still theirs; else the tap says how things are."""
    case = await here.work.cases.find(number)
    if case is None or case.status is CaseStatus.CLOSED:
        await here.answer(update, "case.gone")
        return None
    if case.holder_id != me.id:
        await here.answer(update, "page.answer_unknown")
        return None
    return case


async def outcome_chosen(update: Update, context: Context) -> None:
    """A tap on how a case ended."""
    here, me = context.here, _me(context.here)
    assert context.match is not None
    case = await _tapped(here, me, update, int(context.match[1]))
    if case is None:
        return
    outcome = Outcome(context.match[2])
    await here.answer(update)
    if await escalation.happen(here.work, case, Closed(outcome)) is not None:
        await here.send(
            here.say("case.contact_owed", label=case.label),
            notices.case_buttons(here.work, case, me),
            case_id=case.id,
        )
        return
    await here.work.audit.record("closed", by=me, subject=f"case:{case.id}", outcome=outcome)
    html = here.say("case.closed", label=case.label, outcome=here.say(f"outcome.{outcome}"))
    await here.send(html, case_id=case.id)


# The rota, as an ambassador sees it.


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
    here, me = context.here, _me(context.here)
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
    if await _own_case(context.here) is not None:
        await own_chat.stop(update, context)
    else:
        await context.here.reply("ambassador.stop")


async def back(update: Update, context: Context) -> None:
    """``/back``."""
    here, me = context.here, _me(context.here)
    if await here.work.rota.come_back(me.id):
        await here.work.audit.record("back", by=me)
        await here.reply("ambassador.back")
    else:
        await here.reply("ambassador.not_away")


async def left_or_returned(update: Update, context: Context) -> None:
    """An ambassador blocked the bot, or let it back in."""
    here, me = context.here, _me(context.here)
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


def _me(here: Here) -> Ambassador:
    assert here.ambassador is not None
    return here.ambassador


def _clock(at: datetime, zone: str, *, with_day: bool = False) -> str:
    return at.astimezone(zone_named(zone)).strftime("%a %d %b, %H:%M" if with_day else "%H:%M")
