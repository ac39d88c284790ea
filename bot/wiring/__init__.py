"""The only place where real things are put together."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from redis.asyncio import Redis
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import BaseRoute
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import web
from bot.calling import AppriseCaller, HttpBeacon, warm_up
from bot.engine import duties, feeds
from bot.engine.clock import Clock, SystemClock
from bot.engine.courier import Courier
from bot.engine.duties import Candidate
from bot.engine.heartbeats import BEAT_S, Heartbeats
from bot.engine.ingest import Ingest, Poller
from bot.engine.leases import release_leases
from bot.engine.live import Window, connect, space_of
from bot.engine.loops import Loops
from bot.engine.meter import PrometheusMeter
from bot.engine.rates import TELEGRAMS_PACE, Pace, Rates
from bot.engine.reach import Reach
from bot.engine.reminders import Reminders
from bot.engine.second import Second
from bot.engine.signals import Signals
from bot.engine.survey import Survey, survey
from bot.engine.timers import Timers
from bot.engine.watch import EVERY, Patience, Watch, is_contest
from bot.engine.work import Community, UnitOfWork
from bot.engine.worker import Worker
from bot.pictures import warm_up as warm_up_pictures
from bot.settings import Settings, SettingsError
from bot.telegram import application, joining, webhook
from bot.telegram.port import ALLOWED_UPDATES, DEFAULT_CHAT, TelegramCarrier, TelegramUpdates
from bot.triage.floor import Floor
from bot.triage.process import RasaProcess
from bot.triage.reader import Triage
from bot.wiring.parts import (
    RUNNING,
    only_process,
    open_bot,
    open_community,
    open_database,
    open_rasa,
    passing_schema,
    prepare,
    start_model,
    token_refused,
    write_running,
)
from models.database import Database

__all__ = [
    "RUNNING",
    "Holdfast",
    "open_bot",
    "open_community",
    "open_database",
    "passing_schema",
    "prepare",
    "running",
    "token_refused",
]

_log = structlog.get_logger()

_ALONE = timedelta(hours=1)
"""The term of a duty where no other process may exist: there is nobody to take it over."""


@dataclass(slots=True)
class Holdfast:
    """A running bot, or one process of it: ``process`` is its name among the others."""

    settings: Settings
    database: Database
    community: Community
    redis: Redis
    signals: Signals
    bot: Bot
    model: RasaProcess | None
    loops: Loops
    process: str
    clock: Clock
    meter: PrometheusMeter
    reach: Reach
    heartbeats: Heartbeats
    polling: Candidate

    @property
    def is_only_process(self) -> bool:
        """Whether no other process may work on this database."""
        return _is_only_process(self.settings)

    def work(self, session: AsyncSession) -> UnitOfWork:
        """A unit of work on the bot's database, now."""
        return UnitOfWork(session, self.database.keyring, self.community, self.clock.now())


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock | None = None,
    pace: Pace = TELEGRAMS_PACE,
    *,
    polls: bool = True,
) -> AsyncIterator[Holdfast]:
    """A bot that runs until the block ends, and then stops cleanly.

    With ``polls`` False it is one of several that only work: it never asks Telegram for updates,
    nor is it pushed any. `SettingsError` where it cannot start and an operator can mend it.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        bot = open_bot(settings)
        is_only_process = _is_only_process(settings)
        if is_only_process:
            stack.enter_context(only_process(settings))
        community = open_community(settings)
        database = open_database(settings)
        stack.push_async_callback(database.close)
        await prepare(database, settings)
        if is_only_process:
            await release_leases(database, clock.now())
        redis = connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        space = space_of(database.keyring)
        model = start_model(settings)
        rasa = open_rasa(settings, model)
        stack.push_async_callback(rasa.close)
        process = _name()
        holdfast = Holdfast(
            settings=settings,
            database=database,
            community=community,
            redis=redis,
            signals=Signals(redis if settings.redis_url else None, space),
            bot=bot,
            model=model,
            loops=Loops(),
            process=process,
            clock=clock,
            meter=PrometheusMeter(),
            reach=Reach(TelegramCarrier(bot), TelegramUpdates(bot), clock),
            heartbeats=Heartbeats(redis, space, database, clock),
            polling=Candidate(
                database, duties.POLL, process, clock, _ALONE if is_only_process else duties.TERM
            ),
        )
        stack.push_async_callback(_stop, holdfast)
        if model is not None:
            holdfast.loops.run("model", model.keep_running())
        ingest = Ingest(database, holdfast.signals, clock)
        triage = Triage(rasa, Floor.load())
        _look_after_itself(stack, holdfast, triage)
        await _serve(stack, holdfast, ingest, pushed=polls)
        app = application.build(bot)
        # Whoever waits already is not forgotten where Telegram is away: ladders go on, and who has
        # a second channel is called.
        _climb_and_send(stack, holdfast, pace)
        await _reach_telegram(app, settings)
        stack.push_async_callback(app.shutdown)
        _handle(stack, holdfast, app, triage)
        if polls:
            await _introduce(holdfast)
            await _receive(stack, holdfast, ingest)
            write_running(settings, model)
            stack.callback(lambda: (settings.data / RUNNING).unlink(missing_ok=True))
        # The first picture would take seconds while an update waits for it.
        holdfast.loops.run("pictures", asyncio.to_thread(warm_up_pictures))
        holdfast.loops.run("rota", _look_at_rota(holdfast))
        mode = ("webhook" if settings.webhook_url else "polling") if polls else "worker"
        _log.info("started", mode=mode, process=process)
        stack.push_async_callback(_stop, holdfast)
        yield holdfast
        _log.info("stopping")


def _look_after_itself(stack: AsyncExitStack, holdfast: Holdfast, triage: Triage) -> None:
    """The loops that must go on while everything else stands still."""
    settings, loops, signals = holdfast.settings, holdfast.loops, holdfast.signals
    beacon_url = settings.heartbeat_url.get_secret_value() if settings.heartbeat_url else None
    watch = Watch(
        holdfast.database,
        holdfast.community,
        Candidate(holdfast.database, duties.WATCH, holdfast.process, holdfast.clock, EVERY),
        holdfast.heartbeats,
        holdfast.reach,
        loops,
        signals,
        holdfast.clock,
        process=holdfast.process,
        reader=triage,
        beacon=HttpBeacon(beacon_url) if beacon_url else None,
        patience=Patience(
            telegram=timedelta(seconds=settings.telegram_limit),
            quiet=timedelta(hours=settings.quiet_limit),
        ),
    )
    second = Second(
        holdfast.database,
        AppriseCaller(),
        holdfast.community,
        signals,
        holdfast.clock,
        holdfast.meter,
    )
    stack.push_async_callback(second.finish)

    async def beat() -> None:
        await holdfast.heartbeats.beat(
            holdfast.process,
            polls=holdfast.polling.token is not None,
            moves=not loops.standing(),
            contested=is_contest(holdfast.reach.contested_since, holdfast.clock.now()),
        )

    async def prepare_calls() -> None:
        await asyncio.to_thread(warm_up)

    loops.run("signals", signals.keep_listening())
    loops.repeat("heartbeat", beat, BEAT_S)
    loops.run("prepare-calls", prepare_calls())
    loops.repeat("second-channel", second.step)
    loops.repeat("watch", watch.step, 1.0)
    loops.repeat("reach", holdfast.reach.step, 5.0)


async def _serve(
    stack: AsyncExitStack, holdfast: Holdfast, ingest: Ingest, *, pushed: bool
) -> None:
    """Listen for whoever watches us, and for Telegram's pushes: one server for each address."""
    settings = holdfast.settings
    sites: defaultdict[tuple[str, int], list[BaseRoute]] = defaultdict(list)
    if settings.webhook_url and pushed:
        assert settings.webhook_secret is not None
        path = urlsplit(settings.webhook_url).path or "/"
        secret = settings.webhook_secret.get_secret_value()
        sites[settings.webhook_host, settings.webhook_port] += webhook.routes(ingest, path, secret)
    if settings.http_port:

        async def look() -> Survey:
            return await survey(holdfast.database, holdfast.heartbeats, holdfast.clock)

        sites[settings.http_host, settings.http_port] += [
            *web.watch_routes(
                holdfast.database, holdfast.reach, holdfast.loops.standing, holdfast.meter, look
            ),
            *feeds.routes(holdfast.database, holdfast.community, holdfast.clock),
        ]
    for (host, port), routes in sites.items():
        app = web.create_app([*web.health_routes(), *routes])
        try:
            await stack.enter_async_context(web.listening(app, host, port))
        except web.NotListening as error:
            which = (
                "HTTP" if (host, port) == (settings.http_host, settings.http_port) else "WEBHOOK"
            )
            raise SettingsError(
                f"HOLDFAST_{which}_PORT: {port} cannot be listened on; something else may do so"
            ) from error


