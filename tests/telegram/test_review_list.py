"""Words that the bot is unsure of are shown to humans, quietly, and the first decides."""

from __future__ import annotations

from sqlmodel import col, select

from models import Audit, Case, Review, ReviewStatus, Urgency
from sandbox import Fault
from sandbox.client import ChatMessage, Phone
from tests.telegram.conftest import Watched

UNSURE = "i used to self harm years ago"


async def unsure(bot: Watched, person: Phone, ambassador: Phone) -> tuple[ChatMessage, ChatMessage]:
    """What the person reads after words the bot is unsure of, and what the ambassador reads."""
    marker = await ambassador.marker()
    answer = await bot.asks(person, UNSURE, "Are you safe right now?")
    return answer, await ambassador.reads("The bot is unsure", after=marker)


async def items(bot: Watched) -> list[Review]:
    async with bot.holdfast.database.reading() as session:
        return list((await session.exec(select(Review).order_by(col(Review.id)))).all())


async def acts(bot: Watched) -> list[str]:
    async with bot.holdfast.database.reading() as session:
        return list((await session.exec(select(Audit.act).order_by(col(Audit.id)))).all())


async def test_those_on_call_see_it_quietly_and_the_person_is_asked_one_question(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, ben = await bot.on_call()
    eve = await bot.ambassador("Eve")
    sam = await bot.person()
    answer, shown = await unsure(bot, sam, ana)
    assert answer.text.count("?") == 1
    assert "You don't have to answer" in answer.text
    assert answer.button_texts == ["I'm safe", "I'm not safe", "Talk to a person"]
    assert UNSURE in shown.text
    assert shown.button_texts == ["Page", "Fine"]
    await ben.reads("The bot is unsure")
    await bot.settles()
    assert "unsure" not in await eve.transcript()
    sent = [
        entry
        for entry in await bot.client.journal()
        if entry.method == "sendMessage" and "unsure about this" in str(entry.params.get("text"))
    ]
    assert [entry.params.get("disable_notification") for entry in sent] == ["true", "true"]
    spoilers = [one for one in shown.raw["entities"] if one["type"] == "spoiler"]
    assert len(spoilers) == 1

    await ana.taps("Fine", on=shown)
    await bot.settles()
    (item,) = await items(bot)
    assert (item.status, item.words) == (ReviewStatus.FINE, None)
    for phone in (ana, ben):
        transcript = await phone.transcript()
        assert "Ana has looked at it" in transcript
        assert UNSURE not in transcript
    assert "has looked" not in await sam.transcript()
    assert (await acts(bot)).count("review_shown") == 2
    assert "review_fine" in await acts(bot)


async def test_page_opens_a_case_with_the_words_and_the_person_is_told(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, ben = await bot.on_call()
    sam = await bot.person()
    _, shown = await unsure(bot, sam, ben)
    await ben.taps("Page", on=shown)
    told = await sam.reads("A volunteer has read what you wrote")
    assert "112" in told.text
    page = await ana.reads("Urgent")
    assert UNSURE in page.text
    await bot.settles()
    assert "review_paged" in await acts(bot)
    (item,) = await items(bot)
    assert (item.status, item.words) == (ReviewStatus.PAGED, None)


async def test_the_first_decision_counts(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    _, shown = await unsure(bot, sam, ana)
    other = await ben.reads("The bot is unsure")
    # Both tap before either phone shows that it is decided.
    await ana.taps("Page", on=shown)
    await ben.taps("Fine", on=other)
    await bot.settles()
    (item,) = await items(bot)
    assert item.status is ReviewStatus.PAGED
    async with bot.holdfast.database.reading() as session:
        (case,) = (await session.exec(select(Case))).all()
    assert case.urgency is Urgency.URGENT


async def test_more_words_join_the_item_and_the_question_is_not_asked_again(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await unsure(bot, sam, ana)
    more = await bot.asks(sam, "i keep thinking about ten years ago")
    assert "?" not in more.text
    await bot.settles()
    (item,) = await items(bot)
    assert item.status is ReviewStatus.OPEN
    assert "ten years ago" in (await ana.transcript())


async def test_not_safe_pages_and_takes_the_item_off_the_list(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    for n, way in enumerate(("tap", "word")):
        sam = await bot.person(f"Sam{n}")
        answer, _ = await unsure(bot, sam, ana)
        if way == "tap":
            first = await bot.taps(sam, "I'm not safe", on=answer)
        else:
            first = await bot.asks(sam, "no")
        assert first.text.startswith("Please call now:")
        page = await ana.reads("IMMEDIATE")
        assert UNSURE in page.text
        await bot.settles()
        assert (await items(bot))[-1].status is ReviewStatus.OVERTAKEN
    assert "No answer needed any more" in await ana.transcript()


async def test_who_says_that_they_are_safe_pages_nobody_and_is_still_looked_at(
    bot: Watched,
) -> None:
    ana, _ = await bot.on_call()
    for n, way in enumerate(("tap", "word")):
        sam = await bot.person(f"Sam{n}")
        answer, _ = await unsure(bot, sam, ana)
        if way == "tap":
            after = await bot.taps(sam, "I'm safe", on=answer, expecting="Thank you")
        else:
            after = await bot.asks(sam, "yes")
        assert "one tap away" in after.text
        await bot.settles()
        assert (await items(bot))[-1].status is ReviewStatus.OPEN
    transcript = await ana.transcript()
    assert transcript.count("say that they are safe") == 2
    assert "asked" not in transcript.replace("They were asked", "")


async def test_who_decides_sees_that_the_person_wants_no_more_messages(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    _, shown = await unsure(bot, sam, ana)
    await bot.asks(sam, "stop", "unless you write first, or a volunteer is worried")
    await bot.settles()
    assert "they have asked the bot to stop writing" in await ana.transcript()
    await ana.taps("Page", on=shown)
    await sam.reads("A volunteer has read what you wrote")


async def test_no_to_a_person_pages_nobody(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "i feel so lonely", "Being alone")
    assert "one tap away" in (await bot.asks(sam, "no")).text
    await bot.settles()
    assert "asked" not in await ana.transcript()


async def test_with_nobody_on_call_everybody_free_looks_and_else_the_coordinators(
    bot: Watched,
) -> None:
    ana = await bot.ambassador("Ana")
    sam = await bot.person()
    await unsure(bot, sam, ana)
    await bot.asks(ana, "/away", "You are away")
    kim = await bot.person("Kim")
    marker = await bot.chief.marker()
    await bot.asks(kim, UNSURE, "Are you safe right now?")
    await bot.chief.reads("The bot is unsure", after=marker)


async def test_after_a_day_it_is_on_the_coordinators_list_and_never_closes_by_itself(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await unsure(bot, sam, ana)
    assert "Please look (1)" in (await bot.asks(ana, "/review")).text
    await bot.time_passes(hours=25)
    await bot.chief.reads("The bot is unsure")
    await bot.settles()
    assert "coordinators' list now" in await ana.transcript()
    assert "Nothing waits" in (await bot.asks(ana, "/review")).text
    marker = await bot.chief.marker()
    await bot.asks(bot.chief, "/review", "Please look (1)")
    shown = await bot.chief.reads("The bot is unsure", after=marker)
    await bot.time_passes(hours=72)
    assert [item.status for item in await items(bot)] == [ReviewStatus.OVERDUE]
    await bot.chief.taps("Fine", on=shown)
    await bot.settles()
    assert [item.status for item in await items(bot)] == [ReviewStatus.FINE]


async def test_new_words_bring_an_overdue_item_back_to_those_on_call(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await unsure(bot, sam, ana)
    bot.clock.move(hours=25)
    await bot.chief.reads("The bot is unsure")
    await bot.settles()
    marker = await ana.marker()
    await bot.asks(sam, "i keep thinking about ten years ago")
    shown = await ana.reads("ten years ago", after=marker)
    assert shown.button_texts == ["Page", "Fine"]
    (item,) = await items(bot)
    assert item.status is ReviewStatus.OPEN


async def test_nobody_finds_fine_what_they_have_not_seen(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    _, shown = await unsure(bot, sam, ana)
    # Their phone does not show the newer words yet.
    await bot.client.faults.add(Fault(kind="delay", method="editMessageText"))
    await bot.asks(sam, "i keep thinking about ten years ago")
    marker = await ana.marker()
    await ana.taps("Fine", on=shown)
    again = await ana.reads("ten years ago", after=marker)
    assert (await items(bot))[0].status is ReviewStatus.OPEN
    await ana.taps("Fine", on=again)
    await bot.settles()
    assert (await items(bot))[0].status is ReviewStatus.FINE


async def test_of_a_long_list_the_oldest_are_shown_and_the_others_are_named(bot: Watched) -> None:
    for _ in range(7):
        await bot.asks(await bot.person(), UNSURE, "Are you safe right now?")
    await bot.settles()
    marker = await bot.chief.marker()
    head = await bot.asks(bot.chief, "/review", "Please look (7)")
    assert "5 have waited longest, and 2 more" in head.text
    await bot.asks(bot.chief, "/oncall", "On call now")
    await bot.settles()
    read = [one for one in await bot.chief.messages() if one.message_id > marker and one.from_bot]
    labels = [one.text.split(" · ")[0] for one in read if "The bot is unsure" in one.text]
    assert labels == [item.label for item in (await items(bot))[:5]]
    # Once these are answered, the others come.
    for one in read:
        if "The bot is unsure" in one.text:
            await bot.chief.taps("Fine", on=one)
    await bot.settles()
    assert "Please look (2)" in (await bot.asks(bot.chief, "/review")).text


async def test_a_talk_that_builds_up_pages(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "closed my accounts")
    await bot.asks(sam, "i've come to terms with it", "Please call now")
    page = await ana.reads("IMMEDIATE")
    assert "closed my accounts" in page.text


async def test_chit_chat_after_a_case_has_ended_pages_nobody_anew(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await bot.asks(ana, "/close", "How did it end?")
    await ana.taps("They feel safer")
    await sam.reads("This conversation has ended")
    answer = await bot.asks(sam, "what is the weather")
    assert "I'm here" in answer.text
    await bot.settles()
    async with bot.holdfast.database.reading() as session:
        assert len((await session.exec(select(Case))).all()) == 1
