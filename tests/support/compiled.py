"""Statements are compiled once for all tests of a process.

SQLAlchemy remembers what it compiled by the engine and by its dialect object. The bot has one
engine for as long as it runs; tests make thousands, and spent an eighth of their time in compiling
the same statements for each.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_remembered: LRUCache[Any, Any] = LRUCache(4000)


def share() -> None:
    """From now on, engines of one kind with one key share what they compile."""
    Engine._compiled_cache = property(  # type: ignore[assignment]
        lambda engine: _remembered, lambda engine, its_own: None
    )
    DefaultDialect.__hash__ = lambda self: hash(_kind(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = _are_alike  # type: ignore[method-assign,assignment]


def _are_alike(one: DefaultDialect, other: object) -> bool:
    return one is other or (isinstance(other, DefaultDialect) and _kind(one) == _kind(other))


def _kind(dialect: DefaultDialect) -> tuple[str, str]:
    """Of one kind are dialects that compile alike: what seals columns with a key is compiled in."""
    kind: tuple[str, str] | None = dialect.__dict__.get("holdfast_kind")
    if kind is None:
        keyring = getattr(dialect, "holdfast_keyring", None)
        sign = keyring.lookup("sign", 0) if keyring else ""
        kind = dialect.__dict__["holdfast_kind"] = (type(dialect).__qualname__, sign)
    return kind
