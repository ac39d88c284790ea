"""Changes of the rota as values: previewed, applied, kept in the journal, undone.

Nothing is ever deleted: what should no longer count is ended, so that what was stays known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from bot.core.rota.plan import Rota
from bot.core.rota.spans import spans
from bot.core.rota.times import Times, union, without
from models.rota import Away, Cover, Need, Rotation, Shift
from models.vocabulary import Layer

Row = Shift | Rotation | Cover | Away | Need
TABLES: dict[str, type[Row]] = {
    "shift": Shift,
    "rotation": Rotation,
    "cover": Cover,
    "away": Away,
    "need": Need,
}
_FIELDS = {table: f"{table}s" for table in TABLES}


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
    rows: dict[str, dict[int, Row]] = {
        table: {row.id: row for row in getattr(rota, field)} for table, field in _FIELDS.items()
    }
    draft_id = min((0, *(number for some in rows.values() for number in some))) - 1
    for one in change:
        match one:
            case Add(row):
                number = draft_id if row.id is None else row.id
                draft_id -= row.id is None
                rows[table_of(row)][number] = _with(row, id=number)
            case Edit(table, number, values):
                rows[table][number] = _with(_found(rows, table, number), **values)
            case End(table, number, at):
                row = _found(rows, table, number)
                rows[table][number] = _with(row, **ending(row, at))
    plan: dict[str, Any] = {field: tuple(rows[table].values()) for table, field in _FIELDS.items()}
    return Rota(**plan)


def difference(before: Rota, after: Rota, start: datetime, end: datetime) -> tuple[Difference, ...]:
    """Who gains and who loses which spans within [start, end), by start."""
    was, will_be = _times(before, start, end), _times(after, start, end)
    found: list[Difference] = []
    for key in was.keys() | will_be.keys():
        who, layer = key
        old, new = was.get(key, []), will_be.get(key, [])
        for gains, times in ((True, without(new, old)), (False, without(old, new))):
            found.extend(Difference(a, b, layer, who, gains) for a, b in times)
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.gains, one.layer, one[3])))


def touched(change: Change) -> frozenset[tuple[str, int]]:
    """The rows that exist already and that ``change`` is about."""
    return frozenset((one.table, one.id) for one in change if not isinstance(one, Add))


def except_on(row: Shift | Rotation, day: date) -> Edit:
    """``row`` does not begin on the local date ``day``."""
    dates = sorted({*row.except_dates, day.isoformat()})
    return Edit(table_of(row), row.id, {"except_dates": dates})


def moved(row: Shift | Rotation, first_day: date, **values: Any) -> Change:
    """``row`` continued from the local date ``first_day`` on with new ``values``, such as hours,
    weekdays or an order: the old row keeps what was, and covers of one duty follow.

    A rotation goes on with its next turn on or after that date, and where no new order is given,
    with whom that turn is. A shift of every other week goes on in the weeks that were its own,
    unless ``every`` is given: then that date's week is the first.
    """
    table = table_of(row)
    if isinstance(row, Rotation):
        turns = max(0, -(-(first_day - row.from_date).days // row.period_days))
        first_day = row.from_date + timedelta(days=turns * row.period_days)
        ahead = turns % len(row.order)
        values = {"order": [*row.order[ahead:], *row.order[:ahead]]} | values
    elif "every" in values:
        if first_day <= row.from_date:
            values["from_date"] = first_day
    else:
        first_day = _in_own_week(row, first_day)
    if first_day <= row.from_date:
        return (Edit(table, row.id, values),)
    last_day = first_day - timedelta(days=1)
    if row.until_date is not None:
        last_day = min(last_day, row.until_date)
    return (
        Edit(table, row.id, {"until_date": last_day}),
        Add(_with(row, id=None, from_date=first_day, series=row.series or row.id, **values)),
    )


def _in_own_week(row: Shift, day: date) -> date:
    """``day``, or where it lies in a week that is not the shift's, the Monday of its next."""
    monday, first = (one - timedelta(days=one.weekday()) for one in (day, row.from_date))
    over = (monday - first).days // 7 % row.every
    return monday + timedelta(weeks=row.every - over) if over else day


def write_change(change: Change) -> list[dict[str, Any]]:
    """The change as JSON."""
    written: list[dict[str, Any]] = []
    for one in change:
        match one:
            case Add(row):
                values = row.model_dump(mode="json", exclude={"id"} if row.id is None else None)
                written.append({"do": "add", "table": table_of(row), "values": values})
            case Edit(table, number, values):
                plain = {
                    name: _adapter(table, name).dump_python(value, mode="json")
                    for name, value in values.items()
                }
                written.append({"do": "edit", "table": table, "id": number, "values": plain})
            case End(table, number, at):
                written.append({"do": "end", "table": table, "id": number, "at": at.isoformat()})
    return written


def read_change(data: Iterable[dict[str, Any]]) -> Change:
    """The change that `write_change` wrote."""
    return tuple(_read(one) for one in data)


def table_of(row: Row) -> str:
    """The name by which changes call the table of ``row``."""
    return next(name for name, kind in TABLES.items() if isinstance(row, kind))


def ending(row: Row, at: datetime) -> dict[str, datetime]:
    """The values that end ``row`` at ``at``."""
    name = "ends_at" if isinstance(row, Away) else "ended_at"
    earlier: datetime | None = getattr(row, name)
    return {name: at if earlier is None else min(earlier, at)}


def _read(data: dict[str, Any]) -> Operation:
    table = data["table"]
    match data["do"]:
        case "add":
            return Add(TABLES[table].model_validate(data["values"]))
        case "edit":
            values = {
                name: _adapter(table, name).validate_python(value)
                for name, value in data["values"].items()
            }
            return Edit(table, data["id"], values)
        case _:
            return End(table, data["id"], datetime.fromisoformat(data["at"]))


@cache
def _adapter(table: str, column: str) -> TypeAdapter[Any]:
    annotation: Any = TABLES[table].model_fields[column].annotation
    return TypeAdapter(annotation)


def _found(rows: dict[str, dict[int, Row]], table: str, number: int) -> Row:
    row = rows[table].get(number)
    if row is None:
        raise ChangeError(f"there is no {table} {number}")
    return row


def _with(row: Row, **values: Any) -> Row:
    """A copy of ``row`` with other values, known to no session."""
    return type(row)(**{**row.model_dump(), **values})


def _times(rota: Rota, start: datetime, end: datetime) -> dict[tuple[int, Layer], Times]:
    found: defaultdict[tuple[int, Layer], Times] = defaultdict(list)
    for one in spans(rota, start, end):
        found[one.ambassador_id, one.layer].append((one.starts_at, one.ends_at))
    return {key: union(times) for key, times in found.items()}
