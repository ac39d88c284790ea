"""The days of a rota, one below the other: who is primary, who backup, and where nobody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.core.rota import Duty, Span, hours_of, instant, zone_named
from bot.pictures.canvas import LIGHT, WIDTH, Sheet, Theme, mixed, readable_on
from models.vocabulary import Layer

_LEFT, _RIGHT = 150, 24
_HEAD, _AXIS = 150, 52
_DAY_MINUTES = 24 * 60
_FEW_DAYS = 8
_CODE, _NAME = 60, 27
"""How wide a code is in the legend, and how large a name."""
_SIZES = [34, 30, 27, 24, 22]


@dataclass(frozen=True, slots=True)
class WeekWords:
    """What is written into the picture. ``day_length`` has a place for ``{hours}``."""

    title: str
    subtitle: str
    nobody: str
    primary: str
    backup: str
    day_length: str


@dataclass(frozen=True)
class WeekPicture:
    """The days from ``first`` to ``last`` in ``zone``.

    ``people`` names everybody by id, also those without a duty: a colour belongs to a name.
    ``gaps`` are where nobody is primary. ``marked`` is what a change would add.
    """

    first: date
    last: date
    zone: str
    duties: Sequence[Duty]
    gaps: Sequence[Span]
    people: Mapping[int, str]
    words: WeekWords
    now: datetime | None = None
    marked: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """One day on the sheet: where it is, and when."""

    day: date
    top: float
    height: float
    start: datetime
    end: datetime
    zone: ZoneInfo

    def x(self, at: datetime, *, closing: bool = False) -> float:
        """Where ``at`` is, by the clock on the wall."""
        if at >= self.end or (closing and at == self.end):
            return WIDTH - _RIGHT
        local = at.astimezone(self.zone)
        minutes = local.hour * 60 + local.minute if local.date() == self.day else 0
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * minutes / _DAY_MINUTES


def draw_week(picture: WeekPicture, theme: Theme = LIGHT) -> bytes:
    """The picture as a PNG, `WIDTH` wide and as high as its days need."""
    zone = zone_named(picture.zone)
    count = (picture.last - picture.first).days + 1
    height = 132 if count <= _FEW_DAYS else 46
    present = sorted(
        {one.ambassador_id for one in picture.duties} & set(picture.people),
        key=lambda who: picture.people[who],
    )
    codes = codes_of([picture.people[who] for who in present])
    legend = Sheet(1, theme)
    entries = [_entry(legend, picture, who, codes[picture.people[who]]) for who in present]
    columns = next((n for n in (3, 2) if all(one.width <= 1032 / n for one in entries)), 1)
    lines = -(-len(entries) // columns)
    sheet = Sheet(_HEAD + _AXIS + count * height + 74 + lines * 54 + 20, theme)
    sheet.text(28, 56, picture.words.title, 50, bold=True, room=WIDTH - 56)
    sheet.text(28, 116, picture.words.subtitle, 32, theme.faint, room=WIDTH - 56)
    rows = []
    for number in range(count):
        day = picture.first + timedelta(days=number)
        start = instant(zone, day, 0, second=False)
        end = instant(zone, day + timedelta(days=1), 0, second=False)
        rows.append(_Row(day, _HEAD + _AXIS + number * height, height, start, end, zone))
    _axis(sheet, rows)
    for row in rows:
        _draw_day(sheet, picture, row, codes)
    _legend(sheet, picture, entries, columns, rows[-1].top + height + 16)
    return sheet.png()


def _axis(sheet: Sheet, rows: Sequence[_Row]) -> None:
    bottom = rows[-1].top + rows[-1].height
    for hour in range(0, 25, 3):
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * hour / 24
        sheet.line(x, _HEAD + _AXIS - 10, x, bottom, sheet.theme.line)
        if hour % 6 == 0:
            align = "right" if hour == 24 else "center"
            where = x + 14 if hour == 24 else x
            sheet.text(where, _HEAD + 18, f"{hour:02d}", 30, sheet.theme.faint, align=align)


def codes_of(names: Sequence[str]) -> dict[str, str]:
    """A code for each name, for where the name has no room: its first letter, and a number where
    several begin with it. The codes stand beside the names in the legend.
    """
    found: dict[str, str] = {}
    for letter, some in groupby(sorted(names), key=lambda name: name[:1].upper()):
        alike = list(some)
        for number, name in enumerate(alike, 1):
            found[name] = f"{letter}{number}" if len(alike) > 1 else letter
    return found


def _draw_day(sheet: Sheet, picture: WeekPicture, row: _Row, codes: Mapping[str, str]) -> None:
    theme, roomy = sheet.theme, row.height > 100
    is_today = picture.now is not None and row.start <= picture.now < row.end
    sheet.line(0, row.top, WIDTH, row.top, theme.line)
    change = _clock_change(row)
    name, number = f"{row.day:%a}", f"{row.day.day} {row.day:%b}"
    if roomy:
        ink = theme.now if is_today else None
        above = 16 if change else 0
        sheet.text(24, row.top + 44 - above, name, 40, ink, bold=True)
        sheet.text(24, row.top + 90 - above, number, 30, theme.faint)
        if change:
            hours = f"{24 - change / 60:.1f}".removesuffix(".0")
            words = picture.words.day_length.format(hours=hours)
            sheet.text(24, row.top + 110, words, 25, theme.gap_ink, bold=True)
    else:
        ink = theme.now if is_today else theme.ink
        sheet.text(24, row.top + row.height / 2, f"{name} {row.day.day}", 28, ink, bold=is_today)
    lanes = {
        Layer.PRIMARY: (row.top + 10, 66.0) if roomy else (row.top + 4, 26.0),
        Layer.BACKUP: (row.top + 84, 40.0) if roomy else (row.top + 32, 10.0),
    }
    for y, height in lanes.values():
        sheet.box(_LEFT, y, WIDTH - _LEFT - _RIGHT, height, theme.lane, order=0.5)
    hole = _draw_change(sheet, row, change) if change else None
    for gap in picture.gaps:
        _draw_gap(sheet, row, gap, lanes[Layer.PRIMARY], picture.words.nobody)
    for layer, (y, height) in lanes.items():
        own = [one for one in picture.duties if one.layer is layer and _within(row, one)]
        for one, (at, of) in _side_by_side(own):
            lane = (y + height * at / of, height / of)
            _draw_duty(sheet, picture, row, one, lane, hole, codes)
    if is_today and picture.now is not None:
        sheet.mark(row.x(picture.now), row.top + 2, row.top + row.height - 2, theme.now)


def _within(row: _Row, one: Duty | Span) -> bool:
    return one.starts_at < row.end and row.start < one.ends_at


def _edges(row: _Row, one: Duty | Span) -> tuple[float, float]:
    left = row.x(max(one.starts_at, row.start))
    right = row.x(min(one.ends_at, row.end), closing=True)
    # In an hour that comes twice an end may stand before its start.
    return min(left, right), max(left, right, min(left, right) + 6)


def _draw_gap(sheet: Sheet, row: _Row, gap: Span, lane: tuple[float, float], nobody: str) -> None:
    if not _within(row, gap):
        return
    theme = sheet.theme
    left, right = _edges(row, gap)
    y, height = lane
    sheet.box(left, y, right - left, height, theme.gap, edge=theme.gap_ink, thick=2.5, order=2)
    fits = sheet.fitting([nobody], right - left - 16, [30, 27, 24]) if height > 30 else None
    if fits:
        sheet.text(
            (left + right) / 2,
            y + height / 2,
            fits[0],
            fits[1],
            theme.gap_ink,
            bold=True,
            align="center",
        )


def _draw_duty(
    sheet: Sheet,
    picture: WeekPicture,
    row: _Row,
    one: Duty,
    lane: tuple[float, float],
    hole: tuple[float, float] | None,
    codes: Mapping[str, str],
) -> None:
    theme, (y, height) = sheet.theme, lane
    left, right = _edges(row, one)
    colour = colour_of(one.ambassador_id, picture.people, theme)
    is_backup = one.layer is Layer.BACKUP
    fill = mixed(colour, theme.paper, 0.72) if is_backup else colour
    sheet.box(left + 1, y + 1, right - left - 2, height - 2, fill, edge=colour, thick=3, order=2.5)
    if any(
        mark.starts_at < one.ends_at and one.starts_at < mark.ends_at for mark in picture.marked
    ):
        sheet.box(
            left + 3, y + 3, right - left - 6, height - 6, "none", edge=theme.ink, thick=5, order=3
        )
    if hole and hole[0] < right <= hole[1]:
        right = hole[0]  # it ends in an hour that is not there
    elif hole and left < hole[0] and hole[1] < right:
        # The name stands on the wider side of an hour that is not there.
        left, right = max((left, hole[0]), (hole[1], right), key=lambda side: side[1] - side[0])
    name = picture.people.get(one.ambassador_id, "?")
    sizes = [size for size in _SIZES if size <= height * 0.85]
    choices = [name, codes.get(name, "?")]
    fits = sheet.fitting(choices, right - left - 12, sizes) if sizes else None
    if fits:
        ink = theme.ink if is_backup else readable_on(colour)
        sheet.text(
            (left + right) / 2, y + height / 2, fits[0], fits[1], ink, bold=True, align="center"
        )


def colour_of(who: int, people: Mapping[int, str], theme: Theme) -> str:
    """The colour that is this ambassador's in every picture."""
    place = sorted(people).index(who) if who in people else 0
    return theme.people[place % len(theme.people)]


