"""``python -m bench.rota``: how long the rota takes to say who is on call.

Two hundred ambassadors with two years of shifts, rotations, covers and away times. Beside it the
same answer from a slow model that looks at every row each time, as one would write it first: on a
machine that others use too, only the two side by side mean something.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from bot.core.rota import Rota, away_now, occurrence, on_call, span_on, spans, union
from models import Away, Cover, Layer, Rotation, Shift

_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_DAYS = 730
Asked = TypeVar("Asked")
Times = list[tuple[datetime, datetime]]
_MADE = datetime(2024, 12, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rota")
    parser.add_argument("--ambassadors", type=int, default=200)
    parser.add_argument("--asked", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    plan = two_years(arguments.ambassadors)
    figures = _measure(plan, arguments.asked)
    if arguments.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    rows = {name: len(getattr(plan, name)) for name in ("shifts", "rotations", "covers", "aways")}
    columns = ("n", "best", "p50", "p95", "p50 on the clock", "times faster")
    table = Table("ms of processor time", *columns, title=f"{rows}")
    for name, figure in figures.items():
        table.add_row(name, *(f"{value:g}" for value in figure.values()))
    Console().print(table)


def two_years(ambassadors: int) -> Rota:
    """A plan in which everybody's shifts change every quarter; the same one every time."""
    chance = random.Random(5)  # noqa: S311 - the same plan every time, and no secret
    shifts: list[Shift] = []
    covers: list[Cover] = []
    aways: list[Away] = []
    for who in range(1, ambassadors + 1):
        zone = chance.choice(_ZONES)
        for quarter in range(8):
            first = _BEGIN.date() + timedelta(days=91 * quarter)
            starts = 30 * chance.randrange(48)
            for layer in (Layer.PRIMARY, Layer.BACKUP):
                shifts.append(
                    Shift(
                        id=len(shifts) + 1,
                        ambassador_id=who,
                        layer=layer,
                        weekdays="".join(sorted(chance.sample("0123456", 3))),
                        starts=starts,
                        ends=(starts + 120 * chance.randint(1, 4)) % 1440,
                        zone=zone,
                        from_date=first,
                        until_date=first + timedelta(days=90),
                        created_at=_MADE,
                    )
                )
        for _ in range(50):
            starts_at = _moment(chance)
            covers.append(
                Cover(
                    id=len(covers) + 1,
                    ambassador_id=chance.randint(1, ambassadors),
                    for_ambassador_id=who,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(hours=chance.randint(2, 24)),
                    created_at=_MADE,
                )
            )
        for _ in range(8):
            starts_at = _moment(chance)
            aways.append(
                Away(
                    id=len(aways) + 1,
                    ambassador_id=who,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(days=chance.randint(1, 14)),
                    created_at=_MADE,
                )
            )
    rotations = [
        Rotation(
            id=number,
            name=f"rotation {number}",
            layer=Layer.BACKUP,
            order=chance.sample(range(1, ambassadors + 1), min(8, ambassadors)),
            period_days=7,
            handover=9 * 60,
            zone=zone,
            from_date=date(2024, 12, 30),
            weekdays="0123456",
            created_at=_MADE,
        )
        for number, zone in enumerate(_ZONES, 1)
    ]
    return Rota(tuple(shifts), tuple(rotations), tuple(covers), tuple(aways))


def naive(plan: Rota, at: datetime) -> set[int]:
    """Who is primary at ``at``, by looking at every row."""
    covers = sorted(
        (one for one in plan.covers if one.starts_at <= at < one.ends_at),
        key=lambda one: (one.created_at, one.id),
    )
    absent = away_now(plan.aways, at)
    found = set()
    for shift in plan.shifts:
        if shift.layer is Layer.PRIMARY and occurrence(shift, at):
            who = shift.ambassador_id
            for cover in covers:
                if cover.for_ambassador_id in (who, shift.ambassador_id):
                    who = cover.ambassador_id
            if who not in absent:
                found.add(who)
    return found


def naive_spans(plan: Rota, start: datetime, end: datetime) -> dict[int, Times]:
    """When everybody is primary within [start, end), by looking at every row on every day."""
    covers = sorted(plan.covers, key=lambda one: (one.created_at, one.id))
    found: dict[int, Times] = {}
    for shift in plan.shifts:
        if shift.layer is not Layer.PRIMARY:
            continue
        day = start.date() - timedelta(days=2)
        while day <= end.date() + timedelta(days=1):
            span = span_on(shift, day)
            day += timedelta(days=1)
            if span is None or span.ends_at <= start or end <= span.starts_at:
                continue
            edges = {span.starts_at, span.ends_at, start, end}
            for cover in covers:
                edges |= {cover.starts_at, cover.ends_at}
            for away in plan.aways:
                edges |= {away.starts_at, away.ends_at or end}
            inside = sorted(edge for edge in edges if span.starts_at <= edge <= span.ends_at)
            for begins, ends in pairwise(one for one in inside if start <= one <= end):
                who = shift.ambassador_id
                for cover in covers:
                    holds = cover.starts_at <= begins < cover.ends_at
                    if holds and cover.for_ambassador_id in (who, shift.ambassador_id):
                        who = cover.ambassador_id
                if who not in away_now(plan.aways, begins):
                    found.setdefault(who, []).append((begins, ends))
    return {who: union(times) for who, times in found.items()}


