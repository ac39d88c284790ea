"""A sign that the person is under age flags the case, and somebody safeguards it."""

from __future__ import annotations

from tests.telegram.conftest import Watched

FIFTEEN = "im 15 and i hate it at home. can i talk to a person"
CALM = "can i talk to a real person"


async def test_the_page_and_the_holder_know_and_the_lead_is_told_once(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    eve = await bot.ambassador("Eve")
    assert "@eve" in await bot.command("/safeguarding @eve", "is told")
    sam = await bot.person()
    await sam.says(FIFTEEN)
    page = await ana.reads("asked")
    assert "@eve, the safeguarding lead, is told" in page.text
    await eve.reads("C1: the person may be under age")
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now")
    assert "@eve, the safeguarding lead, is told" in handed.text
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


async def test_what_is_said_of_who_is_told_is_true_for_whoever_reads_it(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    # Without a lead the coordinators are told, and nobody speaks of one.
    sam = await bot.person()
    await sam.says(FIFTEEN)
    page = await ana.reads("asked")
    assert "the coordinators are told" in page.text
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now")
    assert "the coordinators are told" in handed.text
    # Ana is the lead herself: to her it is not said of somebody else.
    await bot.command("/safeguarding @ana", "@ana is told")
    kim = await bot.person("Kim")
    await kim.says(FIFTEEN)
    page = await ana.reads("C2 ·", after=handed)
    assert "you are the safeguarding lead" in page.text
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now", after=page)
    assert "you are the safeguarding lead" in handed.text


async def test_a_holder_is_told_once_and_sent_to_who_safeguards(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    for name, lead, expected in (
        ("Sam", "off", "talk with a coordinator"),
        ("Kim", "@ben", "talk with @ben, the safeguarding lead"),
    ):
        await bot.command(f"/safeguarding {lead}", "is told")
        person = await bot.person(name)
        handed = await bot.claimed(person, by=ana, words=CALM)
        await person.says("i'm 14 by the way")
        assert expected in (await ana.reads("they may be under age", after=handed)).text
        await bot.asks(ana, "/close", "How did it end?")
        await ana.taps("They feel safer")
        await person.reads("This conversation has ended")
    # A lead who holds the case herself is not asked to join herself.
    await bot.command("/safeguarding @ana", "@ana is told")
    lou = await bot.person("Lou")
    handed = await bot.claimed(lou, by=ana, words=CALM)
    await lou.says("i'm 14 by the way")
    told = await ana.reads("they may be under age", after=handed)
    assert "they are with you" in told.text
    await bot.settles()
    assert "Please speak with whoever takes the case" not in await ana.transcript()
