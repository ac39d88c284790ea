"""Being away, and coming back."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.phrases import Meaning, Unclear, read_until, read_when, write_moment
from bot.core.phrases.days import day_meanings
from bot.core.phrases.spans import until_meanings, when_meanings
from bot.core.phrases.words import tokens
from bot.core.rota import Add, End, Operation, Span
from bot.engine import leaving
from bot.engine.escalation import tell_ambassador
from bot.telegram.here import Here
from bot.telegram.rota.proposing import applied, outlook, propose, tell_coordinators
from bot.telegram.rota.reading import Refused, Wanting, Words, named
from bot.telegram.rota.saying import by_words, difference_lines, names_of, span_words
from bot.texts import Html
from models import Away, Role

_AHEAD = timedelta(weeks=2)


async def away(here: Here, text: str) -> None:
    """``/away``, ``/away 3h``, ``/away until tomorrow 9:00``, ``/away 24 Dec - 2 Jan``; for
    coordinators also ``/away @ana 24 Dec - 2 Jan``."""
    words = Words.of(here, text)
    whose = here.me
    if words.first().startswith("@"):
        if here.me.role is not Role.COORDINATOR:
            raise Refused("away.only_own")
        whose = await named(here, words.take())
        if not words.left:
            raise Wanting
    start, end = _read_absence(here, words)
    row = Away(ambassador_id=whose.id, starts_at=start, ends_at=end, created_at=here.work.now)
    if whose.id == here.me.id and start <= here.work.now:
        await _away_at_once(here, row)
        return
    summary = here.say(
        "away.is",
        handle=whose.handle,
        span=span_words(here, start, end) if end else here.say("away.open"),
    )
    about = Span(start, min(end or start + _AHEAD, start + timedelta(weeks=8)))
    await propose(here, (Add(row),), "away", summary, about=about)


def _read_absence(here: Here, words: Words) -> tuple[datetime, datetime | None]:
    """From when to when; a bare day may be that day or all until its end, which is asked."""
    now, text = here.work.now, words.text
    if not text:
        return now, None
    first = words.first()
    if first in ("until", "till", "for"):
        return now, read_until(text, now, words.zone)
    some = tokens(text)
    times = when_meanings(some, now, words.zone)
    ends = [one for one in until_meanings(some, now, words.zone) if one.value > now]
    if not times:
        return now, read_until(text, now, words.zone)
    is_one_day = bool(day_meanings(some, words.today))
    today = any(one.value.span.starts_at <= now for one in times)
    if is_one_day and ends and first != "on" and not (today and len(times) == 1):
        meanings: list[Meaning[object]] = [
            *(Meaning(one.value, f"on {one.phrase}") for one in times),
            *(Meaning(one.value, f"until {one.phrase}") for one in ends),
        ]
        raise Unclear(text, meanings)
    when = read_when(text, now, words.zone)
    return max(when.span.starts_at, now), when.span.ends_at


async def _away_at_once(here: Here, row: Away) -> None:
    """Whoever wants to be left in peace now is: no question first."""
    before = await here.work.rota.on_call()
    change: list[Operation] = [
        End("away", one.id, here.work.now)
        for one in await here.work.rota.aways()
        if one.ambassador_id == here.me.id and one.starts_at <= here.work.now
    ]
    change.append(Add(row))
    about = Span(here.work.now, min(row.ends_at or here.work.now + _AHEAD, here.work.now + _AHEAD))
    seen = await outlook(here, tuple(change), about)
    until = write_moment(row.ends_at, here.work.community.zone) if row.ends_at else None
    summary = here.say(
        "away.is",
        handle=here.me.handle,
        span=here.say("away.until", until=until) if until else here.say("away.open"),
    )
    done = await here.work.journal.apply(tuple(change), here.me, "away", summary)
    await applied(here, done, seen.difference)
    if until is None:
        text = here.say("ambassador.away")
    else:
        text = here.say("ambassador.away_until", until=until, zone=here.work.community.zone)
    lost = [one for one in seen.difference if not one.gains and one.ambassador_id == here.me.id]
    if lost:
        names = await names_of(here)
        lines = difference_lines(here, lost, names)
        text = Html(f"{text}\n\n{here.say('away.lost', changes=Html(chr(10).join(lines)))}")
        await tell_coordinators(here, "away.told", summary=summary, changes=Html("\n".join(lines)))
    await leaving.spare(here.work, here.me)
    await here.send(text)
    held = await here.work.cases.held_by(here.me.id)
    if held:
        await here.reply("ambassador.away_holding", labels=", ".join(one.label for one in held))
    left = await here.work.rota.on_call()
    if here.me.id in before.primary | before.backup and not left.primary | left.backup:
        await here.reply("ambassador.away_gap")


async def back(here: Here, text: str) -> None:
    """``/back``; for coordinators also ``/back @ana``. No time stands behind it: an absence that
    is to end later is written so from the start."""
    words = Words.of(here, text)
    whose = here.me
    if words.first().startswith("@"):
        whose = await named(here, words.take())
        if whose.id != here.me.id and here.me.role is not Role.COORDINATOR:
            raise Refused("back.only_own")
    if words.left:
        raise Wanting
    own = whose.id == here.me.id
    if not await here.work.rota.come_back(whose.id):
        await here.send(
            here.say("ambassador.not_away")
            if own
            else here.say("back.not_away", handle=whose.handle)
        )
        return
    await here.work.audit.record(
        "back", by=here.me, subject=None if own else f"ambassador:{whose.id}"
    )
    if own:
        await here.reply("ambassador.back")
        return
    await tell_ambassador(here.work, whose, "back.told", by=by_words(here.me))
    await here.reply("back.done", handle=whose.handle)
