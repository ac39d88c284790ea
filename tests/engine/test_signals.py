"""A ring wakes as many as there is work for, in this process first, and is never missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.engine.live import connect
from bot.engine.signals import INBOX, Signals


@pytest.fixture(params=["embedded Redis", "Redis"])
async def redis(request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    url = request.getfixturevalue("redis_url") if request.param == "Redis" else None
    one = connect(url)
    yield one
    await one.aclose()


class Waiters:
    """Some who wait for a ring, and how many were woken."""

    def __init__(self, signals: Signals, count: int) -> None:
        self.tasks = [asyncio.create_task(signals.wait(INBOX, 30)) for _ in range(count)]

    async def woken(self, count: int) -> bool:
        """Whether exactly so many wake."""
        async with asyncio.timeout(10):
            while sum(task.done() for task in self.tasks) < count:  # noqa: ASYNC110  another process
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        return sum(task.done() for task in self.tasks) == count


async def end(waiters: Waiters) -> None:
    for task in waiters.tasks:
        task.cancel()
    await asyncio.gather(*waiters.tasks, return_exceptions=True)


@pytest.mark.parametrize("count", [1, 3])
async def test_so_many_are_woken_as_there_is_work_for(redis: Redis, count: int) -> None:
    signals = Signals(redis)
    waiters = Waiters(signals, 5)
    await asyncio.sleep(0)
    await signals.ring(INBOX, count=count)
    assert await waiters.woken(count)
    await end(waiters)


async def test_other_processes_are_woken_only_for_what_is_left_over(redis: Redis) -> None:
    here, there = Signals(redis, "s"), Signals(redis, "s")
    listening = [asyncio.create_task(one.keep_listening()) for one in (here, there)]
    async with asyncio.timeout(10):
        while (await redis.pubsub_numsub("holdfast:s:wake"))[0][1] < 2:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.01)
    ours, theirs = Waiters(here, 2), Waiters(there, 4)
    await asyncio.sleep(0)
    await here.ring(INBOX, count=2)
    assert await ours.woken(2)
    assert await theirs.woken(0)
    await here.ring(INBOX, count=3)
    assert await theirs.woken(3)
    for task in listening:
        task.cancel()
    await end(ours)
    await end(theirs)


async def test_a_ring_between_looking_and_waiting_is_not_missed(redis: Redis) -> None:
    signals = Signals(redis)
    since = signals.look(INBOX)
    await signals.ring(INBOX)
    async with asyncio.timeout(5):
        await signals.wait(INBOX, 30, since)


async def test_a_ring_that_was_answered_wakes_nobody_again(redis: Redis) -> None:
    signals = Signals(redis)
    await signals.ring(INBOX)
    waiters = Waiters(signals, 1)
    assert await waiters.woken(1)
    waiters = Waiters(signals, 1)
    await asyncio.sleep(0)
    assert await waiters.woken(0)
    await end(waiters)
