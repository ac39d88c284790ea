"""One case from the first word to the close, seen from the phones."""

from __future__ import annotations

from tests.support.stage import Stage
from tests.support.stories import a_whole_case


async def test_a_message_in_distress_reaches_a_human_and_the_two_talk(stage: Stage) -> None:
    ana, ben = await stage.on_call()
    await a_whole_case(stage, ana, ben)
