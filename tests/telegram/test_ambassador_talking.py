"""An ambassador with one case, with two, and at the end of one."""

from __future__ import annotations

from sandbox import Fault
from tests.telegram.conftest import DISTRESS, Watched


async def test_two_cases_are_kept_apart(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam, kim = await bot.person("Sam"), await bot.person("Kim")
    await bot.claimed(sam, by=ana, words="i want to die tonight")
    first = await ana.reads("i want to die tonight", after=await ana.reads("You are with them"))
    handed = await bot.claimed(kim, by=ana, words="i can't breathe, my chest, i am going to die")
    assert handed.text.startswith("C2")
    listed = await bot.asks(ana, "/mycases", "C1 ·")
    await ana.reads("C2 ·", after=listed)

    await ana.says("for sam by answering", reply_to=first)
    await ana.says("C2 for kim by label")
    await ana.says("c1: for sam by label")
    labelled = await ana.says("c2 for kim, edted")
    await kim.reads("for kim, edted")
    await ana.edits(labelled, "c2 for kim, edited")
    edited = await kim.reads("for kim, edited")
    assert "c2" not in edited.text
    alone = await bot.asks(ana, "C2")
    assert "Nothing was sent: write your words after C2" in alone.text
    other = await bot.asks(ana, "C9 to nobody", "Whom is this for?")

    question = await bot.asks(ana, "to whom?", "You hold 2 cases. Whom is this for?")
    assert [label[:4] for label in question.button_texts] == ["C1 ·", "C2 ·"]
    await ana.taps("C2 ·", on=question)
    await kim.reads("to whom?")
    await ana.sees_edit(question, "Sent to C2")
    await ana.taps("C1 ·", on=other)
    await ana.taps("C1 ·", on=other)
    await sam.reads("C9 to nobody")
    await bot.settles()
    said_to = {
        phone.name: [m.text for m in await phone.messages() if m.text.startswith("Ana\n")]
        for phone in (sam, kim)
    }
    assert said_to == {
        "Sam": ["Ana\nfor sam by answering", "Ana\nfor sam by label", "Ana\nC9 to nobody"],
        "Kim": ["Ana\nfor kim by label", "Ana\nfor kim, edited", "Ana\nto whom?"],
    }


async def test_closing_asks_which_case_and_how_it_ended(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam, kim = await bot.person("Sam"), await bot.person("Kim")
    await bot.claimed(sam, by=ana)
    await bot.claimed(kim, by=ana)
    which = await bot.asks(ana, "/close", "Which case?")
    outcome = await bot.taps(ana, "C1 ·", which, "How did it end?")
    closed = await bot.taps(ana, "On to other help", outcome, "C1 is closed: On to other help")
    # What is meant for a closed case reaches nobody else.
    await bot.asks(ana, "C1 and one more thing", "You don't hold C1, so nobody was sent this")
    await ana.says("they have a sister near", reply_to=closed)
    await ana.reads("The note is kept with C1")
    await bot.asks(ana, "/close C1", "You hold no case called C1")
    await ana.says("just for kim")
    await kim.reads("just for kim")
    await bot.asks(ana, "/close c2", "How did it end?")
    await ana.taps("They stopped answering")
    await ana.reads("C2 is closed")
    await bot.asks(ana, "/close", "You hold no case")
    await bot.asks(ana, "hello?", "so nobody read this")
    assert "one more thing" not in await kim.transcript() + await sam.transcript()
    assert "sister" not in await kim.transcript() + await sam.transcript()


async def test_a_choice_made_too_late_sends_nothing(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam, kim = await bot.person("Sam"), await bot.person("Kim")
    handed = await bot.claimed(sam, by=ana)
    await bot.claimed(kim, by=ana)
    question = await bot.asks(ana, "where are you?", "Whom is this for?")
    await bot.taps(ana, "Hand it back", handed, "has gone back")
    await bot.taps(ana, "C1 ·", question, "You don't hold C1")
    await ana.taps("C2 ·", on=question)
    await kim.reads("where are you?")
    assert "where are you?" not in await sam.transcript()
    # What the two write from now on, and change, is read by nobody who has let go.
    await bot.settles()
    before = await ana.marker()
    await sam.edits(
        next(m for m in await sam.messages() if m.text == DISTRESS), "i wrote something else"
    )
    await bot.settles()
    assert not [m for m in await ana.messages() if "something else" in m.text]
    await sam.says("is anybody there?")
    await bot.settles()
    assert not [m for m in await ana.messages() if m.message_id > before]


async def test_after_an_emergency_call_a_case_stays_open_until_help_is_there(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    assert "The bot does not know where they are" in handed.text
    noted = await bot.taps(ana, "Emergency services called", handed, "noted that the emergency")
    assert "Help has reached them" in noted.button_texts
    question = await bot.taps(ana, "Close the case", noted, "How did it end?")
    refused = await bot.taps(ana, "Emergency services", question, "C1 stays open")
    await bot.taps(ana, "Help has reached them", refused, "noted that help has reached them")
    await bot.taps(ana, "Emergency services", question, "C1 is closed")
    await sam.reads("This conversation has ended")

    # A coordinator may close with a reason, and the holder hears of it.
    handed = await bot.claimed(sam, by=ana)
    await bot.taps(ana, "Emergency services called", handed, "noted that the emergency")
    assert "give a reason" in await bot.command("/close C1")
    assert "C1 is closed" in await bot.command("/close C1 the hospital called back")
    assert "closed already" in await bot.command("/close C1 once more")
    await ana.reads("C1 was closed by Cleo, a coordinator")
    await bot.asks(ana, "hello?", "so nobody read this")


async def test_a_case_handed_back_goes_to_others(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    await ana.says("hello, i am ana")
    first = await ben.reads("Taken by Ana")
    back = await bot.taps(ana, "Hand it back", handed, "has gone back")
    assert back.text.startswith("C1 · ")
    assert "That is all right" in back.text
    told = await sam.reads("You don't have to start over")
    page = await ben.reads("IMMEDIATE", after=first)
    await ana.taps("Hand it back", on=handed)
    await ana.sees_toast("belongs to something that is over")
    await ben.taps("I'm here", on=page)
    await ben.reads(DISTRESS, after=page)
    assert (await ana.transcript()).count("others are asked now") == 1
    await ben.reads("C1 · Ana\nhello, i am ana", after=page)
    await sam.reads("Ben is here for you", after=told)


async def test_a_holder_who_goes_quiet_is_nudged_then_relieved(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    first = await ben.reads("Taken by Ana")
    await bot.time_passes(seconds=121)
    nudge = await ana.reads("They are waiting for your next word", after=handed)
    # A word of theirs stops the clock; silence of the person starts none.
    await ana.says("i am here")
    await sam.reads("i am here")
    await bot.time_passes(minutes=30)
    await bot.settles()
    assert "has gone back" not in await ana.transcript()
    await sam.says("are you still there?")
    await ana.reads("are you still there?")
    await bot.time_passes(seconds=121)
    await ana.reads("They are waiting for your next word", after=nudge)
    await bot.time_passes(seconds=121)
    await bot.time_passes(seconds=121)
    await ana.reads("This case has gone back, and others are asked now")
    told = await sam.reads("The person who was with you can't go on right now")
    page = await ben.reads("IMMEDIATE", after=first)
    await ben.taps("I'm here", on=page)
    await sam.reads("Ben is here for you", after=told)
    await bot.asks(ana, "sorry, i was away", "so nobody read this")


async def test_a_command_that_no_volunteer_has_is_sent_to_nobody_and_leads_to_help(
    bot: Watched,
) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await sam.reads("Ana is here")
    for phone in (ana, bot.chief):
        answer = await bot.asks(phone, "/hallo are you there", "I don't know that command")
        assert answer.text.startswith("I don't know that command, and nobody was sent it. /help")
        assert "in your own words" not in answer.text
    await bot.settles()
    assert "are you there" not in await sam.transcript()


async def test_a_calendar_file_that_cannot_be_fetched_still_reaches_whom_it_was_meant_for(
    bot: Watched,
) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    told = await sam.reads("Ana is here")
    bot.expected = {"NetworkError"}
    await bot.client.faults.add(Fault(kind="error", method="getFile", status=500))
    await ana.sends_document(b"BEGIN:VCALENDAR", "walks.ics", "text/calendar")
    await sam.reads("sent a file", after=told)
    marker = await bot.chief.marker()
    await bot.chief.sends_document(b"BEGIN:VCALENDAR", "rota.ics", "text/calendar")
    await bot.chief.reads("I could not fetch that file", after=marker)
