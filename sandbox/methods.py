"""The Bot API's methods: what each takes, requires, does and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.actions import as_replied_to
from sandbox.entities import CAPTION_LIMIT, TEXT_LIMIT, bot_formatted, utf16_length
from sandbox.errors import bad_request
from sandbox.files import MOST_BYTES_TO_DOWNLOAD, Kind, StoredFile, image_pixels
from sandbox.keyboards import inline_keyboard
from sandbox.params import Params
from sandbox.state import Phone, Sandbox, StoredMessage
from sandbox.updates import poll_refused_by_webhook

Json = dict[str, Any]
Handler = Callable[[Sandbox, Params], Awaitable[Any]]

LONGEST_POLL_S = 50
DELETABLE_S = 48 * 3600
ANSWER_LIMIT = 200
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)

_SENDING = ("disable_notification", "protect_content", "reply_parameters", "reply_markup")
_CAPTION = ("caption", "parse_mode", "caption_entities")
_MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "voice": "there is no voice in the request",
    "sticker": "there is no sticker in the request",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "action": "wrong parameter action in request",
    "callback_query_id": ("query is too old and response timeout expired or query ID is invalid"),
    "file_id": "file_id not specified",
}


@dataclass(frozen=True)
class Method:
    """One method as documented by Telegram, so far as the sandbox reads it."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    handler: Handler

    async def call(self, sandbox: Sandbox, params: Params) -> Any:
        """The `result` of the call. Raises ApiError."""
        for name in self.required:
            if not params.has(name):
                raise bad_request(_MISSING.get(name, f'parameter "{name}" is required'))
        return await self.handler(sandbox, params)


METHODS: dict[str, Method] = {}


def find_method(name: str) -> Method | None:
    """The method of this name in any case, or None."""
    return METHODS.get(name.lower())


