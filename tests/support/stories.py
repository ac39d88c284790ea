"""What people do with Holdfast, told once for the tests that look at it from several sides."""

from __future__ import annotations

from sandbox.client import Phone
from tests.support.stage import Stage

DISTRESS = "i can't do this anymore. i want to die tonight"


async def a_whole_case(stage: Stage, ana: Phone, ben: Phone) -> None:
    """A new person writes in distress, ``ana`` takes the case before ``ben``, and closes it."""
    sam = await stage.person()

    await sam.says(DISTRESS)
    answer = await sam.reads("112")
    assert "I'm a bot" in answer.text
    page = await ana.reads("IMMEDIATE")
    other_page = await ben.reads("IMMEDIATE")
    assert await sam.reads("2 volunteers", after=answer)

    await ana.taps("I'm here", on=page)
    taken = await ben.sees_edit(other_page, "Taken by Ana")
    assert taken.buttons == ()
    await ana.reads(DISTRESS, after=page)
    claimed = await sam.reads("Ana is here for you")

    await ana.says("Hi, I'm Ana. Are you alone?")
    await sam.reads("Are you alone?", after=claimed)
    await sam.says("yes")
    await ana.reads("yes", after=page)

    await ana.says("/close")
    question = await ana.reads("How did it end?")
    await ana.taps("They feel safer", on=question)
    await sam.reads("This conversation has ended")
    await ana.reads("is closed", after=question)
