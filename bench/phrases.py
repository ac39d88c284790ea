"""``python -m bench.phrases``: how people write dates and times, read by parsers of others too.

Needs dateparser, which Holdfast does not use: ``uv run --with dateparser python -m bench.phrases``.

The phrasings are those of the tests, with what each means. A parser of others reads one moment,
and no span: it is given the span's two ends, cut at a dash, *to* or *until*, the second after the
first, and counts as right where both ends are, or for a day or a part of one, where it begins as
the span does. It is told the zone, the time now, and to prefer the future. What can mean two things
is right where nothing is answered, since an answer would be a guess; so is what means nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import runpy
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser as dateutil_parser
from rich.console import Console
from rich.table import Table

from bot.core.phrases import (
    NotUnderstood,
    Unclear,
    read_period,
    read_until,
    read_weekly,
    read_when,
    write_clock,
    write_moment,
    write_span,
)
from bot.core.rota import Span

TABLES = Path(__file__).parents[1] / "tests/core/phrasings.py"
ZONE = ZoneInfo("Europe/Berlin")
ReadsMoment = Callable[[str, datetime], datetime | None]
Reads = Callable[[str, str], object]
"""What a kind of words means: as the table writes it, or None."""


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.phrases")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    tables = runpy.run_path(str(TABLES))
    now: datetime = tables["NOW"]
    readers: dict[str, Reads] = {
        "Holdfast": lambda kind, text: _ours(kind, text, now),
        "dateutil": lambda kind, text: _theirs(_dateutil, kind, text, now),
        "dateutil, fuzzy": lambda kind, text: _theirs(_fuzzy, kind, text, now),
        "dateparser": lambda kind, text: _theirs(_dateparser(), kind, text, now),
    }
    figures = {name: _count(tables, reads) for name, reads in readers.items()}
    if given.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    table = Table("read right", *(f"{kind}" for kind in next(iter(figures.values()))))
    for name, figure in figures.items():
        table.add_row(name, *(f"{value}" for value in figure.values()))
    Console().print(table)


def _count(tables: dict[str, Any], reads: Reads) -> dict[str, str]:
    """Of each table how many are read right, and what one takes."""
    found: dict[str, str] = {}
    began, asked = time.perf_counter(), 0
    for kind in ("TIMES", "UNTIL", "PERIODS", "EVERY_WEEK"):
        right = [reads(kind, text) == means for text, means in tables[kind].items()]
        found[kind] = f"{sum(right)} of {len(right)}"
        asked += len(right)
    for kind in ("UNCLEAR", "REFUSED"):
        silent = [reads("TIMES", text) is None for text in tables[kind]]
        found[f"{kind}, not guessed"] = f"{sum(silent)} of {len(silent)}"
        asked += len(silent)
    found["ms each"] = f"{(time.perf_counter() - began) / asked * 1000:.2f}"
    return found


def _ours(kind: str, text: str, now: datetime) -> object:
    try:
        match kind:
            case "TIMES":
                return write_span(read_when(text, now, ZONE).span, ZONE.key, now)
            case "UNTIL":
                return write_moment(read_until(text, now, ZONE), ZONE.key, now)
            case "PERIODS":
                return write_span(read_period(text, now, ZONE), ZONE.key, now)
            case _:
                weekly = read_weekly(text)
                hours = f"{write_clock(weekly.hours.starts)}-{write_clock(weekly.hours.ends)}"
                return weekly.weekdays, hours, weekly.every
    except (Unclear, NotUnderstood):
        return None


_CUT = re.compile(r"\s+(?:to|until|till|-|–)\s+|(?<=\w)[-–](?=\w)", re.I)


class _StartsLike(str):
    """A span as the table writes it, of which only the beginning is known."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.startswith(str(self))


def _theirs(read: ReadsMoment, kind: str, text: str, now: datetime) -> object:
    if kind == "EVERY_WEEK":
        return None  # what recurs is no moment
    local = now.astimezone(ZONE).replace(tzinfo=None)
    if kind == "UNTIL":
        found = read(re.sub(r"^(?:until|till|to|for)\s+", "", text), local)
        return found and write_moment(_aware(found), ZONE.key, now)
    whole = read(text, local)
    if whole is not None:
        # One moment: the span is right where it begins there, as far as a day.
        day = f"{whole:%a} {whole.day} {whole:%b}"
        at_midnight = (whole.hour, whole.minute) in ((0, 0), (local.hour, local.minute))
        return _StartsLike(day if at_midnight else f"{day} {whole:%H:%M}")
    parts = _CUT.split(text, maxsplit=1)
    if len(parts) != 2:
        return None
    first = read(re.sub(r"^(?:from|between)\s+", "", parts[0]), local)
    last = read(parts[1], first) if first is not None else None
    if first is None or last is None:
        return None
    if last <= first:
        last += timedelta(days=1)
    if re.search(r"\d\s*(?:[:.h]|am|pm|[ap]\.m)", text, re.I) is None:
        last += timedelta(days=1)  # days are meant whole
    return write_span(Span(_aware(first), _aware(last)), ZONE.key, now)


def _aware(wall: datetime) -> datetime:
    return wall.replace(tzinfo=ZONE).astimezone(UTC)


def _dateutil(text: str, near: datetime, *, fuzzy: bool = False) -> datetime | None:
    try:
        midnight = near.replace(hour=0, minute=0, second=0, microsecond=0)
        found = dateutil_parser.parse(text, default=midnight, fuzzy=fuzzy)
    except (ValueError, OverflowError):
        return None
    assert isinstance(found, datetime)
    if found.replace(tzinfo=None).date() < near.date():
        found = found.replace(year=found.year + 1)  # it prefers no future by itself
    return found.replace(tzinfo=None)


def _fuzzy(text: str, near: datetime) -> datetime | None:
    return _dateutil(text, near, fuzzy=True)


def _dateparser() -> ReadsMoment:
    dateparser = import_module("dateparser")

    def read(text: str, near: datetime) -> datetime | None:
        settings = {"RELATIVE_BASE": near, "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"}
        found: datetime | None = dateparser.parse(text, languages=["en"], settings=settings)
        return found.replace(tzinfo=None) if found else None

    return read


if __name__ == "__main__":
    main()