def _method(
    name: str, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        METHODS[name.lower()] = Method(name, required, optional, handler)
        return handler

    return keep


# The bot and its updates


@_method("getMe")
async def get_me(sandbox: Sandbox, params: Params) -> Json:
    return {
        **sandbox.bot_user(),
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@_method("logOut")
@_method("close")
async def log_out(sandbox: Sandbox, params: Params) -> bool:
    return True


@_method("getUpdates", optional=("offset", "limit", "timeout", "allowed_updates"))
async def get_updates(sandbox: Sandbox, params: Params) -> list[Json]:
    if sandbox.courier.webhook.url:
        raise poll_refused_by_webhook()
    _take_allowed_updates(sandbox, params)
    return await sandbox.updates.poll(
        offset=params.integer("offset"),
        limit=min(100, max(1, params.integer("limit", 100))),
        timeout_s=min(LONGEST_POLL_S, max(0, params.integer("timeout"))),
    )


@_method(
    "setWebhook",
    required=("url",),
    optional=("max_connections", "allowed_updates", "drop_pending_updates", "secret_token"),
)
async def set_webhook(sandbox: Sandbox, params: Params) -> bool:
    sandbox.courier.set(
        params.text("url"),
        params.text("secret_token"),
        min(100, max(1, params.integer("max_connections", 40))),
    )
    _take_allowed_updates(sandbox, params)
    if params.boolean("drop_pending_updates"):
        sandbox.updates.drop_all()
    return True


@_method("deleteWebhook", optional=("drop_pending_updates",))
async def delete_webhook(sandbox: Sandbox, params: Params) -> bool:
    sandbox.courier.set("", "", 40)
    if params.boolean("drop_pending_updates"):
        sandbox.updates.drop_all()
    return True


@_method("getWebhookInfo")
async def get_webhook_info(sandbox: Sandbox, params: Params) -> Json:
    return sandbox.courier.info()


def _take_allowed_updates(sandbox: Sandbox, params: Params) -> None:
    allowed = params.json("allowed_updates")
    if allowed is None:
        return
    if not isinstance(allowed, list):
        raise bad_request("can't parse allowed_updates JSON object")
    sandbox.updates.allowed = [str(kind) for kind in allowed]


# Sending


@_method(
    "sendMessage",
    required=("chat_id", "text"),
    optional=("parse_mode", "entities", "link_preview_options", *_SENDING),
)
async def send_message(sandbox: Sandbox, params: Params) -> Json:
    fields = _text(params)
    preview = params.json("link_preview_options")
    if isinstance(preview, dict) and preview:
        fields["link_preview_options"] = preview
    return _deliver(sandbox, params, fields).payload


@_method(
    "sendPhoto",
    required=("chat_id", "photo"),
    optional=(*_CAPTION, "show_caption_above_media", "has_spoiler", *_SENDING),
)
async def send_photo(sandbox: Sandbox, params: Params) -> Json:
    return _deliver_file(sandbox, params, "photo")


@_method("sendDocument", required=("chat_id", "document"), optional=(*_CAPTION, *_SENDING))
async def send_document(sandbox: Sandbox, params: Params) -> Json:
    return _deliver_file(sandbox, params, "document")


@_method("sendVoice", required=("chat_id", "voice"), optional=(*_CAPTION, "duration", *_SENDING))
async def send_voice(sandbox: Sandbox, params: Params) -> Json:
    return _deliver_file(sandbox, params, "voice", duration=params.integer("duration"))


@_method("sendSticker", required=("chat_id", "sticker"), optional=("emoji", *_SENDING))
async def send_sticker(sandbox: Sandbox, params: Params) -> Json:
    return _deliver_file(sandbox, params, "sticker", emoji=params.text("emoji"))


@_method(
    "sendLocation",
    required=("chat_id", "latitude", "longitude"),
    optional=("horizontal_accuracy", *_SENDING),
)
async def send_location(sandbox: Sandbox, params: Params) -> Json:
    latitude, longitude = params.number("latitude"), params.number("longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong latitude or longitude specified")
    location: Json = {"latitude": latitude, "longitude": longitude}
    accuracy = params.number("horizontal_accuracy")
    if accuracy:
        location["horizontal_accuracy"] = accuracy
    return _deliver(sandbox, params, {"location": location}).payload


@_method(
    "copyMessage",
    required=("chat_id", "from_chat_id", "message_id"),
    optional=(*_CAPTION, "show_caption_above_media", *_SENDING),
)
async def copy_message(sandbox: Sandbox, params: Params) -> Json:
    source_phone = sandbox.chat_for_bot(params.text("from_chat_id"))
    source = sandbox.find_message(source_phone, params.integer("message_id"))
    if source is None:
        raise bad_request("message to copy not found")
    fields = {key: source.payload[key] for key in _COPIED if key in source.payload}
    if "text" not in fields and params.has("caption"):
        fields.pop("caption", None)
        fields.pop("caption_entities", None)
        fields.update(_caption(params))
    return {"message_id": _deliver(sandbox, params, fields).message_id}


_MEDIA = ("photo", "voice", "sticker", "document", "video_note", "location", "contact")
_COPIED = (
    "text",
    "entities",
    "link_preview_options",
    *_MEDIA,
    "caption",
    "caption_entities",
    "has_media_spoiler",
    "show_caption_above_media",
)


@_method("sendChatAction", required=("chat_id", "action"))
async def send_chat_action(sandbox: Sandbox, params: Params) -> bool:
    action = params.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    sandbox.show_action(sandbox.reachable_for_bot(params.text("chat_id")), action)
    return True


def _text(params: Params) -> Json:
    formatted = bot_formatted(
        params.text("text"),
        params.text("parse_mode"),
        params.json("entities"),
        limit=TEXT_LIMIT,
        too_long="message is too long",
    )
    if not formatted.text:
        raise bad_request("message text is empty")
    fields: Json = {"text": formatted.text}
    if formatted.entities:
        fields["entities"] = formatted.entities
    return fields


def _caption(params: Params) -> Json:
    formatted = bot_formatted(
        params.text("caption"),
        params.text("parse_mode"),
        params.json("caption_entities"),
        limit=CAPTION_LIMIT,
        too_long="message caption is too long",
    )
    fields: Json = {}
    if formatted.text:
        fields["caption"] = formatted.text
        if formatted.entities:
            fields["caption_entities"] = formatted.entities
        if params.boolean("show_caption_above_media"):
            fields["show_caption_above_media"] = True
    return fields


def _deliver_file(sandbox: Sandbox, params: Params, kind: Kind, **details: Any) -> Json:
    caption = {} if kind == "sticker" else _caption(params)
    sandbox.reachable_for_bot(params.text("chat_id"))
    file = _file(sandbox, params, kind)
    fields = {kind: sandbox.files.media(file, **details), **caption}
    if kind == "photo" and params.boolean("has_spoiler"):
        fields["has_media_spoiler"] = True
    return _deliver(sandbox, params, fields).payload


def _file(sandbox: Sandbox, params: Params, kind: Kind) -> StoredFile:
    reference = params.text(kind)
    part = reference.removeprefix("attach://") if reference.startswith("attach://") else kind
    upload = params.uploads.get(part)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        if kind == "photo" and image_pixels(upload.content) is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        return sandbox.files.add(
            kind, upload.content, name=upload.file_name, mime_type=upload.mime_type
        )
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = sandbox.files.by_id(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request("type of file mismatch")
    return file


def _deliver(sandbox: Sandbox, params: Params, fields: Json) -> StoredMessage:
    phone = sandbox.reachable_for_bot(params.text("chat_id"))
    fields.update(_reply(sandbox, params, phone))
    markup = inline_keyboard(params.json("reply_markup"))
    if markup is not None:
        fields["reply_markup"] = markup
    if params.boolean("protect_content"):
        fields["has_protected_content"] = True
    sandbox.throttle.admit(phone.user_id)
    return sandbox.add_message(phone, fields, from_bot=True)


def _reply(sandbox: Sandbox, params: Params, phone: Phone) -> Json:
    given = params.json("reply_parameters")
    if given is None and params.has("reply_to_message_id"):
        given = {
            "message_id": params.integer("reply_to_message_id"),
            "allow_sending_without_reply": params.boolean("allow_sending_without_reply"),
        }
    if given is None:
        return {}
    if not isinstance(given, dict) or not isinstance(given.get("message_id"), int):
        raise bad_request("can't parse reply parameters JSON object")
    elsewhere = str(given.get("chat_id", phone.user_id)) != str(phone.user_id)
    replied = None if elsewhere else sandbox.find_message(phone, given["message_id"])
    if replied is None:
        if given.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    fields: Json = {"reply_to_message": as_replied_to(replied)}
    quote = given.get("quote")
    if quote:
        before, found, _ = replied.formatted().text.partition(str(quote))
        if not found:
            raise bad_request("QUOTE_TEXT_INVALID")
        fields["quote"] = {"text": quote, "position": utf16_length(before), "is_manual": True}
    return fields


# Editing and deleting

_EDITED = ("chat_id", "message_id", "reply_markup")


@_method(
    "editMessageText",
    optional=(*_EDITED, "text", "parse_mode", "entities", "link_preview_options"),
)
async def edit_message_text(sandbox: Sandbox, params: Params) -> Json:
    fields = _text(params)
    message = _editable(sandbox, params)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    return _edit(params, sandbox, message, {"entities": None, **fields})


@_method("editMessageCaption", optional=(*_EDITED, *_CAPTION, "show_caption_above_media"))
async def edit_message_caption(sandbox: Sandbox, params: Params) -> Json:
    fields = _caption(params)
    message = _editable(sandbox, params)
    if not any(kind in message.payload for kind in ("photo", "document", "voice")):
        raise bad_request("there is no caption in the message to edit")
    nothing = {"caption": None, "caption_entities": None}
    return _edit(params, sandbox, message, {**nothing, **fields})


@_method("editMessageReplyMarkup", optional=_EDITED)
async def edit_message_reply_markup(sandbox: Sandbox, params: Params) -> Json:
    return _edit(params, sandbox, _editable(sandbox, params), {})


def _editable(sandbox: Sandbox, params: Params) -> StoredMessage:
    if not params.has("chat_id") or not params.has("message_id"):
        raise bad_request("message identifier is not specified")
    phone = sandbox.chat_for_bot(params.text("chat_id"))
    message = sandbox.find_message(phone, params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _edit(params: Params, sandbox: Sandbox, message: StoredMessage, fields: Json) -> Json:
    changes = {**fields, "reply_markup": inline_keyboard(params.json("reply_markup"))}
    if all(message.payload.get(key) == value for key, value in changes.items()):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    content_same = all(message.payload.get(key) == value for key, value in fields.items())
    sandbox.reachable_for_bot(str(message.user_id))
    sandbox.edit_message(message, changes, silently=content_same)
    return message.payload


@_method("deleteMessage", required=("chat_id", "message_id"))
async def delete_message(sandbox: Sandbox, params: Params) -> bool:
    phone = sandbox.chat_for_bot(params.text("chat_id"))
    message = sandbox.find_message(phone, params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if sandbox.now() - message.payload["date"] > DELETABLE_S:
        raise bad_request("message can't be deleted for everyone")
    sandbox.delete_message(message)
    return True


@_method("deleteMessages", required=("chat_id", "message_ids"))
async def delete_messages(sandbox: Sandbox, params: Params) -> bool:
    phone = sandbox.chat_for_bot(params.text("chat_id"))
    ids = params.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified")
    for message_id in ids:
        message = sandbox.find_message(phone, message_id) if isinstance(message_id, int) else None
        if message is not None and sandbox.now() - message.payload["date"] <= DELETABLE_S:
            sandbox.delete_message(message)
    return True


@_method(
    "answerCallbackQuery",
    required=("callback_query_id",),
    optional=("text", "show_alert", "url", "cache_time"),
)
async def answer_callback_query(sandbox: Sandbox, params: Params) -> bool:
    text = params.text("text")
    if utf16_length(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    sandbox.answer_tap(
        params.text("callback_query_id"),
        text,
        alert=params.boolean("show_alert"),
        url=params.text("url"),
    )
    return True


# How the bot presents itself

_SCOPED = ("scope", "language_code")


@_method("setMyCommands", required=("commands",), optional=_SCOPED)
async def set_my_commands(sandbox: Sandbox, params: Params) -> bool:
    scope = _scope(sandbox, params)
    sandbox.menus.set(scope, params.text("language_code"), params.json("commands"))
    sandbox.profile_changed()
    return True


@_method("getMyCommands", optional=_SCOPED)
async def get_my_commands(sandbox: Sandbox, params: Params) -> list[Json]:
    return sandbox.menus.get(_scope(sandbox, params), params.text("language_code"))


@_method("deleteMyCommands", optional=_SCOPED)
async def delete_my_commands(sandbox: Sandbox, params: Params) -> bool:
    sandbox.menus.delete(_scope(sandbox, params), params.text("language_code"))
    sandbox.profile_changed()
    return True


def _scope(sandbox: Sandbox, params: Params) -> Any:
    scope = params.json("scope")
    if isinstance(scope, dict) and scope.get("type") == "chat":
        phone = sandbox.chat_for_bot(str(scope.get("chat_id", "")))
        if not phone.started:
            raise bad_request("chat not found")
    return scope


@_method("setMyName", optional=("name", "language_code"))
async def set_my_name(sandbox: Sandbox, params: Params) -> bool:
    sandbox.names.set(params.text("name"), params.text("language_code"))
    sandbox.profile_changed()
    return True


@_method("getMyName", optional=("language_code",))
async def get_my_name(sandbox: Sandbox, params: Params) -> Json:
    return {"name": sandbox.names.get(params.text("language_code"))}


@_method("setMyDescription", optional=("description", "language_code"))
async def set_my_description(sandbox: Sandbox, params: Params) -> bool:
    sandbox.descriptions.set(params.text("description"), params.text("language_code"))
    sandbox.profile_changed()
    return True


@_method("getMyDescription", optional=("language_code",))
async def get_my_description(sandbox: Sandbox, params: Params) -> Json:
    return {"description": sandbox.descriptions.get(params.text("language_code"))}


@_method("setMyShortDescription", optional=("short_description", "language_code"))
async def set_my_short_description(sandbox: Sandbox, params: Params) -> bool:
    sandbox.short_descriptions.set(params.text("short_description"), params.text("language_code"))
    sandbox.profile_changed()
    return True


@_method("getMyShortDescription", optional=("language_code",))
async def get_my_short_description(sandbox: Sandbox, params: Params) -> Json:
    return {"short_description": sandbox.short_descriptions.get(params.text("language_code"))}


# Chats and files


@_method("getChat", required=("chat_id",))
async def get_chat(sandbox: Sandbox, params: Params) -> Json:
    phone = sandbox.chat_for_bot(params.text("chat_id"))
    if not phone.started:
        raise bad_request("chat not found")
    chat = phone.as_chat()
    if phone.username:
        chat["active_usernames"] = [phone.username]
    return {
        **chat,
        "accent_color_id": phone.user_id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }


@_method("getFile", required=("file_id",))
async def get_file(sandbox: Sandbox, params: Params) -> Json:
    file = sandbox.files.by_id(params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > MOST_BYTES_TO_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": params.text("file_id"),
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.content),
        "file_path": file.path,
    }
