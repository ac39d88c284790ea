"""The review list: what triage is unsure of is shown to humans, quietly, and the first decides.

Items are made here, shown, kept up to date on every phone that shows them, and closed. Paging
after a decision is `bot.engine.escalation`'s.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.core.reading import Reading
from bot.engine.letters import Button, Edit, Keyboard, Priority, Text
from bot.engine.work import UnitOfWork, Words
from bot.texts import Html
from bot.texts.split import split
from models import Ambassador, Outbox, Person, Review, ReviewStatus, Role, Urgency

OVERDUE_AFTER = timedelta(days=1)
"""After this an item moves to the coordinators' list. It never closes by itself."""

_WORDS_UNITS = 1200
_log = structlog.get_logger()


async def note(work: UnitOfWork, person: Person, words: Words, reading: Reading) -> Review:
    """Let ``words`` join the item of ``person``, or begin one and show it to those on call."""
    item = await work.reviews.of_person(person)
    if item is None:
        item = await work.reviews.add(
            Review(
                person_id=person.id,
                status=ReviewStatus.OPEN,
                words=_written([words]),
                urgency=reading.urgency,
                theme=reading.theme,
                reasons=list(reading.reasons),
                language=reading.language,
                minor=reading.minor,
                shown_to=[],
                opened_at=work.now,
                overdue_at=work.now + OVERDUE_AFTER,
            )
        )
        _log.info("review_opened", urgency=item.urgency, theme=item.theme)
        await _show_first(work, item, person)
        return item
    kept = [one for one in words_of(item) if one.message_id != words.message_id]
    item.words = _written([*kept, words])
    item.urgency = Urgency.highest(item.urgency, reading.urgency)
    item.reasons = sorted({*item.reasons, *reading.reasons})
    item.language = reading.language or item.language
    item.minor = item.minor or reading.minor
    await _show_anew(work, item, person)
    if item.status is ReviewStatus.OVERDUE:
        # Where it lies, nobody on call would see what is new.
        item.status, item.overdue_at = ReviewStatus.OPEN, work.now + OVERDUE_AFTER
        await _show_first(work, item, person)
    return item


async def says_safe(work: UnitOfWork, person: Person) -> None:
    """The person said that they are safe: those who decide see it, and decide all the same."""
    item = await work.reviews.of_person(person)
    if item is not None and not item.says_safe:
        item.says_safe = True
        await _show_anew(work, item, person)


async def stopped(work: UnitOfWork, person: Person) -> None:
    """The person asked the bot to stop: those who decide see it, and decide all the same."""
    item = await work.reviews.of_person(person)
    if item is not None:
        await _show_anew(work, item, person)


async def show(work: UnitOfWork, item: Review, ambassador: Ambassador) -> None:
    """Show ``item`` to one more ambassador, and remember that they read its words."""
    person = await work.people.person(item.person_id)
    language = ambassador.language
    html = _html(work, item, person, language)
    await work.letters.put(
        ambassador.chat_id,
        Text(html, _buttons(work, item, language), protect=True, silent=True),
        priority=Priority.REST,
        review_id=item.id,
    )
    if ambassador.id not in item.shown_to:
        item.shown_to = [*item.shown_to, ambassador.id]
    await work.audit.record("review_shown", by=ambassador, subject=f"review:{item.id}")


async def close(
    work: UnitOfWork, item: Review, status: ReviewStatus, by: Ambassador | None
) -> Sequence[Words]:
    """End ``item``; its words, which are kept no longer. Every phone that shows it says so."""
    words = words_of(item)
    item.status = status
    item.decided_at = work.now
    item.decided_by = by.id if by else None
    item.words = None
    _log.info("review_closed", mode=status)
    person = await work.people.person(item.person_id)
    for letter in await work.letters.of_review(item.id):
        if await work.letters.take_back(letter):
            continue
        language = await _language_of(work, letter)
        html = work.texts.say(
            f"review.{status}",
            language,
            head=_head(work, item, person, language),
            by=by.name if by else "",
        )
        await work.letters.change(letter, Edit(html), priority=Priority.REST)
    return words


