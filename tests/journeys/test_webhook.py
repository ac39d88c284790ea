"""Updates that Telegram pushes are on disk before it hears that they arrived."""

from __future__ import annotations

import socket

import httpx

from bot.telegram.webhook import SECRET_HEADER
from tests.support.fakes import an_update
from tests.support.stage import Staging


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_case_runs_by_webhook_as_it_does_by_polling(staging: Staging) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/telegram"
    async with staging(
        HOLDFAST_WEBHOOK_URL=address,
        HOLDFAST_WEBHOOK_SECRET="a-secret",
        HOLDFAST_WEBHOOK_PORT=port,
    ) as stage:
        ana, _ben = await stage.on_call()
        sam = await stage.person()
        await sam.says("i want to die tonight")
        await sam.reads("112")
        await ana.taps("I'm here", on=await ana.reads("IMMEDIATE"))
        await sam.reads("Ana is here for you")
        calls = await stage.client.journal()
        assert not [call for call in calls if call.method.lower() == "getupdates"]

        async with httpx.AsyncClient() as client:
            update = an_update(1, sam.id, "hello")
            wrong = await client.post(address, json=update, headers={SECRET_HEADER: "guess"})
            assert wrong.status_code == 403
            assert (await client.post(address, json=update)).status_code == 403
            headers = {SECRET_HEADER: "a-secret"}
            broken = await client.post(address, content=b"{", headers=headers)
            assert broken.status_code == 400
            assert (await client.post(address, json=[], headers=headers)).status_code == 400
            healthy = await client.get(f"http://127.0.0.1:{port}/healthz")
            assert healthy.status_code == 200
