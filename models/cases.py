"""Cases, their pages, and what is said in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, false
from sqlmodel import Field, SQLModel

from models.indexes import partial_index
from models.types import EncryptedText, UtcDateTime, Word
from models.vocabulary import CaseStatus, Kind, Outcome, PageStatus, Speaker, Theme, Urgency


class Case(SQLModel, table=True):
    """One person's open need for a human, from the first page to the close.

    The row is its own timer: ``wake_at`` says when to decide next. ``policy`` is the snapshot
    taken when the case opened. ``rung`` counts from 0 within a ``cycle`` that counts from 0;
    ``rung_ends_at`` is when this rung's wait is over. ``waiting_since`` is set while the person
    waits for the holder's next word; ``silent_since`` is set while the holder waits for the
    person's. ``checks``: 1 when the silent person was asked after, higher when coordinators were.
    ``climbs`` counts how often the whole ladder was begun anew. ``first_cycle``: with which cycle
    the case was opened, or opened again; pages of earlier ones are history. ``offered_to``: to
    whom the holder would hand the case over, until ``offer_ends_at``; ``offer_letter`` asks them.
    ``noted_at`` and ``danger_asked_at``: when the waiting person was last told so. ``minor``: the
    person seems to be under age.
    """

    __tablename__ = "cases"  # CASE is a word of SQL itself
    __table_args__ = (
        # One open case a person: a second message joins the first case, whatever races.
        partial_index(
            "case_one_open_per_person", "person_id", only="status <> 'closed'", unique=True
        ),
        partial_index("case_wake", "wake_at", only="wake_at IS NOT NULL"),
        Index("case_holder", "holder_id", "status"),
        partial_index("case_going_on", "status", only="status <> 'closed'"),
        partial_index("case_claimed", "claimed_at", only="claimed_at IS NOT NULL"),
        partial_index("case_closed", "closed_at", only="closed_at IS NOT NULL"),
        Index("case_person", "person_id", "closed_at"),
    )

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    status: CaseStatus = Field(sa_column=Column(Word(CaseStatus), nullable=False))
    urgency: Urgency = Field(sa_column=Column(Word(Urgency), nullable=False))
    theme: Theme = Field(sa_column=Column(Word(Theme), nullable=False))
    policy: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    holder_id: int | None = Field(default=None, foreign_key="ambassador.id")
    opened_at: datetime = Field(sa_type=UtcDateTime)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: Outcome | None = Field(default=None, sa_column=Column(Word(Outcome)))
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("case.note")))
    cycle: int = Field(default=0)
    cycle_began_at: datetime = Field(sa_type=UtcDateTime)
    rung: int = Field(default=-1)
    rung_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    waiting_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    nudges: int = Field(default=0)
    emergency_called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    contact_confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    climbs: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reopened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_cycle: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    silent_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    offered_to: int | None = Field(default=None)
    offer_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    offer_letter: int | None = Field(default=None)
    noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    danger_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    minor: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    @property
    def began_at(self) -> datetime:
        """Since when the person waits or is talked with: the opening, or the last reopening."""
        return self.reopened_at or self.opened_at

    @property
    def label(self) -> str:
        """What volunteers call the case in chat: ``C12``."""
        return f"C{self.id}"


class Page(SQLModel, table=True):
    """One ambassador asked to take one case on one rung; ``loud``: by their second channel too."""

    __table_args__ = (
        Index("page_case", "case_id"),
        Index("page_queued", "queued_at", "ambassador_id"),
        partial_index("page_awaited", "case_id", only="status IN ('queued', 'sent')"),
        partial_index("page_in_flight", "ambassador_id", only="status IN ('queued', 'sent')"),
    )

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    ambassador_id: int = Field(foreign_key="ambassador.id")
    cycle: int
    rung: int
    status: PageStatus = Field(sa_column=Column(Word(PageStatus), nullable=False))
    queued_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Written by versions that know it; the others leave it to the database.
    loud: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )


class Message(SQLModel, table=True):
    """What a person or a holder said within a case, to be relayed to the other.

    Without a case it is a holder's message that fits none yet: the holder has been asked which.
    ``file_id`` is Telegram's handle of a photo, so that it can be shown behind a cover.
    """

    __table_args__ = (
        Index("message_case", "case_id", "id"),
        Index("message_source", "source_chat_key", "source_message_id", unique=True),
    )

    id: int = Field(default=None, primary_key=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    speaker: Speaker = Field(sa_column=Column(Word(Speaker), nullable=False))
    ambassador_id: int | None = Field(default=None, foreign_key="ambassador.id")
    kind: Kind = Field(sa_column=Column(Word(Kind), nullable=False))
    words: str | None = Field(default=None, sa_column=Column(EncryptedText("message.words")))
    file_id: str | None = Field(default=None, sa_column=Column(EncryptedText("message.file_id")))
    source_chat_key: str = Field(max_length=64)
    source_chat_id: str = Field(
        sa_column=Column(EncryptedText("message.source_chat_id"), nullable=False)
    )
    source_message_id: int
    said_at: datetime = Field(sa_type=UtcDateTime)
