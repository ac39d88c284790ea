"""Measuring triage on labelled text, by the very path that the bot uses.

rows = read_csv(Path("labelled.csv"))
report = summarise(await judge(triage, rows))
"""

from __future__ import annotations

import asyncio
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from math import sqrt
from pathlib import Path
from typing import Any, Protocol

from bot.core.conversation import asked_after, settled
from bot.core.reading import Ask, Reading
from bot.engine.hearing import hear
from bot.engine.live import WINDOW_HOLDS
from bot.engine.work import Words
from models.vocabulary import Question, Urgency

CRISIS, DISTRESS, NONE = "crisis", "distress", "none"
LABELS = (CRISIS, DISTRESS, NONE)
_AT_ONCE = 4
_REST_S = 2.1
"""Triage leaves a server alone for two seconds after it gave no answer in time."""
_TRIES = 5
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_TURNS_APART = timedelta(seconds=90)
"""Longer than a sentence takes that is sent in pieces, and well within one talk."""
_Z = 1.959964
"""Of the normal distribution: 95 % lie within so many standard deviations."""


class DataError(ValueError):
    """The file is not there or is not what it should be; says what is missing."""


class Reader(Protocol):
    """Whatever reads one message: `bot.triage.reader.Triage`."""

    async def read(self, text: str) -> Reading:
        """What ``text`` calls for."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """What one person wrote, in order, and what it should come to."""

    turns: tuple[str, ...]
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and what triage made of it: of several turns, each heard after those before it, the
    highest urgency.
    """

    row: Row
    reading: Reading

    @property
    def paged(self) -> bool:
        """Whether a human is called fast, or was asked for."""
        return self.reading.pressing or self.reading.asks is Ask.HUMAN

    @property
    def met(self) -> bool:
        """Whether it is answered as distress at all."""
        return self.paged or self.reading.urgency is not Urgency.NONE

    @property
    def without_model(self) -> bool:
        """Whether a part of it was read by the floor alone."""
        return "model:away" in self.reading.reasons

    @property
    def passed(self) -> bool:
        """Whether this is what the label asks for. Distress may be paged as well."""
        if self.row.label == CRISIS:
            return self.paged
        return self.met if self.row.label == DISTRESS else not self.paged


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``."""

    hits: int
    n: int

    @property
    def rate(self) -> float | None:
        """0..1; None of nothing."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval, 0..1; None of nothing."""
        return wilson(self.hits, self.n) if self.n else None

    def __str__(self) -> str:
        """As people read it: ``97.5 % (92.9–99.1), 117 of 120``."""
        if self.interval is None:
            return "–"
        low, high = self.interval
        return (
            f"{100 * self.hits / self.n:.1f} % ({100 * low:.1f}–{100 * high:.1f}), "
            f"{self.hits} of {self.n}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of some rows, and of each group of them."""

    crisis_paged: Share
    none_paged: Share
    distress_paged: Share
    distress_met: Share
    passed: Share
    other: dict[str, int]
    """Labels that are not judged, and how many rows have each."""
    without_model: int
    """Rows of which a part was read by the floor alone, since the model gave no answer in time."""
    by: dict[str, Report]

    def as_json(self) -> dict[str, Any]:
        """Rates as 0..1 or null, intervals as pairs, ``n`` as the rows that were judged."""
        shares = {
            "crisis_recall": self.crisis_paged,
            "false_page_rate": self.none_paged,
            "distress_page_rate": self.distress_paged,
            "distress_met_rate": self.distress_met,
            "pass_rate": self.passed,
        }
        return {
            **{name: share.rate for name, share in shares.items()},
            "intervals": {name: share.interval for name, share in shares.items()},
            "n": self.passed.n,
            "labels": {
                CRISIS: self.crisis_paged.n,
                DISTRESS: self.distress_paged.n,
                NONE: self.none_paged.n,
                **self.other,
            },
            "without_model": self.without_model,
            "by": {name: report.as_json() for name, report in self.by.items()},
        }


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of ``hits`` in ``n``; ValueError unless 0 <= hits <= n > 0."""
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} of {n} is no share")
    rate, spread = hits / n, _Z**2 / n
    middle = (rate + spread / 2) / (1 + spread)
    half = _Z * sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def read_csv(path: Path) -> list[Row]:
    """Rows of a CSV file with ``text`` and ``label``; `DataError` where it is not one.

    The column ``capability``, or else ``source_label``, says which group a row belongs to.
    """
    table = csv.DictReader(_lines(path))
    columns = table.fieldnames or []
    if missing := {"text", "label"} - set(columns):
        raise DataError(f"{path}: no column {' and no column '.join(sorted(missing))}")
    group = next((name for name in ("capability", "source_label") if name in columns), None)
    return [
        Row(
            (line["text"] or "",),
            (line["label"] or "").strip(),
            (line[group] or "") if group else "",
        )
        for line in table
    ]


def read_conversations(path: Path) -> list[Row]:
    """Rows of a file with one ``{"turns": ["…"], "label": "…"}`` a line; `DataError` otherwise."""
    return [_conversation(path, i, line) for i, line in enumerate(_lines(path), 1) if line.strip()]


def _conversation(path: Path, number: int, line: str) -> Row:
    try:
        told = json.loads(line)
        turns, label = told["turns"], told["label"]
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path}, line {number}: needs turns and label as JSON") from error
    if not (isinstance(turns, list) and turns and all(isinstance(turn, str) for turn in turns)):
        raise DataError(f"{path}, line {number}: turns is a list of at least one text")
    return Row(tuple(turns), str(label), str(told.get("capability", "")))


async def judge(
    triage: Reader, rows: Sequence[Row], tell: Callable[[int], None] = lambda done: None
) -> list[Outcome]:
    """Have every row read, a few at once; ``tell`` hears how many are done."""
    turnstile, done = asyncio.Semaphore(_AT_ONCE), 0

    async def one(row: Row) -> Outcome:
        nonlocal done
        async with turnstile:
            outcome = await _read(triage, row)
        done += 1
        tell(done)
        return outcome

    first = await asyncio.gather(*(one(row) for row in rows))
    return await _again(triage, first)


async def _read(triage: Reader, row: Row) -> Outcome:
    """Have the turns heard one after the other, as the bot would, asking what it would ask.

    Of the turns the highest urgency counts. Nobody says when they were written, so each comes
    `_TURNS_APART` after the last.
    """
    window: list[Words] = []
    readings: list[Reading] = []
    asked: Question | None = None
    for number, turn in enumerate(row.turns):
        now = _BEGAN + number * _TURNS_APART
        words = Words(number, turn, now)
        heard = await hear(triage, words, window[-WINDOW_HOLDS:], now)
        reading = settled(heard, asked)
        asked = asked_after(reading)
        window.append(replace(words, reading=heard))
        readings.append(reading)
    return Outcome(row, reduce(Reading.joined_with, readings))


async def _again(triage: Reader, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Have what the model was too busy for read once more, one by one.

    What is measured is the model and the floor, not how a loaded machine keeps time. A model that
    stays away is not waited for any longer.
    """
    found, tries = [], _TRIES
    for outcome in outcomes:
        while outcome.without_model and tries:
            if tries < _TRIES:
                await asyncio.sleep(_REST_S)
            outcome = await _read(triage, outcome.row)
            tries = tries - 1 if outcome.without_model else _TRIES
        found.append(outcome)
    return found


def summarise(outcomes: Sequence[Outcome]) -> Report:
    """Count, over all and by group where there are groups."""
    return _report(outcomes, dict(_groups(outcomes)))


def misses(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Judged rows that came out otherwise than their label asks, missed crises first."""
    missed = [o for o in outcomes if o.row.label in LABELS and not o.passed]
    return sorted(missed, key=lambda o: (LABELS.index(o.row.label), o.row.group))


def _groups(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Report]]:
    for name in sorted({o.row.group for o in outcomes} - {""}):
        yield name, _report([o for o in outcomes if o.row.group == name], {})


def _report(outcomes: Sequence[Outcome], by: dict[str, Report]) -> Report:
    crisis, distress, none = ([o for o in outcomes if o.row.label == name] for name in LABELS)
    judged = [*crisis, *distress, *none]
    return Report(
        crisis_paged=Share(sum(o.paged for o in crisis), len(crisis)),
        none_paged=Share(sum(o.paged for o in none), len(none)),
        distress_paged=Share(sum(o.paged for o in distress), len(distress)),
        distress_met=Share(sum(o.met for o in distress), len(distress)),
        passed=Share(sum(o.passed for o in judged), len(judged)),
        other=dict(Counter(o.row.label for o in outcomes if o.row.label not in LABELS)),
        without_model=sum(o.without_model for o in outcomes),
        by=by,
    )


def _lines(path: Path) -> list[str]:
    try:
        # Without universal newlines: a quoted field of a CSV file may hold any of them.
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(file)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as UTF-8 text") from error
