"""An ambassador goes: for a while, out of reach, or for good. Nobody waits for who is gone."""

from __future__ import annotations

from bot.core.decide import Declined, OfferDeclined, Released
from bot.engine import notices
from bot.engine.escalation import alert_coordinators, happen
from bot.engine.work import UnitOfWork
from models import Ambassador, CaseStatus, PageStatus


async def spare(work: UnitOfWork, ambassador: Ambassador) -> None:
    """Take back whatever asks ``ambassador``, who is gone for now: others are asked at once."""
    for case in await work.cases.of_ambassador(ambassador.id):
        asked = await work.cases.asking(case, ambassador.id)
        if asked and await happen(work, case, Declined(ambassador.id)) is None:
            for page in asked:
                await notices.show_declined(work, case, page, ambassador)
    for case in await work.cases.offered_to(ambassador.id):
        await happen(work, case, OfferDeclined(ambassador.id))


async def out_of_reach(work: UnitOfWork, ambassador: Ambassador, *, by: Ambassador | str) -> None:
    """Telegram brings ``ambassador`` nothing any more: their pages and cases are decided anew."""
    # Their cases first, as by everybody who changes one, and again once nobody asks them any more.
    await work.cases.of_ambassador(ambassador.id)
    if not await work.people.lost(ambassador):
        return
    await work.rota.hold()
    for case in await work.cases.of_ambassador(ambassador.id):
        awaited = await work.cases.asking(case, ambassador.id)
        for page in awaited:
            page.status, page.ended_at = PageStatus.FAILED, work.now
        waits = bool(awaited) or case.holder_id == ambassador.id
        if waits and case.status is not CaseStatus.CLOSED:
            case.wake_at = work.now
    await work.audit.record("unreachable", by=by, subject=f"ambassador:{ambassador.id}")
    await alert_coordinators(work, "alert.unreachable", handle=ambassador.handle)


async def for_good(work: UnitOfWork, ambassador: Ambassador, by: Ambassador) -> None:
    """``ambassador`` belongs to the community no more: they are not paged, and see no case.

    What they hold goes back to the others at once; their shifts count as gaps from now on.
    """
    await work.rota.hold()
    ambassador.left_at = work.now
    ambassador.safeguards_since = None
    await spare(work, ambassador)
    for case in await work.cases.held_by(ambassador.id):
        await happen(work, case, Released())
    await work.channels.end(ambassador)
    await work.feeds.revoke(ambassador)
    await work.audit.record("removed", by=by, subject=f"ambassador:{ambassador.id}")
