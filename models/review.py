"""The review list: words that a human should look at before anybody is paged, or not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from models.indexes import partial_index
from models.types import EncryptedText, UtcDateTime, Word
from models.vocabulary import ReviewStatus, Theme, Urgency


class Review(SQLModel, table=True):
    """What one person wrote that triage could neither page for nor call harmless.

    ``words`` is sealed JSON, a list of ``[message id, text]``; it is emptied once somebody has
    decided. ``reasons`` are names of rules and intents. ``shown_to`` are the ambassadors who were
    shown it. ``overdue_at``: when it moves to the coordinators' list.
    """

    __table_args__ = (
        # One item a person: more words join it, whatever races.
        partial_index(
            "review_one_waiting_per_person",
            "person_id",
            only="status IN ('open', 'overdue')",
            unique=True,
        ),
        partial_index("review_due", "overdue_at", only="status = 'open'"),
    )

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    status: ReviewStatus = Field(sa_column=Column(Word(ReviewStatus), nullable=False))
    words: str | None = Field(default=None, sa_column=Column(EncryptedText("review.words")))
    urgency: Urgency = Field(sa_column=Column(Word(Urgency), nullable=False))
    theme: Theme = Field(sa_column=Column(Word(Theme), nullable=False))
    reasons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    language: str | None = Field(default=None, max_length=12)
    minor: bool = Field(default=False)
    says_safe: bool = Field(default=False)
    shown_to: list[int] = Field(sa_column=Column(JSON, nullable=False))
    opened_at: datetime = Field(sa_type=UtcDateTime)
    overdue_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, foreign_key="ambassador.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def label(self) -> str:
        """What volunteers call the item in chat: ``R7``."""
        return f"R{self.id}"
