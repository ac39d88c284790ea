"""``/needs``: the hours in which somebody must be primary. Gaps count in these alone."""

from __future__ import annotations

from bot.core.phrases import Weekly, read_weekly
from bot.core.rota import Add, End
from bot.telegram.here import Here
from bot.telegram.rota.patterns import around_day, pattern_words, since_words, until_words
from bot.telegram.rota.proposing import propose
from bot.telegram.rota.reading import Refused, Wanting, Words, number
from bot.texts import Html
from models import Need


async def needs(here: Here, text: str) -> None:
    """``/needs``, ``/needs add Mon-Fri 18:00-22:00``, ``/needs end 2``."""
    words = Words.of(here, text)
    if not words.left:
        await _list_needs(here)
        return
    match words.take_if("add", "list", "end"):
        case "add":
            await _add_need(here, words)
        case "list":
            await _list_needs(here)
        case "end":
            await _end_need(here, words)
        case _:
            raise Wanting


async def _add_need(here: Here, words: Words) -> None:
    zone = words.zone_named()
    from_date, until_date = words.starting(), words.ending()
    if not words.left:
        raise Wanting
    weekly: Weekly = read_weekly(words.text)
    if weekly.every > 1:
        raise Refused("needs.every_other")
    row = Need(
        weekdays=weekly.weekdays,
        starts=weekly.hours.starts,
        ends=weekly.hours.ends,
        zone=str(zone),
        from_date=from_date or here.work.now.astimezone(zone).date(),
        until_date=until_date,
        created_at=here.work.now,
    )
    summary = here.say(
        "needs.is",
        what=pattern_words(row),
        since=since_words(here, row.from_date, zone),
        until=until_words(here, until_date),
    )
    if not await here.work.rota.needs():
        summary = Html(f"{summary}\n{here.say('needs.first')}")
    await propose(here, (Add(row),), "need_added", summary, about=around_day(row.from_date, here))


async def _list_needs(here: Here) -> None:
    rows = await here.work.rota.needs()
    if not rows:
        await here.reply("needs.none")
        return
    lines = [
        here.say(
            "needs.line",
            number=row.id,
            what=pattern_words(row),
            until=until_words(here, row.until_date),
        )
        for row in rows
    ]
    await here.reply_lines(here.say("needs.list"), lines)


async def _end_need(here: Here, words: Words) -> None:
    word = words.take_number("needs.which")
    found = number(word)
    rows = {one.id: one for one in await here.work.rota.needs()}
    if found is None or found not in rows:
        raise Refused("needs.no_such", text=word[:20].lstrip("#"))
    summary = here.say("needs.ends", what=pattern_words(rows[found]))
    if len(rows) == 1:
        summary = Html(f"{summary}\n{here.say('needs.last')}")
    await propose(here, (End("need", found, here.work.now),), "need_ended", summary)
