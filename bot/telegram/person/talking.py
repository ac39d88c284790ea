"""What a person can do: write, ask for a human, stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import wraps

from telegram import Message as TelegramMessage
from telegram import Update

from bot.core.conversation import asks_a_machine, says_safe, settled, standing, stands
from bot.core.decide import PersonLeft, PersonSpoke
from bot.core.reading import SAYS_SAFE, UNREADABLE, Ask, Reading, Reply
from bot.engine import escalation, notices, relay, review
from bot.engine.letters import Button
from bot.engine.work import Words
from bot.telegram import said
from bot.telegram.here import Context, Handler, Here, buttons
from bot.telegram.person import wordless
from bot.telegram.person.checking import (
    ask,
    ask_in_their_language,
    ask_where,
    check,
    heard_safe,
    in_their_words,
    language_of_person,
    to_call_now,
    was_asked_where,
)
from bot.telegram.person.manners import (
    ask_danger,
    introduced,
    numbers_button,
    numbers_for,
    offer,
    other_numbers,
)
from bot.telegram.person.nearby import (
    country_buttons,
    place_said,
    places_in,
    show_resources,
)
from bot.texts import Html
from models import (
    Case,
    CaseStatus,
    Kind,
    Message,
    Person,
    Question,
    Speaker,
    Theme,
    Urgency,
)
from resources import Country

_IMMEDIATE_TEXTS = {
    Theme.VIOLENCE: "person.immediate_violence",
    Theme.OVERDOSE: "person.immediate_medical",
    Theme.SOMEONE_ELSE: "person.immediate_someone_else",
}
_HUMAN_TEXT = "person.human"
_PLAIN_ANSWERS = {
    Ask.GREETING: "person.greeting",
    Ask.THANKS: "person.thanks",
    Ask.GOODBYE: "person.goodbye",
    Ask.ABOUT_BOT: "person.about_bot",
}
_YES, _NO = "intent:affirm", "intent:deny"
_LONGEST_YES = 30
_NO_ANSWER = frozenset(("ok", "okay", "okey", "k", "fine", "good", "alright", "all right"))
"""What also ends a talk, so that alone it asks for nobody."""

_SAID_AGAIN = timedelta(minutes=5)
"""How long a waiting person hears nothing new when nothing new is to be said."""

_ASKS_AGAIN = timedelta(seconds=30)
"""Who asks gets an answer sooner than who only writes."""

_MEDIA_JOINS = timedelta(hours=1)
"""How long a picture or voice message that came without a case waits for one to belong to."""


def words_first(handler: Handler) -> Handler:
    """``handler``, unless words of distress follow the command: those are answered instead."""

    @wraps(handler)
    async def heard(update: Update, context: Context) -> None:
        pressing = context.here.work.reading.pressing
        await (spoke if pressing else handler)(update, context)

    return heard


@words_first
async def start(update: Update, context: Context) -> None:
    """``/start``: who answers here, in a few lines."""
    here = context.here
    person = await here.person()
    person.greeted_at = here.work.now
    person.stopped_at = None
    html = here.say("person.start", community=here.work.community.name)
    case = await here.work.cases.of_person(person)
    if case is not None:
        html = Html(f"{html}\n\n{await _who_comes(here, case)}")
    await here.send(html, offer(here))


@words_first
async def help_(update: Update, context: Context) -> None:
    """``/help``."""
    await context.here.person()
    await context.here.reply("person.help", offer(context.here))


@words_first
async def privacy(update: Update, context: Context) -> None:
    """``/privacy``: what happens to a person's words, in plain words."""
    person = await context.here.person()
    await context.here.reply("person.privacy", pseudonym=person.pseudonym)


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist, here or for this role: its words are read all the same."""
    here, reading = context.here, context.here.work.reading
    person = await here.person()
    # The name of a command is a word that nobody meant: what is understood in it counts, and what
    # presses, but not the mood of letters that were not understood.
    telling = (
        reading.pressing
        or (reading.urgency is Urgency.SUPPORT and not (reading.unsure or reading.review))
        or reading.asks in (Ask.HUMAN, Ask.STOP)
    )
    in_words = (
        len(said.own_words(update.message.text or "").split()) > 1 if update.message else False
    )
    if telling or (in_words and await here.work.cases.of_person(person) is not None):
        await spoke(update, context)
        return
    await here.reply("person.unknown_command", offer(here))


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
    await _first_answer(here, person, "person.danger_tapped", theme, case)
    await _raise_or_open(here, person, case, Reading(Urgency.IMMEDIATE, theme), None)


async def spoke(update: Update, context: Context) -> None:
    """A person wrote in their own words, or sent a picture, a voice message, a sticker."""
    here = context.here
    message = update.effective_message
    assert message is not None
    person = await here.person()
    asked = standing(person.asked, person.asked_at, here.work.now)
    asked_where = was_asked_where(here, person)
    asked_to_stop = stands(person.stop_asked_at, here.work.now)
    ask(here, person, None)
    person.stop_asked_at = None
    person.stopped_at = None
    if message.contact is not None:
        await here.reply("person.contact_not_passed", offer(here))
        return
    reading = settled(here.work.reading if said.words_of(message) else UNREADABLE, asked)
    case = await here.work.cases.of_person(person)
    places = _places(here, person, reading, message, asked_where)
    answers_stop = asked_to_stop and reading.reply in (Reply.YES, Reply.NO)
    if answers_stop and case is not None and not reading.pressing:
        # While nobody is there they were asked whether somebody shall come, else whether to end.
        ends = (reading.reply is Reply.YES) == (case.holder_id is not None)
        await _stop_settled(here, person, ends=ends)
    elif reading.asks is Ask.STOP and not reading.pressing:
        if case is not None:
            await _raise_or_open(here, person, case, reading, message)
        await _stop(here, person)
    elif case is not None:
        await _spoke_in_case(here, person, case, reading, message, places)
    elif reading.pressing:
        await _first_answer(
            here, person, _urgent_text(reading), reading.theme, None, reading.language
        )
        await _raise_or_open(here, person, None, reading, message)
    elif says_safe(reading) or SAYS_SAFE in reading.reasons:
        await heard_safe(here, person)
    elif (
        reading.asks is Ask.HUMAN
        or _says_yes(reading, message)
        or (not places and await _goes_on(here, person, reading, message))
    ):
        await _get_human(here, person, reading, message)
    else:
        await _answer_calmly(here, person, reading, message, places)


def _places(
    here: Here, person: Person, reading: Reading, message: TelegramMessage, asked: bool
) -> list[Country]:
    """The countries that these words as a whole name; none where they answer or ask anything."""
    if reading.reply is not None or reading.asks is not None:
        return []
    return places_in(here, person, message, asked)


async def _goes_on(here: Here, person: Person, reading: Reading, message: TelegramMessage) -> bool:
    """Whether these words, soon after the close of a case, call its holder back.

    They were told that somebody is asked anew when they write: so all does but thanks, goodbyes,
    questions that the bot answers, requests to a machine, a no, and what has no words at all, such
    as a heart.
    """
    recent = await escalation.recent_case(here.work, person)
    called_off = recent is not None and recent.outcome is None
    if recent is None or called_off or _NO in reading.reasons:
        return False
    if reading.asks not in (None, Ask.GREETING):
        return False
    if asks_a_machine(reading):
        return False
    text = (message.text or "").strip(" .!").casefold()
    if said.kind_of(message) is Kind.TEXT:
        return any(letter.isalpha() for letter in text) and text not in _NO_ANSWER
    return said.kind_of(message) is not Kind.STICKER


async def edited(update: Update, context: Context) -> None:
    """A person changed a message: its new words count like new words, and are shown."""
    here = context.here
    message = update.edited_message
    assert message is not None
    person = await here.person()
    kept = await here.work.cases.said_as(
        here.work.people.chat_key(here.chat_id), message.message_id
    )
    case = await here.work.cases.of_person(person)
    words = said.words_of(message)
    if case is None and words and here.work.reading.review:
        await review.note(here.work, person, Words(message.message_id, words), here.work.reading)
    if kept is not None and said.newest(kept.words) == words:
        await _place_moved(here, person, case, kept)
        return
    if kept is not None:
        kept.words = said.changed(kept.words, words) if _is_softer(here, message) else words
        if case is not None and kept.case_id == case.id:
            await relay.mirror_edit(here.work, case, person, kept)
    reading = here.work.reading
    rises = case is None or reading.urgency.rank > case.urgency.rank
    if reading.pressing and rises:
        await _first_answer(
            here, person, _urgent_text(reading), reading.theme, case, reading.language
        )
        await _raise_or_open(here, person, case, reading, None if kept else message)
    elif case is None and reading.asks is Ask.HUMAN:
        await _get_human(here, person, reading, None if kept else message)


def _is_softer(here: Here, message: TelegramMessage) -> bool:
    """Whether graver words stood in this message before, or nobody can tell what did.

    Many take back what they have said. A slip of the finger is mended without a trace.
    """
    before = [
        one.reading.urgency.rank
        for one in here.work.window
        if one.message_id == message.message_id and one.reading is not None
    ]
    return not before or max(before) > here.work.reading.urgency.rank


async def _place_moved(here: Here, person: Person, case: Case | None, kept: Message) -> None:
    """Telegram tells of each step of whoever shares their place as of a changed message."""
    is_place = kept.kind is Kind.LOCATION
    if is_place and case is not None and case.id == kept.case_id and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        await relay.moved(here.work, case, person, holder, kept)


async def left_or_returned(update: Update, context: Context) -> None:
    """A person blocked the bot, or let it back in."""
    change = update.my_chat_member
    assert change is not None
    here = context.here
    person = await here.work.people.person_in(here.chat_id)
    if person is None:
        return
    gone = change.new_chat_member.status in ("kicked", "left")
    person.blocked_at = here.work.now if gone else None
    case = await here.work.cases.of_person(person)
    if case is not None and case.status is CaseStatus.CLAIMED and case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        await escalation.tell_ambassador(
            here.work,
            holder,
            "holder.person_blocked" if gone else "holder.person_back",
            case_id=case.id,
            label=case.label,
        )


# Stopping.


async def stop(update: Update, context: Context) -> None:
    """``/stop``; words of distress behind it are answered first, and the stop is heard as well."""
    here = context.here
    if here.work.reading.pressing:
        await spoke(update, context)
    await _stop(here, await here.person())


async def _stop(here: Here, person: Person) -> None:
    case = await here.work.cases.of_person(person)
    if case is None:
        person.stopped_at = here.work.now
        await here.reply("person.stop", numbers=numbers_for(here, person, Theme.OTHER))
        return
    person.stop_asked_at = here.work.now
    holder = await _holder(here, case)
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


async def stop_answered(update: Update, context: Context) -> None:
    """A tap on whether somebody shall still come."""
    here = context.here
    assert context.match is not None
    await here.answer(update)
    person = await here.person()
    if context.match[1] == "ask":
        await _stop(here, person)
        return
    await _stop_settled(here, person, ends=context.match[1] == "end")


async def _stop_settled(here: Here, person: Person, *, ends: bool) -> None:
    person.stop_asked_at = None
    case = await here.work.cases.of_person(person)
    if case is None:
        await here.reply("person.stop_over", offer(here))
    elif not ends:
        holder = await _holder(here, case)
        key = "person.stop_kept" if holder is None else "person.stop_kept_talking"
        await here.reply(key, holder=holder or "")
    elif await escalation.happen(here.work, case, PersonLeft()) is not None:
        await here.reply("person.stop_help_called", numbers=numbers_for(here, person, case.theme))
    else:
        person.stopped_at = here.work.now
        await here.reply("person.stop_ended", numbers=numbers_for(here, person, Theme.OTHER))


# Answers.


async def _answer_calmly(
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
    if (reading.reply is Reply.NO or _NO in reading.reasons) and reading.asks is None:
        await here.send(await introduced(here, person, here.say("person.declined")), offer(here))
        return
    key = _PLAIN_ANSWERS.get(reading.asks, "person.none") if reading.asks else "person.none"
    html = here.say(key, community=here.work.community.name)
    await here.send(await introduced(here, person, html), offer(here))


async def _spoke_in_case(
    here: Here,
    person: Person,
    case: Case,
    reading: Reading,
    message: TelegramMessage,
    places: Sequence[Country],
) -> None:
    rises = reading.pressing and reading.urgency.rank > case.urgency.rank
    places = places if person.country is None else ()
    if len(places) == 1:
        person.country = places[0].code
    if rises:
        await _first_answer(
            here, person, _urgent_text(reading), reading.theme, case, reading.language
        )
    elif case.status is CaseStatus.OPEN:
        if places:
            await place_said(here, person, places, message.text or "")
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
    await _raise_or_open(here, person, case, reading, message)


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


async def _get_human(
    here: Here, person: Person, reading: Reading, message: TelegramMessage | None
) -> None:
    case = await here.work.cases.of_person(person)
    if reading.pressing and (case is None or reading.urgency.rank > case.urgency.rank):
        await _first_answer(
            here, person, _urgent_text(reading), reading.theme, case, reading.language
        )
    elif case is None:
        await _first_answer(here, person, _HUMAN_TEXT, reading.theme, None, reading.language)
    else:
        await here.send(await _who_comes(here, case))
    if message is not None and message.text and said.words_of(message) is None:
        message = None  # a bare command says nothing that a volunteer should read
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
        await _keep_window(here, case, person, message.message_id if message is not None else None)
        if message is not None:
            await said.keep(here, case, Speaker.PERSON, message)
        if reading.minor or any(one.reading and one.reading.minor for one in here.work.window):
            await escalation.flag_minor(here.work, case)
        await escalation.begin(here.work, case, reading.urgency, reading.theme)
        return
    if message is not None:
        kept = await said.keep(here, case, Speaker.PERSON, message)
        await relay.to_whoever_holds(here.work, case, person, kept)
    if reading.minor:
        await escalation.flag_minor(here.work, case)
    await escalation.happen(here.work, case, PersonSpoke(reading.urgency, reading.theme))


async def _keep_window(here: Here, case: Case, person: Person, now_said: int | None) -> None:
    """What the person sent shortly before belongs to the case as well."""
    for message in await here.work.cases.unplaced(person.chat_key, here.work.now - _MEDIA_JOINS):
        message.case_id = case.id
    # Of a message that was edited the window holds every version: the newest counts, and what
    # was graver before.
    versions: dict[int, list[Words]] = {}
    for words in here.work.window:
        versions.setdefault(words.message_id, []).append(words)
    for number, found in versions.items():
        gravest, last = max(found, key=_rank), found[-1]
        softer = _rank(gravest) > _rank(last)
        text = said.changed(gravest.text, last.text) if softer else last.text
        if number != now_said:
            await said.keep_words(here.work, case, person, number, text)


def _rank(words: Words) -> int:
    return words.reading.urgency.rank if words.reading else 0


def _urgent_text(reading: Reading) -> str:
    if reading.urgency is Urgency.URGENT:
        return "person.urgent"
    return _IMMEDIATE_TEXTS.get(reading.theme, "person.immediate")


async def _first_answer(
    here: Here,
    person: Person,
    key: str,
    theme: Theme,
    case: Case | None,
    language: str | None = None,
) -> None:
    """Numbers first, before anything else the bot may have to say."""
    holder = await _holder(here, case) if case is not None else None
    language = language_of_person(here, language)
    shown = numbers_for(here, person, theme)
    html = here.say(
        key,
        # Who asks for a human is not told to call: the numbers are for the worst.
        numbers=shown if key == _HUMAN_TEXT else to_call_now(here, shown, language),
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


async def _who_comes(here: Here, case: Case) -> Html:
    """Who is with them already, or that somebody is being asked."""
    holder = await _holder(here, case)
    return (
        here.say("person.human_already")
        if holder is None
        else here.say("wait.claimed", holder=holder)
    )


async def _holder(here: Here, case: Case) -> str | None:
    """The name of whoever holds ``case``."""
    if case.holder_id is None:
        return None
    return (await here.work.people.ambassador(case.holder_id)).name


def _says_yes(reading: Reading, message: TelegramMessage) -> bool:
    """Whether these words say yes to the person who is offered in nearly every answer."""
    plain = (message.text or "").strip(" .!").casefold()
    short = len(plain) <= _LONGEST_YES and plain not in _NO_ANSWER
    yes = reading.reply is Reply.YES or _YES in reading.reasons
    # A thumb or a heart says as much "well" as "yes".
    in_words = any(letter.isalpha() for letter in plain)
    return short and yes and in_words and reading.asks is None
