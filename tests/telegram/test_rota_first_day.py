"""A coordinator's first day with the rota: every command as it is first written, and wrongly."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.client import ChatMessage
from tests.telegram.conftest import Watched

TUESDAY = datetime(2027, 3, 2, 10, 0, tzinfo=UTC)

RIGHT = (
    ("/shift add @ana Mon-Fri 18:00-22:00", "@ana is primary, Mon-Fri 18:00-22:00 (UTC)"),
    ("/shift add @ben every other Friday 10:00-12:00 from 5 Mar", "every other Fri 10:00-12:00"),
    ("/shift change 1 19:00-23:00", "Shift 1 becomes: @ana is primary, Mon-Fri 19:00-23:00"),
    ("/shift change 1 @ben", "Shift 1 becomes: @ben is primary"),
    ("/shift list", "1. @ana · primary · Mon-Fri 18:00-22:00 (UTC)"),
    ("/shift end 1", "Shift 1 of @ana ends now."),
    ("/rotate @ana @ben weekly from Monday 8 Mar at 9:00", "@ana → @ben take turns as primary"),
    ("/rotate @ana @ben daily 18:00-22:00 backup", "changing every day, Mon-Sun 18:00-22:00"),
    ("/cover @ben for @ana tomorrow 6pm-10pm", "@ben covers for @ana: Wed 3 Mar 18:00-22:00"),
    ("/cover @ben for @ana next Tuesday night", "@ana has no shift Tue 9 Mar 22:00-06:00"),
    ("/away @ana 24 Dec - 2 Jan", "@ana is away: Fri 24 Dec to Sun 2 Jan 2028."),
    ("/away @ana 24 Dec to 2 Jan", "@ana is away: Fri 24 Dec to Sun 2 Jan 2028."),
    ("/gaps", "Nobody is primary"),
    ("/gaps 2 weeks", "Tue 2 Mar to Mon 15 Mar"),
    ("/needs", "somebody must be primary at any hour"),
    ("/needs add Mon-Fri 18:00-22:00", "Somebody must be primary Mon-Fri 18:00-22:00"),
    ("/fair", "Who carried what"),
    ("/fair month", "Who carried what, Mon 1 Mar to Wed 31 Mar"),
    ("/limits", "hours a week: 12"),
    ("/rota", "Mon 1 Mar to Sun 7 Mar"),
    ("/rota this week", "Mon 1 Mar to Sun 7 Mar"),
    ("/rota next week", "Mon 8 Mar to Sun 14 Mar"),
    ("/rota 24 Dec", "Mon 20 Dec to Sun 26 Dec"),
    ("/rota month", "Mon 1 Mar to Wed 31 Mar"),
    ("/oncall", "On call now (10:00, UTC)"),
    ("/oncall now", "On call now (10:00, UTC)"),
    ("/oncall tomorrow", "Wed 3 Mar: 18:00-22:00 @ana; ⚠️ nobody 00:00-18:00, 22:00-24:00"),
    (
        "/oncall tomorrow evening",
        "On call, Wed 3 Mar 18:00-22:00 (UTC)\nWed 3 Mar: 18:00-22:00 @ana",
    ),
    ("/oncall tomorrow 20:00", "On call Wed 3 Mar 20:00 (UTC)\nPrimary: @ana\nBackup: nobody"),
    ("/oncall 18:30", "On call Tue 2 Mar 18:30 (UTC)\nPrimary: @ana"),
    ("/oncall Friday", "Fri 5 Mar: 18:00-22:00 @ana"),
    ("/oncall Tuesday", "“Tuesday” can mean several things"),
    ("/oncall this week", "Sat 6 Mar: 10:00-12:00 @cleo"),
    ("/undo", "Take this back?"),
    ("/calendar team", "not switched on"),
)
WRONG = (
    ("/shift", ("A shift is written like this", "/shift add @ana Mon-Fri 18:00-22:00 primary")),
    ("/shift add @ana", ("A shift is written like this",)),
    ("/shift add @ana Mon-Frog 18:00-22:00", ("“Mon-Frog” as days", "/shift add @ana")),
    ("/shift add @ana Mon-Fri 18:00-25:00", ("“18:00-25:00” as hours", "/shift add @ana")),
    ("/shift add ana.b Mon-Fri 18:00-22:00", ("I know nobody called ana.b", "@ana, @ben")),
    ("/shift change 7 19:00-23:00", ("There is no shift 7", "/shift list")),
    ("/shift change 1", ("A shift is written like this",)),
    ("/shift end one", ("There is no shift one", "/shift end 3")),
    ("/shift end", ("Which shift?", "/shift end 3", "/shift list")),
    ("/shift end #", ("Which shift?", "/shift end 3")),
    ("/rotate end", ("Which rotation?", "/rotate end 2")),
    ("/cover end", ("Which cover?", "/cover end 7")),
    ("/needs end", ("Which hours?", "/needs end 2")),
    ("/takeover", ("Which case?", "/takeover C12")),
    ("/takeover C9999", ("There is no case C9999", "/cases")),
    ("/takeover 9999", ("There is no case C9999",)),
    ("/takeover quiet heron", ("could not read “quiet heron” as a case", "/takeover C12")),
    ("/close C9999 nobody there", ("There is no case C9999",)),
    ("/shift at once", ("A shift is written like this",)),
    ("/rotate @ana weekly", ("needs two or more",)),
    ("/rotate @ana @ben sometimes", ("“sometimes”", "/rotate @ana @ben")),
    ("/cover @ben @ana tomorrow", ("A cover is written like this", "/cover @ben for @ana")),
    ("/cover @ben for @ana someday evening", ("“someday” as a day", "/cover @ben for @ana")),
    ("/away @ana 31 Feb", ("“31 Feb”", "/away")),
    ("/gaps soon", ("“soon”", "/gaps 2 weeks")),
    ("/fair soon", ("“soon”", "/fair last month")),
    ("/oncall someday", ("“someday”", "/oncall Friday evening")),
    ("/oncall yesterday", ("“yesterday” is over already", "/oncall tomorrow")),
    ("/oncall December", ("“December” is too long", "/rota")),
    ("/rota soon", ("“soon”", "/rota next week")),
    ("/limits week many", ("“many” as a number", "/limits week 12")),
    ("/limits speed 3", ("a limit “speed”", "/limits week 12")),
    ("/needs add late", ("“late”", "/needs add Mon-Fri 18:00-22:00")),
    ("/swap @ben tomorrow", ("/swap @ben tomorrow evening for Friday evening",)),
    ("/coverme someday", ("“someday”", "/coverme tomorrow evening")),
)


async def answer(bot: Watched, text: str) -> ChatMessage:
    """What the bot says; a preview is left alone."""
    return await bot.asks(bot.chief, text)


async def test_each_command_does_as_it_is_first_written(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "Mon-Fri 18:00-22:00 primary")
    await bot.ambassador("Ben")
    await bot.settles()
    bot.clock.set(TUESDAY)
    await bot.plans("/shift add @cleo Sat 10:00-12:00")
    said = {text: (await answer(bot, text)).text for text, _ in RIGHT}
    assert {text: said[text] for text, expected in RIGHT if expected not in said[text]} == {}
    for text, expected in (
        ("/rota", "Mon 1 Mar to Sun 7 Mar"),
        ("/myshifts", "Tue 2 Mar 18:00-22:00"),
        ("/next", "Tue 2 Mar 18:00-22:00"),
        ("/coverme tomorrow evening", "I have asked 2"),
        ("/swap @cleo tomorrow evening for Saturday morning", "I have asked @cleo"),
        ("/away", "You are away from now on"),
        ("/back", "Welcome back"),
        ("/calendar", "not switched on"),
    ):
        assert expected in (await bot.asks(ana, text)).text, text


async def test_what_cannot_be_read_is_named_with_an_example(bot: Watched) -> None:
    await bot.ambassador("Ana", "Mon-Fri 18:00-22:00 primary")
    await bot.ambassador("Ben")
    await bot.settles()
    bot.clock.set(TUESDAY)
    said = {text: (await answer(bot, text)).text for text, _ in WRONG}
    lacking = {
        text: said[text]
        for text, expected in WRONG
        if not all(part in said[text] for part in expected)
    }
    assert lacking == {}
