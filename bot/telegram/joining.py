"""Becoming an ambassador or coordinator by a single-use link, and the menus of each role."""

from __future__ import annotations

import re

from telegram import Update

from bot.engine import escalation
from bot.engine.letters import Menu
from bot.engine.store.people import InvitationError
from bot.engine.work import UnitOfWork
from bot.telegram.here import Context, Here, visible
from bot.telegram.person.manners import offer
from bot.texts import Texts
from models import Ambassador, Role

# Marks that change the direction of whatever follows, and control characters.
_TURNING = re.compile("[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PERSON = ("human", "resources", "privacy", "stop", "help")
_AMBASSADOR = (
    "mycases",
    "close",
    "review",
    "handover",
    "oncall",
    "next",
    "myshifts",
    "rota",
    "coverme",
    "swap",
    "away",
    "back",
    "calendar",
    "languages",
    "channel",
    "test",
    "help",
)
_COORDINATOR = (
    "cases",
    "rota",
    "shift",
    "rotate",
    "cover",
    "away",
    "gaps",
    "needs",
    "fair",
    "limits",
    "undo",
    "ambassadors",
    "invite",
    "remove",
    "policy",
    "group",
    "takeover",
    "oncall",
    "safeguarding",
    "mycases",
    "close",
    "handover",
    "review",
    "next",
    "myshifts",
    "coverme",
    "swap",
    "back",
    "calendar",
    "languages",
    "channel",
    "test",
    "help",
)


async def join(update: Update, context: Context) -> None:
    """``/start TOKEN``: the deep link of an invitation."""
    here = context.here
    user = update.effective_user
    assert user is not None
    token = (context.args or [""])[0]
    try:
        ambassador = await here.work.people.join(
            token, here.chat_id, _name(user.first_name), user.language_code
        )
    except InvitationError as error:
        await _refuse(here, str(error))
        return
    here.ambassador = ambassador
    await here.work.audit.record("joined", by=ambassador, role=ambassador.role)
    await here.put(menu(here.texts, ambassador))
    await here.reply(
        f"join.welcome_{ambassador.role}",
        name=ambassador.name,
        handle=ambassador.handle,
        community=here.work.community.name,
    )
    await _announce(here.work, ambassador)


async def _refuse(here: Here, why: str) -> None:
    if here.ambassador is not None:
        await here.reply("join.already" if why == "join.used" else why)
        return
    # Whoever followed an old link may need somebody: no door ends at a wall.
    (await here.person()).greeted_at = here.work.now
    html = here.say("join.person", community=here.work.community.name)
    await here.send(f"{here.say(why)}\n\n{html}", offer(here))


def _name(first_name: str) -> str:
    """The name that others read, without what would turn the line around or show nothing."""
    plain = " ".join(_TURNING.sub("", first_name).split())
    return plain if visible(plain).strip("\u3164\u115f\u1160\u2800") else "Friend"


async def _announce(work: UnitOfWork, ambassador: Ambassador) -> None:
    for coordinator in await work.people.coordinators():
        if coordinator.id != ambassador.id:
            await escalation.tell_ambassador(
                work,
                coordinator,
                "join.joined",
                handle=ambassador.handle,
                name=ambassador.name,
                role=work.texts.say(f"role.{ambassador.role}", coordinator.language),
            )


def menu(texts: Texts, ambassador: Ambassador | None) -> Menu:
    """The commands that this role's menu shows; without an ambassador, a person's."""
    names: tuple[str, ...] = _PERSON
    language = None
    if ambassador is not None:
        names = _COORDINATOR if ambassador.role is Role.COORDINATOR else _AMBASSADOR
        language = ambassador.language
    return Menu(tuple((name, str(texts.say(f"menu.{name}", language))) for name in names))
