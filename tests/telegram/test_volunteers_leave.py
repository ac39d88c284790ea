"""Volunteers go away for a while or for good: nobody waits for them, and they are left in peace."""

from __future__ import annotations

from tests.telegram.conftest import DISTRESS, Watched


async def test_who_goes_away_is_asked_no_more_and_others_at_once(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await sam.says("can i talk to a real person")
    page = await ana.reads("Somebody would like to talk")
    await bot.asks(ana, "/away", "You are away from now on")
    await ana.sees_edit(page, "You can't right now, and that is all right")
    await ben.reads("Somebody would like to talk")
    # It rises, and Ana is left in peace.
    await sam.says(DISTRESS)
    await ben.reads("IMMEDIATE")
    await bot.settles()
    assert "IMMEDIATE" not in await ana.transcript()


async def test_who_goes_away_is_no_longer_asked_to_take_a_case_over(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await bot.asks(ana, "/handover @ben")
    await ben.reads("asks you to take over")
    await bot.asks(ben, "/away", "You are away from now on")
    await ana.reads("It is still yours")


async def test_a_coordinator_takes_somebody_out_of_the_community(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    asked = await bot.asks(bot.chief, "/remove @ana", "They hold C1")
    kept = await bot.taps(bot.chief, "They stay", asked, "@ana stays")
    asked = await bot.asks(bot.chief, "/remove @ana", "They hold C1")
    await bot.taps(bot.chief, "Take @ana out", asked, "is not in the community any more")
    told = await ana.reads("You are not a volunteer of Harbour any more", after=handed)
    page = await ben.reads("IMMEDIATE")
    await ben.taps("I'm here", on=page)
    await sam.reads("Ben is here for you")
    await sam.says("are you there?")
    await ben.reads("are you there?", after=page)
    await bot.settles()
    assert "are you there?" not in await ana.transcript()
    assert set(await ana.menu()) == {"human", "resources", "privacy", "stop", "help"}
    assert kept.message_id < told.message_id
    # They are met like anybody, and a button of before means nothing.
    await ana.taps("Hand it back", on=handed)
    await bot.asks(ana, DISTRESS, "112")
    await bot.chief.taps("Take @ana out", on=asked)
    await bot.chief.sees_toast("belongs to something that is over")
    listed = await bot.command("/ambassadors", "@ben")
    assert "@ana" not in listed


async def test_the_last_coordinator_stays(bot: Watched) -> None:
    await bot.asks(bot.chief, "/remove @cleo", "That is the only coordinator")
    dora = await bot.coordinator("Dora")
    await dora.start()
    asked = await bot.asks(bot.chief, "/remove @cleo", "Take @cleo")
    await bot.taps(bot.chief, "Take @cleo out", asked, "You are not a volunteer")
    await bot.asks(bot.chief, "/cases", "I don't know that command")


async def test_who_shall_leave_is_named_as_is_understood(bot: Watched) -> None:
    await bot.ambassador("Ana")
    await bot.asks(bot.chief, "/remove", "/remove @ben")
    await bot.asks(bot.chief, "/remove nobody", "@ana")
    ana = await bot.person("Eve")
    await bot.asks(ana, "/remove @ana", "I don't know that command")


async def test_an_answer_to_something_else_is_not_sent_to_a_person(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    other = await bot.asks(ana, "/oncall", "On call now")
    marker = await ana.marker()
    await ana.says("sounds bad, page them", reply_to=other)
    asked = await ana.reads("an answer to something that only you see", after=marker)
    await bot.settles()
    assert "sounds bad" not in await sam.transcript()
    await ana.taps("C1", on=asked)
    await sam.reads("sounds bad, page them")


async def test_whoever_takes_over_learns_that_help_was_called(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    await bot.taps(ana, "Emergency services called", handed)
    await bot.taps(ana, "Hand it back", handed, "has gone back")
    page = await ben.reads("The emergency services have been called already")
    await ben.taps("I'm here", on=page)
    got = await ben.reads("You are with them now", after=page)
    assert "The emergency services have been called already" in got.text


async def test_many_taps_on_a_number_alarm_coordinators_once(bot: Watched) -> None:
    await bot.on_call()
    sam = await bot.person()
    shown = await bot.asks(sam, "/resources Germany", "112")
    for _ in range(5):
        await bot.taps(sam, "A number didn't work", shown, "Thank you for saying so")
    await bot.settles()
    assert (await bot.chief.transcript()).count("A number didn't work") == 1
