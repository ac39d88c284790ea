"""Seeds: each is a story of two persons, four volunteers and a day on which much goes wrong.

The real engine with the real handlers on a real SQLite file; Telegram is the sandbox without its
HTTP; the clock stands still until it is moved. What is checked: the promises that hold between
any two transactions, after every step; and when the faults are over, the whole history from the
phones' side. See `tests/sim/story.py` for what people do, `tests/sim/world.py` for what breaks.

``SEEDS=5000`` tells more of them, ``SEED=17`` tells one. A failure names its seed.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

from bot import logs
from tests.sim import town
from tests.sim.story import Story
from tests.sim.world import World

SEEDS = int(os.environ.get("SEEDS", "200"))
_AT_ONCE = 10
_FIRST = int(os.environ["SEED"]) if "SEED" in os.environ else None
_GROUPS = (
    [range(_FIRST, _FIRST + 1)]
    if _FIRST is not None
    else [range(n, min(n + _AT_ONCE, SEEDS)) for n in range(0, SEEDS, _AT_ONCE)]
)


@pytest.fixture
def quiet() -> None:
    logs.configure("CRITICAL")


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("seeds", _GROUPS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
async def test_nothing_is_lost_whatever_goes_wrong(
    seeds: range, request: pytest.FixtureRequest
) -> None:
    struck: Counter[str] = Counter()
    checked = 0
    for seed in seeds:
        world = await tell(seed)
        struck.update(world.weather.struck)
        checked += world.checked
    assert checked > 0
    properties = request.node.user_properties
    properties.extend([("seeds", len(seeds)), ("faults", struck.total()), ("checks", checked)])


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("seed", "what_it_found"),
    [
        (85, "a clock was set back, and pages of before it kept their buttons"),
        (113, "two ladders of forty pages each were ended at once"),
    ],
)
async def test_what_a_seed_once_found_stays_mended(seed: int, what_it_found: str) -> None:
    await tell(seed)


async def test_a_seed_tells_the_same_story_every_time() -> None:
    first, second = await tell(10), await tell(10)
    assert first.weather.struck == second.weather.struck
    assert (first.steps, first.deaths) == (second.steps, second.deaths)
    assert [phone.transcript().count("bot:") for phone in first.phones.values()] == [
        phone.transcript().count("bot:") for phone in second.phones.values()
    ]


async def tell(seed: int) -> World:
    folder = town.fast_folder() / f"seed-{seed}-{os.urandom(3).hex()}"
    folder.mkdir()
    try:
        return await Story(seed, folder).play()
    finally:
        shutil.rmtree(folder)
