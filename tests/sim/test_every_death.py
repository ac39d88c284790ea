"""The bot dies after every single thing it does, and nothing is lost.

Real processes, real SIGKILL, a real database. Each scene is played once unharmed, and what it
changed outside itself is counted: every commit, every answered call to Telegram, every batch of
updates. Then it is played again for each of these, with a death right after it. Between two of
them nothing outside the process changes, so these are all the states a death can leave behind.
What the phones have seen in the end is what counts, and every chat must have got exactly the
letters that it gets without any death.

``DEATHS=all`` plays all of it, with pairs of deaths; else a part, spread over each scene.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from models.database import Database
from tests.sim import town
from tests.sim.lives import Nursery
from tests.sim.theatre import SCENES, SHORT, House, Scene, play

_ALL = os.environ.get("DEATHS") == "all"
_STRIDE = {"SQLite": 29, "PostgreSQL": 71, "two workers": 71}
_PAIRS_STRIDE = 1 if _ALL else 199

# One nursery for all of them: what takes longest is to import everything once.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", params=list(_STRIDE))
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """SQLite; PostgreSQL; and PostgreSQL with Redis and two workers, of whom one dies."""
    properties = request.node.user_properties
    if request.param == "SQLite":
        properties.append(("ran on", "SQLite"))
        path = await town.new_town(tmp_path, "house")
        database = Database(f"sqlite:///{path}", town.keyring())
        yield House(database)
    else:
        properties.append(("ran on", "PostgreSQL"))
        database = Database(request.getfixturevalue("postgres"), town.keyring())
        two = request.param == "two workers"
        redis = request.getfixturevalue("redis_url") if two else None
        yield House(database, workers=1 + two, redis=redis)
    await database.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def nursery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nursery]:
    async with Nursery.opened(tmp_path_factory.mktemp("nursery")) as made:
        yield made


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_a_death_after_anything_loses_nothing(
    scene: Scene, house: House, nursery: Nursery, request: pytest.FixtureRequest
) -> None:
    unharmed = await play(scene, house, nursery)
    events = len(unharmed.events)
    stride = 1 if _ALL else _STRIDE[request.node.callspec.params["house"]]
    # Each scene begins elsewhere, so that even a part meets every kind of event.
    first = 1 + SCENES.index(scene) % stride
    deaths = 0
    for hour in range(first, events + 1, stride):
        harmed = await play(scene, house, nursery, [hour])
        deaths += harmed.deaths
        assert harmed.ledger_at_end == unharmed.ledger_at_end, f"{scene.__name__}, dying at {hour}"
    assert deaths > 0
    request.node.user_properties.extend([("kill points", deaths), ("deaths", deaths)])


@pytest.mark.long
@pytest.mark.parametrize("scene", SHORT, ids=lambda scene: scene.__name__)
async def test_two_deaths_lose_nothing_either(
    scene: Scene, house: House, nursery: Nursery, request: pytest.FixtureRequest
) -> None:
    if house.workers > 1:
        house = House(house.database)
    unharmed = await play(scene, house, nursery)
    events = len(unharmed.events)
    pairs = [(one, two) for one in range(1, events + 1) for two in range(1, events + 2 - one)]
    deaths = points = 0
    for hours in pairs[3::_PAIRS_STRIDE]:
        harmed = await play(scene, house, nursery, hours)
        deaths += harmed.deaths
        points += 1
        assert harmed.ledger_at_end == unharmed.ledger_at_end, f"{scene.__name__}, at {hours}"
    assert deaths > points, "the second deaths never came"
    request.node.user_properties.extend([("kill points", points), ("deaths", deaths)])


@pytest.mark.long
@pytest.mark.parametrize(
    ("bug", "hour"),
    [
        ("sent_is_written_down_before_sending", range(5, 9)),
        ("letters_are_committed_apart_from_the_case", range(3, 7)),
        ("an_update_is_confirmed_before_it_is_on_disk", range(1, 4)),
        ("a_lease_never_ends", range(4, 9)),
        ("a_decline_waits_out_its_rung", range(1)),
    ],
)
async def test_the_sweep_sees_a_planted_bug(
    bug: str, hour: range, tmp_path: Path, nursery: Nursery, request: pytest.FixtureRequest
) -> None:
    path = await town.new_town(tmp_path, "house")
    database = Database(f"sqlite:///{path}", town.keyring())
    house = House(database, releases=bug != "a_lease_never_ends")
    seen = False
    for one in hour:
        try:
            await play(SHORT[0], house, nursery, [one], bug)
        except AssertionError:
            seen = True
            break
    await database.close()
    assert seen, f"{bug} went unseen"
    request.node.user_properties.append(("bugs", 1))
