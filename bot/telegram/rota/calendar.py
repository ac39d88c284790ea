"""``/calendar``: the secret address of a calendar, for phones and mail programs."""

from __future__ import annotations

from bot.telegram.here import Here
from bot.telegram.rota.reading import Refused, Wanting, Words
from models import Role

_PATH = "/calendar/{token}.ics"


async def calendar(here: Here, text: str) -> None:
    """``/calendar``, ``/calendar off``; for coordinators also ``/calendar team``."""
    words = Words.of(here, text)
    team = words.take_if("team", "all") is not None
    off = words.take_if("off", "revoke", "stop") is not None
    if words.left:
        raise Wanting
    if team and here.me.role is not Role.COORDINATOR:
        raise Refused("calendar.team_only")
    whose = None if team else here.me
    if off:
        gone = await here.work.rota.revoke_feed(whose)
        await here.work.audit.record("calendar_revoked", by=here.me, team=team)
        await here.reply("calendar.revoked" if gone else "calendar.none")
        return
    address = here.work.community.public_url
    if address is None:
        raise Refused("calendar.no_server")
    token = await here.work.rota.feed(whose)
    await here.work.audit.record("calendar_made", by=here.me, team=team)
    await here.reply(
        "calendar.team" if team else "calendar.mine",
        link=address.rstrip("/") + _PATH.format(token=token),
    )
