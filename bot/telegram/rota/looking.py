"""Looking at the rota: pictures with the same in words, gaps, what everybody carried."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from telegram import Update

from bot.core.phrases import days, read_period, write_hours_of, write_span
from bot.core.rota import Duty, Span, fairness, gaps, hours_of, spans, zone_named
from bot.engine.letters import Button, Keyboard
from bot.pictures import Bar, LoadPicture, sketch
from bot.telegram.here import Context, Here
from bot.telegram.rota.duties import duties_ahead
from bot.telegram.rota.saying import day_lines, duty_line, names_of, span_words
from bot.telegram.rota.showing import picture_of, plain, put_picture
from bot.texts import Html
from models import Layer

_WEEK = timedelta(days=7)
_LONGEST = 31
_FEW = 8


async def rota(here: Here, text: str) -> None:
    """``/rota``, ``/rota next week``, ``/rota 24 Dec``, ``/rota December``, each also ``dark``."""
    text = _choose_colours(here, text)
    zone = zone_named(here.work.community.zone)
    span = read_period(text or "this week", here.work.now, zone)
    first = span.starts_at.astimezone(zone).date()
    count = round((span.ends_at - span.starts_at) / timedelta(days=1))
    if count < 7:
        # A day is looked at in its week.
        first, count = first - timedelta(days=first.weekday()), 7
    await _send_rota(here, first, min(count, _LONGEST))


def _choose_colours(here: Here, text: str) -> str:
    """``text`` without a word for light or dark pictures, which is remembered for whoever asks."""
    chosen = re.findall(r"\b(dark|light)\b", text, re.I)
    if chosen:
        here.me.dark_pictures = chosen[-1].lower() == "dark"
    return re.sub(r"\b(dark|light)\b", "", text, flags=re.I).strip()


async def rota_tapped(update: Update, context: Context) -> None:
    """Earlier, later, light or dark."""
    assert context.match is not None
    first = date.fromordinal(int(context.match[1]))
    count = min(int(context.match[2]), _LONGEST)
    await context.here.answer(update)
    if context.match[3] != "same":
        _choose_colours(context.here, context.match[3])
    await _send_rota(context.here, first, max(count, 1))


async def _send_rota(here: Here, first: date, count: int) -> None:
    zone = zone_named(here.work.community.zone)
    span = days(first, first + timedelta(days=count - 1), zone)
    plan = await here.work.rota.plan(span.starts_at, span.ends_at)
    names = await names_of(here)
    png = picture_of(here, plan, span, names)
    duties = spans(plan, span.starts_at, span.ends_at)
    lines = [here.say("rota.week", span=write_span(span, str(zone), here.work.now), zone=str(zone))]
    if count <= _FEW:
        holes = gaps(plan, span.starts_at, span.ends_at)
        lines += day_lines(here, duties, holes, span, names)
    await put_picture(here, png, "\n".join(lines), _around(here, first, count))


def _around(here: Here, first: date, count: int) -> Keyboard:
    step = count if count <= _FEW else _LONGEST
    other = "light" if here.me.dark_pictures else "dark"

    def to(day: date, which: str) -> str:
        return f"rota:{day.toordinal()}:{count}:{which}"

    return (
        (
            Button(here.say("tap.earlier"), to(first - timedelta(days=step), "same")),
            Button(here.say(f"tap.{other}"), to(first, other)),
            Button(here.say("tap.later"), to(first + timedelta(days=step), "same")),
        ),
    )


async def gaps_(here: Here, text: str) -> None:
    """``/gaps``, ``/gaps 2 weeks``: where nobody is primary."""
    zone = zone_named(here.work.community.zone)
    span = read_period(text or "2 weeks", here.work.now, zone)
    start = max(span.starts_at, here.work.now)
    plan = await here.work.rota.plan(start, span.ends_at)
    found = gaps(plan, start, span.ends_at)
    words = write_span(span, str(zone), here.work.now)
    if not found:
        await here.reply("gaps.none_needed" if plan.needs else "gaps.none", span=words)
        return
    backup = spans(plan, start, span.ends_at)
    lines = [_gap_line(here, gap, backup) for gap in found]
    total = sum((gap.ends_at - gap.starts_at for gap in found), timedelta())
    heading = here.say("gaps.list", span=words, count=len(found), length=write_hours_of(total))
    if plan.needs:
        lines.append(here.say("gaps.needed"))
    await here.reply_lines(heading, lines)


def _gap_line(here: Here, gap: Span, duties: tuple[Duty, ...]) -> Html:
    words = span_words(here, gap.starts_at, gap.ends_at)
    has_backup = any(
        one.layer is Layer.BACKUP and one.starts_at < gap.ends_at and gap.starts_at < one.ends_at
        for one in duties
    )
    return here.say("gaps.line_backup" if has_backup else "gaps.line", span=words)


async def fair(here: Here, text: str) -> None:
    """``/fair``, ``/fair October``, ``/fair last 4 weeks``: what everybody carried."""
    text = _choose_colours(here, text)
    zone = zone_named(here.work.community.zone)
    span = read_period(text or "this month", here.work.now, zone, back=True)
    if span.starts_at >= here.work.now:
        span = Span(span.starts_at - _WEEK, span.ends_at)
    end = min(span.ends_at, here.work.now)
    start = min(span.starts_at, end)
    everybody = await here.work.people.ambassadors()
    shares = fairness(
        await here.work.rota.plan(start, end),
        [one.id for one in everybody],
        await here.work.rosters.pages(start),
        await here.work.rosters.held(start),
        start,
        end,
        str(zone),
    )
    names = {one.id: one.handle for one in everybody}
    words = [
        here.say(
            "fair.line",
            handle=names[one.ambassador_id],
            load=_short(one.load),
            hours=_short(one.hours),
            nights=one.nights,
            pages=one.pages,
            cases=one.cases,
        )
        for one in shares
        if one.load or one.hours or one.pages or one.cases
    ]
    idle = [one for one in shares if not (one.load or one.hours or one.pages or one.cases)]
    if idle:
        listed = ", ".join(f"@{names[one.ambassador_id]}" for one in idle)
        words.append(here.say("fair.nothing", names=listed))
    picture = LoadPicture(
        title=plain(here, "fair.title"),
        subtitle=write_span(span, str(zone), here.work.now),
        amount=plain(here, "fair.load"),
        hours=plain(here, "fair.hours"),
        bars=[
            Bar(
                names[one.ambassador_id],
                one.load,
                one.hours,
                plain(here, "fair.parts", nights=one.nights, pages=one.pages, cases=one.cases),
            )
            for one in shares[:20]
        ],
    )
    png = sketch(picture, dark=here.me.dark_pictures)
    heading = here.say("fair.heading", span=write_span(span, str(zone), here.work.now))
    await put_picture(here, png, "\n".join([heading, *words]))


def _short(amount: float) -> str:
    return f"{amount:.1f}".removesuffix(".0")


async def my_shifts(here: Here, text: str) -> None:
    """``/myshifts``: what lies before me in the next four weeks."""
    found = await duties_ahead(here, here.me, timedelta(weeks=4))
    if not found:
        await here.reply("mine.none")
        return
    names = await names_of(here)
    heading = here.say("mine.list", hours=write_hours_of(hours_of(found)))
    await here.reply_lines(heading, [duty_line(here, one, names) for one in found])


async def next_(here: Here, text: str) -> None:
    """``/next``: my next shift, and who stands beside me."""
    found = await duties_ahead(here, here.me, timedelta(days=60))
    if not found:
        await here.reply("mine.none_next")
        return
    one = found[0]
    plan = await here.work.rota.plan(one.starts_at, one.ends_at)
    names = await names_of(here)
    beside = sorted(
        {
            each.ambassador_id
            for each in spans(plan, one.starts_at, one.ends_at)
            if each.ambassador_id != here.me.id
        }
    )
    listed = ", ".join(f"@{names[who]}" for who in beside if who in names)
    key = "mine.now" if one.starts_at <= here.work.now else "mine.next"
    await here.reply(
        key,
        duty=duty_line(here, one, names),
        beside=here.say("mine.beside", names=listed) if listed else here.say("mine.alone"),
        wait=_wait(here, one.starts_at),
    )


def _wait(here: Here, at: datetime) -> Html:
    minutes = max(0, int((at - here.work.now) / timedelta(minutes=1)))
    if minutes < 120:
        return here.say("mine.in_minutes", n=minutes)
    if minutes < 48 * 60:
        return here.say("mine.in_hours", n=round(minutes / 60))
    return here.say("mine.in_days", n=round(minutes / 1440))