def _measure(plan: Rota, asked: int) -> dict[str, dict[str, float]]:
    chance = random.Random(7)  # noqa: S311
    moments = [_moment(chance) for _ in range(asked)]
    few = moments[:20]
    for at in few:
        assert naive(plan, at) == on_call(plan, at).primary, at
    months = [_BEGIN + timedelta(days=30 * n) for n in range(24)]
    month = timedelta(days=30)
    _check_spans(plan, _BEGIN + timedelta(days=200), timedelta(hours=6))
    # The rows were there before: the collector need not walk through them again and again.
    gc.collect()
    gc.freeze()
    cold = _again(plan)
    figures = {
        "on_call by looking at every row": _timed(lambda at: naive(plan, at), few),
        "on_call, a moment asked for the first time": _timed(lambda at: on_call(cold, at), moments),
        "on_call, asked again": _timed(lambda at: on_call(cold, at), moments),
        "spans of 6 hours by looking at every row": _timed(
            lambda at: naive_spans(plan, at, at + timedelta(hours=6)), few[:2]
        ),
        "spans of 6 hours, asked for the first time": _timed(
            lambda at: spans(cold, at, at + timedelta(hours=6)), few
        ),
        "spans of a month, asked for the first time": _timed(
            lambda at: spans(cold, at, at + month), months
        ),
        "spans of a month, asked again": _timed(lambda at: spans(cold, at, at + month), months),
        "spans of a month, of rows never looked at, as the store reads them for it": _timed(
            lambda plan_at: spans(*plan_at),
            [(_read(plan, at, at + month), at, at + month) for at in months],
        ),
        "spans of a month, of all rows never looked at": _timed(
            lambda at: spans(_again(plan), at, at + month), months
        ),
    }
    for kind in ("on_call", "spans of 6 hours"):
        slow = figures[f"{kind} by looking at every row"]["cpu_p50_ms"]
        for name, figure in figures.items():
            if name.startswith(kind):
                figure["times_faster"] = round(slow / figure["cpu_p50_ms"], 1)
    return figures


def _again(plan: Rota) -> Rota:
    """The same rows, of which nothing has been looked up yet."""
    return Rota(plan.shifts, plan.rotations, plan.covers, plan.aways)


def _read(plan: Rota, start: datetime, end: datetime) -> Rota:
    """The rows that matter within [start, end), as `bot.engine.store.rota` asks for them."""
    since, until, slack = start.date() - timedelta(days=3), end.date(), timedelta(days=3)
    return Rota(
        tuple(
            one
            for one in plan.shifts
            if one.from_date <= until and (one.until_date is None or one.until_date >= since)
        ),
        plan.rotations,
        tuple(
            one
            for one in plan.covers
            if start - slack < one.ends_at and one.starts_at < end + slack
        ),
        tuple(
            one
            for one in plan.aways
            if one.starts_at < end and not (one.ends_at and one.ends_at <= start)
        ),
    )


def _check_spans(plan: Rota, start: datetime, length: timedelta) -> None:
    only_shifts = Rota(plan.shifts, (), plan.covers, plan.aways)
    found: dict[int, Times] = {}
    for one in spans(only_shifts, start, start + length):
        if one.layer is Layer.PRIMARY:
            found.setdefault(one.ambassador_id, []).append((one.starts_at, one.ends_at))
    assert {who: union(times) for who, times in found.items()} == naive_spans(
        only_shifts, start, start + length
    )


def _timed(act: Callable[[Asked], object], moments: Sequence[Asked]) -> dict[str, float]:
    """In processor time, which other programs on the machine lengthen less, and on the clock."""
    cpu, wall = [], []
    for at in moments:
        began_cpu, began = time.process_time(), time.perf_counter()
        act(at)
        cpu.append((time.process_time() - began_cpu) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(cpu, n=20)
    return {
        "n": len(cpu),
        "cpu_best_ms": round(min(cpu), 3),
        "cpu_p50_ms": round(statistics.median(cpu), 3),
        "cpu_p95_ms": round(cuts[18], 3),
        "wall_p50_ms": round(statistics.median(wall), 3),
    }


def _moment(chance: random.Random) -> datetime:
    return _BEGIN + timedelta(minutes=15 * chance.randrange(_DAYS * 96))


if __name__ == "__main__":
    main()
