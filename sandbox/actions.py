"""What a person does with their phone. Each action becomes the update the bot would get."""

from __future__ import annotations

import re
from typing import Any

from sandbox.entities import TEXT_LIMIT, Formatted, typed, utf16_length
from sandbox.errors import ControlError
from sandbox.files import Kind
from sandbox.state import Phone, Sandbox, StoredMessage

Json = dict[str, Any]

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
EDITABLE_S = 48 * 3600


def start(sandbox: Sandbox, phone: Phone, payload: str = "") -> StoredMessage:
    """Presses Start, with the payload of a deep link if there is one. Unblocks first if need be."""
    if not _PAYLOAD.fullmatch(payload):
        raise ControlError(400, "a start payload is up to 64 of A-Z a-z 0-9 _ -")
    if phone.blocked:
        unblock(sandbox, phone)
    return say(sandbox, phone, f"/start {payload}".rstrip())


def say(sandbox: Sandbox, phone: Phone, text: str, reply_to: int | None = None) -> StoredMessage:
    """Sends a text of 1 to 4096 UTF-16 code units."""
    return _send(sandbox, phone, _text_fields(typed(text)), reply_to)


def edit(sandbox: Sandbox, phone: Phone, message_id: int, text: str) -> StoredMessage:
    """Edits an own message. Media keep their picture; the text becomes the caption."""
    _check_can_write(phone)
    message = sandbox.find_message(phone, message_id)
    if message is None or message.from_bot:
        raise ControlError(404, f"{phone.first_name} has no own message {message_id}")
    if sandbox.now() - message.payload["date"] > EDITABLE_S:
        raise ControlError(409, "messages can be edited for 48 hours")
    formatted = typed(text)
    if "text" in message.payload:
        fields = _text_fields(formatted)
        fields.setdefault("entities", None)
    else:
        fields = {
            "caption": formatted.text or None,
            "caption_entities": formatted.entities or None,
        }
    sandbox.edit_message(message, fields, silently=False)
    sandbox.updates.put("edited_message", dict(message.payload), phone.user_id)
    return message


def send_file(
    sandbox: Sandbox,
    phone: Phone,
    kind: Kind,
    content: bytes,
    *,
    name: str = "",
    mime_type: str = "",
    caption: str = "",
    reply_to: int | None = None,
    **details: Any,
) -> StoredMessage:
    """Sends a photo, voice message, sticker, document or video note.

    details: `duration` in seconds, `emoji` of a sticker.
    """
    _check_can_write(phone)
    if not content:
        raise ControlError(400, "the file is empty")
    file = sandbox.files.add(kind, content, name=name, mime_type=mime_type)
    fields: Json = {kind: sandbox.files.media(file, **details)}
    formatted = typed(caption)
    if formatted.text:
        fields["caption"] = formatted.text
    if formatted.entities:
        fields["caption_entities"] = formatted.entities
    return _send(sandbox, phone, fields, reply_to)


def send_location(
    sandbox: Sandbox, phone: Phone, latitude: float, longitude: float, reply_to: int | None = None
) -> StoredMessage:
    """Shares a place, in degrees."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ControlError(400, "latitude is -90 to 90, longitude -180 to 180")
    location = {"latitude": latitude, "longitude": longitude}
    return _send(sandbox, phone, {"location": location}, reply_to)


def send_contact(
    sandbox: Sandbox, phone: Phone, phone_number: str, first_name: str, user_id: int | None = None
) -> StoredMessage:
    """Shares a contact; with `user_id` it is that of a Telegram user."""
    contact: Json = {"phone_number": phone_number, "first_name": first_name}
    if user_id is not None:
        contact["user_id"] = user_id
    return _send(sandbox, phone, {"contact": contact}, None)


def tap(
    sandbox: Sandbox, phone: Phone, message_id: int, *, text: str | None, data: str | None
) -> str:
    """Taps an inline button, found by its text or its data. Returns the callback query's id."""
    _check_can_write(phone)
    message = sandbox.find_message(phone, message_id)
    if message is None:
        raise ControlError(404, f"{phone.first_name} sees no message {message_id}")
    rows = message.payload.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    found = next((button for button in buttons if _is(button, text, data)), None)
    if found is None:
        shown = ", ".join(button["text"] for button in buttons) or "none"
        raise ControlError(404, f"no such button under message {message_id}; there: {shown}")
    if "callback_data" not in found:
        raise ControlError(409, f"the button {found['text']!r} sends no callback query")
    tapped = sandbox.add_tap(phone, message, found["callback_data"])
    query = {
        "id": tapped.id,
        "from": phone.as_user(),
        "message": dict(message.payload),
        "chat_instance": str(-(phone.user_id * 7919 + sandbox.bot_id)),
        "data": tapped.data,
    }
    sandbox.updates.put("callback_query", query, phone.user_id)
    return tapped.id


