"""Letters go out: in order, pages first, and every error of Telegram means something different."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from fakeredis import FakeAsyncRedis
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.engine.courier import LEASE, Courier
from bot.engine.letters import Edit, Letter, Priority, Text
from bot.engine.ports import ChatGone, DeliveryError, Rejected, TooMany, Unavailable
from bot.engine.rates import TELEGRAMS_PACE, Pace, Rates
from bot.engine.signals import Signals
from bot.engine.work import UnitOfWork
from models import Ambassador, Outbox, OutboxStatus, Person, Role
from models.database import Database
from tests.support.clock import MovableClock
from tests.support.fakes import RecordingCarrier, a_community


class Post:
    """A courier with its outbox."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.database = database
        self.clock = clock
        self.carrier = RecordingCarrier()
        self.community = a_community()
        self.courier = self.new_courier()

    def new_courier(self, pace: Pace = TELEGRAMS_PACE) -> Courier:
        signals = Signals(FakeAsyncRedis())
        rates = Rates(None, pace=pace, now=lambda: self.clock.now().timestamp())
        return Courier(self.database, self.carrier, self.community, rates, signals, self.clock)

    async def put(self, chat: int, letter: Letter, **about: int) -> int:
        async with self.database.transaction() as session:
            work = UnitOfWork(session, self.database.keyring, self.community, self.clock.now())
            row = await work.letters.put(chat, letter, **about)
        return row.id

    async def send_all(self) -> None:
        while await self.courier.send_next():
            pass

    async def row(self, letter_id: int) -> Outbox:
        async with self.database.reading() as session:
            return await session.get_one(Outbox, letter_id)

    def said(self) -> list[str]:
        return [letter.html for _, letter, _ in self.carrier.sent if isinstance(letter, Text)]


@pytest.fixture
def post(database: Database, clock: MovableClock) -> Post:
    return Post(database, clock)


def failing(chat: int, error: DeliveryError) -> Callable[[str, Letter], DeliveryError | None]:
    return lambda to, letter: error if to == str(chat) else None


async def test_letters_to_one_chat_leave_in_the_order_they_were_written(post: Post) -> None:
    for text in ("one", "two", "three"):
        await post.put(7, Text(text))
    await post.send_all()
    assert post.said() == ["one", "two", "three"]


async def test_a_chat_with_a_page_goes_before_chats_with_answers(post: Post) -> None:
    await post.put(1, Text("a list"), priority=Priority.REST)
    await post.put(2, Text("an answer"), priority=Priority.REPLY)
    await post.put(3, Text("before the page"), priority=Priority.REST)
    await post.put(3, Text("a page"), priority=Priority.PAGE)
    await post.send_all()
    assert post.said() == ["before the page", "a page", "an answer", "a list"]


async def test_an_edit_finds_the_message_that_the_earlier_letter_became(post: Post) -> None:
    first = await post.put(5, Text("a page"))
    await post.put(5, Edit("taken"), changes=first)
    await post.send_all()
    assert post.carrier.sent[1] == ("5", Edit("taken"), 1)


async def test_a_429_pauses_its_chat_and_nobody_else(post: Post) -> None:
    post.carrier.fails = failing(1, TooMany(30))
    await post.put(1, Text("slow down"))
    await post.put(2, Text("for somebody else"))
    await post.send_all()
    assert post.said() == ["for somebody else"]

    post.carrier.fails = RecordingCarrier().fails
    await post.send_all()
    assert post.said() == ["for somebody else"]
    post.clock.move(seconds=31)
    await post.send_all()
    assert post.said() == ["for somebody else", "slow down"]


async def test_chats_that_are_refused_now_and_then_silence_nobody_else(post: Post) -> None:
    for chat in (1, 2, 3):
        post.carrier.fails = failing(chat, TooMany(900))
        await post.put(chat, Text("slow down"))
        await post.send_all()
        post.clock.move(minutes=4)
    await post.put(4, Text("a page"), priority=Priority.PAGE)
    assert await takes(post) == ["a page"]


async def test_when_the_whole_bot_is_refused_one_letter_tries_soon_and_the_rest_follow(
    post: Post,
) -> None:
    post.carrier.fails = lambda to, letter: TooMany(900)
    for chat in range(1, 7):
        await post.put(chat, Text(f"to {chat}"))
    assert await takes(post) == []
    waiting = [await post.row(letter) for letter in range(1, 7)]
    refused = {row.id for row in waiting if row.due_at > post.clock.now()}
    assert refused == {1, 2, 3, 4, 5, 6}

    await post.put(8, Text("a page"), priority=Priority.PAGE)
    await post.put(9, Text("another"))
    assert await takes(post) == [], "nothing leaves while the bot pauses"
    post.clock.move(seconds=5)
    assert await takes(post) == [], "the page tries, and is refused"
    post.carrier.fails = RecordingCarrier().fails
    post.clock.move(seconds=5)
    await takes(post)
    assert await takes(post) == ["another"]
    post.clock.move(seconds=900)
    assert len(await takes(post)) == 8


async def takes(post: Post) -> list[str]:
    """What has left in all when the courier went round a few times by itself."""
    for _ in range(4):
        await post.courier.step()
        await post.courier.finish()
    return post.said()


