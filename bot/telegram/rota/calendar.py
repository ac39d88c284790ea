"""``/calendar``: the secret address of a calendar, for phones and mail programs."""

from __future__ import annotations

from bot.engine.feeds import path_of
from bot.telegram.here import Here
from bot.telegram.rota.reading import Refused, Wanting, Words
from models import Role


async def calendar(here: Here, text: str) -> None:
    """``/calendar``, ``/calendar off``; for coordinators also ``/calendar team``."""
    words = Words.of(here, text)
    team = words.take_if("team", "all") is not None
    off = words.take_if("off", "revoke", "stop") is not None
    if words.left:
        raise Wanting
    if team and here.me.role is not Role.COORDINATOR:
        raise Refused("feed.team_only")
    whose = None if team else here.me
    if off:
        gone = await here.work.feeds.revoke(whose)
        await here.work.audit.record("calendar_revoked", by=here.me, team=team)
        await here.reply("feed.revoked" if gone else "feed.none")
        return
    address = here.work.community.public_url
    if address is None:
        raise Refused("feed.no_server")
    token = await here.work.feeds.make(whose)
    await here.work.audit.record("calendar_made", by=here.me, team=team)
    await here.reply(
        "feed.team" if team else "feed.mine",
        link=address.rstrip("/") + path_of(token),
    )
