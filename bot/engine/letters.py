"""What can be sent, as plain values that survive in the outbox.

All texts are Telegram's HTML: whatever a person or volunteer wrote is escaped before it gets here.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import Any

from bot.pictures.sketch import Sketch

Keyboard = tuple[tuple["Button", ...], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: ``data`` comes back when it is tapped (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Text:
    """A message. ``protect``: Telegram lets nobody forward or save it. ``silent``: no sound."""

    html: str
    buttons: Keyboard = ()
    protect: bool = False
    silent: bool = False


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
    """A picture that we made, with words under it (at most 1024 units).

    ``png``: its bytes, or better what to draw when it is sent: whoever draws in a transaction
    keeps everybody from writing meanwhile.
    """

    png: bytes | Sketch
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


@dataclass(frozen=True, slots=True)
class NoButtons:
    """Takes the buttons off the message of an earlier letter; its words stay."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Deletes a message of this chat, where Telegram lets a bot do that."""

    message_id: int


Letter = Text | Edit | Photo | Picture | Copy | Answer | Menu | NoButtons | Delete


class UnknownLetter(KeyError):
    """A letter that a newer version wrote: one of its couriers will know it."""


_KINDS: dict[str, type[Letter]] = {
    kind.__name__.lower(): kind
    for kind in (Text, Edit, Photo, Picture, Copy, Answer, Menu, NoButtons, Delete)
}
_DRAWING = "drawing"
"""The kind of a `Picture` that is still to be drawn: a version that cannot draw it does not know
the kind, and leaves it to one that can."""


class Priority:
    """Which letters go first; lower is sooner."""

    PAGE = 0
    REPLY = 1
    REST = 2


def write_letter(letter: Letter) -> str:
    """The letter as JSON."""
    fields = asdict(letter)
    kind = type(letter).__name__.lower()
    if isinstance(letter, Picture):
        if isinstance(letter.png, Sketch):
            kind, fields["png"] = _DRAWING, letter.png._asdict()
        else:
            fields["png"] = b64encode(letter.png).decode()
    if isinstance(letter, Text) and not letter.silent:
        # A version that does not know the field yet may have to send this letter.
        del fields["silent"]
    return json.dumps({"kind": kind, **fields}, ensure_ascii=False)


def read_letter(text: str) -> Letter:
    """The letter that `write_letter` wrote; `UnknownLetter` for a kind or field not known here."""
    data: dict[str, Any] = json.loads(text)
    named = data.pop("kind")
    kind = Picture if named == _DRAWING else _KINDS.get(named)
    if kind is None:
        raise UnknownLetter
    if "buttons" in data:
        data["buttons"] = tuple(tuple(Button(**item) for item in row) for row in data["buttons"])
    if "commands" in data:
        data["commands"] = tuple((name, description) for name, description in data["commands"])
    if named == _DRAWING:
        data["png"] = Sketch(**data["png"])
    elif "png" in data:
        data["png"] = b64decode(data["png"], validate=True)
    try:
        return kind(**data)
    except TypeError as error:
        raise UnknownLetter from error
