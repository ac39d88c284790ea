"""After handling an update failed for good: nobody is left in silence.

Nothing here goes through python-telegram-bot, which may be what stumbled.
"""

from __future__ import annotations

from typing import Any

from bot.core.decide import PersonSpoke
from bot.engine import escalation, relay
from bot.engine.ingest import chat_of
from bot.engine.letters import Priority, Text
from bot.engine.work import UnitOfWork
from bot.telegram import said
from bot.texts.numbers import numbers
from models import Case, Kind, Message, Person, Urgency

_KINDS = ("message", "edited_message", "callback_query")


async def rescue(update: dict[str, Any], work: UnitOfWork) -> None:
    """Numbers, a page, and the words to whoever is there; a volunteer learns that it failed."""
    chat_id = chat_of(update)
    if not update.keys() & set(_KINDS) or chat_id <= 0:
        return
    volunteer = await work.people.ambassador_in(chat_id)
    if volunteer is not None:
        await escalation.tell_ambassador(work, volunteer, "ambassador.not_handled")
        return
    one = await work.people.meet(chat_id, None)
    case = await work.cases.of_person(one)
    await _give_numbers(work, one, case)
    reading = work.reading
    if case is None:
        urgency = Urgency.highest(reading.urgency, Urgency.URGENT)
        case = await escalation.open_for(work, one, urgency, reading.theme)
        await _keep(work, case, one, update)
        if reading.minor:
            await escalation.flag_minor(work, case)
        await escalation.begin(work, case, urgency, reading.theme)
        return
    kept = await _keep(work, case, one, update)
    if kept is not None:
        await relay.to_whoever_holds(work, case, one, kept)
    if reading.minor:
        await escalation.flag_minor(work, case)
    await escalation.happen(work, case, PersonSpoke(reading.urgency, reading.theme))


async def _give_numbers(work: UnitOfWork, one: Person, case: Case | None) -> None:
    texts, theme = work.texts, work.reading.theme
    if case is not None and case.holder_id is not None:
        holder = await work.people.ambassador(case.holder_id)
        coming = texts.say("wait.claimed", one.language, holder=holder.name)
    else:
        coming = texts.say("person.coming", one.language, community=work.community.name)
    shown = numbers(texts, work.community.directory, one.country, theme, None, work.now)
    html = texts.say("person.human", one.language, coming=coming, numbers=shown)
    await work.letters.put(one.chat_id, Text(html), priority=Priority.REPLY)


async def _keep(
    work: UnitOfWork, case: Case, one: Person, update: dict[str, Any]
) -> Message | None:
    message = update.get("message") or update.get("edited_message")
    number = message.get("message_id") if isinstance(message, dict) else None
    if not isinstance(number, int) or not isinstance(message, dict):
        return None
    words = said.words_in(update)
    kind = Kind.TEXT if isinstance(message.get("text"), str) else Kind.OTHER
    return await said.keep_words(work, case, one, number, words.text if words else None, kind)
