"""Who is on call when, as it is remembered: shifts, covers and away times."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from models.types import UtcDateTime, Word
from models.vocabulary import Layer


class Shift(SQLModel, table=True):
    """A recurring span of one ambassador, in the wall-clock time of a named zone.

    ``weekdays`` holds digits, 0 for Monday; ``starts`` and ``ends`` are minutes after midnight
    (0 to 1439). A shift whose end is not after its start ends on the following day.
    """

    __table_args__ = (Index("shift_ambassador", "ambassador_id"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    layer: Layer = Field(sa_column=Column(Word(Layer), nullable=False))
    weekdays: str = Field(max_length=7)
    starts: int
    ends: int
    zone: str = Field(max_length=64)
    from_date: date
    until_date: date | None = Field(default=None)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Cover(SQLModel, table=True):
    """A dated replacement: one ambassador stands in for another."""

    __table_args__ = (Index("cover_end", "ends_at"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    for_ambassador_id: int = Field(foreign_key="ambassador.id")
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Away(SQLModel, table=True):
    """A dated absence; without an end it lasts until ``/back``."""

    __table_args__ = (Index("away_ambassador", "ambassador_id"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
