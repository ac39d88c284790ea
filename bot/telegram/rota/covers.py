"""Covers by command: one ambassador in the place of another, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.phrases import When, read_when
from bot.core.rota import Add, Change, Duty, End, Span
from bot.telegram.here import Here
from bot.telegram.rota.duties import duties_within, next_duties
from bot.telegram.rota.proposing import propose
from bot.telegram.rota.reading import Refused, Wanting, Words, named, number
from bot.telegram.rota.saying import names_of, span_words
from bot.texts import Html
from models import Ambassador, Cover


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
    word = words.take_number("cover.which")
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
