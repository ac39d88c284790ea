"""Looking at everything Holdfast needs, from outside the running bot."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot.engine.clock import SystemClock
from bot.engine.invariants import INVARIANTS, breaches
from bot.engine.live import connect
from bot.settings import Settings, SettingsError
from bot.triage.rasa import Rasa, RasaAway
from bot.wiring import RUNNING, open_bot, open_community, open_database, token_refused
from models.keyring import KeyringError


class Health(StrEnum):
    """How one part is. `POOR` still works, with less."""

    GOOD = "good"
    POOR = "poor"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part, and what to do about it."""

    part: str
    health: Health
    text: str


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every part in turn. Nothing is changed, and no secret is in a finding."""
    running = _read_running(settings)
    yield _process(running)
    yield _policy(settings)
    async for finding in _database(settings):
        yield finding
    yield await _redis(settings)
    yield await _model(settings, running)
    yield await _telegram(settings)


def _read_running(settings: Settings) -> dict[str, object]:
    try:
        data = json.loads((settings.data / RUNNING).read_text())
        os.kill(int(data["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return {}
    return dict(data)


def _process(running: dict[str, object]) -> Finding:
    if running:
        return Finding("bot", Health.GOOD, f"running as process {running['pid']}")
    return Finding("bot", Health.POOR, "not running on this machine: start it with `holdfast run`")


def _policy(settings: Settings) -> Finding:
    try:
        open_community(settings)
    except SettingsError as error:
        return Finding("policy", Health.BAD, str(error))
    return Finding("policy", Health.GOOD, "every ladder ends with coordinators")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    kind = "SQLite" if settings.is_embedded else "PostgreSQL"
    if (
        settings.is_embedded
        and settings.database_url is None
        and not (settings.data / "holdfast.db").exists()
    ):
        yield Finding("database", Health.POOR, "not there yet: it is made by `holdfast run`")
        return
    try:
        database = open_database(settings)
    except (KeyringError, OSError, ValueError) as error:
        yield Finding("database", Health.BAD, str(error))
        return
    try:
        if not await database.is_current():
            yield Finding(
                "database", Health.BAD, f"{kind}: tables of another version: `holdfast migrate`"
            )
            return
        if not await database.has_key():
            yield Finding("database", Health.BAD, f"{kind}: the data key is not the one it needs")
            return
        yield Finding("database", Health.GOOD, f"{kind}, tables up to date")
        async with database.reading() as session:
            broken = await breaches(session, SystemClock().now())
        if not broken:
            yield Finding("promises", Health.GOOD, f"all {len(INVARIANTS) + 1} hold")
        for breach in broken:
            rows = ", ".join(str(row) for row in breach.rows[:5])
            yield Finding("promises", Health.BAD, f"{breach.promise} Broken by: {rows}")
    except (SQLAlchemyError, OSError, KeyringError) as error:
        yield Finding("database", Health.BAD, f"{kind} does not answer: {type(error).__name__}")
    finally:
        await database.close()


async def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding("redis", Health.GOOD, "inside the process (one process only)")
    redis = connect(settings.redis_url)
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        return Finding(
            "redis",
            Health.POOR,
            f"does not answer ({type(error).__name__}): everything works, at one-second polling",
        )
    finally:
        await redis.aclose()
    return Finding("redis", Health.GOOD, "answers")


async def _model(settings: Settings, running: dict[str, object]) -> Finding:
    url = settings.nlu_url or running.get("nlu_url")
    token = settings.nlu_token.get_secret_value() if settings.nlu_token else None
    if not url:
        return Finding("model", Health.POOR, "no Rasa server known: the bot starts it as a child")
    token = token or str(running.get("nlu_token") or "") or None
    rasa = Rasa(str(url), token, settings.nlu_patience)
    try:
        version = await rasa.version()
        await rasa.read("hello")
    except RasaAway as error:
        return Finding(
            "model",
            Health.BAD,
            f"Rasa does not answer ({error}): the lexical floor decides alone, and doubt pages",
        )
    finally:
        await rasa.close()
    return Finding("model", Health.GOOD, f"Rasa answers with {version.split('/')[-1]}")


async def _telegram(settings: Settings) -> Finding:
    try:
        bot = open_bot(settings)
    except SettingsError as error:
        return Finding("telegram", Health.BAD, str(error))
    try:
        async with bot:
            return Finding("telegram", Health.GOOD, f"@{bot.username} answers")
    except InvalidToken:
        return Finding("telegram", Health.BAD, token_refused(settings))
    except TelegramError as error:
        return Finding(
            "telegram",
            Health.BAD,
            f"{settings.telegram_api_base} does not answer: {type(error).__name__}",
        )
