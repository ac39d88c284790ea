"""Every command of the rota by its name, and what is said where one cannot be carried out.

Words that can mean several things are asked about with buttons: a tap puts the meaning in the
words' place and the command is carried out as if it had been written so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from telegram import Update

from bot.core.phrases import (
    Hours,
    NotUnderstood,
    Unclear,
    Weekly,
    When,
    write_day,
    write_hours,
    write_moment,
    write_span,
    write_weekly,
)
from bot.core.rota import Span, instant, zone_named
from bot.engine.letters import Button
from bot.telegram.here import Context, Handler, Here, buttons
from bot.telegram.rota import (
    absences,
    calendar,
    coverme,
    covers,
    limits,
    looking,
    needs,
    oncall,
    rotations,
    shifts,
    swaps,
    undoing,
)
from bot.telegram.rota.forms import form_of
from bot.telegram.rota.proposing import own_draft, settle
from bot.telegram.rota.reading import NobodyCalled, Refused, Wanting
from bot.telegram.volunteers import say_nobody_called
from bot.texts import Html

Command = Callable[[Here, str], Awaitable[None]]

OF_COORDINATORS: dict[str, Command] = {
    "shift": shifts.shift,
    "rotate": rotations.rotate,
    "cover": covers.cover,
    "gaps": looking.gaps_,
    "needs": needs.needs,
    "fair": looking.fair,
    "limits": limits.limits,
    "undo": undoing.undo,
}
OF_AMBASSADORS: dict[str, Command] = {
    "oncall": oncall.oncall,
    "rota": looking.rota,
    "myshifts": looking.my_shifts,
    "next": looking.next_,
    "away": absences.away,
    "back": absences.back,
    "coverme": coverme.cover_me,
    "swap": swaps.swap,
    "calendar": calendar.calendar,
}
_ALL = {**OF_COORDINATORS, **OF_AMBASSADORS}
_MOST_MEANINGS = 6


def handler(name: str) -> Handler:
    """The handler of the command called so."""

    async def handle(update: Update, context: Context) -> None:
        await run(context.here, name, " ".join(context.words))

    return handle


async def run(here: Here, name: str, text: str) -> None:
    """Carry out a command, or say what stands in the way and how it is written."""
    try:
        await _ALL[name](here, text)
    except Unclear as unclear:
        await _ask(here, name, text, unclear)
    except NotUnderstood as error:
        await here.reply(
            f"understood.{error.expected}", part=error.part[:60], usage=_usage(here, name)
        )
    except NobodyCalled as error:
        await say_nobody_called(here, str(error))
    except Refused as refused:
        await here.send(here.say(refused.key, **refused.values))
    except Wanting:
        form = form_of(name, here.me.role)
        tap = Button(here.say("tap.by_tapping"), f"form:{form}") if form else None
        await here.send(_usage(here, name), buttons((tap,)))


def _usage(here: Here, name: str) -> Html:
    return here.say(f"usage.{name}")


async def _ask(here: Here, name: str, text: str, unclear: Unclear) -> None:
    meanings = unclear.meanings[:_MOST_MEANINGS]
    draft = await here.work.journal.draft(
        (),
        here.me,
        "asked",
        asked={
            "command": name,
            "text": text,
            "part": unclear.part,
            "phrases": [one.phrase for one in meanings],
        },
    )
    keys = [
        (Button(_label(here, one.value), f"ask:{draft.id}:{number}"),)
        for number, one in enumerate(meanings)
    ]
    key = "rota.which_first" if unclear.is_first else "rota.which"
    await here.reply(key, tuple(keys), part=unclear.part[:60])


def _label(here: Here, value: object) -> str:
    zone, now = here.work.community.zone, here.work.now
    match value:
        case When(span, _):
            return write_span(span, zone, now)
        case Span():
            return write_span(value, zone, now)
        case Weekly():
            return write_weekly(value)
        case Hours():
            return write_hours(value)
        case datetime():
            return here.say("tap.until", moment=write_moment(value, zone, now))
        case date():
            noon = instant(zone_named(zone), value, 12 * 60, second=False)
            return write_day(noon, zone, now)
        case _:
            raise TypeError(type(value).__name__)


async def meaning_chosen(update: Update, context: Context) -> None:
    """A tap on what was meant: the command goes on from there."""
    here = context.here
    assert context.match is not None
    draft = await own_draft(context)
    number = int(context.match[2])
    if draft is None or number >= len(draft.asked.get("phrases", ())):
        await here.answer(update, "page.answer_unknown")
        return
    asked = draft.asked
    phrase = asked["phrases"][number]
    await here.answer(update)
    text = _put_in(asked["text"], asked["part"], phrase)
    await settle(here, update, here.say("rota.meant", command=asked["command"], text=text))
    await run(here, asked["command"], text)


def _put_in(text: str, part: str, phrase: str) -> str:
    """``text`` with ``phrase`` for ``part``, also where other words stand within the part."""
    if part in text:
        return text.replace(part, phrase, 1)
    words = text.split()
    for word in part.split():
        if word in words:
            words.remove(word)
    return " ".join([*words, phrase])
