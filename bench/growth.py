"""A database as it is after years, made in a minute: many persons, cases, and a long rota."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert
from sqlmodel import SQLModel

from bot.core.policy import Policy
from models import (
    Ambassador,
    Away,
    Case,
    CaseStatus,
    Cover,
    Inbox,
    InboxStatus,
    Kind,
    Layer,
    Message,
    Outbox,
    OutboxStatus,
    Page,
    PageStatus,
    Person,
    Role,
    Shift,
    Speaker,
    Theme,
    Urgency,
)
from models.database import Database

_CHUNK = 5_000
_FIRST_CHAT = 1_000_000
_FIRST_AMBASSADOR = 1_000
_PAGES_A_CASE = 3
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    persons: int = 1_000_000
    closed: int = 200_000
    open: int = 10_000
    ambassadors: int = 60
    days_of_rota: int = 730


async def grow(database: Database, policy: Policy, size: Size) -> None:
    """Fill an empty database. Open cases wake in some hours; nobody is paged for them before."""
    now = datetime.now(UTC)
    snapshot = policy.as_json()
    await _put(database, Ambassador, _ambassadors(database, size, now))
    await _put(database, Shift, _shifts(size, now))
    await _put(database, Cover, _covers(size, now))
    await _put(database, Away, _aways(size, now))
    await _put(database, Person, _persons(database, size, now))
    await _put(database, Case, _cases(size, snapshot, now))
    await _put(database, Page, _pages(size, now))
    await _put(database, Message, _said(size, now))
    await _put(database, Outbox, _letters(size, now))
    await _put(database, Inbox, _updates(size, now))
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ANALYZE")


async def settle(database: Database, primary: int, backup: int, coordinator: int) -> None:
    """Three volunteers by their chats, who are on duty round the clock."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        for handle, chat, layer in (
            ("ana", primary, Layer.PRIMARY),
            ("ben", backup, Layer.BACKUP),
            ("cleo", coordinator, None),
        ):
            one = Ambassador(
                chat_key=database.keyring.lookup("chat", chat),
                chat_id=str(chat),
                handle=handle,
                name=handle.title(),
                role=Role.AMBASSADOR if layer else Role.COORDINATOR,
                cases_at_once=5,
                joined_at=now,
            )
            session.add(one)
            await session.flush()
            if layer is not None:
                session.add(
                    Shift(
                        ambassador_id=one.id,
                        layer=layer,
                        weekdays="0123456",
                        starts=0,
                        ends=0,
                        zone="UTC",
                        from_date=date(2024, 1, 1),
                        created_at=now,
                    )
                )


async def _put(database: Database, table: type[SQLModel], rows: Rows) -> None:
    statement = insert(table)
    while chunk := list(islice(rows, _CHUNK)):
        async with database.engine.begin() as connection:
            await connection.execute(statement, chunk)


def _ambassadors(database: Database, size: Size, now: datetime) -> Rows:
    for n in range(size.ambassadors):
        chat = 500_000 + n
        yield {
            "id": _FIRST_AMBASSADOR + n,
            "chat_key": database.keyring.lookup("chat", chat),
            "chat_id": str(chat),
            "handle": f"old{n}",
            "name": f"Old {n}",
            "role": Role.AMBASSADOR,
            "language": "en",
            "cases_at_once": 2,
            "joined_at": now - timedelta(days=size.days_of_rota),
            # They rest now: the figures are those of the same small community before and after.
            "left_at": now - timedelta(days=1) if n % 2 else None,
            "unreachable_at": now,
        }


def _shifts(size: Size, now: datetime) -> Rows:
    for n in range(size.ambassadors):
        for hours in (0, 8, 16):
            yield {
                "ambassador_id": _FIRST_AMBASSADOR + n,
                "layer": Layer.PRIMARY if n % 2 else Layer.BACKUP,
                "weekdays": str(n % 7),
                "starts": hours * 60,
                "ends": (hours + 8) % 24 * 60,
                "zone": "UTC",
                "from_date": date(2024, 1, 1),
                "created_at": now,
                "ended_at": None,
            }


