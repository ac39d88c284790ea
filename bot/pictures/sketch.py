"""Pictures that are not drawn yet, as text: drawn when they are sent, while nothing is locked.

Drawing takes a tenth of a second and more on a small machine. Within a transaction nobody else
could write to SQLite for that long, so the outbox holds what to draw.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from bot.pictures.canvas import DARK, LIGHT
from bot.pictures.ladders import LadderPicture, draw_ladders
from bot.pictures.load import LoadPicture, draw_load
from bot.pictures.week import WeekPicture, draw_week

Drawable = WeekPicture | LoadPicture | LadderPicture
_KINDS: dict[str, type[Drawable]] = {
    "week": WeekPicture,
    "load": LoadPicture,
    "ladders": LadderPicture,
}


class UnknownSketch(ValueError):
    """A kind of picture that this version cannot draw."""


class Sketch(NamedTuple):
    """A picture to be drawn: its ``kind``, what is on it as JSON, and in which colours."""

    kind: str
    content: str
    dark: bool


def sketch(picture: Drawable, *, dark: bool = False) -> Sketch:
    """``picture`` as it is kept until it is drawn."""
    kind = next(name for name, one in _KINDS.items() if isinstance(picture, one))
    return Sketch(kind, _adapter(kind).dump_json(picture).decode(), dark)


def read_sketch(given: Sketch) -> Drawable:
    """The picture that `sketch` was given. `UnknownSketch` for a kind that is not known."""
    if given.kind not in _KINDS:
        raise UnknownSketch(given.kind)
    picture: Drawable = _adapter(given.kind).validate_json(given.content)
    return picture


@lru_cache(maxsize=16)
def draw_sketch(given: Sketch) -> bytes:
    """The picture as a PNG. The last few are kept: one that took too long to draw and send is
    there when it is tried again.
    """
    picture, theme = read_sketch(given), DARK if given.dark else LIGHT
    match picture:
        case WeekPicture():
            return draw_week(picture, theme)
        case LoadPicture():
            return draw_load(picture, theme)
        case LadderPicture():
            return draw_ladders(picture)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])
