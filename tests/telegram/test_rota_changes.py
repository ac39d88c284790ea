"""A coordinator changes the rota: sees what it does, applies it, takes it back."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.pictures import Sketch, draw_sketch
from bot.telegram import port
from models import Audit, Cover, Rotation, Shift
from sandbox.client import ChatMessage, Phone
from tests.telegram.conftest import Watched

MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
"""A Monday morning, far from any change of a clock."""


async def shown(bot: Watched, text: str, phone: Phone | None = None) -> ChatMessage:
    """The preview of a change."""
    message = await bot.asks(phone or bot.chief, text)
    assert message.kind == "photo", message.text
    assert message.button_texts == ["Apply", "Cancel"], message.text
    return message


async def at_monday(bot: Watched) -> None:
    await bot.settles()
    bot.clock.set(MONDAY)


async def rows(bot: Watched, table: type) -> list[object]:
    async with bot.holdfast.database.reading() as session:
        return list((await session.exec(select(table))).all())


async def test_every_change_is_shown_with_a_picture_before_it_is_made(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana = await bot.ambassador("Ana")
    await at_monday(bot)
    preview = await shown(bot, "/shift add @ana Mon-Fri 18:00-22:00 primary")
    assert "@ana is primary, Mon-Fri 18:00-22:00 (UTC), from today on" in preview.text
    assert "➕ @ana primary: Mon 1 Mar 18:00-22:00, Tue 2 Mar 18:00-22:00" in preview.text
    assert "@ana has 20 h in the week of Mon 1 Mar, more than 12 a week" in preview.text
    assert await rows(bot, Shift) == []
    marker = await ana.marker()
    before = await bot.chief.marker()
    # Two taps on the same button are one change.
    await asyncio.gather(*(bot.chief.taps("Apply", on=preview) for _ in range(2)))
    done = await bot.chief.reads("Shift 1: @ana is primary", after=before)
    assert "/undo takes it back" in done.text
    told = await ana.reads("Your shifts were changed by @cleo", after=marker)
    assert "➕ @ana primary: Mon 1 Mar 18:00-22:00" in told.text
    await bot.settles()
    assert len(await rows(bot, Shift)) == 1
    acts = [one.act for one in await rows(bot, Audit)]  # type: ignore[attr-defined]
    assert "shift_added" in acts


async def test_a_change_that_is_cancelled_changes_nothing(bot: Watched) -> None:
    await bot.ambassador("Ana")
    preview = await shown(bot, "/shift add @ana daily 18:00-20:00")
    await bot.chief.taps("Cancel", on=preview)
    assert "Not done." in (await bot.chief.sees_edit(preview, "Not done.")).text
    await bot.settles()
    assert await rows(bot, Shift) == []


async def test_a_preview_says_what_is_wrong_with_the_plan(bot: Watched) -> None:
    await bot.ambassador("Ana", "Mon-Fri 18:00-20:00 primary")
    await bot.ambassador("Ben")
    await at_monday(bot)
    away = await shown(bot, "/away @ana Thu 17:00 - Fri 9:00")
    assert "@ana is away: Thu 4 Mar 17:00 to Fri 5 Mar 09:00." in away.text
    assert "➖ @ana primary: Thu 4 Mar 18:00-20:00" in away.text
    assert "It leaves a gap, nobody primary: Thu 4 Mar 18:00-20:00" in away.text
    await bot.taps(bot.chief, "Apply", on=away)
    covering = await shown(bot, "/cover @ana for @ben Thursday 18:00-20:00")
    assert "@ben has no shift in that time" in covering.text
    late = await shown(bot, "/shift change 1 18:00-23:30")
    assert "Shift 1 becomes: @ana is primary, Mon-Fri 18:00-23:30" in late.text
    assert "@ana is away: Thu 4 Mar 20:00-23:30" in late.text
    twice = await shown(bot, "/shift add @ana Wed 19:00-21:00 backup")
    assert "@ana is on call twice at once: Wed 3 Mar 19:00-20:00" in twice.text


async def test_who_is_made_away_while_they_are_asked_is_not_waited_for(bot: Watched) -> None:
    ana, _ben = await bot.on_call()
    away = await shown(bot, "/away @ana 3h")
    sam = await bot.person()
    await sam.says("he hit me again and i am scared")
    page = await ana.reads("IMMEDIATE")
    await bot.taps(bot.chief, "Apply", on=away)
    ended = await ana.sees_edit(page, "I go on asking without you")
    assert ended.button_texts == []
    await bot.settles()


async def test_over_the_limits_a_change_is_warned_about_or_refused(bot: Watched) -> None:
    await bot.ambassador("Ana")
    await at_monday(bot)
    limits = await bot.command("/limits")
    assert "hours a week: 12" in limits
    assert "warned about" in limits
    asked = await bot.asks(bot.chief, "/limits week 6 refuse")
    assert "hours a week: 12 → 6" in asked.text
    assert "→ A plan over a limit is refused." in asked.text
    await bot.taps(bot.chief, "Apply", on=asked, expecting="The limits are changed")
    assert "hours a week: 6" in await bot.command("/limits")
    refused = await bot.asks(bot.chief, "/shift add @ana Mon-Fri 18:00-20:00")
    assert "The limits don't allow this" in refused.text
    assert refused.button_texts == ["Cancel"]
    allowed = await shown(bot, "/shift add @ana Mon,Wed 18:00-20:00")
    await bot.taps(bot.chief, "Apply", on=allowed, expecting="Shift 1")
    for text, answer in (
        ("/limits speed 3", "I don't know a limit “speed”"),
        ("/limits week lots", "I could not read “lots” as a number"),
        ("/limits week", "For example: /limits week 12"),
    ):
        assert answer in await bot.command(text)


async def test_undo_takes_back_the_last_change_for_a_day(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana = await bot.ambassador("Ana")
    await at_monday(bot)
    assert "nothing of the last day" in await bot.command("/undo")
    await bot.plans("/shift add @ana daily 18:00-20:00")
    await bot.plans("/shift change 1 19:00-21:00")
    asked = await bot.asks(bot.chief, "/undo", "Take this back?")
    assert "Shift 1 becomes" in asked.text
    assert "➕ @ana primary: Mon 1 Mar 18:00-19:00" in asked.text
    marker = await ana.marker()
    await bot.taps(bot.chief, "Take it back", on=asked, expecting="Taken back: Shift 1 becomes")
    await ana.reads("Your shifts were changed by @cleo", after=marker)
    assert "18:00-20:00" in await bot.command("/shift list")
    await bot.time_passes(hours=25)
    assert "nothing of the last day" in await bot.command("/undo")


async def test_what_was_ended_is_there_again_after_undo(bot: Watched) -> None:
    await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    await bot.ambassador("Ben")
    await at_monday(bot)
    await bot.plans("/cover @ben for @ana tomorrow evening")
    for command, listed, line in (
        ("/shift end 1", "/shift list", "1. @ana · primary"),
        ("/cover end 1", "/cover list", "1. @ben for @ana"),
    ):
        await bot.plans(command)
        assert line not in await bot.command(listed)
        await bot.time_passes(minutes=5)
        asked = await bot.asks(bot.chief, "/undo", "Take this back?")
        await bot.taps(bot.chief, "Take it back", on=asked, expecting="Taken back")
        assert line in await bot.command(listed)


async def test_two_coordinators_do_not_overwrite_each_other_unseen(bot_on_both: Watched) -> None:
    bot = bot_on_both
    await bot.ambassador("Ana")
    await bot.ambassador("Ben")
    dana = await bot.coordinator("Dana")
    await at_monday(bot)
    first = await shown(bot, "/shift add @ana daily 18:00-20:00")
    second = await shown(bot, "/shift add @ana daily 19:00-21:00", dana)
    assert "twice at once" not in second.text
    await bot.taps(bot.chief, "Apply", on=first, expecting="Shift 1")
    again = await bot.taps(dana, "Apply", on=second, expecting="in the meantime")
    assert "The rota was changed by @cleo in the meantime" in again.text
    assert "@ana is on call twice at once" in again.text
    assert len(await rows(bot, Shift)) == 1
    assert "Not done" in (await dana.sees_edit(second, "Not done")).text
    await bot.taps(dana, "Apply", on=again, expecting="Shift 2")
    assert len(await rows(bot, Shift)) == 2


async def test_what_is_unclear_is_asked_with_buttons_and_never_guessed(bot: Watched) -> None:
    await bot.ambassador("Ana")
    await bot.ambassador("Ben")
    await at_monday(bot)
    asked = await bot.asks(bot.chief, "/shift add @ana weekdays 6-10 backup")
    assert "“weekdays 6-10” can mean several things" in asked.text
    assert asked.button_texts == ["Mon-Fri 06:00-10:00", "Mon-Fri 18:00-22:00"]
    preview = await bot.taps(bot.chief, "Mon-Fri 18:00-22:00", on=asked, expecting="@ana is backup")
    assert "@ana is backup, Mon-Fri 18:00-22:00" in preview.text
    assert (
        "/shift add @ana Mon-Fri 18:00-22:00 backup"
        in (await bot.chief.sees_edit(asked, "/shift add")).text
    )
    asked = await bot.asks(bot.chief, "/cover @ben for @ana next Tuesday 18:00-22:00")
    assert asked.button_texts == ["Tue 9 Mar 18:00-22:00", "Tue 2 Mar 18:00-22:00"]
    preview = await bot.taps(bot.chief, "Tue 2 Mar", on=asked, expecting="@ben covers for @ana")
    assert "Tue 2 Mar 18:00-22:00" in preview.text
    asked = await bot.asks(bot.chief, "/away @ana Monday")
    assert asked.button_texts == [
        "Mon 1 Mar 00:00-24:00",
        "Mon 8 Mar 00:00-24:00",
        "until Tue 2 Mar 00:00",
        "until Tue 9 Mar 00:00",
    ]
    preview = await bot.taps(bot.chief, "Mon 8 Mar", on=asked, expecting="@ana is away")
    assert "@ana is away: Mon 8 Mar 00:00-24:00." in preview.text


async def test_a_shift_is_added_by_taps_alone(bot: Watched) -> None:
    await bot.ambassador("Ana")
    await at_monday(bot)
    usage = await bot.asks(bot.chief, "/shift", "A shift is written like this")
    await bot.chief.taps("Choose by tapping", on=usage)
    for question, tap in (
        ("Who?", "@ana"),
        ("On which days?", "Mon-Fri"),
        ("From when?", "18:00"),
        ("Until when?", "20:00 (2 h)"),
        ("Asked first, or second?", "backup"),
    ):
        await bot.chief.sees_edit(usage, question)
        await bot.chief.taps(tap, on=usage)
    preview = await bot.chief.reads("@ana is backup, Mon-Fri 18:00-20:00", after=usage)
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Shift 1")
    # Cover by taps: whose, which, who.
    await bot.ambassador("Ben")
    usage = await bot.asks(bot.chief, "/cover", "A cover is written like this")
    await bot.chief.taps("Choose by tapping", on=usage)
    for question, tap in (
        ("Whose shift?", "@ana"),
        ("Which shift?", "Tue 2 Mar 18:00-20:00"),
        ("Who?", "@ben"),
    ):
        await bot.chief.sees_edit(usage, question)
        await bot.chief.taps(tap, on=usage)
    preview = await bot.chief.reads("@ben covers for @ana: Tue 2 Mar 18:00-20:00", after=usage)
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Done")
    cover = (await rows(bot, Cover))[0]
    assert isinstance(cover, Cover)
    assert cover.place == "shift:1"
    # Away by taps.
    usage = await bot.asks(bot.chief, "/away @ana", "For example")
    await bot.chief.taps("Choose by tapping", on=usage)
    for question, tap in (
        ("Who?", "@ana"),
        ("From which day?", "Thu 4 Mar"),
        ("Until which day?", "Sat 6 Mar"),
    ):
        await bot.chief.sees_edit(usage, question)
        await bot.chief.taps(tap, on=usage)
    await bot.chief.reads("@ana is away: Thu 4 Mar to Sat 6 Mar", after=usage)


async def test_volunteers_take_turns(bot: Watched) -> None:
    for name in ("Ana", "Ben", "Dan"):
        await bot.ambassador(name)
    await at_monday(bot)
    preview = await shown(bot, "/rotate @ana @ben @dan weekly from Monday 8 Mar at 9:00")
    assert "@ana → @ben → @dan take turns as primary, changing every week" in preview.text
    assert "handing over at 09:00 (UTC), from Mon 8 Mar on" in preview.text
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Rotation 1")
    rotation = (await rows(bot, Rotation))[0]
    assert isinstance(rotation, Rotation)
    assert (rotation.period_days, rotation.handover, rotation.layer) == (7, 540, "primary")
    evening = await bot.plans("/rotate @ana @ben daily 18:00-22:00 backup")
    assert "Rotation 2: @ana → @ben take turns as backup, changing every day" in evening
    assert "Mon-Sun 18:00-22:00" in evening
    other = await bot.asks(bot.chief, "/rotate @ana @ben every other Friday 6-10pm")
    assert "/rotate @ana @ben weekly Fri 18:00-22:00" in other.text
    listed = await bot.command("/rotate list")
    assert "1. @ana → @ben → @dan" in listed
    assert "Rotation 2 becomes: @ben → @ana" in await bot.plans("/rotate change 2 @ben @ana")
    assert "Rotation 1 ends now" in await bot.plans("/rotate end 1")
    for text, answer in (
        ("/rotate @ana weekly", "needs two or more"),
        ("/rotate @ana @zoe weekly", "I know nobody called @zoe"),
        ("/rotate end 9", "There is no rotation 9"),
        ("/rotate @ana @ben weekly Mon-Frog 18-22", "could not read “Mon-Frog” as days"),
        ("/rotate", "Taking turns is written like this"),
    ):
        assert answer in await bot.command(text)


async def test_every_other_friday_is_a_shift_once_it_is_said_which_friday(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    await bot.ambassador("Ana")
    ben = await bot.ambassador("Ben")
    await at_monday(bot)
    asked = await bot.asks(bot.chief, "/shift add @ben every other Friday 6-10pm primary")
    assert "when is the first?" in asked.text
    assert asked.button_texts == ["Fri 5 Mar", "Fri 12 Mar"]
    preview = await bot.taps(bot.chief, "Fri 12 Mar", on=asked, expecting="@ben is primary")
    assert "every other Fri 18:00-22:00 (UTC), from Fri 12 Mar on" in preview.text
    assert "➕ @ben primary: Fri 12 Mar 18:00-22:00, Fri 26 Mar 18:00-22:00" in preview.text
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Shift 1")
    listed = await bot.command("/shift list")
    assert "1. @ben · primary · every other Fri 18:00-22:00 (UTC)" in listed
    mine = (await bot.asks(ben, "/myshifts")).text
    assert "Fri 12 Mar 18:00-22:00" in mine
    assert "Fri 19 Mar" not in mine
    # New hours alone leave the rhythm as it is.
    later = await bot.plans("/shift change 1 19:00-23:00")
    assert "@ben is primary, every other Fri 19:00-23:00" in later
    # Days without a word of how often: as before, or each week from now on?
    asked = await bot.asks(bot.chief, "/shift change 1 Fri 18:00-20:00")
    assert asked.button_texts == ["every other Fri 18:00-20:00", "every week Fri 18:00-20:00"]
    preview = await bot.taps(
        bot.chief, "every week Fri 18:00-20:00", on=asked, expecting="Shift 1 becomes"
    )
    assert "@ben is primary, Fri 18:00-20:00" in preview.text
    assert "➕ @ben primary: Fri 5 Mar 18:00-20:00" in preview.text
    assert "Fri 19 Mar 18:00-20:00" in preview.text
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Done")
    # And back, with the first date said in words.
    back = await bot.plans("/shift change 1 every 2 weeks Fri 18:00-20:00 from 19 Mar")
    assert "every other Fri 18:00-20:00" in back
    added = await bot.plans("/shift add @ana every three weeks Sat 10:00-12:00 from 13 Mar")
    assert "@ana is primary, every 3 weeks Sat 10:00-12:00 (UTC), from Sat 13 Mar on" in added
    wrong = await bot.command("/shift add @ana every other Frog 18:00-22:00")
    assert "could not read “Frog” as days" in wrong


async def test_one_evening_alone_is_a_shift_of_that_day(bot: Watched) -> None:
    await bot.ambassador("Ana")
    await bot.ambassador("Ben")
    await at_monday(bot)
    preview = await shown(bot, "/shift add @ana 4 Mar 18:00-22:00")
    assert "@ana is primary, once on Thu 4 Mar, 18:00-22:00 (UTC)." in preview.text
    assert "➕ @ana primary: Thu 4 Mar 18:00-22:00" in preview.text
    assert "11 Mar" not in preview.text
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Shift 1: @ana is primary, once")
    await bot.plans("/shift add @ben tomorrow night backup")
    asked = await bot.asks(bot.chief, "/shift add @ben next Tuesday 6-10")
    assert "Tue 9 Mar 18:00-22:00" in asked.button_texts
    preview = await bot.taps(bot.chief, "Tue 9 Mar 18:00-22:00", on=asked, expecting="@ben is")
    assert "@ben is primary, once on Tue 9 Mar, 18:00-22:00 (UTC)." in preview.text
    listed = await bot.command("/shift list")
    assert "1. @ana · primary · once on Thu 4 Mar, 18:00-22:00 (UTC)\n" in listed
    assert "2. @ben · backup · once on Tue 2 Mar, 22:00-06:00 (UTC)" in listed
    changed = await shown(bot, "/shift change 1 19:00-23:00")
    assert "Shift 1 becomes: @ana is primary, once on Thu 4 Mar, 19:00-23:00" in changed.text
    for command in ("/shift change 1 Fri 18:00-22:00", "/shift change 1 19:00-21:00 from 5 Mar"):
        refused = await bot.asks(bot.chief, command)
        assert "For another day: /shift end 1" in refused.text, command
    for command, expected in (
        ("/shift add @ana 24 Dec", "could not read “24 Dec” as hours"),
        ("/shift add @ana 24 Dec 2020 18:00-22:00", "is over already"),
        ("/shift add @ana 24 Dec - 26 Dec", "could not read “24 Dec - 26 Dec” as days"),
        ("/shift add @ana 24 Dec 18:00-22:00 until May", "could not read “24 Dec until May”"),
    ):
        assert expected in (await bot.asks(bot.chief, command)).text, command
    # An evening that is over is on no list.
    bot.clock.set(MONDAY + timedelta(days=2))
    listed = await bot.command("/shift list")
    assert "1. @ana" in listed
    assert "2. @ben" not in listed


async def test_a_cover_of_a_shift_follows_it_when_it_moves(bot: Watched) -> None:
    await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    ben = await bot.ambassador("Ben")
    await at_monday(bot)
    await bot.plans("/cover @ben for @ana tomorrow evening")
    assert "Tue 2 Mar 18:00-20:00" in (await bot.asks(ben, "/next")).text
    await bot.plans("/shift change 1 19:00-21:00")
    assert "Tue 2 Mar 19:00-21:00" in (await bot.asks(ben, "/next")).text
    assert "1. @ben for @ana" in await bot.command("/cover list")
    await bot.plans("/cover end 1")
    assert "no shift ahead" in (await bot.asks(ben, "/next")).text


async def test_the_rota_is_seen_as_a_picture_and_read_in_words(bot: Watched) -> None:
    await bot.ambassador("Ana", "Mon-Fri 18:00-22:00 primary")
    ben = await bot.ambassador("Ben", "Mon-Fri 18:00-22:00 backup")
    await at_monday(bot)
    for text, heading in (
        ("/rota", "The rota, Mon 1 Mar to Sun 7 Mar (UTC)"),
        ("/rota this week", "The rota, Mon 1 Mar to Sun 7 Mar (UTC)"),
        ("/rota next week", "The rota, Mon 8 Mar to Sun 14 Mar (UTC)"),
        ("/rota 24 Dec dark", "The rota, Mon 20 Dec to Sun 26 Dec (UTC)"),
        ("/rota month light", "The rota, Mon 1 Mar to Wed 31 Mar (UTC)"),
    ):
        week = await bot.asks(ben, text)
        assert week.kind == "photo"
        assert heading in week.text
        size = max(one["file_size"] for one in week.raw["photo"])
        assert size < 120_000
    week = await bot.asks(ben, "/rota")
    monday = next(line for line in week.text.splitlines() if line.startswith("Mon 1 Mar"))
    assert monday == (
        "Mon 1 Mar: 18:00-22:00 @ana; 18:00-22:00 @ben (backup); ⚠️ nobody 00:00-18:00, 22:00-24:00"
    )
    later = await bot.taps(ben, "Later", on=week)
    assert "Mon 8 Mar to Sun 14 Mar" in later.text
    dark = await bot.taps(ben, "Dark", on=later)
    assert "Light" in dark.button_texts
    # It is remembered for whoever chose it, and for nobody else.
    assert "Light" in (await bot.asks(ben, "/rota")).button_texts
    assert "Dark" in (await bot.asks(bot.chief, "/rota")).button_texts
    light = await bot.asks(ben, "/rota light")
    assert "Dark" in light.button_texts
    assert "could not read “someday”" in (await bot.asks(ben, "/rota someday")).text


async def test_a_picture_is_not_drawn_while_the_database_is_locked(
    bot: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.ambassador("Ana", "Mon-Fri 18:00-22:00 primary")
    await at_monday(bot)
    begun, go_on = threading.Event(), threading.Event()

    def slowly(given: Sketch) -> bytes:
        begun.set()
        go_on.wait(20)
        return draw_sketch(given)

    monkeypatch.setattr(port, "draw_sketch", slowly)
    marker = await bot.chief.marker()
    await bot.chief.says("/rota")
    assert await asyncio.to_thread(begun.wait, 20)
    # While it is drawn, somebody else's command is written down and answered.
    person = await bot.person()
    await person.says("/human")
    await person.reads("I have just asked")
    go_on.set()
    week = await bot.chief.reads("The rota", after=marker)
    assert week.kind == "photo"


async def test_a_picture_that_cannot_be_drawn_is_sent_as_its_words(
    bot: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.ambassador("Ana")

    def fails(given: Sketch) -> bytes:
        raise MemoryError

    monkeypatch.setattr(port, "draw_sketch", fails)
    preview = await bot.asks(bot.chief, "/shift add @ana daily 18:00-20:00")
    assert preview.kind == "text"
    assert "@ana is primary" in preview.text
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Shift 1")
    said = [event for event in bot.events if event["log_level"] == "error"]
    assert [(one["event"], one["error"]) for one in said] == [("picture_not_drawn", "MemoryError")]
    bot.events[:] = [event for event in bot.events if event not in said]


async def test_gaps_count_in_the_hours_that_need_somebody(bot_on_both: Watched) -> None:
    bot = bot_on_both
    await bot.ambassador("Ana", "Mon-Wed 18:00-22:00 primary")
    await at_monday(bot)
    assert "somebody must be primary at any hour" in await bot.command("/needs")
    preview = await shown(bot, "/needs add Mon-Fri 18:00-22:00")
    assert "Somebody must be primary Mon-Fri 18:00-22:00 (UTC), from today on." in preview.text
    assert "From then on gaps count in these hours alone" in preview.text
    assert "780 h now, 40 h then" in preview.text
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Hours 1: Somebody must be primary")
    gaps = await bot.command("/gaps this week")
    assert "Thu 4 Mar 18:00-22:00" in gaps
    assert "2 gaps, 8 h in all" in gaps
    assert "Only the hours in /needs count." in gaps
    await bot.plans("/shift add @ana Thu-Fri 18:00-22:00")
    assert "in all the hours that need it" in await bot.command("/gaps this week")
    # Whoever leaves is a gap in these hours alone.
    away = await shown(bot, "/away @ana Thu 12:00 - Fri 9:00")
    assert "It leaves a gap, nobody primary: Thu 4 Mar 18:00-22:00" in away.text
    assert "1. Mon-Fri 18:00-22:00 (UTC)" in await bot.command("/needs")
    ended = await shown(bot, "/needs end 1")
    assert "gaps count at any hour" in ended.text
    await bot.taps(bot.chief, "Apply", on=ended, expecting="Done")
    asked = await bot.asks(bot.chief, "/undo", "Take this back?")
    await bot.taps(bot.chief, "Take it back", on=asked, expecting="Taken back")
    assert "1. Mon-Fri 18:00-22:00 (UTC)" in await bot.command("/needs")
    for text, answer in (
        ("/needs add Mon-Frog 18-22", "could not read “Mon-Frog” as days"),
        ("/needs add", "/needs add Mon-Fri 18:00-22:00"),
        ("/needs evenings", "/needs add Mon-Fri 18:00-22:00"),
        ("/needs end 9", "There are no hours 9"),
        ("/needs add every other Fri 18-22", "those of every week"),
    ):
        assert answer in await bot.command(text), text


async def test_gaps_and_what_everybody_carried_are_told(bot: Watched) -> None:
    await bot.ambassador("Ana", "daily 00:00-20:00 primary")
    await bot.ambassador("Ben", "daily 20:00-22:00 backup")
    await at_monday(bot)
    gaps = await bot.command("/gaps 2 weeks")
    assert re.search(r"Nobody is primary, Mon 1 Mar to Sun 14 Mar: 14 gaps, 56 h in all", gaps)
    assert "• Mon 1 Mar 20:00-24:00 (backup is there)" in gaps
    await bot.plans("/shift add @ben daily 20:00-24:00")
    assert "No gaps" in await bot.command("/gaps")
    await bot.time_passes(days=2)
    fair = await bot.asks(bot.chief, "/fair")
    assert fair.kind == "photo"
    assert "Who carried what, Mon 1 Mar to Wed 31 Mar" in fair.text
    assert "@ana: load 0 · " in fair.text
