"""The name of a model: a hash over everything that shapes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from understanding import paths

_TOOLS = frozenset(
    f"{name}.py"
    for name in (
        *("adapt", "environment", "fingerprint", "lessons", "orphan", "parse", "pictures", "plots"),
        *("serve", "stock", "test", "train", "weigh"),
    )
)
"""Programs around the model. A change in them leaves the model what it is."""


def of_content() -> str:
    """Return 16 hex digits over training data, configuration, components, adapter and lock."""
    digest = hashlib.sha256()
    for path in _inputs():
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _inputs() -> Iterator[Path]:
    yield paths.CONFIG
    yield paths.LOCK
    yield from sorted(paths.DATA.rglob("*.yml"))
    sources = [p for ending in ("py", "yml", "npz") for p in paths.PACKAGE.rglob(f"*.{ending}")]
    yield from sorted(path for path in sources if path.name not in _TOOLS)
