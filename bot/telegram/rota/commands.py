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
    write_weekdays,
)
from bot.core.rota import Span, instant, zone_named
from bot.engine.letters import Button
from bot.telegram.here import Context, Handler, Here, buttons
from bot.telegram.rota import calendar, covers, limits, looking, offers, proposing, shifts
from bot.telegram.rota.forms import FORMS, Form, filled_form, form_of, next_question
from bot.telegram.rota.proposing import rewrite, settle
from bot.telegram.rota.reading import NobodyCalled, Refused, Wanting
from bot.texts import Html
from models import RotaDraft

Command = Callable[[Here, str], Awaitable[None]]

OF_COORDINATORS: dict[str, Command] = {
    "shift": shifts.shift,
    "rotate": shifts.rotate,
    "cover": covers.cover,
    "gaps": looking.gaps_,
    "fair": looking.fair,
    "limits": limits.limits,
    "undo": proposing.undo,
}
OF_AMBASSADORS: dict[str, Command] = {
    "rota": looking.rota,
    "myshifts": looking.my_shifts,
    "next": looking.next_,
    "away": covers.away,
    "back": covers.back,
    "coverme": offers.cover_me,
    "swap": offers.swap,
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
        everybody = await here.work.people.ambassadors()
        await here.reply(
            "coordinator.no_such_ambassador",
            text=str(error)[:40],
            handles=", ".join(f"@{one.handle}" for one in everybody[:30]),
        )
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
    await here.reply("rota.which", tuple(keys), part=unclear.part[:60])


def _label(here: Here, value: object) -> str:
    zone, now = here.work.community.zone, here.work.now
    match value:
        case When(span, _):
            return write_span(span, zone, now)
        case Span():
            return write_span(value, zone, now)
        case Weekly(weekdays, hours, _):
            return f"{write_weekdays(weekdays)} {write_hours(hours)}"
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
    draft = await _own_draft(context)
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


async def _own_draft(context: Context) -> RotaDraft | None:
    here = context.here
    assert context.match is not None
    draft = await here.work.journal.drafted(int(context.match[1]))
    if draft is None or draft.by_id != here.me.id or draft.expires_at <= here.work.now:
        return None
    return draft


# By taps alone.


async def form_started(update: Update, context: Context) -> None:
    """A tap on “choose by tapping”."""
    here = context.here
    assert context.match is not None
    form = FORMS[context.match[1]]
    if form.role is not None and here.me.role is not form.role:
        await here.answer(update, "page.answer_unknown")
        return
    draft = await here.work.journal.draft(
        (), here.me, "form", asked={"form": context.match[1], "filled": {}}
    )
    await here.answer(update)
    await _go_on(here, update, draft, form)


async def form_tapped(update: Update, context: Context) -> None:
    """A tap on a choice: the next question, or the command that all choices make."""
    here = context.here
    assert context.match is not None
    draft = await _own_draft(context)
    number = int(context.match[2])
    if draft is None or number >= len(draft.asked.get("choices", ())):
        await here.answer(update, "page.answer_unknown")
        return
    await here.answer(update)
    filled = {**draft.asked["filled"], draft.asked["slot"]: draft.asked["choices"][number]}
    draft.asked = {"form": draft.asked["form"], "filled": filled}
    await _go_on(here, update, draft, FORMS[draft.asked["form"]])


async def _go_on(here: Here, update: Update, draft: RotaDraft, form: Form) -> None:
    question = await next_question(here, form, draft.asked["filled"])
    if question is None:
        text = filled_form(form, draft.asked["filled"])
        await settle(here, update, here.say("rota.meant", command=form.command, text=text))
        await run(here, form.command, text)
        return
    if not question.choices:
        await settle(here, update, here.say("form.no_choices"))
        return
    draft.asked = {
        **draft.asked,
        "slot": question.slot,
        "choices": [value for _, value in question.choices],
    }
    keys = [
        Button(label, f"pick:{draft.id}:{number}")
        for number, (label, _) in enumerate(question.choices)
    ]
    rows = [tuple(keys[at : at + question.wide]) for at in range(0, len(keys), question.wide)]
    so_far = filled_form(form, {**question.blanks, **draft.asked["filled"]})
    text = Html(f"{here.say(f'form.{question.slot}')}\n<code>/{form.command} {so_far}</code>")
    await rewrite(here, update, text, rows)
