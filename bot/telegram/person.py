"""What a person can do: write, ask for a human, find numbers near them, stop."""

from __future__ import annotations

from telegram import Message as TelegramMessage
from telegram import Update

from bot.core.decide import PersonLeft, PersonSpoke
from bot.core.reading import UNREADABLE, Ask, Reading
from bot.engine import escalation, relay
from bot.engine.letters import Button, Keyboard
from bot.telegram import said
from bot.telegram.here import Context, Here, buttons
from bot.texts import Html
from bot.texts.numbers import numbers
from models import Case, CaseStatus, Kind, Message, Person, Speaker, Theme, Urgency

_IMMEDIATE_TEXTS = {
    Theme.VIOLENCE: "person.immediate_violence",
    Theme.OVERDOSE: "person.immediate_medical",
    Theme.SOMEONE_ELSE: "person.immediate_someone_else",
}
_PLAIN_ANSWERS = {
    Ask.GREETING: "person.greeting",
    Ask.THANKS: "person.thanks",
    Ask.GOODBYE: "person.goodbye",
    Ask.ABOUT_BOT: "person.about_bot",
}
_PRESSING = (Urgency.IMMEDIATE, Urgency.URGENT)
_LONGEST_COUNTRY = 40


async def start(update: Update, context: Context) -> None:
    """``/start``: who answers here, in a few lines."""
    here = context.here
    person = await here.person()
    person.greeted_at = here.work.now
    person.stopped_at = None
    await here.reply("person.start", _offer(here), community=here.work.community.name)


async def help_(update: Update, context: Context) -> None:
    """``/help``."""
    await context.here.person()
    await context.here.reply("person.help", _offer(context.here))


async def privacy(update: Update, context: Context) -> None:
    """``/privacy``: what happens to a person's words, in plain words."""
    person = await context.here.person()
    await context.here.reply("person.privacy", pseudonym=person.pseudonym)


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist, here or for this role: its words are read all the same."""
    reading = context.here.work.reading
    if reading.urgency is not Urgency.NONE or reading.asks in (Ask.HUMAN, Ask.STOP):
        await spoke(update, context)
        return
    await context.here.person()
    await context.here.reply("person.unknown_command", _offer(context.here))


async def human(update: Update, context: Context) -> None:
    """``/human``, or a tap on "Talk to a person"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    await _get_human(here, person, here.work.reading, update.message)


async def danger(update: Update, context: Context) -> None:
    """A tap on "I'm in danger now"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    case = await here.work.cases.of_person(person)
    theme = case.theme if case else Theme.OTHER
    await _first_answer(here, person, "person.danger_tapped", theme)
    await _raise_or_open(here, person, case, Reading(Urgency.IMMEDIATE, theme), None)


async def spoke(update: Update, context: Context) -> None:
    """A person wrote in their own words, or sent a picture, a voice message, a sticker."""
    here = context.here
    message = update.effective_message
    assert message is not None
    person = await here.person()
    person.stopped_at = None
    if message.contact is not None:
        await here.reply("person.contact_not_passed", _offer(here))
        return
    reading = here.work.reading if said.words_of(message) else UNREADABLE
    if reading.asks is Ask.STOP and reading.urgency not in _PRESSING:
        await _stop(here, person)
        return
    case = await here.work.cases.of_person(person)
    if case is not None:
        await _spoke_in_case(here, person, case, reading, message)
    elif reading.urgency in _PRESSING:
        await _first_answer(here, person, _urgent_text(reading), reading.theme)
        await _raise_or_open(here, person, None, reading, message)
    elif reading.asks is Ask.HUMAN:
        await _get_human(here, person, reading, message)
    else:
        await _answer_calmly(here, person, reading, message)


async def edited(update: Update, context: Context) -> None:
    """A person changed a message: its new words count like new words, and are shown."""
    here = context.here
    message = update.edited_message
    assert message is not None
    person = await here.person()
    kept = await here.work.cases.said_as(
        here.work.people.chat_key(here.chat_id), message.message_id
    )
    if kept is not None and kept.kind is Kind.TEXT:
        kept.words = message.text
        if kept.case_id is not None:
            case = await here.work.cases.find(kept.case_id)
            if case is not None:
                await relay.mirror_edit(here.work, case, person, kept)
    reading = here.work.reading
    case = await here.work.cases.of_person(person)
    rises = case is None or reading.urgency.rank > case.urgency.rank
    if reading.urgency in _PRESSING and rises:
        await _first_answer(here, person, _urgent_text(reading), reading.theme)
        await _raise_or_open(here, person, case, reading, None if kept else message)


async def left_or_returned(update: Update, context: Context) -> None:
    """A person blocked the bot, or let it back in."""
    change = update.my_chat_member
    assert change is not None
    person = await context.here.work.people.person_in(context.here.chat_id)
    if person is not None:
        gone = change.new_chat_member.status in ("kicked", "left")
        person.blocked_at = context.here.work.now if gone else None


# Stopping.


async def stop(update: Update, context: Context) -> None:
    """``/stop``."""
    await _stop(context.here, await context.here.person())


async def _stop(here: Here, person: Person) -> None:
    person.stopped_at = here.work.now
    if await here.work.cases.of_person(person) is not None:
        await here.reply(
            "person.stop_waiting",
            buttons(
                (
                    Button(here.say("button.keep_waiting"), "stop:keep"),
                    Button(here.say("button.stop_waiting"), "stop:end"),
                )
            ),
        )
        return
    await here.reply("person.stop", numbers=_numbers(here, person, Theme.OTHER))


async def stop_answered(update: Update, context: Context) -> None:
    """A tap on whether somebody shall still come."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    person = await here.person()
    case = await here.work.cases.of_person(person)
    if context.match[1] == "keep" and case is not None:
        await here.reply("person.stop_kept")
        return
    if case is not None:
        await escalation.happen(here.work, case, PersonLeft())
    await here.reply("person.stop_ended", numbers=_numbers(here, person, Theme.OTHER))


