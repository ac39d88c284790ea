"""Ambassadors arrange cover among themselves; calendars go out and come in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlmodel import select

from models import Audit, Cover, Feed, Offer, OfferState, RotaChange, Shift
from tests.telegram.conftest import Watched

MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


async def at_monday(bot: Watched) -> None:
    await bot.settles()
    bot.clock.set(MONDAY)


async def rows(bot: Watched, table: type) -> list[object]:
    async with bot.holdfast.database.reading() as session:
        return list((await session.exec(select(table))).all())


async def test_of_two_who_accept_a_shift_at_once_one_gets_it(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana = await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    ben, dan = await bot.ambassador("Ben"), await bot.ambassador("Dan")
    await at_monday(bot)
    markers = {phone: await phone.marker() for phone in (ana, ben, dan, bot.chief)}
    sent = await bot.asks(ana, "/coverme tomorrow evening", "I have asked 3")
    assert "Tue 2 Mar 18:00-20:00 stays yours" in sent.text
    asked = [await one.reads("@ana asks", after=markers[one]) for one in (ben, dan)]
    assert asked[0].button_texts == ["I'll take it", "Not me"]
    await asyncio.gather(
        ben.taps("I'll take it", on=asked[0]), dan.taps("I'll take it", on=asked[1])
    )
    await bot.settles()
    covers = await rows(bot, Cover)
    assert len(covers) == 1
    cover = covers[0]
    assert isinstance(cover, Cover)
    offers = await rows(bot, Offer)
    assert [one.state for one in offers] == [OfferState.ACCEPTED]  # type: ignore[attr-defined]
    found = await ana.reads("has said yes", after=sent)
    told = await bot.chief.reads("Arranged among ambassadors", after=markers[bot.chief])
    assert "covers for @ana: Tue 2 Mar 18:00-20:00" in told.text
    winner, loser = (ben, dan) if "@ben" in found.text else (dan, ben)
    await winner.reads("Thank you.", after=markers[winner])
    lost = asked[1] if loser is dan else asked[0]
    assert "settled already" in (await loser.sees_edit(lost, "settled already")).text
    assert "Tue 2 Mar 18:00-20:00" in (await bot.asks(winner, "/next")).text
    assert "Mon 1 Mar 18:00-20:00" in (await bot.asks(ana, "/next")).text
    # A coordinator may take it back.
    shown = await bot.asks(bot.chief, "/undo", "Take this back?")
    await bot.taps(bot.chief, "Take it back", on=shown, expecting="Taken back")
    assert "no shift ahead" in (await bot.asks(winner, "/next")).text


async def test_only_those_who_could_take_a_shift_are_asked(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    ben = await bot.ambassador("Ben", "daily 19:00-21:00 backup")
    dan, eva = await bot.ambassador("Dan"), await bot.ambassador("Eva")
    await at_monday(bot)
    await bot.plans("/away @dan tomorrow all day")
    markers = {phone: await phone.marker() for phone in (ben, dan, eva)}
    sent = await bot.asks(ana, "/coverme tomorrow evening", "I have asked")
    assert "@cleo, @eva" in sent.text
    await eva.reads("@ana asks", after=markers[eva])
    await bot.settles()
    for one in (ben, dan):
        texts = [m.text for m in await one.messages() if m.message_id > markers[one]]
        assert not [text for text in texts if "@ana asks" in text]
    again = await bot.asks(ana, "/coverme tomorrow evening")
    assert "Others are asked already" in again.text
    await ana.taps("Ask nobody any more", on=sent)
    assert "Nobody is asked any more" in (await ana.sees_edit(sent, "Nobody is asked")).text
    asked = next(m for m in await eva.messages() if "@ana asks" in m.text or "settled" in m.text)
    settled = await eva.sees_edit(asked, "settled already")
    assert settled.button_texts == [], "nobody taps in vain on what is over"
    await bot.settles()
    assert len(await rows(bot, Cover)) == 0


async def test_a_shift_is_offered_by_taps_and_misread_times_are_explained(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    await bot.ambassador("Ben")
    await at_monday(bot)
    which = await bot.asks(ana, "/coverme", "Which shift should somebody take")
    assert which.button_texts[:2] == ["Mon 1 Mar 18:00-20:00", "Tue 2 Mar 18:00-20:00"]
    sent = await bot.taps(ana, "Tue 2 Mar", on=which, expecting="I have asked")
    assert "Tue 2 Mar 18:00-20:00" in sent.text
    for text, answer in (
        ("/coverme tomorrow morning", "You have no shift Tue 2 Mar 06:00-12:00"),
        ("/coverme someday", "could not read “someday”"),
        ("/coverme this week", "You have several shifts then"),
        ("/away @ben tomorrow", "Only coordinators"),
        ("/shift list", "I don't know that command"),
    ):
        assert answer in (await bot.asks(ana, text)).text


async def ask_coordinators_first(bot: Watched) -> None:
    asked = await bot.asks(bot.chief, "/limits approve on")
    assert "What ambassadors arrange among themselves counts at once. → What" in asked.text
    await bot.taps(bot.chief, "Apply", on=asked, expecting="The limits are changed")
    assert "once a coordinator says yes" in await bot.command("/limits")


async def test_where_the_limits_say_so_a_coordinator_is_asked_before_a_cover_counts(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana = await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    ben = await bot.ambassador("Ben")
    dana = await bot.coordinator("Dana")
    await bot.asks(dana, "/oncall")
    await at_monday(bot)
    await ask_coordinators_first(bot)
    markers = {phone: await phone.marker() for phone in (ana, ben, dana, bot.chief)}
    await bot.asks(ana, "/coverme tomorrow evening", "I have asked")
    asked = await ben.reads("@ana asks", after=markers[ben])
    await ben.taps("I'll take it", on=asked)
    assert "A coordinator is asked" in (await ben.sees_edit(asked, "A coordinator")).text
    await ana.reads("@ben has said yes, and a coordinator is asked", after=markers[ana])
    questions = {
        one: await one.reads("Is this all right?", after=markers[one]) for one in (dana, bot.chief)
    }
    assert "@ben covers for @ana: Tue 2 Mar 18:00-20:00" in questions[dana].text
    assert questions[dana].button_texts == ["Yes", "No"]
    await bot.settles()
    assert await rows(bot, Cover) == [], "nothing counts before a coordinator has said yes"
    assert "no shift ahead" in (await bot.asks(ben, "/next")).text
    # Of two coordinators who answer at once, one answer counts.
    markers = {phone: await phone.marker() for phone in (ana, ben)}
    await asyncio.gather(*(one.taps("Yes", on=asked) for one, asked in questions.items()))
    await bot.settles()
    assert len(await rows(bot, Cover)) == 1
    for one in (ana, ben):
        await one.reads("has said yes. @ben covers for @ana", after=markers[one])
    assert "Tue 2 Mar 18:00-20:00" in (await bot.asks(ben, "/next")).text


async def test_a_coordinator_who_says_no_leaves_the_shifts_where_they_were(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "Tue 18:00-20:00 primary")
    ben = await bot.ambassador("Ben", "Thu 18:00-20:00 primary")
    await at_monday(bot)
    await ask_coordinators_first(bot)
    marker, chief = await ben.marker(), await bot.chief.marker()
    await bot.asks(ana, "/swap @ben tomorrow evening for Thursday evening", "I have asked @ben")
    asked = await ben.reads("@ana asks to swap", after=marker)
    await ben.taps("Swap", on=asked)
    question = await bot.chief.reads("Is this all right?", after=chief)
    marker = await ana.marker()
    await bot.chief.taps("No", on=question)
    await bot.chief.sees_edit(question, "has said no")
    await ana.reads("@cleo has said no, so the shift stays where it was", after=marker)
    await bot.settles()
    assert await rows(bot, Cover) == []
    assert [one.state for one in await rows(bot, Offer)] == [OfferState.CANCELLED]  # type: ignore[attr-defined]
    # A coordinator's own arrangement needs no other's yes.
    cleo = await bot.chief.marker()
    await bot.asks(ana, "/coverme tomorrow evening", "I have asked")
    offered = await bot.chief.reads("@ana asks", after=cleo)
    await bot.taps(bot.chief, "I'll take it", on=offered, expecting="Thank you")
    assert len(await rows(bot, Cover)) == 1
    assert "it is on or off" in await bot.command("/limits approve perhaps")


async def test_two_ambassadors_swap_shifts(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana = await bot.ambassador("Ana", "Tue 18:00-20:00 primary")
    ben = await bot.ambassador("Ben", "Thu 18:00-20:00 primary")
    await at_monday(bot)
    marker, chief = await ben.marker(), await bot.chief.marker()
    await bot.asks(ana, "/swap @ben tomorrow evening for Thursday evening", "I have asked @ben")
    asked = await ben.reads("@ana asks to swap", after=marker)
    assert "You give Thu 4 Mar 18:00-20:00" in asked.text
    assert "You take Tue 2 Mar 18:00-20:00" in asked.text
    await bot.taps(ben, "Swap", on=asked, expecting="Thank you")
    await ana.reads("@ben has said yes")
    await bot.chief.reads("Arranged among ambassadors", after=chief)
    assert "Thu 4 Mar 18:00-20:00" in (await bot.asks(ana, "/next")).text
    assert "Tue 2 Mar 18:00-20:00" in (await bot.asks(ben, "/next")).text
    assert "for @ana" in (await bot.asks(ben, "/myshifts")).text
    changes = [one.kind for one in await rows(bot, RotaChange)]  # type: ignore[attr-defined]
    assert changes[-1] == "swapped"


async def test_a_swap_by_taps_may_be_declined(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "Tue 18:00-20:00 primary")
    ben = await bot.ambassador("Ben", "Thu 18:00-20:00 primary")
    await at_monday(bot)
    usage = await bot.asks(ana, "/swap", "For example")
    await ana.taps("Choose by tapping", on=usage)
    await ana.sees_edit(usage, "Who?")
    which = await bot.taps(ana, "@ben", on=usage, expecting="Which of your shifts?")
    await ana.taps("Tue 2 Mar", on=which)
    await ana.sees_edit(which, "Which shift of @ben in return?")
    marker = await ben.marker()
    await bot.taps(ana, "Thu 4 Mar", on=which, expecting="I have asked @ben")
    asked = await ben.reads("asks to swap", after=marker)
    marker = await ana.marker()
    await ben.taps("Not me", on=asked)
    await ana.reads("@ben can't swap", after=marker)
    await bot.settles()
    assert await rows(bot, Cover) == []


async def test_being_away_by_dates_is_shown_first_and_at_once_is_at_once(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    await at_monday(bot)
    shown = await bot.asks(ana, "/away 24 Dec - 2 Jan")
    assert "@ana is away: Fri 24 Dec to Sun 2 Jan 2028." in shown.text
    await bot.taps(ana, "Apply", on=shown, expecting="Done")
    marker = await bot.chief.marker()
    now = await bot.asks(ana, "/away until 21:00")
    assert "You are away until Mon 1 Mar 21:00" in now.text
    assert "Nobody stands in yet for" in now.text
    told = await bot.chief.reads("Nobody stands in yet", after=marker)
    assert "Mon 1 Mar 18:00-20:00" in told.text
    asked = await bot.asks(ana, "/away tomorrow")
    assert asked.button_texts == ["Tue 2 Mar 00:00-24:00", "until Wed 3 Mar 00:00"]
    later = await bot.taps(ana, "Tue 2 Mar 00:00", on=asked, expecting="@ana is away")
    assert later.button_texts == ["Apply", "Cancel"]
    assert "Welcome back" in (await bot.asks(ana, "/back")).text


async def test_a_coordinator_brings_another_back_and_stays_away_themselves(bot: Watched) -> None:
    ana = await bot.ambassador("Ana")
    await bot.asks(ana, "/away", "You are away from now on")
    await bot.asks(bot.chief, "/away", "You are away from now on")
    await bot.asks(ana, "/back @cleo", "Only coordinators bring others back")
    marker = await ana.marker()
    assert "@ana is back" in (await bot.asks(bot.chief, "/back @ana")).text
    assert "@cleo, a coordinator" in (await ana.reads("you can be paged again", after=marker)).text
    assert "@ana is not away" in (await bot.asks(bot.chief, "/back @ana")).text
    assert "I know nobody called @zoe" in (await bot.asks(bot.chief, "/back @zoe")).text
    for words in ("tomorrow", "@ana tomorrow"):
        refused = await bot.asks(bot.chief, f"/back {words}")
        assert "/away until tomorrow 9:00" in refused.text, words
    acts = [one for one in await rows(bot, Audit) if isinstance(one, Audit) and one.act == "back"]
    assert [(one.actor, one.subject) for one in acts] == [("ambassador:1", "ambassador:2")]
    # What was said of others has ended nothing of the coordinator's own.
    assert "Welcome back" in (await bot.asks(bot.chief, "/back")).text


async def test_a_calendar_has_a_secret_address_where_there_is_a_server(bot: Watched) -> None:
    ana = await bot.ambassador("Ana", "daily 18:00-20:00 primary")
    assert "not switched on" in (await bot.asks(ana, "/calendar")).text
    assert "Only coordinators" in (await bot.asks(ana, "/calendar team")).text
    assert await rows(bot, Feed) == []
    assert "no calendar address" in (await bot.asks(ana, "/calendar off")).text


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20270201T000000Z
DTSTART:20270302T180000Z
DTEND:20270302T200000Z
RRULE:FREQ=WEEKLY;BYDAY=TU,TH
SUMMARY:Ana on call
END:VEVENT
BEGIN:VEVENT
UID:2@example.org
DTSTAMP:20270201T000000Z
DTSTART:20270305T180000Z
DTEND:20270305T200000Z
SUMMARY:Benny (backup)
END:VEVENT
BEGIN:VEVENT
UID:3@example.org
DTSTAMP:20270201T000000Z
DTSTART:20270306T180000Z
DTEND:20270306T200000Z
SUMMARY:Guest
END:VEVENT
BEGIN:VEVENT
UID:4@example.org
DTSTAMP:20270201T000000Z
DTSTART:20270306T100000Z
DTEND:20270306T120000Z
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA
SUMMARY:Ana on call
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


async def test_a_calendar_file_becomes_shifts_once_it_is_clear_who_is_who(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    await bot.ambassador("Ana")
    await bot.ambassador("Ben")
    await at_monday(bot)
    marker = await bot.chief.marker()
    await bot.chief.sends_document(ICS.encode(), "rota.ics", "text/calendar")
    asked = await bot.chief.reads("Who is “Benny (backup)” in this file?", after=marker)
    await bot.chief.taps("@ben", on=asked)
    await bot.chief.sees_edit(asked, "Who is “Guest”")
    preview = await bot.taps(bot.chief, "Leave it out", on=asked, expecting="from the file")
    assert "3 shifts from the file: @ana 2, @ben 1." in preview.text
    assert "1 entries are left out" in preview.text
    assert "➕ @ana primary: Tue 2 Mar 18:00-20:00, Thu 4 Mar 18:00-20:00" in preview.text
    assert await rows(bot, Shift) == []
    await bot.taps(bot.chief, "Apply", on=preview, expecting="Done")
    shifts = await rows(bot, Shift)
    assert [(one.weekdays, one.every, one.layer) for one in shifts] == [  # type: ignore[attr-defined]
        ("13", 1, "primary"),
        ("4", 1, "backup"),
        ("5", 2, "primary"),
    ]
    assert "@ana · primary · every other Sat 10:00-12:00 (UTC)" in await bot.command("/shift list")
    marker = await bot.chief.marker()
    await bot.chief.sends_document(b"no calendar", "rota.ics", "text/calendar")
    await bot.chief.reads("could not read that file as a calendar", after=marker)
