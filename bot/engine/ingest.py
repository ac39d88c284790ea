"""Updates come in: each is on disk before Telegram hears that it arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite

from bot.engine.clock import Clock
from bot.engine.duties import RENEW_S, Candidate, Replaced
from bot.engine.ports import Updates
from bot.engine.signals import INBOX, Signals
from models import Inbox, InboxStatus
from models.database import Database

_log = structlog.get_logger()

POLL_S = 5.0
"""How long Telegram may hold a request open."""

_TURN_S = 1.0


class Ingest:
    """Writes updates into the inbox."""

    def __init__(self, database: Database, signals: Signals, clock: Clock) -> None:
        self._database = database
        self._signals = signals
        self._clock = clock

    async def receive(
        self, updates: Iterable[dict[str, Any]], duty: Candidate | None = None
    ) -> int:
        """Keep ``updates``, each once however often it comes; how many were new.

        When this returns they are on disk. `ValueError` for what is no update; `Replaced` where
        whoever fetched them holds the ``duty`` to do so no longer: then none is kept.
        """
        now = self._clock.now()
        rows = [
            {
                "update_id": update_number(update),
                "chat_key": self._database.keyring.lookup("chat", chat_of(update)),
                "update": _as_text(update),
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
            if duty is not None:
                await duty.check(session)
            connection = await session.connection()
            new = len((await connection.execute(statement)).all())
        _log.info("updates_received", count=len(rows), new=new)
        # Those of one chat are handled one after the other, by whoever takes the first.
        await self._signals.ring(INBOX, count=len({row["chat_key"] for row in rows}))
        return new


class Poller:
    """Asks Telegram for updates, as the one process that does.

    An offset confirms to Telegram what is below it, so it is made only of updates that this
    process put on disk while its token was the newest, and is forgotten with the duty. A process
    that was paused, and replaced meanwhile, can therefore confirm nothing that is not on disk,
    however late it goes on.
    """

    def __init__(
        self, ingest: Ingest, updates: Updates, duty: Candidate, stopping: asyncio.Event
    ) -> None:
        self._ingest = ingest
        self._updates = updates
        self._duty = duty
        self._stopping = stopping
        self._offset: int | None = None
        self._token: int | None = None

    async def step(self) -> None:
        """Ask once. The next step's offset confirms what this one put on disk."""
        if not await self._duty.stand():
            await asyncio.sleep(_TURN_S)
            return
        if self._duty.token != self._token:
            # Whoever takes over starts without an offset: Telegram sends again what is not
            # confirmed, and the inbox keeps each update once.
            self._offset, self._token = None, self._duty.token
        batch = await self._fetch()
        if not batch:
            return
        try:
            await self._ingest.receive(batch, self._duty)
        except Replaced:
            _log.info("poller_replaced")
            return
        self._offset = max(update_number(update) for update in batch) + 1

    async def keep_duty(self) -> None:
        """Keep the duty, or try to take it, while a request is held open."""
        await self._duty.stand()
        try:
            async with asyncio.timeout(RENEW_S):
                await self._stopping.wait()
        except TimeoutError:
            return

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


def _as_text(update: dict[str, Any]) -> str:
    """The update as JSON. Half a character, which no database takes, becomes a question mark."""
    text = json.dumps(update, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
