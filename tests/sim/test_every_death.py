"""The bot dies at a commit in every step of a case, and nothing is lost.

Real processes, real SIGKILL, real restart, a real SQLite file. Each run plays one case from the
first word to the close. In each of its steps the bot is killed before, or after, the n-th commit
that changes the database from then on; what the phones see in the end is what counts.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.engine.invariants import breaches
from bot.settings import read_settings
from bot.wiring import open_community, open_database
from models import Role
from sandbox import DEFAULT_TOKEN, Limits, Sandbox, SandboxClient, serving
from sandbox.client import ChatMessage, Phone
from tests.sim.lives import Lives
from tests.support.clock import MovableClock
from tests.support.servers import RasaServer

COMMITS = range(1, 7)
_WAIT_S = 30.0


@dataclass
class Theatre:
    """A bot in many lives, and the phones that do not notice."""

    lives: Lives
    client: SandboxClient
    environment: dict[str, str]
    ana: Phone
    ben: Phone


@asynccontextmanager
async def theatre(tmp_path: Path, rasa: RasaServer) -> AsyncIterator[Theatre]:
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(Sandbox(limits=Limits.off())))
        environment = {
            "HOLDFAST_BOT_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_BASE": address,
            "HOLDFAST_DATA": str(tmp_path / "data"),
            "NLU_URL": rasa.url,
            "NLU_TOKEN": rasa.token,
        }
        lives = await stack.enter_async_context(Lives.of(environment, tmp_path))
        await lives.start()
        client = await stack.enter_async_context(SandboxClient(address))
        ana, ben = await client.new_phone("Ana"), await client.new_phone("Ben")
        cleo = await client.new_phone("Cleo")
        for phone, role in (
            (cleo, Role.COORDINATOR),
            (ana, Role.AMBASSADOR),
            (ben, Role.AMBASSADOR),
        ):
            await phone.start(await _invitation(environment, role))
            await phone.reads("You are a")
        for name, layer in (("ana", "primary"), ("ben", "backup")):
            await cleo.says(f"/shift add @{name} daily 00:00-00:00 {layer}")
            await cleo.reads(f"@{name} is {layer}")
        yield Theatre(lives, client, environment, ana, ben)


async def _invitation(environment: dict[str, str], role: Role) -> str:
    from bot.engine.work import UnitOfWork

    settings = read_settings(**environment)
    database = open_database(settings)
    async with database.transaction() as session:
        work = UnitOfWork(session, database.keyring, open_community(settings), MovableClock().now())
        token = await work.people.invite(role, None)
    await database.close()
    return token


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
async def test_a_case_survives_a_death_in_each_of_its_steps(
    commit: int, side: str, tmp_path: Path, rasa: RasaServer, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.extend([("ran on", "SQLite"), ("ran on", "Rasa")])
    async with theatre(tmp_path, rasa) as here:
        lives, ana, ben = here.lives, here.ana, here.ben
        sam = await here.client.new_phone("Sam")

        lives.die_at(commit, side)
        await sam.says("i want to die tonight, i have the pills here")
        lives.die_at(commit, side)
        answer = await sam.reads("112", timeout_s=_WAIT_S)
        page = await ana.reads("IMMEDIATE", timeout_s=_WAIT_S)
        await ben.reads("IMMEDIATE", timeout_s=_WAIT_S)
        await sam.reads("2 volunteers", timeout_s=_WAIT_S)
        lives.die_at(commit, side)
        await ben.taps("Can't right now")
        await ben.sees_toast("Others are asked", timeout_s=_WAIT_S)
        lives.die_at(commit, side)
        await ana.taps("I'm here", on=page)
        lives.die_at(commit, side)
        await sam.reads("Ana is here for you", after=answer, timeout_s=_WAIT_S)
        await ana.reads("i have the pills here", after=page, timeout_s=_WAIT_S)
        lives.die_at(commit, side)
        await ana.says("I'm with you now")
        heard = await sam.reads("I'm with you now", timeout_s=_WAIT_S)
        lives.die_at(commit, side)
        await sam.says("thank you ana")
        await ana.reads("thank you ana", after=page, timeout_s=_WAIT_S)
        lives.die_at(commit, side)
        await ana.says("/close")
        question = await ana.reads("How did it end?", timeout_s=_WAIT_S)
        lives.die_at(commit, side)
        await ana.taps("They feel safer", on=question)
        await sam.reads("This conversation has ended", after=heard, timeout_s=_WAIT_S)
        await ana.reads("is closed", after=question, timeout_s=_WAIT_S)
        lives.spare()
        await _nothing_is_lost(here, sam)
        request.node.user_properties.append(("deaths", lives.deaths))
        assert lives.deaths >= 1


async def test_what_is_sent_while_the_bot_is_down_is_answered_when_it_is_back(
    tmp_path: Path, rasa: RasaServer, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.extend([("ran on", "SQLite"), ("ran on", "Rasa")])
    async with theatre(tmp_path, rasa) as here:
        sam = await here.client.new_phone("Sam")
        await here.lives.kill()
        await sam.says("i want to die tonight")
        await here.lives.start()
        await sam.reads("112", timeout_s=_WAIT_S)
        await here.ana.reads("IMMEDIATE", timeout_s=_WAIT_S)


async def _nothing_is_lost(here: Theatre, sam: Phone) -> None:
    """Every promise holds in the database, and each phone has what it must have."""
    settings = read_settings(**here.environment)
    database = open_database(settings)
    async with database.reading() as session:
        assert await breaches(session, MovableClock().now()) == []
    await database.close()
    assert len(_holding(await sam.messages(), r"Ana is here for you")) >= 1
    assert len(_holding(await here.ana.messages(), r"IMMEDIATE|You took this case|Closed")) >= 1
    assert not _holding(await here.ben.messages(), r"You are with them now"), "two holders"


def _holding(messages: list[ChatMessage], pattern: str) -> list[ChatMessage]:
    return [one for one in messages if one.from_bot and re.search(pattern, one.text)]
