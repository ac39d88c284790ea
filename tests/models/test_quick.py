"""On SQLite, what need not wait is done at once, and what may wait holds nobody up."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from aiosqlite import core
from models_kit import some_person
from sqlalchemy import text
from sqlmodel import select

from models import Person, quick
from models.database import Database
from models.keyring import Keyring
from models.quick import LONG


@pytest.fixture
async def file(tmp_path: Path, keyring: Keyring) -> Any:
    database = Database(f"sqlite:///{tmp_path / 'quick.db'}", keyring)
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
def by_thread(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went through the thread: of each call its name, and what it was first given."""
    found: list[str] = []
    through_the_thread = core.Connection._execute

    async def noted(self: core.Connection, fn: Any, *arguments: Any, **options: Any) -> Any:
        found.append(" ".join((fn.__name__, *(str(one) for one in arguments[:1]))))
        return await through_the_thread(self, fn, *arguments, **options)

    monkeypatch.setattr(core.Connection, "_execute", noted)
    return found


@pytest.mark.parametrize("disk", ["fast", "slow"])
async def test_only_a_commit_to_a_slow_disk_goes_through_the_thread(
    file: Database, by_thread: list[str], monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    monkeypatch.setattr(quick, "_SLOW_COMMIT_S", 60 if disk == "fast" else 0)
    async with file.transaction() as session:
        session.add(some_person())
    by_thread.clear()
    async with file.transaction() as session:
        session.add(some_person())
        await session.flush()
        assert len((await session.exec(select(Person))).all()) == 2
    assert by_thread == ([] if disk == "fast" else ["commit"])


async def test_while_another_program_writes_everything_else_goes_on(file: Database) -> None:
    other = sqlite3.connect(str(file.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with file.transaction() as session:
            session.add(some_person())

    writing = asyncio.create_task(write())
    # The event loop is free meanwhile, and so are those that only look.
    for _ in range(20):
        async with file.reading() as session:
            assert (await session.exec(select(Person))).all() == []
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    async with file.reading() as session:
        assert len((await session.exec(select(Person))).all()) == 1


async def test_a_disk_that_was_slow_is_given_another_try(
    file: Database, by_thread: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "_AFTER_A_SLOW_ONE", 2)
    by_thread.clear()
    for slow in (True, False, False, False):
        monkeypatch.setattr(quick, "_SLOW_COMMIT_S", 0 if slow else 60)
        async with file.transaction() as session:
            session.add(some_person())
    assert by_thread == ["commit", "commit"]


async def test_what_may_take_long_goes_through_the_thread(
    file: Database, by_thread: list[str]
) -> None:
    async with file.reading() as session:
        connection = await session.connection()
        by_thread.clear()
        found = await connection.execute(text(f"{LONG}SELECT 7"))
        assert found.scalar_one() == 7
    assert by_thread == [f"_run {LONG}SELECT 7"]


async def test_a_statement_that_fails_says_so_and_the_next_transaction_works(
    file: Database,
) -> None:
    one = some_person()
    async with file.transaction() as session:
        session.add(one)
    with pytest.raises(Exception, match="UNIQUE"):
        async with file.transaction() as session:
            session.add(some_person(chat_key=one.chat_key))
    async with file.transaction() as session:
        session.add(some_person())
    async with file.reading() as session:
        assert len((await session.exec(select(Person))).all()) == 2
