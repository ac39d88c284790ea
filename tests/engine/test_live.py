"""What is shared while it lasts: on the embedded Redis, on a real one, and with none at all."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from bot.core.reading import Ask, Reading, Reply
from bot.engine.live import (
    WINDOW_HOLDS,
    WINDOW_LASTS,
    Window,
    connect,
)
from bot.engine.rates import Rates
from bot.engine.work import Words
from models import Theme, Urgency
from models.keyring import Keyring

SECRET = "i can't do this anymore"


@pytest.fixture(params=["embedded Redis", "Redis"])
async def redis(request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    """An empty Redis: the one inside the process, and a real one."""
    request.node.user_properties.append(("ran on", request.param))
    url = request.getfixturevalue("redis_url") if request.param == "Redis" else None
    one = connect(url)
    yield one
    await one.aclose()


@pytest.fixture
def nowhere() -> str:
    """The address of a Redis that is not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{probe.getsockname()[1]}/0"


@pytest.fixture
async def gone(nowhere: str) -> AsyncIterator[Redis]:
    one = connect(nowhere)
    yield one
    await one.aclose()


# The window of a person's last messages.


async def test_the_window_holds_what_was_said_oldest_first(redis: Redis, keyring: Keyring) -> None:
    window = Window(redis, keyring)
    said = [Words(number, f"{SECRET} {number} 🕊") for number in range(3)]
    for words in said:
        await window.remember("sam", words)
    assert await window.recent("sam") == tuple(said)


async def test_the_window_knows_when_words_came_and_how_they_were_read(
    redis: Redis, keyring: Keyring
) -> None:
    reading = Reading(
        Urgency.SUPPORT, Theme.GRIEF, Ask.GOODBYE, True, ("en.sign.leaving",), True, "pl", True
    )
    words = Words(1, SECRET, datetime(2026, 3, 2, 12, tzinfo=UTC), replace(reading, reply=Reply.NO))
    window = Window(redis, keyring)
    await window.remember("sam", words)
    assert await window.recent("sam") == (words,)


async def test_what_an_older_version_kept_in_the_window_is_still_read(
    redis: Redis, keyring: Keyring
) -> None:
    window = Window(redis, keyring)
    await window.remember("sam", Words(1, SECRET))
    (name,) = await redis.keys("*")
    await redis.lset(name, 0, keyring.encrypt(f'[1, "{SECRET}"]', name.decode()))
    assert await window.recent("sam") == (Words(1, SECRET),)


async def test_the_window_holds_only_the_last_messages(redis: Redis, keyring: Keyring) -> None:
    window = Window(redis, keyring)
    for number in range(WINDOW_HOLDS + 5):
        await window.remember("sam", Words(number, SECRET))
    recent = await window.recent("sam")
    assert [words.message_id for words in recent] == list(range(5, WINDOW_HOLDS + 5))


async def test_each_person_has_a_window_of_their_own(redis: Redis, keyring: Keyring) -> None:
    window = Window(redis, keyring)
    await window.remember("sam", Words(1, SECRET))
    assert await window.recent("kim") == ()
    await window.forget("kim")
    assert await window.recent("sam") == (Words(1, SECRET),)


async def test_a_window_that_was_forgotten_is_empty(redis: Redis, keyring: Keyring) -> None:
    window = Window(redis, keyring)
    await window.remember("sam", Words(1, SECRET))
    await window.forget("sam")
    assert await window.recent("sam") == ()
    assert await redis.keys("*") == []


async def test_the_window_lasts_an_hour_from_the_last_message(
    redis: Redis, keyring: Keyring
) -> None:
    window = Window(redis, keyring)
    await window.remember("sam", Words(1, SECRET))
    (name,) = await redis.keys("*")
    lasts_s = WINDOW_LASTS.total_seconds()
    assert lasts_s - 5 < await redis.ttl(name) <= lasts_s
    await redis.expire(name, 60)
    await window.remember("sam", Words(2, SECRET))
    assert lasts_s - 5 < await redis.ttl(name) <= lasts_s


async def test_nothing_readable_is_in_redis(redis: Redis, keyring: Keyring) -> None:
    await Window(redis, keyring).remember(keyring.lookup("chat", 777000111), Words(1, SECRET))
    for name in await redis.keys("*"):
        assert b"777000111" not in name
        for item in await redis.lrange(name, 0, -1):
            assert b"anymore" not in item


