"""What several processes agree on: who has a duty, who is alive, which alarms are raised."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.types import UtcDateTime


class Duty(SQLModel, table=True):
    """Something that one process does at a time, until its term is over.

    ``token`` grows by one whenever the duty changes hands: whoever acts with an older one has
    been replaced without knowing it.
    """

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=20, unique=True)
    holder: str = Field(max_length=40)
    token: int
    until: datetime = Field(sa_type=UtcDateTime)


class Heartbeat(SQLModel, table=True):
    """A process that lived at ``beat_at``: written only while Redis is away."""

    id: int = Field(default=None, primary_key=True)
    process: str = Field(max_length=40, unique=True)
    beat_at: datetime = Field(sa_type=UtcDateTime)
    polls: bool
    moves: bool


class Alarm(SQLModel, table=True):
    """Something that is wrong with the bot itself, from when it was found until it is well again.

    ``well_since``: found well, but not yet often enough to say so.
    """

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime = Field(sa_type=UtcDateTime)
    well_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    count: int


class Shape(SQLModel, table=True):
    """The one row that says which versions of Holdfast can work on these tables.

    ``oldest`` is the newest migration that the oldest of them knows. An additive migration leaves
    it as it is; one that takes something away sets it to itself.
    """

    id: int = Field(default=None, primary_key=True)
    oldest: str = Field(max_length=32)
