"""What can be sent, as plain values that survive in the outbox.

All texts are Telegram's HTML: whatever a person or volunteer wrote is escaped before it gets here.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import Any

Keyboard = tuple[tuple["Button", ...], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: ``data`` comes back when it is tapped (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Text:
    """A message. ``protect``: Telegram lets nobody forward or save it."""

    html: str
    buttons: Keyboard = ()
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """New words and buttons for the message of an earlier letter.

    ``caption``: that letter was a picture, and the words stand under it.
    """

    html: str
    buttons: Keyboard = ()
    caption: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo known to Telegram by ``file_id``, behind a cover until it is tapped."""

    file_id: str
    html: str
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that we made, as PNG bytes, with words under it (at most 1024 units).

    Keep it small: it is sealed in the outbox until it is sent.
    """

    png: bytes
    html: str
    buttons: Keyboard = ()
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of another chat's message, without the name of whoever wrote it."""

    from_chat_id: str
    message_id: int
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tap on a button brings: a short line that fades, or with ``alert`` one that stays."""

    query_id: str
    text: str
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands that this chat's menu shows, as pairs of a command and its description."""

    commands: tuple[tuple[str, str], ...]


Letter = Text | Edit | Photo | Picture | Copy | Answer | Menu

_KINDS: dict[str, type[Letter]] = {
    kind.__name__.lower(): kind for kind in (Text, Edit, Photo, Picture, Copy, Answer, Menu)
}


class Priority:
    """Which letters go first; lower is sooner."""

    PAGE = 0
    REPLY = 1
    REST = 2


def write_letter(letter: Letter) -> str:
    """The letter as JSON."""
    fields = asdict(letter)
    if isinstance(letter, Picture):
        fields["png"] = b64encode(letter.png).decode()
    return json.dumps({"kind": type(letter).__name__.lower(), **fields}, ensure_ascii=False)


def read_letter(text: str) -> Letter:
    """The letter that `write_letter` wrote."""
    data: dict[str, Any] = json.loads(text)
    kind = _KINDS[data.pop("kind")]
    if "buttons" in data:
        data["buttons"] = tuple(tuple(Button(**item) for item in row) for row in data["buttons"])
    if "commands" in data:
        data["commands"] = tuple((name, description) for name, description in data["commands"])
    if "png" in data:
        data["png"] = b64decode(data["png"], validate=True)
    return kind(**data)
