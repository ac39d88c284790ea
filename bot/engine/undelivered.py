"""What follows from a letter that will never arrive: those who must know are told."""

from __future__ import annotations

from bot.engine.escalation import alert_coordinators
from bot.engine.letters import Priority, Text
from bot.engine.store.parcels import Parcel
from bot.engine.work import UnitOfWork
from models import Case, CaseStatus, Role, Speaker


async def chat_gone(work: UnitOfWork, parcel: Parcel, case: Case | None) -> None:
    """The chat's owner blocked the bot or is gone."""
    ambassador = await work.people.ambassador_in(parcel.chat_id)
    if ambassador is None:
        await _person_gone(work, parcel, case)
        return
    held = await work.cases.held_by(ambassador.id)
    if not await work.people.lost(ambassador):
        return
    for one in held:
        # A holder who cannot be reached holds nothing: the case is decided again at once.
        one.wake_at = work.now
    await work.audit.record("unreachable", by="courier", subject=f"ambassador:{ambassador.id}")
    await alert_coordinators(work, "alert.unreachable", handle=ambassador.handle)


async def _person_gone(work: UnitOfWork, parcel: Parcel, case: Case | None) -> None:
    person = await work.people.person_in(parcel.chat_id)
    if person is None or person.blocked_at is not None:
        return
    person.blocked_at = work.now
    if case is not None and case.status is CaseStatus.CLAIMED and case.holder_id is not None:
        holder = await work.people.ambassador(case.holder_id)
        html = work.texts.say("holder.person_gone", holder.language, label=case.label)
        await work.letters.put(holder.chat_id, Text(html), priority=Priority.REPLY, case_id=case.id)


async def rejected(work: UnitOfWork, parcel: Parcel) -> None:
    """Telegram will never take this letter: a defect. Whoever spoke through it is told so."""
    recipient = await work.people.ambassador_in(parcel.chat_id)
    if recipient is None or recipient.role is not Role.COORDINATOR:
        # An alarm that cannot be delivered does not raise another.
        await alert_coordinators(work, "alert.rejected", letter=parcel.id)
    message = await work.cases.message(parcel.said_id) if parcel.said_id else None
    if message is None or parcel.changes is not None:
        return
    by_person = message.speaker is Speaker.PERSON
    await work.letters.put(
        message.source_chat_id,
        Text(work.texts.say("relay.lost_person" if by_person else "relay.lost_holder")),
        priority=Priority.REPLY,
        case_id=parcel.case_id,
    )
