"""Carrying words between a person and their holder, without a name or number of the person."""

from __future__ import annotations

from bot.engine.letters import Copy, Edit, Letter, Photo, Priority, Text
from bot.engine.work import UnitOfWork
from bot.texts import Html
from bot.texts.split import CAPTION_UNITS, MESSAGE_UNITS, split, units
from models import Ambassador, Case, Kind, Message, Person, Speaker


async def to_holder(
    work: UnitOfWork, case: Case, person: Person, holder: Ambassador, message: Message
) -> None:
    """Show the holder what the person, or an earlier holder, said."""
    head = await _head_for_holder(work, case, person, message)
    await _carry(work, case, message, holder.chat_id, head, holder.language, protect=True)


async def to_person(
    work: UnitOfWork, case: Case, person: Person, holder: Ambassador, message: Message
) -> None:
    """Show the person what their holder said."""
    head = _bold(work, holder.name)
    await _carry(work, case, message, person.chat_id, head, person.language, protect=False)


async def mirror_edit(work: UnitOfWork, case: Case, person: Person, message: Message) -> None:
    """Show the person, or whoever holds the case now, the new words of what was relayed."""
    holder = await work.people.ambassador(case.holder_id) if case.holder_id else None
    letters = [
        letter for letter in await work.letters.of_message(message.id) if letter.changes is None
    ]
    for chat_id in (person.chat_id, holder.chat_id if holder else ""):
        shown = [letter for letter in letters if letter.chat_id == chat_id]
        if not shown:
            continue
        protect = chat_id != person.chat_id
        if protect:
            head = await _head_for_holder(work, case, person, message)
        else:
            head = _bold(work, (await work.people.ambassador(message.ambassador_id or 0)).name)
        if message.kind is not Kind.TEXT:
            # The copy cannot be changed by us, so its new words are said beside it.
            language = holder.language if protect and holder else person.language
            changed = Html(f"{head}\n{work.texts.say('kind.caption', language)}")
            for part in _parts(work, changed, message.words):
                await _put(work, case, message, chat_id, Text(part, protect=protect))
            continue
        parts = _parts(work, head, message.words)
        for letter, part in zip(shown, parts, strict=False):
            await work.letters.change(letter, Edit(part), priority=Priority.REPLY)
        for letter in shown[len(parts) :]:
            await work.letters.change(letter, Edit(Html("…")), priority=Priority.REPLY)
        for part in parts[len(shown) :]:
            await _put(work, case, message, chat_id, Text(part, protect=protect))


async def _carry(
    work: UnitOfWork,
    case: Case,
    message: Message,
    chat_id: str,
    head: Html,
    language: str | None,
    *,
    protect: bool,
) -> None:
    if message.kind is Kind.TEXT:
        for part in _parts(work, head, message.words):
            await _put(work, case, message, chat_id, Text(part, protect=protect))
        return
    if message.kind is Kind.PHOTO and message.file_id:
        room = CAPTION_UNITS - units(head) - 1
        caption = (split(message.words or "", room) or [""])[0]
        html = f"{head}\n{work.texts.escape(caption)}".rstrip()
        await _put(work, case, message, chat_id, Photo(message.file_id, html, protect=protect))
        return
    # A copy bears no name, and a sticker takes no words: who it is from is said before it.
    kind = work.texts.say(f"kind.{message.kind}", language)
    await _put(work, case, message, chat_id, Text(f"{head}\n{kind}", protect=protect))
    copy = Copy(message.source_chat_id, message.source_message_id, protect=protect)
    await _put(work, case, message, chat_id, copy)


def _parts(work: UnitOfWork, head: Html, words: str | None) -> list[Html]:
    room = MESSAGE_UNITS - units(head) - 1
    return [Html(f"{head}\n{work.texts.escape(part)}") for part in split(words or "", room) or [""]]


async def _head_for_holder(work: UnitOfWork, case: Case, person: Person, message: Message) -> Html:
    if message.speaker is Speaker.AMBASSADOR:
        speaker = await work.people.ambassador(message.ambassador_id or 0)
        return _bold(work, f"{case.label} · {speaker.name}")
    return _bold(work, f"{case.label} · {person.pseudonym}")


def _bold(work: UnitOfWork, text: str) -> Html:
    return Html(f"<b>{work.texts.escape(text)}</b>")


async def _put(
    work: UnitOfWork, case: Case, message: Message, chat_id: str, letter: Letter
) -> None:
    await work.letters.put(
        chat_id, letter, priority=Priority.REPLY, case_id=case.id, said_id=message.id
    )
