"""Indexes that hold a part of their table alone."""

from __future__ import annotations

from sqlalchemy import Index, text


def partial_index(name: str, *columns: str, only: str, unique: bool = False) -> Index:
    """An index of the rows for which ``only``, a condition in SQL, holds, on every database."""
    condition = text(only)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
