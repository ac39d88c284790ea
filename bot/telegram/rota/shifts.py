"""Shifts by command."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.phrases import (
    Hours,
    Meaning,
    NotUnderstood,
    Unclear,
    Weekly,
    read_hours,
    read_weekdays,
    read_weekly,
    read_when,
    write_weekly,
)
from bot.core.phrases.days import day_meanings
from bot.core.phrases.words import tokens
from bot.core.rota import SUGGESTED_BLOCK_HOURS, Add, End, moved, span_on, zone_named
from bot.telegram.here import Here
from bot.telegram.rota.patterns import (
    around_day,
    is_once,
    once_words,
    pattern_words,
    since_words,
    until_words,
)
from bot.telegram.rota.proposing import propose
from bot.telegram.rota.reading import Refused, Wanting, Words, named, number
from bot.texts import Html
from models import Ambassador, Layer, Shift

_LONGEST = timedelta(days=1)
"""What is longer is no shift of one evening."""


async def shift(here: Here, text: str) -> None:
    """``/shift add @ana Mon-Fri 18:00-22:00 primary``, ``add @ana 24 Dec 18:00-22:00``,
    ``change 3 19:00-23:00``, ``list``, ``end 3``."""
    words = Words.of(here, text)
    match words.take_if("add", "change", "list", "end"):
        case "add":
            await _add_shift(here, words)
        case "change":
            await _change_shift(here, words)
        case "end":
            await _end_shift(here, words)
        case "list":
            await _list_shifts(here)
        case _:
            raise Wanting


async def _add_shift(here: Here, words: Words) -> None:
    if len(words.left) < 3:
        raise Wanting
    ambassador = await named(here, words.take())
    layer = words.layer() or Layer.PRIMARY
    zone = words.zone_named()
    from_date, until_date = words.starting(), words.ending()
    text = words.text
    today = here.work.now.astimezone(zone).date()
    try:
        weekly = _weekly(words.left)
    except NotUnderstood as error:
        if from_date is not None or until_date is not None:
            raise
        from_date, weekly = _once(here, text, zone, error)
        until_date = from_date
    if weekly.every > 1 and from_date is None:
        raise _which_week(text, weekly, today)
    row = Shift(
        ambassador_id=ambassador.id,
        layer=layer,
        weekdays=weekly.weekdays,
        every=weekly.every,
        starts=weekly.hours.starts,
        ends=weekly.hours.ends,
        zone=str(zone),
        from_date=_first_of(weekly, from_date or today),
        until_date=until_date,
        created_at=here.work.now,
    )
    summary = here.say(
        "shift.is",
        handle=ambassador.handle,
        layer=here.say(f"layer.{layer}"),
        what=_what(here, row),
        since="" if is_once(row) else since_words(here, row.from_date, zone),
        until="" if is_once(row) else until_words(here, until_date),
    )
    if weekly.hours.minutes > 4 * 60:
        summary = Html(f"{summary} {here.say('shift.long', hours=SUGGESTED_BLOCK_HOURS)}")
    await propose(here, (Add(row),), "shift_added", summary, about=around_day(row.from_date, here))


def _once(here: Here, text: str, zone: ZoneInfo, error: NotUnderstood) -> tuple[date, Weekly]:
    """The day and hours of one evening, such as ``24 Dec 18:00-22:00``; where the words are none
    either, ``error``, which says why they are no days of the week."""
    try:
        span = read_when(text, here.work.now, zone).span
    except NotUnderstood as unread:
        raise (unread if unread.expected == "past" else error) from None
    if day_meanings(tokens(text), here.work.now.astimezone(zone).date()):
        raise NotUnderstood(text, "hours")
    start, end = (at.astimezone(zone) for at in (span.starts_at, span.ends_at))
    if span.ends_at - span.starts_at > _LONGEST:
        raise error
    hours = Hours(start.hour * 60 + start.minute, end.hour * 60 + end.minute)
    return start.date(), Weekly(str(start.weekday()), hours)


def _what(here: Here, row: Shift) -> str:
    return once_words(here, row) if is_once(row) else pattern_words(row)


def _weekly(left: list[str]) -> Weekly:
    """Days and hours; what stands behind them and is neither is named as what it is not."""
    text = " ".join(left)
    try:
        return read_weekly(text)
    except NotUnderstood:
        for cut in range(1, min(3, len(left))):
            try:
                read_weekly(" ".join(left[:-cut]))
            except NotUnderstood:
                continue
            except Unclear:
                pass
            raise NotUnderstood(" ".join(left[-cut:]), "layer") from None
        raise


def _which_week(text: str, weekly: Weekly, today: date) -> Unclear:
    """Of every other Friday, is the first this week's or the next's? Nobody knows but who asks."""
    meanings: list[Meaning[object]] = []
    day = today
    for _ in range(weekly.every):
        first = _first_of(weekly, day)
        meanings.append(Meaning(first, f"{write_weekly(weekly)} from {first.isoformat()}"))
        day = first + timedelta(days=7 - first.weekday())
    return Unclear(text, meanings, is_first=True)


def _first_of(weekly: Weekly, day: date) -> date:
    """The first day from ``day`` on; the weeks that are left out are counted from its week."""
    if weekly.every == 1:
        return day
    ahead = (day + timedelta(days=number) for number in range(7))
    return next(one for one in ahead if str(one.weekday()) in weekly.weekdays)


async def _change_shift(here: Here, words: Words) -> None:
    if len(words.left) < 2:
        raise Wanting
    row = await _shift_numbered(here, words.take())
    ambassador = await here.work.people.ambassador(row.ambassador_id)
    today = here.work.now.astimezone(zone_named(row.zone)).date()
    began = span_on(row, today)
    starting = words.starting()
    first_day = starting or (
        today + timedelta(days=1) if began and began.starts_at <= here.work.now else today
    )
    values: dict[str, object] = {}
    if is_once(row) and starting is not None:
        raise _one_day(here, row, ambassador)
    if layer := words.layer():
        values["layer"] = layer
    if words.first().startswith("@"):
        ambassador = await named(here, words.take())
        values["ambassador_id"] = ambassador.id
    if words.left and is_once(row):
        try:
            hours = read_hours(words.text)
        except NotUnderstood:
            raise _one_day(here, row, ambassador) from None
        values |= {"starts": hours.starts, "ends": hours.ends}
    elif words.left:
        values |= _new_times(words.text, row, starting, first_day)
    if not values:
        raise Wanting
    if "every" in values:
        first_day = _first_of(read_weekly(words.text), first_day)
    changed = Shift(**{**row.model_dump(), **values})
    summary = here.say(
        "shift.becomes",
        number=row.id,
        handle=ambassador.handle,
        layer=here.say(f"layer.{changed.layer}"),
        what=_what(here, changed),
        since="" if is_once(row) else since_words(here, first_day, zone_named(row.zone)),
    )
    await propose(
        here,
        moved(row, first_day, **values),
        "shift_changed",
        summary,
        about=around_day(first_day, here),
    )


def _one_day(here: Here, row: Shift, ambassador: Ambassador) -> Refused:
    """An evening is not moved to another day: it is ended, and another one is added."""
    what = once_words(here, row)
    return Refused("shift.one_day", number=row.id, what=what, handle=ambassador.handle)


def _new_times(text: str, row: Shift, starting: date | None, first_day: date) -> dict[str, object]:
    """What the words say of days, hours and how often; what they don't say stays."""
    try:
        weekly = read_weekly(text)
    except NotUnderstood as error:
        try:
            hours = read_hours(text)
        except NotUnderstood:
            try:
                return {"weekdays": read_weekdays(text)}
            except NotUnderstood:
                raise error from None
        return {"starts": hours.starts, "ends": hours.ends}
    if row.every > 1 and not weekly.said:
        # Every other Friday as before, or each from now on?
        both = (replace(weekly, every=every, said=True) for every in (row.every, 1))
        raise Unclear(text, [Meaning(one, write_weekly(one)) for one in both])
    values: dict[str, object] = {
        "weekdays": weekly.weekdays,
        "starts": weekly.hours.starts,
        "ends": weekly.hours.ends,
    }
    if weekly.every != row.every:
        if weekly.every > 1 and starting is None:
            raise _which_week(text, weekly, first_day)
        values["every"] = weekly.every
    elif weekly.every > 1 and starting is not None:
        values["every"] = weekly.every
    return values