async def overtake(work: UnitOfWork, person: Person) -> None:
    """A case was opened for ``person``: nobody need decide about their item any more."""
    item = await work.reviews.of_person(person)
    if item is not None:
        await close(work, item, ReviewStatus.OVERTAKEN, None)


async def move_overdue(work: UnitOfWork) -> bool:
    """Hand one item that waited too long to the coordinators; whether there was one."""
    item = await work.reviews.next_overdue()
    if item is None:
        return False
    item.status = ReviewStatus.OVERDUE
    person = await work.people.person(item.person_id)
    for letter in await work.letters.of_review(item.id):
        if not await work.letters.take_back(letter):
            language = await _language_of(work, letter)
            html = work.texts.say(
                "review.overdue", language, head=_head(work, item, person, language)
            )
            await work.letters.change(letter, Edit(html), priority=Priority.REST)
    _log.info("review_overdue")
    for coordinator in await work.people.coordinators(but=person):
        await show(work, item, coordinator)
    return True


def seal(item: Review) -> str:
    """Stands for the words as they are: whoever finds them fine has seen these and no fewer."""
    return f"{zlib.crc32((item.words or '').encode()):08x}"


def may_decide(item: Review, ambassador: Ambassador) -> bool:
    """Whether ``item`` is on this ambassador's list: overdue ones are the coordinators'."""
    return item.status is ReviewStatus.OPEN or ambassador.role is Role.COORDINATOR


def words_of(item: Review) -> list[Words]:
    """What the person wrote, oldest first; nothing once it is decided."""
    return [Words(number, text) for number, text in json.loads(item.words or "[]")]


def _written(words: Sequence[Words]) -> str:
    return json.dumps([[one.message_id, one.text] for one in words], ensure_ascii=False)


async def _show_first(work: UnitOfWork, item: Review, person: Person) -> None:
    """Those on call; where there are none everybody who is free; else the coordinators."""
    roster = await work.rosters.roster(but=person)
    chosen = (
        tuple(dict.fromkeys((*roster.primary, *roster.backup)))
        or roster.everyone
        or roster.coordinators
    )
    for ambassador in await work.people.ambassadors():
        if ambassador.id in chosen:
            await show(work, item, ambassador)


async def _show_anew(work: UnitOfWork, item: Review, person: Person) -> None:
    for letter in await work.letters.of_review(item.id):
        ambassador = await work.people.ambassador_in(letter.chat_id)
        if ambassador is None or not may_decide(item, ambassador):
            continue
        html = _html(work, item, person, ambassador.language)
        edit = Edit(html, _buttons(work, item, ambassador.language))
        await work.letters.change(letter, edit, priority=Priority.REST)


def _html(work: UnitOfWork, item: Review, person: Person, language: str | None) -> Html:
    texts = work.texts
    parts = split("\n".join(one.text for one in words_of(item)), _WORDS_UNITS)
    lines = [texts.say("minor.flag_unsure", language)] if item.minor else []
    if item.says_safe:
        lines.append(texts.say("review.says_safe", language))
    if person.stopped_at is not None:
        lines.append(texts.say("review.stopped", language))
    if item.language and item.language != "en":
        lines.append(texts.say("review.language", language, code=item.language))
    return texts.say(
        "review.item",
        language,
        head=_head(work, item, person, language),
        notes=Html("".join(f"{line}\n" for line in lines)),
        words=parts[-1] if len(parts) < 2 else f"…{parts[-1]}",
    )


def _head(work: UnitOfWork, item: Review, person: Person, language: str | None) -> Html:
    return work.texts.say(
        "case.head",
        language,
        label=item.label,
        pseudonym=person.pseudonym,
        theme=work.texts.say("review.theme", language),
    )


def _buttons(work: UnitOfWork, item: Review, language: str | None) -> Keyboard:
    texts = work.texts
    return (
        (
            Button(texts.say("review.page", language), f"review:{item.id}:page"),
            Button(texts.say("review.looks_fine", language), f"review:{item.id}:fine:{seal(item)}"),
        ),
    )


async def _language_of(work: UnitOfWork, letter: Outbox) -> str | None:
    ambassador = await work.people.ambassador_in(letter.chat_id)
    return ambassador.language if ambassador else None
