"""Updates come in: each is on disk before Telegram hears that it arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite

from bot.engine.clock import Clock
from bot.engine.live import Election
from bot.engine.ports import Updates
from bot.engine.signals import INBOX, Signals
from models import Inbox, InboxStatus
from models.database import Database

_log = structlog.get_logger()

POLL_S = 5.0
"""How long Telegram may hold a request open: less than the term of an election."""

_TURN_S = 1.0


class Ingest:
    """Writes updates into the inbox."""

    def __init__(self, database: Database, signals: Signals, clock: Clock) -> None:
        self._database = database
        self._signals = signals
        self._clock = clock

    async def receive(self, updates: Iterable[dict[str, Any]]) -> int:
        """Keep ``updates``, each once however often it comes; how many were new.

        When this returns they are on disk. `ValueError` for what is no update.
        """
        now = self._clock.now()
        rows = [
            {
                "update_id": update_number(update),
                "chat_key": self._database.keyring.lookup("chat", chat_of(update)),
                "update": json.dumps(update, ensure_ascii=False),
                "status": InboxStatus.WAITING,
                "attempts": 0,
                "received_at": now,
                "due_at": now,
            }
            for update in updates
        ]
        if not rows:
            return 0
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        statement = (
            insert(Inbox)
            .values(rows)
            .on_conflict_do_nothing(index_elements=["update_id"])
            .returning(Inbox.__table__.c.id)  # type: ignore[attr-defined]
        )
        async with self._database.transaction() as session:
            connection = await session.connection()
            new = len((await connection.execute(statement)).all())
        _log.info("updates_received", count=len(rows), new=new)
        await self._signals.ring(INBOX)
        return new


class Poller:
    """Asks Telegram for updates, as the one process that does."""

    def __init__(
        self, ingest: Ingest, updates: Updates, election: Election, stopping: asyncio.Event
    ) -> None:
        self._ingest = ingest
        self._updates = updates
        self._election = election
        self._stopping = stopping
        self._offset: int | None = None

    async def step(self) -> None:
        """Ask once. The next step's offset confirms what this one put on disk."""
        if not await self._election.holds():
            # Whoever takes over starts without an offset: Telegram sends again what is not
            # confirmed, and the inbox keeps each update once.
            self._offset = None
            await asyncio.sleep(_TURN_S)
            return
        batch = await self._fetch()
        if batch:
            await self._ingest.receive(batch)
            self._offset = max(update_number(update) for update in batch) + 1

    async def _fetch(self) -> Sequence[dict[str, Any]]:
        """A request that Telegram holds open is given up when the process is to end."""
        fetching = asyncio.ensure_future(self._updates.fetch(self._offset, POLL_S))
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not fetching.done():
            fetching.cancel()
            await asyncio.wait({fetching})
            return ()
        return fetching.result()


def update_number(update: dict[str, Any]) -> int:
    """The number of an update; `ValueError` where it has none."""
    number = update.get("update_id")
    if not isinstance(number, int):
        raise ValueError("not an update: it has no update_id")  # noqa: TRY004  the content is wrong
    return number


def chat_of(update: dict[str, Any]) -> int:
    """The chat whose order an update must keep; 0 for updates of no chat."""
    for kind, content in update.items():
        if not isinstance(content, dict):
            continue
        message = content.get("message") if kind == "callback_query" else content
        chat = message.get("chat") if isinstance(message, dict) else None
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return int(chat["id"])
        sender = content.get("from")
        if isinstance(sender, dict) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return 0
