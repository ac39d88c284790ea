"""A small community in a sandbox, made the way a real one is: by links and commands."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings, read_settings
from bot.wiring import Holdfast, passing_schema, running
from models import Role
from sandbox import DEFAULT_TOKEN, Limits, Sandbox, SandboxClient, serving
from sandbox.client import Phone

Progress = Callable[[str], None]
_LINK = re.compile(r"\?start=([\w-]+)")


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: the page's address, the bot, and its phones."""

    address: str
    holdfast: Holdfast
    client: SandboxClient
    person: Phone
    ambassadors: tuple[Phone, Phone]
    coordinator: Phone


@asynccontextmanager
async def demo(
    progress: Progress,
    *,
    port: int = 0,
    data: Path | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Demo]:
    """A demo that lasts until the block ends. ``data`` is emptied first: nothing in it is kept.

    ``limits`` are the sandbox's; Telegram's own where none are given.
    """
    data = data or Path("data/demo")
    shutil.rmtree(data, ignore_errors=True)
    async with AsyncExitStack() as stack:
        progress("starting the sandbox, a local Telegram")
        address = await stack.enter_async_context(serving(Sandbox(limits=limits), port=port))
        settings = _settings(address, data)
        progress("starting the bot")
        await stack.enter_async_context(passing_schema(settings))
        holdfast = await stack.enter_async_context(running(settings))
        if holdfast.model is not None:
            progress("loading the language model (10 to 30 s)")
            await holdfast.model.ready.wait()
        client = await stack.enter_async_context(SandboxClient(address))
        progress("gathering a small community")
        yield await _gather(address, holdfast, client)


def _settings(address: str, data: Path) -> Settings:
    # A database of the operator's own is used, but in a schema that goes when the demo ends.
    own = read_settings()
    schema = None if own.is_embedded else f"holdfast_demo_{secrets.token_hex(4)}"
    return read_settings(
        HOLDFAST_BOT_TOKEN=DEFAULT_TOKEN,
        TELEGRAM_API_BASE=address,
        HOLDFAST_DATA=data,
        HOLDFAST_COMMUNITY="Harbour",
        HOLDFAST_DATABASE_SCHEMA=schema,
        HOLDFAST_WEBHOOK_URL=None,
        DATABASE_URL=None if own.is_embedded else own.database_url,
    )


async def _gather(address: str, holdfast: Holdfast, client: SandboxClient) -> Demo:
    person = await client.new_phone("Sam", "a person")
    ana = await client.new_phone("Ana", "ambassador")
    ben = await client.new_phone("Ben", "ambassador")
    coordinator = await client.new_phone("Cleo", "coordinator")
    await coordinator.start(await first_invitation(holdfast))
    await coordinator.reads("You are a coordinator")
    for phone in (ana, ben):
        marker = await coordinator.marker()
        await coordinator.says("/invite ambassador")
        link = _LINK.search((await coordinator.reads("?start=", after=marker)).text)
        assert link is not None
        await phone.start(link[1])
        await phone.reads("You are an ambassador")
    for phone, layer in ((ana, "primary"), (ben, "backup")):
        marker = await coordinator.marker()
        await coordinator.says(f"/shift add @{phone.name.lower()} daily 00:00-00:00 {layer}")
        shown = await coordinator.reads(f"@{phone.name.lower()} is {layer}", after=marker)
        await coordinator.taps("Apply", on=shown)
        await coordinator.reads("Shift", after=shown)
    return Demo(address, holdfast, client, person, (ana, ben), coordinator)


async def first_invitation(holdfast: Holdfast) -> str:
    """The token that lets a community's first coordinator in, as `holdfast invite` makes it."""
    async with holdfast.database.transaction() as session:
        return await holdfast.work(session).people.invite(Role.COORDINATOR, None)
