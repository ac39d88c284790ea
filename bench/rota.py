"""``python -m bench.rota``: how long the rota takes to say who is on call.

Two hundred ambassadors with two years of shifts, rotations, covers and away times. Beside it the
same answer from a slow model that looks at every row each time, as one would write it first.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from rich.console import Console
from rich.table import Table

from bot.core.rota import Rota, away_now, occurrence, on_call, spans
from models import Away, Cover, Layer, Rotation, Shift

_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_DAYS = 730
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
    table = Table("what", "n", "p50 ms", "p95 ms", title=f"{rows}")
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


def _measure(plan: Rota, asked: int) -> dict[str, dict[str, float]]:
    chance = random.Random(7)  # noqa: S311
    moments = [_moment(chance) for _ in range(asked)]
    few = moments[:20]
    for at in few:
        assert naive(plan, at) == on_call(plan, at).primary, at
    months = [_BEGIN + timedelta(days=30 * n) for n in range(24)]
    month = timedelta(days=30)
    cold = Rota(plan.shifts, plan.rotations, plan.covers, plan.aways)
    return {
        "on_call, first asked of each day": _timed(lambda at: on_call(cold, at), moments),
        "on_call, asked again": _timed(lambda at: on_call(cold, at), moments),
        "on_call, by looking at every row": _timed(lambda at: naive(plan, at), few),
        "a month of spans, first asked": _timed(lambda at: spans(plan, at, at + month), months),
        "a month of spans, asked again": _timed(lambda at: spans(plan, at, at + month), months),
        "reading the rows into a plan": _timed(
            lambda at: on_call(Rota(plan.shifts, plan.rotations, plan.covers, plan.aways), at), few
        ),
    }


def _timed(act: Callable[[datetime], object], moments: list[datetime]) -> dict[str, float]:
    times = []
    for at in moments:
        began = time.process_time()
        act(at)
        times.append(time.process_time() - began)
    cuts = statistics.quantiles(times, n=100)
    return {
        "n": len(times),
        "p50_ms": round(cuts[49] * 1000, 4),
        "p95_ms": round(cuts[94] * 1000, 4),
    }


def _moment(chance: random.Random) -> datetime:
    return _BEGIN + timedelta(minutes=15 * chance.randrange(_DAYS * 96))


if __name__ == "__main__":
    main()
