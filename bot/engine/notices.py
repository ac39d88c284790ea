"""What is said when a case moves: the letters that carry out the effects of `decide`."""

from __future__ import annotations

from datetime import timedelta

from bot.core.decide import Notice, OfferEnd, Warning
from bot.core.policy import Loudness
from bot.engine import relay
from bot.engine.letters import Button, Edit, Keyboard, Priority, Text
from bot.engine.safeguarding import flag
from bot.engine.work import UnitOfWork
from bot.texts import Html
from bot.texts.numbers import numbers
from bot.texts.split import split, units
from models import (
    Ambassador,
    Case,
    CaseStatus,
    OutboxStatus,
    Page,
    PageStatus,
    Person,
    Speaker,
)

_EXCERPT_UNITS = 600
_JUST_NOW = timedelta(minutes=1)
_WAITS_ON = (Notice.ASKED, Notice.STILL_ASKING, Notice.NOBODY_FREE)
"""What a person reads while they wait as before."""


async def page(
    work: UnitOfWork, case: Case, page: Page, person: Person, loudness: Loudness
) -> None:
    """Ask one ambassador to take the case, as loudly as its rung says."""
    ambassador = await work.people.ambassador(page.ambassador_id)
    texts, language = work.texts, ambassador.language
    words = [
        message.words
        for message in await work.cases.messages(case)
        if message.words and message.speaker is Speaker.PERSON and message.said_at >= case.began_at
    ]
    excerpt = _excerpt("\n".join(words))
    html = texts.say(
        f"page.{case.urgency}",
        language,
        head=page_head(work, case, person, language),
        waited=texts.say("waited", language, time=waited(work, case, language)),
        asked=await asked(work, case),
        excerpt=(
            texts.say("page.excerpt", language, words=excerpt)
            if excerpt
            else texts.say("page.no_words", language)
        ),
    )
    html = _called(work, case, html, ambassador)
    html = await _flagged(work, case, person, html, ambassador)
    buttons: Keyboard = (
        (
            Button(texts.say("page.accept", language), f"page:{page.id}:accept"),
            Button(texts.say("page.decline", language), f"page:{page.id}:decline"),
        ),
    )
    await work.letters.put(
        ambassador.chat_id,
        Text(html, buttons, protect=True, silent=loudness is Loudness.QUIET),
        priority=Priority.PAGE,
        case_id=case.id,
        page_id=page.id,
    )


async def page_again(
    work: UnitOfWork, case: Case, earlier: Page, person: Person, loudness: Loudness
) -> None:
    """Ask anew, as the case is now, whoever has an older page of it and has not answered.

    A message that is only changed makes no sound: so it loses its buttons, and a new one comes.
    """
    letters = [one for one in await work.letters.of_pages(case.id) if one.page_id == earlier.id]
    standing = [one for one in letters if one.status is not OutboxStatus.WITHDRAWN]
    if standing and not await work.letters.take_back(standing[-1]):
        ambassador = await work.people.ambassador(earlier.ambassador_id)
        language = ambassador.language
        head = page_head(work, case, person, language)
        html = work.texts.say("page.raised", language, head=head)
        await work.letters.change(standing[-1], Edit(html), priority=Priority.PAGE)
    await page(work, case, earlier, person, loudness)


