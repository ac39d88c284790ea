"""What volunteers did: written once, and every later change of it is seen."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from models_kit import NOW, some_ambassador
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from bot.engine.store.audit import AuditTrail, first_broken_entry
from models import GENESIS, Audit
from models.database import Database


async def record(database: Database, act: str, **details: str | int | bool | None) -> None:
    async with database.transaction() as session:
        await AuditTrail(session, NOW).record(act, by="ambassador:1", subject="case:12", **details)


async def entries(database: Database) -> list[Audit]:
    async with database.reading() as session:
        return list((await session.exec(select(Audit).order_by(col(Audit.id)))).all())


async def first_broken(database: Database) -> int | None:
    async with database.reading() as session:
        return await first_broken_entry(session)


async def change(database: Database, *statements: str) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        for statement in statements:
            await connection.execute(text(statement))


async def first_broken_after(database: Database, *statements: str) -> int | None:
    """The first entry that these changes would break; they are taken back afterwards."""

    class Undo(Exception):
        pass

    found: int | None = None
    with suppress(Undo):
        async with database.transaction() as session:
            connection = await session.connection()
            for statement in statements:
                await connection.execute(text(statement))
            found = await first_broken_entry(session)
            raise Undo
    return found


@pytest.fixture
async def trail(database: Database) -> Database:
    """Five entries, the third with details of every sort."""
    await record(database, "claimed")
    await record(database, "emergency_called")
    await record(database, "away", until="2026-03-02T18:00", hours=3, planned=True, cover=None)
    await record(database, "contact_confirmed", note="grüße 🕊")
    await record(database, "closed", outcome="safer")
    return database


async def test_an_audit_without_entries_is_whole(database: Database) -> None:
    assert await first_broken(database) is None


async def test_every_entry_is_sealed_to_the_one_before(trail: Database) -> None:
    assert await first_broken(trail) is None
    kept = await entries(trail)
    assert [entry.previous for entry in kept] == [GENESIS, *(entry.seal for entry in kept[:-1])]
    assert [entry.seal for entry in kept] == [entry.expected_seal() for entry in kept]


async def test_an_entry_says_who_did_what_to_which_case_and_when(database: Database) -> None:
    ana = some_ambassador(id=3)
    async with database.transaction() as session:
        await AuditTrail(session, NOW).record("claimed", by=ana, subject="case:12", night=True)
    (entry,) = await entries(database)
    assert (entry.at, entry.actor, entry.act) == (NOW, "ambassador:3", "claimed")
    assert (entry.subject, entry.details) == ("case:12", {"night": True})


async def test_the_seal_is_a_plain_hash_that_anybody_can_compute(database: Database) -> None:
    await record(database, "claimed", b=2, a="x")
    (entry,) = await entries(database)
    written = (
        f'["{GENESIS}","2026-03-02T12:00:00.000000+00:00","ambassador:1","claimed","case:12",'
        '{"a":"x","b":2}]'
    )
    assert entry.seal == hashlib.sha256(written.encode()).hexdigest()


async def test_a_changed_entry_is_found(trail: Database) -> None:
    third = (await entries(trail))[2].id
    for changed in (
        "act = 'declined'",
        "actor = 'ambassador:2'",
        "subject = NULL",
        "subject = 'case:13'",
        "details = '{}'",
        "previous = 'x'",
        "seal = 'x'",
    ):
        statement = f"UPDATE audit SET {changed} WHERE id = {third}"
        assert await first_broken_after(trail, statement) == third, changed
    assert await first_broken(trail) is None


async def test_an_entry_moved_in_time_is_found(trail: Database) -> None:
    async with trail.transaction() as session:
        entry = (await session.exec(select(Audit).order_by(col(Audit.id)))).all()[1]
        entry.at += timedelta(microseconds=1)
        session.add(entry)
    assert await first_broken(trail) == entry.id


async def test_an_entry_changed_and_sealed_anew_breaks_the_next(trail: Database) -> None:
    async with trail.transaction() as session:
        third = (await session.exec(select(Audit).order_by(col(Audit.id)))).all()[2]
        third.actor = "ambassador:9"
        third.seal = third.expected_seal()
        session.add(third)
    assert await first_broken(trail) == (await entries(trail))[3].id


async def test_an_entry_that_was_taken_out_is_missed(trail: Database) -> None:
    for taken, after in pairwise(await entries(trail)):
        statement = f"DELETE FROM audit WHERE id = {taken.id}"
        assert await first_broken_after(trail, statement) == after.id


async def test_two_entries_that_changed_places_are_found(trail: Database) -> None:
    kept = await entries(trail)
    second, third = kept[1].id, kept[2].id
    found = await first_broken_after(
        trail,
        f"UPDATE audit SET id = 9999 WHERE id = {second}",
        f"UPDATE audit SET id = {second} WHERE id = {third}",
        f"UPDATE audit SET id = {third} WHERE id = 9999",
    )
    assert found == second


async def test_the_chain_cannot_fork(trail: Database) -> None:
    first = (await entries(trail))[0]
    with pytest.raises(IntegrityError):
        await change(
            trail,
            "INSERT INTO audit (id, at, actor, act, details, previous, seal) "
            f"SELECT 999, at, actor, act, details, previous, seal FROM audit WHERE id = {first.id}",
        )


async def test_many_who_write_at_once_make_one_chain(database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False), database.keyring)
    await asyncio.gather(
        *(record(one, "claimed", number=n) for n in range(15) for one in (database, other))
    )
    await other.close()
    assert len(await entries(database)) == 30
    assert await first_broken(database) is None


async def test_an_entry_of_a_transaction_that_failed_is_not_written(trail: Database) -> None:
    class Undo(Exception):
        pass

    with suppress(Undo):
        async with trail.transaction() as session:
            await AuditTrail(session, NOW).record("claimed", by="ambassador:1")
            raise Undo
    await record(trail, "claimed")
    assert len(await entries(trail)) == 6
    assert await first_broken(trail) is None
