"""Shifts and rotations by command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.core.phrases import (
    Hours,
    NotUnderstood,
    Unclear,
    Weekly,
    read_hours,
    read_weekdays,
    read_weekly,
    write_clock,
    write_day,
    write_hours,
    write_weekdays,
)
from bot.core.rota import (
    SUGGESTED_BLOCK_HOURS,
    Add,
    End,
    Operation,
    Span,
    instant,
    moved,
    span_on,
    zone_named,
)
from bot.telegram.here import Here
from bot.telegram.rota.proposing import propose
from bot.telegram.rota.reading import Refused, Wanting, Words, named, number
from bot.texts import Html
from models import Ambassador, Layer, Rotation, Shift
from models.rota import EVERY_DAY

_EVENLY = {"daily": 1, "weekly": 7, "fortnightly": 14, "biweekly": 14, "monthly": 28}


async def shift(here: Here, text: str) -> None:
    """``/shift add @ana Mon-Fri 18:00-22:00 primary``, ``change 3 19:00-23:00``, ``list``,
    ``end 3``."""
    words = Words.of(here, text)
    match words.take_if("add", "change", "list", "end"):
        case "add":
            await _add_shift(here, words)
        case "change":
            await _change_shift(here, words)
        case "end":
            await _end(here, words, "shift")
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
    weekly = _weekly(words.left)
    if weekly.every != 1:
        raise Refused("shift.every_other", handle=ambassador.handle)
    row = Shift(
        ambassador_id=ambassador.id,
        layer=layer,
        weekdays=weekly.weekdays,
        starts=weekly.hours.starts,
        ends=weekly.hours.ends,
        zone=str(zone),
        from_date=from_date or here.work.now.astimezone(zone).date(),
        until_date=until_date,
        created_at=here.work.now,
    )
    summary = here.say(
        "shift.is",
        handle=ambassador.handle,
        layer=here.say(f"layer.{layer}"),
        what=_pattern(row.weekdays, weekly.hours, row.zone),
        since=_since(here, row.from_date, zone),
        until=_until(here, until_date),
    )
    if weekly.hours.minutes > 4 * 60:
        summary = Html(f"{summary} {here.say('shift.long', hours=SUGGESTED_BLOCK_HOURS)}")
    await propose(here, (Add(row),), "shift_added", summary, about=_around(row.from_date, here))


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


def _pattern(weekdays: str, hours: Hours, zone: str) -> str:
    return f"{write_weekdays(weekdays)} {write_hours(hours)} ({zone})"


def _since(here: Here, day: date, zone: ZoneInfo) -> Html:
    if day <= here.work.now.astimezone(zone).date():
        return here.say("rota.from_today")
    return here.say("rota.from_day", day=_day(here, day))


def _until(here: Here, day: date | None) -> Html:
    return here.say("rota.until_day", day=_day(here, day)) if day else Html("")


def _day(here: Here, day: date) -> str:
    zone = here.work.community.zone
    return write_day(instant(zone_named(zone), day, 12 * 60, second=False), zone, here.work.now)


def _around(day: date, here: Here) -> Span | None:
    """The five weeks from a day on that is not today."""
    start = instant(zone_named(here.work.community.zone), day, 0, second=False)
    return Span(start, start + timedelta(weeks=5)) if start > here.work.now else None


async def _change_shift(here: Here, words: Words) -> None:
    if len(words.left) < 2:
        raise Wanting
    row = await _shift_numbered(here, words.take())
    ambassador = await here.work.people.ambassador(row.ambassador_id)
    today = here.work.now.astimezone(zone_named(row.zone)).date()
    began = span_on(row, today)
    first_day = words.starting() or (
        today + timedelta(days=1) if began and began.starts_at <= here.work.now else today
    )
    values: dict[str, object] = {}
    if layer := words.layer():
        values["layer"] = layer
    if words.first().startswith("@"):
        ambassador = await named(here, words.take())
        values["ambassador_id"] = ambassador.id
    if words.left:
        values |= _new_times(words.text)
    if not values:
        raise Wanting
    changed = Shift(**{**row.model_dump(), **values})
    hours = Hours(changed.starts, changed.ends)
    summary = here.say(
        "shift.becomes",
        number=row.id,
        handle=ambassador.handle,
        layer=here.say(f"layer.{changed.layer}"),
        what=_pattern(changed.weekdays, hours, row.zone),
        since=_since(here, first_day, zone_named(row.zone)),
    )
    await propose(
        here,
        moved(row, first_day, **values),
        "shift_changed",
        summary,
        about=_around(first_day, here),
    )


def _new_times(text: str) -> dict[str, object]:
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
    return {
        "weekdays": weekly.weekdays,
        "starts": weekly.hours.starts,
        "ends": weekly.hours.ends,
    }


async def _shift_numbered(here: Here, word: str) -> Shift:
    found = number(word)
    row = await here.work.rota.shift(found) if found is not None else None
    if row is None or (row.ended_at is not None and row.ended_at <= here.work.now):
        raise Refused("shift.no_such", text=word[:20].lstrip("#") or "?")
    return row


async def _end(here: Here, words: Words, table: str) -> None:
    word = words.left.pop(0) if words.left else "?"
    if table == "shift":
        row: Shift | Rotation = await _shift_numbered(here, word)
    else:
        row = await _rotation_numbered(here, word)
    change: tuple[Operation, ...] = (End(table, row.id, here.work.now),)
    if isinstance(row, Shift):
        ambassador = await here.work.people.ambassador(row.ambassador_id)
        summary = here.say("shift.ends", number=row.id, handle=ambassador.handle)
    else:
        summary = here.say("rotate.ends", number=row.id)
    await propose(here, change, f"{table}_ended", summary)


async def _list_shifts(here: Here) -> None:
    rows = await here.work.rota.shifts()
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
                what=_pattern(row.weekdays, Hours(row.starts, row.ends), row.zone),
                until=_until(here, row.until_date),
            )
        )
    await here.reply_lines(here.say("shift.list"), lines)


# Rotations.


@dataclass
class _Turns:
    """What was read of a rotation."""

    order: list[Ambassador]
    period_days: int
    weekly: Weekly | None


async def rotate(here: Here, text: str) -> None:
    """``/rotate @ana @ben @cleo weekly from Monday at 9:00``, ``list``, ``change 2 @ben @ana``,
    ``end 2``."""
    words = Words.of(here, text)
    match words.take_if("list", "end", "change"):
        case "list":
            await _list_rotations(here)
        case "end":
            await _end(here, words, "rotation")
        case "change":
            await _change_rotation(here, words)
        case _:
            words.take_if("add")
            await _add_rotation(here, words)


async def _add_rotation(here: Here, words: Words) -> None:
    if len(words.left) < 2:
        raise Wanting
    layer = words.layer() or Layer.PRIMARY
    zone = words.zone_named()
    from_date, until_date = words.starting(), words.ending()
    order = await _order(here, words)
    if len(order) < 2:
        raise Refused("rotate.too_few")
    at = _handover(words)
    period_days = _period(words)
    weekly = _window(words)
    today = here.work.now.astimezone(zone).date()
    ahead = (7 - today.weekday()) % 7 if period_days % 7 == 0 else 0
    row = Rotation(
        name=" ".join(f"@{one.handle}" for one in order)[:64],
        layer=layer,
        order=[one.id for one in order],
        period_days=period_days,
        handover=0 if weekly else (9 * 60 if at is None else at),
        zone=str(zone),
        from_date=from_date or today + timedelta(days=ahead),
        until_date=until_date,
        weekdays=weekly.weekdays if weekly else EVERY_DAY,
        starts=weekly.hours.starts if weekly else None,
        ends=weekly.hours.ends if weekly else None,
        created_at=here.work.now,
    )
    summary = Html(f"{here.say('rotate.is', **await _values(here, row))}{_until(here, until_date)}")
    start = instant(zone_named(row.zone), row.from_date, 0, second=False)
    about = Span(start, start + timedelta(days=max(35, len(order) * period_days)))
    await propose(here, (Add(row),), "rotation_added", summary, about=about)


async def _order(here: Here, words: Words) -> list[Ambassador]:
    order: list[Ambassador] = []
    while words.left and words.first().startswith("@"):
        order.append(await named(here, words.take().rstrip(",")))
    return order


def _handover(words: Words) -> int | None:
    """``at 9:00``."""
    for index, word in enumerate(words.left[:-1]):
        if word.lower() == "at":
            time = words.left[index + 1]
            if "-" in time:
                return None
            hours = read_hours(f"{time}-{time}")
            del words.left[index : index + 2]
            return hours.starts
    return None


def _period(words: Words) -> int:
    """``weekly``, ``daily``, ``every 3 days``, ``every 2 weeks``; a week where nothing is said."""
    found = words.take_anywhere(*_EVENLY)
    if found:
        return _EVENLY[found]
    match = re.search(
        r"\b(?:changing )?every (?:(\d{1,2}|other|second) )?(day|week)s?\b", words.text, re.I
    )
    if match is None:
        return 7
    words.left = (words.text[: match.start()] + words.text[match.end() :]).split()
    count = {"other": 2, "second": 2}.get((match[1] or "1").lower()) or int(match[1] or 1)
    if not count:
        raise NotUnderstood(match[0], "period")
    return count * (7 if match[2].lower() == "week" else 1)


def _window(words: Words) -> Weekly | None:
    if not words.left:
        return None
    try:
        return Weekly(EVERY_DAY, read_hours(words.text))
    except NotUnderstood:
        return read_weekly(words.text)


async def _change_rotation(here: Here, words: Words) -> None:
    if len(words.left) < 2:
        raise Wanting
    row = await _rotation_numbered(here, words.take())
    today = here.work.now.astimezone(zone_named(row.zone)).date()
    first_day = words.starting() or today + timedelta(days=1)
    values: dict[str, object] = {}
    order = await _order(here, words)
    if len(order) == 1:
        raise Refused("rotate.too_few")
    if order:
        values["order"] = [one.id for one in order]
    if layer := words.layer():
        values["layer"] = layer
    if words.left and (weekly := _window(words)):
        values |= {
            "weekdays": weekly.weekdays,
            "starts": weekly.hours.starts,
            "ends": weekly.hours.ends,
        }
    if not values:
        raise Wanting
    changed = Rotation(**{**row.model_dump(), **values})
    summary = here.say("rotate.becomes", number=row.id, **await _values(here, changed))
    await propose(here, moved(row, first_day, **values), "rotation_changed", summary)


async def _rotation_numbered(here: Here, word: str) -> Rotation:
    found = number(word)
    rows = {one.id: one for one in await here.work.rota.rotations()}
    if found is None or found not in rows:
        raise Refused("rotate.no_such", text=word[:20].lstrip("#") or "?")
    return rows[found]


async def _list_rotations(here: Here) -> None:
    rows = await here.work.rota.rotations()
    if not rows:
        await here.reply("rotate.none")
        return
    lines = [here.say("rotate.line", number=row.id, **await _values(here, row)) for row in rows]
    await here.reply_lines(here.say("rotate.list"), lines)


async def _values(here: Here, row: Rotation) -> dict[str, object]:
    names = {one.id: one.handle for one in await here.work.people.ambassadors()}
    if row.starts is None or row.ends is None:
        what = here.say("rotate.round_the_clock", at=write_clock(row.handover))
    else:
        hours = write_hours(Hours(row.starts, row.ends))
        what = Html(f"{write_weekdays(row.weekdays)} {hours}")
    period = (
        here.say("rotate.every_weeks", n=row.period_days // 7)
        if row.period_days % 7 == 0 and row.period_days > 7
        else here.say("rotate.weekly")
        if row.period_days == 7
        else here.say("rotate.daily")
        if row.period_days == 1
        else here.say("rotate.every_days", n=row.period_days)
    )
    return {
        "order": " → ".join(f"@{names.get(who, '?')}" for who in row.order),
        "layer": here.say(f"layer.{row.layer}"),
        "period": period,
        "what": what,
        "zone": row.zone,
        "day": _day(here, row.from_date),
    }
