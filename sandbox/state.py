"""The sandbox itself: one bot, its phones, their messages. Everything is in memory."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.changes import ChangeCounter, Touched
from sandbox.entities import Formatted
from sandbox.errors import ControlError, bad_request, forbidden
from sandbox.faults import FaultBoard
from sandbox.files import FileStore
from sandbox.journal import Journal
from sandbox.limits import Limits, Throttle
from sandbox.profile import CommandMenus, LocalisedText
from sandbox.updates import UpdateQueue, first_id
from sandbox.webhook import BACKOFF_S, WebhookCourier

Json = dict[str, Any]

DEFAULT_TOKEN = "7900000000:sandbox-token-not-a-secret"  # noqa: S105 - opens nothing but this
FIRST_USER_ID = 7_000_000_001
CHAT_ACTION_S = 5.0
TAP_ANSWERABLE_S = 900.0


@dataclass
class Toast:
    """The answer to a tap, as the phone shows it: a passing note, or an alert to dismiss."""

    text: str
    alert: bool
    url: str
    message_id: int
    at_ms: int
    change: int


@dataclass
class Tap:
    """A tap on an inline button that the bot has not answered yet. `at` in clock seconds."""

    id: str
    user_id: int
    message_id: int
    data: str
    at: float


@dataclass
class Phone:
    """One person with Telegram on their phone, in a private chat with the bot."""

    user_id: int
    first_name: str
    username: str | None = None
    language_code: str = "en"
    caption: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    action: str = ""
    action_until: float = 0.0
    toasts: list[Toast] = field(default_factory=list)

    def as_user(self) -> Json:
        user: Json = {"id": self.user_id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        user["language_code"] = self.language_code
        return user

    def as_chat(self) -> Json:
        chat: Json = {"id": self.user_id, "type": "private", "first_name": self.first_name}
        if self.username:
            chat["username"] = self.username
        return chat


@dataclass
class StoredMessage:
    """A message as the Bot API shows it (`payload`), and what only the sandbox knows."""

    payload: Json
    user_id: int
    from_bot: bool
    deleted: bool = False

    @property
    def message_id(self) -> int:
        return int(self.payload["message_id"])

    def formatted(self) -> Formatted:
        """Its text or caption with entities."""
        if "text" in self.payload:
            return Formatted(self.payload["text"], self.payload.get("entities", []))
        return Formatted(self.payload.get("caption", ""), self.payload.get("caption_entities", []))


@dataclass(frozen=True)
class NewPhone:
    """What it takes to add a phone. `caption` is a free label shown on the page.

    user_id: None gives the next free one, counted from 7_000_000_001 in order of creation.
    """

    first_name: str
    caption: str = ""
    username: str | None = None
    language_code: str = "en"
    user_id: int | None = None


class Sandbox:
    """A Bot API server's memory for one bot.

    token: the only one that is let in. clock: seconds since 1970. seed: for faults by chance.
    webhook_backoff_s: pauses between failed deliveries; the last one repeats.
    """

    def __init__(
        self,
        token: str = DEFAULT_TOKEN,
        bot_username: str = "holdfast_sandbox_bot",
        bot_name: str = "Holdfast (sandbox)",
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        seed: int = 0,
        webhook_backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self.token = token
        self.bot_username = bot_username
        self.clock = clock
        self.epoch = secrets.token_hex(6)
        self.changes = ChangeCounter()
        self.files = FileStore()
        self.menus = CommandMenus()
        self.names = LocalisedText("bot name", 64, bot_name)
        self.descriptions = LocalisedText("bot description", 512)
        self.short_descriptions = LocalisedText("bot short description", 120)
        self.throttle = Throttle(limits or Limits(), clock)
        self.faults = FaultBoard(seed, self._settings_changed)
        self.journal = Journal(self.changes, clock)
        self.updates = UpdateQueue(clock, self.faults)
        self.courier = WebhookCourier(self.updates, self.journal, clock, webhook_backoff_s)
        self.settings_change = 0
        self.phones: dict[int, Phone] = {}
        self.touched_phones: Touched[int] = Touched(self.changes)
        self.messages: dict[int, StoredMessage] = {}
        self.touched_messages: Touched[int] = Touched(self.changes)
        self.taps: dict[str, Tap] = {}
        self._next_message_id = max(1, first_id(clock()) // 10)
        self._next_user_id = FIRST_USER_ID
        self._last_tap = secrets.randbits(40) << 20

    # The bot

    @property
    def bot_id(self) -> int:
        number = self.token.partition(":")[0]
        return int(number) if number.isdecimal() else 7_900_000_000

    def bot_user(self) -> Json:
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": self.names.get(""),
            "username": self.bot_username,
        }

    def now(self) -> int:
        """The date for messages: whole seconds since 1970."""
        return int(self.clock())

    def profile_changed(self) -> None:
        """Tells the page that the bot's name or a menu is another one now."""
        self._settings_changed()

    def set_limits(self, limits: Limits) -> None:
        self.throttle.set(limits)
        self._settings_changed()

    def close(self) -> None:
        """Ends every wait: polls answer at once, streams end."""
        self.updates.closed = True
        self.updates.signal.notify()
        self.changes.signal.notify()

    def _settings_changed(self) -> None:
        self.settings_change = self.changes.tick()

    # Phones

    def add_phone(self, new: NewPhone) -> Phone:
        """Adds a phone. Raises ControlError 409 if the user id or username is taken."""
        if new.user_id is None:
            while self._next_user_id in self.phones:
                self._next_user_id += 1
        user_id = self._next_user_id if new.user_id is None else new.user_id
        if user_id in self.phones or user_id == self.bot_id:
            raise ControlError(409, f"user id {user_id} is taken")
        username = (new.username or "").removeprefix("@") or None
        if username and any(phone.username == username for phone in self.phones.values()):
            raise ControlError(409, f"username {username} is taken")
        phone = Phone(user_id, new.first_name, username, new.language_code, new.caption)
        self.phones[user_id] = phone
        self.touched_phones.touch(user_id)
        return phone

    def phone(self, user_id: int) -> Phone:
        """Raises ControlError 404."""
        if user_id not in self.phones:
            raise ControlError(404, f"no phone has the user id {user_id}")
        return self.phones[user_id]

    def touch(self, phone: Phone) -> None:
        self.touched_phones.touch(phone.user_id)

    # Messages

    def chat_for_bot(self, chat_id: str) -> Phone:
        """The phone behind a chat id the bot uses. Raises 400 "chat not found"."""
        number = chat_id.strip()
        phone = self.phones.get(int(number)) if number.isdecimal() else None
        if phone is None:
            raise bad_request("chat not found" if number else "chat_id is empty")
        return phone

    def reachable_for_bot(self, chat_id: str) -> Phone:
        """The same, where the bot may write. Raises 400 or 403."""
        phone = self.chat_for_bot(chat_id)
        if phone.deactivated:
            raise forbidden("user is deactivated")
        if not phone.started:
            raise forbidden("bot can't initiate conversation with a user")
        if phone.blocked:
            raise forbidden("bot was blocked by the user")
        return phone

    def find_message(self, phone: Phone, message_id: int) -> StoredMessage | None:
        """A message of this chat that is still there."""
        message = self.messages.get(message_id)
        if message is None or message.deleted or message.user_id != phone.user_id:
            return None
        return message

    def add_message(self, phone: Phone, content: Json, *, from_bot: bool) -> StoredMessage:
        """Puts a message into the chat. `content` is what the Bot API has beyond id, from, date."""
        payload: Json = {
            "message_id": self._next_message_id,
            "from": self.bot_user() if from_bot else phone.as_user(),
            "chat": phone.as_chat(),
            "date": self.now(),
            **content,
        }
        self._next_message_id += 1
        message = StoredMessage(payload, phone.user_id, from_bot)
        self.messages[message.message_id] = message
        self.touched_messages.touch(message.message_id)
        if from_bot and phone.action:
            phone.action = ""
            self.touch(phone)
        return message

    def edit_message(self, message: StoredMessage, changes: Json, *, silently: bool) -> None:
        """Replaces fields (None takes one away); `silently` leaves no "edited" mark."""
        for key, value in changes.items():
            if value is None:
                message.payload.pop(key, None)
            else:
                message.payload[key] = value
        if not silently:
            message.payload["edit_date"] = self.now()
        self.touched_messages.touch(message.message_id)

    def delete_message(self, message: StoredMessage) -> None:
        message.deleted = True
        self.touched_messages.touch(message.message_id)

    # Taps

    def add_tap(self, phone: Phone, message: StoredMessage, data: str) -> Tap:
        """A tap on a button with callback data, waiting for the bot's answer."""
        self._last_tap += 1
        tap = Tap(str(self._last_tap), phone.user_id, message.message_id, data, self.clock())
        self.taps[tap.id] = tap
        self.touch(phone)
        return tap

    def answer_tap(self, tap_id: str, text: str, *, alert: bool, url: str) -> None:
        """Raises 400 when the tap is unknown, answered already, or too old."""
        tap = self.taps.pop(tap_id, None)
        if tap is None or self.clock() - tap.at > TAP_ANSWERABLE_S:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        phone = self.phones[tap.user_id]
        self.touch(phone)
        if text or url:
            at_ms = int(self.clock() * 1000)
            change = self.touched_phones.at(phone.user_id)
            phone.toasts.append(Toast(text, alert, url, tap.message_id, at_ms, change))

    def show_action(self, phone: Phone, action: str) -> None:
        """Shows "typing…" and the like until a message comes, or for five seconds."""
        phone.action = action
        phone.action_until = self.clock() + CHAT_ACTION_S
        self.touch(phone)
