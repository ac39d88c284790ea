"""The parts of a running bot, made from the settings one by one."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import structlog
import yaml
from telegram.ext import ExtBot

import bot
from bot.core.policy import PolicyError, parse_policy
from bot.engine.work import Community
from bot.settings import Settings, SettingsError
from bot.telegram.request import AiohttpRequest
from bot.texts import load_texts
from bot.triage.process import NotInstalled, RasaProcess
from bot.triage.rasa import Rasa
from models.database import Database, parse_url
from resources import load as load_directory

_log = structlog.get_logger()

RUNNING = "running.json"
"""In the data folder: where the running bot's Rasa answers, for `holdfast doctor`."""

_UNUSED_URL = "http://127.0.0.1:9"


def open_database(settings: Settings) -> Database:
    """The database of these settings, with the key that reads it."""
    return Database(settings.database, settings.keyring(), settings.database_schema)


@asynccontextmanager
async def passing_schema(settings: Settings) -> AsyncIterator[None]:
    """Removes the schema of these settings in the end, where they name one: for demos and tests.

    Entered before what runs in it and so left after that has stopped: dropping tables that are
    still asked ends in a deadlock.
    """
    try:
        yield
    finally:
        if settings.database_schema:
            database = open_database(settings)
            try:
                await database.drop_schema()
            finally:
                await database.close()


def open_community(settings: Settings) -> Community:
    """What the bot says and how it pages; `SettingsError` for a policy that cannot be used."""
    path = settings.policy or Path(bot.__file__).parent / "policy.yml"
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
        channels=tuple(settings.channels.split(",")),
        public_url=settings.public_url,
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
        # The courier gives up a request as a whole sooner than its lease runs out.
        request=AiohttpRequest(32, connect_timeout=3, read_timeout=5),
        get_updates_request=AiohttpRequest(2),
    )


def token_refused(settings: Settings) -> str:
    """What to say where the Bot API server of these settings takes the token for nobody's."""
    return (
        f"HOLDFAST_BOT_TOKEN: {settings.telegram_api_base} does not accept this token: "
        "set the one that @BotFather shows"
    )


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


def start_model(settings: Settings) -> RasaProcess | None:
    if settings.nlu_url:
        return None
    try:
        return RasaProcess(settings.data / "nlu.log")
    except NotInstalled:
        _log.warning("model_not_installed")
        return None


def open_rasa(settings: Settings, model: RasaProcess | None) -> Rasa:
    if model is not None:
        return Rasa(model.url, model.token, settings.nlu_patience)
    token = settings.nlu_token.get_secret_value() if settings.nlu_token else None
    # Without any server the client still answers, at once and honestly: there is none.
    return Rasa(settings.nlu_url or _UNUSED_URL, token, settings.nlu_patience)


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Holds the database for this process alone; `SettingsError` where another has it.

    Where the database is a file, the lock lies beside it; else it lies in the data folder.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.data / "lock"
    needs = "several processes need REDIS_URL"
    if settings.is_embedded:
        file = Path(parse_url(settings.database).database or "")
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = file.with_name(f"{file.name}.lock")
        needs = "SQLite is for one process; several need PostgreSQL, by DATABASE_URL, and REDIS_URL"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SettingsError(
                f"HOLDFAST_DATA: another Holdfast runs on {path.parent} already: {needs}"
            ) from error
        yield


def write_running(settings: Settings, model: RasaProcess | None) -> None:
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
