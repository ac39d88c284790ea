"""``python -m bench.bots NAME``: one bot as a process of its own, until it is told to stop.

``echo`` is what python-telegram-bot makes of a few lines: the floor of what is possible.
``holdfast`` and ``worker`` are the real ones by the settings in the environment, at a pace that no
service limit holds back, since the sandbox has none either.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot import logs
from bot.engine.rates import Pace
from bot.settings import read_settings
from bot.wiring import running

FREELY = Pace(100_000, 100_000)
READY = "ready"
"""What a bot prints once it takes messages."""


def main() -> None:
    """Run the bot named on the command line."""
    logs.configure(os.environ.get("HOLDFAST_LOG_LEVEL", "ERROR"))
    asyncio.run({"echo": _echo, "holdfast": _holdfast, "worker": _worker}[sys.argv[1]]())


async def _echo() -> None:
    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"echo {update.message.text}")

    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder()
        .token(os.environ["HOLDFAST_BOT_TOKEN"])
        .base_url(f"{os.environ['TELEGRAM_API_BASE']}/bot")
        .concurrent_updates(True)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    async with application:
        assert application.updater is not None
        await application.updater.start_polling()
        await application.start()
        await _until_told()
        await application.updater.stop()
        await application.stop()


async def _holdfast() -> None:
    await _run(polls=True)


async def _worker() -> None:
    await _run(polls=False)


async def _run(*, polls: bool) -> None:
    async with running(read_settings(), pace=FREELY, polls=polls) as bot:
        if bot.model is not None:
            await bot.model.ready.wait()
        await _until_told()


async def _until_told() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    await told.wait()


if __name__ == "__main__":
    main()
