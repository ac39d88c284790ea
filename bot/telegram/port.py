"""The engine's ports on python-telegram-bot: letters out, updates in, errors in our words."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBUserWarning

from bot.engine import ports
from bot.engine.letters import (
    Answer,
    Copy,
    Delete,
    Edit,
    Keyboard,
    Letter,
    Menu,
    NoButtons,
    Photo,
    Picture,
    Text,
)
from bot.pictures.canvas import drawn
from bot.pictures.sketch import Sketch, draw_sketch

DEFAULT_CHAT = "0"
"""The chat of a `Menu` for whoever has none of their own."""

# Telegram's words for what is no defect: the same text again, or a tap answered too late.
_HARMLESS = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message can't be deleted",
    # Whoever wrote it has deleted it since.
    "message to copy not found",
)
# Telegram's words for a chat that is gone, where it says 400 instead of 403.
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid")

# Updates are asked for in raw form: they are kept as Telegram sent them, also those kinds that
# the library does not know yet. Its advice to use its own parsing method is therefore not heeded.
warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
# Of a flood's waiting time both its old and its coming form are understood below.
warnings.filterwarnings("ignore", "Deprecated since version v22.2", PTBUserWarning)

_log = structlog.get_logger()

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]


class TelegramCarrier:
    """Takes letters to Telegram through a `telegram.Bot`."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int | None:
        """See `bot.engine.ports.Carrier`."""
        async with _our_errors():
            return await self._deliver(int(chat_id), letter, message_id)

    async def _deliver(self, chat: int, letter: Letter, message_id: int | None) -> int | None:
        match letter:
            case Text(html, buttons, protect, silent):
                message = await self._bot.send_message(
                    chat,
                    html,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_markup(buttons),
                    protect_content=protect,
                    disable_notification=silent,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
                return message.message_id
            case Edit(html, buttons, caption=True):
                await self._bot.edit_message_caption(
                    chat,
                    message_id,
                    caption=html,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_markup(buttons),
                )
                return None
            case Edit(html, buttons):
                await self._bot.edit_message_text(
                    html,
                    chat,
                    message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_markup(buttons),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
                return None
            case Photo(file_id, html, protect):
                message = await self._bot.send_photo(
                    chat,
                    file_id,
                    caption=html,
                    parse_mode=ParseMode.HTML,
                    has_spoiler=True,
                    protect_content=protect,
                )
                return message.message_id
            case Picture(png, html, buttons, protect):
                picture = await _drawn(png) if isinstance(png, Sketch) else png
                if picture is None:
                    # The words say the same, and the buttons work under them too.
                    return await self._deliver(chat, Text(html, buttons, protect), message_id)
                message = await self._bot.send_photo(
                    chat,
                    picture,
                    filename="picture.png",
                    caption=html,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_markup(buttons),
                    protect_content=protect,
                )
                return message.message_id
            case Copy(from_chat, source, protect):
                copy = await self._bot.copy_message(
                    chat, int(from_chat), source, protect_content=protect
                )
                return copy.message_id
            case NoButtons():
                await self._bot.edit_message_reply_markup(chat, message_id, reply_markup=None)
                return None
            case Delete(unwanted):
                await self._bot.delete_message(chat, unwanted)
                return None
            case Answer(query_id, text, alert):
                await self._bot.answer_callback_query(query_id, text, show_alert=alert)
                return None
            case Menu(commands):
                scope = (
                    BotCommandScopeDefault()
                    if str(chat) == DEFAULT_CHAT
                    else BotCommandScopeChat(chat)
                )
                await self._bot.set_my_commands(
                    [BotCommand(name, description) for name, description in commands], scope
                )
                return None


class TelegramUpdates:
    """Asks Telegram for updates by long polling, without parsing them."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def fetch(self, offset: int | None, timeout_s: float) -> Sequence[dict[str, Any]]:
        """See `bot.engine.ports.Updates`."""
        arguments: dict[str, Any] = {
            "timeout": int(timeout_s),
            "allowed_updates": ALLOWED_UPDATES,
        }
        if offset is not None:
            arguments["offset"] = offset
        async with _our_errors():
            try:
                updates = await self._bot.do_api_request(
                    "getUpdates", arguments, read_timeout=timeout_s + 10
                )
            except EndPointNotFound as error:
                # The library takes a refused token (401) for a method that does not exist.
                raise InvalidToken from error
        return list(updates)

    async def pending(self) -> int:
        """See `bot.engine.ports.Updates`."""
        async with _our_errors():
            return (await self._bot.get_webhook_info()).pending_update_count


async def _drawn(sketch: Sketch) -> bytes | None:
    """The picture, or None where it cannot be drawn."""
    try:
        return await drawn(draw_sketch, sketch)
    except Exception as error:
        _log.error("picture_not_drawn", kind=sketch.kind, error=type(error).__name__)
        return None


@asynccontextmanager
async def _our_errors() -> AsyncIterator[None]:
    try:
        yield
    except TelegramError as error:
        raise _translate(error) from error


def _translate(error: TelegramError) -> ports.DeliveryError:
    text = error.message.lower()
    match error:
        case RetryAfter():
            after = error.retry_after
            return ports.TooMany(after if isinstance(after, int) else after.total_seconds())
        case Forbidden():
            return ports.ChatGone(error.message)
        # BadRequest is a kind of NetworkError in the library, so it is looked at first.
        case BadRequest() if any(words in text for words in _HARMLESS):
            return ports.Stale(error.message)
        case BadRequest() if any(words in text for words in _GONE):
            return ports.ChatGone(error.message)
        case BadRequest() | ChatMigrated():
            return ports.Rejected(error.message)
        case EndPointNotFound():
            return ports.Unsupported(error.message)
        case InvalidToken() if "not found" in text:
            return ports.Unsupported(error.message)
        case InvalidToken():
            return ports.NotOurs("the bot's token is not accepted")
        case Conflict():
            return ports.Contested(error.message)
        case NetworkError():
            return ports.Unavailable(type(error).__name__)
        case _:
            return ports.Unavailable(type(error).__name__)


def _markup(buttons: Keyboard) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(button.label, callback_data=button.data) for button in row]
            for row in buttons
        ]
    )
