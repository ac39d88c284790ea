"""A volunteer sets a second channel on the real bot, and is called by it over real HTTP."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import web
from sandbox import Fault
from tests.support.stage import Staging


class Service:
    """An outside service that hears calls."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[str] = []


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    one = Service(f"json://ana:hunter2@127.0.0.1:{port}/hook")

    async def hear(request: Request) -> Response:
        one.heard.append((await request.json())["message"])
        return PlainTextResponse("ok")

    async with web.listening(
        web.create_app([Route("/hook", hear, methods=["POST"])]), "127.0.0.1", port
    ):
        yield one


async def test_a_channel_is_confirmed_by_its_code_tried_and_called_when_telegram_fails(
    staging: Staging, service: Service
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with staging(HOLDFAST_CHANNELS="json,local", HOLDFAST_HTTP_PORT=port) as stage:
        ana, _ben = await stage.on_call()
        await ana.says(f"/channel {service.address}")
        asked = await ana.reads("I sent a code")
        assert "hunter2" not in asked.text
        typed = [one for one in await ana.messages() if "hunter2" in one.text]
        assert not [one for one in typed if not one.deleted]
        while not service.heard:
            await stage.holdfast.signals.wait("nothing", 0.02)
        code = re.fullmatch(r"Holdfast: your code is (\d{6})", service.heard.pop())
        assert code is not None
        await ana.says(f"/channel {code[1]}")
        confirmed = await ana.reads("works. From now on I call you there", after=asked)
        await ana.says("/test")
        tested = await ana.reads("The test left", after=confirmed)
        assert service.heard == ["Holdfast: this is a test, all is well"]

        await stage.client.faults.add(Fault(method="sendMessage", chat_id=ana.id, status=502))
        sam = await stage.person()
        await sam.says("i want to die tonight, nobody would miss me")
        await sam.reads("112")
        while len(service.heard) < 2:
            await stage.holdfast.signals.wait("nothing", 0.02)
        assert service.heard[1] == "Holdfast: a case is waiting, open Telegram"
        await stage.client.faults.clear()
        page = await ana.reads("IMMEDIATE", after=tested, timeout_s=20)
        await ana.taps("I'm here", on=page)
        await sam.reads("Ana is here for you")

        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["telegram"]) == (200, True)
            shown = (await client.get("/metrics")).text
        assert 'holdfast_time_to_claim_seconds_count{urgency="immediate"} 1.0' in shown
        assert 'holdfast_calls_total{status="sent"} 3.0' in shown
        assert "hunter2" not in shown
        assert json.dumps("nobody would miss me")[1:-1] not in shown

        await ana.says("/channel off")
        await ana.reads("off, and I have forgotten it")
