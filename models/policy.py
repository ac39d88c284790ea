"""What coordinators made of the policy: drafts, and the versions that came to count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from models.types import UtcDateTime


class PolicyVersion(SQLModel, table=True):
    """A whole policy, as `bot.core.policy.Policy.as_json` writes it.

    It is a draft until ``serial`` is set: 1 for the first version after the file, then 2 and so
    on. The highest counts; that no two are alike keeps two coordinators from overwriting each
    other. ``based_on``: the serial it was made on, 0 for the file. ``change``: the command's words
    or, for an undo, nothing. ``undo_to``: the serial whose document this brought back.
    """

    __tablename__ = "policy_version"
    __table_args__ = (Index("policy_version_serial", "serial", unique=True),)

    id: int = Field(default=None, primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    change: str | None = Field(default=None, max_length=200)
    based_on: int
    undo_to: int | None = Field(default=None)
    made_by: int = Field(foreign_key="ambassador.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    serial: int | None = Field(default=None)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
