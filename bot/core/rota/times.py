"""Sets of times: pairs of a start and an end that it does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

Times = list[tuple[datetime, datetime]]


def union(times: Iterable[tuple[datetime, datetime]]) -> Times:
    """The same times, by start, with what touches or overlaps made one."""
    found: Times = []
    for starts_at, ends_at in sorted(times):
        if found and starts_at <= found[-1][1]:
            if found[-1][1] < ends_at:
                found[-1] = (found[-1][0], ends_at)
        elif starts_at < ends_at:
            found.append((starts_at, ends_at))
    return found


def without(times: Iterable[tuple[datetime, datetime]], holes: Times) -> Times:
    """``times`` with ``holes`` cut out of them; both are as `union` makes them."""
    found: Times = []
    first = 0
    for starts_at, ends_at in times:
        while first < len(holes) and holes[first][1] <= starts_at:
            first += 1
        at = first
        while at < len(holes) and holes[at][0] < ends_at:
            if starts_at < holes[at][0]:
                found.append((starts_at, holes[at][0]))
            starts_at = holes[at][1]
            at += 1
        if starts_at < ends_at:
            found.append((starts_at, ends_at))
    return found