def _covers(size: Size, now: datetime) -> Rows:
    for day in range(size.days_of_rota):
        starts = now - timedelta(days=day + 1)
        yield {
            "ambassador_id": _FIRST_AMBASSADOR + day % size.ambassadors,
            "for_ambassador_id": _FIRST_AMBASSADOR + (day + 1) % size.ambassadors,
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=8),
            "created_at": starts,
        }


def _aways(size: Size, now: datetime) -> Rows:
    for day in range(size.days_of_rota):
        starts = now - timedelta(days=day + 1)
        yield {
            "ambassador_id": _FIRST_AMBASSADOR + day % size.ambassadors,
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=12),
            "created_at": starts,
        }


def _persons(database: Database, size: Size, now: datetime) -> Rows:
    for n in range(size.persons):
        chat = _FIRST_CHAT + n
        yield {
            "chat_key": database.keyring.lookup("chat", chat),
            "chat_id": str(chat),
            "pseudonym": "Quiet Heron",
            "language": "en",
            "first_seen_at": now - timedelta(minutes=n),
        }


def _cases(size: Size, policy: dict[str, Any], now: datetime) -> Rows:
    for n in range(size.closed + size.open):
        is_open = n >= size.closed
        at = _opened_at(n, size, now)
        yield {
            "person_id": n + 1,
            "status": CaseStatus.OPEN if is_open else CaseStatus.CLOSED,
            "urgency": Urgency.URGENT,
            "theme": Theme.OTHER,
            "policy": policy,
            "holder_id": None if is_open else _FIRST_AMBASSADOR + n % size.ambassadors,
            "opened_at": at,
            "closed_at": None if is_open else at,
            "cycle": 0,
            "cycle_began_at": at,
            "rung": 0,
            "nudges": 0,
            "wake_at": now + timedelta(hours=3, seconds=n % 36_000) if is_open else None,
        }


def _opened_at(case: int, size: Size, now: datetime) -> datetime:
    return now - timedelta(minutes=5 * (size.closed + size.open - case))


def _pages(size: Size, now: datetime) -> Rows:
    paged = now - timedelta(minutes=20)
    for n in range((size.closed + size.open) * _PAGES_A_CASE):
        case = n // _PAGES_A_CASE
        is_open = case >= size.closed
        at = _opened_at(case, size, now)
        yield {
            "case_id": case + 1,
            # The even ones have not left.
            "ambassador_id": _FIRST_AMBASSADOR + 2 * n % size.ambassadors,
            "cycle": 0,
            "rung": 0,
            "status": PageStatus.SENT if is_open else PageStatus.EXPIRED,
            # Whom an open case pages is in its newest cycle.
            "queued_at": paged if is_open else at,
            "sent_at": paged if is_open else at,
            "ended_at": None if is_open else at,
        }


def _said(size: Size, now: datetime) -> Rows:
    for n in range(size.closed + size.open):
        yield {
            "case_id": n + 1,
            "speaker": Speaker.PERSON,
            "kind": Kind.TEXT,
            "source_chat_key": f"{n:064d}",
            "source_chat_id": str(_FIRST_CHAT + n),
            "source_message_id": n,
            "said_at": _opened_at(n, size, now),
        }


def _letters(size: Size, now: datetime) -> Rows:
    for n in range((size.closed + size.open) * _PAGES_A_CASE):
        chat = 500_000 + n % size.ambassadors
        yield {
            "chat_key": f"{chat:064d}",
            "chat_id": str(chat),
            "priority": 0,
            "status": OutboxStatus.SENT,
            "attempts": 0,
            "created_at": now,
            "due_at": now,
            "sent_at": now,
            "message_id": n + 1,
            "case_id": n // _PAGES_A_CASE + 1,
            "page_id": n + 1,
        }


def _updates(size: Size, now: datetime) -> Rows:
    for n in range(size.persons):
        yield {
            "update_id": -n - 1,
            "chat_key": f"{n:064d}",
            "status": InboxStatus.HANDLED,
            "attempts": 0,
            "received_at": now,
            "due_at": now,
            "handled_at": now,
        }
