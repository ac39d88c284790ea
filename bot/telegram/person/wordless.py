"""What came without words: the bot says what it can't do with it, and asks about danger.

From the second such message in a short time on only a short line is said: somebody who sends six
pictures has read it. A place is the exception, since nobody may believe that help is on its way
to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from bot.telegram.here import Here
from bot.telegram.person.checking import ask, danger_buttons, danger_question, spoken_here
from bot.telegram.person.manners import ask_danger, introduced, numbers_button
from bot.texts import Html
from models import Case, Kind, Message, Person, Question, Urgency

LATELY = timedelta(minutes=5)


async def sent_lately(here: Here, person: Person) -> Collection[Kind]:
    """What else the person, who has no case, sent without words a short while ago."""
    return _kinds(await here.work.cases.unplaced(person.chat_key, here.work.now - LATELY))


async def answer(here: Here, person: Person, kind: Kind, lately: Collection[Kind]) -> None:
    """Answer ``kind`` from a person without a case, who sent ``lately`` before it."""
    ask(here, person, Question.DANGER)
    spoken = spoken_here(here, None)
    what = here.say(f"person.sent.{kind}")
    if _is_known(kind, lately):
        html = here.say("person.sent_again")
    elif spoken is None:
        html = here.say("person.sent_asked", what=what)
    elif kind is Kind.LOCATION:
        html = Html(f"{what}\n\n{danger_question(here, spoken)}")
    else:
        html = danger_question(here, spoken)
    await here.send(await introduced(here, person, html), danger_buttons(here, spoken))


async def answer_in_case(here: Here, person: Person, case: Case, kind: Kind) -> None:
    """Answer ``kind`` from a person who waits: once in a while, and a place at once."""
    now, asked_at = here.work.now, case.danger_asked_at
    said = await here.work.cases.messages(case)
    lately = _kinds(one for one in said if one.said_at >= now - LATELY)
    is_new_place = kind is Kind.LOCATION and not _is_known(kind, lately)
    if asked_at is not None and asked_at + LATELY > now and not is_new_place:
        return
    case.danger_asked_at = now
    what = here.say(f"person.sent.{kind}")
    if case.urgency is Urgency.IMMEDIATE:
        # They have said so already, and have numbers to call.
        await here.reply("person.sent_kept", numbers_button(here), what=what)
        return
    ask(here, person, Question.DANGER)
    await here.reply("person.sent_in_case", ask_danger(here), what=what)


def _kinds(messages: Iterable[Message]) -> Collection[Kind]:
    return {one.kind for one in messages if one.kind is not Kind.TEXT and not one.words}


def _is_known(kind: Kind, lately: Collection[Kind]) -> bool:
    """Whether what is to be said of ``kind`` was said for one of ``lately``."""
    return kind in lately if kind is Kind.LOCATION else bool(lately)
