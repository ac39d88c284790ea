"""What an answer of Telegram's means to us."""

from __future__ import annotations

import pytest
import telegram

from bot.engine.ports import Contested, DeliveryError, NotOurs, Unavailable
from bot.telegram.port import TelegramUpdates
from sandbox import DEFAULT_TOKEN, Fault, Limits, Sandbox, SandboxClient, serving


@pytest.mark.parametrize(
    ("status", "meaning"), [(401, NotOurs), (409, Contested), (502, Unavailable)]
)
async def test_why_no_updates_come_is_told_apart(status: int, meaning: type[DeliveryError]) -> None:
    async with serving(Sandbox(limits=Limits.off())) as address, SandboxClient(address) as client:
        bot = telegram.Bot(DEFAULT_TOKEN, base_url=f"{address}/bot")
        async with bot:
            await client.faults.add(Fault(kind="error", method="getUpdates", status=status))
            with pytest.raises(meaning):
                await TelegramUpdates(bot).fetch(None, 0)
