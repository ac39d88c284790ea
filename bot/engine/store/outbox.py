"""Letters on their way out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.letters import Letter, Priority, write_letter
from bot.engine.signals import OUTBOX
from bot.engine.store.parcels import Parcel
from models import Message, Outbox, OutboxStatus
from models.keyring import Keyring


class Letters:
    """Puts letters into the outbox, and finds them again by what they were about."""

    def __init__(
        self, session: AsyncSession, keyring: Keyring, now: datetime, rings: set[str]
    ) -> None:
        self._session = session
        self._keyring = keyring
        self._now = now
        self._rings = rings

    async def put(
        self,
        chat_id: int | str,
        letter: Letter,
        *,
        priority: int = Priority.REST,
        case_id: int | None = None,
        page_id: int | None = None,
        said_id: int | None = None,
        review_id: int | None = None,
        changes: int | None = None,
    ) -> Outbox:
        """Have ``letter`` sent to a chat once this transaction is committed.

        It has its number when the session has been flushed.
        """
        row = Outbox(
            chat_key=self._keyring.lookup("chat", chat_id),
            chat_id=str(chat_id),
            letter=write_letter(letter),
            priority=priority,
            status=OutboxStatus.WAITING,
            created_at=self._now,
            due_at=self._now,
            case_id=case_id,
            page_id=page_id,
            said_id=said_id,
            review_id=review_id,
            changes=changes,
        )
        self._session.add(row)
        self._rings.add(OUTBOX)
        return row

    async def number_of(self, row: Outbox) -> int:
        """The number of a letter, which it gets now if it has none yet."""
        if row.id is None:
            await self._session.flush()
        return row.id

    async def change(
        self, earlier: Outbox, letter: Letter, *, priority: int = Priority.REST
    ) -> None:
        """Change the message of an ``earlier`` letter, as soon as that letter has one."""
        await self.put(
            earlier.chat_id,
            letter,
            priority=priority,
            case_id=earlier.case_id,
            changes=await self.number_of(earlier),
        )

    async def note_copy(self, parcel: Parcel, message_id: int) -> Outbox:
        """Keep that ``parcel`` was sent a second time, as this message of its chat."""
        copy = Outbox(
            chat_key=parcel.chat_key,
            chat_id=parcel.chat_id,
            priority=parcel.priority,
            status=OutboxStatus.SENT,
            created_at=self._now,
            due_at=self._now,
            sent_at=self._now,
            message_id=message_id,
            case_id=parcel.case_id,
        )
        self._session.add(copy)
        return copy

    async def take_back(self, row: Outbox) -> bool:
        """Keep a letter from leaving; False where it has left or is being sent right now."""
        if row.status is not OutboxStatus.WAITING or row.leased_until is not None:
            return False
        row.status = OutboxStatus.WITHDRAWN
        row.letter = None
        self._session.add(row)
        return True

    async def find(self, letter_id: int) -> Outbox | None:
        """The letter with this id, locked against the courier."""
        return await self._session.get(Outbox, letter_id, with_for_update=True)

    async def of_pages(self, case_id: int) -> Sequence[Outbox]:
        """The letters that carry this case's pages, oldest first, locked against the courier."""
        query = (
            select(Outbox)
            .where(Outbox.case_id == case_id, col(Outbox.page_id).is_not(None))
            .order_by(col(Outbox.id))
            .with_for_update()
        )
        return (await self._session.exec(query)).all()

    async def of_message(self, said_id: int) -> Sequence[Outbox]:
        """The letters that relay this message, oldest first."""
        query = select(Outbox).where(Outbox.said_id == said_id).order_by(col(Outbox.id))
        return (await self._session.exec(query)).all()

    async def relayed(self, case_id: int) -> Collection[int]:
        """The numbers of the messages in this case that letters relay, or have relayed."""
        letters = select(Outbox.id).where(Outbox.said_id == Message.id)
        query = select(Message.id).where(Message.case_id == case_id, letters.exists())
        return set((await self._session.exec(query)).all())

    async def of_review(self, review_id: int) -> Sequence[Outbox]:
        """The letters that show this item of the review list, oldest first, locked."""
        query = (
            select(Outbox)
            .where(Outbox.review_id == review_id, col(Outbox.changes).is_(None))
            .order_by(col(Outbox.id))
            .with_for_update()
        )
        return (await self._session.exec(query)).all()

    async def numbered(self, number: int) -> Outbox | None:
        """The letter with this number."""
        return await self._session.get(Outbox, number)

    async def shown_as(self, chat_id: int | str, message_id: int) -> Outbox | None:
        """The letter that became this message of this chat."""
        query = select(Outbox).where(
            Outbox.chat_key == self._keyring.lookup("chat", chat_id),
            Outbox.message_id == message_id,
            col(Outbox.changes).is_(None),
        )
        return (await self._session.exec(query)).first()
