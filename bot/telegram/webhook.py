"""The web address that Telegram pushes updates to."""

from __future__ import annotations

import hmac
import json

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.engine.ingest import Ingest

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
_LARGEST_BYTES = 1_000_000


def routes(ingest: Ingest, path: str, secret: str) -> list[Route]:
    """The route that answers 200 only once the update is on disk.

    403 without the secret, 400 for what is no update. Telegram pushes again what was not
    answered with 200.
    """

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("wrong secret", 403)
        body = await request.body()
        try:
            if len(body) > _LARGEST_BYTES:
                raise ValueError("too large")
            update = json.loads(body)
            if not isinstance(update, dict):
                raise TypeError("not an object")
            await ingest.receive([update])
        except (ValueError, TypeError):
            return PlainTextResponse("not an update", 400)
        return PlainTextResponse("ok")

    return [Route(path, receive, methods=["POST"])]
