"""Numbers near a person, and how the bot learns which country they are in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from telegram import Message as TelegramMessage
from telegram import Update

from bot.engine import escalation
from bot.engine.letters import Button, Keyboard
from bot.telegram.here import Context, Here, buttons
from bot.telegram.person.checking import ask_where
from bot.telegram.person.manners import introduced, numbers_for, other_numbers, person_button
from bot.telegram.person.where import countries_in
from bot.texts.numbers import numbers
from models import Person, Theme
from resources import Country

_TOLD_AGAIN = timedelta(hours=1)
_LONGEST_COUNTRY = 40
_PAGE = 24


async def resources(update: Update, context: Context) -> None:
    """``/resources [country]``, or a tap on "Find help near me"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    wanted = " ".join(context.words)
    if wanted and not await _find_country(here, person, wanted):
        return
    case = await here.work.cases.of_person(person)
    await show_resources(here, person, case.theme if case else here.work.reading.theme)


async def _find_country(here: Here, person: Person, wanted: str) -> bool:
    """Let ``wanted`` be the person's country; where it may be several or none, ask."""
    directory = here.work.community.directory
    named = directory.country_named(wanted)
    found = [named] if named is not None else directory.search_country(wanted)
    if len(found) == 1:
        person.country = found[0].code
        return True
    text = _short(wanted)
    ask_where(here, person)
    if found:
        await here.reply("person.country_unclear", buttons(*_country_rows(found)), text=text)
    else:
        await here.reply("person.country_not_found", country_buttons(here), text=text)
    return False


async def show_resources(here: Here, person: Person, theme: Theme) -> None:
    """The numbers for this person, and a way to say which country they are in."""
    block = numbers(
        here.texts,
        here.work.community.directory,
        person.country,
        theme,
        here.language,
        here.work.now,
        limit=3,
    )
    if person.country:
        keyboard = (*person_button(here), *other_numbers(here))
        html = here.say("person.resources", numbers=block)
    else:
        ask_where(here, person)
        keyboard = country_buttons(here)
        html = here.say("person.resources_unknown", numbers=block)
    await here.send(await introduced(here, person, html), keyboard)


async def regions(update: Update, context: Context) -> None:
    """A tap on "Another country"."""
    await context.here.answer(update)
    await context.here.reply("person.region", country_buttons(context.here))


async def region(update: Update, context: Context) -> None:
    """A tap on a part of the world: its countries."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    name, page = context.match[1], int(context.match[2])
    countries = [one for one in here.work.community.directory.countries() if one.region == name]
    shown = countries[page * _PAGE : (page + 1) * _PAGE]
    fewer = Button("«", f"region:{name}:{page - 1}") if page else None
    more = Button("»", f"region:{name}:{page + 1}") if len(countries) > (page + 1) * _PAGE else None
    back = Button(here.say("button.regions"), "regions")
    await here.reply("person.region", buttons(*_country_rows(shown), (fewer, back, more)))


async def country(update: Update, context: Context) -> None:
    """A tap on a country."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    person = await here.person()
    if here.work.community.directory.country(context.match[1]) is not None:
        person.country = context.match[1]
    await country_set(here, person)


async def number_failed(update: Update, context: Context) -> None:
    """A tap on "A number didn't work"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    where = here.work.community.directory.country(person.country or "")
    name = where.name if where else "?"
    # Each alarm stands before the next page in a coordinator's chat.
    if here.work.is_new(f"number failed in {name}", _TOLD_AGAIN):
        await escalation.alert_coordinators(here.work, "alert.number_reported", country=name)
    case = await here.work.cases.of_person(person)
    await here.reply(
        "person.number_reported",
        person_button(here) if case is None else (),
        numbers=numbers_for(here, person, case.theme if case else Theme.OTHER),
    )


def places_in(here: Here, person: Person, message: TelegramMessage, asked: bool) -> list[Country]:
    """The countries that the whole message names: the answer to where the person is.

    Once that is known only a plain name changes it. ``asked``: they were asked right before.
    """
    text = message.text or ""
    directory = here.work.community.directory
    if person.country is None:
        return countries_in(directory, text, asked=asked)
    text = text.strip(" .!")
    if not 1 < len(text) <= _LONGEST_COUNTRY or len(text.split()) > 4:
        return []
    named = directory.country_named(text)
    return [named] if named is not None else []


async def place_said(here: Here, person: Person, places: Sequence[Country], text: str) -> None:
    """Their answer is one country, whose numbers are shown, or one of several, to be tapped."""
    if len(places) == 1:
        person.country = places[0].code
        await country_set(here, person)
        return
    ask_where(here, person)
    await here.reply("person.country_unclear", buttons(*_country_rows(places)), text=_short(text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_COUNTRY else f"{text[:_LONGEST_COUNTRY]}…"


async def country_set(here: Here, person: Person) -> None:
    """Say which country is set now, with its numbers."""
    where = here.work.community.directory.country(person.country or "")
    case = await here.work.cases.of_person(person)
    await here.reply(
        "person.country_set",
        (*(person_button(here) if case is None else ()), *other_numbers(here)),
        flag=where.flag if where else "",
        country=where.name if where else "",
        numbers=numbers_for(here, person, case.theme if case else Theme.OTHER),
    )


def country_buttons(here: Here) -> Keyboard:
    """The countries of this community, then the parts of the world."""
    names = sorted({one.region for one in here.work.community.directory.countries()})
    near = [
        one
        for code in here.work.community.countries
        if (one := here.work.community.directory.country(code)) is not None
    ]
    places = [Button(name.replace("_", " ").title(), f"region:{name}:0") for name in names]
    rows = [tuple(places[n : n + 2]) for n in range(0, len(places), 2)]
    return buttons(*_country_rows(near), *rows)


def _country_rows(countries: Sequence[Country]) -> Keyboard:
    labelled = [Button(f"{one.flag} {one.name}", f"country:{one.code}") for one in countries]
    return tuple(tuple(labelled[n : n + 2]) for n in range(0, len(labelled), 2))