def _is(button: Json, text: str | None, data: str | None) -> bool:
    if data is not None:
        return bool(button.get("callback_data") == data)
    return bool(button["text"] == text)


def block(sandbox: Sandbox, phone: Phone) -> None:
    """Stops the bot: it gets 403 from now on. Does nothing when it is blocked already."""
    if phone.deactivated or not phone.started:
        raise ControlError(409, f"{phone.first_name} has no chat with the bot to block")
    if not phone.blocked:
        _set_blocked(sandbox, phone, blocked=True)


def unblock(sandbox: Sandbox, phone: Phone) -> None:
    """Lets the bot write again. Does nothing when it isn't blocked."""
    if phone.deactivated:
        raise ControlError(409, f"{phone.first_name}'s account is deleted")
    if phone.blocked:
        _set_blocked(sandbox, phone, blocked=False)


def deactivate(sandbox: Sandbox, phone: Phone) -> None:
    """Deletes the person's account. The bot hears of it only when it writes next."""
    phone.deactivated = True
    sandbox.touch(phone)


def _set_blocked(sandbox: Sandbox, phone: Phone, *, blocked: bool) -> None:
    phone.blocked = blocked
    sandbox.touch(phone)
    bot = sandbox.bot_user()
    member: Json = {"user": bot, "status": "member"}
    banned: Json = {"user": bot, "status": "kicked", "until_date": 0}
    change = {
        "chat": phone.as_chat(),
        "from": phone.as_user(),
        "date": sandbox.now(),
        "old_chat_member": member if blocked else banned,
        "new_chat_member": banned if blocked else member,
    }
    sandbox.updates.put("my_chat_member", change, phone.user_id)


def _send(sandbox: Sandbox, phone: Phone, fields: Json, reply_to: int | None) -> StoredMessage:
    _check_can_write(phone)
    if reply_to is not None:
        replied = sandbox.find_message(phone, reply_to)
        if replied is None:
            raise ControlError(404, f"{phone.first_name} sees no message {reply_to}")
        fields["reply_to_message"] = as_replied_to(replied)
    if not phone.started:
        phone.started = True
        sandbox.touch(phone)
    message = sandbox.add_message(phone, fields, from_bot=False)
    sandbox.updates.put("message", dict(message.payload), phone.user_id)
    return message


def as_replied_to(message: StoredMessage) -> Json:
    """A message as it appears inside a reply: without what it replied to itself."""
    return {key: value for key, value in message.payload.items() if key != "reply_to_message"}


def _text_fields(formatted: Formatted) -> Json:
    if not formatted.text:
        raise ControlError(400, "the text is empty")
    if utf16_length(formatted.text) > TEXT_LIMIT:
        raise ControlError(400, f"a message has at most {TEXT_LIMIT} characters")
    fields: Json = {"text": formatted.text}
    if formatted.entities:
        fields["entities"] = formatted.entities
    return fields


def _check_can_write(phone: Phone) -> None:
    if phone.deactivated:
        raise ControlError(409, f"{phone.first_name}'s account is deleted")
    if phone.blocked:
        raise ControlError(409, f"{phone.first_name} has blocked the bot; unblock it first")
