"""Numbers near a person: they say where they are, and it is never guessed."""

from __future__ import annotations

from tests.telegram.conftest import DISTRESS, Watched


async def test_a_country_is_found_by_name_by_flag_or_by_tapping(bot: Watched) -> None:
    sam = await bot.person()
    asked = await bot.asks(sam, "/resources")
    assert "Which country are you in?" in asked.text
    assert "112" in asked.text
    europe = await bot.taps(sam, "Europe", on=asked)
    assert any("Albania" in label for label in europe.button_texts)
    more = await bot.taps(sam, "»", on=europe)
    assert not set(more.button_texts[:-3]) & set(europe.button_texts)
    assert "«" in more.button_texts
    first_again = await bot.taps(sam, "«", on=more)
    assert first_again.button_texts == europe.button_texts
    back = await bot.taps(sam, "Parts of the world", on=first_again)
    assert "Europe" in back.button_texts
    near = await bot.taps(sam, "Germany", on=europe)
    assert "116 123" in near.text or "0800" in near.text
    assert near.button_texts == ["Talk to a person", "Another country", "A number didn't work"]

    for words, country in (
        ("/resources Germany", "Germany"),
        ("/resources germny", "Germany"),
        ("/resources   deutschland", "Germany"),
        ("/resources 🇫🇷", "France"),
        ("Ireland", "Ireland"),
        ("Сербия", "Serbia"),
        ("/resources", "Serbia"),
    ):
        assert country in (await bot.asks(sam, words)).text, words


async def test_a_country_that_is_none_or_several_is_asked_about(bot: Watched) -> None:
    sam = await bot.person()
    unknown = await bot.asks(sam, "/resources Atlantis <b>")
    assert "called “Atlantis <b>”" in unknown.text
    assert "/resources Germany" in unknown.text
    assert "Europe" in unknown.button_texts
    several = await bot.asks(sam, "/resources Congo")
    assert "could be more than one country" in several.text
    assert len(several.button_texts) == 2
    assert "Which country" in (await bot.asks(sam, "/resources")).text
    chosen = await bot.taps(sam, several.button_texts[0], on=several)
    assert "Congo" in chosen.text


async def test_who_waits_can_type_their_country_too(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, DISTRESS)
    page = await ana.reads("IMMEDIATE")
    near = await bot.asks(sam, "Germany", "🇩🇪")
    assert "Talk to a person" not in near.button_texts
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now")
    assert "🇩🇪 Germany" in handed.text


async def test_where_they_are_may_be_said_in_a_sentence(bot: Watched) -> None:
    for text, country in (
        ("im in the uk", "United Kingdom"),
        ("estoy en España", "Spain"),
        ("us", "United States"),
        ("germeny", "Germany"),
    ):
        sam = await bot.person()
        await bot.asks(sam, "/resources", "Which country are you in?")
        assert country in (await bot.asks(sam, text)).text, text


async def test_two_letters_that_answer_nothing_set_no_country(bot: Watched) -> None:
    sam = await bot.person()
    await bot.asks(sam, "us")
    assert "Which country are you in?" in (await bot.asks(sam, "/resources")).text


async def test_several_countries_are_tapped_and_a_name_in_a_sentence_changes_nothing_later(
    bot: Watched,
) -> None:
    sam = await bot.person()
    await bot.asks(sam, "/resources")
    several = await bot.asks(sam, "im in congo")
    assert len(several.button_texts) == 2
    assert "Congo" in (await bot.taps(sam, several.button_texts[0], on=several)).text
    await bot.asks(sam, "my brother lives in germany")
    assert "Congo" in (await bot.asks(sam, "/resources")).text


async def test_who_says_where_they_are_and_more_is_heard(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "/resources")
    assert "112" in (await bot.asks(sam, "im in the uk and i want to die")).text
    await ana.reads("asked")


async def test_who_waits_can_say_it_in_a_sentence_too(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, DISTRESS)
    page = await ana.reads("IMMEDIATE")
    await bot.asks(sam, "i'm in the us", "United States")
    await ana.taps("I'm here", on=page)
    assert "United States" in (await ana.reads("You are with them now")).text


async def test_a_number_that_failed_is_reported_and_others_are_given(bot: Watched) -> None:
    sam = await bot.person()
    near = await bot.asks(sam, "/resources Germany")
    answer = await bot.taps(sam, "A number didn't work", on=near)
    assert "will check it" in answer.text
    assert "112" in answer.text
    told = await bot.chief.reads("A number didn't work")
    assert "Germany" in told.text
    assert "Sam" not in told.text


async def test_who_says_that_they_are_in_danger_gets_numbers_and_the_fast_ladder(
    bot: Watched,
) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await sam.sends_voice()
    question = await sam.reads("Are you in danger right now?")
    assert question.button_texts[0] == "I'm in danger now"
    answer = await bot.taps(sam, "I'm in danger now", on=question)
    assert answer.text.startswith("Please call now:")
    page = await ana.reads("IMMEDIATE")
    await ben.reads("IMMEDIATE")
    # Twice is no harm.
    await bot.taps(sam, "I'm in danger now", question, "Please call now:")
    await ana.taps("I'm here", on=page)
    await ana.reads("sent a voice message")
    await bot.settles()
    assert sum(message.kind == "voice" for message in await ana.messages()) == 1
