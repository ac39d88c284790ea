"""A stage that is watched: whatever a test does, nothing may go wrong behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.testing import capture_logs

from bot.engine.work import UnitOfWork
from models import Ambassador, Case, Inbox, InboxStatus, Layer, Outbox, OutboxStatus, Role, Shift
from sandbox import DEFAULT_TOKEN
from sandbox.client import PLAIN, ChatMessage, Phone
from tests.support.stage import Stage
from tests.support.stories import DISTRESS

_MAY_FAIL = ("letter_not_sent", "file_not_fetched")


@dataclass
class Watched(Stage):
    """A stage whose log and mail are looked through at the end.

    ``expected``: the errors of letters and files that are part of the story, as ``ChatGone``.
    """

    http: httpx.AsyncClient
    expected: set[str] = field(default_factory=set)
    events: list[Any] = field(default_factory=list)

    def work(self, session: AsyncSession) -> UnitOfWork:
        """A unit of work on the bot's database."""
        return self.holdfast.work(session)

    async def invitation(self, role: str) -> str:
        """The token of a fresh link, without a word to anybody."""
        async with self.holdfast.database.transaction() as session:
            return await self.work(session).people.invite(Role(role), None)

    async def coordinator(self, name: str) -> Phone:
        """Another coordinator, who joined without a word to the others."""
        phone = await self.client.new_phone(name, "coordinator")
        async with self.holdfast.database.transaction() as session:
            people = self.work(session).people
            token = await people.invite(Role.COORDINATOR, None)
            await session.flush()
            await people.join(token, phone.id, name, "en")
        return phone

    async def on_call(self) -> tuple[Phone, Phone]:
        """Ana, primary, and Ben, backup, round the clock, who were planned before the story.

        To plan them by command takes two pictures, which cost more than most stories do.
        """
        ana, ben = await self.ambassador("Ana"), await self.ambassador("Ben")
        async with self.holdfast.database.transaction() as session:
            work = self.work(session)
            for phone, layer in ((ana, Layer.PRIMARY), (ben, Layer.BACKUP)):
                who = await work.people.ambassador_in(phone.id)
                assert who is not None
                await work.rota.add(self.shift_of(who, "UTC", layer=layer))
        return ana, ben

    def shift_of(
        self,
        ambassador: Ambassador,
        zone: str,
        starts: int = 0,
        ends: int = 0,
        layer: Layer = Layer.PRIMARY,
    ) -> Shift:
        """A daily shift, in minutes after midnight; round the clock from 0 to 0."""
        return Shift(
            ambassador_id=ambassador.id,
            layer=layer,
            weekdays="0123456",
            starts=starts,
            ends=ends,
            zone=zone,
            from_date=self.clock.now().date(),
            created_at=self.clock.now(),
        )

    @staticmethod
    async def asks(phone: Phone, text: str, expecting: str = "") -> ChatMessage:
        """What the bot answers to ``text``: the first message that contains ``expecting``."""
        marker = await phone.marker()
        await phone.says(text)
        return await phone.reads(expecting, after=marker)

    @staticmethod
    async def taps(
        phone: Phone, label: str, on: ChatMessage | None = None, expecting: str = ""
    ) -> ChatMessage:
        """What the bot says after a tap: the first message that contains ``expecting``."""
        marker = await phone.marker()
        await phone.taps(label, on=on)
        return await phone.reads(expecting, after=marker)

    async def claimed(self, person: Phone, *, by: Phone, words: str = DISTRESS) -> ChatMessage:
        """``by`` takes the case of ``person``; the message that hands it over."""
        marker = await by.marker()
        await person.says(words)
        page = await by.reads("asked", after=marker)
        await by.taps("I'm here", on=page)
        return await by.reads("You are with them now", after=page)

    async def time_passes(self, **span: float) -> None:
        """Move the clock once all is done: a letter on its way would lose its lease."""
        await self.settles()
        await super().time_passes(**span)

    async def settles(self) -> None:
        """Wait until every update is handled, every case woken, and every letter has ended."""
        for _ in range(1000):
            if not await self._left_over():
                return
            await self.holdfast.signals.wait("nothing", 0.02)
        raise AssertionError(f"still waiting: {await self._left_over()}")

    async def went_well(self) -> None:
        """Nothing failed, in the mail or in the log."""
        await self.settles()
        async with self.holdfast.database.reading() as session:
            inbox = (
                await session.exec(select(Inbox.error).where(Inbox.status == InboxStatus.FAILED))
            ).all()
            outbox = (
                await session.exec(select(Outbox.error).where(Outbox.status == OutboxStatus.FAILED))
            ).all()
        assert not inbox
        refused = [
            (entry.method, entry.description)
            for entry in await self.client.journal()
            if entry.status != 200
        ]
        assert not set(outbox) - self.expected, refused
        loud = [
            event
            for event in self.events
            if event["log_level"] in ("warning", "error", "critical")
            and not (event["event"] in _MAY_FAIL and event["error"] in self.expected)
        ]
        assert not loud

    async def _left_over(self) -> list[object]:
        info = (await self.http.get(f"/bot{DEFAULT_TOKEN}/getWebhookInfo")).json()["result"]
        if pending := info["pending_update_count"]:
            return [f"{pending} updates not fetched"]
        async with self.holdfast.database.reading() as session:
            inbox = await session.exec(
                select(Inbox.id).where(col(Inbox.status) == InboxStatus.WAITING)
            )
            outbox = await session.exec(
                select(Outbox.id).where(col(Outbox.status) == OutboxStatus.WAITING)
            )
            cases = await session.exec(select(Case.id).where(col(Case.wake_at) <= self.clock.now()))
            return [*inbox.all(), *outbox.all(), *cases.all()]


@asynccontextmanager
async def _watching(stage: Stage) -> AsyncIterator[Watched]:
    # One client for all polls: to make one costs more than to ask with it.
    async with httpx.AsyncClient(base_url=stage.address, trust_env=False, verify=PLAIN) as http:
        with capture_logs() as events:
            watched = Watched(
                stage.address,
                stage.holdfast,
                stage.client,
                stage.clock,
                stage.chief,
                http,
                events=events,
            )
            yield watched
            await watched.went_well()


@pytest.fixture
async def bot(embedded: Stage) -> AsyncIterator[Watched]:
    """The bot as it runs by default, watched."""
    async with _watching(embedded) as watched:
        yield watched


@pytest.fixture
async def bot_on_both(stage: Stage) -> AsyncIterator[Watched]:
    """The bot on each database, watched: for the stories that matter most."""
    async with _watching(stage) as watched:
        yield watched
