"""The promises as questions to the database: silent while they hold, each loud when broken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from models_kit import NOW, keep, open_cases, some_ambassador, some_page
from sqlalchemy import text

from bot.engine.invariants import INVARIANTS, Breach, breaches
from bot.engine.store.audit import AuditTrail
from models import (
    Ambassador,
    Away,
    Case,
    CaseStatus,
    Inbox,
    InboxStatus,
    Kind,
    Message,
    Outbox,
    OutboxStatus,
    Page,
    PageStatus,
    Role,
    Speaker,
)
from models.database import Database

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
SOON = NOW + MINUTE


async def broken(database: Database) -> list[tuple[str, tuple[int, ...]]]:
    async with database.reading() as session:
        found: list[Breach] = await breaches(session, NOW)
        return [(breach.invariant, breach.rows) for breach in found]


def update(**changes: Any) -> Inbox:
    fields: dict[str, Any] = {
        "update_id": 1,
        "chat_key": "k",
        "update": "{}",
        "status": InboxStatus.WAITING,
        "received_at": NOW,
        "due_at": NOW,
    }
    return Inbox(**fields | changes)


def letter(page: Page, status: OutboxStatus) -> Outbox:
    return Outbox(
        chat_key="k",
        chat_id="1",
        letter="{}",
        priority=0,
        status=status,
        created_at=NOW,
        due_at=NOW,
        page_id=page.id,
    )


LATE = NOW - MINUTE - SECOND


def said(case: Case, number: int, said_at: datetime) -> Message:
    return Message(
        case_id=case.id,
        speaker=Speaker.PERSON,
        kind=Kind.TEXT,
        words="it is too much",
        source_chat_key="k",
        source_chat_id="1",
        source_message_id=number,
        said_at=said_at,
    )


@pytest.fixture
async def ana(database: Database) -> Ambassador:
    one = some_ambassador()
    await keep(database, one)
    return one


async def one_case(database: Database, **changes: Any) -> Case:
    return (await open_cases(database, **{"wake_at": SOON} | changes))[0]


async def test_a_community_where_all_is_well_breaks_no_promise(
    database: Database, ana: Ambassador
) -> None:
    waiting = await one_case(database)
    queued = some_page(waiting.id, ana.id, status=PageStatus.QUEUED)
    await keep(database, queued)
    await keep(database, letter(queued, OutboxStatus.WAITING))
    await keep(database, some_page(waiting.id, ana.id, status=PageStatus.SENT))
    await one_case(
        database, status=CaseStatus.CLAIMED, holder_id=ana.id, waiting_since=NOW, wake_at=SOON
    )
    await one_case(database, status=CaseStatus.CLAIMED, holder_id=ana.id, wake_at=None)
    closed = await one_case(database, status=CaseStatus.CLOSED, holder_id=ana.id, wake_at=None)
    await keep(database, some_page(closed.id, ana.id, status=PageStatus.ACCEPTED))
    await keep(database, update())
    await keep(
        database,
        update(update_id=2, status=InboxStatus.HANDLED, received_at=NOW - timedelta(days=1)),
    )
    async with database.transaction() as session:
        await AuditTrail(session, NOW).record("claimed", by=ana)
    assert await broken(database) == []


async def test_an_update_that_nobody_handles(database: Database) -> None:
    row = update(received_at=NOW - MINUTE)
    await keep(database, row)
    assert await broken(database) == []
    late = update(update_id=2, received_at=NOW - MINUTE - SECOND)
    await keep(database, late)
    assert await broken(database) == [("inbox_moves", (late.id,))]


async def test_an_open_case_without_a_next_step(database: Database) -> None:
    await one_case(database, wake_at=NOW - MINUTE)
    assert await broken(database) == []
    late = [
        await one_case(database, wake_at=wake_at)
        for wake_at in (None, NOW - MINUTE - SECOND, NOW - timedelta(days=3))
    ]
    ((name, rows),) = await broken(database)
    assert name == "case_has_next_step"
    assert sorted(rows) == [case.id for case in late]


async def test_a_page_that_ended_or_is_long_gone_is_no_next_step(
    database: Database, ana: Ambassador
) -> None:
    case = await one_case(database, wake_at=None)
    await keep(database, some_page(case.id, ana.id))
    assert await broken(database) == []
    stuck = await one_case(database, wake_at=None)
    for status in (PageStatus.EXPIRED, PageStatus.FAILED, PageStatus.DECLINED):
        await keep(database, some_page(stuck.id, ana.id, status=status))
    await keep(database, some_page(stuck.id, ana.id, queued_at=NOW - timedelta(hours=1)))
    assert await broken(database) == [("case_has_next_step", (stuck.id,))]


async def test_a_page_in_flight_for_a_case_that_needs_none(
    database: Database, ana: Ambassador
) -> None:
    pages = []
    for status in (CaseStatus.CLAIMED, CaseStatus.CLOSED):
        case = await one_case(database, status=status, holder_id=ana.id, wake_at=None)
        for page_status in (PageStatus.QUEUED, PageStatus.SENT):
            page = some_page(case.id, ana.id, status=page_status)
            await keep(database, page)
            await keep(database, letter(page, OutboxStatus.WAITING))
            pages.append(page)
    ((name, rows),) = await broken(database)
    assert name == "page_ends_with_its_case"
    assert sorted(rows) == [page.id for page in pages]


async def test_a_claimed_case_without_a_holder(database: Database) -> None:
    case = await one_case(database, status=CaseStatus.CLAIMED)
    assert await broken(database) == [("one_holder", (case.id,))]


async def test_an_open_case_with_a_holder(database: Database, ana: Ambassador) -> None:
    case = await one_case(database, holder_id=ana.id)
    assert await broken(database) == [("one_holder", (case.id,))]


async def test_a_person_who_waits_for_their_holder_and_nobody_watches(
    database: Database, ana: Ambassador
) -> None:
    case = await one_case(
        database, status=CaseStatus.CLAIMED, holder_id=ana.id, waiting_since=NOW, wake_at=None
    )
    assert await broken(database) == [("waiting_person_is_watched", (case.id,))]


async def test_a_queued_page_that_no_letter_carries(database: Database, ana: Ambassador) -> None:
    case = await one_case(database)
    pages = [some_page(case.id, ana.id, status=PageStatus.QUEUED) for _ in range(4)]
    await keep(database, *pages)
    for page, status in zip(
        pages, (OutboxStatus.SENT, OutboxStatus.FAILED, OutboxStatus.WITHDRAWN), strict=False
    ):
        await keep(database, letter(page, status))
    ((name, rows),) = await broken(database)
    assert name == "page_has_letter"
    assert sorted(rows) == [page.id for page in pages]


async def test_a_held_case_that_is_due_and_not_looked_at(
    database: Database, ana: Ambassador
) -> None:
    held = {"status": CaseStatus.CLAIMED, "holder_id": ana.id}
    await one_case(database, **held, wake_at=NOW - MINUTE)
    late = await one_case(database, **held, wake_at=NOW - MINUTE - SECOND)
    assert await broken(database) == [("claimed_case_wakes", (late.id,))]


async def test_an_open_case_that_wakes_long_after_its_rung_has_ended(database: Database) -> None:
    rung = {"rung_ends_at": NOW - MINUTE - SECOND}
    await one_case(database, rung_ends_at=NOW - SECOND, wake_at=NOW + MINUTE)
    late = await one_case(database, **rung, wake_at=NOW + MINUTE)
    assert ("rung_ends_in_time", (late.id,)) in await broken(database)


async def test_an_offer_of_a_case_that_nobody_holds(database: Database, ana: Ambassador) -> None:
    await one_case(database, status=CaseStatus.CLAIMED, holder_id=ana.id, offered_to=ana.id)
    loose = await one_case(database, offered_to=ana.id)
    assert await broken(database) == [("only_a_holder_offers", (loose.id,))]


async def test_a_letter_that_no_courier_takes(database: Database, ana: Ambassador) -> None:
    case = await one_case(database)
    page = some_page(case.id, ana.id, status=PageStatus.QUEUED)
    await keep(database, page)
    first, behind_it = (letter(page, OutboxStatus.WAITING) for _ in range(2))
    first.due_at = behind_it.due_at = NOW - MINUTE - SECOND
    being_sent = letter(page, OutboxStatus.WAITING)
    being_sent.chat_key, being_sent.due_at = "other", NOW - timedelta(hours=1)
    being_sent.leased_until = NOW
    await keep(database, first, behind_it, being_sent)
    assert await broken(database) == [("letter_leaves", (first.id,))]


async def test_a_letter_that_is_tried_for_ever(database: Database, ana: Ambassador) -> None:
    case = await one_case(database)
    page = some_page(case.id, ana.id, status=PageStatus.QUEUED)
    await keep(database, page)
    tried, long_tried = (letter(page, OutboxStatus.WAITING) for _ in range(2))
    tried.chat_key, tried.created_at = "other", NOW - timedelta(minutes=9)
    long_tried.created_at = NOW - timedelta(minutes=11)
    tried.due_at = long_tried.due_at = SOON
    await keep(database, tried, long_tried)
    assert await broken(database) == [("letter_leaves", (long_tried.id,))]


async def test_a_holder_who_has_left(database: Database) -> None:
    gone = some_ambassador("gone")
    gone.left_at = NOW - MINUTE
    await keep(database, gone)
    case = await one_case(database, status=CaseStatus.CLAIMED, holder_id=gone.id)
    assert await broken(database) == [("holder_belongs", (case.id,))]


async def test_a_case_that_waits_for_what_a_clock_running_ahead_has_set(database: Database) -> None:
    hours = timedelta(hours=3)
    case = await one_case(database, cycle_began_at=NOW + hours, wake_at=NOW + hours)
    assert await broken(database) == [("no_case_is_of_the_future", (case.id,))]


async def test_a_page_that_never_ends(database: Database, ana: Ambassador) -> None:
    case = await one_case(database)
    await keep(database, some_page(case.id, ana.id, queued_at=NOW - timedelta(minutes=61)))
    assert await broken(database) == []
    old = some_page(case.id, ana.id, queued_at=NOW - timedelta(minutes=62))
    both = some_page(case.id, ana.id, ended_at=NOW)
    await keep(database, old, both)
    ((name, rows),) = await broken(database)
    assert name == "page_ends"
    assert sorted(rows) == [old.id, both.id]


async def test_words_that_no_holder_received(database: Database, ana: Ambassador) -> None:
    case = await one_case(database, status=CaseStatus.CLAIMED, holder_id=ana.id, wake_at=None)
    received, lost, fresh = (
        said(case, number, said_at) for number, said_at in ((1, LATE), (2, LATE), (3, NOW - MINUTE))
    )
    await keep(database, received, lost, fresh)
    relayed = Outbox(
        chat_key="k",
        chat_id="1",
        priority=1,
        status=OutboxStatus.SENT,
        created_at=NOW,
        due_at=NOW,
        said_id=received.id,
    )
    await keep(database, relayed)
    assert await broken(database) == [("words_reach_holder", (lost.id,))]


async def test_somebody_who_is_away_or_has_left_and_is_paged(database: Database) -> None:
    away, back, gone, cleo = (
        some_ambassador("away"),
        some_ambassador("back"),
        some_ambassador("gone", left_at=NOW - MINUTE),
        some_ambassador("cleo", role=Role.COORDINATOR),
    )
    await keep(database, away, back, gone, cleo)
    for one, ends_at in ((away, None), (back, NOW - SECOND), (cleo, None)):
        await keep(
            database,
            Away(
                ambassador_id=one.id,
                starts_at=NOW - timedelta(hours=1),
                ends_at=ends_at,
                created_at=NOW - timedelta(hours=1),
            ),
        )
    case = await one_case(database)
    pages = [some_page(case.id, one.id) for one in (away, back, gone, cleo)]
    await keep(database, *pages)
    ((name, rows),) = await broken(database)
    assert name == "nobody_away_is_paged"
    assert sorted(rows) == [pages[0].id, pages[2].id]


async def test_words_that_are_not_encrypted(database: Database, ana: Ambassador) -> None:
    case = await one_case(database)
    sealed, bare = said(case, 1, NOW), said(case, 2, NOW)
    await keep(database, sealed, bare)
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(
            text("UPDATE message SET words = :words WHERE id = :id"),
            {"words": b"plain to see", "id": bare.id},
        )
    assert await broken(database) == [("words_are_sealed", (bare.id,))]


async def test_an_audit_that_was_altered_before_the_part_that_is_looked_at(
    database: Database,
) -> None:
    async with database.transaction() as session:
        for _ in range(3):
            await AuditTrail(session, NOW).record("claimed", by="ambassador:1")
        connection = await session.connection()
        await connection.execute(text("UPDATE audit SET act = 'declined' WHERE id = 1"))
    async with database.reading() as session:
        assert await breaches(session, NOW, audit_from=2) == []
        assert [one.rows for one in await breaches(session, NOW)] == [(1,)]
        assert [one.rows for one in await breaches(session, NOW, audit_from=9)] == [(9,)]


async def test_a_closed_case_that_would_wake(database: Database) -> None:
    case = await one_case(database, status=CaseStatus.CLOSED)
    assert await broken(database) == [("closed_is_over", (case.id,))]


async def test_an_audit_that_was_altered(database: Database) -> None:
    async with database.transaction() as session:
        await AuditTrail(session, NOW).record("claimed", by="ambassador:1")
        connection = await session.connection()
        await connection.execute(text("UPDATE audit SET act = 'declined'"))
    ((name, _),) = await broken(database)
    assert name == "audit_chain"


async def test_everything_that_is_broken_is_named_at_once(database: Database) -> None:
    first = await one_case(database, wake_at=None)
    second = await one_case(database, wake_at=None)
    third = await one_case(database, status=CaseStatus.CLOSED)
    found = dict(await broken(database))
    assert sorted(found["case_has_next_step"]) == [first.id, second.id]
    assert found["closed_is_over"] == (third.id,)


def test_every_promise_has_a_name_of_its_own_and_a_sentence() -> None:
    names = [invariant.name for invariant in INVARIANTS]
    assert len(names) == len(set(names)) == 17
    for invariant in INVARIANTS:
        assert invariant.promise.endswith(".")