async def test_turns_are_spaced_only_where_they_come_thick_for_long(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def noted(seconds: float) -> None:
        if seconds > 0.001:
            waited.append(round(seconds, 3))

    loop = asyncio.get_running_loop()
    now = loop.time()
    for _ in range(202):
        with monkeypatch.context() as patched:
            patched.setattr(loop, "time", lambda: now)
            patched.setattr("bot.engine.courier.asyncio.sleep", noted)
            await post.courier._gather()
    assert waited == [0.025], "two hundred are free"
    monkeypatch.setattr(loop, "time", lambda: now + 60)
    await post.courier._gather()
    assert waited == [0.025], "after a quiet minute they are free again"


async def test_a_letter_that_waits_for_its_chat_is_put_back_and_uses_one_place_in_the_end(
    post: Post,
) -> None:
    post.courier = post.new_courier(Pace(bot_each_second=100, chat=2, seconds=60))
    letters = [await post.put(1, Text(text)) for text in ("one", "two", "three", "four", "five")]
    await post.put(2, Text("for somebody else"))
    await post.send_all()
    assert sorted(post.said()) == ["for somebody else", "one", "two"]
    waiting = await post.row(letters[2])
    assert waiting.leased_until is None, "nobody holds it while it waits"
    assert 50 < (waiting.due_at - post.clock.now()).total_seconds() <= 60
    assert waiting.attempts == 0, "to wait is no failure"

    # However often somebody looks meanwhile.
    for _ in range(5):
        post.clock.move(seconds=11)
        await post.send_all()
    post.clock.move(seconds=6)
    await post.send_all()
    assert [text for text in post.said() if text != "for somebody else"] == [
        *("one", "two", "three", "four")
    ]


async def test_a_server_in_trouble_is_tried_again_and_the_letter_arrives(post: Post) -> None:
    post.carrier.fails = failing(1, Unavailable("502"))
    letter = await post.put(1, Text("hello"))
    await post.send_all()
    assert (await post.row(letter)).attempts == 1
    post.carrier.fails = RecordingCarrier().fails
    post.clock.move(seconds=2)
    await post.send_all()
    assert post.said() == ["hello"]


async def test_a_page_behind_another_letter_leaves_five_seconds_after_a_long_outage(
    post: Post,
) -> None:
    post.carrier.fails = failing(1, Unavailable("502"))
    await post.put(1, Text("a list"), priority=Priority.REST)
    for _ in range(8):
        await post.send_all()
        post.clock.move(seconds=5)
    await post.send_all()
    await post.put(1, Text("a page"), priority=Priority.PAGE)
    post.carrier.fails = RecordingCarrier().fails
    post.clock.move(seconds=5)
    await post.send_all()
    assert post.said() == ["a list", "a page"]


async def test_a_letter_that_telegram_refuses_is_told_to_coordinators_and_blocks_nobody(
    post: Post,
) -> None:
    async with post.database.transaction() as session:
        session.add(an_ambassador(post, 99, "cleo", Role.COORDINATOR))
    post.carrier.fails = failing(1, Rejected("can't parse entities"))
    refused = await post.put(1, Text("broken"))
    await post.put(1, Text("the next one"), priority=Priority.REPLY)
    await post.send_all()
    assert (await post.row(refused)).status is OutboxStatus.FAILED
    assert any("refused a message" in letter.html for letter in texts(post, 99))


async def test_an_ambassador_who_blocked_the_bot_is_marked_and_coordinators_are_told(
    post: Post,
) -> None:
    async with post.database.transaction() as session:
        session.add(an_ambassador(post, 1, "ana", Role.AMBASSADOR))
        session.add(an_ambassador(post, 99, "cleo", Role.COORDINATOR))
    post.carrier.fails = failing(1, ChatGone("blocked"))
    await post.put(1, Text("a page"))
    await post.send_all()
    async with post.database.reading() as session:
        ana = (await session.exec(select(Ambassador).where(Ambassador.handle == "ana"))).one()
    assert ana.unreachable_at is not None
    assert any("@ana can't be reached" in letter.html for letter in texts(post, 99))


async def test_a_person_who_blocked_the_bot_is_no_alarm(post: Post) -> None:
    async with post.database.transaction() as session:
        work = UnitOfWork(session, post.database.keyring, post.community, post.clock.now())
        await work.people.meet(1, "en")
    post.carrier.fails = failing(1, ChatGone("blocked"))
    await post.put(1, Text("hello"))
    await post.send_all()
    async with post.database.reading() as session:
        assert (await session.exec(select(Person))).one().blocked_at is not None


async def test_a_letter_taken_by_a_courier_that_died_is_sent_by_the_next_one(post: Post) -> None:
    await post.put(1, Text("hello"))
    taken = await post.courier._turn(1)
    assert len(taken) == 1
    await post.send_all()
    assert post.said() == []
    post.clock.move(seconds=LEASE.total_seconds() + 1)
    post.courier = post.new_courier()
    await post.send_all()
    assert post.said() == ["hello"]


async def test_a_letter_is_not_lost_when_the_database_stumbles_while_it_is_sent(
    post: Post,
) -> None:
    def stumbles(chat: str, letter: Letter) -> DeliveryError | None:
        raise OperationalError("SELECT", {}, Exception("connection lost"))

    post.carrier.fails = stumbles
    letter = await post.put(1, Text("hello"))
    await post.send_all()
    assert (await post.row(letter)).status is OutboxStatus.WAITING
    post.carrier.fails = RecordingCarrier().fails
    post.clock.move(seconds=LEASE.total_seconds() + 1)
    await post.send_all()
    assert post.said() == ["hello"]


async def test_the_words_of_a_letter_are_gone_once_it_has_arrived(post: Post) -> None:
    letter = await post.put(1, Text("between us"))
    await post.send_all()
    assert (await post.row(letter)).letter is None


def texts(post: Post, chat: int) -> list[Text]:
    return [letter for letter in post.carrier.to(chat) if isinstance(letter, Text)]


def an_ambassador(post: Post, chat: int, handle: str, role: Role) -> Ambassador:
    return Ambassador(
        chat_key=post.database.keyring.lookup("chat", chat),
        chat_id=str(chat),
        handle=handle,
        name=handle.title(),
        role=role,
        joined_at=post.clock.now(),
    )
