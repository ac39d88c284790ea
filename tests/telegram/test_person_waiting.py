"""While a person waits, and while somebody is with them."""

from __future__ import annotations

from tests.telegram.conftest import DISTRESS, Watched

CONTACT = "+4915112345678"


async def test_who_waits_hears_the_truth_as_the_rungs_pass(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    cara = await bot.ambassador("Cara")
    sam = await bot.person()
    await sam.says(DISTRESS)
    told = await sam.reads("I have just asked 2 volunteers")
    await bot.settles()
    assert "IMMEDIATE" not in await cara.transcript()

    await bot.time_passes(seconds=61)
    page = await cara.reads("IMMEDIATE")
    assert "Waiting: 1 min · 4 asked" in page.text
    told = await sam.reads("I have asked 4 volunteers so far", after=told)
    assert told.button_texts == ["Find help near me"]

    # Everybody was asked, the coordinator among them; the ladder begins again.
    await bot.time_passes(seconds=91)
    await bot.time_passes(seconds=121)
    told = await sam.reads("I have asked 4 volunteers so far", after=told)
    again = await ben.reads("IMMEDIATE", after=await ben.reads("IMMEDIATE"))
    # A late tap on the oldest page is as good as any.
    await ana.taps("I'm here", on=await ana.reads("IMMEDIATE"))
    await sam.reads("Ana is here for you", after=told)
    await ben.sees_edit(again, "Taken by Ana")
    await cara.sees_edit(page, "Taken by Ana")


async def test_if_nobody_can_come_the_bot_says_so_with_numbers(bot: Watched) -> None:
    sam = await bot.person()
    bot.expected = {"ChatGone"}
    await bot.chief.blocks()
    await bot.settles()
    await sam.says(DISTRESS)
    answer = await sam.reads("112")
    honest = await sam.reads("I can't reach any of the volunteers", after=answer)
    assert "112" in honest.text
    assert "I have just asked" not in await sam.transcript()
    # As soon as one is back, they are asked.
    await bot.chief.unblocks()
    await bot.time_passes(seconds=31)
    await bot.chief.reads("IMMEDIATE")
    await sam.reads("asked one volunteer", after=honest)


async def test_all_that_is_said_while_waiting_joins_one_case(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await sam.says("can i talk to a real person")
    first = await ana.reads("Somebody would like to talk")
    early = await sam.says("it is about my dooog")
    await sam.reads("I'm keeping this")
    await sam.edits(early, "it is about my dog")
    await sam.sends_photo(caption="this is him")
    await sam.sends_voice()
    await sam.reads("are you in danger right now?")
    await sam.sends_location(52.5, 13.4)
    await sam.sends_document()
    await sam.sends_sticker()
    await sam.sends_contact(CONTACT)
    await sam.reads("I did not pass on that contact card")
    await bot.settles()

    # It becomes pressing: numbers first, and the faster ladder.
    answer = await bot.asks(sam, "i want to die tonight", "Please call now:")
    assert "112" in answer.text
    await bot.settles()
    # Ana was asked already, and hears anew how urgent it is.
    raised = await ana.sees_edit(first, "It has become more urgent")
    assert raised.button_texts == []
    page = await ana.reads("IMMEDIATE")

    await ana.taps("I'm here", on=page)
    await ana.reads("i want to die tonight", after=page)
    got = [message for message in await ana.messages() if message.message_id > page.message_id]
    text = "\n".join(message.text for message in got)
    assert "can i talk to a real person" in text
    assert "it is about my dog" in text
    assert "dooog" not in text
    kinds = [message.kind for message in got if message.kind != "text"]
    assert kinds == ["photo", "voice", "location", "document", "sticker"]
    photo = next(message for message in got if message.kind == "photo")
    assert photo.raw["has_media_spoiler"]
    assert "this is him" in photo.text
    assert all(
        message.raw.get("has_protected_content") for message in got if message.kind != "text"
    )
    assert CONTACT not in text

    # And what comes now goes straight across, both ways, edits as well.
    await sam.reads("Ana is here for you")
    said = await sam.says("are you thre?")
    heard = await ana.reads("are you thre?")
    await sam.edits(said, "are you there?")
    await ana.sees_edit(heard, "are you there?")
    await sam.sends_voice()
    await ana.reads("sent a voice message", after=heard)
    told = await ana.says("I am hre")
    read = await sam.reads("I am hre")
    assert "hre" in read.text
    assert read.text.startswith("Ana\n")
    await ana.edits(told, "I am here")
    await sam.sees_edit(read, "I am here")
    picture = await ana.sends_photo(caption="a tree")
    shown = await sam.reads("a tree", after=read)
    assert shown.kind == "photo"
    await ana.edits(picture, "two trees")
    await sam.reads("two trees", after=shown)
    await ana.sends_sticker()
    await bot.settles()
    assert [m.kind for m in await sam.messages() if m.from_bot and m.kind != "text"] == [
        "photo",
        "sticker",
    ]


async def test_a_case_that_grows_pressing_is_told_to_its_holder(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana, words="can i talk to a real person")
    answer = await bot.asks(sam, "i want to die tonight", "Please call now:")
    assert "Ana is here with you" in answer.text
    assert "I'm getting a person" not in answer.text
    await ana.reads("It sounds more pressing now: 🔴 immediate")


async def test_stop_is_understood(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    for words in ("/stop", "STOP", "stop", "please stop writing to me"):
        sam = await bot.person()
        stopped = await bot.asks(sam, words)
        assert "I won't write to you any more" in stopped.text, words
        assert "112" in stopped.text

    words = "STOP"
    await sam.says("/human")
    page = await ana.reads("Somebody would like to talk")
    asked = await bot.asks(sam, words, "Shall somebody still come?")
    assert asked.button_texts == ["Yes, let them come", "No, nobody"]
    await bot.taps(sam, "Yes", asked, "I keep asking")
    ended = await bot.taps(sam, "No", asked, "nobody will come now")
    assert "112" in ended.text
    await ana.sees_edit(page, "Closed")
    late = await bot.taps(sam, "Yes", asked)
    assert "Nobody is being asked" in late.text
    assert late.button_texts == ["Talk to a person", "Find help near me"]

    # With somebody there the question is another one.
    await bot.taps(sam, "Talk to a person", late)
    again = await ana.reads("Somebody would like to talk", after=page)
    await ana.taps("I'm here", on=again)
    await sam.reads("Ana is here")
    asked = await bot.asks(sam, words, "Ana is here with you. Shall the conversation end?")
    await bot.taps(sam, "No, let us go on", asked, "Ana stays with you")
    await bot.taps(sam, "Yes, end it", asked, "nobody will come now")
    await ana.reads("The person said that nobody need come any more")


async def test_stop_does_not_send_away_who_waits_for_the_ambulance_with_them(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    await bot.taps(ana, "Emergency services called", handed, "noted that the emergency")
    asked = await bot.asks(sam, "/stop", "Shall the conversation end?")
    answer = await bot.taps(sam, "Yes, end it", asked)
    assert "The emergency services were called for you" in answer.text
    assert "112" in answer.text
    await ana.reads("the case stays open")


async def test_who_blocks_the_bot_is_missed_by_their_holder(bot: Watched) -> None:
    bot.expected = {"ChatGone"}
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await sam.reads("Ana is here")
    await sam.blocks()
    await ana.reads("the person has blocked the bot")
    await bot.asks(ana, "are you still there?", "your message did not arrive")
    await sam.unblocks()
    await ana.reads("has let the bot back in")
    await sam.says("sorry, i am back")
    await ana.reads("sorry, i am back")
    await ana.says("good that you are")
    await sam.reads("good that you are")


async def test_writing_soon_after_the_close_opens_the_case_again(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    question = await bot.taps(ana, "Close the case", handed, "How did it end?")
    await ana.taps("They feel safer", on=question)
    closed = await sam.reads("This conversation has ended")
    await ana.reads("C1 is closed: They feel safer")
    answer = await bot.asks(sam, "i want to die tonight", "Please call now:")
    assert answer.message_id > closed.message_id
    page = await ana.reads("C1", after=question)
    page = await ana.reads("IMMEDIATE", after=page) if "IMMEDIATE" not in page.text else page
    assert DISTRESS not in page.text


async def test_unknown_commands_while_waiting_or_talking_lose_no_words(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await sam.says("/human")
    page = await ana.reads("Somebody would like to talk")
    await bot.asks(sam, "/close", "I don't know that command")
    await bot.asks(sam, "/my dog is old", "I'm keeping this")
    await ana.taps("I'm here", on=page)
    await ana.reads("/my dog is old", after=page)
    await sam.says("/and i am tired")
    await ana.reads("/and i am tired", after=page)
    await bot.asks(sam, "/help", "Write to me in your own words")


async def test_start_says_who_is_asked_or_there_while_a_case_is_open(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    assert "asking for a person" not in (await bot.asks(sam, "/start")).text
    await sam.says("/human")
    page = await ana.reads("Somebody would like to talk")
    waiting = await bot.asks(sam, "/start", "I'm a bot, not a person")
    assert waiting.text.endswith(
        "I'm asking for a person already, and I keep asking until somebody comes."
    )
    await ana.taps("I'm here", on=page)
    await sam.reads("Ana is here for you now", after=waiting)
    talking = await bot.asks(sam, "/start", "I'm a bot, not a person")
    assert "Ana is here for you now. What you write goes to Ana" in talking.text
    assert "asking for a person" not in talking.text
