"""Changes of the rota as values: previewed, applied, kept in the journal, undone.

Nothing is ever deleted: what should no longer count is ended, so that what was stays known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from bot.core.rota.plan import Rota
from models.rota import Away, Cover, Rotation, Shift
from models.vocabulary import Layer

Row = Shift | Rotation | Cover | Away
TABLES: dict[str, type[Row]] = {
    "shift": Shift,
    "rotation": Rotation,
    "cover": Cover,
    "away": Away,
}
_FIELDS = {
    Shift: "shifts",
    Rotation: "rotations",
    Cover: "covers",
    Away: "aways",
}


@dataclass(frozen=True, slots=True)
class Add:
    """A new row. Its id, where it has none, is given when it is applied."""

    row: Row


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for some columns of a row."""

    table: str
    id: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """From ``at`` on the row no longer counts; a row ended earlier stays as it is."""

    table: str
    id: int
    at: datetime


Operation = Add | Edit | End
Change = tuple[Operation, ...]


class ChangeError(ValueError):
    """A change that speaks of a row which is not there."""


class Difference(NamedTuple):
    """A span that an ambassador gains or loses by a change."""

    starts_at: datetime
    ends_at: datetime
    layer: Layer
    ambassador_id: int
    gains: bool


def apply(rota: Rota, change: Change) -> Rota:
    """The plan after ``change``; new rows have ids below zero. `ChangeError` for unknown rows."""
    raise NotImplementedError


def inverse(rota: Rota, change: Change, added: Sequence[int], at: datetime) -> Change:
    """What undoes ``change`` at ``at``: ``rota`` is the plan before it, ``added`` the ids that
    its new rows were given, in order.
    """
    raise NotImplementedError


def difference(before: Rota, after: Rota, start: datetime, end: datetime) -> tuple[Difference, ...]:
    """Who gains and who loses which spans within [start, end), by start."""
    raise NotImplementedError


def except_on(row: Shift | Rotation, day: date) -> Edit:
    """``row`` does not begin on the local date ``day``."""
    raise NotImplementedError


def moved(row: Shift | Rotation, first_day: date, **values: Any) -> Change:
    """``row`` continued from the local date ``first_day`` on with new ``values``, such as hours,
    weekdays or an order: the old row keeps what was, and covers of one evening follow.
    """
    raise NotImplementedError


def write_change(change: Change) -> list[dict[str, Any]]:
    """The change as JSON."""
    raise NotImplementedError


def read_change(data: Iterable[dict[str, Any]]) -> Change:
    """The change that `write_change` wrote."""
    raise NotImplementedError
