"""How an ambassador joins, is paged, and answers."""

from __future__ import annotations

import json

from sandbox import Fault
from tests.telegram.conftest import DISTRESS, Watched


async def test_an_ambassador_joins_by_a_link_that_works_once(bot: Watched) -> None:
    link = await bot.invitation("ambassador")
    ana = await bot.client.new_phone("Ana", username="ana_secret")
    await ana.start(link)
    welcome = await ana.reads("You are an ambassador of Harbour")
    assert "@ana" in welcome.text
    await bot.chief.reads("@ana (Ana) has joined as ambassador")
    assert set(await ana.menu()) == {
        *("mycases", "close", "review", "handover", "oncall", "next", "myshifts", "rota"),
        *("coverme", "swap", "away", "back", "calendar", "languages", "channel", "test", "help"),
    }
    await bot.asks(ana, f"/start {link}", "You have joined already")
    await bot.asks(ana, f"/start {await bot.invitation('ambassador')}", "You have joined already")
    await bot.asks(ana, "/start", "You are @ana")

    eve = await bot.person("Eve")
    await bot.asks(eve, f"/start {link}", "has been used already")
    await bot.asks(eve, "/start nothing-of-the-kind", "no invitation that I know")
    late = await bot.invitation("ambassador")
    await bot.time_passes(days=8)
    await bot.asks(eve, f"/start {late}", "too old")
    assert set(await eve.menu()) == {"human", "resources", "privacy", "stop", "help"}

    # A coordinator's link makes a coordinator of an ambassador.
    await bot.asks(ana, f"/start {await bot.invitation('coordinator')}", "You are a coordinator")
    await bot.settles()
    assert "invite" in await ana.menu()


async def test_names_are_shown_as_they_are_and_handles_can_be_typed(bot: Watched) -> None:
    names = {
        "Ana": "ana",
        "ana": "ana2",
        "Ána María": "ana3",
        "<b>Bo</b> & Co": "b",
        "*Max* _x_": "max",
        "🌊🌊": "friend",
        "أمل": "friend2",
        "\u202eevil\u202c": "evil",
        "\u200b\u200b": "friend3",
        "Никита": "friend4",
    }
    for name, handle in names.items():
        phone = await bot.client.new_phone(name)
        await phone.start(await bot.invitation("ambassador"))
        assert f"@{handle}." in (await phone.reads("You are an ambassador")).text, name
    listed = await bot.command("/ambassadors", "@friend4")
    assert "@b · <b>Bo</b> & Co · ambassador" in listed
    assert "@evil · evil · ambassador" in listed
    assert "@friend3 · Friend · ambassador" in listed
    assert "\u202e" not in listed


