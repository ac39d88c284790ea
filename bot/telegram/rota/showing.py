"""The picture of some days of the rota, as a letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.core.phrases import days, write_span
from bot.core.rota import Duty, Rota, Span, gaps, spans, zone_named
from bot.engine.letters import Keyboard, Picture
from bot.pictures import Sketch, WeekPicture, WeekWords, sketch
from bot.telegram.here import Here
from bot.texts import Html
from bot.texts.split import CAPTION_UNITS, units


def picture_of(
    here: Here,
    plan: Rota,
    span: Span,
    names: Mapping[int, str],
    *,
    marked: Sequence[Span] = (),
) -> Sketch:
    """The days of ``span``, to be drawn in the colours that whoever asks has chosen."""
    community = here.work.community
    zone = zone_named(community.zone)
    first = span.starts_at.astimezone(zone).date()
    last = (span.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    duties = spans(plan, span.starts_at, span.ends_at)
    picture = WeekPicture(
        first=first,
        last=last,
        zone=community.zone,
        duties=duties,
        gaps=gaps(plan, span.starts_at, span.ends_at),
        people=names,
        words=WeekWords(
            title=write_span(span, community.zone, here.work.now),
            subtitle=plain(here, "picture.subtitle", community=community.name, zone=zone),
            nobody=plain(here, "picture.nobody"),
            primary=plain(here, "layer.primary"),
            backup=plain(here, "layer.backup"),
            day_length=here.texts.template("picture.day_length", here.me.language),
        ),
        now=here.work.now,
        marked=marked,
    )
    return sketch(picture, dark=here.me.dark_pictures)


def plain(here: Here, key: str, **values: object) -> str:
    """A text without markup, for a picture."""
    text = here.texts.template(key, here.me.language)
    return text.format(**values).strip()


async def put_picture(here: Here, png: Sketch, html: str, buttons: Keyboard = ()) -> None:
    """A picture with as many words below it as fit; what is left follows as messages."""
    if units(html) <= CAPTION_UNITS:
        await here.put(Picture(png, html, buttons))
        return
    lines = html.split("\n")
    head: list[str] = []
    while lines and units("\n".join([*head, lines[0]])) <= CAPTION_UNITS:
        head.append(lines.pop(0))
    await here.put(Picture(png, "\n".join(head), buttons))
    await here.reply_lines(Html(""), [Html(line) for line in lines])


def days_of(here: Here, duties: Sequence[Duty] | Sequence[Span], fallback: Span) -> Span:
    """The days that these touch, at most the seven from the first on."""
    zone = zone_named(here.work.community.zone)
    if not duties:
        return fallback
    first = min(one.starts_at for one in duties).astimezone(zone)
    last = max(one.ends_at for one in duties).astimezone(zone) - timedelta(microseconds=1)
    return days(first.date(), min(last.date(), first.date() + timedelta(days=6)), zone)
