"""The only place where real things are put together."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
import uvicorn
import yaml
from redis.asyncio import Redis
from telegram import Bot
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.core.policy import PolicyError, parse_policy
from bot.engine.clock import Clock, SystemClock
from bot.engine.courier import Courier
from bot.engine.ingest import Ingest, Poller
from bot.engine.leases import release_leases
from bot.engine.live import (
    TELEGRAMS_PACE,
    Election,
    Pace,
    Rates,
    Window,
    connect,
    space_of,
)
from bot.engine.loops import Loops
from bot.engine.reminders import Reminders
from bot.engine.signals import INBOX, OUTBOX, REMINDERS, TIMERS, Signals
from bot.engine.timers import Timers
from bot.engine.work import Community, UnitOfWork
from bot.engine.worker import Worker
from bot.pictures import warm_up
from bot.settings import Settings, SettingsError
from bot.telegram import application, joining, webhook
from bot.telegram.port import ALLOWED_UPDATES, DEFAULT_CHAT, TelegramCarrier, TelegramUpdates
from bot.texts import load_texts
from bot.triage.floor import Floor
from bot.triage.process import NotInstalled, RasaProcess
from bot.triage.rasa import Rasa
from bot.triage.reader import Triage
from models.database import Database
from resources import load as load_directory

_log = structlog.get_logger()

RUNNING = "running.json"
"""In the data folder: where the running bot's Rasa answers, for `holdfast doctor`."""

_UNUSED_URL = "http://127.0.0.1:9"


@dataclass(slots=True)
class Holdfast:
    """A running bot."""

    settings: Settings
    database: Database
    community: Community
    redis: Redis
    signals: Signals
    bot: Bot
    model: RasaProcess | None
    loops: Loops


def open_database(settings: Settings) -> Database:
    """The database of these settings, with the key that reads it."""
    return Database(settings.database, settings.keyring(), settings.database_schema)


def open_community(settings: Settings) -> Community:
    """What the bot says and how it pages; `SettingsError` for a policy that cannot be used."""
    path = settings.policy or Path(__file__).parent / "policy.yml"
    try:
        policy = parse_policy(yaml.safe_load(path.read_text("utf-8")))
    except (PolicyError, OSError, yaml.YAMLError) as error:
        raise SettingsError(f"HOLDFAST_POLICY: {path}: {error}") from error
    return Community(
        name=settings.community,
        zone=settings.zone,
        policy=policy,
        countries=tuple(code for code in settings.countries.split(",") if code),
        texts=load_texts(),
        directory=load_directory(),
    )