async def _shift_numbered(here: Here, word: str) -> Shift:
    found = number(word)
    row = await here.work.rota.shift(found) if found is not None else None
    if row is None or (row.ended_at is not None and row.ended_at <= here.work.now):
        raise Refused("shift.no_such", text=word[:20].lstrip("#"))
    return row


async def _end_shift(here: Here, words: Words) -> None:
    row = await _shift_numbered(here, words.take_number("shift.which"))
    ambassador = await here.work.people.ambassador(row.ambassador_id)
    summary = here.say("shift.ends", number=row.id, handle=ambassador.handle)
    await propose(here, (End("shift", row.id, here.work.now),), "shift_ended", summary)


async def _list_shifts(here: Here) -> None:
    rows = [one for one in await here.work.rota.shifts() if not _is_over(one, here.work.now)]
    if not rows:
        await here.reply("shift.none")
        return
    lines = []
    for row in rows:
        ambassador = await here.work.people.ambassador(row.ambassador_id)
        lines.append(
            here.say(
                "shift.line",
                number=row.id,
                handle=ambassador.handle,
                layer=here.say(f"layer.{row.layer}"),
                what=_what(here, row),
                until="" if is_once(row) else until_words(here, row.until_date),
            )
        )
    await here.reply_lines(here.say("shift.list"), lines)


def _is_over(row: Shift, now: datetime) -> bool:
    """Whether its last day has passed, also where that went past midnight."""
    if row.until_date is None or row.until_date >= now.astimezone(zone_named(row.zone)).date():
        return False
    last = span_on(row, row.until_date)
    return last is None or last.ends_at <= now