def _side_by_side(duties: Sequence[Duty]) -> list[tuple[Duty, tuple[int, int]]]:
    """Each duty with its lane and how many lanes there are, where several are at once."""
    found: list[tuple[Duty, tuple[int, int]]] = []
    lanes: list[list[Duty]] = []
    for one in sorted(duties, key=lambda duty: (duty.starts_at, duty.ends_at)):
        if all(lane[-1].ends_at <= one.starts_at for lane in lanes):
            found += _numbered(lanes)
            lanes = [[one]]
            continue
        free = next((lane for lane in lanes if lane[-1].ends_at <= one.starts_at), None)
        if free is None:
            lanes.append([one])
        else:
            free.append(one)
    return found + _numbered(lanes)


def _numbered(lanes: Sequence[Sequence[Duty]]) -> list[tuple[Duty, tuple[int, int]]]:
    return [(one, (at, len(lanes))) for at, lane in enumerate(lanes) for one in lane]


def _clock_change(row: _Row) -> int:
    """By how many minutes clocks go forward on this day; below zero back."""
    return round((timedelta(days=1) - (row.end - row.start)) / timedelta(minutes=1))


def _draw_change(sheet: Sheet, row: _Row, change: int) -> tuple[float, float]:
    """The hour that is skipped or comes twice; where it is."""
    before = row.start.astimezone(row.zone).utcoffset()
    low, high = row.start, row.end
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (
            (middle, high) if middle.astimezone(row.zone).utcoffset() == before else (low, middle)
        )
    local = high.astimezone(row.zone)
    minutes = local.hour * 60 + local.minute
    first, last = (minutes - change, minutes) if change > 0 else (minutes, minutes - change)
    scale = (WIDTH - _LEFT - _RIGHT) / _DAY_MINUTES
    left, width = _LEFT + first * scale, (last - first) * scale
    sheet.box(
        left,
        row.top + 3,
        width,
        row.height - 6,
        sheet.theme.paper,
        edge=sheet.theme.gap_ink,
        hatch="//",
        thick=2,
        order=3.5 if change > 0 else 3.4,
        alpha=1 if change > 0 else 0.35,
    )
    return left, left + width


