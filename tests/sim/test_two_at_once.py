"""Two at once come out as one after the other.

Of every two acts on one case, the second begins when the first has decided and has not committed.
They must end as if one had come after the other: the same case, the same pages, the same letters
on their way and the same record. Where both touch the case, the one that held it first is the
first; where they have nothing to do with each other, either may be.

``DEATHS=all`` plays all of them, else a part, spread over each situation.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable

import pytest

from bot import logs
from tests.sim.acts import SITUATIONS, Deed, Situation, build, pairs
from tests.sim.bugs import BUGS_OF_TWO
from tests.sim.office import Office

ONCE_WRONG = (
    ("just asked", "a letter is refused", "Ana accepts"),
    ("just asked", "a letter is refused", "Ana leaves"),
    ("just asked", "Ben accepts", "Ana leaves"),
    ("climbed", "Sam is in danger", "Ana is away"),
    ("just closed", "Sam says little", "a letter is refused"),
    ("just closed", "a letter is refused", "Sam is in danger"),
)
"""The first of those that did not end so: they are always played."""

_ALL = os.environ.get("DEATHS") == "all"
_STRIDE = 67
_SEEN_IN = {
    "whoever_writes_stays_out_of_reach": "just asked",
    "who_goes_waits_for_nobody": "just closed",
}
"""Most are seen where a case can change hands and be given back."""


@pytest.fixture
async def office(postgres: str, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """An office on PostgreSQL: on SQLite writers take turns."""
    logs.configure("CRITICAL")
    request.node.user_properties.append(("ran on", "PostgreSQL"))
    made = Office(postgres)
    await made.open()
    yield made
    await made.close()


def _chosen(situation: Situation) -> list[tuple[Deed, Deed]]:
    stride = 1 if _ALL else _STRIDE
    # Each situation begins elsewhere, so that even a part meets every act.
    first = SITUATIONS.index(situation) % stride
    return [
        (one, other)
        for number, (one, other) in enumerate(pairs(situation))
        if number % stride == first or (situation.name, one.name, other.name) in ONCE_WRONG
    ]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name.replace(" ", "_"))
async def test_two_at_once_end_as_one_after_the_other(
    situation: Situation, office: Office, request: pytest.FixtureRequest
) -> None:
    await build(office, situation)
    chosen = _chosen(situation)
    wrong = [
        found
        for first, second in chosen
        if (found := await office.verdict(situation.name, first, second))
    ]
    anew = office.stumbled.total()
    request.node.user_properties.extend([("pairs", len(chosen)), ("anew", anew)])
    assert not wrong, f"{len(wrong)} of {len(chosen)}:\n" + "\n".join(wrong[:5])


@pytest.mark.long
@pytest.mark.parametrize("bug", BUGS_OF_TWO, ids=lambda bug: bug.__name__)
async def test_the_sweep_sees_a_planted_bug(
    bug: Callable[[pytest.MonkeyPatch], None],
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    seen_in = _SEEN_IN.get(bug.__name__, "offered")
    situation = next(one for one in SITUATIONS if one.name == seen_in)
    await build(office, situation)
    bug(monkeypatch)
    for first, second in pairs(situation):
        if found := await office.verdict(situation.name, first, second):
            request.node.user_properties.append(("bugs", 1))
            print(f"{bug.__name__}: {found}")  # noqa: T201  shown with -rP
            return
    pytest.fail(f"{bug.__name__} went through every pair unseen")
