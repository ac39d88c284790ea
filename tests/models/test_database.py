"""One suite for both databases: what is promised of one is promised of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from models_kit import (
    NOW,
    keep,
    open_cases,
    some_ambassador,
    some_case,
    some_page,
    some_person,
)
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, col, func, select

from bot.engine.store import wakeups
from bot.engine.store.cases import Cases
from bot.engine.store.people import People
from models import (
    Case,
    CaseStatus,
    Inbox,
    InboxStatus,
    Kind,
    Message,
    Page,
    Person,
    Review,
    ReviewStatus,
    Speaker,
    Theme,
    Urgency,
)
from models.database import Database, DatabaseURLError, parse_url
from models.keyring import Keyring, KeyringError

WORDS = "nobody would miss me, honestly"
CHAT = "777000111"


@asynccontextmanager
async def second(database: Database) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    other = Database(database.url.render_as_string(hide_password=False), database.keyring)
    try:
        yield other
    finally:
        await other.close()


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


# Migrations.


async def test_the_migrations_make_the_tables_that_the_code_speaks_of(database: Database) -> None:
    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [
            one
            for one in compare_metadata(context, SQLModel.metadata)
            if "alembic_version" not in str(one)
        ]

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    assert await database.is_current()
    await keep(database, some_person())
    await database.migrate()
    assert await database.is_current()
    assert await count(database, Person) == 1


async def test_before_it_is_migrated_a_database_is_not_current(
    tmp_path: Path, keyring: Keyring
) -> None:
    fresh = Database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'fresh.db'}", keyring)
    assert not await fresh.is_current()
    await fresh.migrate()
    assert await fresh.is_current()
    await fresh.close()


async def test_tables_that_a_newer_version_added_to_can_be_worked_on(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE person ADD COLUMN mood VARCHAR(9)"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert await database.is_current()
    await database.migrate()
    await keep(database, some_person())
    assert await count(database, Person) == 1


@pytest.mark.parametrize("oldest", ["9999", "9000_from_elsewhere"])
async def test_tables_that_a_newer_version_took_from_are_refused(
    database: Database, oldest: str
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(text("UPDATE shape SET oldest = :oldest"), {"oldest": oldest})
    assert not await database.is_current()


async def test_tables_of_a_version_that_says_nothing_are_refused(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(text("DELETE FROM shape"))
    assert not await database.is_current()


async def test_a_version_that_knows_nothing_of_a_new_column_can_still_write(
    database: Database,
) -> None:
    person, ambassador = some_person(), some_ambassador()
    await keep(database, person, ambassador)
    case = some_case(person.id)
    await keep(database, case)
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO page (case_id, ambassador_id, cycle, rung, status, queued_at) "
                "SELECT :case_id, :ambassador_id, 0, 0, 'sent', opened_at FROM cases"
            ),
            {"case_id": case.id, "ambassador_id": ambassador.id},
        )
    async with database.reading() as session:
        assert (await session.exec(select(Page.loud))).all() == [False]


async def test_two_processes_that_migrate_at_once_take_turns(database: Database) -> None:
    await _empty(database)
    assert not await database.is_current()
    async with second(database) as other:
        await asyncio.gather(database.migrate(), other.migrate())
        assert await other.is_current()
    await keep(database, some_person())


async def _empty(database: Database) -> None:
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            return
        for table in reversed(SQLModel.metadata.sorted_tables):
            await connection.execute(text(f'DROP TABLE "{table.name}"'))
        await connection.execute(text("DROP TABLE alembic_version"))


# Transactions.


async def test_what_was_committed_is_seen_by_others(database: Database) -> None:
    await keep(database, some_person(pseudonym="Calm Wren"))
    async with second(database) as other, other.reading() as session:
        assert (await session.exec(select(Person.pseudonym))).all() == ["Calm Wren"]


async def test_a_transaction_that_fails_leaves_nothing_behind(database: Database) -> None:
    class Trouble(Exception):
        pass

    with suppress(Trouble):
        async with database.transaction() as session:
            person = some_person()
            session.add(person)
            await session.flush()
            session.add(some_case(person.id))
            await session.flush()
            raise Trouble
    assert await count(database, Person) == 0
    assert await count(database, Case) == 0


async def test_a_broken_rule_takes_the_whole_transaction_with_it(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await keep(database, some_person(), some_case(person_id=99999))
    assert await count(database, Person) == 0


async def test_what_is_not_committed_is_seen_by_nobody(database: Database) -> None:
    async with database.transaction() as session:
        session.add(some_person())
        await session.flush()
        assert await count(database, Person) == 0
    assert await count(database, Person) == 1


async def test_reading_never_waits_for_those_who_write(database: Database) -> None:
    await keep(database, some_person())
    async with database.transaction() as session:
        session.add(some_person())
        await session.flush()
        async with asyncio.timeout(5):
            assert await count(database, Person) == 1


async def test_many_who_write_at_once_all_succeed(database: Database) -> None:
    async with second(database) as other:
        await asyncio.gather(
            *(keep(one, some_person()) for one in (database, other) for _ in range(10))
        )
    assert await count(database, Person) == 20


# Rules that the tables keep.


async def test_a_person_has_one_open_case_at_most(database: Database) -> None:
    (case,) = await open_cases(database)
    for status in (CaseStatus.OPEN, CaseStatus.CLAIMED):
        with pytest.raises(IntegrityError):
            await keep(database, some_case(case.person_id, status=status))
    await keep(database, some_case(case.person_id, status=CaseStatus.CLOSED))
    async with database.transaction() as session:
        kept = await session.get_one(Case, case.id)
        kept.status = CaseStatus.CLOSED
        session.add(kept)
    await keep(database, some_case(case.person_id))
    assert await count(database, Case) == 3


async def test_of_two_processes_that_open_a_case_for_one_person_one_succeeds(
    database: Database,
) -> None:
    person = some_person()
    await keep(database, person)
    async with second(database) as other:
        results = await asyncio.gather(
            *(keep(one, some_case(person.id)) for one in (database, other)),
            return_exceptions=True,
        )
    assert [type(result) for result in results if result is not None] == [IntegrityError]
    assert await count(database, Case) == 1


async def test_an_update_is_in_the_inbox_once(database: Database) -> None:
    def update() -> Inbox:
        return Inbox(
            update_id=5_000_000_000,
            chat_key="k",
            update="{}",
            status=InboxStatus.WAITING,
            received_at=NOW,
            due_at=NOW,
        )

    await keep(database, update())
    with pytest.raises(IntegrityError):
        await keep(database, update())


async def test_a_page_belongs_to_a_case_and_an_ambassador_that_exist(database: Database) -> None:
    ana = some_ambassador()
    (case,) = await open_cases(database)
    await keep(database, ana)
    await keep(database, some_page(case.id, ana.id))
    for page in (some_page(case.id, 999), some_page(999, ana.id)):
        with pytest.raises(IntegrityError):
            await keep(database, page)


async def test_a_message_is_kept_once(database: Database) -> None:
    def message() -> Message:
        return Message(
            speaker=Speaker.PERSON,
            kind=Kind.TEXT,
            words=WORDS,
            source_chat_key="k",
            source_chat_id=CHAT,
            source_message_id=3,
            said_at=NOW,
        )

    await keep(database, message())
    with pytest.raises(IntegrityError) as refused:
        await keep(database, message())
    assert WORDS not in str(refused.value)
    assert CHAT not in str(refused.value)


async def test_an_error_never_repeats_what_was_written(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused:
        await keep(database, some_case(99999, note=WORDS))
    assert WORDS not in str(refused.value)
    with pytest.raises(StatementError) as naive:
        await keep(database, some_person(first_seen_at=NOW.replace(tzinfo=None), chat_id=WORDS))
    assert WORDS not in str(naive.value)


# Claims.


async def test_two_who_claim_at_once_never_get_the_same_case(database: Database) -> None:
    cases = await open_cases(database, 2)
    claims: asyncio.Queue[int] = asyncio.Queue()
    may_end = asyncio.Event()

    async def claim_and_hold(one: Database) -> None:
        async with one.transaction() as session:
            case = await Cases(session, NOW).next_due()
            assert case is not None
            claims.put_nowait(case.id)
            await may_end.wait()
            case.wake_at = NOW + timedelta(minutes=1)
            session.add(case)

    async with second(database) as elsewhere, asyncio.timeout(20):
        holding = asyncio.create_task(claim_and_hold(database))
        claimed = [await claims.get()]
        following = asyncio.create_task(claim_and_hold(elsewhere))
        if database.is_sqlite:
            # One writes at a time: the second gets its turn when the first is done.
            may_end.set()
        claimed.append(await claims.get())
        may_end.set()
        await asyncio.gather(holding, following)
    assert sorted(claimed) == sorted(case.id for case in cases)


async def test_many_claimers_claim_each_case_exactly_once(database: Database) -> None:
    cases = await open_cases(database, 24)
    claimed: list[int] = []

    async def claim_until_none_is_left(one: Database) -> None:
        while True:
            async with one.transaction() as session:
                case = await Cases(session, NOW).next_due()
                if case is None:
                    return
                case.wake_at = NOW + timedelta(minutes=1)
                session.add(case)
                claimed.append(case.id)

    async with second(database) as elsewhere:
        await asyncio.gather(
            *(claim_until_none_is_left(one) for one in (database, elsewhere) for _ in range(4))
        )
    # On PostgreSQL one may find the rest locked and leave; whoever holds them goes on.
    assert sorted(claimed) == sorted(case.id for case in cases)


async def test_a_case_that_is_not_due_is_claimed_by_nobody(database: Database) -> None:
    await open_cases(database, wake_at=NOW + timedelta(microseconds=1))
    await open_cases(database, wake_at=None, status=CaseStatus.CLOSED)
    async with database.transaction() as session:
        cases = Cases(session, NOW)
        assert await cases.next_due() is None
        assert await wakeups.next_at(session) == NOW + timedelta(microseconds=1)


async def test_time_has_nothing_to_decide_where_nothing_waits(database: Database) -> None:
    await open_cases(database, wake_at=None)
    async with database.reading() as session:
        assert await wakeups.next_at(session) is None


async def test_what_is_due_next_may_be_a_case_or_a_review(database: Database) -> None:
    (case,) = await open_cases(database, wake_at=NOW + timedelta(minutes=2))
    async with database.transaction() as session:
        session.add(
            Review(
                person_id=case.person_id,
                status=ReviewStatus.OPEN,
                urgency=Urgency.SUPPORT,
                theme=Theme.OTHER,
                reasons=[],
                shown_to=[],
                opened_at=NOW,
                overdue_at=NOW + timedelta(minutes=1),
            )
        )
    async with database.reading() as session:
        assert await wakeups.next_at(session) == NOW + timedelta(minutes=1)
    async with database.transaction() as session:
        (await session.exec(select(Review))).one().status = ReviewStatus.OVERDUE
    async with database.reading() as session:
        assert await wakeups.next_at(session) == NOW + timedelta(minutes=2)


async def test_the_case_that_is_due_longest_comes_first(database: Database) -> None:
    (later,) = await open_cases(database, wake_at=NOW - timedelta(seconds=1))
    (sooner,) = await open_cases(database, wake_at=NOW - timedelta(hours=1))
    async with database.transaction() as session:
        found = await Cases(session, NOW).next_due()
        assert found is not None
        assert found.id == sooner.id != later.id


# Times.


async def test_a_time_comes_back_the_same_and_in_utc(database: Database) -> None:
    for moment in (
        NOW,
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 2, 23, 59, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(2026, 3, 2, 0, 1, 2, 3, tzinfo=timezone(timedelta(hours=14))),
    ):
        person = some_person(first_seen_at=moment)
        await keep(database, person)
        own = select(Person.first_seen_at).where(Person.id == person.id)
        async with database.reading() as session:
            kept = (await session.exec(own)).one()
            assert (await session.exec(own.where(col(Person.first_seen_at) <= moment))).all()
            assert not (await session.exec(own.where(col(Person.first_seen_at) < moment))).all()
        assert kept == moment
        assert kept.tzinfo is UTC


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="a naive time cannot be stored"):
        await keep(database, some_person(first_seen_at=NOW.replace(tzinfo=None)))
    since_then = col(Person.first_seen_at) < NOW.replace(tzinfo=None)
    async with database.reading() as session:
        with pytest.raises(StatementError, match="a naive time cannot be stored"):
            await session.exec(select(Person).where(since_then))


# Words of the vocabulary.


async def test_a_word_comes_back_as_a_member_of_the_vocabulary(database: Database) -> None:
    await open_cases(database, urgency=Urgency.IMMEDIATE)
    async with database.reading() as session:
        kept = (await session.exec(select(Case))).one()
    assert kept.urgency is Urgency.IMMEDIATE
    assert kept.status is CaseStatus.OPEN
    assert kept.outcome is None


async def test_a_word_that_is_not_in_the_vocabulary_is_refused(database: Database) -> None:
    with pytest.raises(StatementError):
        await open_cases(database, urgency="dire")


# Sealed columns.


async def test_words_and_chat_ids_come_back_as_they_were(database: Database) -> None:
    (case,) = await open_cases(database, note=WORDS)
    async with database.reading() as session:
        kept = (await session.exec(select(Case))).one()
        person = await session.get_one(Person, case.person_id)
    assert kept.note == WORDS
    assert person.chat_id == CHAT


async def test_words_and_chat_ids_are_stored_sealed(database: Database) -> None:
    await open_cases(database, note=WORDS)
    async with database.reading() as session:
        connection = await session.connection()
        note = (await connection.execute(text("SELECT note FROM cases"))).scalar_one()
        chat_id = (await connection.execute(text("SELECT chat_id FROM person"))).scalar_one()
    for sealed, words in ((note, WORDS), (chat_id, CHAT)):
        assert isinstance(sealed, bytes)
        assert words.encode() not in sealed


async def test_a_sealed_value_moved_to_another_column_does_not_open_there(
    database: Database,
) -> None:
    await open_cases(database)
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(text("UPDATE cases SET note = (SELECT chat_id FROM person)"))
    with pytest.raises(KeyringError):
        async with database.reading() as session:
            await session.exec(select(Case.note))


async def test_with_another_key_nothing_opens_and_nobody_is_found(database: Database) -> None:
    async with database.transaction() as session:
        await People(session, database.keyring, NOW).meet(CHAT, None)
    async with second(database) as thief:
        other_key = Keyring(b"j" * 32)
        assert other_key.lookup("chat", CHAT) != database.keyring.lookup("chat", CHAT)
        stranger = Database(thief.url.render_as_string(hide_password=False), other_key)
        async with stranger.reading() as session:
            assert await People(session, other_key, NOW).person_in(CHAT) is None
            with pytest.raises(KeyringError):
                await session.exec(select(Person.chat_id))
        await stranger.close()


async def test_two_databases_in_one_process_each_use_their_own_key(
    database: Database, tmp_path: Path
) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}", Keyring(b"j" * 32))
    await other.migrate()
    for one in (database, other):
        await open_cases(one, note=WORDS)
    for one in (database, other):
        async with one.reading() as session:
            assert (await session.exec(select(Case.note))).one() == WORDS
    await other.close()


async def test_nothing_readable_is_on_the_disk(tmp_path: Path, keyring: Keyring) -> None:
    path = tmp_path / "holdfast.db"
    database = Database(f"sqlite:///{path}", keyring)
    await database.migrate()
    (case,) = await open_cases(database, note=WORDS)
    message = Message(
        case_id=case.id,
        speaker=Speaker.PERSON,
        kind=Kind.PHOTO,
        words=WORDS,
        file_id="AgACAgIAAxkBAAI",
        source_chat_key=keyring.lookup("chat", CHAT),
        source_chat_id=CHAT,
        source_message_id=3,
        said_at=NOW,
    )
    waiting = Inbox(
        update_id=7,
        chat_key=keyring.lookup("chat", CHAT),
        update=f'{{"text": "{WORDS}"}}',
        status=InboxStatus.WAITING,
        received_at=NOW,
        due_at=NOW,
    )
    await keep(database, message, waiting)
    async with database.transaction() as session:
        row = await session.get_one(Inbox, waiting.id)
        row.update = None
        session.add(row)
    files = {name: (tmp_path / name).read_bytes() for name in ("holdfast.db", "holdfast.db-wal")}
    assert files["holdfast.db-wal"], "the log is looked at while it is full"
    await database.close()
    files["after the end"] = path.read_bytes()
    for name, content in files.items():
        for secret in (WORDS, "nobody would miss", CHAT, "AgACAgIAAxkBAAI"):
            assert secret.encode() not in content, f"{secret} can be read in {name}"
            assert secret.encode("utf-16-le") not in content
    assert keyring.lookup("chat", CHAT).encode() in files["after the end"]


# How SQLite is set up.


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
async def test_a_commit_on_sqlite_is_on_disk(
    tmp_path: Path, keyring: Keyring, setting: str, value: object
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'holdfast.db'}", keyring)
    for open_session in (database.transaction, database.reading):
        async with open_session() as session:
            connection = await session.connection()
            found = await connection.execute(text(f"PRAGMA {setting}"))
            assert found.scalar_one() == value
    await database.close()


# Addresses.


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("sqlite:///data/holdfast.db", "sqlite+aiosqlite"),
        ("sqlite:////var/lib/holdfast.db", "sqlite+aiosqlite"),
        ("postgresql://user:pass@host/name", "postgresql+asyncpg"),
        ("postgres://user:pass@host:5432/name", "postgresql+asyncpg"),
        ("postgresql+psycopg://user@host/name", "postgresql+asyncpg"),
    ],
)
def test_addresses_are_read(address: str, driver: str) -> None:
    assert parse_url(address).drivername == driver


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "cannot be read: write sqlite:///"),
        ("holdfast.db", "cannot be read: write sqlite:///"),
        ("postgresql://host:port/name", "cannot be read: write sqlite:///"),
        ("mysql://user:hunter2@host/name", "mysql is not a database Holdfast knows: write"),
        ("sqlite://", "must be a file, such as sqlite:///data/holdfast.db"),
        ("sqlite:///:memory:", "must be a file, such as sqlite:///data/holdfast.db"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_what_to_write_instead(
    address: str, sentence: str
) -> None:
    with pytest.raises(DatabaseURLError) as refused:
        parse_url(address)
    assert sentence in str(refused.value)
    assert "hunter2" not in str(refused.value)