class _Entry(NamedTuple):
    """One ambassador in the legend."""

    who: int
    code: str
    words: str
    width: float


def _entry(sheet: Sheet, picture: WeekPicture, who: int, code: str) -> _Entry:
    length = hours_of(one for one in picture.duties if one.ambassador_id == who)
    hours = f"{length / timedelta(hours=1):.1f}".removesuffix(".0")
    words = f"{picture.people[who]} {hours} h"
    return _Entry(who, code, words, _CODE + 14 + sheet.width(words, _NAME, bold=True) + 18)


def _legend(
    sheet: Sheet, picture: WeekPicture, entries: Sequence[_Entry], columns: int, top: float
) -> None:
    theme = sheet.theme
    sheet.box(28, top + 8, 44, 34, theme.faint)
    sheet.text(84, top + 26, picture.words.primary, 29, theme.faint)
    after = 84 + sheet.width(picture.words.primary, 29) + 44
    sheet.box(
        after, top + 15, 44, 22, mixed(theme.faint, theme.paper, 0.72), edge=theme.faint, thick=3
    )
    sheet.text(after + 56, top + 26, picture.words.backup, 29, theme.faint)
    after += 56 + sheet.width(picture.words.backup, 29) + 44
    sheet.box(after, top + 8, 44, 34, theme.gap, edge=theme.gap_ink, thick=2.5)
    sheet.text(after + 56, top + 26, picture.words.nobody, 29, theme.faint)
    for number, one in enumerate(entries):
        x = 28 + (number % columns) * (WIDTH - 48) / columns
        y = top + 62 + (number // columns) * 54
        colour = colour_of(one.who, picture.people, theme)
        sheet.box(x, y, _CODE, 40, colour)
        code = sheet.fitting([one.code], _CODE - 8, _SIZES)
        sheet.text(
            x + _CODE / 2,
            y + 20,
            one.code,
            code[1] if code else _SIZES[-1],
            readable_on(colour),
            bold=True,
            align="center",
            room=_CODE - 6,
        )
        room = (WIDTH - 48) / columns - _CODE - 20
        sheet.text(x + _CODE + 14, y + 20, one.words, _NAME, bold=True, room=room)
