"""How the bot presents itself: names and descriptions by language, command menus by scope."""

from __future__ import annotations

import re
from typing import Any

from sandbox.entities import utf16_length
from sandbox.errors import bad_request

Json = dict[str, Any]
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)
_GROUP_SCOPES = frozenset({"chat_administrators", "chat_member"})


class LocalisedText:
    """One text per language; "" is the language everyone else gets. `limit` in UTF-16 units."""

    def __init__(self, what: str, limit: int, default: str = "") -> None:
        self._what = what
        self._limit = limit
        self._default = default
        self._texts: dict[str, str] = {}

    def set(self, text: str, language: str) -> None:
        """Keeps a text; an empty one takes the language away. Raises ApiError 400 if too long."""
        if utf16_length(text) > self._limit:
            raise bad_request(f"{self._what} is too long")
        if text:
            self._texts[language] = text
        else:
            self._texts.pop(language, None)

    def get(self, language: str) -> str:
        return self._texts.get(language) or self._texts.get("") or self._default


class CommandMenus:
    """Commands by scope and language, and which of them one chat sees."""

    def __init__(self) -> None:
        self._menus: dict[tuple[str, int, str], list[Json]] = {}

    def set(self, scope: object, language: str, commands: object) -> None:
        """Keeps a menu; an empty one takes it away. Raises ApiError 400."""
        if not isinstance(commands, list):
            raise bad_request("expected an Array of BotCommand")
        if len(commands) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        key = _key(scope, language)
        checked = [_command(command) for command in commands]
        if checked:
            self._menus[key] = checked
        else:
            self._menus.pop(key, None)

    def get(self, scope: object, language: str) -> list[Json]:
        return self._menus.get(_key(scope, language), [])

    def delete(self, scope: object, language: str) -> None:
        self._menus.pop(_key(scope, language), None)

    def seen_in_private(self, chat_id: int, language: str) -> list[Json]:
        """The menu of one private chat: the narrowest scope, in the language or in none."""
        for scope, chat in (("chat", chat_id), ("all_private_chats", 0), ("default", 0)):
            for wanted in (language, ""):
                menu = self._menus.get((scope, chat, wanted))
                if menu:
                    return menu
        return []


def _key(scope: object, language: str) -> tuple[str, int, str]:
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    if scope is None:
        return "default", 0, language
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    kind = scope["type"]
    if kind in _GROUP_SCOPES:
        raise bad_request("chat not found")
    if kind != "chat":
        return kind, 0, language
    chat_id = scope.get("chat_id")
    if not re.fullmatch(r"-?\d{1,18}", str(chat_id)):
        raise bad_request("chat not found")
    return kind, int(str(chat_id)), language


def _command(given: object) -> Json:
    if not isinstance(given, dict):
        raise bad_request("expected an Object of type BotCommand")
    command, description = given.get("command"), given.get("description")
    if not isinstance(command, str) or not isinstance(description, str):
        raise bad_request("can't parse BotCommand: command and description must be String")
    command = command.removeprefix("/")
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= utf16_length(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}
