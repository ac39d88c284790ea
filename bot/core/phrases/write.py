"""Times as they are written to people: short, with the day's name, by the clock of a zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.rota import Span, zone_named

_NIGHT = timedelta(hours=13)
"""Up to this long (a night on which clocks go back too) a span is written with one day."""


def write_day(at: datetime, zone: str, now: datetime | None = None) -> str:
    """``Thu 24 Dec``, with the year where it is not that of ``now``."""
    local = at.astimezone(zone_named(zone))
    text = f"{local:%a} {local.day} {local:%b}"
    if now is not None and local.year != now.astimezone(zone_named(zone)).year:
        text += f" {local.year}"
    return text


def write_moment(at: datetime, zone: str, now: datetime | None = None) -> str:
    """``Thu 24 Dec 18:00``."""
    return f"{write_day(at, zone, now)} {at.astimezone(zone_named(zone)):%H:%M}"


def write_span(span: Span, zone: str, now: datetime | None = None) -> str:
    """``Thu 24 Dec 18:00-22:00``, ``Thu 24 Dec 22:00-06:00``, ``Thu 24 Dec to Sat 2 Jan``.

    An end at midnight is written 24:00 of the day before.
    """
    tz = zone_named(zone)
    start, end = span.starts_at.astimezone(tz), span.ends_at.astimezone(tz)
    # An end at midnight belongs to the day before.
    last = end - timedelta(microseconds=1)
    closing = f"{end:%H:%M}" if last.date() == end.date() else "24:00"
    if start.date() == last.date():
        return f"{write_day(span.starts_at, zone, now)} {start:%H:%M}-{closing}"
    if (start.hour, start.minute) == (0, 0) and closing == "24:00":
        return f"{write_day(span.starts_at, zone, now)} to {write_day(last, zone, now)}"
    if span.ends_at - span.starts_at <= _NIGHT and last.date() != start.date():
        return f"{write_day(span.starts_at, zone, now)} {start:%H:%M}-{end:%H:%M}"
    return f"{write_moment(span.starts_at, zone, now)} to {write_moment(span.ends_at, zone, now)}"


def write_hours_of(length: timedelta) -> str:
    """``4 h``, ``4.5 h``."""
    hours = length.total_seconds() / 3600
    return f"{hours:.1f}".removesuffix(".0") + " h"
