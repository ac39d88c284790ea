"""The first thing that a person reads."""

from __future__ import annotations

from tests.telegram.conftest import Watched

HERE_FOR_YOU = ["Talk to a person", "Find help near me"]


async def test_start_says_that_it_is_a_bot_who_answers_and_where_privacy_is_told(
    bot: Watched,
) -> None:
    sam = await bot.person()
    await sam.start()
    first = await sam.reads()
    assert first.text.startswith("Hello. I'm a bot, not a person.")
    assert "volunteers of Harbour" in first.text
    assert "/privacy" in first.text
    assert first.button_texts == HERE_FOR_YOU
    privacy = await bot.asks(sam, "/privacy")
    assert "not end-to-end encrypted" in privacy.text
    assert "Sam" not in privacy.text
    assert set(await sam.menu()) == {"human", "resources", "privacy", "stop", "help"}


async def test_a_number_to_call_comes_before_anything_else(bot: Watched) -> None:
    sam = await bot.person()
    answer = await bot.asks(sam, "i want to die tonight")
    call, number = answer.text.splitlines()[:2]
    assert call == "Please call now:"
    assert "112" in number
    assert "findahelpline.com" in answer.text
    assert "I'm a bot" in answer.text
    # The country is asked for, never guessed: the buttons are parts of the world.
    assert "Which country are you in?" in answer.text
    assert "Europe" in answer.button_texts
    assert not any("\U0001f1e6" <= label[0] <= "\U0001f1ff" for label in answer.button_texts)


async def test_what_to_do_first_depends_on_what_is_happening(bot: Watched) -> None:
    for words, advice in (
        ("my boyfriend is hitting me right now", "If it is not safe to speak"),
        ("i took all the pills", "call an ambulance now"),
        ("my friend says she wants to kill herself tonight", "call for them"),
    ):
        answer = await bot.asks(await bot.person(), words)
        assert advice in answer.text
        assert answer.text.index("112") < answer.text.index("I'm getting a person")


async def test_an_urgent_message_gets_numbers_and_a_page_for_the_primary(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    answer = await bot.asks(sam, "i don't see a point in living any more")
    assert "I'm getting a person from Harbour" in answer.text
    assert "112" in answer.text
    assert "I'm a bot" in answer.text
    page = await ana.reads("Urgent")
    assert "1 asked" in page.text
    await sam.reads("I have just asked one volunteer", after=answer)
    assert "Urgent" not in await ben.transcript()


async def test_who_needs_no_hurry_is_offered_a_person_and_gets_one_by_saying_yes(
    bot: Watched,
) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    answer = await bot.asks(sam, "i feel so lonely")
    assert "Being alone with it is hard" in answer.text
    assert answer.button_texts == HERE_FOR_YOU
    assert "I'm a bot" in answer.text
    assert "asked" not in await ana.transcript()

    refused = await bot.asks(sam, "no")
    assert "one tap away" in refused.text
    assert refused.button_texts == HERE_FOR_YOU

    coming = await bot.asks(sam, "yes please")
    assert "I'm getting a person" in coming.text
    assert "112" in coming.text
    page = await ana.reads("Somebody would like to talk")
    assert "i feel so lonely" in page.text


async def test_anyone_gets_a_person_by_asking(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    for n, way in enumerate(("words", "button", "command", "command with words", "edit"), 1):
        sam = await bot.person()
        if way == "words":
            await sam.says("can i talk to a real person")
        elif way == "button":
            await sam.taps("Talk to a person", on=await bot.asks(sam, "hello"))
        elif way == "command":
            await sam.says("/human")
        elif way == "command with words":
            await sam.says("/human my dog died last week")
        else:
            said = await sam.says("hello")
            await sam.reads("Hello")
            await sam.edits(said, "hello, can i talk to a real person")
        assert "112" in (await sam.reads("I'm getting a person")).text
        page = await ana.reads(f"C{n} ·")
        assert "Somebody would like to talk" in page.text
        assert "/human" not in page.text
        assert ("my dog died" in page.text) == (way == "command with words")

    await bot.asks(sam, "/human", "I'm asking for a person already")
    await ana.taps("I'm here", on=page)
    await sam.reads("Ana is here")
    await bot.asks(sam, "/human", "Ana is here")
    assert "/human" not in await ana.transcript()


async def test_small_words_are_answered_and_page_nobody(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    for words, expected in (
        ("hello", "You can write what is on your mind"),
        ("what is the weather", "understand only a little"),
        ("thank you", "You're welcome"),
        ("ok", "I'm here"),
        ("goodbye", "Take care"),
        ("no", "All right"),
    ):
        answer = await bot.asks(sam, words)
        assert expected in answer.text
        # Who speaks here is said once, with the first answer.
        assert ("(I'm a bot." in answer.text) == (words == "hello")
        assert answer.button_texts == HERE_FOR_YOU
    await bot.settles()
    assert "asked" not in await ana.transcript()


async def test_an_edit_that_turns_grave_counts_like_new_words(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    said = await sam.says("hello")
    hello = await sam.reads("Hello")
    await sam.edits(said, "i want to die tonight")
    assert "112" in (await sam.reads("Please call now", after=hello)).text
    page = await ana.reads("IMMEDIATE")
    assert "i want to die tonight" in page.text
    assert "hello" not in page.text


async def test_words_from_before_the_case_come_in_their_newest_version(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    said = await sam.says("good mornning")
    await sam.reads()
    await sam.edits(said, "good morning")
    await bot.settles()
    await sam.says("/human")
    page = await ana.reads("asked")
    assert "good morning" in page.text
    assert "mornning" not in page.text


async def test_words_of_distress_count_behind_every_command(bot: Watched) -> None:
    for command in ("start", "help", "privacy", "resources", "stop", "human", "invite", "i", "x"):
        sam = await bot.person()
        answer = await bot.asks(sam, f"/{command} i want to die tonight")
        assert answer.text.startswith("Please call now:"), command


async def test_unknown_commands_and_those_of_others_are_answered_alike(bot: Watched) -> None:
    sam = await bot.person()
    answers = set()
    for command in (
        *("foo", "Foo@sandbox_bot", "mycases", "close", "oncall", "away", "back"),
        *("invite ambassador", "ambassadors", "cases", "shift list", "cover @a for @b"),
    ):
        answer = await bot.asks(sam, f"/{command}")
        answers.add((answer.text, *answer.button_texts))
    assert len(answers) == 1
    assert "I don't know that command" in answers.pop()[0]


async def test_who_follows_a_link_that_is_no_invitation_still_finds_help(bot: Watched) -> None:
    sam = await bot.person()
    await sam.start("poster-7")
    answer = await sam.reads("no invitation that I know")
    assert "I'm a bot" in answer.text
    assert answer.button_texts == HERE_FOR_YOU
