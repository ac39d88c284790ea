"""A coordinator keeps the rota: shifts and covers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import Update

from bot.core.phrases import (
    NotUnderstood,
    read_hours,
    read_span,
    read_weekdays,
    read_zone,
    tidy,
    write_clock,
    write_weekdays,
)
from bot.core.rota import span_on, zone_named
from bot.telegram.here import Context, Here
from bot.texts import Html
from models import Ambassador, Cover, Layer, Shift


async def shift(update: Update, context: Context) -> None:
    """``/shift add @ana Mon-Fri 18:00-22:00 primary``, ``/shift list``, ``/shift end 3``."""
    here = context.here
    words = context.words
    match words[0].lower() if words else "":
        case "add":
            await _add_shift(here, words[1:])
        case "list":
            await _list_shifts(here)
        case "end":
            await _end_shift(here, words[1:])
        case _:
            await here.reply("coordinator.shift_usage")


async def _add_shift(here: Here, words: Sequence[str]) -> None:
    usage = here.say("coordinator.shift_usage")
    words = [*words[:1], *tidy(" ".join(words[1:])).split()]
    if len(words) < 3:
        await here.send(usage)
        return
    ambassador = await _named(here, words[0])
    if ambassador is None:
        return
    layer_word = words[3].lower() if len(words) > 3 else Layer.PRIMARY.value
    try:
        days, hours = read_weekdays(words[1]), read_hours(words[2])
        zone = read_zone(words[4] if len(words) > 4 else here.work.community.zone)
        if layer_word not in set(Layer):
            raise NotUnderstood(words[3], "layer")
        if len(words) > 5:
            raise NotUnderstood(" ".join(words[5:]), "layer")
    except NotUnderstood as error:
        await _explain(here, error, usage)
        return
    row = Shift(
        ambassador_id=ambassador.id,
        layer=Layer(layer_word),
        weekdays=days,
        starts=hours.starts,
        ends=hours.ends,
        zone=str(zone),
        from_date=here.work.now.astimezone(zone).date(),
        created_at=here.work.now,
    )
    await here.work.rota.add(row)
    await here.work.audit.record("shift_added", by=here.me, subject=f"shift:{row.id}")
    await here.send(here.say("coordinator.shift_added", **_shift_values(row, ambassador)))


async def _list_shifts(here: Here) -> None:
    shifts = await here.work.rota.shifts()
    if not shifts:
        await here.reply("coordinator.no_shifts")
        return
    lines = [
        here.say(
            "coordinator.shift_line",
            **_shift_values(row, await here.work.people.ambassador(row.ambassador_id)),
        )
        for row in shifts
    ]
    await here.reply_lines(here.say("coordinator.shifts"), lines)


async def _end_shift(here: Here, words: Sequence[str]) -> None:
    number = words[0].lstrip("#") if words else ""
    row = await here.work.rota.shift(int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else None
    if row is None or row.ended_at is not None:
        await here.reply("coordinator.no_such_shift", text=number[:20] or "?")
        return
    row.ended_at = here.work.now
    await here.work.rota.add(row)
    await here.work.audit.record("shift_ended", by=here.me, subject=f"shift:{row.id}")
    ambassador = await here.work.people.ambassador(row.ambassador_id)
    await here.reply("coordinator.shift_ended", number=row.id, handle=ambassador.handle)


async def cover(update: Update, context: Context) -> None:
    """``/cover @ben for @ana tomorrow 18:00-22:00``."""
    here = context.here
    usage = here.say("coordinator.cover_usage")
    words = context.words
    if len(words) < 5 or words[1].lower() != "for":
        await here.send(usage)
        return
    covering, covered = await _named(here, words[0]), None
    if covering is not None:
        covered = await _named(here, words[2])
    if covering is None or covered is None:
        return
    if covering.id == covered.id:
        await here.reply("coordinator.cover_self", usage=usage)
        return
    zone = zone_named(here.work.community.zone)
    try:
        span = read_span(tidy(" ".join(words[3:])), here.work.now, zone)
    except NotUnderstood as error:
        await _explain(here, error, usage)
        return
    row = Cover(
        ambassador_id=covering.id,
        for_ambassador_id=covered.id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        created_at=here.work.now,
    )
    await here.work.rota.add(row)
    await here.work.audit.record("cover_added", by=here.me, subject=f"cover:{row.id}")
    starts, ends = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    await here.reply(
        "coordinator.cover_added",
        handle=covering.handle,
        other=covered.handle,
        starts=f"{starts:%a %d %b %H:%M}",
        ends=f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%a %d %b %H:%M}",
        zone=here.work.community.zone,
    )
    if not await _has_shift(here, covered, row):
        await here.reply("coordinator.cover_no_shift", other=covered.handle)


async def _has_shift(here: Here, ambassador: Ambassador, row: Cover) -> bool:
    """Whether any shift of ``ambassador`` overlaps the cover."""
    for one in await here.work.rota.shifts():
        if one.ambassador_id != ambassador.id:
            continue
        zone = zone_named(one.zone)
        first = row.starts_at.astimezone(zone).date().toordinal() - 1
        for ordinal in range(first, row.ends_at.astimezone(zone).date().toordinal() + 1):
            span = span_on(one, type(one.from_date).fromordinal(ordinal))
            if span and span.starts_at < row.ends_at and row.starts_at < span.ends_at:
                return True
    return False


async def _named(here: Here, text: str) -> Ambassador | None:
    found = await here.work.people.ambassador_called(text)
    if found is None:
        everybody = await here.work.people.ambassadors()
        await here.reply(
            "coordinator.no_such_ambassador",
            text=text[:40],
            handles=", ".join(f"@{one.handle}" for one in everybody[:30]),
        )
    return found


async def _explain(here: Here, error: NotUnderstood, usage: Html) -> None:
    await here.reply(f"understood.{error.expected}", part=error.part[:60], usage=usage)


def _shift_values(row: Shift, ambassador: Ambassador) -> dict[str, object]:
    return {
        "number": row.id,
        "handle": ambassador.handle,
        "layer": row.layer,
        "days": write_weekdays(row.weekdays),
        "starts": write_clock(row.starts),
        "ends": write_clock(row.ends),
        "zone": row.zone,
    }
