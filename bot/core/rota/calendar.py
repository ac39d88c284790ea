"""Rows that recur, looked up by day: what begins on it, in each zone that they are planned in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from bot.core.rota.duty import Duty
from bot.core.rota.patterns import Pattern, Recurring, first_day, last_day, weekday_of
from bot.core.rota.zones import midnight, zone_named

_PART = 32
"""Days for which it is looked up together which rows are in force."""


class Calendar:
    """Rows, and what was looked up in them so far."""

    def __init__(self, rows: Iterable[Recurring]) -> None:
        self._rows: defaultdict[str, list[tuple[int, float, Recurring]]] = defaultdict(list)
        for row in rows:
            self._rows[row.zone].append((first_day(row), last_day(row), row))
        self._patterns: dict[int, Pattern] = {}
        self._parts: dict[tuple[str, int], list[list[Pattern]]] = {}
        self._days: dict[tuple[str, int], list[Duty]] = {}

    def between(self, start: datetime, end: datetime) -> list[Duty]:
        """Whatever comes round within [start, end), whole, before covers and away times; of each
        zone by start.
        """
        found: list[Duty] = []
        for zone in self._rows:
            tz = zone_named(zone)
            # A shift over midnight began a day earlier, and a clock set back over midnight
            # shows yesterday's date again.
            first = start.astimezone(tz).toordinal() - 2
            last = end.astimezone(tz).toordinal() + 1
            for day in range(first, last + 1):
                of_day = self.on_day(zone, day)
                if first + 3 < day < last - 3:
                    found += of_day
                else:
                    found += [one for one in of_day if one.starts_at < end and start < one.ends_at]
        return found

    def at(self, at: datetime) -> list[Duty]:
        """Whatever has come round and holds ``at``."""
        found: list[Duty] = []
        for zone in self._rows:
            local = at.astimezone(zone_named(zone))
            today = local.toordinal()
            edges = [midnight(zone, day) for day in (today - 1, today, today + 1)]
            if None in edges:
                # Nothing lasts longer than a day. Where a clock is set back over midnight, what
                # began on the next date goes on when it is today again.
                for day in (today - 1, today, today + 1):
                    found += [one for one in self.on_day(zone, day) if one.holds(at)]
                continue
            minute = local.hour * 60 + local.minute
            for day, begins, ends in zip((today - 1, today), edges, edges[1:], strict=False):
                for pattern in self._on(zone, day):
                    if pattern.lasts_at(minute, day < today):
                        one = pattern.among(day, date.fromordinal(day), begins, ends)
                        if one is not None and one.holds(at):
                            found.append(one)
        return found

    def on_day(self, zone: str, day: int) -> list[Duty]:
        """What begins in ``zone`` on the date with the ordinal ``day``."""
        found = self._days.get((zone, day))
        if found is None:
            on_date = date.fromordinal(day)
            begins, next_begins = midnight(zone, day), midnight(zone, day + 1)
            found = []
            for pattern in self._on(zone, day):
                one = pattern.among(day, on_date, begins, next_begins)
                if one is not None:
                    if (next_begins if pattern.overnight else begins) is None:
                        one = self._handed_over_once(pattern, one, day)
                    found.append(one)
            self._days[zone, day] = found
        return found

    def _handed_over_once(self, pattern: Pattern, one: Duty, day: int) -> Duty:
        """Where the time at which two meet comes twice they hand over once, at the first, and
        nobody is on call double because of it.
        """
        once = pattern.first_end(day)
        if once < one.ends_at and any(
            pattern.is_met_by(other, day)
            for other in self._on(pattern.zone, day + pattern.overnight)
        ):
            return one._replace(ends_at=once)
        return one

    def _on(self, zone: str, day: int) -> list[Pattern]:
        """The rows in force around ``day`` that have its weekday."""
        part = day // _PART
        by_weekday = self._parts.get((zone, part))
        if by_weekday is None:
            begins, ends = part * _PART, (part + 1) * _PART
            by_weekday = [[] for _ in range(7)]
            for first, last, row in self._rows[zone]:
                if first < ends and begins <= last:
                    pattern = self._pattern(row)
                    for weekday in pattern.weekdays:
                        by_weekday[weekday].append(pattern)
            for patterns in by_weekday:
                patterns.sort(key=Pattern.order)
            self._parts[zone, part] = by_weekday
        return by_weekday[weekday_of(day)]

    def _pattern(self, row: Recurring) -> Pattern:
        found = self._patterns.get(id(row))
        if found is None:
            found = self._patterns[id(row)] = Pattern(row)
        return found
