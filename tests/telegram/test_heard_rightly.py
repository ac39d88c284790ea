"""What somebody takes back, answers, or says for themselves is heard as they meant it."""

from __future__ import annotations

import pytest

from bot.telegram import said
from sandbox.client import ChatMessage, Phone
from tests.telegram.conftest import DISTRESS, Watched


async def test_words_that_are_taken_back_are_still_there_for_whoever_comes(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    sam = await bot.person()
    grave = await sam.says("i want to kill myself")
    page = await ana.reads("IMMEDIATE")
    await bot.settles()
    await sam.edits(grave, "sorry wrong chat")
    await bot.settles()
    await ana.taps("I'm here", on=page)
    heard = await ana.reads("sorry wrong chat", after=page)
    assert "i want to kill myself" in heard.text
    # While somebody is there as well; a slip of the finger leaves no trace.
    later = await sam.says("i have the pills in my hand")
    shown = await ana.reads("i have the pills in my hand", after=heard)
    await sam.edits(later, "never mind")
    await ana.sees_edit(shown, "i have the pills in my hand\n✏️ never mind")
    slip = await sam.says("my dooog is here")
    shown = await ana.reads("my dooog is here", after=shown)
    await sam.edits(slip, "my dog is here")
    await ana.sees_edit(shown, "my dog is here")
    assert "dooog" not in await ana.transcript()


async def test_an_ambassador_in_need_is_read_as_anybody_is(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    unsure = await bot.asks(ana, "i am going to kill myself tonight", "If it is about you")
    assert "112" in unsure.text
    await bot.taps(ana, "Talk to a person", unsure, "I'm getting a person")
    await ben.reads("Somebody would like to talk")
    answer = await bot.asks(ana, "i took all my pills, i want to die", "112")
    assert "I can't call or send anybody myself" in answer.text
    page = await bot.chief.reads("IMMEDIATE")
    await bot.chief.taps("I'm here", on=page)
    await bot.chief.reads("i took all my pills", after=page)

    cara = await bot.ambassador("Cara")
    await bot.asks(cara, "/human i have taken an overdose, i want to die", "Please call now:")


async def goes_back(bot: Watched, sam: Phone, ana: Phone) -> ChatMessage:
    """Ana takes Sam's case and then does not write, until it goes back: what handed it to her."""
    handed = await bot.claimed(sam, by=ana)
    await sam.says("are you there")
    await bot.settles()
    await bot.time_passes(minutes=3)
    await sam.reads("Ana may have been held up")
    await bot.time_passes(minutes=4)
    return handed


async def test_whose_case_went_back_while_they_were_away_finds_their_way_back(
    bot: Watched,
) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    handed = await goes_back(bot, sam, ana)
    gone = await sam.reads("can't go on right now")
    assert "112" in gone.text
    again = await ben.reads("IMMEDIATE")
    assert "are you there" in again.text
    bot.expected = {"Stale"}
    back = await bot.asks(ana, "sorry!! my phone died", "went back, since you had not written")
    await ana.taps("I'm here", on=back)
    await ana.reads("You are with them now", after=handed)
    await bot.settles()
    assert "my phone died" not in await sam.transcript()


async def test_what_went_back_from_them_asks_them_once_and_no_longer_when_somebody_has_it(
    bot: Watched,
) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await goes_back(bot, sam, ana)
    page = await ben.reads("IMMEDIATE")
    first = await bot.asks(ana, "sorry!!", "went back, since you had not written")
    second = await bot.asks(ana, "are you there", "went back, since you had not written")
    await bot.settles()
    shown = {message.message_id: message.buttons for message in await ana.messages()}
    assert (bool(shown[first.message_id]), bool(shown[second.message_id])) == (False, True)
    await bot.taps(ben, "I'm here", page)
    over = await ana.sees_edit(second, containing="Taken by Ben")
    assert not over.buttons


async def test_a_page_shows_how_it_began_and_what_was_said_last_and_only_the_persons_words(
    bot: Watched,
) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    await ana.says("hi, i am Ana")
    for number in range(12):
        await sam.says(f"line {number} " + "and so on " * 8)
    await sam.says("i have the knife now")
    await bot.settles()
    await bot.taps(ana, "Hand it back", handed)
    page = await ben.reads("IMMEDIATE")
    assert DISTRESS[:20] in page.text
    assert "i have the knife now" in page.text
    assert "i am Ana" not in page.text


@pytest.mark.parametrize(
    ("answer", "told"), [("no", "nobody will come now"), ("yes", "I keep ask")]
)
async def test_the_question_whether_somebody_shall_come_can_be_answered_in_words(
    bot: Watched, answer: str, told: str
) -> None:
    await bot.on_call()
    sam = await bot.person()
    first = await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    assert "Please ask nobody" in first.button_texts
    await bot.taps(sam, "Please ask nobody", first, "Shall somebody still come?")
    await bot.asks(sam, answer, told)


async def test_a_stop_with_words_of_distress_is_answered_and_heard(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await sam.says("/stop i want to die tonight")
    await sam.reads("112")
    await sam.reads("Shall somebody still come?")
    await ana.reads("IMMEDIATE")


async def test_who_asks_while_they_wait_is_answered(bot: Watched) -> None:
    await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    await bot.asks(sam, "it is about my dog", "I'm keeping this")
    await bot.time_passes(seconds=40)
    stands = await bot.asks(sam, "is anyone coming?", "Somebody is still being asked")
    assert "Nobody else has been called or sent" in stands.text
    assert "112" in stands.text


async def test_a_thumb_or_a_word_of_safety_pages_nobody(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "hello")
    await bot.asks(sam, "idk", "you don't have to know")
    await bot.asks(sam, "👍", "Are you in danger right now?")
    await bot.asks(sam, "im safe", "Thank you for telling me")
    await bot.asks(sam, "im safe", "Thank you for telling me")
    await bot.settles()
    assert "asked" not in await ana.transcript()


async def test_whom_a_coordinator_closed_may_come_back_and_who_called_it_off_is_left_alone(
    bot: Watched,
) -> None:
    ana, _ = await bot.on_call()
    sam, kim = await bot.person(), await bot.person("Kim")
    await bot.claimed(sam, by=ana)
    assert "C1 is closed" in await bot.command("/close C1 their parents are there")
    await sam.reads("This conversation has ended")
    await bot.asks(sam, "hello? i woke up", "asking for somebody again")

    first = await bot.asks(kim, "can i talk to a real person", "I'm getting a person")
    question = await bot.taps(kim, "Please ask nobody", first, "Shall somebody still come?")
    await bot.taps(kim, "No, nobody", question, "nobody will come now")
    await bot.asks(kim, "hello")
    await bot.settles()
    assert "asking for somebody again" not in await kim.transcript()


async def test_a_yes_to_whoever_came_meanwhile_ends_nothing(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    first = await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    await bot.taps(sam, "Please ask nobody", first, "Shall somebody still come?")
    page = await ana.reads("Somebody would like to talk")
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now")
    await ana.says("do you want to talk?")
    await sam.reads("do you want to talk?")
    await sam.says("yes")
    await ana.reads("yes", after=handed)
    await bot.settles()
    assert "nobody will come" not in await sam.transcript()
    assert "is closed" not in await ana.transcript()


async def test_the_answer_that_ends_a_talk_reaches_whoever_is_there(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana, words="can i talk to a real person")
    await bot.asks(sam, "/stop", "Shall the conversation end?")
    await sam.says("no")
    await ana.reads("no", after=handed)
    await sam.reads("stays with you")


async def test_a_tap_on_danger_always_reaches_whoever_is_there(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    asked = await bot.asks(sam, "🐚🐚🐚", "in danger right now")
    await bot.taps(sam, "I'm in danger now", asked)
    page = await ana.reads("IMMEDIATE")
    await ana.taps("I'm here", on=page)
    handed = await ana.reads("You are with them now")
    await bot.settles()
    await bot.taps(sam, "I'm in danger now", asked, "Ana is here with you")
    await ana.reads("have just tapped “I'm in danger now”", after=handed)


async def test_words_that_an_edit_brings_reach_whoever_is_there(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    early = await sam.says("my cat is called Blue")
    await bot.settles()
    # So long ago that it belongs to no case that begins now. Redis, which keeps the window for an
    # hour, keeps its own time.
    await bot.time_passes(hours=3)
    await bot.holdfast.redis.flushdb()
    handed = await bot.claimed(sam, by=ana)
    await bot.settles()
    assert "my cat" not in await ana.transcript()
    await sam.edits(early, "i took all the pills")
    await ana.reads("i took all the pills", after=handed)
    # Words of an older case belong to the one that they open.
    await bot.taps(ana, "Close", handed, "How did")
    closing = [one for one in await ana.messages() if "How did" in one.text][-1]
    await bot.taps(ana, "They feel safer", closing, "is closed")
    await bot.time_passes(hours=13)
    await sam.edits(early, "i want to kill myself now")
    page = await ana.reads("IMMEDIATE", after=closing)
    assert "i want to kill myself now" in page.text


@pytest.mark.parametrize("command", ["/help", "/privacy", "/start"])
async def test_words_behind_a_command_reach_whoever_is_there(bot: Watched, command: str) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    await sam.says(f"{command} my brother just came home")
    heard = await ana.reads("my brother just came home", after=handed)
    assert command not in heard.text


async def test_a_wish_for_a_person_behind_a_command_is_heard(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "/help can i talk to a real person", "I'm getting a person")
    await ana.reads("Somebody would like to talk")


async def test_who_waits_and_asks_for_a_number_or_who_this_is_gets_an_answer(bot: Watched) -> None:
    await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    numbers = await bot.asks(sam, "give me a hotline number", "I keep asking for a person as well")
    assert "112" in numbers.text
    about = await bot.asks(sam, "are you a bot", "I call nobody")
    assert "made-up name" in about.text
    await bot.asks(sam, "will you call the police on me", "I call nobody")
    await bot.settles()
    assert "Please call now" not in await sam.transcript()


async def test_a_caption_from_before_the_case_is_on_the_page(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await sam.sends_photo(caption="this is Rex, my dog")
    await bot.settles()
    await bot.time_passes(minutes=2)
    await sam.says("can i talk to a real person")
    page = await ana.reads("Somebody would like to talk")
    assert "this is Rex, my dog" in page.text


async def test_what_is_said_in_a_group_is_read_by_nobody() -> None:
    update = {
        "message": {
            "message_id": 1,
            "text": "i want to die",
            "chat": {"id": -5, "type": "group"},
            "from": {"id": 5, "is_bot": False, "first_name": "Sam"},
        }
    }
    assert said.words_in(update) is None
    update["message"]["chat"] = {"id": 5, "type": "private"}
    assert said.words_in(update) is not None
