"""Covers, away times and coming back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.phrases import (
    Meaning,
    Unclear,
    When,
    read_until,
    read_when,
    write_moment,
)
from bot.core.phrases.days import day_meanings
from bot.core.phrases.spans import until_meanings, when_meanings
from bot.core.phrases.words import tokens
from bot.core.rota import Add, Change, Duty, End, Operation, Span, spans
from bot.telegram.here import Here
from bot.telegram.rota.proposing import applied, outlook, propose, tell_coordinators
from bot.telegram.rota.reading import Refused, Wanting, Words, named, number
from bot.telegram.rota.saying import difference_lines, duty_line, names_of, span_words
from bot.texts import Html
from models import Ambassador, Away, Cover, Role

_AHEAD = timedelta(weeks=2)


async def cover(here: Here, text: str) -> None:
    """``/cover @ben for @ana tomorrow 18:00-22:00``, ``list``, ``end 7``."""
    words = Words.of(here, text)
    match words.take_if("list", "end"):
        case "list":
            await _list_covers(here)
            return
        case "end":
            await _end_cover(here, words)
            return
    if len(words.left) < 2:
        raise Wanting
    covering_word = words.take()
    if words.first() != "for" or len(words.left) < 3:
        raise Wanting
    covering = await named(here, covering_word)
    words.take()
    covered = await named(here, words.take())
    if covering.id == covered.id:
        raise Refused("cover.self")
    when = read_when(words.text, here.work.now, words.zone)
    found = await duties_within(here, covered, when)
    if when.rough and not found:
        raise Refused(
            "cover.no_duty",
            handle=covered.handle,
            when=span_words(here, when.span.starts_at, when.span.ends_at),
            next=await next_duties(here, covered),
        )
    change = covering_change(here, covering, covered, when, found)
    times = [Span(one.starts_at, one.ends_at) for one in found] if when.rough else [when.span]
    summary = here.say(
        "cover.is",
        handle=covering.handle,
        other=covered.handle,
        spans=", ".join(span_words(here, one.starts_at, one.ends_at) for one in times[:5]),
        zone=here.work.community.zone,
    )
    if not found:
        summary = Html(f"{summary}\n{here.say('cover.no_shift', other=covered.handle)}")
    about = Span(times[0].starts_at - timedelta(hours=12), times[-1].ends_at + timedelta(hours=12))
    await propose(here, change, "cover_added", summary, about=about)


def covering_change(
    here: Here, covering: Ambassador, covered: Ambassador, when: When, found: Sequence[Duty]
) -> Change:
    """The covers that put one in the other's place: of whole duties where a duty was meant."""
    whole = when.rough or [(one.starts_at, one.ends_at) for one in found] == [
        (when.span.starts_at, when.span.ends_at)
    ]
    if whole and found:
        return tuple(Add(cover_of(here, one, covering.id)) for one in found)
    return (
        Add(
            Cover(
                ambassador_id=covering.id,
                for_ambassador_id=covered.id,
                starts_at=when.span.starts_at,
                ends_at=when.span.ends_at,
                created_at=here.work.now,
            )
        ),
    )


def cover_of(here: Here, duty: Duty, who: int) -> Cover:
    """A cover of this one duty, which follows it where it is moved."""
    return Cover(
        ambassador_id=who,
        for_ambassador_id=duty.ambassador_id,
        starts_at=duty.starts_at,
        ends_at=duty.ends_at,
        layer=duty.layer,
        place=duty.place,
        on_date=duty.on_date,
        created_at=here.work.now,
    )


async def duties_within(here: Here, one: Ambassador, when: When) -> list[Duty]:
    """The duties of ``one`` that these words mean: where they were rough, each that lies at least
    half within them."""
    start, end = when.span.starts_at, when.span.ends_at
    day = timedelta(days=1)
    plan = await here.work.rota.plan(start - day, end + day)
    found = []
    for duty in spans(plan, start - day, end + day, join=False):
        if duty.ambassador_id != one.id or duty.ends_at <= here.work.now:
            continue
        inside = min(duty.ends_at, end) - max(duty.starts_at, start)
        if inside > timedelta() and (not when.rough or inside * 2 >= duty.length):
            found.append(duty)
    return found


async def duties_ahead(here: Here, one: Ambassador, span: timedelta = _AHEAD) -> list[Duty]:
    """What lies before ``one``, each duty by itself."""
    now = here.work.now
    plan = await here.work.rota.plan(now - timedelta(days=1), now + span)
    return [
        duty
        for duty in spans(plan, now - timedelta(days=1), now + span, join=False)
        if duty.ambassador_id == one.id and duty.ends_at > now
    ]


async def next_duties(here: Here, one: Ambassador) -> Html:
    """The next few duties of ``one`` in words."""
    found = (await duties_ahead(here, one))[:3]
    if not found:
        return here.say("rota.none_ahead")
    names = await names_of(here)
    return Html("\n".join(duty_line(here, duty, names) for duty in found))


async def _list_covers(here: Here) -> None:
    rows = await here.work.rota.covers()
    names = await names_of(here)
    if not rows:
        await here.reply("cover.none")
        return
    lines = [
        here.say(
            "cover.line",
            number=row.id,
            handle=names.get(row.ambassador_id, "?"),
            other=names.get(row.for_ambassador_id, "?"),
            span=span_words(here, row.starts_at, row.ends_at),
        )
        for row in rows
    ]
    await here.reply_lines(here.say("cover.list"), lines)


async def _end_cover(here: Here, words: Words) -> None:
    word = words.left[0] if words.left else "?"
    found = number(word)
    rows = {one.id: one for one in await here.work.rota.covers()}
    if found is None or found not in rows:
        raise Refused("cover.no_such", text=word[:20].lstrip("#"))
    row = rows[found]
    names = await names_of(here)
    summary = here.say(
        "cover.ends",
        number=row.id,
        handle=names.get(row.ambassador_id, "?"),
        other=names.get(row.for_ambassador_id, "?"),
    )
    about = Span(row.starts_at, row.ends_at)
    await propose(here, (End("cover", row.id, here.work.now),), "cover_ended", summary, about=about)


# Away.


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
    await here.send(text)
    held = await here.work.cases.held_by(here.me.id)
    if held:
        await here.reply("ambassador.away_holding", labels=", ".join(one.label for one in held))
    left = await here.work.rota.on_call()
    if here.me.id in before.primary | before.backup and not left.primary | left.backup:
        await here.reply("ambassador.away_gap")


async def back(here: Here, text: str) -> None:
    """``/back``."""
    if await here.work.rota.come_back(here.me.id):
        await here.work.audit.record("back", by=here.me)
        await here.reply("ambassador.back")
    else:
        await here.reply("ambassador.not_away")
