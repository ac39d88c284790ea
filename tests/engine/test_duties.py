"""One process at a time has a duty; whoever was replaced without knowing it can do no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis
from sqlmodel import select

from bot.engine.duties import TERM, Candidate, Replaced
from bot.engine.ingest import Ingest, Poller
from bot.engine.leases import release_leases
from bot.engine.signals import Signals
from models import Inbox
from models.database import Database
from tests.support.clock import MovableClock
from tests.support.fakes import an_update

SECONDS = TERM.total_seconds()


@pytest.fixture
def ana(database: Database, clock: MovableClock) -> Candidate:
    return Candidate(database, "poll", "ana", clock)


@pytest.fixture
def ben(database: Database, clock: MovableClock) -> Candidate:
    return Candidate(database, "poll", "ben", clock)


async def test_of_many_that_stand_at_once_one_has_the_duty(
    database: Database, clock: MovableClock
) -> None:
    many = [Candidate(database, "poll", f"p{n}", clock) for n in range(6)]
    assert sum(await asyncio.gather(*(one.stand() for one in many))) == 1


async def test_who_keeps_asking_keeps_the_duty(
    ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    assert await ana.stand()
    token = ana.token
    for _ in range(4):
        clock.move(seconds=SECONDS - 1)
        assert await ana.stand()
        assert not await ben.stand()
    assert ana.token == token


async def test_who_is_silent_for_a_term_is_replaced_and_hears_of_it(
    ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    assert await ana.stand()
    before = ana.token
    assert not await ben.stand()
    clock.move(seconds=SECONDS + 1)
    assert await ben.stand()
    assert ben.token is not None
    assert before is not None
    assert ben.token > before
    assert not await ana.stand()
    assert ana.token is None


async def test_who_resigns_makes_way_at_once(ana: Candidate, ben: Candidate) -> None:
    assert await ana.stand()
    await ben.resign()
    assert not await ben.stand()
    await ana.resign()
    assert await ben.stand()


async def test_who_is_patient_lets_others_go_first(
    ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    assert await ana.stand()
    clock.move(seconds=SECONDS + 1)
    assert not await ben.stand(patience=TERM)
    clock.move(seconds=SECONDS)
    assert await ben.stand(patience=TERM)


async def test_the_only_process_goes_on_at_once_after_its_death(
    database: Database, clock: MovableClock
) -> None:
    alone = timedelta(hours=1)
    assert await Candidate(database, "poll", "before", clock, alone).stand()
    # It is killed: nobody resigns.
    after = Candidate(database, "poll", "after", clock, alone)
    assert not await after.stand()
    await release_leases(database, clock.now())
    assert await after.stand()


async def test_a_clock_that_ran_ahead_does_not_keep_a_duty_from_everybody(
    ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    clock.move(hours=3)
    assert await ana.stand()
    clock.move(hours=-3)
    assert await ben.stand()
    assert ben.token is not None


async def test_each_duty_is_one_of_its_own(
    ana: Candidate, database: Database, clock: MovableClock
) -> None:
    assert await ana.stand()
    assert await Candidate(database, "watch", "ben", clock).stand()


class Telegram:
    """Hands out what was not confirmed, as Telegram does, and notes every offset it is given."""

    def __init__(self, *updates: dict[str, Any]) -> None:
        self.updates = list(updates)
        self.offsets: list[int | None] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()

    async def fetch(self, offset: int | None, timeout_s: float) -> Sequence[dict[str, Any]]:
        self.offsets.append(offset)
        if offset is not None:
            self.updates = [one for one in self.updates if one["update_id"] >= offset]
        found = list(self.updates)
        self.asked.set()
        await self.gate.wait()
        return found

    async def pending(self) -> int:
        return len(self.updates)


class Process:
    """A process that polls."""

    def __init__(self, database: Database, telegram: Telegram, candidate: Candidate) -> None:
        ingest = Ingest(database, Signals(FakeAsyncRedis()), candidate._clock)
        self.poller = Poller(ingest, telegram, candidate, asyncio.Event())


async def test_a_poller_paused_with_a_batch_in_its_hands_neither_keeps_nor_confirms_it(
    database: Database, ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    telegram = Telegram(an_update(1, 7, "one"), an_update(2, 8, "two"))
    paused, other = Process(database, telegram, ana), Process(database, telegram, ben)
    telegram.gate.clear()
    in_the_middle = asyncio.create_task(paused.poller.step())
    await telegram.asked.wait()
    clock.move(seconds=SECONDS + 1)
    # While the first stands still with its answer in hand, the second takes over.
    assert await ben.stand()
    telegram.gate.set()
    await in_the_middle
    async with database.reading() as session:
        assert (await session.exec(select(Inbox))).all() == []
    await other.poller.step()
    telegram.updates.append(an_update(3, 9, "three"))
    await paused.poller.step()
    assert telegram.offsets == [None, None]
    await other.poller.step()
    assert telegram.offsets == [None, None, 3]
    async with database.reading() as session:
        assert len((await session.exec(select(Inbox))).all()) == 3


async def test_whoever_takes_over_asks_without_an_offset(
    database: Database, ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    telegram = Telegram(an_update(1, 7, "one"))
    first, second = Process(database, telegram, ana), Process(database, telegram, ben)
    await first.poller.step()
    await first.poller.step()
    clock.move(seconds=SECONDS + 1)
    await second.poller.step()
    clock.move(seconds=SECONDS + 1)
    telegram.updates.append(an_update(2, 7, "two"))
    await first.poller.step()
    assert telegram.offsets == [None, 2, None, None]


async def test_what_was_fetched_under_an_old_token_is_refused_in_the_same_transaction(
    database: Database, ana: Candidate, ben: Candidate, clock: MovableClock
) -> None:
    ingest = Ingest(database, Signals(FakeAsyncRedis()), clock)
    assert await ana.stand()
    clock.move(seconds=SECONDS + 1)
    assert await ben.stand()
    with pytest.raises(Replaced):
        await ingest.receive([an_update(1, 7, "hello")], ana)
    assert await ingest.receive([an_update(1, 7, "hello")], ben) == 1
