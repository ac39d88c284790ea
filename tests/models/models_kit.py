"""Rows to begin with, on any database."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from models import (
    Ambassador,
    Case,
    CaseStatus,
    Page,
    PageStatus,
    Person,
    Role,
    Theme,
    Urgency,
)
from models.database import Database

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def some_person(**changes: Any) -> Person:
    fields: dict[str, Any] = {
        "chat_key": secrets.token_hex(32),
        "chat_id": "777000111",
        "pseudonym": "Quiet Heron",
        "first_seen_at": NOW,
    }
    return Person(**fields | changes)


def some_ambassador(handle: str = "ana", **changes: Any) -> Ambassador:
    fields: dict[str, Any] = {
        "chat_key": secrets.token_hex(32),
        "chat_id": "555000222",
        "handle": handle,
        "name": handle.title(),
        "role": Role.AMBASSADOR,
        "joined_at": NOW,
    }
    return Ambassador(**fields | changes)


def some_case(person_id: int, **changes: Any) -> Case:
    fields: dict[str, Any] = {
        "person_id": person_id,
        "status": CaseStatus.OPEN,
        "urgency": Urgency.URGENT,
        "theme": Theme.SUICIDE,
        "policy": {},
        "opened_at": NOW,
        "cycle_began_at": NOW,
        "wake_at": NOW,
    }
    return Case(**fields | changes)


def some_page(case_id: int, ambassador_id: int, **changes: Any) -> Page:
    fields: dict[str, Any] = {
        "case_id": case_id,
        "ambassador_id": ambassador_id,
        "cycle": 0,
        "rung": 0,
        "status": PageStatus.SENT,
        "queued_at": NOW,
    }
    return Page(**fields | changes)


async def keep(database: Database, *rows: Any) -> None:
    """Commit ``rows``; afterwards they have their ids."""
    async with database.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def open_cases(database: Database, count: int = 1, **changes: Any) -> list[Case]:
    """So many cases, each of a person of its own."""
    cases = []
    for _ in range(count):
        person = some_person()
        await keep(database, person)
        cases.append(some_case(person.id, **changes))
    await keep(database, *cases)
    return cases
