"""A second channel calls when a page is loud or Telegram fails, and never says anybody's words."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from fakeredis import FakeAsyncRedis
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import web
from bot.calling import AppriseCaller, HttpBeacon, NotAChannel, check_channel, show_channel
from bot.engine import second
from bot.engine.courier import LEASE as LETTER_LEASE
from bot.engine.courier import Courier
from bot.engine.letters import Button, Letter, NoButtons, Text, write_letter
from bot.engine.ports import CallError, DeliveryError, TooMany, Unavailable
from bot.engine.rates import Rates
from bot.engine.second import LEASE, Second
from bot.engine.signals import Signals
from bot.engine.store.channels import CODE_LASTS, MOST_TRIES
from bot.engine.work import UnitOfWork
from models import (
    Ambassador,
    Call,
    CallReason,
    CallStatus,
    Channel,
    Outbox,
    OutboxStatus,
    Page,
    PageStatus,
    Role,
)
from models.database import Database
from tests.models.models_kit import open_cases, some_ambassador, some_page
from tests.support.clock import MovableClock
from tests.support.fakes import RecordingCarrier, a_community

URL = "json://127.0.0.1:9/hook"
WAITING = "Holdfast: a case is waiting, open Telegram"


@dataclass
class RecordingCaller:
    """Takes calls; ``fails`` is raised instead, and one to ``hangs://`` waits for ``hangs``."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    fails: CallError | None = None
    hangs: asyncio.Event | None = None

    async def call(self, url: str, words: str) -> None:
        if self.hangs is not None and url.startswith("hangs"):
            await self.hangs.wait()
        if self.fails is not None:
            raise self.fails
        self.calls.append((url, words))


