"""Sessions on SQLite or PostgreSQL, with the same promises on both.

A transaction that was committed is on disk. On SQLite transactions that write start with
``BEGIN IMMEDIATE`` and wait in line for one connection, so that two never fail each other; on
PostgreSQL rows are claimed with ``FOR UPDATE SKIP LOCKED``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateSchema, DropSchema
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import quick
from models.keyring import Keyring, KeyringError
from models.people import Ambassador, Person
from models.types import give_keyring

_MIGRATION_LOCK = 0x484F4C44  # any fixed number will do: "HOLD" in ASCII
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class DatabaseURLError(ValueError):
    """The database address cannot be used; the message says what to write instead."""


class Database:
    """Where everything is remembered. Open it with `connect`, end it with `close`."""

    def __init__(self, url: str, keyring: Keyring, schema: str | None = None) -> None:
        self.url = parse_url(url)
        self.keyring = keyring
        self.schema = schema
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.memory: dict[str, Any] = {}
        """What this process remembers of what it read, for as long as it still holds: found by
        those who read as ``session.info["memory"]``."""
        if self.is_sqlite:
            Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Parameters hold words: an error must not repeat them.
            driver = quick.Driver()
            self._writer = create_async_engine(
                self.url, module=driver, pool_size=1, max_overflow=0, hide_parameters=True
            )
            self._reader = create_async_engine(
                self.url, module=driver, pool_size=4, hide_parameters=True
            )
            _prepare_sqlite(self._writer, quick.BEGIN)
            _prepare_sqlite(self._reader, "BEGIN")
        else:
            path = {"search_path": schema} if schema else {}
            self._writer = create_async_engine(
                self.url,
                pool_size=10,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"server_settings": path},
            )
            self._reader = self._writer
        for engine in {self._writer, self._reader}:
            give_keyring(engine.dialect, keyring)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed together at the end, or not at all on an error."""
        async with self._session(self._writer) as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for looking only: it never waits for those that write."""
        async with self._session(self._reader) as session:
            yield session

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        session = AsyncSession(engine, expire_on_commit=False, info={"memory": self.memory})
        try:
            yield session
        except BaseException:
            # Whoever is cancelled twice must not leave a connection behind.
            await asyncio.shield(session.close())
            raise
        await session.close()

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes; for tools and for tests that listen to commits."""
        return self._writer

    async def migrate(self) -> None:
        """Bring the tables to the newest shape; two processes that try at once take turns.

        Tables that a newer version has added to, and that we can work on, are left as they are.
        """
        async with self._writer.begin() as connection:
            if not self.is_sqlite:
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK}
                )
                if self.schema:
                    await connection.execute(CreateSchema(self.schema, if_not_exists=True))
            await connection.run_sync(_upgrade)

    async def is_current(self) -> bool:
        """Whether we can work on the tables: they have our shape, or a newer one that adds to it.

        So old and new processes run side by side while a new version is put in place.
        """
        async with self._reader.connect() as connection:
            return await connection.run_sync(_is_current)

    async def answers(self) -> bool:
        """True, where the database answers at all; its own errors where it does not."""
        async with self._reader.connect() as connection:
            return bool(await connection.scalar(text("SELECT 1")))

    async def has_key(self) -> bool:
        """Whether what is stored opens with this key; True where nothing is stored yet."""
        async with self.reading() as session:
            try:
                for column in (Ambassador.chat_id, Person.chat_id):
                    (await session.exec(select(column).limit(1))).all()
            except KeyringError:
                return False
        return True

    async def drop_schema(self) -> None:
        """Remove the schema this database lives in, with all that is in it: for demos and tests."""
        if self.schema:
            async with self._writer.begin() as connection:
                await connection.execute(DropSchema(self.schema, cascade=True, if_exists=True))

    async def close(self) -> None:
        """Give back every connection."""
        for engine in {self._writer, self._reader}:
            await engine.dispose()


def parse_url(text: str) -> URL:
    """Read ``sqlite:///path`` or ``postgresql://…``; `DatabaseURLError` for anything else."""
    hint = "write sqlite:///data/holdfast.db or postgresql://user:password@host/name"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise DatabaseURLError(f"the database address cannot be read: {hint}") from error
    backend = {"postgres": "postgresql"}.get(url.get_backend_name(), url.get_backend_name())
    if backend not in _DRIVERS:
        raise DatabaseURLError(f"{backend} is not a database Holdfast knows: {hint}")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise DatabaseURLError(
            "the database must be a file, such as sqlite:///data/holdfast.db: "
            "one in memory would lose pages with the process"
        )
    return url.set(drivername=_DRIVERS[backend])


def _prepare_sqlite(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # The driver's own transaction control is switched off: we say how a transaction begins.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def alembic_config() -> Config:
    """Alembic's settings, without a file: the migrations live in this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    if _is_ahead(connection):
        return
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is_current(connection: Connection) -> bool:
    return _revision(connection) == _head() or _is_ahead(connection)


def _is_ahead(connection: Connection) -> bool:
    """Whether a newer version has been here that left everything we need where it was."""
    revision = _revision(connection)
    if revision is None or revision in _known():
        return False
    oldest = connection.scalar(text("SELECT oldest FROM shape"))
    return isinstance(oldest, str) and oldest in _known()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(alembic_config())
    return frozenset(script.revision for script in scripts.walk_revisions())


def _head() -> str | None:
    return ScriptDirectory.from_config(alembic_config()).get_current_head()
