"""Whoever checks is checked: every planted bug is seen by one of the first seeds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot import logs
from tests.sim.bugs import BUGS
from tests.sim.test_seeds import tell
from tests.sim.world import Broken

_MOST = 40
_SEEN_BY = {
    "letters_are_claimed_without_a_lease": 11,
    "timers_skip_a_beat": 5,
    "pages_are_not_withdrawn": 1,
    "what_fails_once_is_never_tried_again": 2,
    "an_update_is_confirmed_before_it_is_on_disk": 2,
    "a_decline_waits_out_its_rung": 16,
    "a_failed_page_waits_out_its_rung": 7,
}
"""The seed that is tried first, to save time; when stories change, another one will see it."""


@pytest.mark.long
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
async def test_a_planted_bug_is_seen(
    bug: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    logs.configure("CRITICAL")
    bug(monkeypatch)
    first = _SEEN_BY.get(bug.__name__, 0)
    for seed in (first, *range(_MOST)):
        try:
            await tell(seed)
        except Broken as broken:
            request.node.user_properties.append(("bugs", 1))
            print(f"{bug.__name__}: {str(broken).splitlines()[0]}")  # noqa: T201  shown with -rP
            return
    pytest.fail(f"{bug.__name__} went through {_MOST} seeds unseen")
