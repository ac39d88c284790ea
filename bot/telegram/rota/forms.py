"""The common paths by taps alone: person, day, time, one question after the other.

What was chosen stands in a draft; the last tap makes a command of it, the same that could have
been written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.phrases import write_day
from bot.core.rota import instant, zone_named
from bot.telegram.here import Here
from bot.telegram.rota.duties import duties_ahead
from bot.telegram.rota.saying import span_words
from bot.texts import Html
from models import Layer, Role

Choices = list[tuple[str, str]]
Filled = Mapping[str, str]
_DAYS_AHEAD = 14
_LENGTHS = (2, 3, 4, 6, 8, 12)


@dataclass(frozen=True, slots=True)
class Step:
    """One question. ``wide``: how many buttons stand side by side."""

    slot: str
    choices: Callable[[Here, Filled], Awaitable[Choices]]
    wide: int


@dataclass(frozen=True, slots=True)
class Form:
    """Questions that fill a ``template`` of words after a command. ``role``: who alone may."""

    command: str
    template: str
    steps: tuple[Step, ...]
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next. ``blanks`` stand for what is not chosen yet."""

    slot: str
    choices: Choices
    wide: int
    blanks: dict[str, str] = field(default_factory=dict)


async def next_question(here: Here, form: Form, filled: Filled) -> Question | None:
    """The first question that has no answer yet; None where all have."""
    for step in form.steps:
        if step.slot not in filled:
            blanks = {one.slot: "…" for one in form.steps}
            return Question(step.slot, await step.choices(here, filled), step.wide, blanks)
    return None


def filled_form(form: Form, filled: Filled) -> Html:
    """The words after the command."""
    return Html(form.template.format(**filled))


def form_of(command: str, role: Role) -> str | None:
    """The form that makes this command, for one of this role."""
    return next(
        (
            name
            for name, form in FORMS.items()
            if form.command == command and form.role in (None, role)
        ),
        None,
    )


async def _people(here: Here, filled: Filled) -> Choices:
    taken = set(filled.values())
    everybody = [f"@{one.handle}" for one in await here.work.people.ambassadors()]
    return [(one, one) for one in everybody if one not in taken][:40]


async def _others(here: Here, filled: Filled) -> Choices:
    return [one for one in await _people(here, filled) if one[1] != f"@{here.me.handle}"]


async def _weekdays(here: Here, filled: Filled) -> Choices:
    every = ("Mon-Fri", "Sat,Sun", "daily", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return [(one, one) for one in every]


async def _starts(here: Here, filled: Filled) -> Choices:
    return [(f"{hour:02d}:00", f"{hour:02d}:00") for hour in range(24)]


async def _ends(here: Here, filled: Filled) -> Choices:
    start = int(filled["starts"][:2])
    found = []
    for length in _LENGTHS:
        end = f"{(start + length) % 24:02d}:00"
        found.append((f"{end} ({length} h)", end))
    return found


async def _layers(here: Here, filled: Filled) -> Choices:
    return [(here.say(f"layer.{one}"), one.value) for one in Layer]


async def _duties(here: Here, filled: Filled) -> Choices:
    """The duties of whoever is to be covered."""
    one = await here.work.people.ambassador_called(filled["whom"])
    if one is None:
        return []
    zone = zone_named(here.work.community.zone)
    found = []
    for duty in (await duties_ahead(here, one))[:12]:
        starts, ends = duty.starts_at.astimezone(zone), duty.ends_at.astimezone(zone)
        phrase = f"{starts:%Y-%m-%d %H:%M} - {ends:%Y-%m-%d %H:%M}"
        found.append((span_words(here, duty.starts_at, duty.ends_at), phrase))
    return found


async def _days(here: Here, filled: Filled) -> Choices:
    zone = here.work.community.zone
    tz = zone_named(zone)
    day = here.work.now.astimezone(tz).date()
    if "first" in filled:
        day = type(day).fromisoformat(filled["first"])
    found = []
    for _ in range(_DAYS_AHEAD):
        noon = instant(tz, day, 12 * 60, second=False)
        found.append((write_day(noon, zone, here.work.now), day.isoformat()))
        day += timedelta(days=1)
    return found


_WHO = Step("who", _people, 3)
FORMS: dict[str, Form] = {
    "shift": Form(
        "shift",
        "add {who} {weekdays} {starts}-{ends} {layer}",
        (
            _WHO,
            Step("weekdays", _weekdays, 3),
            Step("starts", _starts, 6),
            Step("ends", _ends, 3),
            Step("layer", _layers, 2),
        ),
        Role.COORDINATOR,
    ),
    "cover": Form(
        "cover",
        "{who} for {whom} {when}",
        (Step("whom", _people, 3), Step("when", _duties, 1), _WHO),
        Role.COORDINATOR,
    ),
    "away": Form(
        "away",
        "{who} on {first} - {last}",
        (_WHO, Step("first", _days, 3), Step("last", _days, 3)),
        Role.COORDINATOR,
    ),
    "myaway": Form(
        "away", "on {first} - {last}", (Step("first", _days, 3), Step("last", _days, 3))
    ),
    "swap": Form("swap", "{who}", (Step("who", _others, 3),)),
}
