"""Rows that an older version wrote stay readable and go on, whatever was added since."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, MetaData, text
from sqlmodel import select

from bot.engine.store.cases import Cases
from models import Ambassador, Case, CaseStatus
from models.database import Database, alembic_config
from models.keyring import Keyring

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def test_a_case_of_the_first_version_goes_on_after_every_migration(
    database: Database, keyring: Keyring
) -> None:
    await _back_to_the_first_version(database)
    sealed = {
        name: keyring.encrypt("777", name) for name in ("person.chat_id", "ambassador.chat_id")
    }
    at = "2026-03-02 12:00:00" if database.is_sqlite else NOON
    async with database.engine.begin() as connection:
        for statement in (
            "INSERT INTO person (id, chat_key, chat_id, pseudonym, first_seen_at) "
            "VALUES (1, 'p', :person, 'Calm Wren', :at)",
            "INSERT INTO ambassador (id, chat_key, chat_id, handle, name, role, cases_at_once, "
            "joined_at) VALUES (1, 'a', :ambassador, 'ana', 'Ana', 'ambassador', 2, :at)",
            "INSERT INTO cases (id, person_id, status, urgency, theme, policy, holder_id, "
            "opened_at, claimed_at, cycle, cycle_began_at, rung, nudges) "
            "VALUES (1, 1, 'claimed', 'urgent', 'panic', '{}', 1, :at, :at, 0, :at, 0, 0)",
            "INSERT INTO page (id, case_id, ambassador_id, cycle, rung, status, queued_at, "
            "ended_at) VALUES (1, 1, 1, 0, 0, 'accepted', :at, :at)",
        ):
            values = {
                "at": at,
                "person": sealed["person.chat_id"],
                "ambassador": sealed["ambassador.chat_id"],
            }
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.execute(text(statement), used)
    await database.migrate()
    async with database.transaction() as session:
        case = (await session.exec(select(Case))).one()
        assert (case.status, case.checks, case.climbs) == (CaseStatus.CLAIMED, 0, 0)
        assert case.began_at == NOON
        state = await Cases(session, NOON).state(case)
        assert [page.ambassador_id for page in state.pages] == [1]
        assert (await session.exec(select(Ambassador))).one().languages == []


async def _back_to_the_first_version(database: Database) -> None:
    """An empty database with the tables as they were at first."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_drop_all)
        await connection.run_sync(_first)


def _drop_all(connection: Connection) -> None:
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def _first(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
