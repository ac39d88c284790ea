"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.errors import ApiError, not_found, unauthorized
from sandbox.faults import Fault
from sandbox.methods import find_method
from sandbox.params import Params, read_params
from sandbox.state import Sandbox

CUT = "sandbox.cut"
_BAD_GATEWAY = (
    "<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


class ConnectionCut(Response):
    """Answers nothing and drops the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut = scope.get("extensions", {}).get(CUT)
        if cut is None:
            raise RuntimeError("connections can be cut only where sandbox.serving runs the server")
        cut()
        while (await receive())["type"] != "http.disconnect":
            pass


class BotApi:
    """The two endpoints, for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def call(self, request: Request) -> Response:
        """Answers `GET|POST /bot<token>/<method>` in Telegram's envelope."""
        name = request.path_params["method"]
        try:
            self._check_token(request)
            params = read_params(
                request.scope["query_string"],
                request.headers.get("content-type", ""),
                await request.body(),
            )
        except ApiError as error:
            return JSONResponse(error.envelope(), error.status)
        except ClientDisconnect:  # the bot died in the middle of asking
            return Response(status_code=400)
        method = find_method(name)
        return await self._answer(method.name if method else name, params)

    async def download(self, request: Request) -> Response:
        """Answers `GET /file/bot<token>/<path>` with the file's bytes."""
        try:
            self._check_token(request)
        except ApiError as error:
            return JSONResponse(error.envelope(), error.status)
        file = self._sandbox.files.by_path(request.path_params["path"])
        if file is None:
            return JSONResponse(not_found().envelope(), 404)
        return Response(file.content, media_type="application/octet-stream")

    def _check_token(self, request: Request) -> None:
        token = request.path_params["token"]
        if not hmac.compare_digest(token.encode(), self._sandbox.token.encode()):
            raise unauthorized()

    async def _answer(self, name: str, params: Params) -> Response:
        chat_id = params.text("chat_id")
        faults = self._sandbox.faults.for_call(
            name, int(chat_id) if chat_id.lstrip("-").isdecimal() else None
        )
        await asyncio.sleep(sum(fault.delay_s for fault in faults if fault.kind == "delay"))
        struck = next((fault for fault in faults if fault.kind != "delay"), None)
        kind = struck.kind if struck else ("delay" if faults else None)
        if kind == "cut_before":
            self._write(name, params, None, fault=kind)
            return ConnectionCut()
        try:
            result = await self._result(name, params, struck)
        except ApiError as error:
            self._write(name, params, error.status, description=error.description, fault=kind)
            if error.status == 502:
                return HTMLResponse(_BAD_GATEWAY, 502)
            return JSONResponse(error.envelope(), error.status)
        if kind == "cut_after":
            self._write(name, params, None, result=result, fault=kind)
            return ConnectionCut()
        self._write(name, params, 200, result=result, fault=kind)
        return JSONResponse({"ok": True, "result": result})

    async def _result(self, name: str, params: Params, struck: Fault | None) -> Any:
        if struck is not None and struck.kind == "error":
            raise struck.error()
        method = find_method(name)
        if method is None:
            raise not_found()
        return await method.call(self._sandbox, params)

    def _write(
        self,
        name: str,
        params: Params,
        status: int | None,
        *,
        description: str | None = None,
        result: Any = None,
        fault: str | None = None,
    ) -> None:
        updates = result if name == "getUpdates" and result else None
        self._sandbox.journal.write(
            "call",
            name,
            params.readable(),
            status,
            description=description,
            result=None if name == "getUpdates" else _snapshot(result),
            fault=fault,
            updates=updates,
        )


def _snapshot(result: Any) -> Any:
    return dict(result) if isinstance(result, dict) else result
