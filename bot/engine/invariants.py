"""The promises of Holdfast as questions to the database: each finds what breaks one.

They hold at every moment, between any two transactions. `holdfast doctor` asks them, and so do
the tests after every journey and every death.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.store.audit import first_broken_entry

_GRACE = timedelta(seconds=60)
"""How late an update may be handled, or a due case be woken, before something is wrong."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One promise. ``broken`` selects the ids of rows that break it as of ``:late``."""

    name: str
    promise: str
    broken: TextClause


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that is broken, and the rows that break it."""

    invariant: str
    promise: str
    rows: tuple[int, ...]


INVARIANTS: Sequence[Invariant] = (
    Invariant(
        "inbox_moves",
        "Every update is handled, and soon.",
        text("SELECT id FROM inbox WHERE status = 'waiting' AND received_at < :late"),
    ),
    Invariant(
        "case_has_next_step",
        "Every open, unclaimed case has a page in flight or a wake-up in the future.",
        text(
            "SELECT id FROM cases WHERE status = 'open' AND (wake_at IS NULL OR wake_at < :late) "
            "AND NOT EXISTS (SELECT 1 FROM page WHERE page.case_id = cases.id "
            "AND page.status IN ('queued', 'sent') AND page.queued_at > :late)"
        ),
    ),
    Invariant(
        "page_ends_with_its_case",
        "No page is in flight for a case that is claimed or closed.",
        text(
            "SELECT page.id FROM page JOIN cases ON cases.id = page.case_id "
            "WHERE page.status IN ('queued', 'sent') AND cases.status <> 'open'"
        ),
    ),
    Invariant(
        "one_holder",
        "A claimed case has one holder, and no other case has any.",
        text(
            "SELECT id FROM cases WHERE (status = 'claimed' AND holder_id IS NULL) "
            "OR (status = 'open' AND holder_id IS NOT NULL)"
        ),
    ),
    Invariant(
        "waiting_person_is_watched",
        "A claimed case whose person waits has a wake-up.",
        text(
            "SELECT id FROM cases WHERE status = 'claimed' AND waiting_since IS NOT NULL "
            "AND wake_at IS NULL"
        ),
    ),
    Invariant(
        "page_has_letter",
        "Every queued page has a letter on its way.",
        text(
            "SELECT page.id FROM page WHERE page.status = 'queued' AND NOT EXISTS "
            "(SELECT 1 FROM outbox WHERE outbox.page_id = page.id AND outbox.status = 'waiting')"
        ),
    ),
    Invariant(
        "closed_is_over",
        "A closed case never wakes.",
        text("SELECT id FROM cases WHERE status = 'closed' AND wake_at IS NOT NULL"),
    ),
)


async def breaches(session: AsyncSession, now: datetime) -> list[Breach]:
    """Every promise that is broken at ``now``."""
    found = []
    # Times are compared as each database keeps them.
    connection = await session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    late = now - _GRACE
    params = {"late": late.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else late}
    for invariant in INVARIANTS:
        used = params if ":late" in invariant.broken.text else {}
        rows = (await connection.execute(invariant.broken, used)).scalars().all()
        if rows:
            found.append(Breach(invariant.name, invariant.promise, tuple(rows)))
    broken = await first_broken_entry(session)
    if broken is not None:
        found.append(Breach("audit_chain", "The audit is unaltered.", (broken,)))
    return found
