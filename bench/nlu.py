"""``python -m bench.nlu``: our Rasa server beside plain `rasa run` on the pipeline of `rasa init`.

Both are real servers on loopback, asked over HTTP in one run, one after the other, with the same
texts, of which no two are alike. ``--core 0`` keeps each server on one core. Prints a table, and
with ``--json`` one JSON object. The time of an answer doesn't depend on how long the baseline has
learnt; ``--epochs 1`` trains it in half an hour rather than a day.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from bot import logs
from bot.triage.baselines import rasa_run, stock_model
from bot.triage.process import HOME, RasaProcess

_LENGTHS = (10, 30, 200)
_AT_ONCE = (1, 4, 16)
_LOG = Path("data/bench/nlu.log")
Figures = dict[str, float]
Address = tuple[str, str]


def main() -> None:
    """Measure both and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.nlu")
    parser.add_argument("--core", type=int, help="keep each server on this core")
    parser.add_argument("--messages", type=int, default=100, help="for each figure")
    parser.add_argument("--epochs", type=int, help="of the baseline; as rasa init if not given")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logs.configure("ERROR")
    found = asyncio.run(_measure(arguments.core, arguments.messages, arguments.epochs))
    if arguments.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        _show(found)


async def _measure(core: int | None, messages: int, epochs: int | None) -> dict[str, Figures]:
    model = await stock_model(epochs)
    texts = _Texts()
    found = {}
    for name, starting in (
        ("Holdfast", _holdfast()),
        ("rasa init, rasa run", rasa_run(model, _LOG)),
    ):
        began = time.perf_counter()
        with _on(core):
            url, token = await starting.__aenter__()
        try:
            cold = time.perf_counter() - began
            found[name] = {"cold start, s": cold, **await _asked(url, token, texts, messages)}
            found[name]["memory, MB"] = _memory(int(httpx.URL(url).port or 0))
        finally:
            await starting.__aexit__(None, None, None)
    return found


@asynccontextmanager
async def _holdfast() -> AsyncIterator[Address]:
    process = RasaProcess(_LOG)
    running = asyncio.create_task(process.keep_running())
    try:
        await process.ready.wait()
        yield process.url, process.token
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _asked(url: str, token: str, texts: _Texts, messages: int) -> Figures:
    found: Figures = {}
    async with httpx.AsyncClient(base_url=url, params={"token": token}, timeout=60) as client:

        async def ask(text: str) -> float:
            began = time.perf_counter()
            answer = await client.post("/model/parse", json={"text": text})
            answer.raise_for_status()
            return (time.perf_counter() - began) * 1e3

        for _ in range(10):
            await ask(texts.of(30))
        for words in _LENGTHS:
            times = [await ask(texts.of(words)) for _ in range(messages)]
            found[f"{words} words, p50 ms"] = statistics.median(times)
            found[f"{words} words, p95 ms"] = statistics.quantiles(times, n=20)[-1]
        for many in _AT_ONCE:
            turnstile = asyncio.Semaphore(many)

            async def one(text: str, turnstile: asyncio.Semaphore = turnstile) -> None:
                async with turnstile:
                    await ask(text)

            began = time.perf_counter()
            await asyncio.gather(*(one(texts.of(15)) for _ in range(messages)))
            found[f"{many} at once, messages/s"] = messages / (time.perf_counter() - began)
    return found


class _Texts:
    """Stretches of the validation set, sentences and all; no two begin alike."""

    def __init__(self) -> None:
        with (HOME / "validation.csv").open(encoding="utf-8", newline="") as file:
            self._words = " . ".join(row["text"] for row in csv.DictReader(file)).split()
        self._dice = random.Random(1)  # noqa: S311  the same texts each time
        self._used: set[int] = set()

    def of(self, words: int) -> str:
        """The next text of so many words."""
        while (start := self._dice.randrange(len(self._words) - words)) in self._used:
            pass
        self._used.add(start)
        return " ".join(self._words[start : start + words])


@contextmanager
def _on(core: int | None) -> Iterator[None]:
    """What is started inside stays on that core; we ourselves don't."""
    if core is None:
        yield
        return
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


def _memory(port: int) -> float:
    """Resident megabytes of whichever of our children has the port in its arguments."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            arguments = (status.parent / "cmdline").read_bytes().split(b"\0")
            if str(port).encode() in arguments:
                lines = status.read_text().splitlines()
                return int(next(li for li in lines if li.startswith("VmRSS")).split()[1]) / 1024
        except (OSError, StopIteration):
            continue
    return float("nan")


def _show(found: dict[str, Figures]) -> None:
    table = Table(box=None)
    names: Sequence[str] = list(found)
    for heading in ("", *names):
        table.add_column(heading, justify="right" if heading else "left")
    for figure in next(iter(found.values())):
        table.add_row(figure, *(f"{found[name][figure]:.1f}" for name in names))
    Console().print(table)


if __name__ == "__main__":
    main()
