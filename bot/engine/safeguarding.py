"""Who is told where a person seems to be under age, and how others read of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.work import UnitOfWork
from bot.texts import Html
from models import Ambassador, Person


async def lead_for(work: UnitOfWork, person: Person) -> Ambassador | None:
    """The safeguarding lead, where one is set, can be reached and is not ``person`` themselves."""
    lead = await work.people.safeguarding_lead()
    if lead is None or lead.unreachable_at is not None or lead.chat_key == person.chat_key:
        return None
    return None if await work.rota.is_away(lead) else lead


async def told_of(work: UnitOfWork, person: Person) -> Sequence[Ambassador]:
    """The safeguarding lead, or else every coordinator; never ``person`` themselves."""
    lead = await lead_for(work, person)
    return [lead] if lead is not None else await work.people.coordinators(but=person)


async def flag(work: UnitOfWork, person: Person, reader: Ambassador) -> Html:
    """The line that ``reader`` reads of a person who seems to be under age."""
    lead = await lead_for(work, person)
    if lead is None:
        return work.texts.say("minor.flag_coordinators", reader.language)
    if lead.id == reader.id:
        return work.texts.say("minor.flag_yours", reader.language)
    return work.texts.say("minor.flag_lead", reader.language, handle=lead.handle)
