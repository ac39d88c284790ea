"""The duties of somebody: those that words mean, that lie ahead, or that a button names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.core.phrases import When, days
from bot.core.rota import Duty, spans, zone_named
from bot.engine.letters import Button, Keyboard
from bot.telegram.here import Here
from bot.telegram.rota.saying import duty_line, duty_span, names_of
from bot.texts import Html
from models import Ambassador

_AHEAD = timedelta(weeks=2)
_DAY = timedelta(days=1)
_MOST_CHOICES = 12


async def duties_within(here: Here, one: Ambassador, when: When) -> list[Duty]:
    """The duties of ``one`` that these words mean: where they were rough, each that lies at least
    half within them."""
    start, end = when.span.starts_at, when.span.ends_at
    plan = await here.work.rota.plan(start - _DAY, end + _DAY)
    found = []
    for duty in spans(plan, start - _DAY, end + _DAY, join=False):
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


async def find_duty(here: Here, who: int, place: str | None, on_date: date | None) -> Duty | None:
    """The duty of ``who`` that begins in this place on this date, if it is still theirs."""
    if place is None or on_date is None:
        return None
    now = here.work.now
    midnight = days(on_date, on_date, zone_named(here.work.community.zone)).starts_at
    start = max(now - _DAY, midnight - _DAY)
    plan = await here.work.rota.plan(start, start + timedelta(days=4))
    return next(
        (
            one
            for one in spans(plan, start, start + timedelta(days=4), join=False)
            if (one.ambassador_id, one.place, one.on_date) == (who, place, on_date)
            and one.ends_at > now
        ),
        None,
    )


def duty_buttons(here: Here, found: Sequence[Duty], prefix: str, *, ends: str = "") -> Keyboard:
    """A button for each duty. Its data names the place and the date, not the time."""
    return tuple(
        (
            Button(
                duty_span(here, one),
                f"{prefix}:{one.place}:{one.on_date.toordinal()}{ends}",
            ),
        )
        for one in found[:_MOST_CHOICES]
    )
