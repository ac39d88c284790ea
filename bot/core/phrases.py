"""Reading days and times as coordinators write them.

What cannot be read is refused with `NotUnderstood`, which says what was expected and gives an
example; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.rota import Span, instant, zone_named

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "mon monday",
            "tue tues tuesday",
            "wed weds wednesday",
            "thu thur thurs thursday",
            "fri friday",
            "sat saturday",
            "sun sunday",
        )
    )
    for name in names.split()
}
_DAY_SETS = {"daily": "0123456", "everyday": "0123456", "weekdays": "01234", "weekends": "56"}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_DASHES = str.maketrans("–—−‑", "----")


class NotUnderstood(ValueError):
    """Words that mean no day, time or zone here.

    ``part`` is what could not be read; ``expected`` names the text that says what belongs there.
    """

    def __init__(self, part: str, expected: str) -> None:
        super().__init__(part)
        self.part = part
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``starts`` to ``ends``, minutes after midnight; an end not after the start is the next
    day's."""

    starts: int
    ends: int


def tidy(text: str) -> str:
    """``text`` with spans in one piece: ``Mon to Fri 6 pm – 10 pm`` as ``Mon-Fri 6pm-10pm``."""
    plain = text.translate(_DASHES)
    plain = re.sub(r"(?<=\d)\s+(?=[ap]m\b)", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\w)\s*(?:-|\bto\b)\s*(?=\w)", "-", plain, flags=re.IGNORECASE)
    return re.sub(r"(?<=[a-z]),\s+(?=[a-z])", ",", plain, flags=re.IGNORECASE)


def read_weekdays(text: str) -> str:
    """``Mon-Fri``, ``sat,sun``, ``daily`` as digits, 0 for Monday: ``01234``."""
    plain = text.lower().translate(_DASHES)
    if plain in _DAY_SETS:
        return _DAY_SETS[plain]
    days: set[int] = set()
    for part in plain.split(","):
        first, dash, last = re.sub(r"(?<=day)s\b", "", part).partition("-")
        if first not in _DAY_NAMES or (dash and last not in _DAY_NAMES):
            raise NotUnderstood(text, "weekdays")
        start, end = _DAY_NAMES[first], _DAY_NAMES[last or first]
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return "".join(str(day) for day in sorted(days))


def write_weekdays(digits: str) -> str:
    """``01234`` as ``Mon-Fri``: the shortest form that `read_weekdays` reads back."""
    days = [int(digit) for digit in digits]
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        _DAYS[run[0]].title() + (f"-{_DAYS[run[-1]].title()}" if run[1:] else "") for run in runs
    )


def read_hours(text: str) -> Hours:
    """``18:00-22:00``, ``6pm-10pm``, ``22-6``."""
    parts = text.lower().translate(_DASHES).split("-")
    if len(parts) != 2:
        raise NotUnderstood(text, "hours")
    return Hours(_clock(parts[0], text), _clock(parts[1], text))


def write_clock(minutes: int) -> str:
    """Minutes after midnight as ``18:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _clock(text: str, whole: str) -> int:
    match = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", text.strip())
    if not match:
        raise NotUnderstood(whole, "hours")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if not 1 <= hour <= 12:
            raise NotUnderstood(whole, "hours")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59:
        raise NotUnderstood(whole, "hours")
    return hour * 60 + minute


def read_day(text: str, today: date) -> date:
    """``today``, ``tomorrow``, ``Tue`` (the next one, today included), ``24 Dec``, ``2026-12-24``.

    A day and month without a year is the next such day.
    """
    plain = text.lower().strip().removeprefix("on ").replace(",", " ")
    if plain in ("today", "tonight"):
        return today
    if plain == "tomorrow":
        return today + timedelta(days=1)
    if plain in _DAY_NAMES:
        return today + timedelta(days=(_DAY_NAMES[plain] - today.weekday()) % 7)
    try:
        found = _date(plain, today)
    except ValueError as error:
        raise NotUnderstood(text, "day") from error
    # The days at either end of the calendar have no neighbour in another zone.
    if not MINYEAR < found.year < MAXYEAR:
        raise NotUnderstood(text, "day")
    return found


def _date(plain: str, today: date) -> date:
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+([a-z]+)\.?(?:\s+(\d{4}))?", plain)
    if not match:
        return date.fromisoformat(plain)
    if match[2] not in _MONTHS:
        raise ValueError("no such month")
    if match[3]:
        return date(int(match[3]), _MONTHS[match[2]], int(match[1]))
    return _next_such_day(today, _MONTHS[match[2]], int(match[1]))


def _next_such_day(today: date, month: int, day: int) -> date:
    for year in range(today.year, today.year + 9):
        try:
            found = date(year, month, day)
        except ValueError:
            continue  # 29 February of a common year
        if found >= today:
            return found
    raise ValueError("no such day")


def read_zone(text: str) -> ZoneInfo:
    """An IANA zone such as ``Europe/Berlin``."""
    try:
        return zone_named(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotUnderstood(text, "zone") from error


def read_span(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """``tomorrow 18:00-22:00``: a day and hours of that day in ``zone``.

    A span that is already over is refused.
    """
    words = text.split()
    if len(words) < 2:
        raise NotUnderstood(text, "span")
    hours = read_hours(words[-1])
    day = read_day(" ".join(words[:-1]), now.astimezone(zone).date())
    last_day = day if hours.ends > hours.starts else day + timedelta(days=1)
    span = Span(
        instant(zone, day, hours.starts, second=False),
        instant(zone, last_day, hours.ends, second=True),
    )
    if span.ends_at <= now:
        raise NotUnderstood(text, "past")
    return span


def read_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When an absence ends: ``45m``, ``3h``, ``2d``, ``18:00``, ``tomorrow 9:00``, ``24 Dec`` (its
    end)."""
    plain = text.lower().strip().removeprefix("until ").removeprefix("for ").strip()
    plain = re.sub(r"(?<=\S)\s+at\s+(?=\d)", " ", plain)
    plain = re.sub(r"(?<=\d)\s+(?=[ap]m$)", "", plain).removeprefix("at ")
    if match := re.fullmatch(r"(\d{1,3})\s*(m|h|d|w|min|minutes?|hours?|days?|weeks?)", plain):
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[match[2][0]]
        until = now + timedelta(**{unit: int(match[1])})
    else:
        try:
            until = _moment(plain, now, zone)
        except NotUnderstood as error:
            raise NotUnderstood(text, "until") from error
    if until <= now:
        raise NotUnderstood(text, "past")
    return until


def _moment(plain: str, now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    *day_words, last = plain.split() or [""]
    if not re.search(r"[:.]\d|[ap]m$", last):
        day_after = read_day(plain, today) + timedelta(days=1)
        return datetime.combine(day_after, time(), zone)
    minutes = _clock(last, last)
    day = read_day(" ".join(day_words), today) if day_words else today
    until = instant(zone, day, minutes, second=True)
    if until <= now and not day_words:
        until = instant(zone, day + timedelta(days=1), minutes, second=True)
    return until
