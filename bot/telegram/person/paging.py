"""A person's words join their case, or open one: from here on volunteers are paged."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message as TelegramMessage

from bot.core.decide import PersonSpoke
from bot.core.reading import Reading
from bot.engine import escalation, relay
from bot.engine.work import Words
from bot.telegram import said
from bot.telegram.here import Here
from bot.telegram.person import answers
from models import Case, Person, Speaker

_MEDIA_JOINS = timedelta(hours=1)
"""How long a picture or voice message that came without a case waits for one to belong to."""


async def get_human(
    here: Here, person: Person, reading: Reading, message: TelegramMessage | None
) -> None:
    """They asked for a human: they read that one comes, and somebody is paged."""
    case = await here.work.cases.of_person(person)
    if reading.pressing and (case is None or reading.urgency.rank > case.urgency.rank):
        await answers.urgent(here, person, reading, case)
    elif case is None:
        await answers.first(here, person, answers.HUMAN_TEXT, reading.theme, None, reading.language)
    else:
        await here.send(await answers.who_comes(here, case))
    if message is not None and message.text and said.words_of(message) is None:
        message = None  # a bare command says nothing that a volunteer should read
    await raise_or_open(here, person, case, reading, message)


async def raise_or_open(
    here: Here,
    person: Person,
    case: Case | None,
    reading: Reading,
    message: TelegramMessage | None,
) -> None:
    """Let the words join the person's case, or open one with them, and let it be decided."""
    if case is None:
        case = await escalation.open_for(here.work, person, reading.urgency, reading.theme)
        await _keep_window(here, case, person, message.message_id if message is not None else None)
        if message is not None:
            await said.keep(here, case, Speaker.PERSON, message)
        if reading.minor or any(one.reading and one.reading.minor for one in here.work.window):
            await escalation.flag_minor(here.work, case)
        await escalation.begin(here.work, case, reading.urgency, reading.theme)
        return
    if message is not None:
        kept = await said.keep(here, case, Speaker.PERSON, message)
        await relay.to_whoever_holds(here.work, case, person, kept)
    if reading.minor:
        await escalation.flag_minor(here.work, case)
    await escalation.happen(here.work, case, PersonSpoke(reading.urgency, reading.theme))


async def _keep_window(here: Here, case: Case, person: Person, now_said: int | None) -> None:
    """What the person sent shortly before belongs to the case as well."""
    for message in await here.work.cases.unplaced(person.chat_key, here.work.now - _MEDIA_JOINS):
        message.case_id, message.said_at = case.id, here.work.now
    # Of a message that was edited the window holds every version: the newest counts, and what
    # was graver before.
    versions: dict[int, list[Words]] = {}
    for words in here.work.window:
        versions.setdefault(words.message_id, []).append(words)
    for number, found in versions.items():
        gravest, last = max(found, key=_rank), found[-1]
        softer = _rank(gravest) > _rank(last)
        text = said.changed(gravest.text, last.text) if softer else last.text
        if number != now_said:
            await said.keep_words(here.work, case, person, number, text)


def _rank(words: Words) -> int:
    return words.reading.urgency.rank if words.reading else 0
