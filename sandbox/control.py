"""The control interface under `/sandbox/`: how a test, a demo or the page acts as a phone."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox import actions, samples
from sandbox.errors import ControlError
from sandbox.faults import Fault
from sandbox.files import Kind
from sandbox.state import NewPhone, Phone, Sandbox, StoredMessage
from sandbox.views import (
    menu_view,
    message_view,
    messages_view,
    phone_view,
    settings_view,
    state_view,
)

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]

LONGEST_WAIT_S = 30.0
HEARTBEAT_S = 15.0


class Body:
    """The JSON body of a request, read by type. Wrong or missing fields raise ControlError 400."""

    def __init__(self, fields: Json) -> None:
        self.fields = fields

    def text(self, name: str, default: str | None = None) -> str:
        value = self.fields.get(name, default)
        if not isinstance(value, str):
            raise ControlError(400, f"{name} is a text")
        return value

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if self.fields.get(name) is not None else None

    def number(self, name: str) -> float:
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(400, f"{name} is a number")
        return float(value)

    def optional_integer(self, name: str) -> int | None:
        value = self.fields.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ControlError(400, f"{name} is a whole number")
        return value

    def integer(self, name: str) -> int:
        value = self.optional_integer(name)
        if value is None:
            raise ControlError(400, f"{name} is a whole number")
        return value

    def content(self, kind: Kind) -> bytes:
        """The bytes in `data_base64`, or a generated sample of this kind."""
        encoded = self.optional_text("data_base64")
        if encoded is None:
            return samples.sample(kind)
        try:
            return b64decode(encoded, validate=True)
        except (Base64Error, ValueError):
            raise ControlError(400, "data_base64 is not Base64") from None


async def read_body(request: Request) -> Body:
    """Takes JSON only: a foreign web page can't send that to this address unasked."""
    raw = await request.body()
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ControlError(415, "send application/json")
    try:
        fields = json.loads(raw or b"{}")
    except ValueError:
        raise ControlError(400, "the body is not JSON") from None
    if not isinstance(fields, dict):
        raise ControlError(400, "the body is a JSON object")
    return Body(fields)


