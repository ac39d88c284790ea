"""A sign that the person is under age flags the case, and somebody safeguards it."""

from __future__ import annotations

from tests.telegram.conftest import Watched

FIFTEEN = "im 15 and i hate it at home. can i talk to a person"


async def test_the_page_and_the_holder_know_and_the_lead_is_told_once(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    eve = await bot.ambassador("Eve")
    assert "@eve" in await bot.command("/safeguarding @eve", "is told")
    sam = await bot.person()
    await sam.says(FIFTEEN)
    page = await ana.reads("asked")
    assert "They may be under age" in page.text
    await eve.reads("C1: the person may be under age")
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now")
    assert "They may be under age" in handed.text
    await sam.says("like i said im 15")
    await ana.reads("like i said")
    await bot.settles()
    assert (await eve.transcript()).count("may be under age") == 1
    assert "C1: the person" not in await bot.chief.transcript()


async def test_without_a_lead_who_can_be_reached_coordinators_are_told(bot: Watched) -> None:
    await bot.on_call()
    sam = await bot.person()
    await sam.says(FIFTEEN)
    await bot.chief.reads("C1: the person may be under age")
    eve = await bot.ambassador("Eve")
    await bot.command("/safeguarding @eve", "@eve is told")
    await bot.asks(eve, "/away", "You are away")
    kim = await bot.person("Kim")
    await kim.says(FIFTEEN)
    await bot.chief.reads("C2: the person may be under age")
    await bot.settles()
    assert "under age" not in await eve.transcript()


async def test_whoever_holds_the_case_is_told_when_it_comes_out_later(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await sam.says("i'm 14 by the way")
    await ana.reads("C1: they may be under age")


async def test_the_lead_is_shown_set_and_taken_off(bot: Watched) -> None:
    await bot.ambassador("Ana")
    assert "every coordinator" in await bot.command("/safeguarding")
    assert "Known are: @ana, @cleo" in await bot.command("/safeguarding @nobody")
    assert "@ana" in await bot.command("/safeguarding @ana")
    assert "@ana" in await bot.command("/safeguarding")
    assert "every coordinator" in await bot.command("/safeguarding off")
