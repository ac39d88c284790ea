"""The web application: Bot API, control interface and page in one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.bot_api import BotApi
from sandbox.control import Control
from sandbox.state import Sandbox
from sandbox.webhook import LOOPBACK_NAMES

PAGE = Path(__file__).parent / "page"
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def create_app(sandbox: Sandbox, *, any_host: bool = False) -> Starlette:
    """The ASGI application for a sandbox.

    Requests must name a loopback host (127.0.0.1, localhost, [::1]) unless `any_host`: so a
    foreign web page can't reach the sandbox by pointing its own name at this machine.
    """
    api = BotApi(sandbox)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        deliveries = asyncio.create_task(sandbox.courier.run())
        try:
            yield
        finally:
            sandbox.close()
            await sandbox.courier.stop(deliveries)

    async def health(request: Request) -> Response:
        return JSONResponse({"ok": True, "bot": sandbox.bot_username})

    async def page(request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=_PAGE_HEADERS)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/health", health),
            Route("/bot{token}/{method}", api.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", api.download),
            *Control(sandbox).routes(),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        middleware=[] if any_host else [Middleware(LoopbackHostOnly)],
        lifespan=lifespan,
    )


class LoopbackHostOnly:
    """Refuses requests that were addressed to another name than this machine's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
            if name.strip("[]").lower() not in LOOPBACK_NAMES:
                refusal = PlainTextResponse("The sandbox answers to loopback names only.", 421)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
