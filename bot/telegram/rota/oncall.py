"""Who is on call: now, at another moment, or through a day or a part of one."""

from __future__ import annotations

from bot.core.phrases import NotUnderstood, read_until, read_when, write_moment, write_span
from bot.core.phrases.spans import until_meanings, when_meanings
from bot.core.phrases.words import tokens
from bot.core.rota import OnCall, Span, gaps, on_call, spans, zone_named
from bot.telegram.here import Here
from bot.telegram.rota.saying import day_lines, names_of

_MOST_DAYS = 8


async def oncall(here: Here, text: str) -> None:
    """``/oncall``, ``/oncall tomorrow``, ``/oncall Friday evening``, ``/oncall tomorrow 20:00``."""
    now, zone = here.work.now, zone_named(here.work.community.zone)
    if not text or text.casefold() == "now":
        time = f"{now.astimezone(zone):%H:%M}"
        await _say(here, "ambassador.oncall", await here.work.rota.on_call(), time)
        return
    some = tokens(text)
    if when_meanings(some, now, zone) or not until_meanings(some, now, zone):
        await _through(here, text, read_when(text, now, zone).span)
        return
    at = read_until(text, now, zone)
    found = on_call(await here.work.rota.plan(at), at)
    await _say(here, "ambassador.oncall_at", found, write_moment(at, str(zone), now))


async def _say(here: Here, key: str, found: OnCall, time: str) -> None:
    names = await names_of(here)

    def listed(ids: frozenset[int]) -> str:
        known = sorted(f"@{names[one]}" for one in ids if one in names)
        return ", ".join(known) or here.say("ambassador.oncall_nobody")

    html = here.say(
        key,
        time=time,
        zone=here.work.community.zone,
        primary=listed(found.primary),
        backup=listed(found.backup),
    )
    await here.send(html)


async def _through(here: Here, text: str, span: Span) -> None:
    zone = here.work.community.zone
    start = max(span.starts_at, here.work.now)
    if (span.ends_at - start).days > _MOST_DAYS:
        # Longer times are looked at as a picture: /rota.
        raise NotUnderstood(text, "shorter")
    plan = await here.work.rota.plan(start, span.ends_at)
    duties = spans(plan, start, span.ends_at)
    holes = gaps(plan, start, span.ends_at)
    cut = Span(start, span.ends_at)
    lines = day_lines(here, duties, holes, cut, await names_of(here))
    heading = here.say("rota.on_call", span=write_span(cut, zone, here.work.now), zone=zone)
    await here.reply_lines(heading, lines)
