"""The review list: an ambassador looks at what the bot was unsure of, and decides."""

from __future__ import annotations

from telegram import Update

from bot.core.decide import PersonSpoke
from bot.engine import escalation, review
from bot.engine.letters import Priority, Text
from bot.telegram import said
from bot.telegram.here import Context, Here
from bot.texts.numbers import numbers
from models import Ambassador, Person, Review, ReviewStatus, Urgency

_SHOWN = 5
"""Each is a message of its own, one a second: what is asked later is answered after them."""


async def listed(update: Update, context: Context) -> None:
    """``/review``: what has waited longest for somebody to look at it; for coordinators also what
    is overdue."""
    here, me = context.here, context.here.me
    items = [item for item in await here.work.reviews.waiting() if await _is_theirs(here, me, item)]
    if not items:
        await here.reply("review.none")
        return
    more = len(items) - _SHOWN
    if more > 0:
        await here.reply("review.list_oldest", count=len(items), shown=_SHOWN, more=more)
    else:
        await here.reply("review.list", count=len(items))
    for item in items[:_SHOWN]:
        await review.show(here.work, item, me)


async def decided(update: Update, context: Context) -> None:
    """A tap on "Page" or "Fine". The first decision counts; a later one is told so."""
    here, me = context.here, context.here.me
    assert context.match is not None
    item = await here.work.reviews.find(int(context.match[1]))
    if item is None or not item.status.waits:
        await here.answer(update, "review.answer_decided")
        return
    if not await _is_theirs(here, me, item):
        await here.answer(update, "page.answer_unknown")
        return
    if context.match[3] and context.match[3] != review.seal(item):
        await here.answer(update, "review.answer_grown")
        await review.show(here.work, item, me)
        return
    if context.match[2] == "fine":
        await here.answer(update, "review.answer_fine")
        await review.close(here.work, item, ReviewStatus.FINE, me)
        await here.work.audit.record("review_fine", by=me, subject=f"review:{item.id}")
        return
    await here.answer(update, "review.answer_paged")
    await here.work.audit.record("review_paged", by=me, subject=f"review:{item.id}")
    await _page(here, me, item)


async def _is_theirs(here: Here, me: Ambassador, item: Review) -> bool:
    person = await here.work.people.person(item.person_id)
    return person.chat_key != me.chat_key and review.may_decide(item, me)


async def _page(here: Here, me: Ambassador, item: Review) -> None:
    """A human heard more than the bot did: a case is opened, or raised, and the person is told."""
    work = here.work
    person = await work.people.person(item.person_id)
    words = await review.close(work, item, ReviewStatus.PAGED, me)
    await _tell(here, person, item)
    case = await work.cases.of_person(person)
    if case is not None:
        await escalation.happen(work, case, PersonSpoke(Urgency.URGENT, item.theme))
        return
    case = await escalation.open_for(work, person, Urgency.URGENT, item.theme)
    for one in words:
        await said.keep_words(work, case, person, one.message_id, one.text)
    if item.minor:
        await escalation.flag_minor(work, case)
    await escalation.begin(work, case, Urgency.URGENT, item.theme)


async def _tell(here: Here, person: Person, item: Review) -> None:
    work = here.work
    block = numbers(
        work.texts, work.community.directory, person.country, item.theme, person.language, work.now
    )
    html = work.texts.say(
        "review.person_paged",
        person.language,
        community=work.community.name,
        numbers=block,
    )
    await work.letters.put(person.chat_id, Text(html), priority=Priority.REPLY)
