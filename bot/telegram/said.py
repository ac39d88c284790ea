"""A Telegram message as something that was said: its kind, its words, its picture."""

from __future__ import annotations

import re
from typing import Any

from telegram import Message as TelegramMessage
from telegram.constants import ChatType

from bot.engine.work import UnitOfWork, Words
from bot.telegram.here import Here
from models import Case, Kind, Message, Person, Speaker

PERSONS_COMMANDS = ("start", "help", "human", "resources", "privacy", "stop")
"""The commands that a person may put before their own words."""

_COMMAND = re.compile(rf"\s*/({'|'.join(PERSONS_COMMANDS)})(?:@\w+)?(?=\s|$)", re.IGNORECASE)
_CHANGED = "\n✏️ "
_LINK_TOKEN = re.compile(r"[\w-]{1,64}")


def kind_of(message: TelegramMessage) -> Kind:
    """What sort of message it is."""
    if message.text is not None:
        return Kind.TEXT
    if message.photo:
        return Kind.PHOTO
    if message.voice or message.audio or message.video_note:
        return Kind.VOICE
    if message.sticker:
        return Kind.STICKER
    if message.location or message.venue:
        return Kind.LOCATION
    return Kind.OTHER


def words_of(message: TelegramMessage) -> str | None:
    """The words of a message or of its caption."""
    text = message.text if message.text is not None else message.caption
    return own_words(text) or None if text is not None else None


def own_words(text: str) -> str:
    """``text`` without a command before it: what stands there is the bot's word, not theirs."""
    command = _COMMAND.match(text)
    if command is None:
        return text
    rest = text[command.end() :].strip()
    is_link = command[1].lower() == "start" and _LINK_TOKEN.fullmatch(rest)
    return "" if is_link else rest


def words_in(update: dict[str, Any], *, of_volunteer: bool = False) -> Words | None:
    """See `bot.engine.ports.Dispatcher.words`. Whatever stands behind a command is words."""
    message = update.get("message") or update.get("edited_message")
    if not isinstance(message, dict) or not _is_private(message):
        return None
    text = message.get("text") or message.get("caption")
    if not isinstance(text, str):
        return None
    own = own_words(text)
    if of_volunteer and own == text and text.startswith("/"):
        return None  # an order to the bot, such as /shift
    text = own.strip().lstrip("/").strip()
    return Words(message["message_id"], text) if text else None


def _is_private(message: dict[str, Any]) -> bool:
    chat = message.get("chat")
    return isinstance(chat, dict) and chat.get("type") == ChatType.PRIVATE


def changed(old: str | None, new: str | None) -> str:
    """Both versions of words that were taken back: whoever comes must see what was there."""
    return f"{old or ''}{_CHANGED}{new or '…'}"


def newest(words: str | None) -> str | None:
    """The words as they stand now, where `changed` has kept what was there before."""
    return words.rpartition(_CHANGED)[2] if words else words


async def keep_words(
    work: UnitOfWork,
    case: Case,
    person: Person,
    message_id: int,
    words: str | None,
    kind: Kind = Kind.TEXT,
) -> Message | None:
    """Keep within ``case`` what ``person`` said, where it is not kept yet; what was kept."""
    if await work.cases.said_as(person.chat_key, message_id) is not None:
        return None
    return await work.cases.say(
        Message(
            case_id=case.id,
            speaker=Speaker.PERSON,
            kind=kind,
            words=words,
            source_chat_key=person.chat_key,
            source_chat_id=person.chat_id,
            source_message_id=message_id,
            said_at=work.now,
        )
    )


async def keep(
    here: Here, case: Case | None, speaker: Speaker, message: TelegramMessage
) -> Message:
    """Keep a message within ``case``, so that it can be relayed.

    One that was edited may be kept already, without a case or in an older one: then it moves, with
    the words that whoever handles the edit gave it.
    """
    kind = kind_of(message)
    if message.edit_date is not None and case is not None:
        kept = await here.work.cases.said_as(
            here.work.people.chat_key(here.chat_id), message.message_id
        )
        if kept is not None:
            kept.case_id, kept.said_at = case.id, here.work.now
            return kept
    return await here.work.cases.say(
        Message(
            case_id=case.id if case else None,
            speaker=speaker,
            ambassador_id=here.ambassador.id
            if speaker is Speaker.AMBASSADOR and here.ambassador
            else None,
            kind=kind,
            words=words_of(message),
            file_id=message.photo[-1].file_id if kind is Kind.PHOTO else None,
            source_chat_key=here.work.people.chat_key(here.chat_id),
            source_chat_id=str(here.chat_id),
            source_message_id=message.message_id,
            said_at=here.work.now,
        )
    )
