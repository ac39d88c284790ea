"""Stopping: whoever waits, or talks to somebody, is asked once before that ends."""

from __future__ import annotations

from telegram import Update

from bot.core.decide import PersonLeft
from bot.engine import escalation, review
from bot.engine.letters import Button
from bot.telegram.here import Context, Here, buttons
from bot.telegram.person.manners import holder_of, numbers_for, offer
from models import Person, Theme


async def ask(here: Here, person: Person) -> None:
    """Ask whether somebody shall still come; with nobody on the way it simply ends."""
    case = await here.work.cases.of_person(person)
    if case is None:
        person.stopped_at = here.work.now
        await review.stopped(here.work, person)
        await here.reply("person.stop", numbers=numbers_for(here, person, Theme.OTHER))
        return
    person.stop_asked_at = here.work.now
    holder = await holder_of(here, case)
    keep, end = (
        ("button.keep_waiting", "button.stop_waiting")
        if holder is None
        else ("button.keep_talking", "button.stop_talking")
    )
    await here.reply(
        "person.stop_waiting" if holder is None else "person.stop_talking",
        buttons((Button(here.say(keep), "stop:keep"), Button(here.say(end), "stop:end"))),
        holder=holder or "",
    )


async def answered(update: Update, context: Context) -> None:
    """A tap on whether somebody shall still come."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    person = await here.person()
    if context.match[1] == "ask":
        await ask(here, person)
        return
    await settle(here, person, ends=context.match[1] == "end")


async def settle(here: Here, person: Person, *, ends: bool) -> None:
    """Their answer to that."""
    person.stop_asked_at = None
    case = await here.work.cases.of_person(person)
    if case is None:
        await here.reply("person.stop_over", offer(here))
    elif not ends:
        holder = await holder_of(here, case)
        key = "person.stop_kept" if holder is None else "person.stop_kept_talking"
        await here.reply(key, holder=holder or "")
    elif await escalation.happen(here.work, case, PersonLeft()) is not None:
        await here.reply("person.stop_help_called", numbers=numbers_for(here, person, case.theme))
    else:
        person.stopped_at = here.work.now
        await here.reply("person.stop_ended", numbers=numbers_for(here, person, Theme.OTHER))
