"""Years of cases cost a person who writes today nothing: no question looks at all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import select

from bench.growth import Size, grow
from models import Case
from tests.support.fakes import a_community
from tests.support.stage import Staging
from tests.support.stories import DISTRESS, a_whole_case

PAST = Size(persons=5_000, closed=4_000, open=0, days_of_rota=60)
# To look at each of 4,000 rows takes SQLite five steps a row at least.
MANY_STEPS = 10_000
A_FEW = 100


@pytest.mark.parametrize("learns", [True, False], ids=["SQLite has counted", "it has not"])
async def test_no_question_of_a_whole_case_takes_longer_for_what_was_closed_long_ago(
    staging: Staging, learns: bool
) -> None:
    async with staging() as stage:
        ana, ben = await stage.on_call()
        await grow(stage.holdfast.database, a_community().policy, PAST)
        if not learns:
            # How it plans a question depends on what ANALYZE left behind, which the bot never asks.
            async with stage.holdfast.database.engine.begin() as connection:
                await connection.exec_driver_sql("DROP TABLE sqlite_stat1")
        # What somebody was paged for within a week is asked for on purpose.
        await stage.time_passes(days=8)
        with steps_of() as steps:
            await a_whole_case(stage, ana, ben)
            # And one that nobody takes: the next rung is paged.
            newest = await ben.marker()
            lee = await stage.person("Lee")
            await lee.says(DISTRESS)
            await ben.reads("IMMEDIATE", after=newest)
            await stage.time_passes(minutes=3)
            await stage.chief.reads("IMMEDIATE")
            assert await stage.breaches() == []
            assert {words: n for words, n in steps.items() if n > MANY_STEPS} == {}
            # The count itself can tell: here is a question that does look at all of them.
            async with stage.holdfast.database.reading() as session:
                await session.exec(select(Case.id).where(Case.rung == 7))
            assert max(steps.values()) > MANY_STEPS


@contextmanager
def steps_of() -> Iterator[Counter[str]]:
    """The most steps of SQLite's machine that each statement took at a time."""
    most: Counter[str] = Counter()

    def begin(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        raw = connection.connection.driver_connection._conn
        steps = [0]

        def go_on() -> int:
            steps[0] += A_FEW
            most[statement] = max(most[statement], steps[0])
            return 0

        raw.set_progress_handler(go_on, A_FEW)

    event.listen(Engine, "before_cursor_execute", begin)
    try:
        yield most
    finally:
        event.remove(Engine, "before_cursor_execute", begin)
