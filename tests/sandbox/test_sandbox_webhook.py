"""Delivery by webhook: with its secret, in order, again until it is taken."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import telegram
from sandbox_kit import Served
from telegram.error import BadRequest, Conflict

from sandbox import Fault, SandboxClient
from sandbox.client import JournalEntry, Phone


class Receiver:
    """A bot's webhook: notes what comes, answers with the statuses it is told, then 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.secrets: list[str | None] = []
        self.updates: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
            lowered = {name.lower(): value for name, value in fields.items()}
            body = await reader.readexactly(int(lowered["content-length"]))
            self.secrets.append(lowered.get("x-telegram-bot-api-secret-token"))
            status = self.statuses.pop(0) if self.statuses else 200
            if status == 200:
                self.updates.put_nowait(json.loads(body))
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        writer.close()


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield made
    server.close()


async def deliveries(client: SandboxClient, count: int) -> list[JournalEntry]:
    """The first deliveries in the journal, once there are so many."""
    after = 0
    found: list[JournalEntry] = []
    while len(found) < count:
        entries = await client.journal(after=after, wait_s=5)
        assert entries, "the journal stood still"
        after = entries[-1].n
        found += [entry for entry in entries if entry.kind == "delivery"]
    return found


async def test_updates_are_posted_with_the_secret_in_order(
    bot: telegram.Bot, ana: Phone, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url, secret_token="s3cret_-", drop_pending_updates=True)
    for text in ("one", "two", "three"):
        await ana.says(text)
    got = [await asyncio.wait_for(receiver.updates.get(), 5) for _ in range(3)]
    read = [telegram.Update.de_json(update, bot) for update in got]
    assert [u.message.text for u in read if u.message] == ["one", "two", "three"]
    assert set(receiver.secrets) == {"s3cret_-"}
    assert (await bot.get_webhook_info()).url == receiver.url


async def test_a_failed_delivery_is_repeated_and_noted(
    bot: telegram.Bot, client: SandboxClient, ana: Phone, receiver: Receiver
) -> None:
    receiver.statuses = [500, 503]
    await bot.set_webhook(receiver.url, drop_pending_updates=True)
    await ana.says("one")
    await ana.says("two")
    got = [await asyncio.wait_for(receiver.updates.get(), 5) for _ in range(2)]
    assert [update["message"]["text"] for update in got] == ["one", "two"]  # type: ignore[index]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert info.last_error_date is not None
    assert [entry.status for entry in await deliveries(client, 4)] == [500, 503, 200, 200]


async def test_a_webhook_that_nobody_answers_is_noted(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook")
    await deliveries(client, 2)
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Connection refused"
    assert info.pending_update_count == 1


async def test_polling_and_webhook_exclude_each_other(
    bot: telegram.Bot, ana: Phone, receiver: Receiver
) -> None:
    waiting = asyncio.create_task(bot.get_updates(offset=-1, timeout=0))
    await waiting
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    "url", ["https://example.org/hook", "http://10.0.0.1/", "ftp://127.0.0.1/"]
)
async def test_updates_go_to_this_machine_only(bot: telegram.Bot, url: str) -> None:
    with pytest.raises(BadRequest, match="loopback"):
        await bot.set_webhook(url)


async def test_a_secret_of_odd_characters_is_refused(bot: telegram.Bot) -> None:
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:9/", secret_token="no spaces")


async def test_a_repeated_update_is_posted_twice(
    api: Served, bot: telegram.Bot, ana: Phone, client: SandboxClient, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url, drop_pending_updates=True)
    await client.faults.add(Fault(kind="duplicate_updates", times=1))
    await ana.says("once")
    first, second = [await asyncio.wait_for(receiver.updates.get(), 5) for _ in range(2)]
    assert first == second
