"""What came in and is not yet handled, and what was decided and is not yet sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from models.indexes import partial_index
from models.types import EncryptedText, UtcDateTime, Word
from models.vocabulary import InboxStatus, OutboxStatus


class Inbox(SQLModel, table=True):
    """One update from Telegram. Its text goes as soon as it is handled; its number stays."""

    __table_args__ = (
        partial_index("inbox_waiting", "chat_key", "id", only="status = 'waiting'"),
        Index("inbox_received", "received_at"),
    )

    id: int = Field(default=None, primary_key=True)
    update_id: int = Field(sa_column=Column(BigInteger, unique=True, nullable=False))
    chat_key: str = Field(max_length=64)
    update: str | None = Field(default=None, sa_column=Column(EncryptedText("inbox.update")))
    status: InboxStatus = Field(sa_column=Column(Word(InboxStatus), nullable=False))
    attempts: int = Field(default=0)
    received_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, max_length=200)


class Outbox(SQLModel, table=True):
    """One letter for Telegram.

    ``letter`` is the sealed JSON of a `bot.engine.letters.Letter`. ``priority`` is lower for what
    must go first. ``changes`` names the letter whose message this one edits or deletes.
    """

    __table_args__ = (
        partial_index("outbox_waiting", "chat_key", "id", only="status = 'waiting'"),
        Index("outbox_message", "chat_key", "message_id"),
        Index("outbox_case", "case_id"),
        Index("outbox_said", "said_id"),
        Index("outbox_page", "page_id"),
        Index("outbox_review", "review_id"),
    )

    id: int = Field(default=None, primary_key=True)
    chat_key: str = Field(max_length=64)
    chat_id: str = Field(sa_column=Column(EncryptedText("outbox.chat_id"), nullable=False))
    letter: str | None = Field(default=None, sa_column=Column(EncryptedText("outbox.letter")))
    priority: int
    status: OutboxStatus = Field(sa_column=Column(Word(OutboxStatus), nullable=False))
    attempts: int = Field(default=0)
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    message_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    changes: int | None = Field(default=None, foreign_key="outbox.id")
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    page_id: int | None = Field(default=None, foreign_key="page.id")
    said_id: int | None = Field(default=None, foreign_key="message.id")
    review_id: int | None = Field(default=None, foreign_key="review.id")
    error: str | None = Field(default=None, max_length=200)