def open_bot(settings: Settings) -> ExtBot[None]:
    """The library's bot, on the Bot API server of these settings."""
    if settings.bot_token is None:
        raise SettingsError(
            "HOLDFAST_BOT_TOKEN: set the token that @BotFather gave you, "
            "or try `holdfast demo`, which needs none"
        )
    base = settings.telegram_api_base
    return ExtBot(
        settings.bot_token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        # All of it together stays below the courier's lease.
        request=HTTPXRequest(
            connection_pool_size=32,
            connect_timeout=3,
            read_timeout=5,
            write_timeout=3,
            media_write_timeout=3,
            pool_timeout=2,
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=2),
    )


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock | None = None, pace: Pace = TELEGRAMS_PACE
) -> AsyncIterator[Holdfast]:
    """A bot that runs until the block ends, and then stops cleanly.

    `SettingsError` where it cannot start and an operator can mend it.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        bot = open_bot(settings)
        is_only_process = settings.redis_url is None
        if is_only_process:
            stack.enter_context(_only_process(settings.data))
        community = open_community(settings)
        database = open_database(settings)
        stack.push_async_callback(database.close)
        await prepare(database, settings)
        if is_only_process:
            await release_leases(database)
        redis = connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        signals = Signals(redis, space_of(database.keyring))
        model = _start_model(settings)
        rasa = _rasa(settings, model)
        stack.push_async_callback(rasa.close)
        holdfast = Holdfast(settings, database, community, redis, signals, bot, model, Loops())
        stack.push_async_callback(_stop, holdfast)
        if model is not None:
            holdfast.loops.run("model", model.keep_running())
        app = application.build(bot)
        await _reach_telegram(app, settings)
        stack.push_async_callback(app.shutdown)
        await _run_loops(stack, holdfast, app, rasa, clock, pace)
        # The first picture would take seconds while an update waits for it.
        holdfast.loops.run("pictures", asyncio.to_thread(warm_up))
        _write_running(settings, model)
        stack.callback(lambda: (settings.data / RUNNING).unlink(missing_ok=True))
        _log.info("started", mode="webhook" if settings.webhook_url else "polling")
        yield holdfast
        _log.info("stopping")


async def _run_loops(
    stack: AsyncExitStack,
    holdfast: Holdfast,
    app: application.App,
    rasa: Rasa,
    clock: Clock,
    pace: Pace,
) -> None:
    settings, database, community = holdfast.settings, holdfast.database, holdfast.community
    signals = holdfast.signals
    window = Window(holdfast.redis, database.keyring)
    carrier = TelegramCarrier(holdfast.bot)
    space = space_of(database.keyring)
    rates = Rates(settings.redis_url, space, pace)
    courier = Courier(database, carrier, community, rates, signals, clock)
    ingest = Ingest(database, signals, clock)
    worker = Worker(
        database,
        application.TelegramDispatcher(app),
        Triage(rasa, Floor.load()),
        community,
        window,
        signals,
        clock,
    )
    timers = Timers(database, community, signals, clock)
    reminders = Reminders(
        database,
        community,
        signals,
        clock,
        team_chat=settings.team_chat,
        morning=settings.morning_minutes,
    )
    await _introduce(holdfast, clock)
    stack.push_async_callback(courier.finish)
    loops = holdfast.loops
    loops.run("signals", signals.keep_listening())
    loops.repeat("courier", courier.step)
    loops.repeat("timers", timers.step)
    loops.repeat("reminders", reminders.step)
    for number in range(settings.workers):
        loops.repeat(f"worker-{number}", worker.step)
    if settings.webhook_url:
        stack.push_async_callback(_stop, holdfast)
        await stack.enter_async_context(_listening(holdfast, ingest))
    else:
        with suppress(TelegramError):  # a server without the method has no webhook either
            await holdfast.bot.delete_webhook()
        election = Election(holdfast.redis, "poll", space)
        stack.push_async_callback(election.resign)
        poller = Poller(ingest, TelegramUpdates(holdfast.bot), election, loops.stopping)
        loops.repeat("poller", poller.step)
        stack.push_async_callback(_stop, holdfast)


async def prepare(database: Database, settings: Settings) -> None:
    """Make sure that the tables are of this version and the key fits; else `SettingsError`."""
    if settings.is_embedded or settings.database_schema:
        await database.migrate()
    elif not await database.is_current():
        raise SettingsError(
            "DATABASE_URL: the tables are not of this version: run `holdfast migrate` once"
        )
    if not await database.has_key():
        raise SettingsError(
            "HOLDFAST_KEY: this is not the key that the database was written with; "
            "put the old one back, or nothing in it can be read"
        )


async def _reach_telegram(app: application.App, settings: Settings) -> None:
    """Wait until Telegram answers; everything that comes in meanwhile waits there."""
    wait_s = 0.5
    while True:
        try:
            await app.initialize()
            return
        except InvalidToken as error:
            raise SettingsError(
                f"HOLDFAST_BOT_TOKEN: {settings.telegram_api_base} does not accept this token"
            ) from error
        except TelegramError as error:
            _log.warning("telegram_not_reached", error=type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 30)


async def _introduce(holdfast: Holdfast, clock: Clock) -> None:
    """Say in Telegram's own places what this bot is; a server without them is none the worse."""
    texts = holdfast.community.texts
    with suppress(TelegramError):
        await holdfast.bot.set_my_description(texts.say("about.description"))
        await holdfast.bot.set_my_short_description(texts.say("about.short"))
    async with holdfast.database.transaction() as session:
        work = UnitOfWork(session, holdfast.database.keyring, holdfast.community, clock.now())
        await work.letters.put(DEFAULT_CHAT, joining.menu(texts, None))


@asynccontextmanager
async def _listening(holdfast: Holdfast, ingest: Ingest) -> AsyncIterator[None]:
    settings = holdfast.settings
    assert settings.webhook_url is not None
    assert settings.webhook_secret is not None
    secret = settings.webhook_secret.get_secret_value()
    path = urlsplit(settings.webhook_url).path or "/"
    server = _QuietServer(
        uvicorn.Config(
            webhook.create_app(ingest, path, secret),
            host=settings.webhook_host,
            port=settings.webhook_port,
            access_log=False,
            log_config=None,
        )
    )
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                raise SettingsError(
                    f"HOLDFAST_WEBHOOK_PORT: {settings.webhook_port} cannot be listened on"
                )
            await asyncio.sleep(0.02)
        await holdfast.bot.set_webhook(
            settings.webhook_url, secret_token=secret, allowed_updates=ALLOWED_UPDATES
        )
        yield
    finally:
        server.should_exit = True
        await task


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _start_model(settings: Settings) -> RasaProcess | None:
    if settings.nlu_url:
        return None
    try:
        return RasaProcess(settings.data / "nlu.log")
    except NotInstalled:
        _log.warning("model_not_installed")
        return None


def _rasa(settings: Settings, model: RasaProcess | None) -> Rasa:
    if model is not None:
        return Rasa(model.url, model.token)
    token = settings.nlu_token.get_secret_value() if settings.nlu_token else None
    # Without any server the client still answers, at once and honestly: there is none.
    return Rasa(settings.nlu_url or _UNUSED_URL, token)


async def _stop(holdfast: Holdfast) -> None:
    holdfast.loops.stopping.set()
    await holdfast.signals.ring(INBOX, OUTBOX, TIMERS, REMINDERS)
    await holdfast.loops.stop()


@contextmanager
def _only_process(data: Path) -> Iterator[None]:
    """Holds the data folder for this process alone; `SettingsError` where another has it."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SettingsError(
                f"HOLDFAST_DATA: another Holdfast runs in {data} already; "
                "several processes need REDIS_URL"
            ) from error
        yield


def _write_running(settings: Settings, model: RasaProcess | None) -> None:
    path = settings.data / RUNNING
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(
            {
                "pid": os.getpid(),
                "nlu_url": model.url if model else settings.nlu_url,
                "nlu_token": model.token if model else None,
            },
            file,
        )
