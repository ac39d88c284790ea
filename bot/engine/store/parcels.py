"""Letters on their way: taken from the outbox under a lease, and crossed off when they arrived."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Update, bindparam, case, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Case, CaseStatus, Outbox, OutboxStatus, Page, PageStatus
from models.types import UtcDateTime
from models.vocabulary import IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Parcel:
    """One letter in the hands of this courier, and of nobody else while its lease lasts.

    ``target`` is the message that it changes: None where it changes none, and also where the
    earlier letter, ``changes``, never became a message.
    """

    id: int
    chat_key: str
    chat_id: str
    letter: str | None
    priority: int
    attempts: int
    changes: int | None
    case_id: int | None
    page_id: int | None
    said_id: int | None
    leased_until: datetime
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parcel that Telegram took, as this message where it made one."""

    parcel: Parcel
    message_id: int | None
    has_buttons: bool


_COLUMNS = (
    *("id", "chat_key", "chat_id", "letter", "priority", "attempts", "changes"),
    *("case_id", "page_id", "said_id"),
)


@cache
def _take() -> Update:
    """Lease the first letter of each chat that is due and free, pressing chats first."""
    now = bindparam("now", type_=UtcDateTime())
    earlier, other = aliased(Outbox), aliased(Outbox)
    pressing = (
        select(func.min(other.priority))
        .where(
            col(other.chat_key) == col(Outbox.chat_key),
            col(other.status) == OutboxStatus.WAITING,
            # Says nothing new of the first of its chat, but leads SQLite to the waiting ones
            # instead of through every letter the chat ever got.
            col(other.id) >= col(Outbox.id),
        )
        .scalar_subquery()
    )
    free = (
        select(col(Outbox.id))
        .where(
            col(Outbox.status) == OutboxStatus.WAITING,
            col(Outbox.due_at) <= now,
            or_(col(Outbox.leased_until).is_(None), col(Outbox.leased_until) <= now),
            ~exists().where(
                col(earlier.chat_key) == col(Outbox.chat_key),
                col(earlier.status) == OutboxStatus.WAITING,
                col(earlier.id) < col(Outbox.id),
            ),
        )
        .order_by(pressing, col(Outbox.id))
        .limit(bindparam("count", type_=Integer()))
        .with_for_update(skip_locked=True, of=Outbox)
        .cte("free")
    )
    return (
        update(Outbox)
        .where(col(Outbox.id) == free.c.id)
        .values(leased_until=bindparam("until", type_=UtcDateTime()))
        .returning(*(getattr(Outbox, name) for name in _COLUMNS))
    )


async def take(
    session: AsyncSession, now: datetime, until: datetime, count: int
) -> Sequence[Parcel]:
    """The first letter of each of up to ``count`` chats, those with pages before others.

    A page that needs no answer any more does not leave: its letter is withdrawn.
    """
    connection = await session.connection()
    found: list[Parcel] = []
    while len(found) < count:
        values = {"now": now, "until": until, "count": count - len(found)}
        rows = (await connection.execute(_take(), values)).all()
        if not rows:
            break
        over = await _over(session, [row.page_id for row in rows if row.page_id is not None])
        kept = [row for row in rows if row.page_id not in over]
        await _withdraw(session, [row.id for row in rows if row.page_id in over])
        targets = await _targets(session, [row.changes for row in kept if row.changes is not None])
        for row in kept:
            found.append(
                Parcel(
                    id=row.id,
                    chat_key=row.chat_key,
                    chat_id=row.chat_id,
                    letter=row.letter,
                    priority=row.priority,
                    attempts=row.attempts,
                    changes=row.changes,
                    case_id=row.case_id,
                    page_id=row.page_id,
                    said_id=row.said_id,
                    leased_until=until,
                    target=targets.get(row.changes),
                )
            )
        if len(kept) == len(rows):
            break
    return sorted(found, key=lambda one: (one.priority, one.id))


async def _over(session: AsyncSession, page_ids: Sequence[int]) -> Collection[int]:
    """Which of these pages are answered or have ended otherwise."""
    if not page_ids:
        return ()
    connection = await session.connection()
    return set((await connection.execute(_OVER, {"pages": page_ids})).scalars())


