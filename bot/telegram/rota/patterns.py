"""What recurs, and since when, in words."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.core.phrases import Hours, Weekly, write_day, write_hours, write_weekly
from bot.core.rota import Span, instant, zone_named
from bot.telegram.here import Here
from bot.texts import Html
from models import Need, Shift


def pattern_words(row: Shift | Need) -> str:
    """How often, days, hours and zone: ``every other Fri 18:00-22:00 (UTC)``."""
    every = row.every if isinstance(row, Shift) else 1
    weekly = Weekly(row.weekdays, Hours(row.starts, row.ends), every)
    return f"{write_weekly(weekly)} ({row.zone})"


def is_once(row: Shift) -> bool:
    """Whether it is on one day alone."""
    return row.from_date == row.until_date


def once_words(here: Here, row: Shift) -> Html:
    """Day, hours and zone of a shift of one day: ``once on Thu 24 Dec, 18:00-22:00 (UTC)``."""
    hours = write_hours(Hours(row.starts, row.ends))
    return here.say("shift.once", day=day_words(here, row.from_date), hours=hours, zone=row.zone)


def since_words(here: Here, day: date, zone: ZoneInfo) -> Html:
    """``, from today on`` or ``, from Thu 24 Dec on``."""
    if day <= here.work.now.astimezone(zone).date():
        return here.say("rota.from_today")
    return here.say("rota.from_day", day=day_words(here, day))


def until_words(here: Here, day: date | None) -> Html:
    """``, until Thu 24 Dec``; nothing without a day."""
    return here.say("rota.until_day", day=day_words(here, day)) if day else Html("")


def day_words(here: Here, day: date) -> str:
    """A date of the community's calendar."""
    zone = here.work.community.zone
    return write_day(instant(zone_named(zone), day, 12 * 60, second=False), zone, here.work.now)


def around_day(day: date, here: Here) -> Span | None:
    """The five weeks from a day on that is not today."""
    start = instant(zone_named(here.work.community.zone), day, 0, second=False)
    return Span(start, start + timedelta(weeks=5)) if start > here.work.now else None
