"""What was handled long ago costs nothing today: the queries of every step use an index."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.store import inbox, parcels
from models.database import Database
from models.keyring import Keyring
from tests.support.clock import MovableClock


@pytest.fixture
async def long_kept(tmp_path: Any, keyring: Keyring) -> Any:
    """A SQLite file with many handled updates and sent letters, whose shape SQLite has learnt."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}", keyring)
    await database.migrate()
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO inbox (update_id, chat_key, status, attempts, received_at, due_at) "
                f"{many} SELECT i, i, 'handled', 0, '2026-01-01', '2026-01-01' FROM n"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO outbox (chat_key, chat_id, priority, status, attempts, created_at, "
                f"due_at, message_id) {many} "
                "SELECT i % 5, x'00', 0, 'sent', 0, '2026-01-01', '2026-01-01', i FROM n"
            )
        )
        await connection.execute(text("ANALYZE"))
    yield database
    await database.close()


async def plan(database: Database, query: Any, **values: Any) -> str:
    """How SQLite will answer ``query``."""
    asked: list[tuple[str, Any]] = []
    async with database.transaction() as session:
        engine = session.get_bind()

        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", note)
        await (await session.connection()).execute(query, values)
        event.remove(engine, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        return await _explained(session, statement, parameters)


async def _explained(session: AsyncSession, statement: str, parameters: Any) -> str:
    connection = await session.connection()
    rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(str(row[3]) for row in rows.all())


async def test_the_next_update_is_found_among_those_that_wait(
    long_kept: Database, clock: MovableClock
) -> None:
    found = await plan(long_kept, inbox._take(), now=clock.now(), until=clock.now(), count=4)
    assert "SCAN inbox USING INDEX inbox_waiting" in found, found


async def test_the_next_letters_are_found_among_those_that_wait(
    long_kept: Database, clock: MovableClock
) -> None:
    found = await plan(long_kept, parcels._take(), now=clock.now(), until=clock.now(), count=16)
    assert "SCAN outbox USING INDEX outbox_waiting" in found, found
    looked_up = found.count("USING INDEX outbox_waiting (chat_key=? AND")
    assert found.count("SEARCH") == looked_up + found.count("USING INTEGER PRIMARY KEY"), found
