"""Reading days and times as volunteers write them, and writing them back.

What cannot be read is refused with `NotUnderstood`, which says what was expected; what can mean
several things is refused with `Unclear`, which holds them all; nothing is guessed.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.phrases.clocks import Hours, read_hours, write_clock, write_hours
from bot.core.phrases.days import read_day, read_weekdays, write_weekdays
from bot.core.phrases.periods import days, read_period
from bot.core.phrases.spans import When, on_day, read_span, read_until, read_when
from bot.core.phrases.weekly import Weekly, read_weekly, write_weekly
from bot.core.phrases.words import Meaning, NotUnderstood, Unclear
from bot.core.phrases.write import write_day, write_hours_of, write_moment, write_span
from bot.core.rota import zone_named

__all__ = [
    "Hours",
    "Meaning",
    "NotUnderstood",
    "Unclear",
    "Weekly",
    "When",
    "days",
    "on_day",
    "read_day",
    "read_hours",
    "read_period",
    "read_span",
    "read_until",
    "read_weekdays",
    "read_weekly",
    "read_when",
    "read_zone",
    "write_clock",
    "write_day",
    "write_hours",
    "write_hours_of",
    "write_moment",
    "write_span",
    "write_weekdays",
    "write_weekly",
]


def read_zone(text: str) -> ZoneInfo:
    """An IANA zone such as ``Europe/Berlin``."""
    try:
        return zone_named(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotUnderstood(text, "zone") from error
