"""Carrying words between a person and their holder, without a name or number of the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.engine.letters import Copy, Edit, Letter, Photo, Priority, Text
from bot.engine.work import UnitOfWork
from bot.texts import Html
from bot.texts.split import CAPTION_UNITS, MESSAGE_UNITS, split, units
from models import Ambassador, Case, CaseStatus, Kind, Message, Person, Speaker

_ONE_BY_ONE = 12
"""So many of the last messages reach a new holder each by itself, to be answered and edited."""
_MOST_JOINED = 8
"""In so many letters at most does a new holder read what was said before these."""
_MOVES_TOLD = timedelta(minutes=3)
"""A place that moves with the person is shown anew this often: each one is two letters."""


async def to_holder(
    work: UnitOfWork, case: Case, person: Person, holder: Ambassador, message: Message
) -> None:
    """Show the holder what the person, or an earlier holder, said."""
    head = await _head_for_holder(work, case, person, message)
    await _carry(work, case, message, holder.chat_id, head, holder.language, protect=True)


async def to_whoever_holds(work: UnitOfWork, case: Case, person: Person, message: Message) -> None:
    """Show what the person said to the holder, where the case has one."""
    if case.status is CaseStatus.CLAIMED and case.holder_id is not None:
        holder = await work.people.ambassador(case.holder_id)
        await to_holder(work, case, person, holder, message)


async def so_far(work: UnitOfWork, case: Case, person: Person, holder: Ambassador) -> None:
    """Show a new holder what was said until now.

    What a former holder was shown already comes joined in few letters, but the last of it: behind
    hundreds of letters the person's next words would stand, and the next page.
    """
    messages = await work.cases.messages(case)
    earlier = messages[:-_ONE_BY_ONE]
    shown = await work.letters.relayed(case.id) if earlier else ()
    old = [one for one in earlier if one.id in shown]
    for part in await _joined(work, case, person, holder, old):
        letter = Text(part, protect=True)
        await work.letters.put(holder.chat_id, letter, priority=Priority.REPLY, case_id=case.id)
    joined = {one.id for one in old}
    for message in messages:
        if message.id not in joined:
            await to_holder(work, case, person, holder, message)


async def _joined(
    work: UnitOfWork, case: Case, person: Person, holder: Ambassador, messages: Sequence[Message]
) -> Sequence[Html]:
    head = _bold(work, work.texts.say("case.so_far", holder.language, label=case.label))
    pages: list[list[str]] = []
    room = 0
    for message in messages:
        if message.speaker is Speaker.AMBASSADOR:
            speaker = (await work.people.ambassador(message.ambassador_id or 0)).name
        else:
            speaker = person.pseudonym
        kind = "" if message.kind is Kind.TEXT else work.texts.say(f"kind.{message.kind}")
        for words in split(f"{kind} {message.words or ''}".strip(), MESSAGE_UNITS // 2):
            # Telegram counts what is seen: neither markup nor what stands for a sign.
            needed = units(f"\n{speaker}: {words}")
            if needed > room:
                pages.append([head])
                room = MESSAGE_UNITS - units(head)
            pages[-1].append(f"{_bold(work, speaker)}: {work.texts.escape(words)}")
            room -= needed
    kept = pages[-_MOST_JOINED:]
    if len(kept) < len(pages):
        kept[0].insert(1, work.texts.say("case.left_out", holder.language))
    return [Html("\n".join(page)) for page in kept]


async def moved(
    work: UnitOfWork, case: Case, person: Person, holder: Ambassador, message: Message
) -> None:
    """Show the holder where the person is now who shares their place, once in a while."""
    shown = await work.letters.of_message(message.id)
    if not shown or shown[-1].created_at + _MOVES_TOLD <= work.now:
        await to_holder(work, case, person, holder, message)


async def to_person(
    work: UnitOfWork, case: Case, person: Person, holder: Ambassador, message: Message
) -> None:
    """Show the person what their holder said: their next words answer that, no older question."""
    person.stop_asked_at = None
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
        caption, *rest = split(message.words or "", room) or [""]
        under = f"{head}\n{work.texts.escape(caption)}".rstrip()
        await _put(work, case, message, chat_id, Photo(message.file_id, under, protect=protect))
        for piece in rest:
            more = Html(f"{head}\n{work.texts.escape(piece)}")
            await _put(work, case, message, chat_id, Text(more, protect=protect))
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
