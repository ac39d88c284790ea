"""What a person reads at once: numbers first, then who comes, or a calm answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from telegram import Message as TelegramMessage

from bot.core.reading import DENIES, Ask, Reading, Reply
from bot.engine import notices
from bot.engine.letters import Button
from bot.engine.work import Words
from bot.telegram import said
from bot.telegram.here import Here
from bot.telegram.person import wordless
from bot.telegram.person.checking import (
    ask,
    ask_in_their_language,
    ask_where,
    check,
    in_their_words,
    language_of_person,
    to_call_now,
)
from bot.telegram.person.manners import (
    ask_danger,
    holder_of,
    introduced,
    numbers_button,
    numbers_for,
    offer,
    other_numbers,
)
from bot.telegram.person.nearby import country_buttons, place_said, show_resources
from bot.texts import Html
from models import Case, Kind, Person, Question, Speaker, Theme, Urgency
from resources import Country

_IMMEDIATE_TEXTS = {
    Theme.VIOLENCE: "person.immediate_violence",
    Theme.OVERDOSE: "person.immediate_medical",
    Theme.SOMEONE_ELSE: "person.immediate_someone_else",
}
HUMAN_TEXT = "person.human"
_PLAIN_ANSWERS = {
    Ask.GREETING: "person.greeting",
    Ask.THANKS: "person.thanks",
    Ask.GOODBYE: "person.goodbye",
    Ask.ABOUT_BOT: "person.about_bot",
}

_SAID_AGAIN = timedelta(minutes=5)
"""How long a waiting person hears nothing new when nothing new is to be said."""

_ASKS_AGAIN = timedelta(seconds=30)
"""Who asks gets an answer sooner than who only writes."""


async def first(
    here: Here,
    person: Person,
    key: str,
    theme: Theme,
    case: Case | None,
    language: str | None = None,
) -> None:
    """Numbers first, before anything else the bot may have to say."""
    holder = await holder_of(here, case) if case is not None else None
    language = language_of_person(here, language)
    shown = numbers_for(here, person, theme)
    html = here.say(
        key,
        # Who asks for a human is not told to call: the numbers are for the worst.
        numbers=shown if key == HUMAN_TEXT else to_call_now(here, shown, language),
        coming=here.say("person.coming", community=here.work.community.name)
        if holder is None
        else here.say("person.coming_holder", holder=holder),
    )
    if person.country:
        keyboard = other_numbers(here)
    else:
        ask_where(here, person)
        keyboard = country_buttons(here)
        html = Html(f"{html}\n\n{here.say('person.which_country')}")
    html = in_their_words(here, html, language)
    if holder is None and key in ("person.urgent", "person.human"):
        keyboard = (*keyboard, (Button(here.say("button.ask_nobody"), "stop:ask"),))
    await here.send(await introduced(here, person, html), keyboard)


async def urgent(here: Here, person: Person, reading: Reading, case: Case | None) -> None:
    """The answer to words that press: see `first`."""
    key = (
        "person.urgent"
        if reading.urgency is Urgency.URGENT
        else _IMMEDIATE_TEXTS.get(reading.theme, "person.immediate")
    )
    await first(here, person, key, reading.theme, case, reading.language)


async def who_comes(here: Here, case: Case) -> Html:
    """Who is with them already, or that somebody is being asked."""
    holder = await holder_of(here, case)
    return (
        here.say("person.human_already")
        if holder is None
        else here.say("wait.claimed", holder=holder)
    )


async def calm(
    here: Here,
    person: Person,
    reading: Reading,
    message: TelegramMessage,
    places: Sequence[Country],
) -> None:
    """Nobody is paged unless the person asks: an answer, and an offer of a human, always."""
    if (kind := said.kind_of(message)) is not Kind.TEXT:
        lately = await wordless.sent_lately(here, person)
        await said.keep(here, None, Speaker.PERSON, message)
        if not said.words_of(message):
            await wordless.answer(here, person, kind, lately)
            return
    if reading.asks is Ask.RESOURCES:
        await show_resources(here, person, reading.theme)
        return
    words = said.words_of(message)
    if places:
        await place_said(here, person, places, message.text or "")
        return
    if reading.review and words:
        await check(here, person, reading, Words(message.message_id, words))
        return
    if reading.urgency is Urgency.SUPPORT:
        ask(here, person, Question.HUMAN)
        html = here.say(f"person.support.{reading.theme}")
        await here.send(await introduced(here, person, html), offer(here))
        return
    if reading.unsure:
        await ask_in_their_language(here, person, reading)
        return
    if reading.reply is Reply.PERHAPS and reading.asks is None:
        await here.send(await introduced(here, person, here.say("person.dont_know")), offer(here))
        return
    if (reading.reply is Reply.NO or DENIES in reading.reasons) and reading.asks is None:
        await here.send(await introduced(here, person, here.say("person.declined")), offer(here))
        return
    key = _PLAIN_ANSWERS.get(reading.asks, "person.none") if reading.asks else "person.none"
    html = here.say(key, community=here.work.community.name)
    await here.send(await introduced(here, person, html), offer(here))


async def while_waiting(
    here: Here,
    person: Person,
    case: Case,
    reading: Reading,
    message: TelegramMessage,
    places: Sequence[Country],
) -> None:
    """Whoever waits hears that their words are kept, and what else they must know."""
    if places:
        await place_said(here, person, places, message.text or "")
    elif reading.asks is Ask.RESOURCES:
        await here.reply("person.numbers_meanwhile", numbers=numbers_for(here, person, case.theme))
    elif reading.asks is Ask.ABOUT_BOT:
        await here.reply("person.about_bot", community=here.work.community.name)
    elif (kind := said.kind_of(message)) is not Kind.TEXT and not said.words_of(message):
        await wordless.answer_in_case(here, person, case, kind)
    elif reading.unsure:
        if _is_due(here, case.danger_asked_at):
            case.danger_asked_at = here.work.now
            await _ask_in_case(here, person, case)
    elif "?" in (said.words_of(message) or "") and _is_due(here, case.noted_at, _ASKS_AGAIN):
        case.noted_at = here.work.now
        await _say_how_it_stands(here, person, case)
    elif _is_due(here, case.noted_at):
        case.noted_at = here.work.now
        await here.reply("person.noted")


async def _say_how_it_stands(here: Here, person: Person, case: Case) -> None:
    """Whoever asks while they wait is answered: with what is true, and with what is at once."""
    count = await notices.asked(here.work, case)
    await here.reply(
        "person.how_it_stands",
        asked=here.say("wait.one" if count == 1 else "wait.many", n=count),
        numbers=numbers_for(here, person, case.theme),
    )


async def _ask_in_case(here: Here, person: Person, case: Case) -> None:
    """The bot could not read it. In an immediate case nobody is asked whether it is one."""
    if case.urgency is Urgency.IMMEDIATE:
        await here.reply("person.unreadable_kept", numbers_button(here))
        return
    ask(here, person, Question.DANGER)
    await here.reply("person.unreadable_in_case", ask_danger(here))


def _is_due(here: Here, said_at: datetime | None, after: timedelta = _SAID_AGAIN) -> bool:
    """Whether it is time to say again what was said at ``said_at``."""
    return said_at is None or said_at + after <= here.work.now
