"""Reading an iCalendar file that somebody sent: who, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr
from icalendar import Calendar, Component, vBroken

from bot.core.rota import Span, instant, zone_named

MOST_BYTES = 1_000_000
MOST_EVENTS = 2_000
MOST_TIMES = 5_000
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_REPEATING = {"RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
_TIMES = {"DTSTART", "DTEND", "DURATION"}
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


class CalendarError(ValueError):
    """A file that cannot be used at all. ``reason``: ``unreadable``, ``too_big`` or ``empty``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Weekly:
    """The same hours on some weekdays of every week, or of every so many, as a `Shift` has them."""

    weekdays: str
    every: int
    starts: int
    ends: int
    zone: str
    from_date: date
    until_date: date | None
    except_dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. ``who`` is its title, ``people`` the names and addresses of who takes part.

    ``weekly`` is set where it repeats as a shift does, and ``spans`` is empty then; otherwise
    ``spans`` holds each of its times, by start.
    """

    who: str
    people: tuple[str, ...]
    weekly: Weekly | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """An event that was left out. ``why``: ``time``, ``repeats`` or ``too_many``."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a file holds."""

    entries: tuple[Entry, ...]
    unread: tuple[Unread, ...]


def read_calendar(data: bytes, zone: str, *, start: datetime, end: datetime) -> CalendarFile:
    """Read a calendar as far as it concerns [start, end).

    Times without a zone, and whole days, are meant in ``zone``. An event that repeats daily or
    weekly becomes a `Weekly`; one that repeats in another way, its times within [start, end).
    Cancelled events are left out. `CalendarError` for a file that is no calendar.
    """
    if len(data) > MOST_BYTES:
        raise CalendarError("too_big")
    try:
        found = Calendar.from_ical(data)
        events = [
            event for event in found.walk("VEVENT") if str(event.get("STATUS")) != "CANCELLED"
        ]
    except (ValueError, KeyError, IndexError) as error:
        raise CalendarError("unreadable") from error
    if not events:
        raise CalendarError("empty")
    if len(events) > MOST_EVENTS:
        raise CalendarError("too_big")
    replaced = _replaced(events)
    entries: list[Entry] = []
    unread: list[Unread] = []
    for event in events:
        who = str(event.get("SUMMARY", "")).strip()[:100]
        try:
            entry = _entry(event, who, zone, (start, end), replaced)
        except _NotRead as error:
            unread.append(Unread(who, error.why))
            continue
        if entry is not None:
            entries.append(entry)
    return CalendarFile(tuple(entries), tuple(unread))