class House:
    """A community of one ambassador and one coordinator, with the loops that send."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.database, self.clock = database, clock
        self.community = a_community()
        self.caller, self.carrier = RecordingCaller(), RecordingCarrier()
        self.second = Second(
            database, self.caller, self.community, Signals(FakeAsyncRedis()), clock
        )
        self.courier = self.new_courier()

    def new_courier(self) -> Courier:
        signals = Signals(FakeAsyncRedis())
        return Courier(
            self.database, self.carrier, self.community, Rates(None), signals, self.clock
        )

    def work(self, session: object) -> UnitOfWork:
        return UnitOfWork(session, self.database.keyring, self.community, self.clock.now())  # type: ignore[arg-type]

    async def ambassador(self, handle: str, chat: int, role: Role = Role.AMBASSADOR) -> Ambassador:
        one = some_ambassador(
            handle,
            role=role,
            chat_id=str(chat),
            chat_key=self.database.keyring.lookup("chat", chat),
        )
        async with self.database.transaction() as session:
            session.add(one)
        return one

    async def channel(self, ambassador: Ambassador, url: str = URL) -> Channel:
        async with self.database.transaction() as session:
            work = self.work(session)
            made = await work.channels.add(ambassador, url)
            confirmed = await work.channels.confirm(ambassador, made.code or "")
            assert confirmed is not None
            return confirmed

    async def page(self, ambassador: Ambassador) -> Page:
        """A page on its way, with the letter that carries it."""
        (case,) = await open_cases(self.database)
        page = some_page(case.id, ambassador.id, status=PageStatus.QUEUED)
        async with self.database.transaction() as session:
            session.add(page)
            await session.flush()
            buttons = ((Button("I'm here", f"page:{page.id}:accept"),),)
            await self.work(session).letters.put(
                ambassador.chat_id, Text("a page", buttons), case_id=case.id, page_id=page.id
            )
        return page

    async def calls(self) -> list[Call]:
        async with self.database.reading() as session:
            return list((await session.exec(select(Call).order_by(col(Call.id)))).all())


@pytest.fixture
def house(database: Database, clock: MovableClock) -> House:
    return House(database, clock)


async def test_a_call_for_a_page_says_that_a_case_waits_and_nothing_else(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    await house.channel(ana)
    page = await house.page(ana)
    async with house.database.transaction() as session:
        assert await second.call_for_page(house.work(session), page)
        assert not await second.call_for_page(house.work(session), page), "once for each page"
    assert await house.second.call_next()
    assert not await house.second.call_next()
    assert house.caller.calls == [(URL, WAITING)]
    (call,) = await house.calls()
    assert (call.status, call.words) == (CallStatus.SENT, None)


async def test_a_service_that_hangs_holds_up_no_other(house: House) -> None:
    ana, ben = await house.ambassador("ana", 1), await house.ambassador("ben", 2)
    for one, url in ((ana, "hangs://1"), (ben, URL)):
        await house.channel(one, url)
        page = await house.page(one)
        async with house.database.transaction() as session:
            await second.call_for_page(house.work(session), page)
    house.caller.hangs = asyncio.Event()
    await house.second.step()
    await house.second.step()
    async with asyncio.timeout(20):
        while not house.caller.calls:  # noqa: ASYNC110  a task of the loop's own
            await asyncio.sleep(0.01)
    assert [url for url, _ in house.caller.calls] == [URL]
    house.caller.hangs.set()
    await house.second.finish()
    assert {url for url, _ in house.caller.calls} == {URL, "hangs://1"}


async def test_who_has_no_channel_or_none_confirmed_is_not_called(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    page = await house.page(ana)
    async with house.database.transaction() as session:
        work = house.work(session)
        await work.channels.add(ana, URL)
        assert not await second.call_for_page(work, page)
    assert not await house.second.call_next()


async def test_a_call_for_a_page_that_ended_meanwhile_is_not_made(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    await house.channel(ana)
    page = await house.page(ana)
    async with house.database.transaction() as session:
        await second.call_for_page(house.work(session), page)
        kept = await session.get_one(Page, page.id)
        kept.status = PageStatus.WITHDRAWN
        session.add(kept)
    assert not await house.second.call_next()
    assert house.caller.calls == []
    assert (await house.calls())[0].status is CallStatus.WITHDRAWN


@pytest.mark.parametrize("error", [Unavailable("502"), TooMany(60)], ids=["away", "refused"])
async def test_a_page_behind_another_letter_that_does_not_leave_is_called_for(
    house: House, error: DeliveryError
) -> None:
    ana = await house.ambassador("ana", 1)
    await house.channel(ana)
    async with house.database.transaction() as session:
        await house.work(session).letters.put(ana.chat_id, Text("you are on call at six"))
    await house.page(ana)
    house.carrier.fails = lambda chat, letter: error
    for _ in range(4):
        assert await house.courier.send_next()
        house.clock.move(seconds=61)
    assert await house.second.call_next()
    assert house.caller.calls == [(URL, WAITING)]
    assert not await house.second.call_next()


async def test_a_page_that_telegram_does_not_take_goes_by_the_second_channel_once(
    house: House,
) -> None:
    ana = await house.ambassador("ana", 1)
    await house.channel(ana)
    await house.page(ana)
    house.carrier.fails = lambda chat, letter: Unavailable("502")
    for tried in range(6):
        assert len(await house.calls()) == int(tried > 2), "one time-out is no outage"
        assert await house.courier.send_next()
        house.clock.move(seconds=40)
    assert await house.second.call_next()
    assert house.caller.calls == [(URL, WAITING)]
    assert len(await house.calls()) == 1


async def test_a_page_that_telegram_wants_much_later_goes_by_the_second_channel(
    house: House,
) -> None:
    ana = await house.ambassador("ana", 1)
    await house.channel(ana)
    await house.page(ana)
    house.carrier.fails = lambda chat, letter: TooMany(5)
    await house.courier.send_next()
    assert await house.calls() == []
    house.clock.move(seconds=6)
    house.carrier.fails = lambda chat, letter: TooMany(60)
    await house.courier.send_next()
    assert len(await house.calls()) == 1


async def test_a_call_that_does_not_get_through_is_tried_again_and_then_told(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    channel = await house.channel(ana)
    async with house.database.transaction() as session:
        await house.work(session).channels.call(channel, CallReason.ALARM, "look")
    house.caller.fails = CallError("refused")
    for _ in range(5):
        assert await house.second.call_next()
        assert not await house.second.call_next(), "not before its time"
        house.clock.move(minutes=3)
    assert not await house.second.call_next()
    (call,) = await house.calls()
    assert (call.status, call.error) == (CallStatus.FAILED, "refused")
    await house.courier.send_next()
    assert "could not reach you" in str(house.carrier.to(1))


async def test_a_call_whose_process_died_is_made_by_another(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    channel = await house.channel(ana)
    async with house.database.transaction() as session:
        await house.work(session).channels.call(channel, CallReason.ALARM, "look")
    assert await house.second._claim() is not None
    assert not await house.second.call_next()
    house.clock.move(seconds=LEASE.total_seconds() + 1)
    assert await house.second.call_next()
    assert house.caller.calls == [(URL, "look")]


async def test_a_code_is_good_for_a_quarter_of_an_hour_and_not_guessed(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    async with house.database.transaction() as session:
        work = house.work(session)
        made = await work.channels.add(ana, URL)
        code = made.code or ""
        wrong = "000000" if code != "000000" else "111111"
        for _ in range(MOST_TRIES):
            assert await work.channels.confirm(ana, wrong) is None
        assert await work.channels.confirm(ana, code) is None, "too many wrong ones"
        again = await work.channels.add(ana, URL)
    house.clock.move(seconds=CODE_LASTS.total_seconds() + 1)
    async with house.database.transaction() as session:
        assert await house.work(session).channels.confirm(ana, again.code or "") is None


async def test_the_url_stands_on_disk_only_sealed(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    await house.channel(ana, "json://user:hunter2@127.0.0.1:9/hook")
    async with house.database.reading() as session:
        connection = await session.connection()
        raw = (await connection.exec_driver_sql("SELECT url FROM channel")).scalar_one()
    assert b"hunter2" not in bytes(raw)


# The real thing, over real HTTP.


@pytest.fixture
async def outside() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A service somewhere: where it is, and what it was told."""
    heard: list[bytes] = []

    async def hear(request: Request) -> Response:
        heard.append(await request.body())
        return PlainTextResponse("ok", 500 if request.url.path == "/broken" else 200)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = web.create_app([Route("/{path:path}", hear, methods=["GET", "POST"])])
    async with web.listening(app, "127.0.0.1", port):
        yield f"127.0.0.1:{port}", heard