# Answers.


async def _answer_calmly(
    here: Here, person: Person, reading: Reading, message: TelegramMessage
) -> None:
    """Nobody is paged unless the person asks: an answer, and an offer of a human, always."""
    if reading.asks is Ask.RESOURCES:
        await show_resources(here, person, reading.theme)
        return
    if reading.urgency is Urgency.SUPPORT:
        html = here.say(f"person.support.{reading.theme}")
        await here.send(await _introduced(here, person, html), _offer(here))
        return
    if reading.unsure:
        if await _is_country(here, person, message):
            return
        html = here.say("person.unreadable")
        await here.send(await _introduced(here, person, html), _ask_danger(here))
        return
    if reading.asks is None and await _is_country(here, person, message):
        return
    key = _PLAIN_ANSWERS.get(reading.asks, "person.none") if reading.asks else "person.none"
    html = here.say(key, community=here.work.community.name)
    await here.send(await _introduced(here, person, html), _offer(here))


async def _spoke_in_case(
    here: Here, person: Person, case: Case, reading: Reading, message: TelegramMessage
) -> None:
    rises = reading.urgency in _PRESSING and reading.urgency.rank > case.urgency.rank
    if rises:
        await _first_answer(here, person, _urgent_text(reading), reading.theme)
    elif case.status is CaseStatus.OPEN:
        if reading.unsure:
            await here.reply("person.unreadable_in_case", _ask_danger(here))
        else:
            await here.reply("person.noted")
    await _raise_or_open(here, person, case, reading, message)


async def _get_human(
    here: Here, person: Person, reading: Reading, message: TelegramMessage | None
) -> None:
    case = await here.work.cases.of_person(person)
    if reading.urgency in _PRESSING and (case is None or reading.urgency.rank > case.urgency.rank):
        await _first_answer(here, person, _urgent_text(reading), reading.theme)
    elif case is None:
        await _first_answer(here, person, "person.human", reading.theme)
    elif case.status is CaseStatus.CLAIMED and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        await here.reply("person.human_already", state=here.say("wait.claimed", holder=holder.name))
    else:
        await here.reply("person.human_already", state=here.say("person.noted"))
    await _raise_or_open(here, person, case, reading, message)


async def _raise_or_open(
    here: Here,
    person: Person,
    case: Case | None,
    reading: Reading,
    message: TelegramMessage | None,
) -> None:
    """Let the words join the person's case, or open one with them, and let it be decided."""
    if case is None:
        case = await escalation.open_for(here.work, person, reading.urgency, reading.theme)
        await _keep_window(here, case)
        if message is not None:
            await said.keep(here, case, Speaker.PERSON, message)
        await escalation.begin(here.work, case)
        return
    if message is not None:
        kept = await said.keep(here, case, Speaker.PERSON, message)
        if case.status is CaseStatus.CLAIMED and case.holder_id is not None:
            holder = await here.work.people.ambassador(case.holder_id)
            await relay.to_holder(here.work, case, person, holder, kept)
    await escalation.happen(here.work, case, PersonSpoke(reading.urgency, reading.theme))


async def _keep_window(here: Here, case: Case) -> None:
    """What the person wrote shortly before belongs to the case as well."""
    chat_key = here.work.people.chat_key(here.chat_id)
    for words in here.work.window:
        if await here.work.cases.said_as(chat_key, words.message_id) is None:
            await here.work.cases.say(
                Message(
                    case_id=case.id,
                    speaker=Speaker.PERSON,
                    kind=Kind.TEXT,
                    words=words.text,
                    source_chat_key=chat_key,
                    source_chat_id=str(here.chat_id),
                    source_message_id=words.message_id,
                    said_at=here.work.now,
                )
            )


def _urgent_text(reading: Reading) -> str:
    if reading.urgency is Urgency.URGENT:
        return "person.urgent"
    return _IMMEDIATE_TEXTS.get(reading.theme, "person.immediate")


async def _first_answer(here: Here, person: Person, key: str, theme: Theme) -> None:
    """Numbers first, before anything else the bot may have to say."""
    html = here.say(key, numbers=_numbers(here, person, theme), community=here.work.community.name)
    keyboard = () if person.country else _country_buttons(here)
    await here.send(await _introduced(here, person, html), keyboard)


