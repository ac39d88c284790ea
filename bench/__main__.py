"""``make bench``: how long a person waits, beside a bare echo bot on the same sandbox.

The echo bot of python-telegram-bot is the floor of what is possible here: it reads an update and
sends one message, keeps nothing, understands nothing, and may lose what it was doing. Prints a
table, and with ``--json`` one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot import logs
from bot.demo.community import Demo, demo
from sandbox import DEFAULT_TOKEN, Limits, Sandbox, SandboxClient, serving

_DISTRESS = "i want to die tonight, number {n}"
_PACE_S = 1.2
Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logs.configure("ERROR")
    figures = asyncio.run(_measure(arguments.messages))
    if arguments.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        _show(figures)


async def _measure(messages: int) -> dict[str, Figures]:
    echo = await _echo_bot(messages)
    async with demo(lambda text: None, data=Path("data/bench"), limits=Limits.off()) as here:
        answer, page = await _holdfast(here, messages)
    return {
        "echo bot: message to answer": _summary(echo),
        "Holdfast: message to answer with numbers": _summary(answer),
        "Holdfast: message to page": _summary(page),
    }


async def _echo_bot(messages: int) -> list[float]:
    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"echo {update.message.text}")

    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(Sandbox(limits=Limits.off())))
        client = await stack.enter_async_context(SandboxClient(address))
        application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder().token(DEFAULT_TOKEN).base_url(f"{address}/bot").build()
        )
        application.add_handler(MessageHandler(filters.TEXT, echo))
        await stack.enter_async_context(application)
        assert application.updater is not None
        await application.updater.start_polling()
        await application.start()
        times = []
        for n in range(messages):
            phone = await client.new_phone(f"P{n}")
            began = time.perf_counter()
            await phone.says(_DISTRESS.format(n=n))
            await phone.reads("echo", timeout_s=20)
            times.append(time.perf_counter() - began)
        await application.updater.stop()
        await application.stop()
    return times


async def _holdfast(here: Demo, messages: int) -> tuple[list[float], list[float]]:
    ana = here.ambassadors[0]
    answers, pages = [], []
    for n in range(messages):
        phone = await here.client.new_phone(f"P{n}")
        marker = await ana.marker()
        began = time.perf_counter()
        await phone.says(_DISTRESS.format(n=n))
        answered, paged = await asyncio.gather(
            _seconds(phone.reads("112", timeout_s=20), began),
            _seconds(ana.reads("IMMEDIATE", after=marker, timeout_s=20), began),
        )
        answers.append(answered)
        pages.append(paged)
        # One ambassador gets all these pages: no faster than Telegram lets one chat have them.
        await asyncio.sleep(max(0.0, _PACE_S - (time.perf_counter() - began)))
    return answers, pages


async def _seconds(reading: Any, began: float) -> float:
    await reading
    return time.perf_counter() - began


def _summary(seconds: list[float]) -> Figures:
    cuts = statistics.quantiles(seconds, n=100)
    return {
        "n": len(seconds),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p95_ms": round(cuts[94] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
    }


def _show(figures: dict[str, Figures]) -> None:
    table = Table("one at a time", "n", "p50 ms", "p95 ms", "p99 ms")
    for name, row in figures.items():
        table.add_row(name, *(f"{value:g}" for value in row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
