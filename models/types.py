"""Column types: times always in UTC, texts always sealed, words of the vocabulary."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from models.keyring import Keyring


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC, on every database.

    A naive time is refused with `ValueError`: nobody can tell which zone it was meant in.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value.isoformat()}")
        value = value.astimezone(UTC)
        # SQLite has no zones: it keeps what the clock on the wall in UTC shows.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text that is stored sealed.

    ``purpose`` names the column and is bound into the seal, so that a sealed value moved to
    another column does not open there. The keyring is the one that `Database` gave its dialect.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keyring(dialect).encrypt(value, self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else _keyring(dialect).decrypt(value, self.purpose)


class Word(TypeDecorator[Any]):
    """A member of a `StrEnum` of the vocabulary, stored as its value, read back as a member."""

    impl = String(20)
    cache_ok = True

    def __init__(self, vocabulary: type[enum.StrEnum]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.vocabulary(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.vocabulary(value)


def give_keyring(dialect: Dialect, keyring: Keyring) -> None:
    """Let columns of `EncryptedText` on this dialect (one per engine) seal with ``keyring``."""
    dialect.holdfast_keyring = keyring  # type: ignore[attr-defined]


def _keyring(dialect: Dialect) -> Keyring:
    keyring: Keyring = dialect.holdfast_keyring  # type: ignore[attr-defined]
    return keyring