async def _introduced(here: Here, person: Person, html: Html) -> Html:
    """``html``, followed by who speaks here where the person was not told yet."""
    if person.greeted_at is not None:
        return html
    person.greeted_at = here.work.now
    line = here.say("person.bot_line", community=here.work.community.name)
    return Html(f"{html}\n\n{line}")


def _numbers(here: Here, person: Person, theme: Theme) -> Html:
    return numbers(
        here.texts,
        here.work.community.directory,
        person.country,
        theme,
        here.language,
        here.work.now,
    )


def _offer(here: Here) -> Keyboard:
    return buttons(
        (Button(here.say("button.human"), "human"),),
        (Button(here.say("button.resources"), "help"),),
    )


def _ask_danger(here: Here) -> Keyboard:
    return buttons(
        (Button(here.say("button.danger"), "danger"),),
        (Button(here.say("button.human"), "human"),),
        (Button(here.say("button.resources"), "help"),),
    )


# Numbers near the person.


async def resources(update: Update, context: Context) -> None:
    """``/resources [country]``, or a tap on "Find help near me"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    wanted = " ".join(context.args or [])
    if wanted:
        found = here.work.community.directory.search_country(wanted)
        if not found:
            await here.reply(
                "person.country_not_found", _country_buttons(here), text=wanted[:_LONGEST_COUNTRY]
            )
            return
        person.country = found[0].code
    case = await here.work.cases.of_person(person)
    await show_resources(here, person, case.theme if case else here.work.reading.theme)


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
        keyboard = buttons(
            (Button(here.say("button.human"), "human"),),
            (
                Button(here.say("button.other_country"), "regions"),
                Button(here.say("button.number_failed"), "badnumber"),
            ),
        )
        html = here.say("person.resources", numbers=block)
    else:
        keyboard = _country_buttons(here)
        html = here.say("person.resources_unknown", numbers=block)
    await here.send(await _introduced(here, person, html), keyboard)


async def regions(update: Update, context: Context) -> None:
    """A tap on "Another country"."""
    await context.here.answer(update)
    await context.here.reply("person.region", _country_buttons(context.here))


async def region(update: Update, context: Context) -> None:
    """A tap on a part of the world: its countries."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    name, page = context.match[1], int(context.match[2])
    countries = [one for one in here.work.community.directory.countries() if one.region == name]
    shown = countries[page * _PAGE : (page + 1) * _PAGE]
    rows = [
        tuple(Button(f"{one.flag} {one.name}", f"country:{one.code}") for one in shown[n : n + 2])
        for n in range(0, len(shown), 2)
    ]
    more = Button("…", f"region:{name}:{page + 1}") if len(countries) > (page + 1) * _PAGE else None
    await here.reply(
        "person.region", buttons(*rows, (Button(here.say("button.back"), "regions"), more))
    )


async def country(update: Update, context: Context) -> None:
    """A tap on a country."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    person = await here.person()
    if here.work.community.directory.country(context.match[1]) is not None:
        person.country = context.match[1]
    await _country_set(here, person)


async def number_failed(update: Update, context: Context) -> None:
    """A tap on "A number didn't work"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    where = here.work.community.directory.country(person.country or "")
    await escalation.alert_coordinators(
        here.work, "alert.number_reported", country=where.name if where else "?"
    )
    await here.reply("person.number_reported")


async def _is_country(here: Here, person: Person, message: TelegramMessage) -> bool:
    """Whether the whole message is a country's name: the answer to where the person is."""
    text = (message.text or "").strip(" .!")
    if not 1 < len(text) <= _LONGEST_COUNTRY or len(text.split()) > 4:
        return False
    found = here.work.community.directory.country_named(text)
    if found is None:
        return False
    person.country = found.code
    await _country_set(here, person)
    return True


async def _country_set(here: Here, person: Person) -> None:
    where = here.work.community.directory.country(person.country or "")
    case = await here.work.cases.of_person(person)
    await here.reply(
        "person.country_set",
        buttons(
            (Button(here.say("button.human"), "human") if case is None else None,),
            (
                Button(here.say("button.other_country"), "regions"),
                Button(here.say("button.number_failed"), "badnumber"),
            ),
        ),
        flag=where.flag if where else "",
        country=where.name if where else "",
        numbers=_numbers(here, person, case.theme if case else Theme.OTHER),
    )


_PAGE = 24


def _country_buttons(here: Here) -> Keyboard:
    names = sorted({one.region for one in here.work.community.directory.countries()})
    near = [
        Button(f"{one.flag} {one.name}", f"country:{one.code}")
        for code in here.work.community.countries
        if (one := here.work.community.directory.country(code)) is not None
    ]
    places = [Button(name.replace("_", " ").title(), f"region:{name}:0") for name in names]
    rows = [tuple(near[n : n + 2]) for n in range(0, len(near), 2)]
    rows += [tuple(places[n : n + 2]) for n in range(0, len(places), 2)]
    return buttons(*rows)