async def test_without_redis_windows_are_empty_and_nothing_breaks(
    gone: Redis, keyring: Keyring
) -> None:
    window = Window(gone, keyring)
    await window.remember("sam", Words(1, SECRET))
    assert await window.recent("sam") == ()
    await window.forget("sam")


# Send rates.


@pytest.fixture(params=["memory", "Redis"])
def rates(request: pytest.FixtureRequest) -> Rates:
    if request.param == "memory":
        return Rates(None)
    request.node.user_properties.append(("ran on", "Redis"))
    return Rates(request.getfixturevalue("redis_url"))


async def places(rates: Rates, chats: list[str]) -> list[bool]:
    return [not await rates.take(chat) for chat in chats]


async def test_one_chat_gets_a_burst_and_then_waits_while_others_go_on(rates: Rates) -> None:
    taken = await places(rates, ["sam"] * 25)
    assert taken == [True] * 18 + [False] * 7
    assert await places(rates, ["kim"]) == [True]


async def test_the_bot_as_a_whole_keeps_below_thirty_a_second(rates: Rates) -> None:
    start = asyncio.get_running_loop().time()
    taken = await places(rates, [f"chat {number}" for number in range(60)])
    seconds = asyncio.get_running_loop().time() - start
    assert 28 <= sum(taken) <= 28 * (int(seconds) + 1)


async def test_two_processes_share_the_rate_of_a_chat(redis_url: str) -> None:
    one, other = Rates(redis_url), Rates(redis_url)
    taken = [not await rates.take("sam") for _ in range(12) for rates in (one, other)]
    assert sum(taken) == 18


async def test_two_bots_on_one_redis_do_not_share_their_rates(redis_url: str) -> None:
    one, other = Rates(redis_url, "harbour"), Rates(redis_url, "anchor")
    assert sum(await places(one, ["sam"] * 20)) == 18
    assert sum(await places(other, ["sam"] * 20)) == 18


async def test_who_finds_no_place_learns_when_one_is_free(rates: Rates) -> None:
    assert await places(rates, ["sam"] * 18) == [True] * 18
    assert 0 < await rates.take("sam") <= 18
    # Sooner or later in these, on a machine however slow, the bot as a whole is at its limit.
    waits = [await rates.take(f"chat {number}") for number in range(120)]
    assert 0 < max(waits) <= 1


async def test_without_redis_each_process_keeps_to_the_rates_by_itself(nowhere: str) -> None:
    rates = Rates(nowhere)
    taken = await places(rates, ["chat"] * 20)
    assert taken == [True] * 18 + [False] * 2


# Which Redis.


async def test_without_an_address_there_is_one_inside_the_process() -> None:
    one, other = connect(None), connect(None)
    await one.set("a", "1")
    assert await one.get("a") == b"1"
    assert await other.get("a") is None, "two bots in one process share nothing by accident"
    await one.aclose()
    await other.aclose()


# A Redis that takes what it is sent and never answers.


@pytest.fixture
async def hanging() -> AsyncIterator[tuple[str, list[bytes]]]:
    """The address of one that hangs, and what it has been sent."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while sent := await reader.read(4096):
            heard.append(sent)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0", heard
    server.close()


async def test_a_redis_that_hangs_holds_up_one_message_and_not_the_next(
    hanging: tuple[str, list[bytes]], keyring: Keyring
) -> None:
    address, heard = hanging
    redis = connect(address)
    window = Window(redis, keyring)
    assert await window.recent("sam") == ()
    before = len(heard)
    assert before > 0
    for number in range(20):
        assert await window.recent("sam") == ()
        await window.remember("sam", Words(number, SECRET))
    assert len(heard) == before, "it is left alone for a moment"
    await redis.aclose()


async def test_what_another_version_wrote_into_the_window_is_left_out(
    redis: Redis, keyring: Keyring
) -> None:
    window = Window(redis, keyring)
    await window.remember("sam", Words(1, SECRET))
    (name,) = await redis.keys("*")
    await redis.rpush(name, b"of another world")
    await window.remember("sam", Words(2, SECRET))
    assert [words.message_id for words in await window.recent("sam")] == [1, 2]