async def test_a_page_says_what_is_needed_and_hides_the_words(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana, ben = await bot.on_call()
    cara = await bot.ambassador("Cara")
    sam = await bot.client.new_phone("Samantha", "a person", username="sam_the_secret")
    words = "i want to die tonight <b>& *now*</b> 🌊"
    await sam.says(words)
    page = await ana.reads("IMMEDIATE")
    assert "suicide" in page.text
    assert "Waiting: less than a minute · 2 asked" in page.text
    hidden = next(entity for entity in page.raw["entities"] if entity["type"] == "spoiler")
    units = page.text.encode("utf-16-le")
    begin, end = hidden["offset"] * 2, (hidden["offset"] + hidden["length"]) * 2
    assert units[begin:end].decode("utf-16-le") == words
    assert page.button_texts == ["I'm here", "Can't right now"]
    assert page.raw["has_protected_content"]

    # "Can't right now" brings the next at once, and changes one's own page.
    await ana.taps("Can't right now", on=page)
    await ana.sees_toast("That's all right")
    gone = await ana.sees_edit(page, "You can't right now, and that is all right")
    assert gone.button_texts == []
    await bot.chief.reads("IMMEDIATE")

    other = await ben.reads("IMMEDIATE")
    await ben.taps("I'm here", on=other)
    await ben.taps("I'm here", on=other)
    await ben.sees_toast("They are yours")
    await ben.sees_toast("This case is yours already")
    await ben.sees_edit(other, "You took this case")
    handed = await ben.reads("You are with them now")
    await ben.reads(words, after=handed)
    await ben.says("hello, i'm ben")
    await sam.reads("hello, i'm ben")
    await sam.says("thank you")
    await ben.reads("thank you", after=handed)
    await sam.sends_photo()
    await bot.settles()

    # One tap, one hand-over; and no phone but the person's own ever showed who they are.
    taken = [m for m in await ben.messages() if "You are with them now" in m.text]
    assert len(taken) == 1
    for phone in (ana, ben, cara, bot.chief):
        shown = json.dumps([m.raw for m in await phone.messages()], ensure_ascii=False)
        for secret in ("Samantha", "sam_the_secret", str(sam.id)):
            assert secret not in shown
    picture = next(m for m in await ben.messages() if m.kind == "photo")
    assert picture.raw["has_media_spoiler"]


async def test_old_buttons_say_how_things_stand(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    cara = await bot.ambassador("Cara <&> Co", None)
    sam = await bot.person()
    await sam.says(DISTRESS)
    page, other = await ana.reads("IMMEDIATE"), await ben.reads("IMMEDIATE")
    await bot.settles()
    await bot.time_passes(seconds=61)
    third = await cara.reads("IMMEDIATE")
    # A page that could not be changed still shows its buttons.
    bot.expected = {"Stale"}
    why = "Bad Request: message can't be edited"
    await bot.client.faults.add(
        Fault("error", "editMessageText", chat_id=ben.id, status=400, description=why)
    )
    await cara.taps("I'm here", on=third)
    handed = await cara.reads("You are with them now")
    for label in ("I'm here", "Can't right now"):
        await ben.taps(label, on=other)
    await bot.settles()
    toasts = [toast.text for toast in await ben.toasts()]
    assert toasts == ["Cara <&> Co has taken it already. Thank you."] * 2
    assert "You are with them now" not in await ben.transcript()

    question = await bot.taps(cara, "Close the case", handed, "How did it end?")
    await bot.taps(cara, "We talked it through", question, "C1 is closed")
    for label in ("We talked it through", "Close the case", "Hand it back"):
        await cara.taps(label)
        await cara.sees_toast("This case is closed already")
    await ana.sees_edit(page, "Closed")


async def test_who_is_away_is_not_paged(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    away = await bot.asks(ana, "/away", "You are away from now on")
    assert "last one" not in (await ana.transcript())
    sam = await bot.person()
    await sam.says(DISTRESS)
    page = await ben.reads("1 asked")
    oncall = await bot.asks(ana, "/oncall", "On call now")
    assert "Primary: nobody" in oncall.text
    assert "Backup: @ben" in oncall.text
    await ben.taps("I'm here", on=page)
    await bot.settles()
    assert "IMMEDIATE" not in await ana.transcript()
    held = await bot.asks(ben, "/away 3h", "You still hold C1")
    await ben.reads("You were the last one on call", after=held)
    assert "@ana · Ana · ambassador · away" in await bot.command("/ambassadors", "@ana")
    assert "@ben · Ben · ambassador · away · holds 1" in await bot.command("/ambassadors", "@ben")
    await bot.asks(ana, "/back", "Welcome back")
    await bot.asks(ana, "/back", "You were not away")
    await bot.time_passes(hours=3, minutes=1)
    await bot.asks(ben, "/back", "You were not away")
    assert away


async def test_who_is_out_of_reach_is_passed_over_at_once(bot: Watched) -> None:
    bot.expected = {"ChatGone"}
    ana, ben = await bot.on_call()
    cara = await bot.ambassador("Cara")
    sam = await bot.person()
    # Blocked before the page: the next is asked without any time passing.
    await ana.blocks()
    await bot.chief.reads("@ana can't be reached")
    await sam.says(DISTRESS)
    page = await ben.reads("IMMEDIATE")
    # Blocked with the page open: likewise.
    await ben.blocks()
    await cara.reads("IMMEDIATE")
    await bot.chief.reads("@ben can't be reached")
    await bot.settles()
    assert (await bot.chief.transcript()).count("can't be reached") == 2
    # A holder who blocks the bot holds nothing: others are asked anew.
    await cara.taps("I'm here", on=await cara.reads("IMMEDIATE"))
    claimed = await sam.reads("Cara is here")
    await ana.unblocks()
    await bot.settles()
    await cara.blocks()
    await sam.reads("can't go on right now. That is not because of you", after=claimed)
    fresh = await ana.reads("IMMEDIATE")
    await ana.taps("I'm here", on=fresh)
    await sam.reads("Ana is here")
    assert page


async def test_volunteers_may_ask_for_somebody_themselves(bot: Watched) -> None:
    ana, ben = await bot.on_call()
    await bot.asks(ana, "i feel so low today", "so nobody read this")
    answer = await bot.asks(ana, "/human", "I'm getting a person")
    assert "112" in answer.text
    page = await ben.reads("Somebody would like to talk")
    said = await ana.says("it has ben a long week")
    await ana.reads("I'm keeping this")
    await ana.edits(said, "it has been a long week")
    await ben.taps("I'm here", on=page)
    heard = await ben.reads("it has been a long week", after=page)
    await ben.says("tell me")
    told = await ana.reads("tell me")
    assert "Ana" not in heard.text

    # While they hold a case of another person, no word of theirs goes to the wrong one.
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    question = await bot.asks(ana, "it hurts", "Whom is this for?")
    await ana.taps("For myself", on=question)
    await ben.reads("it hurts", after=heard)
    await ana.says("and it goes on", reply_to=told)
    await ben.reads("and it goes on", after=heard)
    question = await bot.asks(ana, "how are you?", "Whom is this for?")
    await ana.taps("C2", on=question)
    await sam.reads("how are you?")
    assert "it hurts" not in await sam.transcript()
    assert "and it goes on" not in await sam.transcript()
    await bot.asks(ana, "/stop", "Shall the conversation end?")
    await bot.asks(ben, "/stop", "because you are a volunteer")
