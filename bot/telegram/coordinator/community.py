"""The community as coordinators see it: inviting, who is there, every case."""

from __future__ import annotations

from collections import Counter

from telegram import Update

from bot.core.rota import away_now
from bot.engine import notices
from bot.telegram.here import Context, Here
from bot.texts import Html
from models import Ambassador, Case, Role


async def invite(update: Update, context: Context) -> None:
    """``/invite ambassador`` or ``/invite coordinator``."""
    here, me = context.here, context.here.me
    word = " ".join(context.words).lower()
    if word not in set(Role):
        await here.reply("coordinator.invite_usage")
        return
    role = Role(word)
    token = await here.work.people.invite(role, me)
    await here.work.audit.record("invited", by=me, role=role)
    await here.reply(
        "coordinator.invite",
        role=here.say(f"role.{role}"),
        link=f"https://t.me/{here.bot_username}?start={token}",
    )


async def ambassadors(update: Update, context: Context) -> None:
    """``/ambassadors``: everybody in the community."""
    here = context.here
    everybody = await here.work.people.ambassadors()
    away = away_now(await here.work.rota.aways(), here.work.now)
    holding = Counter(case.holder_id for case in await here.work.cases.not_closed())
    lines = []
    for one in everybody:
        state = " ".join(
            [
                *([here.say("coordinator.state_away")] if one.id in away else []),
                *([here.say("coordinator.state_unreachable")] if one.unreachable_at else []),
                *(
                    [here.say("coordinator.state_holding", n=holding[one.id])]
                    if one.id in holding
                    else []
                ),
            ]
        )
        lines.append(
            here.say(
                "coordinator.ambassador_line",
                handle=one.handle,
                name=one.name,
                role=here.say(f"role.{one.role}"),
                state=state and f" {state}",
            )
        )
    await here.reply_lines(here.say("coordinator.ambassadors", count=len(everybody)), lines)


async def cases(update: Update, context: Context) -> None:
    """``/cases``: every case that is not closed."""
    here, me = context.here, context.here.me
    current = await here.work.cases.not_closed()
    if not current:
        await here.reply("case.none_open")
        return
    lines = [await _case_line(here, me, case) for case in current]
    await here.reply_lines(here.say("coordinator.cases", count=len(current)), lines)


async def _case_line(here: Here, me: Ambassador, case: Case) -> Html:
    if case.holder_id is not None:
        holder = await here.work.people.ambassador(case.holder_id)
        state = here.say("case.held_by", holder=f"@{holder.handle}")
    else:
        state = here.say(
            "case.nobody",
            time=notices.waited(here.work, case, me.language),
            asked=await notices.asked(here.work, case),
        )
    person = await here.work.people.person(case.person_id)
    return here.say(
        "case.line",
        head=notices.page_head(here.work, case, person, me.language),
        urgency=here.say(f"urgency.{case.urgency}"),
        state=state,
    )