def _excerpt(words: str) -> str:
    """How it began, and what was said last: at a later page that is what matters most."""
    if units(words) <= _EXCERPT_UNITS:
        return words
    first = split(words, _EXCERPT_UNITS // 3)[0]
    last = split(words[::-1], _EXCERPT_UNITS - units(first))[0][::-1]
    return f"{first}…\n…{last}"


async def _flagged(
    work: UnitOfWork, case: Case, person: Person, html: Html, reader: Ambassador
) -> Html:
    """``html``, and below it, where the person seems to be under age, that they do."""
    return Html(f"{html}\n{await flag(work, person, reader)}") if case.minor else html


def _called(work: UnitOfWork, case: Case, html: Html, reader: Ambassador) -> Html:
    """``html``, and below it, where the emergency services were called already, that they were."""
    if case.emergency_called_at is None:
        return html
    owed = case.contact_confirmed_at is None
    called = work.texts.say("case.called" if owed else "case.called_and_there", reader.language)
    return Html(f"{html}\n\n{called}")


def page_head(work: UnitOfWork, case: Case, person: Person, language: str | None) -> Html:
    """``C12 · Quiet Heron · suicide``: how volunteers see a case in one line."""
    return work.texts.say(
        "case.head",
        language,
        label=case.label,
        pseudonym=person.pseudonym,
        theme=work.texts.say(f"theme.{case.theme}", language),
    )


def waited(work: UnitOfWork, case: Case, language: str | None) -> Html:
    """How long the person of ``case`` has been waiting, in words."""
    seconds = int((work.now - case.began_at).total_seconds())
    if seconds < 60:
        return work.texts.say("time.moment", language)
    if seconds < 3600:
        return work.texts.say("time.minutes", language, n=seconds // 60)
    return work.texts.say(
        "time.hours", language, hours=seconds // 3600, minutes=seconds % 3600 // 60
    )


async def asked(work: UnitOfWork, case: Case) -> int:
    """How many were asked since it was opened (again), without those whom no page reached."""
    return len(
        {
            page.ambassador_id
            for page in await work.cases.pages(case)
            if page.status is not PageStatus.FAILED and page.cycle >= case.first_cycle
        }
    )


async def show_declined(work: UnitOfWork, case: Case, page: Page, ambassador: Ambassador) -> None:
    """Show on a page that whoever was asked can't right now, and that it is all right."""
    if case.status is not CaseStatus.OPEN:
        return
    person = await work.people.person(case.person_id)
    head = page_head(work, case, person, ambassador.language)
    html = work.texts.say("page.declined", ambassador.language, head=head)
    for letter in await work.letters.of_pages(case.id):
        if letter.page_id == page.id and not await work.letters.take_back(letter):
            await work.letters.change(letter, Edit(html), priority=Priority.PAGE)


async def tell_went_back(work: UnitOfWork, case: Case, page: Page, ambassador: Ambassador) -> None:
    """Tell whoever writes to a case that went back from them so, and let them take it again.

    It carries their ``page``, so that it asks no longer once somebody has the case. Of several only
    the newest asks.
    """
    texts, language = work.texts, ambassador.language
    html = texts.say("case.went_back", language, label=case.label)
    earlier = [
        letter
        for letter in await work.letters.of_pages(case.id)
        if letter.page_id == page.id and letter.priority == Priority.REPLY
    ]
    await work.letters.put(
        ambassador.chat_id,
        Text(html, ((Button(texts.say("page.accept", language), f"page:{page.id}:accept"),),)),
        priority=Priority.REPLY,
        case_id=case.id,
        page_id=page.id,
    )
    for letter in earlier:
        letter.page_id = None
        if not await work.letters.take_back(letter):
            await work.letters.change(letter, Edit(html), priority=Priority.REPLY)


async def end_pages(work: UnitOfWork, case: Case, person: Person) -> None:
    """Show on every page of the case that it needs no answer any more."""
    holder = await work.people.ambassador(case.holder_id) if case.holder_id else None
    cycles = {page.id: page.cycle for page in await work.cases.pages(case)}
    for letter in await work.letters.of_pages(case.id):
        if cycles[letter.page_id or 0] < case.first_cycle:
            continue  # it was ended when the case was closed, before it was opened again
        if letter.status is OutboxStatus.WITHDRAWN or await work.letters.take_back(letter):
            continue
        ambassador = await work.people.ambassador_in(letter.chat_id)
        language = ambassador.language if ambassador else None
        if holder is None or case.status is CaseStatus.CLOSED:
            key = "page.over"
        elif ambassador is not None and ambassador.id == holder.id:
            key = "page.yours"
        else:
            key = "page.taken"
        html = work.texts.say(
            key,
            language,
            head=page_head(work, case, person, language),
            holder=holder.name if holder else "",
        )
        await work.letters.change(letter, Edit(html), priority=Priority.PAGE)


async def tell_person(work: UnitOfWork, case: Case, person: Person, notice: Notice) -> None:
    """Tell the person the truth about how things stand."""
    if notice not in _WAITS_ON:
        # Who is there has changed: a "yes" is no answer any more to whether they shall come.
        person.stop_asked_at = None
    texts, language = work.texts, person.language
    holder = await work.people.ambassador(case.holder_id) if case.holder_id else None
    count = await asked(work, case)
    soon = notice is Notice.STILL_ASKING and work.now - case.began_at < _JUST_NOW
    shown = numbers(texts, work.community.directory, person.country, case.theme, language, work.now)
    html = texts.say(
        "wait.asked_more" if soon else f"wait.{notice}",
        language,
        asked=texts.say("wait.one" if count == 1 else "wait.many", language, n=count),
        holder=holder.name if holder else "",
        numbers=shown,
    )
    if notice in (Notice.STILL_ASKING, Notice.ASKED_AGAIN) and not soon and case.urgency.pressing:
        html = Html(f"{html}\n\n{texts.say('wait.meanwhile', language, numbers=shown)}")
    buttons: Keyboard = ()
    if notice is Notice.STILL_ASKING or notice is Notice.NOBODY_FREE:
        buttons = ((Button(texts.say("button.resources", language), "help"),),)
    await work.letters.put(
        person.chat_id, Text(html, buttons), priority=Priority.REPLY, case_id=case.id
    )


async def tell_holder(
    work: UnitOfWork, case: Case, person: Person, ambassador_id: int, warning: Warning
) -> None:
    """Tell whoever holds, or held, the case about it."""
    ambassador = await work.people.ambassador(ambassador_id)
    holder = await work.people.ambassador(case.holder_id) if case.holder_id else None
    html = work.texts.say(
        f"holder.{warning}",
        ambassador.language,
        head=page_head(work, case, person, ambassador.language),
        urgency=work.texts.say(f"urgency.{case.urgency}", ambassador.language),
        holder=holder.name if holder else "",
    )
    await work.letters.put(ambassador.chat_id, Text(html), priority=Priority.REPLY, case_id=case.id)


async def hand_case(work: UnitOfWork, case: Case, person: Person, ambassador_id: int) -> None:
    """Give the case to its new holder: who it is, how to act, and what was said so far."""
    ambassador = await work.people.ambassador(ambassador_id)
    country = work.community.directory.country(person.country or "")
    html = work.texts.say(
        "case.handed",
        ambassador.language,
        head=page_head(work, case, person, ambassador.language),
        urgency=work.texts.say(f"urgency.{case.urgency}", ambassador.language),
        place=(
            f"{country.flag} {country.name}"
            if country
            else work.texts.say("case.place_unknown", ambassador.language)
        ),
    )
    html = _called(work, case, html, ambassador)
    html = await _flagged(work, case, person, html, ambassador)
    await work.letters.put(
        ambassador.chat_id,
        Text(html, case_buttons(work, case, ambassador), protect=True),
        priority=Priority.REPLY,
        case_id=case.id,
    )
    await relay.so_far(work, case, person, ambassador)
    if person.blocked_at is not None:
        html = work.texts.say("holder.person_blocked", ambassador.language, label=case.label)
        await work.letters.put(
            ambassador.chat_id, Text(html), priority=Priority.REPLY, case_id=case.id
        )


async def offer(work: UnitOfWork, case: Case, person: Person, ambassador_id: int) -> None:
    """Ask one ambassador whether they take the case over from its holder."""
    ambassador = await work.people.ambassador(ambassador_id)
    holder = await work.people.ambassador(case.holder_id) if case.holder_id else None
    texts, language = work.texts, ambassador.language
    html = texts.say(
        "handover.offer",
        language,
        head=page_head(work, case, person, language),
        urgency=texts.say(f"urgency.{case.urgency}", language),
        holder=holder.name if holder else "",
        minutes=_minutes(case.offer_ends_at - work.now) if case.offer_ends_at else 0,
    )
    html = _called(work, case, html, ambassador)
    buttons: Keyboard = (
        (
            Button(texts.say("handover.accept", language), f"hand:{case.id}:accept"),
            Button(texts.say("handover.decline", language), f"hand:{case.id}:decline"),
        ),
    )
    letter = await work.letters.put(
        ambassador.chat_id, Text(html, buttons), priority=Priority.PAGE, case_id=case.id
    )
    case.offer_letter = await work.letters.number_of(letter)


async def end_offer(
    work: UnitOfWork, case: Case, person: Person, ambassador_id: int, end: OfferEnd
) -> None:
    """Show on the offer what became of it."""
    letter = await work.letters.find(case.offer_letter) if case.offer_letter else None
    case.offer_letter = None
    if letter is None or await work.letters.take_back(letter):
        return
    ambassador = await work.people.ambassador(ambassador_id)
    head = page_head(work, case, person, ambassador.language)
    html = work.texts.say(f"handover.was_{end}", ambassador.language, head=head)
    await work.letters.change(letter, Edit(html), priority=Priority.REPLY)


async def ask_about_silence(work: UnitOfWork, case: Case, person: Person) -> None:
    """Ask coordinators what shall become of the case of a person who has gone silent."""
    holder = await work.people.ambassador(case.holder_id) if case.holder_id else None
    for coordinator in await work.people.coordinators(but=person):
        language = coordinator.language
        html = work.texts.say(
            "quiet.ask",
            language,
            head=page_head(work, case, person, language),
            urgency=work.texts.say(f"urgency.{case.urgency}", language),
            holder=holder.name if holder else "",
        )
        buttons: Keyboard = (
            (Button(work.texts.say("quiet.keep", language), f"quiet:{case.id}:keep"),),
            (Button(work.texts.say("quiet.take", language), f"quiet:{case.id}:take"),),
            (Button(work.texts.say("quiet.close", language), f"quiet:{case.id}:close"),),
        )
        await work.letters.put(
            coordinator.chat_id, Text(html, buttons), priority=Priority.REPLY, case_id=case.id
        )


def _minutes(span: timedelta) -> int:
    return max(1, round(span.total_seconds() / 60))


def case_buttons(work: UnitOfWork, case: Case, ambassador: Ambassador) -> Keyboard:
    """What a holder can do with a case by a tap."""
    texts, language = work.texts, ambassador.language
    if case.emergency_called_at is None:
        emergency = Button(texts.say("button.emergency", language), f"case:{case.id}:emergency")
    else:
        emergency = Button(texts.say("button.confirmed", language), f"case:{case.id}:confirmed")
    return (
        (
            Button(texts.say("button.close", language), f"case:{case.id}:close"),
            Button(texts.say("button.release", language), f"case:{case.id}:release"),
        ),
        (emergency,),
        (Button(texts.say("handover.button", language), f"case:{case.id}:handover"),),
    )
