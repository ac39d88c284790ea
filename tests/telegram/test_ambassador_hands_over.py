"""A case changes hands: offered and taken, declined, lapsed, or taken over by a coordinator."""

from __future__ import annotations

from sqlmodel import col, select

from models import Ambassador, Audit, Case
from tests.telegram.conftest import DISTRESS, Watched


async def acts(bot: Watched) -> list[str]:
    """What the audit says was done, oldest first."""
    async with bot.holdfast.database.reading() as session:
        return list((await session.exec(select(Audit.act).order_by(col(Audit.id)))).all())


async def test_a_case_is_offered_by_name_and_goes_to_who_says_yes(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana, ben = await bot.on_call()
    cara = await bot.ambassador("Cara")
    sam = await bot.person()
    handed = await bot.claimed(sam, by=ana)
    await ana.says("hello sam")
    await sam.reads("hello sam")
    whom = await bot.taps(ana, "Hand over", handed, "Who shall go on?")
    assert {"Ben · @ben", "Cara · @cara", "Cleo · @cleo"} == set(whom.button_texts)
    await bot.taps(ana, "Ben · @ben", whom, "@ben is asked to take it over")
    asked = await ben.reads("Ana asks you to take over")
    assert asked.button_texts == ["I take it over", "Can't right now"]
    assert DISTRESS not in asked.text

    # Until then it is Ana's, and nobody who was not asked can take it.
    await sam.says("are you there?")
    await ana.reads("are you there?")
    await bot.settles()
    assert "are you there?" not in await ben.transcript()

    await ben.taps("I take it over", on=asked)
    await ben.taps("I take it over", on=asked)
    await ben.sees_toast("They are yours")
    await ben.sees_toast("This case is yours already")
    mine = await ben.reads("You are with them now")
    await ben.reads(DISTRESS, after=mine)
    await ben.reads("hello sam", after=mine)
    await ben.sees_edit(asked, "You took it over")
    await ana.reads("Ben has taken it over and goes on")
    told = await sam.reads("Ben goes on with you from here")
    await bot.asks(ana, "one more thing", "nobody read this")
    await sam.says("hi ben")
    await ben.reads("hi ben", after=mine)
    await bot.settles()
    assert "hi ben" not in await ana.transcript()
    assert "one more thing" not in await sam.transcript()
    assert len([m for m in await ben.messages() if "You are with them now" in m.text]) == 1
    assert (await acts(bot))[-2:] == ["offered", "handed_over"]
    assert told
    assert cara


async def test_an_offer_can_be_declined_withdrawn_or_left_unanswered(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await ana.says("hello sam")
    await sam.reads("hello sam")

    await bot.asks(ana, "/handover C1 @ben", "@ben is asked to take it over")
    first = await ben.reads("Ana asks you to take over")
    await bot.asks(ana, "/handover @ben", "@ben is asked already")
    await ben.taps("Can't right now", on=first)
    await ana.reads("They can't take it over right now")
    await ben.sees_edit(first, "that is all right")

    offered = await bot.asks(ana, "/handover @ben", "@ben is asked to take it over")
    second = await ben.reads("Ana asks you to take over", after=first)
    await bot.taps(ana, "I go on myself", offered, "C1 stays with you")
    await ben.sees_edit(second, "This question was taken back")

    await bot.asks(ana, "/handover ben", "@ben is asked to take it over")
    third = await ben.reads("Ana asks you to take over", after=second)
    await bot.time_passes(minutes=10, seconds=1)
    await ana.reads("There was no answer to your offer")
    await ben.sees_edit(third, "This question has ended")
    await bot.settles()
    assert "You are with them now" not in await ben.transcript()
    await bot.asks(ana, "/mycases", "with Ana")


async def test_only_who_is_free_is_asked_and_wrong_words_lose_nothing(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    await bot.asks(ana, "/handover @ben", "You hold no case")
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await bot.asks(ben, "/away", "You are away from now on")
    await bot.asks(ana, "/handover C1 @ben", "@ben can't be asked right now")
    await bot.asks(ana, "/handover C1 @ana", "@ana can't be asked right now")
    await bot.asks(ana, "/handover C1 @zoe", "I know nobody called @zoe")
    await bot.asks(ana, "/handover C1 @ben please", "I know nobody called @ben please")
    await bot.asks(ana, "/handover C99 @ben", "I know nobody called C99 @ben")
    whom = await bot.asks(ana, "/handover", "Who shall go on?")
    assert whom.button_texts == ["Cleo · @cleo"]
    second = await bot.person()
    await bot.claimed(second, by=ana)
    await bot.asks(ana, "/handover", "I could not read “…”")
    await bot.asks(ana, "/handover @cleo", "I could not read “@cleo”")
    await bot.asks(ana, "/handover C2", "Who shall go on?")


async def test_a_coordinator_takes_a_case_over_and_its_holder_is_told(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await bot.asks(ana, "/handover C1 @ben", "is asked to take it over")
    offer = await ben.reads("Ana asks you to take over")
    await bot.command("/takeover", "Which case?")
    await bot.command("/takeover C77", "There is no case C77")
    await bot.command("/takeover the first", "I could not read “the first”")
    await bot.asks(ana, "/takeover C1", "I don't know that command")
    await bot.command("/takeover C1", "You are with them now")
    await bot.command("/takeover c1", "C1 is yours already")
    await ana.reads("Cleo, a coordinator, has taken it over")
    await ben.sees_edit(offer, "This question was taken back")
    await sam.reads("Cleo goes on with you from here")
    await bot.chief.says("hello, cleo here")
    await sam.reads("hello, cleo here")
    assert "taken_over" in await acts(bot)

    # One that nobody holds yet is taken like any page.
    kim = await bot.person("Kim")
    await kim.says("can i talk to a real person")
    page = await ana.reads("Somebody would like to talk")
    await bot.command("/takeover C2", "You are with them now")
    await ana.sees_edit(page, "Taken by Cleo")
    await kim.reads("Cleo is here for you now")


async def test_who_comes_back_soon_goes_on_in_the_same_case_with_the_same_ambassador(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, ben = await bot.on_call()
    sam = await bot.person()
    await sam.says("can i talk to a real person")
    page = await ana.reads("Somebody would like to talk")
    await bot.time_passes(minutes=5, seconds=1)
    await ben.taps("I'm here", on=await ben.reads("Somebody would like to talk"))
    handed = await ben.reads("You are with them now")
    question = await bot.taps(ben, "Close the case", handed, "How did it end?")
    await bot.taps(ben, "They feel safer", question, "C1 is closed")
    over = await sam.reads("This conversation has ended")

    # Thanks and a heart call nobody.
    await bot.asks(sam, "thank you so much", "You're welcome")
    await sam.sends_sticker()
    await bot.settles()
    seen = await ben.marker()
    again = await bot.asks(sam, "all the sadness is coming back", "for you")
    assert again.message_id > over.message_id
    page = await ben.reads("Waiting:", after=question)
    assert "coming back" in page.text
    assert "real person" not in page.text, "what is new comes first"
    assert "Waiting: less than a minute · 1 asked" in page.text
    await sam.reads("I'm asking for somebody again: one volunteer", after=over)
    await bot.settles()
    assert not [m for m in await ana.messages() if m.message_id > seen and "C1" in m.text]
    await ben.taps("I'm here", on=page)
    mine = await ben.reads("You are with them now", after=page)
    await ben.reads("can i talk to a real person", after=mine)

    # Much later it is a case of its own.
    question = await bot.taps(ben, "Close the case", mine, "How did it end?")
    await bot.taps(ben, "They feel safer", question, "C1 is closed")
    await bot.time_passes(hours=12, seconds=1)
    await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    await ana.reads("C2")
    async with bot.holdfast.database.reading() as session:
        cases = (await session.exec(select(Case).order_by(col(Case.id)))).all()
    assert [case.status for case in cases] == ["closed", "open"]


async def test_who_speaks_the_persons_language_is_first_in_the_roster(bot: Watched) -> None:
    ana = await bot.ambassador("Ana")
    await bot.ambassador("Ben")
    await bot.asks(ana, "/languages", "You can talk with a person in: en")
    await bot.asks(ana, "/languages english", "I could not read “english”")
    await bot.asks(ana, "/languages es, pt-BR", "You can talk with a person in: es pt")
    await bot.settles()
    async with bot.holdfast.database.reading() as session:
        work = bot.work(session)
        everybody = (
            await session.exec(select(Ambassador).where(Ambassador.role == "ambassador"))
        ).all()
        names = {one.id: one.handle for one in everybody}

        async def first(language: str) -> str:
            roster = await work.rosters.roster(language)
            return next(names[who] for who in roster.everyone if who in names)

        assert await first("es-MX") == "ana"
        assert await first("en") == "ben"


async def test_only_languages_that_there_are_can_be_named(bot: Watched) -> None:
    ana = await bot.ambassador("Ana")
    await bot.asks(ana, "/languages en pt-BR fil", "You can talk with a person in: en pt fil")
    for words, part in (("xx", "“xx”"), ("en zz", "“zz”"), ("en zz qqq", "“zz qqq”")):
        refused = await bot.asks(ana, f"/languages {words}", "as a language")
        assert part in refused.text
        assert "/languages en es" in refused.text
    await bot.asks(ana, "/languages", "You can talk with a person in: en pt fil")


async def test_what_the_waiting_bot_says_is_not_said_after_every_line(bot: Watched) -> None:
    await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    await sam.reads("I have just asked")
    for line in ("it is my dog", "he is old", "and he coughs", "since monday"):
        await sam.says(line)
    for _ in range(3):
        await sam.sends_voice()
    await bot.settles()
    said = await sam.transcript()
    assert said.count("I'm keeping this for whoever comes. Still asking.") == 1
    assert said.count("are you in danger right now?") == 1
    await bot.time_passes(minutes=5)
    await bot.asks(sam, "is anybody there for my dog", "I'm keeping this")
