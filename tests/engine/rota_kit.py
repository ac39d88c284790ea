"""A community with a rota, in a database, at a time of the test's choosing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from bot.engine.letters import read_letter
from bot.engine.work import Community, UnitOfWork
from models import Ambassador, Layer, Outbox, Role, Shift
from models.database import Database
from tests.support.clock import MovableClock
from tests.support.fakes import a_community


class House:
    """Volunteers and their rota. Everybody's chat is their place in the order they joined."""

    def __init__(self, database: Database, at: datetime, zone: str = "Europe/Berlin") -> None:
        self.database = database
        self.clock = MovableClock(at)
        self.community: Community = replace(a_community(), zone=zone)
        self._chats = 0

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        async with self.database.transaction() as session:
            yield UnitOfWork(session, self.database.keyring, self.community, self.clock.now())

    async def joins(self, name: str, role: Role = Role.AMBASSADOR) -> Ambassador:
        self._chats += 1
        async with self.work() as work:
            token = await work.people.invite(role, None)
            return await work.people.join(token, self._chats, name, "en")

    def shift(self, who: Ambassador, starts: int, ends: int, **values: Any) -> Shift:
        """A daily shift between two full hours."""
        fields: dict[str, Any] = {
            "ambassador_id": who.id,
            "layer": Layer.PRIMARY,
            "weekdays": "0123456",
            "starts": starts * 60,
            "ends": ends * 60 % 1440,
            "zone": self.community.zone,
            "from_date": date(2026, 1, 1),
            "created_at": self.clock.now(),
        }
        return Shift(**(fields | values))

    async def has(self, *rows: Any) -> None:
        async with self.work() as work:
            for row in rows:
                await work.rota.add(row)

    async def reads(self, who: Ambassador | str) -> list[str]:
        """What is on its way to somebody, oldest first."""
        async with self.database.reading() as session:
            rows = (await session.exec(select(Outbox).order_by(col(Outbox.id)))).all()
        chat = who if isinstance(who, str) else who.chat_id
        return [
            getattr(read_letter(row.letter), "html", "")
            for row in rows
            if row.letter is not None and row.chat_id == chat
        ]
