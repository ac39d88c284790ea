"""A small community as it stands in the database, ready at once: nobody has to join by a link."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from models import Ambassador, Layer, Role, Shift
from models.database import Database
from models.keyring import Keyring

BEGINS = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
"""When every simulated story begins: a Monday evening, far from any change of clocks."""

_ALWAYS = "0123456"


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who joined before the story begins."""

    name: str
    user_id: int
    role: Role = Role.AMBASSADOR
    layer: Layer | None = None


ANA = Volunteer("Ana", 7_100_000_001, layer=Layer.PRIMARY)
BEN = Volunteer("Ben", 7_100_000_002, layer=Layer.BACKUP)
DEE = Volunteer("Dee", 7_100_000_003)
CLEO = Volunteer("Cleo", 7_100_000_004, role=Role.COORDINATOR)
TOWN = (ANA, BEN, DEE, CLEO)


async def settle_town(database: Database, volunteers: Sequence[Volunteer] = TOWN) -> None:
    """Make the tables, and write the volunteers and their shifts into them."""
    await database.migrate()
    async with database.transaction() as session:
        for one in volunteers:
            row = Ambassador(
                chat_key=database.keyring.lookup("chat", one.user_id),
                chat_id=str(one.user_id),
                handle=one.name.lower(),
                name=one.name,
                role=one.role,
                cases_at_once=5,
                joined_at=BEGINS,
            )
            session.add(row)
            await session.flush()
            if one.layer is not None:
                session.add(
                    Shift(
                        ambassador_id=row.id,
                        layer=one.layer,
                        weekdays=_ALWAYS,
                        starts=0,
                        ends=0,
                        zone="UTC",
                        from_date=date(2026, 1, 1),
                        created_at=BEGINS,
                    )
                )


@cache
def fast_folder() -> Path:
    """A folder in memory where there is one: thousands of stories need no real disk."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="holdfast-", dir=memory if memory.is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def keyring() -> Keyring:
    """The key of every simulated town."""
    return Keyring(b"k" * 32)


async def new_town(folder: Path, name: str = "town") -> Path:
    """A SQLite file with the town in it. The first is built, the others are copies of it."""
    template = fast_folder() / "template.db"
    if not template.exists():
        draft = fast_folder() / "draft.db"
        database = Database(f"sqlite:///{draft}", keyring())
        await settle_town(database)
        await database.close()
        draft.rename(template)
    path = folder / f"{name}.db"
    shutil.copyfile(template, path)
    return path