_PAGES = col(Page.id).in_(bindparam("pages", expanding=True))
_OVER = (
    select(col(Page.id))
    .join(Case, col(Case.id) == col(Page.case_id))
    .where(
        _PAGES,
        col(Page.status).not_in(IN_FLIGHT),
        # Of a case that went back whoever had it may be asked to take it again.
        or_(col(Page.status) != PageStatus.ACCEPTED, col(Case.status) != CaseStatus.OPEN),
    )
)
_WITH_WHOM = (
    update(Page)
    .where(_PAGES)
    .values(
        # Asked anew when its case rises, a page was with whoever is asked since the first time.
        sent_at=func.coalesce(col(Page.sent_at), bindparam("now", type_=UtcDateTime())),
        status=case(
            (col(Page.status) == PageStatus.QUEUED, PageStatus.SENT), else_=col(Page.status)
        ),
    )
)


async def _withdraw(session: AsyncSession, ids: Sequence[int]) -> None:
    if ids:
        await (await session.connection()).execute(
            update(Outbox)
            .where(col(Outbox.id).in_(ids))
            .values(status=OutboxStatus.WITHDRAWN, letter=None, leased_until=None)
        )


async def _targets(session: AsyncSession, ids: Sequence[int]) -> dict[int, int | None]:
    if not ids:
        return {}
    query = select(col(Outbox.id), col(Outbox.message_id)).where(col(Outbox.id).in_(ids))
    rows = (await (await session.connection()).execute(query)).all()
    return {row.id: row.message_id for row in rows}


async def renew(session: AsyncSession, parcel: Parcel, until: datetime) -> bool:
    """Lease ``parcel`` anew; False where it is not ours any more, or need not leave any more."""
    if parcel.page_id is not None and await _over(session, [parcel.page_id]):
        await change(session, parcel, status=OutboxStatus.WITHDRAWN, letter=None, leased_until=None)
        return False
    return await change(session, parcel, leased_until=until)


async def change(session: AsyncSession, parcel: Parcel, **values: Any) -> bool:
    """Write down what became of ``parcel``; False where its lease ran out and others took it."""
    changed = await (await session.connection()).execute(
        update(Outbox)
        .where(
            col(Outbox.id) == parcel.id,
            col(Outbox.status) == OutboxStatus.WAITING,
            col(Outbox.leased_until) == parcel.leased_until,
        )
        .values(values)
    )
    return bool(changed.rowcount)


async def cross_off(
    session: AsyncSession, arrivals: Sequence[Arrival], now: datetime
) -> Sequence[Arrival]:
    """Write down that these arrived, and that their pages are with whoever is asked.

    Gives back those that another courier was quicker with: they arrived twice. One that is no more,
    as after a database that lost its last moments, is nobody's.
    """
    if not arrivals:
        return ()
    await _lock_cases(session, arrivals)
    connection = await session.connection()
    numbers = {"numbers": [one.parcel.id for one in arrivals]}
    kept = {row.id: row for row in (await connection.execute(_KEPT, numbers)).all()}
    arrivals = [one for one in arrivals if one.parcel.id in kept]
    new = [one for one in arrivals if kept[one.parcel.id].status is OutboxStatus.WAITING]
    if new:
        values = [{"number": one.parcel.id, "message": one.message_id, "now": now} for one in new]
        await connection.execute(_ARRIVED, values)
    pages = [one.parcel.page_id for one in new if one.parcel.page_id is not None]
    if pages:
        await connection.execute(_WITH_WHOM, {"pages": pages, "now": now})
    # What has this very message is only written down a second time, after a commit of which
    # nobody could tell whether it came through.
    return [
        one
        for one in arrivals
        if one not in new and kept[one.parcel.id].message_id != one.message_id
    ]


_KEPT = (
    select(col(Outbox.id), col(Outbox.status), col(Outbox.message_id))
    .where(col(Outbox.id).in_(bindparam("numbers", expanding=True)))
    .order_by(col(Outbox.id))
    .with_for_update()
)
_ARRIVED = (
    update(Outbox)
    .where(col(Outbox.id) == bindparam("number"))
    .values(
        status=OutboxStatus.SENT,
        letter=None,
        leased_until=None,
        error=None,
        message_id=bindparam("message"),
        sent_at=bindparam("now"),
    )
)


async def _lock_cases(session: AsyncSession, arrivals: Sequence[Arrival]) -> None:
    """The letters' cases, locked before anything else, as everybody does who changes a case."""
    connection = await session.connection()
    cases = {one.parcel.case_id for one in arrivals} - {None}
    if cases and connection.dialect.name == "postgresql":
        await connection.execute(_CASES, {"cases": list(cases)})


_CASES = (
    select(col(Case.id))
    .where(col(Case.id).in_(bindparam("cases", expanding=True)))
    .order_by(col(Case.id))
    .with_for_update()
)
