"""Reply markup: what a bot may hang under a message."""

from __future__ import annotations

from typing import Any

from sandbox.entities import clean_url
from sandbox.errors import bad_request

Json = dict[str, Any]

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_LOOKS = ("style", "icon_custom_emoji_id")
_OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")
MOST_BUTTONS = 100


def inline_keyboard(markup: object) -> Json | None:
    """The inline keyboard in a `reply_markup`, checked; None for none or another kind of markup.

    Raises ApiError 400, with BUTTON_DATA_INVALID for callback data not of 1 to 64 bytes.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if markup and not any(key in markup for key in _OTHER_MARKUPS):
            raise bad_request("can't parse reply keyboard markup JSON object")
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    checked: list[list[Json]] = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request('field "inline_keyboard" must be an Array of Arrays')
        if row:
            checked.append([_button(button) for button in row])
    if sum(len(row) for row in checked) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": checked} if checked else None


def _button(given: object) -> Json:
    if not isinstance(given, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be Object")
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    button: Json = {"text": text}
    button.update({key: given[key] for key in _LOOKS if key in given})
    action = next((key for key in _ACTIONS if key in given), None)
    if action is None:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    value = given[action]
    if action == "callback_data" and not (
        isinstance(value, str) and 1 <= len(value.encode()) <= 64
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url":
        url = clean_url(value) if isinstance(value, str) else None
        if url is None:
            raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
        value = url
    button[action] = value
    return button
