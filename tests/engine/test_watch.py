"""Holdfast looks after itself, tells coordinators once, and lets the dead man's switch ring."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fakeredis import FakeAsyncRedis
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis
from sqlmodel import col, select

from bot import web
from bot.core.reading import MODEL_AWAY, Reading
from bot.engine.duties import WATCH, Candidate
from bot.engine.heartbeats import FORGOTTEN_AFTER, Heartbeats
from bot.engine.letters import Text, read_letter
from bot.engine.live import connect
from bot.engine.loops import STANDS_AFTER_S, Loops
from bot.engine.meter import PrometheusMeter
from bot.engine.ports import ChatGone, Contested, DeliveryError, Unavailable
from bot.engine.reach import Reach
from bot.engine.signals import Signals
from bot.engine.survey import Survey, survey
from bot.engine.watch import (
    AGAIN,
    CONTESTED,
    EVERY,
    MODEL,
    QUIET,
    STANDING,
    STUCK,
    TELEGRAM,
    UPDATES,
    Watch,
    is_contest,
)
from bot.engine.work import UnitOfWork
from models import Ambassador, Call, CaseStatus, Inbox, InboxStatus, Outbox, PageStatus, Role
from models.database import Database
from tests.models.models_kit import keep, open_cases, some_ambassador
from tests.support.clock import MovableClock
from tests.support.fakes import RecordingCarrier, a_community

ROOT = Path(__file__).parents[2]


@dataclass
class Waiting:
    """Telegram as far as updates go: how many wait there, or what goes wrong."""

    count: int = 0
    error: DeliveryError | None = None

    async def fetch(self, offset: int | None, timeout_s: float) -> Sequence[dict[str, Any]]:
        if self.error is not None:
            raise self.error
        return []

    async def pending(self) -> int:
        if self.error is not None:
            raise self.error
        return self.count


@dataclass
class Beacons:
    lit: int = 0

    async def light(self) -> None:
        self.lit += 1


class OneThatReads:
    """Triage whose model is there, or is away."""

    away = False

    async def read(self, text: str) -> Reading:
        return Reading(reasons=(MODEL_AWAY,) if self.away else ())


class Tower:
    """One process that watches."""

    def __init__(
        self, database: Database, clock: MovableClock, name: str = "ana", redis: Redis | None = None
    ) -> None:
        self.database, self.clock, self.name = database, clock, name
        self.telegram, self.beacon, self.reader = Waiting(), Beacons(), OneThatReads()
        self.reach = Reach(RecordingCarrier(), self.telegram, clock)
        self.loops = Loops()
        self.heartbeats = Heartbeats(redis or FakeAsyncRedis(), "", database, clock)
        self.community = a_community()
        self.watch = Watch(
            database,
            self.community,
            Candidate(database, WATCH, name, clock, EVERY),
            self.heartbeats,
            self.reach,
            self.loops,
            Signals(FakeAsyncRedis()),
            clock,
            process=name,
            reader=self.reader,
            beacon=self.beacon,
            second_look_s=0.001,
        )

    async def coordinator(self) -> Ambassador:
        cleo = some_ambassador("cleo", role=Role.COORDINATOR)
        await keep(self.database, cleo)
        async with self.database.transaction() as session:
            work = UnitOfWork(session, self.database.keyring, self.community, self.clock.now())
            made = await work.channels.add(cleo, "json://127.0.0.1:9")
            await work.channels.confirm(cleo, made.code or "")
        return cleo

    async def told(self) -> list[str]:
        async with self.database.reading() as session:
            rows = (await session.exec(select(Outbox).order_by(col(Outbox.id)))).all()
        letters = [read_letter(row.letter or "") for row in rows]
        return [letter.html for letter in letters if isinstance(letter, Text)]

    async def called(self) -> list[str]:
        async with self.database.reading() as session:
            rows = (await session.exec(select(Call).order_by(col(Call.id)))).all()
        return [row.words or "" for row in rows]

    async def letters_leave(self) -> None:
        """What the courier, who has no part in this, would do with the letters."""
        async with self.database.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("UPDATE outbox SET status = 'sent'")

    async def break_a_promise(self) -> int:
        (case,) = await open_cases(self.database, status=CaseStatus.CLOSED)
        return case.id

    async def mend(self) -> None:
        async with self.database.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("UPDATE cases SET wake_at = NULL")


@pytest.fixture
def tower(database: Database, clock: MovableClock) -> Tower:
    return Tower(database, clock)


def an_update(tower: Tower, number: int = 1, **ago: float) -> Inbox:
    at = tower.clock.now() - timedelta(**ago)
    return Inbox(
        update_id=number,
        chat_key="k",
        status=InboxStatus.HANDLED,
        received_at=at,
        due_at=at,
        handled_at=at,
    )


async def test_while_all_is_well_nobody_is_told_and_the_beacon_is_lit(tower: Tower) -> None:
    await tower.coordinator()
    assert await tower.watch.check() == {}
    assert await tower.told() == []
    assert tower.beacon.lit == 1


async def test_a_broken_promise_is_told_once_and_again_after_an_hour_and_when_it_is_well(
    tower: Tower,
) -> None:
    await tower.coordinator()
    await tower.break_a_promise()
    assert await tower.watch.check() == {"closed_is_over": 1}
    await tower.letters_leave()
    tower.clock.move(minutes=1)
    await tower.watch.check()
    assert ["A closed case would wake again" in text for text in await tower.told()] == [True]
    assert len(await tower.called()) == 1
    assert tower.beacon.lit == 0, "withheld while a promise is broken"
    tower.clock.move(seconds=AGAIN.total_seconds())
    await tower.watch.check()
    assert len(await tower.told()) == 2
    await tower.letters_leave()
    await tower.mend()
    await tower.watch.check()
    assert len(await tower.told()) == 2, "once is not enough to call it well"
    tower.clock.move(minutes=1)
    await tower.watch.check()
    assert "Well again" in (await tower.told())[-1]
    assert tower.beacon.lit == 2


async def test_what_mends_itself_within_a_moment_wakes_nobody(tower: Tower) -> None:
    await tower.coordinator()
    await tower.break_a_promise()
    tower.watch._second_look_s = 5.0
    checking = asyncio.create_task(tower.watch.check())
    await asyncio.sleep(0.3)
    await tower.mend()
    tower.loops.stopping.set()
    assert await checking == {}
    assert await tower.told() == []


async def test_telegram_out_of_reach_calls_coordinators_by_their_second_channel(
    tower: Tower,
) -> None:
    await tower.coordinator()
    tower.telegram.error = Unavailable("timeout")
    await tower.reach.step()
    assert await tower.watch.check() == {}
    tower.clock.move(seconds=121)
    assert await tower.watch.check() == {TELEGRAM: 1}
    (words,) = await tower.called()
    assert "cannot reach Telegram" in words
    tower.telegram.error = None
    await tower.reach.step()
    assert await tower.watch.check() == {}


async def test_a_refusal_is_an_answer(tower: Tower) -> None:
    tower.telegram.error = ChatGone("403")
    await tower.reach.step()
    assert tower.reach.lost_since is None
    assert tower.reach.is_recent(timedelta(seconds=5))


async def test_updates_that_wait_at_telegram_while_none_comes_in_are_an_alarm(
    tower: Tower,
) -> None:
    await tower.coordinator()
    await keep(tower.database, an_update(tower, minutes=10))
    tower.telegram.count = 3
    await tower.reach.step()
    assert await tower.watch.check() == {}
    tower.clock.move(seconds=61)
    assert await tower.watch.check() == {UPDATES: 1}
    await keep(tower.database, an_update(tower, 2, seconds=1))
    assert await tower.watch.check() == {}


async def test_nothing_at_all_for_a_day_is_an_alarm_but_no_reason_to_ring_the_beacon(
    tower: Tower,
) -> None:
    await tower.coordinator()
    await keep(tower.database, an_update(tower, hours=23))
    assert await tower.watch.check() == {}
    tower.clock.move(hours=2)
    assert await tower.watch.check() == {QUIET: 1}
    assert tower.beacon.lit == 2


async def test_a_model_that_reads_nothing_is_an_alarm_until_it_reads_again(tower: Tower) -> None:
    await tower.coordinator()
    tower.clock.move(minutes=10)
    assert await tower.watch.check() == {}
    tower.reader.away = True
    tower.clock.move(seconds=60)
    assert await tower.watch.check() == {}, "a moment without it is none"
    tower.clock.move(seconds=61)
    assert await tower.watch.check() == {MODEL: 1}
    assert "gives no answer" in (await tower.told())[0]
    await tower.letters_leave()
    tower.reader.away = False
    for _ in range(2):
        assert await tower.watch.check() == {}
        tower.clock.move(seconds=60)
    assert "Well again" in (await tower.told())[-1]


async def test_another_program_that_takes_the_updates_is_an_alarm_until_it_stops(
    tower: Tower, clock: MovableClock
) -> None:
    await tower.coordinator()

    async def ask(error: DeliveryError | None) -> None:
        clock.move(seconds=20)
        tower.telegram.error = error
        with suppress(DeliveryError):
            await tower.reach.fetch(None, 0)

    await ask(Contested("terminated by other getUpdates request"))
    await ask(None)
    assert await tower.watch.check() == {}, "one of our own that takes over is no alarm"
    for _ in range(2):
        await ask(Contested("terminated by other getUpdates request"))
        await ask(None)
    assert await tower.watch.check() == {CONTESTED: 1}
    assert "runs twice with one token" in (await tower.told())[0]
    await tower.letters_leave()
    for _ in range(4):
        await ask(None)
    assert await tower.watch.check() == {}


async def test_who_does_not_poll_hears_of_another_program_by_the_heartbeat(
    tower: Tower, clock: MovableClock
) -> None:
    poller = Tower(tower.database, clock, "poller")
    poller.heartbeats = tower.heartbeats
    poller.telegram.error = Contested("can't use getUpdates method while webhook is active")
    for _ in range(2):
        with pytest.raises(Contested):
            await poller.reach.fetch(None, 0)
        clock.move(seconds=STUCK.total_seconds() - 1)
    with pytest.raises(Contested):
        await poller.reach.fetch(None, 0)
    contested = is_contest(poller.reach.contested_since, clock.now())
    await poller.heartbeats.beat("poller", polls=True, moves=True, contested=contested)
    assert await tower.watch.check() == {CONTESTED: 1}


async def test_a_loop_that_stands_still_is_an_alarm(
    tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tower.coordinator()
    gate = asyncio.Event()

    async def stuck() -> None:
        await gate.wait()

    tower.loops.repeat("courier", stuck)
    await asyncio.sleep(0.01)
    assert tower.loops.standing() == []
    loop = asyncio.get_running_loop()
    now = loop.time()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "time", lambda: now + STANDS_AFTER_S + 1)
        assert tower.loops.standing() == ["courier"]
    await tower.heartbeats.beat("other", polls=False, moves=False)
    assert await tower.watch.check() == {STANDING: 1}
    assert tower.beacon.lit == 0
    gate.set()
    await tower.loops.stop()


async def test_processes_take_turns_and_the_one_that_polls_stands_back(
    database: Database, clock: MovableClock
) -> None:
    redis = FakeAsyncRedis()
    towers = [Tower(database, clock, name, redis) for name in ("poller", "ana", "ben")]

    async def who_checks() -> str:
        for one in towers:
            await one.heartbeats.beat(one.name, polls=one.name == "poller", moves=True)
        for _ in range(20):
            for one in towers:
                if await one.watch.has_turn():
                    return one.name
            clock.move(seconds=1)
        raise AssertionError("nobody checks")

    order = []
    for _ in range(4):
        order.append(await who_checks())
        clock.move(seconds=EVERY.total_seconds())
    # The first check of all is whoever's; from then on it goes round.
    assert order[1:] in (["ana", "ben", "ana"], ["ben", "ana", "ben"])
    towers = [one for one in towers if one.name == "poller"]
    clock.move(seconds=FORGOTTEN_AFTER.total_seconds())
    assert await who_checks() == "poller", "alone it does it all the same"


@pytest.mark.parametrize("where", ["embedded Redis", "Redis", "no Redis"])
async def test_every_process_is_known_to_live_also_without_redis(
    database: Database, clock: MovableClock, where: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("redis_url") if where == "Redis" else None
    redis = connect("redis://127.0.0.1:9/0" if where == "no Redis" else url)
    space = f"{id(database)}"
    ana, ben = (Heartbeats(redis, space, database, clock) for _ in range(2))
    await ana.beat("ana", polls=True, moves=True)
    await ben.beat("ben", polls=False, moves=False)
    found = [(beat.process, beat.polls, beat.moves) for beat in await ben.alive()]
    assert found == [("ana", True, True), ("ben", False, False)]
    clock.move(seconds=FORGOTTEN_AFTER.total_seconds() - 1)
    await ben.beat("ben", polls=False, moves=True)
    clock.move(seconds=2)
    assert [beat.process for beat in await ana.alive()] == ["ben"]
    await redis.aclose()


# What is shown over HTTP.


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_metrics_show_the_queues_the_alarms_and_what_was_counted(tower: Tower) -> None:
    meter = PrometheusMeter()
    await tower.coordinator()
    await tower.break_a_promise()
    await tower.watch.has_turn()
    await tower.watch.check()
    await tower.heartbeats.beat("ana", polls=True, moves=True)
    late = an_update(tower, minutes=5)
    late.status = InboxStatus.WAITING
    await keep(tower.database, late)
    meter.page(PageStatus.SENT)
    meter.letter_not_sent("Unavailable")

    async def look() -> Survey:
        return await survey(tower.database, tower.heartbeats, tower.clock)

    await tower.reach.step()
    routes = web.watch_routes(tower.database, tower.reach, tower.loops.standing, meter, look)
    port = free_port()
    async with (
        web.listening(web.create_app([*web.health_routes(), *routes]), "127.0.0.1", port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert (await client.get("/healthz")).text == "ok"
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json() == {"database": True, "loops": True, "telegram": True}
        shown = (await client.get("/metrics")).text
        tower.clock.move(minutes=2)
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/readyz")).json()["telegram"] is False
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(shown)
        for sample in family.samples
    }
    assert samples["holdfast_inbox_age_seconds",] > 299
    assert samples["holdfast_alarm", "closed_is_over"] == 1
    assert samples["holdfast_alarm", "one_holder"] == 0
    assert samples["holdfast_pages_total", "sent"] == 1
    assert samples["holdfast_courier_errors_total", "Unavailable"] == 1
    assert samples["holdfast_heartbeat_age_seconds", "ana"] < 5
    assert samples["holdfast_check_age_seconds",] < 5
    assert samples["holdfast_outbox_age_seconds", "1"] >= 0


async def test_a_database_that_is_gone_is_not_ready_and_metrics_are_shown_all_the_same(
    tower: Tower,
) -> None:
    async def look() -> Survey:
        raise OSError("the database is gone")

    port = free_port()
    routes = web.watch_routes(
        tower.database, tower.reach, tower.loops.standing, PrometheusMeter(), look
    )
    async with (
        web.listening(web.create_app(routes), "127.0.0.1", port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert "holdfast_pages_total" in (await client.get("/metrics")).text
        with pytest.raises(web.NotListening):
            async with web.listening(web.create_app(routes), "127.0.0.1", port):
                pass


def test_every_metric_of_the_example_alerts_exists() -> None:
    known = {
        f"{family.name}{suffix}"
        for family in PrometheusMeter().registry.collect()
        for suffix in ("", "_total", "_bucket", "_count", "_sum")
    }
    rules = yaml.safe_load((ROOT / "docs/alerts.yml").read_text("utf-8"))
    found = set()
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert {"alert", "expr", "for", "labels", "annotations"} <= rule.keys()
            found |= set(re.findall(r"holdfast_\w+", rule["expr"]))
    assert found
    assert found <= known