def _climb_and_send(stack: AsyncExitStack, holdfast: Holdfast, pace: Pace) -> None:
    """The loops by which cases climb their ladders and letters leave."""
    settings, database, community = holdfast.settings, holdfast.database, holdfast.community
    signals, clock, meter = holdfast.signals, holdfast.clock, holdfast.meter
    rates = Rates(settings.redis_url, space_of(database.keyring), pace)
    courier = Courier(database, holdfast.reach, community, rates, signals, clock, meter)
    timers = Timers(database, community, signals, clock, meter)
    reminders = Reminders(
        database,
        community,
        signals,
        clock,
        team_chat=settings.team_chat,
        morning=settings.morning_minutes,
    )
    stack.push_async_callback(courier.finish)
    loops = holdfast.loops
    loops.repeat("courier", courier.step)
    loops.repeat("timers", timers.step)
    loops.repeat("reminders", reminders.step)


def _handle(
    stack: AsyncExitStack, holdfast: Holdfast, app: application.App, triage: Triage
) -> None:
    """The loop that handles what came in."""
    worker = Worker(
        holdfast.database,
        application.TelegramDispatcher(app),
        triage,
        holdfast.community,
        Window(holdfast.redis, holdfast.database.keyring),
        holdfast.signals,
        holdfast.clock,
        holdfast.meter,
        at_once=holdfast.settings.workers,
    )
    stack.push_async_callback(worker.finish)
    holdfast.loops.repeat("worker", worker.step)


