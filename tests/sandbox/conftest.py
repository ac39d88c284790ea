"""A sandbox that is really served, a bot that is really python-telegram-bot, and phones."""

from collections.abc import AsyncIterator

import httpx
import pytest
import telegram
from sandbox_kit import Clock, Served, Updates

from sandbox import DEFAULT_TOKEN, Sandbox, SandboxClient, serving
from sandbox.client import PLAIN, Phone


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Sandbox:
    return Sandbox(clock=clock, webhook_backoff_s=(0.01,))


@pytest.fixture
async def api(box: Sandbox) -> AsyncIterator[Served]:
    async with (
        serving(box) as address,
        httpx.AsyncClient(trust_env=False, timeout=20, verify=PLAIN) as http,
    ):
        yield Served(address, http)


@pytest.fixture
async def client(api: Served) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(api.address) as client:
        yield client


@pytest.fixture
async def bot(api: Served) -> AsyncIterator[telegram.Bot]:
    made = telegram.Bot(
        DEFAULT_TOKEN,
        base_url=f"{api.address}/bot",
        base_file_url=f"{api.address}/file/bot",
    )
    async with made:
        yield made


@pytest.fixture
async def ana(client: SandboxClient) -> Phone:
    """A phone that has started the bot."""
    phone = await client.new_phone("Ana", caption="ambassador", username="ana_on_call")
    await phone.start()
    return phone


@pytest.fixture
async def updates(bot: telegram.Bot, ana: Phone) -> Updates:
    """Updates as the bot polls them; Ana's start is behind us."""
    reader = Updates(bot)
    await reader.next()
    return reader
