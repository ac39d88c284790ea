"""What a person does: they write, tap, change their words, leave. Each finds its answer here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps

from telegram import Message as TelegramMessage
from telegram import Update

from bot.core.conversation import asks_a_machine, says_safe, settled, standing, stands
from bot.core.decide import Warning
from bot.core.reading import AFFIRMS, DENIES, SAYS_SAFE, UNREADABLE, Ask, Reading, Reply
from bot.engine import escalation, notices, relay, review
from bot.engine.work import Words
from bot.telegram import said
from bot.telegram.here import Context, Handler, Here
from bot.telegram.person import answers, paging, stopping
from bot.telegram.person.checking import ask, heard_safe, was_asked_where
from bot.telegram.person.manners import offer
from bot.telegram.person.nearby import places_in
from bot.texts import Html
from models import Case, CaseStatus, Kind, Message, Person, Theme, Urgency
from resources import Country

_LONGEST_YES = 30
_WORDS = 3
"""Fewer behind a command are no message."""
_NO_ANSWER = frozenset(("ok", "okay", "okey", "k", "fine", "good", "alright", "all right"))
"""What also ends a talk, so that alone it asks for nobody."""


def words_first(handler: Handler) -> Handler:
    """``handler``, unless what follows the command calls for more: that is answered instead."""

    @wraps(handler)
    async def heard(update: Update, context: Context) -> None:
        reading = context.here.work.reading
        calls = reading.pressing or reading.asks in (Ask.HUMAN, Ask.STOP)
        await (spoke if calls else handler)(update, context)

    return heard


def words_join(handler: Handler) -> Handler:
    """As `words_first`; and words behind the command join the case of whoever has one."""

    @wraps(handler)
    async def heard(update: Update, context: Context) -> None:
        await (spoke if await _adds(update, context.here) else handler)(update, context)

    return words_first(heard)


async def _adds(update: Update, here: Here) -> bool:
    """Whether words of their own follow the command while somebody waits for what they write."""
    text = (update.message.text or "") if update.message is not None else ""
    if len(said.own_words(text).split()) < _WORDS or here.ambassador is not None:
        return False
    person = await here.work.people.person_in(here.chat_id)
    return person is not None and await here.work.cases.of_person(person) is not None


@words_join
async def start(update: Update, context: Context) -> None:
    """``/start``: who answers here, in a few lines."""
    here = context.here
    person = await here.person()
    person.greeted_at = here.work.now
    person.stopped_at = None
    html = here.say("person.start", community=here.work.community.name)
    case = await here.work.cases.of_person(person)
    if case is not None:
        html = Html(f"{html}\n\n{await answers.who_comes(here, case)}")
    await here.send(html, offer(here))


@words_join
async def help_(update: Update, context: Context) -> None:
    """``/help``."""
    await context.here.person()
    await context.here.reply("person.help", offer(context.here))


@words_join
async def privacy(update: Update, context: Context) -> None:
    """``/privacy``: what happens to a person's words, in plain words."""
    person = await context.here.person()
    await context.here.reply("person.privacy", pseudonym=person.pseudonym)


async def unknown_command(update: Update, context: Context) -> None:
    """A command that does not exist, here or for this role: its words are read all the same."""
    here, reading = context.here, context.here.work.reading
    person = await here.person()
    in_words = (
        len(said.own_words(update.message.text or "").split()) > 1 if update.message else False
    )
    # The name of a command is a word that nobody meant: what presses in it counts, and what is
    # asked, but no mood.
    sad = reading.urgency is Urgency.SUPPORT and not (reading.unsure or reading.review)
    telling = reading.pressing or (sad and in_words) or reading.asks in (Ask.HUMAN, Ask.STOP)
    if telling or (in_words and await here.work.cases.of_person(person) is not None):
        await spoke(update, context)
        return
    await here.reply("person.unknown_command", offer(here))


async def human(update: Update, context: Context) -> None:
    """``/human``, or a tap on "Talk to a person"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    await paging.get_human(here, person, here.work.reading, update.message)


async def danger(update: Update, context: Context) -> None:
    """A tap on "I'm in danger now"."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    case = await here.work.cases.of_person(person)
    theme = case.theme if case else Theme.OTHER
    urgency = case.urgency if case else Urgency.NONE
    await answers.first(here, person, "person.danger_tapped", theme, case)
    await paging.raise_or_open(here, person, case, Reading(Urgency.IMMEDIATE, theme), None)
    if case is not None and case.holder_id is not None and urgency is Urgency.IMMEDIATE:
        # Nothing rises any more, but they have just said that it is now.
        await notices.tell_holder(here.work, case, person, case.holder_id, Warning.DANGER)


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
    if answers_stop and case is not None and reading.urgency is Urgency.NONE:
        # While nobody is there they were asked whether somebody shall come, else whether to end.
        ends = (reading.reply is Reply.YES) == (case.holder_id is not None)
        await paging.raise_or_open(here, person, case, reading, message)
        await stopping.settle(here, person, ends=ends)
    elif reading.asks is Ask.STOP and not reading.pressing:
        if case is not None:
            await paging.raise_or_open(here, person, case, reading, message)
        await stopping.ask(here, person)
    elif case is not None:
        await _spoke_in_case(here, person, case, reading, message, places)
    elif reading.pressing:
        await answers.urgent(here, person, reading, None)
        await paging.raise_or_open(here, person, None, reading, message)
    elif says_safe(reading) or SAYS_SAFE in reading.reasons:
        await heard_safe(here, person)
    elif (
        reading.asks is Ask.HUMAN
        or _says_yes(reading, message)
        or (not places and await _goes_on(here, person, reading, message))
    ):
        await paging.get_human(here, person, reading, message)
    else:
        await answers.calm(here, person, reading, message, places)


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
    if recent is None or called_off or DENIES in reading.reasons:
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
    in_case = case is not None and kept is not None and kept.case_id == case.id
    if case is not None and kept is not None and in_case:
        await relay.mirror_edit(here.work, case, person, kept)
    # What is in the case is not said in it a second time; what is not, is said in it now.
    new = None if in_case else message
    reading = here.work.reading
    rises = case is None or reading.urgency.rank > case.urgency.rank
    if reading.pressing and rises:
        await answers.urgent(here, person, reading, case)
        await paging.raise_or_open(here, person, case, reading, new)
    elif case is None and reading.asks is Ask.HUMAN:
        await paging.get_human(here, person, reading, new)
    elif case is not None and new is not None:
        await paging.raise_or_open(here, person, case, reading, new)


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


async def stop(update: Update, context: Context) -> None:
    """``/stop``; words of distress behind it are answered first, and the stop is heard as well."""
    here = context.here
    if here.work.reading.pressing:
        await spoke(update, context)
    await stopping.ask(here, await here.person())


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
        await answers.urgent(here, person, reading, case)
    elif case.status is CaseStatus.OPEN:
        await answers.while_waiting(here, person, case, reading, message, places)
    await paging.raise_or_open(here, person, case, reading, message)


def _says_yes(reading: Reading, message: TelegramMessage) -> bool:
    """Whether these words say yes to the person who is offered in nearly every answer."""
    plain = (message.text or "").strip(" .!").casefold()
    short = len(plain) <= _LONGEST_YES and plain not in _NO_ANSWER
    yes = reading.reply is Reply.YES or AFFIRMS in reading.reasons
    # A thumb or a heart says as much "well" as "yes".
    in_words = any(letter.isalpha() for letter in plain)
    return short and yes and in_words and reading.asks is None
