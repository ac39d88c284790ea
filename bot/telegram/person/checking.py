"""Where the bot is unsure: one gentle question, a human offered meanwhile, and humans who look."""

from __future__ import annotations

from telegram import Update

from bot.core.conversation import stands
from bot.core.reading import Reading
from bot.engine import review
from bot.engine.letters import Button, Keyboard
from bot.engine.work import Words
from bot.telegram.here import Context, Here, buttons
from bot.telegram.person.manners import ask_danger, introduced, offer
from bot.texts import Html
from models import Person, Question


def ask(here: Here, person: Person, question: Question | None) -> None:
    """Remember what the answer that is being sent asks, for whatever short word comes back."""
    person.asked = question
    person.asked_at = here.work.now if question else None


def ask_where(here: Here, person: Person) -> None:
    """Remember that the answer that is being sent asks which country the person is in.

    It is a time without a question: a word more in the vocabulary would stop older processes
    beside this one, and no "yes" or "no" answers this.
    """
    person.asked, person.asked_at = None, here.work.now


def was_asked_where(here: Here, person: Person) -> bool:
    """Whether the bot's last words to the person asked for their country."""
    return person.asked is None and stands(person.asked_at, here.work.now)


async def check(here: Here, person: Person, reading: Reading, words: Words | None) -> None:
    """Show ``words`` to those on call, and ask the person whether they are safe.

    The question is asked once: while an item waits, further words join it without another.
    """
    waiting = await here.work.reviews.of_person(person) is not None
    shown = False
    if words is not None:
        item = await review.note(here.work, person, words, reading)
        shown = bool(item.shown_to)
    if reading.foreign or reading.unsure:
        await ask_in_their_language(here, person, reading)
        return
    if waiting:
        ask(here, person, Question.SAFE)
        await here.reply("check.more", offer(here))
        return
    ask(here, person, Question.SAFE)
    html = here.say(
        "check.safe", shown=here.say("check.shown") if shown else here.say("check.offered")
    )
    await here.send(await introduced(here, person, html), _safe_buttons(here))


async def ask_in_their_language(here: Here, person: Person, reading: Reading) -> None:
    """Ask whether they are in danger, in the language written, or the app's, or in English.

    What is only guessed to be in another language may be English typed in haste: with an app in
    English it is asked in English first, and below in the other.
    """
    ask(here, person, Question.DANGER)
    spoken = spoken_here(here, reading.language)
    asked: list[str | None] = [spoken]
    if reading.guessed and spoken is not None and here.texts.known(here.language) in (None, "en"):
        asked.insert(0, None)
    html = Html("\n\n".join(danger_question(here, one) for one in asked))
    rows = [row for one in asked for row in danger_buttons(here, one)]
    await here.send(await introduced(here, person, html), buttons(*rows))


def danger_question(here: Here, spoken: str | None) -> Html:
    """Whether they are in danger, in the language ``spoken``, or where there is none in English."""
    if spoken is None:
        return here.say("person.unreadable")
    question = here.texts.say("language.question", spoken)
    return Html(f"{question}\n\n{here.texts.say('language.people', spoken)}")


def danger_buttons(here: Here, spoken: str | None) -> Keyboard:
    """Danger, a person, numbers. One below the other: a phone cuts longer languages off."""
    if spoken is None:
        return ask_danger(here)
    say = here.texts.say
    return buttons(
        (Button(say("language.danger", spoken), "danger"),),
        (Button(say("language.human", spoken), "human"),),
        (Button(say("language.numbers", spoken), "help"),),
    )


def spoken_here(here: Here, language: str | None) -> str | None:
    """The language to ask in: that of the words, else the app's; None where English is."""
    for one in (language, here.language):
        code = here.texts.known(one)
        if code == "en":
            return None
        if code is not None:
            return code
    return None


def in_their_words(here: Here, html: Html, language: str | None) -> Html:
    """``html``, and below it, where ``language`` is another, who answers here and how."""
    code = here.texts.known(language)
    if code in (None, "en"):
        return html
    return Html(f"{html}\n\n{here.texts.say('language.people', code)}")


def to_call_now(here: Here, numbers: Html, language: str | None) -> Html:
    """``numbers``, and right above them, where ``language`` is another, what they are for."""
    code = here.texts.known(language)
    if code in (None, "en"):
        return numbers
    return Html(f"<b>{here.texts.say('language.call', code)}</b>\n{numbers}")


def language_of_person(here: Here, language: str | None) -> str | None:
    """That of their words now, else of their last ones, else of their app: a tap has no words."""
    if language is not None:
        return language
    read = [one.reading for one in here.work.window if one.reading is not None]
    written = [one.language for one in read if one.language is not None]
    return written[-1] if written else here.language


async def safe_tapped(update: Update, context: Context) -> None:
    """A tap on "I'm safe": believed, and lowers nothing."""
    here = context.here
    await here.answer(update)
    person = await here.person()
    await heard_safe(here, person)


async def heard_safe(here: Here, person: Person) -> None:
    """The person says that they are safe: thanks, and a human stays one tap away."""
    ask(here, person, None)
    await review.says_safe(here.work, person)
    await here.reply("check.safe_yes", offer(here))


def _safe_buttons(here: Here) -> Keyboard:
    return buttons(
        (Button(here.say("check.yes"), "safe"), Button(here.say("check.no"), "danger")),
        (Button(here.say("button.human"), "human"),),
    )
