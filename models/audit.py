"""What volunteers did, append-only, each entry sealed to the one before it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from models.types import UtcDateTime

GENESIS = "0" * 64


class Audit(SQLModel, table=True):
    """One act. ``actor`` and ``subject`` read ``ambassador:3``, ``case:12``; never any words.

    ``seal`` is SHA-256 over the previous entry's seal and this entry's content, so that an entry
    cannot be changed or taken out without breaking every seal after it.
    """

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=40)
    act: str = Field(max_length=40)
    subject: str | None = Field(default=None, max_length=40)
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    previous: str = Field(max_length=64, unique=True)
    seal: str = Field(max_length=64)

    def expected_seal(self) -> str:
        """The seal that this entry's content and its ``previous`` give."""
        content = [
            self.previous,
            self.at.isoformat(timespec="microseconds"),
            self.actor,
            self.act,
            self.subject,
            self.details,
        ]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
