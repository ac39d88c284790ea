"""Taking turns, by command."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.core.phrases import (
    Hours,
    NotUnderstood,
    Weekly,
    read_hours,
    read_weekly,
    write_clock,
    write_hours,
    write_weekdays,
    write_weekly,
)
from bot.core.rota import Add, End, Span, instant, moved, zone_named
from bot.telegram.here import Here
from bot.telegram.rota.patterns import day_words, until_words
from bot.telegram.rota.proposing import propose
from bot.telegram.rota.reading import Refused, Wanting, Words, named, number
from bot.texts import Html
from models import Ambassador, Layer, Rotation
from models.rota import EVERY_DAY

_EVENLY = {"daily": 1, "weekly": 7, "fortnightly": 14, "biweekly": 14, "monthly": 28}


async def rotate(here: Here, text: str) -> None:
    """``/rotate @ana @ben @cleo weekly from Monday at 9:00``, ``list``, ``change 2 @ben @ana``,
    ``end 2``."""
    words = Words.of(here, text)
    match words.take_if("list", "end", "change"):
        case "list":
            await _list_rotations(here)
        case "end":
            await _end_rotation(here, words)
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
    summary = Html(
        f"{here.say('rotate.is', **await _values(here, row))}{until_words(here, until_date)}"
    )
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
        weekly = read_weekly(words.text)
    if weekly.every > 1:
        raise Refused("rotate.every_other", what=write_weekly(replace(weekly, every=1, said=False)))
    return weekly


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
        raise Refused("rotate.no_such", text=word[:20].lstrip("#"))
    return rows[found]


async def _end_rotation(here: Here, words: Words) -> None:
    row = await _rotation_numbered(here, words.take_number("rotate.which"))
    summary = here.say("rotate.ends", number=row.id)
    await propose(here, (End("rotation", row.id, here.work.now),), "rotation_ended", summary)


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
        "day": day_words(here, row.from_date),
    }
