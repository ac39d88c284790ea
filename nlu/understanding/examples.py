"""The training examples as plain pairs, and which of them are held out. Pure but for reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from understanding import paths
from understanding.normalise import normalise

FOLDS = 5
HELD_OUT = 0
"""The fold that `rasa test nlu` is measured on, and that the adapter never saw."""


class Example(NamedTuple):
    """One line of the training data."""

    text: str
    """As it is written there."""
    intent: str


def files(folder: Path = paths.DATA) -> dict[str, list[Example]]:
    """Return the examples by the name of their file; raises OSError, ValueError for no list."""
    return {path.name: list(_of(path)) for path in sorted(folder.glob("*.yml"))}


def read(folder: Path = paths.DATA) -> list[Example]:
    """Return every example in the order of the files; raises what ``files`` raises."""
    return [example for found in files(folder).values() for example in found]


def _of(path: Path) -> Iterator[Example]:
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        for line in block["examples"].splitlines():
            if not line.startswith("- "):
                raise ValueError(f"{path.name}: {line!r} is not an item of a list")
            yield Example(line[2:].strip(), block["intent"])


def key(text: str) -> str:
    """What counts as the same text: read alike, whatever stands at its end."""
    return normalise(text).strip(" .!?")


def fold(text: str) -> int:
    """Return 0..4, by the text alone, so that a new example moves no other."""
    return int(hashlib.sha256(key(text).encode()).hexdigest()[:8], 16) % FOLDS


def digest(examples: Iterable[Example]) -> str:
    """Return 16 hex digits over all texts and intents, in any order."""
    lines = sorted(f"{example.intent}\t{example.text}" for example in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
