"""Persons who write, the volunteers who answer, and the invitations that make a volunteer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.types import EncryptedText, UtcDateTime, Word
from models.vocabulary import Role


class Person(SQLModel, table=True):
    """Whoever writes to the bot for themselves or for someone they worry about.

    No name is kept: an ambassador sees the pseudonym alone.
    """

    id: int = Field(default=None, primary_key=True)
    chat_key: str = Field(max_length=64, unique=True)
    chat_id: str = Field(sa_column=Column(EncryptedText("person.chat_id"), nullable=False))
    pseudonym: str = Field(max_length=40)
    country: str | None = Field(default=None, max_length=2)
    language: str | None = Field(default=None, max_length=12)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    greeted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    blocked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Ambassador(SQLModel, table=True):
    """A volunteer who takes cases. One with the role `coordinator` also runs the community."""

    id: int = Field(default=None, primary_key=True)
    chat_key: str = Field(max_length=64, unique=True)
    chat_id: str = Field(sa_column=Column(EncryptedText("ambassador.chat_id"), nullable=False))
    handle: str = Field(sa_column=Column(String(32), unique=True, nullable=False))
    name: str = Field(max_length=64)
    role: Role = Field(sa_column=Column(Word(Role), nullable=False))
    language: str | None = Field(default=None, max_length=12)
    cases_at_once: int = Field(default=2)
    remind_day_before: bool = Field(default=True)
    remind_hour_before: bool = Field(default=True)
    joined_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unreachable_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """A single-use right to join in a role. The link's token itself is never stored."""

    id: int = Field(default=None, primary_key=True)
    token_key: str = Field(max_length=64, unique=True)
    role: Role = Field(sa_column=Column(Word(Role), nullable=False))
    invited_by: int | None = Field(default=None, foreign_key="ambassador.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_by: int | None = Field(default=None, foreign_key="ambassador.id")