class Control:
    """The control interface of one sandbox. The paths are in `routes`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        phone = "/sandbox/phones/{user_id:int}"
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/sandbox/state", self.state),
            ("GET", "/sandbox/events", self.events),
            ("GET", "/sandbox/journal", self.journal),
            ("GET", "/sandbox/files/{file_id}", self.file),
            ("GET", "/sandbox/faults", self.faults),
            ("POST", "/sandbox/faults", self.add_fault),
            ("DELETE", "/sandbox/faults", self.clear_faults),
            ("DELETE", "/sandbox/faults/{fault_id:int}", self.remove_fault),
            ("PUT", "/sandbox/limits", self.set_limits),
            ("GET", "/sandbox/phones", self.phones),
            ("POST", "/sandbox/phones", self.add_phone),
            ("GET", phone, self.phone),
            ("GET", f"{phone}/messages", self.messages),
            ("GET", f"{phone}/menu", self.menu),
            ("GET", f"{phone}/toasts", self.toasts),
            ("POST", f"{phone}/start", self._phone_action(_start)),
            ("POST", f"{phone}/text", self._phone_action(_text)),
            ("POST", f"{phone}/edit", self._phone_action(_edit)),
            ("POST", f"{phone}/location", self._phone_action(_location)),
            ("POST", f"{phone}/contact", self._phone_action(_contact)),
            ("POST", f"{phone}/tap", self.tap),
            ("POST", f"{phone}/block", self._phone_switch(actions.block)),
            ("POST", f"{phone}/unblock", self._phone_switch(actions.unblock)),
            ("POST", f"{phone}/deactivate", self._phone_switch(actions.deactivate)),
        ]
        table += [
            ("POST", f"{phone}/{kind}", self._phone_action(_file_sender(kind)))
            for kind in get_args(Kind)
        ]
        return [Route(path, _guarded(endpoint), methods=[verb]) for verb, path, endpoint in table]

    # Reading

    async def state(self, request: Request) -> Response:
        return JSONResponse(state_view(self._sandbox, _after(request, "after")))

    async def events(self, request: Request) -> Response:
        """Server-Sent Events: each is what `state` answers, since the one before.

        Takes `?after=N&epoch=E`; from another epoch everything is sent.
        """
        same_epoch = request.query_params.get("epoch") == self._sandbox.epoch
        after = _after(request, "after") if same_epoch else 0
        return StreamingResponse(
            self._event_stream(after),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def _event_stream(self, after: int) -> AsyncIterator[str]:
        sandbox = self._sandbox
        while not sandbox.updates.closed:
            view = state_view(sandbox, after)
            after = view["change"]
            yield f"data: {json.dumps(view)}\n\n"
            while sandbox.changes.value == after and not sandbox.updates.closed:
                await sandbox.changes.signal.wait(HEARTBEAT_S)
                if sandbox.changes.value == after:
                    yield ": still here\n\n"

    async def journal(self, request: Request) -> Response:
        after = _after(request, "after")
        await self._wait(request, lambda: bool(self._sandbox.journal.after(after)))
        entries = self._sandbox.journal.after(after)
        return JSONResponse({"entries": [entry.as_json() for entry in entries]})

    async def file(self, request: Request) -> Response:
        file = self._sandbox.files.by_id(request.path_params["file_id"])
        if file is None:
            raise ControlError(404, "no such file")
        return Response(
            file.content,
            media_type=samples.shown_mime_type(file.content),
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"},
        )

    async def phones(self, request: Request) -> Response:
        views = [phone_view(self._sandbox, phone) for phone in self._sandbox.phones.values()]
        return JSONResponse({"phones": views})

    async def phone(self, request: Request) -> Response:
        return JSONResponse(phone_view(self._sandbox, self._phone(request)))

    async def messages(self, request: Request) -> Response:
        phone = self._phone(request)
        after = _after(request, "after_change")
        await self._wait(request, lambda: bool(messages_view(self._sandbox, after, phone)))
        return JSONResponse(
            {
                "change": self._sandbox.changes.value,
                "messages": messages_view(self._sandbox, after, phone),
            }
        )

    async def menu(self, request: Request) -> Response:
        return JSONResponse({"commands": menu_view(self._sandbox, self._phone(request))})

    async def toasts(self, request: Request) -> Response:
        phone = self._phone(request)
        after = _after(request, "after_change")
        await self._wait(request, lambda: any(t.change > after for t in phone.toasts))
        view = phone_view(self._sandbox, phone)["toasts"]
        return JSONResponse(
            {
                "change": self._sandbox.changes.value,
                "toasts": [toast for toast in view if toast["change"] > after],
            }
        )

    async def _wait(self, request: Request, is_there: Callable[[], bool]) -> None:
        """Waits until `is_there`, or as long as `?wait_s=` says."""
        try:
            wait_s = float(request.query_params.get("wait_s", "0"))
        except ValueError:
            raise ControlError(400, "wait_s is a number") from None
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(wait_s, LONGEST_WAIT_S)
        while not is_there() and loop.time() < deadline and not self._sandbox.updates.closed:
            await self._sandbox.changes.signal.wait(deadline - loop.time())

    # Settings

    async def faults(self, request: Request) -> Response:
        return JSONResponse({"faults": settings_view(self._sandbox)["faults"]})

    async def add_fault(self, request: Request) -> Response:
        fault = self._sandbox.faults.add(Fault.from_json((await read_body(request)).fields))
        return JSONResponse(fault.as_json(), 201)

    async def clear_faults(self, request: Request) -> Response:
        self._sandbox.faults.clear()
        return JSONResponse({})

    async def remove_fault(self, request: Request) -> Response:
        if not self._sandbox.faults.remove(request.path_params["fault_id"]):
            raise ControlError(404, "no such fault")
        return JSONResponse({})

    async def set_limits(self, request: Request) -> Response:
        switched_on = (await read_body(request)).fields.get("on")
        if not isinstance(switched_on, bool):
            raise ControlError(400, "on is true or false")
        self._sandbox.set_limits(replace(self._sandbox.throttle.limits, on=switched_on))
        return JSONResponse(settings_view(self._sandbox)["limits"])

    # Phones

    async def add_phone(self, request: Request) -> Response:
        body = await read_body(request)
        name = body.text("first_name").strip()
        if not 1 <= len(name) <= 64:
            raise ControlError(400, "first_name has 1 to 64 characters")
        phone = self._sandbox.add_phone(
            NewPhone(
                first_name=name,
                caption=body.text("caption", ""),
                username=body.optional_text("username"),
                language_code=body.text("language_code", "en") or "en",
                user_id=body.optional_integer("user_id"),
            )
        )
        return JSONResponse(phone_view(self._sandbox, phone), 201)

    async def tap(self, request: Request) -> Response:
        phone, body = self._phone(request), await read_body(request)
        query_id = actions.tap(
            self._sandbox,
            phone,
            body.integer("message_id"),
            text=body.optional_text("text"),
            data=body.optional_text("data"),
        )
        return JSONResponse({"callback_query_id": query_id}, 201)

    def _phone_action(self, act: Callable[[Sandbox, Phone, Body], StoredMessage]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            message = act(self._sandbox, self._phone(request), await read_body(request))
            return JSONResponse(message_view(self._sandbox, message), 201)

        return endpoint

    def _phone_switch(self, switch: Callable[[Sandbox, Phone], None]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            await read_body(request)
            phone = self._phone(request)
            switch(self._sandbox, phone)
            return JSONResponse(phone_view(self._sandbox, phone))

        return endpoint

    def _phone(self, request: Request) -> Phone:
        return self._sandbox.phone(request.path_params["user_id"])


def _start(sandbox: Sandbox, phone: Phone, body: Body) -> StoredMessage:
    return actions.start(sandbox, phone, body.text("payload", ""))


def _text(sandbox: Sandbox, phone: Phone, body: Body) -> StoredMessage:
    return actions.say(sandbox, phone, body.text("text"), body.optional_integer("reply_to"))


def _edit(sandbox: Sandbox, phone: Phone, body: Body) -> StoredMessage:
    return actions.edit(sandbox, phone, body.integer("message_id"), body.text("text"))


def _location(sandbox: Sandbox, phone: Phone, body: Body) -> StoredMessage:
    return actions.send_location(
        sandbox,
        phone,
        body.number("latitude"),
        body.number("longitude"),
        body.optional_integer("reply_to"),
    )


def _contact(sandbox: Sandbox, phone: Phone, body: Body) -> StoredMessage:
    return actions.send_contact(
        sandbox,
        phone,
        body.text("phone_number"),
        body.text("first_name", phone.first_name),
        body.optional_integer("user_id"),
    )


def _file_sender(kind: Kind) -> Callable[[Sandbox, Phone, Body], StoredMessage]:
    def send(sandbox: Sandbox, phone: Phone, body: Body) -> StoredMessage:
        details: Json = {}
        if body.fields.get("duration") is not None:
            details["duration"] = body.integer("duration")
        if kind == "sticker":
            details["emoji"] = body.text("emoji", samples.STICKER_EMOJI)
        return actions.send_file(
            sandbox,
            phone,
            kind,
            body.content(kind),
            name=body.text("file_name", samples.FILE_NAMES.get(kind, "")),
            mime_type=body.text("mime_type", ""),
            caption=body.text("caption", ""),
            reply_to=body.optional_integer("reply_to"),
            **details,
        )

    return send


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ControlError as error:
            return JSONResponse({"error": error.reason}, error.status)

    return guarded


def _after(request: Request, name: str) -> int:
    value = request.query_params.get(name, "0")
    if not value.isdecimal():
        raise ControlError(400, f"{name} is a whole number")
    return int(value)
