"""The whole bot on a stage: the real one, over real HTTP, with phones in a sandbox."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.demo.community import first_invitation
from bot.engine.invariants import Breach, breaches
from bot.engine.rates import TELEGRAMS_PACE, Pace
from bot.engine.signals import INBOX, OUTBOX, TIMERS
from bot.settings import read_settings
from bot.wiring import Holdfast, running
from sandbox import DEFAULT_TOKEN, Limits, Sandbox, SandboxClient, serving
from sandbox.client import Phone
from tests.support.clock import MovableClock
from tests.support.servers import PATIENCE_MS, RasaServer

_KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
"""One key for all stages: what is compiled with it need be compiled once only."""
_LINK = re.compile(r"\?start=([\w-]+)")


@dataclass
class Stage:
    """A running bot and the phones that talk to it."""

    address: str
    holdfast: Holdfast
    client: SandboxClient
    clock: MovableClock
    chief: Phone

    async def person(self, name: str = "Sam", language: str = "en") -> Phone:
        """A phone that the bot does not know yet."""
        return await self.client.new_phone(name, "a person", language_code=language)

    async def ambassador(self, name: str, shift: str | None = None) -> Phone:
        """An ambassador who has joined by a link; ``shift`` such as ``daily 0-0 primary``."""
        phone = await self.client.new_phone(name, "ambassador")
        await phone.start(await self.invitation("ambassador"))
        await phone.reads("You are an ambassador")
        if shift:
            await self.plans(f"/shift add @{name.lower()} {shift}")
        return phone

    async def on_call(self) -> tuple[Phone, Phone]:
        """Ana, primary, and Ben, backup, round the clock."""
        ana = await self.ambassador("Ana", "daily 00:00-00:00 primary")
        ben = await self.ambassador("Ben", "daily 00:00-00:00 backup")
        return ana, ben

    async def invitation(self, role: str) -> str:
        """The token of a fresh link."""
        found = _LINK.search(await self.command(f"/invite {role}", "?start="))
        assert found is not None
        return found[1]

    async def command(self, text: str, expecting: str = "") -> str:
        """What the coordinator reads after sending ``text``."""
        marker = await self.chief.marker()
        await self.chief.says(text)
        return (await self.chief.reads(expecting, after=marker)).text

    async def plans(self, text: str) -> str:
        """The coordinator has ``text`` shown, and applies it; what they read then."""
        marker = await self.chief.marker()
        await self.chief.says(text)
        shown = await self.chief.reads(after=marker)
        await self.chief.taps("Apply", on=shown)
        return (await self.chief.reads(after=shown)).text

    async def time_passes(self, **span: float) -> None:
        """Move the clock and let every loop look again."""
        self.clock.move(**span)
        await self.holdfast.signals.ring(INBOX, OUTBOX, TIMERS)

    async def breaches(self) -> list[Breach]:
        """The promises that are broken right now."""
        async with self.holdfast.database.reading() as session:
            return await breaches(session, self.clock.now())


Staging = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def staging(
    request: pytest.FixtureRequest, tmp_path: Path, rasa: RasaServer, empty_sqlite: Path
) -> Staging:
    """Make a stage with settings of one's own; the embedded default where none are given."""

    @asynccontextmanager
    async def make(limits: Limits | None = None, **changes: Any) -> AsyncIterator[Stage]:
        # Where the sandbox has no limits, tests do not wait for Telegram's either.
        pace = TELEGRAMS_PACE if limits else Pace(10_000, 10_000)
        request.node.user_properties.append(("ran on", "Rasa"))
        clock = MovableClock()
        async with AsyncExitStack() as stack:
            sandbox = Sandbox(limits=limits or Limits.off())
            address = await stack.enter_async_context(serving(sandbox))
            settings = read_settings(
                **{
                    "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
                    "TELEGRAM_API_BASE": address,
                    "HOLDFAST_DATA": tmp_path / "data",
                    "HOLDFAST_KEY": _KEY,
                    "HOLDFAST_COMMUNITY": "Harbour",
                    # What a test says must not depend on the hour at which it runs.
                    "HOLDFAST_MORNING": "off",
                    # Stories move days on in one step; nobody wrote in them, and that is well.
                    "HOLDFAST_QUIET_LIMIT": 744,
                    "NLU_URL": rasa.url,
                    "NLU_TOKEN": rasa.token,
                    "HOLDFAST_NLU_PATIENCE": PATIENCE_MS,
                    **changes,
                }
            )
            if settings.is_embedded:
                settings.data.mkdir(exist_ok=True)
                shutil.copyfile(empty_sqlite, settings.data / "holdfast.db")
            holdfast = await stack.enter_async_context(running(settings, clock, pace))
            client = await stack.enter_async_context(SandboxClient(address))
            chief = await client.new_phone("Cleo", "coordinator")
            await chief.start(await first_invitation(holdfast))
            await chief.reads("You are a coordinator")
            yield Stage(address, holdfast, client, clock, chief)

    return make


@pytest.fixture(params=["embedded", "at scale"])
async def stage(request: pytest.FixtureRequest, staging: Staging) -> AsyncIterator[Stage]:
    """The bot as it runs by default, and as it runs on PostgreSQL with Redis."""
    changes: dict[str, Any] = {}
    if request.param == "embedded":
        ran_on = ("SQLite", "embedded Redis")
    else:
        ran_on = ("PostgreSQL", "Redis")
        changes = {
            "DATABASE_URL": request.getfixturevalue("postgres"),
            "REDIS_URL": request.getfixturevalue("redis_url"),
        }
    request.node.user_properties.extend(("ran on", name) for name in ran_on)
    async with staging(**changes) as made:
        yield made
        assert await made.breaches() == []


@pytest.fixture
async def embedded(request: pytest.FixtureRequest, staging: Staging) -> AsyncIterator[Stage]:
    """The bot as it runs by default."""
    request.node.user_properties.extend(("ran on", name) for name in ("SQLite", "embedded Redis"))
    async with staging() as made:
        yield made
        assert await made.breaches() == []
