"""Dated times as people write them: ``tomorrow 6pm-10pm``, ``24 Dec to 2 Jan``, ``until 9am``.

Every reading that the words allow is tried. One is the answer; several are asked about. No library
is used here: those that read English dates (dateparser, parsedatetime) return the one reading that
they find likeliest, and a rota that guesses wrong leaves somebody alone at night.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.phrases.clocks import (
    PARTS,
    Hours,
    clock,
    clock_meanings,
    hours_between,
    hours_meanings,
    part_of_day,
    write_clock,
    write_hours,
)
from bot.core.phrases.days import day_meanings
from bot.core.phrases.periods import days, duration, period_meanings
from bot.core.phrases.words import (
    MONTHS,
    Meaning,
    NotUnderstood,
    Token,
    different,
    strip,
    the_one,
    tokens,
    words,
    written,
)
from bot.core.rota import Span, instant

_DAY = timedelta(days=1)
_TONIGHT = Hours(18 * 60, 6 * 60)
_JOINING = ("from", "on", "at", ",", "the")


@dataclass(frozen=True, slots=True)
class When:
    """A dated time. ``rough``: by day or part of a day, and not by the clock."""

    span: Span
    rough: bool = False


def when_meanings(some: Sequence[Token], now: datetime, zone: ZoneInfo) -> list[Meaning[When]]:
    """The dated times that these words can mean and that are not over."""
    return [one for one in _any_time(some, now, zone) if one.value.span.ends_at > now]


def _any_time(some: Sequence[Token], now: datetime, zone: ZoneInfo) -> list[Meaning[When]]:
    rest = strip(some, ("from", "on", "for", ","))
    today = now.astimezone(zone).date()
    found: list[Meaning[When]] = []
    for reading in (_by_hours, _by_part_of_day, _by_days, _by_moments, _by_length):
        found.extend(reading(rest, now, zone))
    if not found:
        found.extend(
            Meaning(When(one.value, True), one.phrase) for one in period_meanings(rest, now, zone)
        )
    if not found:
        found.extend(
            Meaning(When(days(one.value, one.value, zone), True), one.phrase)
            for one in day_meanings(rest, today)
        )
    return different(found)


def on_day(day: date, hours: Hours, zone: ZoneInfo) -> Span:
    """These hours of the local date ``day``; where the end is not after the start, of two days."""
    last_day = day if hours.ends > hours.starts else day + _DAY
    return Span(
        instant(zone, day, hours.starts, second=False),
        instant(zone, last_day, hours.ends, second=True),
    )


def _by_hours(rest: Sequence[Token], now: datetime, zone: ZoneInfo) -> Iterator[Meaning[When]]:
    """``tomorrow 18:00-22:00``, ``6-10pm on 24 Dec``, ``18:00-22:00`` for the next such hours."""
    for at, hours in _hours_in(rest):
        others = [*rest[: at[0]], *rest[at[1] :]]
        for day in _days_of(others, now, zone):
            for one in hours:
                yield Meaning(
                    When(on_day(day.value, one, zone)), f"{day.phrase} {write_hours(one)}"
                )
        if not strip(others, _JOINING):
            for one in hours:
                today = now.astimezone(zone).date()
                day_of = today if on_day(today, one, zone).ends_at > now else today + _DAY
                yield Meaning(
                    When(on_day(day_of, one, zone)), f"{day_of.isoformat()} {write_hours(one)}"
                )


def _hours_in(rest: Sequence[Token]) -> Iterator[tuple[tuple[int, int], list[Hours]]]:
    for start in range(len(rest) - 2):
        if rest[start + 1].word == "-":
            found = hours_between(rest[start].word, rest[start + 2].word)
            if found:
                yield (start, start + 3), found


def _by_part_of_day(
    rest: Sequence[Token], now: datetime, zone: ZoneInfo
) -> Iterator[Meaning[When]]:
    """``tomorrow evening``, ``next Tuesday night``, ``tonight``, ``night of 24 Dec``."""
    named = words(rest)
    today = now.astimezone(zone).date()
    if named == ("tonight",):
        yield Meaning(When(on_day(today, _TONIGHT, zone), True), "tonight")
    for start in range(len(rest)):
        for end in range(start + 1, len(rest) + 1):
            hours = part_of_day(rest[start:end])
            whole = named[start:end] == ("all", "day")
            if hours is None and not whole:
                continue
            others = [*rest[:start], *rest[end:]]
            if words(others) in (("this",), ()):
                found = [Meaning(today, today.isoformat())]
            else:
                found = _days_of(others, now, zone)
            for day in found:
                if hours is None:
                    yield Meaning(When(days(day.value, day.value, zone), True), day.phrase)
                    continue
                name = next(name for name, times in PARTS.items() if Hours(*times) == hours)
                yield Meaning(When(on_day(day.value, hours, zone), True), f"{day.phrase} {name}")


def _days_of(some: Sequence[Token], now: datetime, zone: ZoneInfo) -> list[Meaning[date]]:
    return day_meanings(strip(some, _JOINING, _JOINING), now.astimezone(zone).date())


def _by_days(rest: Sequence[Token], now: datetime, zone: ZoneInfo) -> Iterator[Meaning[When]]:
    """``24 Dec to 2 Jan``, ``24-26 Dec``, ``Mon-Wed``: the first day to the end of the last."""
    today = now.astimezone(zone).date()
    for dash in (index for index, one in enumerate(rest) if one.word == "-"):
        left, right = list(rest[:dash]), list(rest[dash + 1 :])
        if len(left) == 1 and left[0].word.isdecimal():
            left += [one for one in right if one.word in MONTHS][:1]
        elif len(right) == 1 and right[0].word.isdecimal():
            right += [one for one in left if one.word in MONTHS][:1]
        for first in day_meanings(left, today):
            for last in day_meanings(right, first.value):
                if first.value < last.value:
                    yield Meaning(
                        When(days(first.value, last.value, zone), True),
                        f"{first.phrase} - {last.phrase}",
                    )


def _by_moments(rest: Sequence[Token], now: datetime, zone: ZoneInfo) -> Iterator[Meaning[When]]:
    """``24 Dec 18:00 to 26 Dec 9:00``, ``now to 6pm``."""
    for dash in (index for index, one in enumerate(rest) if one.word == "-"):
        left, right = rest[:dash], rest[dash + 1 :]
        if words(left) == ("now",):
            starts = [Meaning(now, "now")]
        else:
            starts = _dated_moments(left, now, zone, second=False)
        for start in starts:
            for end in _dated_moments(right, start.value, zone, second=True):
                if start.value < end.value:
                    yield Meaning(
                        When(Span(start.value, end.value)), f"{start.phrase} - {end.phrase}"
                    )
            if start.phrase == "now":
                for end in until_meanings(right, now, zone):
                    yield Meaning(When(Span(now, end.value)), f"now - {end.phrase}")


def _by_length(rest: Sequence[Token], now: datetime, zone: ZoneInfo) -> Iterator[Meaning[When]]:
    """``tomorrow 6pm for 4 hours``."""
    for index, one in enumerate(rest):
        if one.word != "for" or not index:
            continue
        length = duration(rest[index + 1 :])
        for start in _dated_moments(rest[:index], now, zone, second=False) if length else ():
            assert length is not None
            phrase = f"{start.phrase} for {int(length.total_seconds() // 60)} min"
            yield Meaning(When(Span(start.value, start.value + length)), phrase)


def _dated_moments(
    some: Sequence[Token], now: datetime, zone: ZoneInfo, *, second: bool
) -> list[Meaning[datetime]]:
    """A day with a time, in either order: ``24 Dec 18:00``, ``9am tomorrow``."""
    rest = strip(some, _JOINING, _JOINING)
    found = []
    for index in {len(rest) - 1, 0}:
        if len(rest) < 2 or clock(rest[index].word, packed=True) is None:
            continue
        others = [*rest[:index], *rest[index + 1 :]]
        for day in _days_of(others, now, zone):
            for at, day_of in _minutes(rest[index].word, day.value):
                moment = instant(zone, day_of, at, second=second)
                found.append(Meaning(moment, f"{day_of.isoformat()} {write_clock(at)}"))
    return different(found)


def _minutes(word: str, day: date) -> list[tuple[int, date]]:
    if word == "midnight":
        return [(0, day), (0, day + _DAY)]
    return [(minutes, day) for minutes in clock_meanings(word)]


def until_meanings(some: Sequence[Token], now: datetime, zone: ZoneInfo) -> list[Meaning[datetime]]:
    """The moments ahead that ``until 18:00``, ``for 3h``, ``tomorrow at 9am``, ``24 Dec`` (its end)
    can mean."""
    # "until" and "to" are dashes in a range; a dash that was written is none of them.
    some = [one for one in some[:1] if one.word != "-" or one.written == "-"] + list(some[1:])
    rest = strip(some, ("for", "at", "by"))
    today = now.astimezone(zone).date()
    length = duration(rest)
    if length is not None:
        found = [_exactly(now + length, zone)] if length <= timedelta(days=999) else []
    elif len(rest) == 1 and (clock(rest[0].word, packed=True) is not None):
        found = []
        for minutes in clock_meanings(rest[0].word):
            until = instant(zone, today, minutes, second=True)
            if until <= now:
                until = instant(zone, today + _DAY, minutes, second=True)
            found.append(_exactly(until, zone))
    else:
        found = _dated_moments(rest, now, zone, second=True)
        if not found:
            found = [
                _exactly(moment, zone)
                for one in _by_part_of_day(rest, now, zone)
                for moment in (one.value.span.starts_at, one.value.span.ends_at)
            ]
        if not found:
            found = [
                Meaning(instant(zone, one.value + _DAY, 0, second=False), one.phrase)
                for one in day_meanings(rest, today)
            ]
        if not found:
            found = [
                Meaning(one.value.ends_at, one.phrase.split(" - ")[-1])
                for one in period_meanings(rest, now, zone)
            ]
    return different(found)


def _exactly(at: datetime, zone: ZoneInfo) -> Meaning[datetime]:
    return Meaning(at, f"{at.astimezone(zone):%Y-%m-%d %H:%M}")


def read_when(text: str, now: datetime, zone: ZoneInfo) -> When:
    """The dated time that ``text`` means.

    `Unclear` where it can mean several; `NotUnderstood` with the part that could not be read, or
    where it is over already.
    """
    some = tokens(text)
    found = when_meanings(some, now, zone)
    if not found:
        if _any_time(some, now, zone):
            raise NotUnderstood(text, "past")
        raise _why_not(some, text, now, zone)
    return the_one(text, found, "span")


def read_span(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """`read_when` without saying whether it was rough."""
    return read_when(text, now, zone).span


def _why_not(some: Sequence[Token], text: str, now: datetime, zone: ZoneInfo) -> NotUnderstood:
    """The part that stands in the way: a day beside good hours, or hours beside a good day."""
    for at, _ in _hours_in(some):
        others = strip([*some[: at[0]], *some[at[1] :]], _JOINING, _JOINING)
        return NotUnderstood(written(others), "day")
    for end in range(len(some) - 1, 0, -1):
        if _days_of(some[:end], now, zone):
            return NotUnderstood(written(some[end:]), "hours")
    for start in range(1, len(some)):
        if hours_meanings(some[start:]):
            return NotUnderstood(written(some[:start]), "day")
    return NotUnderstood(text, "span")


def read_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When an absence ends: ``45m``, ``3h``, ``2d``, ``18:00``, ``tomorrow 9:00``, ``24 Dec`` (its
    end)."""
    found = until_meanings(tokens(text), now, zone)
    ahead = [one for one in found if one.value > now]
    if found and not ahead:
        raise NotUnderstood(text, "past")
    return the_one(text, ahead, "until")