async def test_apprise_carries_a_call_to_a_service(outside: tuple[str, list[bytes]]) -> None:
    address, heard = outside
    await AppriseCaller().call(f"json://{address}/hook", WAITING)
    assert json.loads(heard[0])["message"] == WAITING


async def test_a_service_that_refuses_is_an_error_that_names_no_url(
    outside: tuple[str, list[bytes]],
) -> None:
    address, _ = outside
    with pytest.raises(CallError) as refused:
        await AppriseCaller().call(f"json://{address}/broken", WAITING)
    assert address not in str(refused.value)


async def test_the_beacon_is_one_get(outside: tuple[str, list[bytes]]) -> None:
    address, heard = outside
    await HttpBeacon(f"http://{address}/ping").light()
    assert heard == [b""]
    with pytest.raises(CallError):
        await HttpBeacon(f"http://{address}/broken").light()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("hello", "unreadable"),
        ("nonsense://x", "unreadable"),
        ("ntfys:", "unreadable"),
        ("tgram://123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/12345", "kind"),
        ("json://example.org/x", "kind"),
        ("ntfy://10.0.0.1/topic", "local"),
        ("ntfy://localhost/topic", "local"),
        ("ntfy://169.254.169.254/topic", "local"),
    ],
)
def test_what_is_no_channel_is_refused(url: str, why: str) -> None:
    with pytest.raises(NotAChannel, match=f"^{why}$"):
        check_channel(url, ("ntfy", "ntfys"))


def test_what_is_written_in_place_of_a_channel_is_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for words in ("my phone", "call sam at home", "nonsense://x"):
        with pytest.raises(NotAChannel):
            check_channel(words, ("ntfy",))
    assert caplog.records == []


def test_a_channel_is_shown_without_its_secrets() -> None:
    check_channel("ntfys://ana:hunter2@ntfy.example.org/topic", ("ntfys",))
    assert "hunter2" not in show_channel("ntfys://ana:hunter2@ntfy.example.org/topic")
    check_channel("json://127.0.0.1:9", ("json", "local"))


# A letter that is sent twice.


async def test_of_a_page_that_arrives_twice_only_one_keeps_its_buttons(house: House) -> None:
    ana = await house.ambassador("ana", 1)
    page = await house.page(ana)
    slow, gate = house.new_courier(), asyncio.Event()
    begun = asyncio.Event()
    numbers = iter((101, 102, 103))

    class Slow:
        async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int:
            number = next(numbers)
            begun.set()
            await gate.wait()
            return number

    slow._carrier = Slow()
    sending = asyncio.create_task(slow.send_next())
    await begun.wait()
    house.clock.move(seconds=LETTER_LEASE.total_seconds() + 1)
    assert await house.courier.send_next()
    gate.set()
    await sending
    async with house.database.reading() as session:
        letter = (await session.exec(select(Outbox).where(Outbox.page_id == page.id))).one()
    assert (letter.status, letter.message_id) == (OutboxStatus.SENT, 1)
    assert await house.courier.send_next()
    assert house.carrier.sent[-1] == ("1", NoButtons(), 101)


async def test_a_letter_whose_lease_was_used_up_by_waiting_is_not_sent_by_two(
    house: House,
) -> None:
    ana = await house.ambassador("ana", 1)
    await house.page(ana)
    first = house.new_courier()
    (row,) = await first._turn(1)
    house.clock.move(seconds=LETTER_LEASE.total_seconds() + 1)
    assert await house.courier.send_next()
    await first._send(row)
    assert len(house.carrier.sent) == 1


async def test_a_letter_of_a_newer_version_waits_for_one_of_its_couriers(house: House) -> None:
    async with house.database.transaction() as session:
        row = await house.work(session).letters.put(1, Text("hello"))
        row.letter = write_letter(Text("hello")).replace('"text"', '"hologram"')
        session.add(row)
    assert await house.courier.send_next()
    async with house.database.reading() as session:
        kept = await session.get_one(Outbox, row.id)
    assert (kept.status, kept.attempts) == (OutboxStatus.WAITING, 0)
    assert kept.due_at - house.clock.now() > timedelta(seconds=3)


async def test_a_request_that_hangs_is_given_up_before_its_lease_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.engine import courier

    monkeypatch.setattr(courier, "LONGEST_SEND_S", 0.05)

    class Hanging:
        async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int:
            await asyncio.Event().wait()
            return 1

    house.courier._carrier = Hanging()
    ana = await house.ambassador("ana", 1)
    page = await house.page(ana)
    await house.courier.send_next()
    async with house.database.reading() as session:
        letter = (await session.exec(select(Outbox).where(Outbox.page_id == page.id))).one()
    assert (letter.status, letter.attempts) == (OutboxStatus.WAITING, 1)
