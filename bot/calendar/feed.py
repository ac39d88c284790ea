"""Duties as an iCalendar file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from bot.core.rota import Duty

REFRESH = timedelta(hours=1)
"""How often a calendar program is asked to look again."""


def write_calendar(
    duties: Iterable[Duty], name: str, title: Callable[[Duty], str], stamp: datetime
) -> bytes:
    """A calendar called ``name`` with one event for each of ``duties``, called by its ``title``.

    Times are in UTC, so that nobody's clock is guessed. A duty keeps its identity as long as it
    begins on the same date in the same place. ``stamp`` is when this was known to be so.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Holdfast//The rota//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    seen: dict[str, int] = {}
    for duty in duties:
        # Covers and absences may leave several pieces of one duty.
        base = f"{duty.place.replace(':', '-')}-{duty.on_date}-{duty.layer}-{duty.ambassador_id}"
        seen[base] = seen.get(base, 0) + 1
        event = Event()
        event.add("uid", f"{base}-{seen[base]}@holdfast")
        event.add("dtstamp", stamp)
        event.add("dtstart", duty.starts_at)
        event.add("dtend", duty.ends_at)
        event.add("summary", title(duty))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
