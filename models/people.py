"""Persons who write, the volunteers who answer, and the invitations that make a volunteer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, Column, Index, String, false, text
from sqlmodel import Field, SQLModel

from models.types import EncryptedText, UtcDateTime, Word
from models.vocabulary import Question, Role

LONGEST_TAG = 12
"""Of a language, in characters. PostgreSQL refuses what is longer; SQLite does not."""


class Person(SQLModel, table=True):
    """Whoever writes to the bot for themselves or for someone they worry about.

    No name is kept: an ambassador sees the pseudonym alone. ``asked`` is the question in the bot's
    last words to them, which tells what a short answer means; ``asked_at`` without it is when they
    were asked for their country. ``stop_asked_at``: when they were asked whether somebody shall
    still come; no word of ``asked``, for older processes know no new ones.
    """

    id: int = Field(default=None, primary_key=True)
    chat_key: str = Field(max_length=64, unique=True)
    chat_id: str = Field(sa_column=Column(EncryptedText("person.chat_id"), nullable=False))
    pseudonym: str = Field(max_length=40)
    country: str | None = Field(default=None, max_length=2)
    language: str | None = Field(default=None, max_length=LONGEST_TAG)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    greeted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    blocked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    asked: Question | None = Field(default=None, sa_column=Column(Word(Question)))
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stop_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Ambassador(SQLModel, table=True):
    """A volunteer who takes cases. One with the role `coordinator` also runs the community.

    ``languages``: codes such as ``en`` in which they can talk with a person, where they said so.
    ``safeguards_since``: they are the safeguarding lead, who is told of persons under age.
    """

    id: int = Field(default=None, primary_key=True)
    chat_key: str = Field(max_length=64, unique=True)
    chat_id: str = Field(sa_column=Column(EncryptedText("ambassador.chat_id"), nullable=False))
    handle: str = Field(sa_column=Column(String(32), unique=True, nullable=False))
    name: str = Field(max_length=64)
    role: Role = Field(sa_column=Column(Word(Role), nullable=False))
    language: str | None = Field(default=None, max_length=LONGEST_TAG)
    languages: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default=text("'[]'"))
    )
    cases_at_once: int = Field(default=2)
    remind_day_before: bool = Field(default=True)
    remind_hour_before: bool = Field(default=True)
    dark_pictures: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    joined_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unreachable_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    safeguards_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GroupMember(SQLModel, table=True):
    """An ambassador in one of the community's own groups, which rungs may page by name."""

    __tablename__ = "group_member"
    __table_args__ = (Index("group_member_once", "name", "ambassador_id", unique=True),)

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=20)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    added_at: datetime = Field(sa_type=UtcDateTime)


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
