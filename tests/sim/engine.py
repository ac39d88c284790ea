"""The real engine, one step at a time: nothing runs but what is asked for.

Ingest, worker, timers and courier are those that `bot.wiring` puts together, with the real
handlers and the real lexical floor. What is missing are the loops around them, so that a story
is told the same way every time and every moment of it can be reached.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from redis.asyncio import Redis
from telegram.ext import ExtBot
from telegram.request import BaseRequest

import bot
from bot.core.policy import parse_policy
from bot.core.reading import Reading
from bot.engine.clock import Clock
from bot.engine.courier import Courier
from bot.engine.duties import POLL, TERM, Candidate
from bot.engine.ingest import Ingest, Poller
from bot.engine.live import Window, space_of
from bot.engine.ports import Updates
from bot.engine.rates import Pace, Rates
from bot.engine.reach import Reach
from bot.engine.reminders import Reminders
from bot.engine.signals import Signals
from bot.engine.timers import Timers
from bot.engine.work import Community, UnitOfWork
from bot.engine.worker import Worker
from bot.telegram import application
from bot.telegram.port import TelegramCarrier, TelegramUpdates
from bot.texts import load_texts
from bot.triage.floor import Floor
from bot.triage.rasa import RasaAway
from bot.triage.reader import Triage
from models.database import Database
from resources import load as load_directory
from sandbox import DEFAULT_TOKEN, Sandbox

STEPS = ("poll", "handle", "wake", "send", "remind")
_FREELY = Pace(100_000, 100_000)


@cache
def community() -> Community:
    """The community of every story, with the policy that comes with Holdfast."""
    path = Path(bot.__file__).parent / "policy.yml"
    return Community(
        name="Harbour",
        zone="UTC",
        policy=parse_policy(yaml.safe_load(path.read_text("utf-8"))),
        countries=(),
        texts=load_texts(),
        directory=load_directory(),
    )


class NoModel:
    """A language model that is away: the floor decides, as it does on a bad day."""

    async def read(self, text: str) -> Reading:
        raise RasaAway("no model in this story")


@cache
def _floor() -> Floor:
    return Floor.load()


class FloorReader:
    """Triage as it is, asked anew each time, so that no real second plays a part."""

    def __init__(self, model: Any = None) -> None:
        self._model = model or NoModel()

    async def read(self, text: str) -> Reading:
        return await Triage(self._model, _floor()).read(text)


class Impatient:
    """Updates that are asked for without waiting: while nobody acts, none will come."""

    def __init__(self, updates: Updates) -> None:
        self._updates = updates

    async def fetch(self, offset: int | None, timeout_s: float) -> Sequence[dict[str, Any]]:
        return await self._updates.fetch(offset, 0)

    async def pending(self) -> int:
        return await self._updates.pending()


class Recorder:
    """The dispatcher, and a note of which update it has in hand."""

    def __init__(self, dispatcher: application.TelegramDispatcher, note: Callable[[int], None]):
        self._dispatcher = dispatcher
        self._note = note
        self.rescue = dispatcher.rescue
        self.words = dispatcher.words
        self.fetch = dispatcher.fetch

    async def dispatch(self, update: dict[str, Any], work: UnitOfWork) -> None:
        self._note(int(update["update_id"]))
        await self._dispatcher.dispatch(update, work)


class Engine:
    """One process: what it holds in memory is gone when it dies."""

    def __init__(
        self,
        database: Database,
        request: BaseRequest,
        redis: Redis,
        clock: Clock,
        reader: Any = None,
        base_url: str = "http://sandbox.invalid",
        note: Callable[[int], None] = lambda number: None,
        term: timedelta = TERM,
    ) -> None:
        self._bot: ExtBot[None] = ExtBot(
            DEFAULT_TOKEN,
            base_url=f"{base_url}/bot",
            request=request,
            get_updates_request=request,
        )
        self._app = application.build(self._bot)
        signals = Signals(redis, space_of(database.keyring))
        rates = Rates(None, pace=_FREELY)
        reach = Reach(TelegramCarrier(self._bot), TelegramUpdates(self._bot), clock)
        self.courier = Courier(database, reach, community(), rates, signals, clock)
        self.timers = Timers(database, community(), signals, clock)
        self.worker = Worker(
            database,
            Recorder(application.TelegramDispatcher(self._app), note),
            reader or FloorReader(),
            community(),
            Window(redis, database.keyring),
            signals,
            clock,
        )
        ingest = Ingest(database, signals, clock)
        self._polling = Candidate(database, POLL, secrets.token_hex(4), clock, term)
        self.poller = Poller(ingest, Impatient(reach), self._polling, asyncio.Event())
        self.reminders = Reminders(database, community(), signals, clock)

    async def start(self) -> None:
        """Be ready; Telegram is asked who we are."""
        await self._app.initialize()

    async def step(self, name: str, waiting: Callable[[], int] | None = None) -> bool:
        """Take one step; whether there was anything to do.

        ``waiting`` says how many updates Telegram holds that are not confirmed yet.
        """
        if name == "poll":
            if waiting is not None and not waiting():
                return False
            # Whoever has not the duty would wait for a real second.
            if not await self._polling.stand():
                return False
            await self.poller.step()
            return True
        if name == "remind":
            return bool(await self.reminders.remind())
        steps: dict[str, Callable[[], Awaitable[bool]]] = {
            "handle": self.worker.handle_next,
            "wake": self.timers.wake_next,
            "send": self.courier.send_next,
        }
        return await steps[name]()


def sandbox_at(clock: Clock) -> Sandbox:
    """A sandbox that lives by the story's clock."""
    from sandbox import Limits

    return Sandbox(limits=Limits.off(), clock=lambda: clock.now().timestamp())
