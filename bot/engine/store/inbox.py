"""Updates in hand: taken from the inbox under a lease, and crossed off when they are handled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Integer, Update, bindparam, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Ambassador, Inbox, InboxStatus
from models.types import UtcDateTime


@dataclass(frozen=True, slots=True)
class InHand:
    """One update that this worker handles, and nobody else while its lease lasts.

    ``of_ambassador``: whether an ambassador wrote it, and ``followed``: whether more of its chat
    waited, both when it was taken.
    """

    id: int
    update_id: int
    chat_key: str
    update: dict[str, Any]
    attempts: int
    leased_until: datetime
    error: str | None
    of_ambassador: bool
    followed: bool


@cache
def _take() -> Update:
    """Lease the oldest updates that are due and free, of chats with none before them."""
    now = bindparam("now", type_=UtcDateTime())
    earlier = aliased(Inbox)
    free = (
        select(col(Inbox.id))
        .where(
            col(Inbox.status) == InboxStatus.WAITING,
            col(Inbox.due_at) <= now,
            or_(col(Inbox.leased_until).is_(None), col(Inbox.leased_until) <= now),
            ~exists().where(
                col(earlier.chat_key) == col(Inbox.chat_key),
                col(earlier.status) == InboxStatus.WAITING,
                col(earlier.id) < col(Inbox.id),
            ),
        )
        # By the sum and not by the column, or SQLite walks through every update there ever was.
        .order_by(col(Inbox.id) + 0)
        .limit(bindparam("count", type_=Integer()))
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    return (
        update(Inbox)
        .where(col(Inbox.id) == free.c.id)
        .values(leased_until=bindparam("until", type_=UtcDateTime()))
        .returning(
            col(Inbox.id),
            col(Inbox.update_id),
            col(Inbox.chat_key),
            col(Inbox.update),
            col(Inbox.attempts),
            col(Inbox.error),
        )
    )


_CHATS: BindParameter[Any] = bindparam("chats", expanding=True)
_AMBASSADORS = select(col(Ambassador.chat_key)).where(
    col(Ambassador.chat_key).in_(_CHATS), col(Ambassador.left_at).is_(None)
)
_CROWDED = (
    select(col(Inbox.chat_key))
    .where(col(Inbox.status) == InboxStatus.WAITING, col(Inbox.chat_key).in_(_CHATS))
    .group_by(col(Inbox.chat_key))
    .having(func.count() > 1)
)


async def take(
    session: AsyncSession, now: datetime, until: datetime, count: int
) -> Sequence[InHand]:
    """Up to ``count`` updates, each of a chat of its own, oldest first, leased ``until`` then."""
    connection = await session.connection()
    values = {"now": now, "until": until, "count": count}
    rows = sorted((await connection.execute(_take(), values)).all())
    if not rows:
        return ()
    chats = {"chats": [row.chat_key for row in rows]}
    known = set((await connection.execute(_AMBASSADORS, chats)).scalars())
    followed = set((await connection.execute(_CROWDED, chats)).scalars())
    return tuple(
        InHand(
            id=row.id,
            update_id=row.update_id,
            chat_key=row.chat_key,
            update=json.loads(row.update or "{}"),
            attempts=row.attempts,
            leased_until=until,
            error=row.error,
            of_ambassador=row.chat_key in known,
            followed=row.chat_key in followed,
        )
        for row in rows
    )


async def cross_off(
    session: AsyncSession, one: InHand, now: datetime, status: InboxStatus = InboxStatus.HANDLED
) -> bool:
    """End an update within the transaction that handles it, whose words go with that.

    False where its lease ran out and another took it: then this transaction must change nothing.
    """
    values = {"status": status, "leased_until": None, "handled_at": now}
    if status is InboxStatus.HANDLED:
        values["update"] = None
    return await _change(session, one, values)


async def put_back(session: AsyncSession, one: InHand, due_at: datetime, error: str) -> None:
    """Leave an update for later, with one more attempt counted and the ``error`` that it met."""
    values = {
        "due_at": due_at,
        "attempts": one.attempts + 1,
        "leased_until": None,
        "error": error[:200],
    }
    await _change(session, one, values)


async def _change(session: AsyncSession, one: InHand, values: dict[str, Any]) -> bool:
    connection = await session.connection()
    ours = {"number": one.id, "lease": one.leased_until}
    changed = await connection.execute(_OURS.values(values), ours)
    return bool(changed.rowcount)


_OURS = update(Inbox).where(
    col(Inbox.id) == bindparam("number"),
    col(Inbox.status) == InboxStatus.WAITING,
    col(Inbox.leased_until) == bindparam("lease", type_=UtcDateTime()),
)
