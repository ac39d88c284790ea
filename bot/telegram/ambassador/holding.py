"""The cases an ambassador holds: seeing them, giving them back, closing them."""

from __future__ import annotations

from telegram import Update

from bot.core.decide import Closed, ContactConfirmed, EmergencyCalled, Released
from bot.engine import escalation, notices
from bot.engine.letters import Button
from bot.telegram.ambassador import handover
from bot.telegram.cases import case_named, label_in
from bot.telegram.here import Context, Here, buttons
from models import Ambassador, Case, CaseStatus, Outcome, Role


async def my_cases(update: Update, context: Context) -> None:
    """``/mycases``."""
    here, me = context.here, context.here.me
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
    here, me = context.here, context.here.me
    held = await here.work.cases.held_by(me.id)
    words = context.words
    if words:
        case = await case_named(here, words[0])
        if case is not None and case.holder_id == me.id and case.status is CaseStatus.CLAIMED:
            if len(words) == 1 or me.role is not Role.COORDINATOR:
                await _ask_outcome(here, me, case)
                return
        elif case is None and me.role is Role.COORDINATOR and (label := label_in(words[0])):
            await here.reply("case.unknown", label=label)
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
    here, me = context.here, context.here.me
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
        case "handover":
            await handover.ask_whom(here, case)


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
    here, me = context.here, context.here.me
    assert context.match is not None
    case = await _tapped(here, me, update, int(context.match[1]))
    if case is None:
        return
    outcome = Outcome(context.match[2])
    await here.answer(update)
    called_before = case.emergency_called_at is not None
    if await escalation.happen(here.work, case, Closed(outcome)) is not None:
        if not called_before:
            await here.work.audit.record("emergency_called", by=me, subject=f"case:{case.id}")
        await here.send(
            here.say("case.contact_owed", label=case.label),
            notices.case_buttons(here.work, case, me),
            case_id=case.id,
        )
        return
    await here.work.audit.record("closed", by=me, subject=f"case:{case.id}", outcome=outcome)
    html = here.say("case.closed", label=case.label, outcome=here.say(f"outcome.{outcome}"))
    await here.send(html, case_id=case.id)
