"""Calendars by secret address: an ambassador's own duties, and the team's."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.calendar.feed import REFRESH, write_calendar
from bot.core.rota import Duty, spans
from bot.engine.clock import Clock
from bot.engine.work import Community, UnitOfWork
from models import Feed
from models.database import Database

PATH = "/calendar/{name}.ics"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PAST = timedelta(days=31)
_FUTURE = timedelta(days=183)
_LONGEST_DUTY = timedelta(days=2)


def path_of(token: str) -> str:
    """Where the calendar with this secret is read."""
    return PATH.format(name=token)


def routes(database: Database, community: Community, clock: Clock) -> list[Route]:
    """The routes of a web server that gives out calendars.

    404 for an address that is unknown or revoked, or whose ambassador has left: one cannot tell
    which. The answer may be kept for five minutes by the reader alone.
    """

    async def calendar(request: Request) -> Response:
        token = request.path_params["name"]
        body = await _body(database, community, clock.now(), token)
        if body is None:
            return Response("There is no calendar here.\n", 404, {"Cache-Control": "no-store"})
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {
            "Cache-Control": f"private, max-age={int(REFRESH.total_seconds()) // 12}",
            "ETag": tag,
            "X-Robots-Tag": "noindex",
        }
        known = request.headers.get("If-None-Match", "")
        if tag in [one.strip().removeprefix("W/") for one in known.split(",")]:
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="rota.ics"'
        return Response(body, 200, headers, media_type="text/calendar")

    return [Route(PATH, calendar, methods=["GET"])]


async def _body(
    database: Database, community: Community, now: datetime, token: str
) -> bytes | None:
    if not _TOKEN.fullmatch(token):
        return None
    async with database.reading() as session:
        work = UnitOfWork(session, database.keyring, community, now)
        feed = await work.feeds.read_by(token)
        if feed is None:
            return None
        ambassadors = {one.id: one for one in await work.people.ambassadors()}
        if feed.ambassador_id is not None and feed.ambassador_id not in ambassadors:
            return None
        # A day has one stamp, so that a calendar that has not changed keeps its tag.
        stamp = datetime.combine(now.date(), time(), tzinfo=UTC)
        start, end = stamp - _PAST, stamp + _FUTURE
        around = (start - _LONGEST_DUTY, end + _LONGEST_DUTY)
        plan = await work.rota.plan(*around)
    duties = [
        one
        for one in spans(plan, *around, join=False)
        if start <= one.starts_at < end
        and one.ambassador_id in ambassadors
        and feed.ambassador_id in (None, one.ambassador_id)
    ]
    return _write(
        duties, community, feed, {who: one.handle for who, one in ambassadors.items()}, stamp
    )


def _write(
    duties: list[Duty], community: Community, feed: Feed, handles: dict[int, str], stamp: datetime
) -> bytes:
    # A calendar is plain text: nothing in it is read as HTML.
    def plain(key: str, **values: str) -> str:
        return community.texts.template(key).format(**values).strip()

    def title(duty: Duty) -> str:
        key = "calendar.own_duty" if feed.ambassador_id else "calendar.duty"
        return plain(key, handle=handles[duty.ambassador_id], layer=duty.layer.value)

    whose = "calendar.own" if feed.ambassador_id else "calendar.team"
    return write_calendar(duties, plain(whose, community=community.name), title, stamp)
