"""Pictures of the rota: made on any machine, small, and showing what they are said to show.

With ``PICTURES`` set to a folder (`make pictures`) those of the documentation are taken anew.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.core.rota import Rota, Span, gaps, instant, spans, zone_named
from bot.pictures import (
    DARK,
    LIGHT,
    Bar,
    LoadPicture,
    Theme,
    WeekPicture,
    WeekWords,
    codes_of,
    draw_load,
    draw_sketch,
    draw_week,
    drawn,
    read_sketch,
    sketch,
)
from bot.pictures.canvas import Sheet
from models import Away, Cover, Layer, Shift

ZONE = "Europe/Berlin"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 3, tzinfo=UTC)
PEOPLE = dict(enumerate(["ana", "ben", "cleo", "dana", "elif", "farid", "grete", "hiroshi"], 1))
ANA, BEN, CLEO, DANA, ELIF, FARID, GRETE, HIROSHI = PEOPLE
PRIMARY, BACKUP = Layer.PRIMARY, Layer.BACKUP


def plan(*rows: tuple[int, Layer, str, int, int], **more: object) -> Rota:
    shifts = tuple(
        Shift(
            id=number,
            ambassador_id=who,
            layer=layer,
            weekdays=weekdays,
            starts=starts * 60,
            ends=ends * 60 % 1440,
            zone=ZONE,
            from_date=date(2026, 1, 1),
            created_at=LONG_AGO,
        )
        for number, (who, layer, weekdays, starts, ends) in enumerate(rows, 1)
    )
    return Rota(shifts=shifts, **more)  # type: ignore[arg-type]


DAILY, WORKDAYS, WEEKEND = "0123456", "01234", "56"
QUIET = plan(
    (ANA, PRIMARY, WORKDAYS, 18, 22),
    (BEN, BACKUP, WORKDAYS, 18, 22),
    (CLEO, PRIMARY, WEEKEND, 10, 22),
    (DANA, BACKUP, WEEKEND, 10, 22),
)
BUSY = plan(
    (ANA, PRIMARY, DAILY, 0, 6),
    (BEN, PRIMARY, DAILY, 6, 10),
    (CLEO, PRIMARY, WORKDAYS, 10, 14),
    (DANA, PRIMARY, WORKDAYS, 14, 18),
    (ELIF, PRIMARY, WORKDAYS, 18, 22),
    (FARID, PRIMARY, WORKDAYS, 22, 24),
    (GRETE, PRIMARY, WEEKEND, 10, 18),
    (HIROSHI, PRIMARY, WEEKEND, 18, 24),
    (ELIF, BACKUP, DAILY, 0, 8),
    (GRETE, BACKUP, WORKDAYS, 8, 16),
    (HIROSHI, BACKUP, WORKDAYS, 16, 24),
    (CLEO, BACKUP, WEEKEND, 8, 16),
    (DANA, BACKUP, WEEKEND, 16, 24),
    covers=(
        Cover(
            id=1,
            ambassador_id=FARID,
            for_ambassador_id=DANA,
            starts_at=datetime(2026, 3, 5, 13, tzinfo=UTC),
            ends_at=datetime(2026, 3, 5, 17, tzinfo=UTC),
            created_at=LONG_AGO,
        ),
    ),
)
CHANGING = plan(
    (ANA, PRIMARY, DAILY, 22, 6),
    (BEN, PRIMARY, "012346", 6, 14),
    (CLEO, PRIMARY, DAILY, 14, 20),
    (DANA, BACKUP, DAILY, 18, 2),
    aways=(
        Away(
            id=1,
            ambassador_id=CLEO,
            starts_at=datetime(2026, 3, 26, tzinfo=UTC),
            ends_at=datetime(2026, 3, 27, 10, tzinfo=UTC),
            created_at=LONG_AGO,
        ),
    ),
)


def week_of(rota: Rota, first: date, title: str, *, count: int = 7) -> WeekPicture:
    last = first + timedelta(days=count - 1)
    start = instant(zone_named(ZONE), first, 0, second=False)
    end = instant(zone_named(ZONE), last + timedelta(days=1), 0, second=False)
    return WeekPicture(
        first=first,
        last=last,
        zone=ZONE,
        duties=spans(rota, start, end),
        gaps=gaps(rota, start, end),
        people=PEOPLE,
        words=WeekWords(
            title, f"Harbour · times in {ZONE}", "nobody", "primary", "backup", "{hours} h day"
        ),
        now=datetime(2026, 3, 4, 13, 30, tzinfo=UTC),
    )


MARCH = week_of(QUIET, date(2026, 3, 2), "Mon 2 Mar to Sun 8 Mar")
EIGHT = week_of(BUSY, date(2026, 3, 2), "Mon 2 Mar to Sun 8 Mar")
SPRING = week_of(CHANGING, date(2026, 3, 23), "Mon 23 Mar to Sun 29 Mar")
AUTUMN = week_of(CHANGING, date(2026, 10, 19), "Mon 19 Oct to Sun 25 Oct")
MONTH = week_of(BUSY, date(2026, 3, 1), "Sun 1 Mar to Tue 31 Mar", count=31)

KEPT: dict[str, tuple[WeekPicture, Theme]] = {
    "rota-quiet": (MARCH, LIGHT),
    "rota-busy": (EIGHT, DARK),
    "rota-dst": (SPRING, LIGHT),
}


def pixels(png: bytes, colour: str) -> int:
    """How many pixels have this colour, or nearly."""
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    counts = picture.getcolors(maxcolors=1 << 24) or []
    return sum(
        count
        for count, found in counts
        if isinstance(found, tuple)
        and all(abs(a - b) < 10 for a, b in zip(found, wanted, strict=True))
    )


@pytest.mark.parametrize("name", KEPT)
def test_a_picture_is_as_wide_as_a_phone_wants_and_small(name: str, tmp_path: Path) -> None:
    png = draw_week(*KEPT[name])
    folder = Path(os.environ.get("PICTURES", tmp_path))
    (folder / f"{name}.png").write_bytes(png)
    width, height = Image.open(io.BytesIO(png)).size
    assert width == 1080
    assert 1000 < height < 2000
    assert len(png) < 120_000


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_gaps_are_red_and_a_week_without_has_no_red(theme: Theme) -> None:
    holes = draw_week(SPRING, theme)
    whole = draw_week(EIGHT, theme)
    # The legend shows what red means in both.
    assert pixels(holes, theme.gap) > 10 * pixels(whole, theme.gap)
    assert pixels(whole, theme.paper) > 100_000


def test_everybody_has_a_colour_that_stays_theirs() -> None:
    colours = dict(zip(PEOPLE, LIGHT.people, strict=False))
    assert len(set(LIGHT.people)) == len(LIGHT.people) >= len(PEOPLE)
    quiet, busy = draw_week(MARCH), draw_week(EIGHT)
    for who in (ANA, CLEO):
        assert pixels(quiet, colours[who]) > 5_000
    for colour in colours.values():
        assert pixels(busy, colour) > 5_000
    assert pixels(quiet, colours[HIROSHI]) < 500


def test_now_is_marked_in_the_week_that_holds_it_alone() -> None:
    without = draw_week(replace(EIGHT, now=None))
    assert pixels(draw_week(EIGHT), LIGHT.now) > pixels(without, LIGHT.now) + 300
    later = replace(EIGHT, now=datetime(2026, 5, 1, tzinfo=UTC))
    assert draw_week(later) == without


def test_what_a_change_would_add_is_marked() -> None:
    duty = MARCH.duties[0]
    marked = replace(MARCH, marked=[Span(duty.starts_at, duty.ends_at)])
    assert pixels(draw_week(marked), LIGHT.ink) > pixels(draw_week(MARCH), LIGHT.ink) + 1_000


@pytest.mark.parametrize("picture", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_day_on_which_the_clock_changes_looks_different(picture: WeekPicture) -> None:
    plain = replace(picture, last=picture.last - timedelta(days=1))
    assert pixels(draw_week(picture), LIGHT.gap_ink) > pixels(draw_week(plain), LIGHT.gap_ink)


LONG = dict(
    enumerate(
        ["alexandra", "alexander", "maximiliana", "christopher", "al", "b" * 24, "w" * 32, "zoe"], 1
    )
)


def test_a_name_without_room_is_a_code_that_the_legend_explains() -> None:
    assert codes_of(["ben", "alexandra", "alexander"]) == {
        "alexander": "A1",
        "alexandra": "A2",
        "ben": "B",
    }
    codes = codes_of([*PEOPLE.values(), *LONG.values()])
    assert len(set(codes.values())) == len(codes)


@pytest.mark.parametrize("title", ["Mon 2 Mar", "Monday 2 March 2026 to Sunday 8 March 2026 " * 3])
def test_whatever_is_written_stays_on_the_sheet(
    title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, float, float]] = []
    write = Sheet.text

    def watched(sheet: Sheet, x: float, y: float, words: str, size: float, *args: Any, **kw: Any):
        room = kw.get("room")
        wide = sheet.width(words, size, bold=kw.get("bold", False))
        width = min(wide, room) if room else wide
        left = {"left": x, "center": x - width / 2, "right": x - width}[kw.get("align", "left")]
        written.append((words, left, left + width))
        write(sheet, x, y, words, size, *args, **kw)

    monkeypatch.setattr(Sheet, "text", watched)
    busy = week_of(BUSY, date(2026, 3, 2), title)
    draw_week(replace(busy, people=LONG))
    bars = [Bar(name, 3, 4, "2 nights, 3 pages, 12 cases " * 3) for name in LONG.values()]
    draw_load(LoadPicture(title, "Harbour " * 20, "load", "hours", bars))
    assert [one for one in written if one[1] < 0 or one[2] > 1080] == []
    names = {words for words, _, _ in written}
    for name in LONG.values():
        assert any(words.startswith(f"{name} ") for words in names), "the legend has it whole"


@pytest.mark.parametrize("picture", [MARCH, SPRING, replace(EIGHT, marked=[Span(START, START)])])
@pytest.mark.parametrize("dark", [False, True])
def test_what_is_kept_to_be_drawn_later_is_drawn_the_same(picture: WeekPicture, dark: bool) -> None:
    kept = sketch(picture, dark=dark)
    assert draw_sketch(kept) == draw_week(picture, DARK if dark else LIGHT)
    again = read_sketch(kept)
    assert isinstance(again, WeekPicture)
    assert tuple(again.duties) == tuple(picture.duties)


def test_a_month_fits_on_one_sheet() -> None:
    png = draw_week(MONTH)
    assert Image.open(io.BytesIO(png)).height < 2000
    assert len(png) < 120_000


def test_an_empty_community_has_a_picture_too() -> None:
    nobody = replace(MARCH, duties=(), people={}, gaps=())
    assert Image.open(io.BytesIO(draw_week(nobody))).width == 1080
    empty = LoadPicture("Who carried what", "March", "load", "hours", ())
    assert Image.open(io.BytesIO(draw_load(empty))).width == 1080


async def test_the_same_plan_is_the_same_picture_also_in_a_thread() -> None:
    assert await drawn(draw_week, EIGHT) == draw_week(EIGHT)


def test_what_everybody_carried_is_a_bar_as_long_as_it_is_much() -> None:
    def blue(amount: float) -> int:
        bars = [Bar("ana", 10, 4, "a"), Bar("ben", amount, 4, "b")]
        return pixels(
            draw_load(LoadPicture("Who carried what", "March", "load", "hours", bars)),
            LIGHT.people[0],
        )

    assert blue(1) < blue(5) < blue(10)
