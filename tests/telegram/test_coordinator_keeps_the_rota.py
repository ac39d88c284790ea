"""What a coordinator does: invite, plan, look, and close."""

from __future__ import annotations

import re

from bot.telegram import joining
from bot.texts import load_texts
from models import Ambassador, Role
from tests.telegram.conftest import DISTRESS, Watched


async def test_a_coordinator_invites_and_sees_who_is_there(bot: Watched) -> None:
    assert {"invite", "shift", "cover", "cases", "ambassadors", "help"} <= set(
        await bot.chief.menu()
    )
    for role in ("ambassador", "Coordinator"):
        text = await bot.command(f"/invite {role}", "?start=")
        link = re.search(r"\?start=([\w-]+)", text)
        assert link is not None
        assert f"one new {role.lower()}" in text
        phone = await bot.client.new_phone("Dana")
        await phone.start(link[1])
        await phone.reads(f"{role.lower()} of Harbour now")
    await bot.settles()
    listed = await bot.command("/ambassadors", "In the community")
    assert "(3)" in listed
    assert "@dana · Dana · ambassador" in listed
    assert "@dana2 · Dana · coordinator" in listed
    help_ = await bot.command("/help")
    assert "/shift add" in help_
    assert "/mycases" in help_
    assert "On call now" in await bot.command("/oncall")
    assert "No case is open" in await bot.command("/cases")


async def test_who_is_on_call_changes_with_shifts_covers_and_time(bot: Watched) -> None:
    await bot.ambassador("Ana")
    ben = await bot.ambassador("Ben")
    now = bot.clock.now()
    bot.clock.move(seconds=(((14 - now.hour) % 24) * 60 - now.minute) * 60)
    assert "There are no shifts yet" in await bot.command("/shift list")
    added = await bot.plans("/shift add @ana daily 18:00-22:00 primary")
    assert "Shift 1: @ana is primary, Mon-Sun 18:00-22:00 (UTC)" in added
    await bot.plans("/shift add @ben daily 18:00-22:00 backup")
    assert "Primary: nobody" in await bot.command("/oncall")
    assert "@ben covers for @ana" in await bot.plans("/cover @ben for @ana tomorrow 20:00-22:00")
    await bot.time_passes(hours=5)
    oncall = await bot.command("/oncall")
    assert "Primary: @ana" in oncall
    assert "Backup: @ben" in oncall
    await bot.time_passes(hours=26)
    oncall = await bot.command("/oncall")
    assert "Primary: @ben" in oncall
    assert "Backup: nobody" in oncall
    listed = await bot.command("/shift list")
    assert "1. @ana" in listed
    assert "2. @ben" in listed
    assert "Shift 1 of @ana ends now" in await bot.plans("/shift end 1")
    assert "There is no shift 1" in await bot.command("/shift end 1")
    assert "Primary: nobody" in await bot.command("/oncall")
    # Who is on call is who is paged.
    sam = await bot.person()
    await sam.says(DISTRESS)
    await ben.reads("1 asked")


async def test_a_long_rota_and_many_cases_are_listed_in_full(bot: Watched) -> None:
    zone = "America/Argentina/ComodRivadavia"
    async with bot.holdfast.database.transaction() as session:
        work = bot.work(session)
        cleo = (await work.people.ambassadors())[0]
        for n in range(90):
            await work.rota.add(bot.shift_of(cleo, zone, starts=n, ends=720))
    before = await bot.chief.marker()
    await bot.chief.says("/shift list")
    last = await bot.chief.reads("90. @cleo", after=before)
    parts = [m.text for m in await bot.chief.messages() if before < m.message_id]
    assert sum(part.count("@cleo") for part in parts) == 90
    assert "1. @cleo" in parts[1]
    assert len(last.text) <= 4096


async def test_a_coordinator_sees_and_closes_every_case(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam, kim = await bot.person("Sam"), await bot.person("Kim")
    await bot.claimed(sam, by=ana)
    await kim.says("/human")
    await kim.reads("I have just asked")
    cases = await bot.command("/cases", "Open cases")
    assert "(2)" in cases
    assert "with @ana" in cases
    assert "nobody yet, waiting less than a minute, 1 asked" in cases
    assert "Sam" not in cases
    assert "Kim" not in cases
    assert "give a reason" in await bot.command("/close C2")
    await bot.command("/close C2 Kim phoned: <b>all</b> is well", "C2 is closed")
    await kim.reads("This conversation has ended")
    assert "There is no case C7" in await bot.command("/close C7 why")
    assert "(1)" in await bot.command("/cases", "Open cases")
    # An ambassador's reason closes no case of somebody else.
    ben = await bot.ambassador("Bea")
    await bot.asks(ben, "/close C1 because", "You hold no case called C1")
    await bot.asks(ben, "/cases", "I don't know that command")


async def test_help_names_every_command_of_a_role_once(bot: Watched) -> None:
    ana = await bot.ambassador("Ana")
    for phone, role in ((ana, Role.AMBASSADOR), (bot.chief, Role.COORDINATOR)):
        text = (await bot.asks(phone, "/help")).text
        lines = [line for line in text.splitlines() if line.startswith("/")]
        alone = [found[0] for line in lines if (found := re.match(r"/\w+(?= –|$)", line))]
        assert len(alone) == len(set(alone)), text
        menu = joining.menu(load_texts(), Ambassador(role=role, language="en"))
        named = set(re.findall(r"(?<!\w)/(\w+)", text))
        assert {name for name, _ in menu.commands} - named <= {"help"}, text
    assert "/close C3 reason" in text
    assert "/needs" in text
