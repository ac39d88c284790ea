"""Parts fail in the middle; people are still answered and paged."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from sqlmodel import select

from bot.doctor import Health, examine
from bot.engine.rates import Pace
from bot.wiring import running
from models import Page
from models.database import Database
from sandbox import Fault, Limits
from tests.support.servers import Unavailable
from tests.support.stage import Stage, Staging

DISTRESS = "i want to die tonight"


async def health_of(stage: Stage, part: str) -> Health:
    found = [one async for one in examine(stage.holdfast.settings) if one.part == part]
    return found[0].health


async def test_rasa_is_killed_and_the_floor_answers_and_pages_until_it_is_back(
    staging: Staging,
) -> None:
    try:
        making = staging(NLU_URL=None, NLU_TOKEN=None)
    except Unavailable as error:
        pytest.skip(str(error))
    async with making as stage:
        ana, _ben = await stage.on_call()
        model = stage.holdfast.model
        assert model is not None
        async with asyncio.timeout(120):
            await model.ready.wait()
        assert await health_of(stage, "model") is Health.GOOD
        first = await stage.person("Sam")
        await first.says("everything is too much, i cannot stop crying since monday")
        await first.reads()

        assert model.pid is not None
        os.kill(model.pid, signal.SIGKILL)
        second = await stage.person("Kim")
        await second.says(DISTRESS)
        await second.reads("112")
        await ana.reads("IMMEDIATE")
        doubtful = await stage.person("Lou")
        await doubtful.says("hmm so well")
        asked = await doubtful.reads("Are you in danger right now?")
        assert "Talk to a person" in asked.button_texts
        looks = await ana.reads("hmm so well")
        assert "The bot is unsure about this" in looks.text
        assert await health_of(stage, "model") is Health.BAD

        model.ready.clear()
        async with asyncio.timeout(120):
            await model.ready.wait()
        assert await health_of(stage, "model") is Health.GOOD
        assert await stage.breaches() == []


async def test_redis_that_is_not_there_costs_nothing_but_speed(
    staging: Staging, postgres: str
) -> None:
    async with staging(REDIS_URL="redis://127.0.0.1:9/0") as stage:
        ana, _ben = await stage.on_call()
        sam = await stage.person()
        await sam.says(DISTRESS)
        await sam.reads("112")
        page = await ana.reads("IMMEDIATE")
        await ana.taps("I'm here", on=page)
        await sam.reads("Ana is here for you")
        assert await health_of(stage, "redis") is Health.POOR


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="sendMessage", status=500, times=3),
        Fault(method="sendMessage", status=502, times=3),
        Fault(method="sendMessage", status=429, retry_after=1, times=2),
        Fault(kind="cut_before", method="sendMessage", times=2),
        Fault(kind="cut_after", method="sendMessage", times=2),
        Fault(kind="duplicate_updates", method="getUpdates", times=3),
        Fault(kind="error", method="getUpdates", status=500, times=2),
        Fault(kind="error", method="getUpdates", status=409, times=2),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.method}-{fault.status}",
)
async def test_telegram_stumbles_and_the_message_still_reaches_a_human(
    embedded: Stage, fault: Fault
) -> None:
    ana, _ben = await embedded.on_call()
    sam = await embedded.person()
    await embedded.client.faults.add(fault)
    await sam.says(DISTRESS)
    await sam.reads("112", timeout_s=20)
    page = await ana.reads("IMMEDIATE", timeout_s=20)
    await ana.taps("I'm here", on=page)
    await sam.reads("Ana is here for you", timeout_s=20)
    await embedded.client.faults.clear()


async def test_a_restart_while_telegram_is_away_forgets_nobody_who_waits(staging: Staging) -> None:
    async with staging() as stage:
        ana, _ben = await stage.on_call()
        sam = await stage.person()
        await sam.says("he hit me again and i am scared")
        await ana.reads("IMMEDIATE")
    # The sandbox is gone now, and with it Telegram.
    settings = stage.holdfast.settings
    database = Database(settings.database, stage.holdfast.database.keyring)

    async def asked() -> set[int]:
        async with database.reading() as session:
            return set((await session.exec(select(Page.ambassador_id))).all())

    async def restarts() -> None:
        async with running(settings, stage.clock, Pace(10_000, 10_000)):
            pytest.fail("Telegram is away")

    before = await asked()
    stage.clock.move(minutes=10)
    starting = asyncio.create_task(restarts())
    try:
        async with asyncio.timeout(30):
            while await asked() == before:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await database.close()


async def test_a_server_without_menus_and_descriptions_does_not_stop_the_bot(
    embedded: Stage,
) -> None:
    for method in ("setMyCommands", "setMyDescription", "sendChatAction"):
        await embedded.client.faults.add(Fault(method=method, status=404))
    await embedded.on_call()
    sam = await embedded.person()
    await sam.says(DISTRESS)
    await sam.reads("112")


async def test_the_bot_stays_within_telegrams_limits_when_many_write_at_once(
    staging: Staging,
) -> None:
    async with staging(limits=Limits()) as stage:
        await stage.on_call()
        people = [await stage.person(f"P{n}") for n in range(25)]
        await asyncio.gather(*(person.says("hello there") for person in people))
        for person in people:
            await person.reads("bot", timeout_s=30)
        refused = [call for call in await stage.client.journal() if call.status == 429]
        assert len(refused) <= 2
