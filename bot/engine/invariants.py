"""The promises of Holdfast as questions to the database: each finds what breaks one.

They hold at every moment, between any two transactions. `holdfast doctor` asks them, and so do
the tests after every journey and every death.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.store.audit import first_broken_entry
from models.keyring import SEALED
from models.quick import LONG

_GRACE = timedelta(seconds=60)
"""How late an update may be handled, or a due case be woken, before something is wrong."""
_LONGEST_PAGE = timedelta(hours=1) + _GRACE
"""No rung may wait longer than an hour."""
_LONGEST_TRIED = timedelta(minutes=10)
"""How long the first letter of a chat may be tried before somebody should look."""
AUDIT_CHAIN = "audit_chain"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One promise. ``broken`` selects the ids of rows that break it.

    It says of what is over that it is not asked for, even where another condition implies that, in
    the very words of an index that holds the rest alone: SQLite knows the index by them.

    ``:late`` is a minute ago, ``:soon`` a minute ahead, ``:stuck`` so long ago that no letter
    should still be tried, ``:long_ago`` longer than any page lasts, ``:sealed`` the byte that
    sealed text begins with.
    """

    name: str
    promise: str
    broken: TextClause

    async def rows(
        self, connection: AsyncConnection, values: Mapping[str, object]
    ) -> Sequence[int]:
        """The ids of the rows that break it, with the ``values`` that `values_at` gives."""
        used = {name: value for name, value in values.items() if f":{name}" in self.broken.text}
        # They look at much that is in flight, every minute: pages must not wait for that.
        asked = text(LONG + self.broken.text)
        return (await connection.execute(asked, used)).scalars().all()


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
        # Turned around, lest SQLite look through all that ever came, by their times.
        text("SELECT id FROM inbox WHERE status = 'waiting' AND NOT received_at >= :late"),
    ),
    Invariant(
        "case_has_next_step",
        "Every open, unclaimed case has a page in flight or a wake-up in the future.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status = 'open' "
            "AND (wake_at IS NULL OR wake_at < :late) "
            "AND NOT EXISTS (SELECT 1 FROM page WHERE page.case_id = cases.id "
            "AND page.status IN ('queued', 'sent') AND page.queued_at > :late)"
        ),
    ),
    Invariant(
        "rung_ends_in_time",
        "An open case is looked at when its rung ends, and no later.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status = 'open' "
            "AND rung_ends_at < :late AND wake_at > rung_ends_at"
        ),
    ),
    Invariant(
        "only_a_holder_offers",
        "No case is on offer but one that somebody holds.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status = 'open' "
            "AND offered_to IS NOT NULL"
        ),
    ),
    Invariant(
        "claimed_case_wakes",
        "A claimed case is looked at when it is due.",
        text("SELECT id FROM cases WHERE status = 'claimed' AND wake_at < :late"),
    ),
    Invariant(
        "letter_leaves",
        "Every letter is sent, or tried again, soon after it is due, and none for ever.",
        text(
            "SELECT id FROM outbox WHERE status = 'waiting' AND (created_at < :stuck OR "
            "due_at < :late AND (leased_until IS NULL OR leased_until < :late)) AND NOT EXISTS "
            "(SELECT 1 FROM outbox earlier WHERE earlier.chat_key = outbox.chat_key "
            "AND earlier.status = 'waiting' AND earlier.id < outbox.id)"
        ),
    ),
    Invariant(
        "page_ends",
        "Every page ends, at the latest with the longest wait a rung may have.",
        text(
            "SELECT id FROM page WHERE status IN ('queued', 'sent') "
            "AND (queued_at < :long_ago OR ended_at IS NOT NULL)"
        ),
    ),
    Invariant(
        "page_ends_with_its_case",
        "No page is in flight for a case that is claimed or closed.",
        text(
            "SELECT id FROM page WHERE status IN ('queued', 'sent') "
            "AND (SELECT status FROM cases WHERE cases.id = page.case_id) <> 'open'"
        ),
    ),
    Invariant(
        "one_holder",
        "A claimed case has one holder, and no other case has any.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status IN ('open', 'claimed') "
            "AND (status = 'claimed') <> (holder_id IS NOT NULL)"
        ),
    ),
    Invariant(
        "holder_belongs",
        "Nobody who has left the community holds a case.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status = 'claimed' "
            "AND holder_id IN (SELECT id FROM ambassador WHERE left_at IS NOT NULL)"
        ),
    ),
    Invariant(
        "no_case_is_of_the_future",
        "No case waits for a time that a clock running ahead has set.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status IN ('open', 'claimed') "
            "AND cycle_began_at > :soon"
        ),
    ),
    Invariant(
        "waiting_person_is_watched",
        "A claimed case whose person waits has a wake-up.",
        text(
            "SELECT id FROM cases WHERE status <> 'closed' AND status = 'claimed' "
            "AND waiting_since IS NOT NULL AND wake_at IS NULL"
        ),
    ),
    Invariant(
        "page_has_letter",
        "Every queued page has a letter on its way.",
        text(
            "SELECT page.id FROM page WHERE page.status IN ('queued', 'sent') "
            "AND page.status <> 'sent' AND NOT EXISTS "
            "(SELECT 1 FROM outbox WHERE outbox.page_id = page.id AND outbox.status = 'waiting')"
        ),
    ),
    Invariant(
        "words_reach_holder",
        "What a person wrote in a claimed case was relayed to a holder.",
        text(
            "SELECT id FROM message WHERE case_id IN "
            "(SELECT id FROM cases WHERE status <> 'closed' AND status = 'claimed') "
            "AND speaker = 'person' AND said_at < :late AND NOT EXISTS "
            "(SELECT 1 FROM outbox WHERE outbox.said_id = message.id)"
        ),
    ),
    Invariant(
        "nobody_away_is_paged",
        "Nobody who is away or has left is paged, but a coordinator on the last rung.",
        text(
            "SELECT page.id FROM page JOIN ambassador ON ambassador.id = page.ambassador_id "
            "WHERE page.status IN ('queued', 'sent') AND (ambassador.left_at < page.queued_at "
            "OR (ambassador.role <> 'coordinator' AND EXISTS "
            "(SELECT 1 FROM away WHERE away.ambassador_id = page.ambassador_id "
            "AND away.created_at < page.queued_at AND away.starts_at <= page.queued_at "
            "AND (away.ends_at IS NULL OR away.ends_at > page.queued_at))))"
        ),
    ),
    Invariant(
        "closed_is_over",
        "A closed case never wakes.",
        text("SELECT id FROM cases WHERE status = 'closed' AND wake_at IS NOT NULL"),
    ),
    Invariant(
        "words_are_sealed",
        "A person's words are on disk only encrypted.",
        text(
            "SELECT id FROM message WHERE case_id IN "
            "(SELECT id FROM cases WHERE status <> 'closed' AND status IN ('open', 'claimed')) "
            "AND words IS NOT NULL AND substr(words, 1, 1) <> :sealed"
        ),
    ),
)


async def breaches(session: AsyncSession, now: datetime, *, audit_from: int = 0) -> list[Breach]:
    """Every promise that is broken at ``now``; of the audit, entries after ``audit_from``."""
    found = []
    connection = await session.connection()
    values = values_at(now, is_sqlite=connection.dialect.name == "sqlite")
    for invariant in INVARIANTS:
        rows = await invariant.rows(connection, values)
        if rows:
            found.append(Breach(invariant.name, invariant.promise, tuple(rows)))
    broken = await first_broken_entry(session, after=audit_from)
    if broken is not None:
        found.append(Breach(AUDIT_CHAIN, "The audit is unaltered.", (broken,)))
    return found


def values_at(now: datetime, *, is_sqlite: bool) -> dict[str, object]:
    """What the names in `Invariant.broken` stand for at ``now``."""
    # Times are compared as each database keeps them.
    times = {
        "late": now - _GRACE,
        "soon": now + _GRACE,
        "stuck": now - _LONGEST_TRIED,
        "long_ago": now - _LONGEST_PAGE,
    }
    return {
        name: at.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else at for name, at in times.items()
    } | {"sealed": SEALED}