async def _receive(stack: AsyncExitStack, holdfast: Holdfast, ingest: Ingest) -> None:
    """Have updates come in: pushed by Telegram, or asked for by one process at a time."""
    settings = holdfast.settings
    if settings.webhook_url:
        assert settings.webhook_secret is not None
        await holdfast.bot.set_webhook(
            settings.webhook_url,
            secret_token=settings.webhook_secret.get_secret_value(),
            allowed_updates=ALLOWED_UPDATES,
        )
        return
    with suppress(TelegramError):  # a server without the method has no webhook either
        await holdfast.bot.delete_webhook()
    stack.push_async_callback(holdfast.polling.resign)
    poller = Poller(ingest, holdfast.reach, holdfast.polling, holdfast.loops.stopping)
    holdfast.loops.repeat("poller", poller.step)
    holdfast.loops.repeat("poller-duty", poller.keep_duty)


async def _reach_telegram(app: application.App, settings: Settings) -> None:
    """Wait until Telegram answers; everything that comes in meanwhile waits there."""
    wait_s = 0.5
    while True:
        try:
            await app.initialize()
            return
        except InvalidToken as error:
            raise SettingsError(token_refused(settings)) from error
        except TelegramError as error:
            _log.warning("telegram_not_reached", error=type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 30)


async def _introduce(holdfast: Holdfast) -> None:
    """Say in Telegram's own places what this bot is; a server without them is none the worse."""
    texts = holdfast.community.texts
    with suppress(TelegramError):
        await holdfast.bot.set_my_description(texts.say("about.description"))
        await holdfast.bot.set_my_short_description(texts.say("about.short"))
    async with holdfast.database.transaction() as session:
        work = holdfast.work(session)
        await work.letters.put(DEFAULT_CHAT, joining.menu(texts, None))


async def _look_at_rota(holdfast: Holdfast) -> None:
    """Ask once whom a page would reach: the first to ask waits for the pages of a week.

    Where it fails nothing is lost: it fails again where somebody is paged, and is told there.
    """
    async with holdfast.database.reading() as session:
        await holdfast.work(session).rosters.roster()


async def _stop(holdfast: Holdfast) -> None:
    holdfast.loops.stopping.set()
    holdfast.signals.wake_all()
    await holdfast.loops.stop()
    await holdfast.heartbeats.end(holdfast.process)


def _is_only_process(settings: Settings) -> bool:
    return settings.is_embedded or settings.redis_url is None


def _name() -> str:
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(2)}"
