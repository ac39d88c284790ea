"""The table of intents: urgency, theme and what is asked. Pure but for reading its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

URGENCIES = ("immediate", "urgent", "support", "none")
"""From the fastest to the slowest."""

THEMES = frozenset(
    {
        "suicide",
        "self_harm",
        "violence",
        "overdose",
        "panic",
        "grief",
        "loneliness",
        "low_mood",
        "substance_use",
        "eating",
        "someone_else",
        "other",
    }
)

PATH = Path(__file__).with_name("intents.yml")


class TableError(ValueError):
    """The table holds an unknown urgency, theme or key, or lacks an intent."""


class Meaning(NamedTuple):
    """What one intent stands for."""

    urgency: str
    theme: str
    asks: str | None


def load(path: Path = PATH) -> dict[str, Meaning]:
    """Return the meaning of each intent by name. Raises TableError, OSError."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {intent: _meaning(intent, row) for intent, row in rows.items()}


def _meaning(intent: str, row: Mapping[str, str]) -> Meaning:
    if not {"urgency", "theme"} <= set(row) <= {"urgency", "theme", "asks"}:
        raise TableError(f"{intent}: needs urgency and theme, may have asks, nothing else")
    if row["urgency"] not in URGENCIES:
        raise TableError(f"{intent}: unknown urgency {row['urgency']!r}")
    if row["theme"] not in THEMES:
        raise TableError(f"{intent}: unknown theme {row['theme']!r}")
    return Meaning(row["urgency"], row["theme"], row.get("asks"))
