"""What nearly every answer to a person holds: who speaks here, numbers, and an offer of a human."""

from __future__ import annotations

from bot.engine.letters import Button, Keyboard
from bot.telegram.here import Here, buttons
from bot.texts import Html
from bot.texts.numbers import numbers
from models import Case, Person, Theme


async def introduced(here: Here, person: Person, html: Html) -> Html:
    """``html``, followed by who speaks here where the person was not told yet."""
    if person.greeted_at is not None:
        return html
    person.greeted_at = here.work.now
    line = here.say("person.bot_line", community=here.work.community.name)
    return Html(f"{html}\n\n{line}")


def numbers_for(here: Here, person: Person, theme: Theme) -> Html:
    """The numbers that answer where this person is."""
    return numbers(
        here.texts,
        here.work.community.directory,
        person.country,
        theme,
        here.language,
        here.work.now,
    )


def offer(here: Here) -> Keyboard:
    """The two buttons under every calm answer: a person, and numbers."""
    return buttons(
        (Button(here.say("button.human"), "human"),),
        (Button(here.say("button.resources"), "help"),),
    )


def ask_danger(here: Here) -> Keyboard:
    """Where the bot could not tell: is it danger, a person or numbers that is wanted?"""
    return buttons(
        (Button(here.say("button.danger"), "danger"),),
        (Button(here.say("button.human"), "human"),),
        (Button(here.say("button.resources"), "help"),),
    )


def person_button(here: Here) -> Keyboard:
    """The one button that brings a human."""
    return buttons((Button(here.say("button.human"), "human"),))


def numbers_button(here: Here) -> Keyboard:
    """The one button that shows numbers, where a person is asked already."""
    return buttons((Button(here.say("button.resources"), "help"),))


def other_numbers(here: Here) -> Keyboard:
    """What to tap where the numbers shown are not the right ones."""
    return buttons(
        (
            Button(here.say("button.other_country"), "regions"),
            Button(here.say("button.number_failed"), "badnumber"),
        )
    )


async def holder_of(here: Here, case: Case) -> str | None:
    """The name of whoever holds ``case``."""
    if case.holder_id is None:
        return None
    return (await here.work.people.ambassador(case.holder_id)).name
