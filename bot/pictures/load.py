"""What everybody carried, side by side: the load as a bar, and what it is made of in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.pictures.canvas import LIGHT, WIDTH, Sheet, Theme


@dataclass(frozen=True, slots=True)
class Bar:
    """One ambassador: ``amount`` and ``hours`` as bars, ``words`` below them."""

    name: str
    amount: float
    hours: float
    words: str


@dataclass(frozen=True, slots=True)
class LoadPicture:
    """Bars, the heaviest first. ``amount`` and ``hours`` are what the two kinds of bars are called;
    ``limit`` is a line on the hours, where there is one."""

    title: str
    subtitle: str
    amount: str
    hours: str
    bars: Sequence[Bar]
    limit: float | None = None


_LEFT, _RIGHT = 230, 120
_ROW = 132
_NAME, _WIDEST = 36, 560


def draw_load(picture: LoadPicture, theme: Theme = LIGHT) -> bytes:
    """The picture as a PNG, `WIDTH` wide and as high as its bars need."""
    sheet = Sheet(230 + _ROW * max(1, len(picture.bars)) + 20, theme)
    sheet.text(28, 56, picture.title, 50, bold=True, room=WIDTH - 56)
    sheet.text(28, 116, picture.subtitle, 32, theme.faint, room=WIDTH - 56)
    strong, soft = theme.people[0], theme.people[1]
    sheet.box(28, 164, 40, 32, strong)
    sheet.text(80, 181, picture.amount, 29, theme.faint)
    after = 80 + sheet.width(picture.amount, 29) + 44
    sheet.box(after, 164, 40, 32, soft)
    sheet.text(after + 52, 181, picture.hours, 29, theme.faint)
    most = max([one.amount for one in picture.bars] + [1.0])
    longest = max([one.hours for one in picture.bars] + [picture.limit or 0.0, 1.0])
    names = [sheet.width(one.name, _NAME, bold=True) + 52 for one in picture.bars]
    left = min(max([_LEFT, *names]), _WIDEST)
    room = WIDTH - left - _RIGHT
    for number, one in enumerate(picture.bars):
        top = 230 + number * _ROW
        sheet.line(0, top, WIDTH, top, theme.line)
        sheet.text(28, top + 40, one.name, _NAME, bold=True, room=left - 52)
        for y, height, value, top_value, colour in (
            (top + 14, 34, one.amount, most, strong),
            (top + 54, 20, one.hours, longest, soft),
        ):
            width = room * value / top_value
            sheet.box(left, y, room, height, theme.lane, order=0.5)
            sheet.box(left, y, max(width, 3), height, colour)
            words = f"{value:.1f}".removesuffix(".0")
            sheet.text(left + width + 12, y + height / 2, words, 28, theme.ink, bold=True)
        if picture.limit is not None:
            x = left + room * picture.limit / longest
            sheet.line(x, top + 50, x, top + 78, theme.now, 5)
        sheet.text(left, top + 104, one.words, 28, theme.faint, room=WIDTH - left - 24)
    return sheet.png()