class _NotRead(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _entry(
    event: Component,
    who: str,
    zone: str,
    window: tuple[datetime, datetime],
    replaced: dict[str, set[date]],
) -> Entry | None:
    broken = {name for name, _ in event.errors}
    if broken & _REPEATING:
        raise _NotRead("repeats")
    if broken & _TIMES:
        raise _NotRead("time")
    begins, tz = _wall(_value(event, "DTSTART"), zone)
    length = _length(event, begins, zone)
    if not timedelta() < length <= timedelta(days=366):
        raise _NotRead("time")
    rule: Any = event.get("RRULE")
    people = tuple(_people(event))
    excepted = {_wall(one, zone, tz)[0] for one in _exceptions(event)}
    if "RECURRENCE-ID" not in event:
        moved = replaced[str(event.get("UID", ""))]
        excepted |= {_wall(one, zone, tz)[0] for one in moved}
    if rule is None:
        extra = [_wall(one, zone, tz)[0] for one in _dates(event, "RDATE")]
        times = [one for one in (begins, *extra) if one not in excepted]
    else:
        if isinstance(rule, list):
            raise _NotRead("repeats")
        weekly = _weekly(event, rule, begins, length, tz, excepted, zone)
        if weekly is not None:
            over = weekly.until_date is not None and weekly.until_date < window[0].date() - _DAY
            return None if over else Entry(who, people, weekly, ())
        times = [one for one in _repeated(rule, begins, tz, window) if one not in excepted]
    spans = sorted(
        (
            Span(_moment(one, tz, second=False), _moment(one + length, tz, second=True))
            for one in times
        ),
        key=lambda span: span.starts_at,
    )
    wanted = tuple(one for one in spans if one.starts_at < window[1] and window[0] < one.ends_at)
    return Entry(who, people, None, wanted) if wanted else None


def _weekly(
    event: Component,
    rule_given: Any,
    begins: datetime,
    length: timedelta,
    tz: tzinfo,
    excepted: set[datetime],
    zone: str,
) -> Weekly | None:
    """The event as a `Weekly`, or None where a shift does not repeat like that."""
    rule = {name.upper(): value for name, value in rule_given.items()}
    frequency = rule.pop("FREQ")[0]
    days = [str(day) for day in rule.pop("BYDAY", [])]
    until = rule.pop("UNTIL", [None])[0]
    week_start = str(rule.pop("WKST", ["MO"])[0])
    every = rule.pop("INTERVAL", [1])[0]
    plain = not rule and set(days) <= set(_DAYS)
    # A daily one with days is one that skips the others; with an hour named it is not plain.
    if frequency not in ("DAILY", "WEEKLY") or not plain or length > _DAY:
        return None
    # A shift counts its weeks from that of its first day, Monday to Sunday.
    alike = len(days) < 2 or week_start == "MO"
    begins_as_it_goes_on = not days or _DAYS[begins.weekday()] in days
    if every != 1 and (frequency == "DAILY" or not alike or not begins_as_it_goes_on):
        return None
    if not isinstance(tz, ZoneInfo) or _dates(event, "RDATE") or begins.second:
        return None
    if days:
        weekdays = "".join(sorted(str(_DAYS.index(day)) for day in days))
    else:
        weekdays = "0123456" if frequency == "DAILY" else str(begins.weekday())
    until_date = None
    if until is not None:
        last, _ = _wall(until, zone, tz)
        # The rule counts beginnings: one that would begin later on the last day does not.
        is_date = not isinstance(until, datetime)
        until_date = last.date() if is_date or last.time() >= begins.time() else last.date() - _DAY
    minutes = begins.hour * 60 + begins.minute
    return Weekly(
        weekdays=weekdays,
        every=every,
        starts=minutes,
        ends=int(minutes + length / timedelta(minutes=1)) % (24 * 60),
        zone=tz.key,
        from_date=begins.date(),
        until_date=until_date,
        except_dates=tuple(sorted(one.date().isoformat() for one in excepted)),
    )


def _repeated(
    rule: Any, begins: datetime, tz: tzinfo, window: tuple[datetime, datetime]
) -> list[datetime]:
    """Every beginning by ``rule`` near the window, on the wall clock."""
    values = {name.upper(): value for name, value in rule.items()}
    if values.get("FREQ", [""])[0] not in _FREQUENCIES:
        raise _NotRead("repeats")
    until = values.get("UNTIL", [None])[0]
    if until is not None:
        wall = _wall(until, "UTC", tz)[0]
        if not isinstance(until, datetime):
            wall += _DAY - timedelta(seconds=1)
        values["UNTIL"] = [wall]
    text = type(rule)(values).to_ical().decode()
    found = []
    try:
        for one in rrulestr(text, dtstart=begins):
            if one > _wall(window[1], "UTC", tz)[0] + _DAY:
                break
            found.append(one)
            if len(found) > MOST_TIMES:
                raise _NotRead("too_many")
    except (ValueError, TypeError) as error:
        raise _NotRead("repeats") from error
    return found


def _replaced(events: list[Component]) -> dict[str, set[date]]:
    """By event, the times of a repeating one that another event stands for."""
    found: defaultdict[str, set[date]] = defaultdict(set)
    for event in events:
        stands_for = None if event.errors else getattr(event.get("RECURRENCE-ID"), "dt", None)
        if isinstance(stands_for, date):
            found[str(event.get("UID", ""))].add(stands_for)
    return found


def _value(event: Component, name: str) -> date | datetime:
    value = getattr(event.get(name), "dt", None)
    if not isinstance(value, date):
        raise _NotRead("time")
    return value


def _length(event: Component, begins: datetime, zone: str) -> timedelta:
    """How long it lasts on the clock on the wall."""
    if "DTEND" in event:
        return (
            _wall(_value(event, "DTEND"), zone, _wall(_value(event, "DTSTART"), zone)[1])[0]
            - begins
        )
    duration = getattr(event.get("DURATION"), "dt", None)
    if isinstance(duration, timedelta):
        return duration
    if not isinstance(_value(event, "DTSTART"), datetime):
        return _DAY
    raise _NotRead("time")


def _wall(value: date | datetime, zone: str, tz: tzinfo | None = None) -> tuple[datetime, tzinfo]:
    """What the clock shows, without a zone, and the zone; in ``tz`` where one is given."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time()), tz or zone_named(zone)
    own = value.tzinfo
    if own is None:
        return value, tz or zone_named(zone)
    if tz is None:
        tz = _known(own)
    return value.astimezone(tz).replace(tzinfo=None, fold=0), tz


def _known(tz: tzinfo) -> tzinfo:
    """``tz`` as a zone of the IANA database, where it has a name of one."""
    try:
        return tz if isinstance(tz, ZoneInfo) else ZoneInfo(str(tz))
    except (ZoneInfoNotFoundError, ValueError):
        return tz


def _moment(wall: datetime, tz: tzinfo, *, second: bool) -> datetime:
    if not isinstance(tz, ZoneInfo):
        return wall.replace(tzinfo=tz).astimezone(UTC)
    minutes = wall.hour * 60 + wall.minute
    return instant(tz, wall.date(), minutes, second=second)


def _exceptions(event: Component) -> list[date | datetime]:
    return _dates(event, "EXDATE")


def _dates(event: Component, name: str) -> list[date | datetime]:
    value = event.get(name)
    lists = value if isinstance(value, list) else [value] if value is not None else []
    found = [one.dt for some in lists for one in getattr(some, "dts", ())]
    return [one for one in found if isinstance(one, date)]


def _people(event: Component) -> Iterator[str]:
    value = event.get("ATTENDEE")
    for one in value if isinstance(value, list) else [value] if value is not None else []:
        if isinstance(one, vBroken):
            continue
        name = one.params.get("CN")
        yield str(name or one).removeprefix("mailto:").removeprefix("MAILTO:")[:100]
