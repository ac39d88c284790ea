"""The policy by command: seen, changed with a preview, raced for, undone; and silent persons."""

from __future__ import annotations

from sqlmodel import col, select

from models import Audit, Case, PolicyVersion
from tests.telegram.conftest import Watched


async def test_the_policy_is_shown_as_a_picture_and_in_words(bot: Watched) -> None:
    shown = await bot.asks(bot.chief, "/policy", "immediate")
    assert shown.kind == "photo"
    assert "1. primary, backup · 1m" in shown.text
    assert "3. coordinators · 2m" in shown.text
    assert "nudge 2m, 4m · release 6m · check 10m · quiet 20m · repeat forever" in shown.text
    assert "reopen 12h" in shown.text
    await bot.command("/policy undo", "Nothing has been changed by command")


async def test_a_change_is_previewed_applied_audited_and_undone(bot_on_both: Watched) -> None:
    bot = bot_on_both
    other = await bot.coordinator("Dora")
    await bot.asks(other, "/start", "You are @dora")
    ana, _ = await bot.on_call()
    early = await bot.person()
    await early.says("can i talk to a real person")
    await ana.reads("Somebody would like to talk")

    preview = await bot.asks(bot.chief, "/policy support 1 page everyone wait 90s", "Nothing has")
    assert "1. everyone · 90s" in preview.text
    assert "1. primary · 5m" in preview.text
    assert preview.button_texts == ["Apply", "Cancel"]
    assert preview.kind == "photo"
    assert "1. primary · 5m" in await bot.command("/policy", "support")
    await bot.taps(bot.chief, "Apply", preview, "Done. It counts for every case from now on")
    await other.reads("@cleo has changed the policy: support 1 page everyone wait 90s")
    await bot.chief.taps("Apply", on=preview)
    await bot.chief.sees_toast("This preview is over")

    # A new case climbs the new ladder; the open one keeps its own.
    late = await bot.person("Kim")
    await late.says("can i talk to a real person")
    await other.reads("C2")
    async with bot.holdfast.database.reading() as session:
        cases = (await session.exec(select(Case).order_by(col(Case.id)))).all()
    assert [case.policy["support"]["rungs"][0]["page"] for case in cases] == [
        ["primary"],
        ["everyone"],
    ]

    back = await bot.asks(other, "/policy undo", "This is what would change")
    await bot.taps(other, "Apply", back, "Done")
    await bot.chief.reads("@dora has undone a change of the policy")
    assert "1. primary · 5m" in await bot.command("/policy", "support")
    await bot.command("/policy undo", "Nothing has been changed by command")
    async with bot.holdfast.database.reading() as session:
        acts = (
            await session.exec(
                select(Audit).where(col(Audit.act).startswith("policy")).order_by(col(Audit.id))
            )
        ).all()
    assert [(one.act, one.subject) for one in acts] == [
        ("policy_changed", "policy:1"),
        ("policy_undone", "policy:2"),
    ]


async def test_one_undo_after_another_walks_back_to_the_file(bot: Watched) -> None:
    for words in ("rest 20m", "rest 25m"):
        preview = await bot.asks(bot.chief, f"/policy {words}", "This is what would change")
        await bot.taps(bot.chief, "Apply", preview, "Done")
    for expected in ("rest 20m", "rest 15m"):
        preview = await bot.asks(bot.chief, "/policy undo", "This is what would change")
        assert expected in preview.text
        await bot.taps(bot.chief, "Apply", preview, "Done")
    await bot.command("/policy undo", "Nothing has been changed by command")
    preview = await bot.asks(bot.chief, "/policy rest 30m", "This is what would change")
    await bot.taps(bot.chief, "Cancel", preview, "nothing has changed")
    await bot.chief.taps("Apply", on=preview)
    await bot.chief.sees_toast("This preview is over")
    assert "rest 15m" in await bot.command("/policy", "rest")


async def test_of_two_who_change_it_at_once_the_second_sees_it_anew(bot: Watched) -> None:
    other = await bot.coordinator("Dora")
    mine = await bot.asks(bot.chief, "/policy immediate 2 wait 2m", "This is what would change")
    theirs = await bot.asks(other, "/policy immediate 3 wait 3m", "This is what would change")
    await bot.taps(other, "Apply", theirs, "Done")
    marker = await bot.chief.marker()
    await bot.chief.taps("Apply", on=mine)
    await bot.chief.reads("changed by somebody else in the meantime", after=marker)
    anew = await bot.chief.reads("This is what would change", after=marker)
    assert "3. coordinators · 3m" in anew.text
    await bot.taps(bot.chief, "Apply", anew, "Done")
    shown = await bot.command("/policy", "immediate")
    assert "2. everyone · 2m" in shown
    assert "3. coordinators · 3m" in shown
    async with bot.holdfast.database.reading() as session:
        serials = (await session.exec(select(PolicyVersion.serial))).all()
    assert sorted(serial for serial in serials if serial is not None) == [1, 2]


