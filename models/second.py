"""The second channel: ways to reach a volunteer beside Telegram, and the calls sent by them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from models.indexes import partial_index
from models.types import EncryptedText, UtcDateTime, Word
from models.vocabulary import CallReason, CallStatus


class Channel(SQLModel, table=True):
    """One Apprise URL of one ambassador. It is used only once it was confirmed by its code.

    ``tries`` counts wrong codes. The URL holds passwords and phone numbers, so it is sealed.
    """

    __table_args__ = (Index("channel_ambassador", "ambassador_id"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    url: str = Field(sa_column=Column(EncryptedText("channel.url"), nullable=False))
    code: str | None = Field(default=None, sa_column=Column(EncryptedText("channel.code")))
    tries: int = Field(default=0)
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Call(SQLModel, table=True):
    """One short sentence that goes out by a channel. It never holds a person's words.

    ``words`` is sealed since it may hold a code; it goes as soon as the call has ended.
    """

    __table_args__ = (
        partial_index("call_queued", "due_at", only="status = 'queued'"),
        Index("call_page", "page_id"),
    )

    id: int = Field(default=None, primary_key=True)
    channel_id: int = Field(foreign_key="channel.id")
    reason: CallReason = Field(sa_column=Column(Word(CallReason), nullable=False))
    words: str | None = Field(default=None, sa_column=Column(EncryptedText("call.words")))
    page_id: int | None = Field(default=None, foreign_key="page.id")
    status: CallStatus = Field(sa_column=Column(Word(CallStatus), nullable=False))
    tries: int = Field(default=0)
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, max_length=200)
