"""The community's own groups of ambassadors, which rungs may page by name."""

from __future__ import annotations

from telegram import Update

from bot.core.policy import NAMED, PolicyError, read_group_name
from bot.telegram.here import Context, Here
from bot.telegram.volunteers import volunteer_called
from models import Ambassador


async def group(update: Update, context: Context) -> None:
    """``/group``, ``/group add night @ana @ben``, ``/group remove night @ana``."""
    here, words = context.here, context.words
    act = words[0].lower() if words else "list"
    if act == "list" and len(words) <= 1:
        await _list(here)
    elif act in ("add", "remove") and len(words) > 2:
        await _change(here, act, words[1], words[2:])
    else:
        await here.reply("policy.group_how", text=" ".join(words)[:60])


async def _list(here: Here) -> None:
    groups = await here.work.people.groups()
    if not groups:
        await here.reply("policy.no_groups")
        return
    names = {one.id: f"@{one.handle}" for one in await here.work.people.ambassadors()}
    lines = [
        here.say(
            "policy.group_line", name=name, handles=", ".join(sorted(names[who] for who in members))
        )
        for name, members in groups.items()
    ]
    await here.reply_lines(here.say("policy.groups"), lines)


async def _change(here: Here, act: str, text: str, handles: list[str]) -> None:
    try:
        name = read_group_name(text)
    except PolicyError as error:
        await here.reply("policy.refused", reason=str(error)[:300])
        return
    found: list[Ambassador] = []
    for handle in handles:
        one = await volunteer_called(here, handle.strip(","))
        if one is None:
            return
        found.append(one)
    people = here.work.people
    change = people.join_group if act == "add" else people.leave_group
    changed = [one for one in found if await change(name, one)]
    for one in changed:
        await here.work.audit.record(
            f"group_{act}", by=here.me, subject=f"ambassador:{one.id}", group=name
        )
    members = (await people.groups()).get(name, frozenset())
    listed = ", ".join(
        sorted(f"@{one.handle}" for one in await people.ambassadors() if one.id in members)
    )
    if members:
        await here.reply("policy.group_now", name=name, handles=listed)
    else:
        used = await _rungs_with(here, name)
        await here.reply("policy.group_used" if used else "policy.group_empty", name=name)


async def _rungs_with(here: Here, name: str) -> bool:
    policy = await here.work.policies.current()
    return any(
        NAMED + name in rung.groups for ladder in policy.ladders.values() for rung in ladder.rungs
    )