async def test_a_policy_that_could_leave_a_case_unpaged_is_refused_with_the_reason(
    bot: Watched,
) -> None:
    for words, heard in (
        ("urgent remove 4", "the last rung must page coordinators"),
        ("urgent 4 page everyone", "the last rung must page coordinators"),
        ("urgent 4 quiet", "the last rung must make a sound"),
        ("immediate 1 quiet", "no rung may be quiet"),
        ("urgent 2 wait 2h", "at most an hour"),
        ("urgent nudge 10m 5m", "nudges must come in order"),
        ("urgent release 5m", "nudges must come in order and before the release"),
        ("urgent quiet 1m", "the person is asked first"),
        ("urgent 9 wait 2m", "could not read “9” as a rung"),
        ("urgent 2 wait soon", "could not read “soon” as a time"),
        ("urgent 2 page night", "could not read “night” as whom to page"),
        ("urgent 2", "what shall change?"),
        ("urgent faster", "could not read “faster”: what shall change?"),
        ("urgently 2 wait 2m", "could not read “urgently”: which ladder?"),
        ("urgent 2 wait 2m", "That is how it is already"),
        ("urgent add wait 2m", "as whom to page"),
    ):
        await bot.command(f"/policy {words}", heard)
    async with bot.holdfast.database.reading() as session:
        assert (await session.exec(select(PolicyVersion))).all() == []


async def test_a_group_of_their_own_is_made_and_paged_without_a_sound(bot: Watched) -> None:
    await bot.on_call()
    cara = await bot.ambassador("Cara")
    await bot.command("/group", "There are no groups yet")
    await bot.command("/group add night", "I could not read “add night”")
    await bot.command("/group add everyone @cara", "everyone means something already")
    await bot.command("/group add night @zoe", "I know nobody called @zoe")
    await bot.command("/group add night @cara @ben", "night is now: @ben, @cara")
    await bot.command("/group remove night @ben", "night is now: @cara")
    await bot.command("/group", "night: @cara")
    preview = await bot.asks(
        bot.chief, "/policy support add 1 page night wait 2m quiet", "This is what would change"
    )
    assert "1. night · 2m · quiet" in preview.text
    await bot.taps(bot.chief, "Apply", preview, "Done")
    sam = await bot.person()
    await sam.says("can i talk to a real person")
    await cara.reads("Somebody would like to talk")
    await bot.settles()
    sent = [
        entry.params
        for entry in await bot.client.journal()
        if entry.method == "sendMessage" and str(entry.params.get("chat_id")) == str(cara.id)
    ]
    assert sent[-1]["disable_notification"] in (True, "true")
    await bot.command("/group remove night @cara", "a rung of the policy pages it")


async def test_coordinators_decide_about_a_person_who_has_gone_silent(bot_on_both: Watched) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.claimed(sam, by=ana)
    await ana.says("hello sam, i am here")
    await sam.reads("hello sam")
    await bot.time_passes(minutes=10, seconds=1)
    gentle = await sam.reads("Are you still there?")
    assert "Ana is still with you" in gentle.text
    await ana.reads("They have not answered for a while")
    await bot.time_passes(minutes=10)
    asked = await bot.chief.reads("A person has gone silent")
    assert asked.button_texts == [
        "Keep it open",
        "I take it over",
        "Close: they stopped answering",
    ]
    await bot.taps(bot.chief, "Keep it open", asked, "C1 stays open")
    await bot.chief.taps("Close: they stopped answering", on=asked)
    await bot.chief.sees_toast("They have written again, or it is decided already")

    # However long it lasts, no timer closes it: coordinators are asked again, the person is not.
    await bot.time_passes(minutes=20, seconds=1)
    again = await bot.chief.reads("A person has gone silent", after=asked)
    await bot.time_passes(hours=9)
    await bot.asks(ana, "/mycases", "with Ana")
    assert (await sam.transcript()).count("Are you still there?") == 1

    await sam.says("sorry, i fell asleep")
    await ana.reads("i fell asleep")
    await bot.chief.taps("Close: they stopped answering", on=again)
    await bot.settles()
    await bot.asks(ana, "/mycases", "with Ana")
    await ana.says("no need to be sorry")
    await sam.reads("no need to be sorry")
    await bot.time_passes(minutes=21)
    await bot.time_passes(minutes=21)
    last = await bot.chief.reads("A person has gone silent", after=again)
    await bot.taps(bot.chief, "Close: they stopped answering", last, "C1 is closed")
    await ana.reads("C1 was closed by Cleo")
    await sam.reads("This conversation has ended")
    async with bot.holdfast.database.reading() as session:
        case = (await session.exec(select(Case))).one()
    assert case.outcome == "went_quiet"
