"""The control interface, the page, and who may reach them."""

import asyncio
import json

import pytest
import telegram
from sandbox_kit import Clock, Served

from sandbox import (
    NewPhone,
    OpenToNetworkError,
    Sandbox,
    SandboxClient,
    serve_forever,
    serving,
)
from sandbox.client import Phone, SandboxRefused


async def test_health_and_page_answer(api: Served) -> None:
    assert (await api.http.get(f"{api.address}/health")).json()["ok"] is True
    page = await api.http.get(api.address)
    assert "nothing leaves this machine" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for part in ("app.js", "base.css", "icon.svg"):
        assert (await api.http.get(f"{api.address}/page/{part}")).status_code == 200


async def test_other_machines_stay_out_unless_invited() -> None:
    with pytest.raises(OpenToNetworkError, match="other machines"):
        async with serving(Sandbox(), host="0.0.0.0"):
            pass
    with pytest.raises(OpenToNetworkError):
        await serve_forever("0.0.0.0", 0)
    async with serving(Sandbox(), host="0.0.0.0", i_know_it_is_open=True):
        pass


async def test_foreign_names_and_foreign_forms_are_refused(api: Served) -> None:
    named = await api.http.get(f"{api.address}/health", headers={"Host": "evil.example:80"})
    assert named.status_code == 421
    form = await api.http.post(
        f"{api.address}/sandbox/phones", content='{"first_name": "x"}',
        headers={"Content-Type": "text/plain"},
    )  # fmt: skip
    assert form.status_code == 415


async def test_phones_have_large_ids_in_order(client: SandboxClient) -> None:
    one, two = [await client.new_phone(name) for name in ("One", "Two")]
    assert (one.id, two.id) == (7_000_000_001, 7_000_000_002)
    three = await client.new_phone("Three", user_id=9_000_000_000, username="@three")
    assert three.username == "three"
    with pytest.raises(SandboxRefused, match="taken"):
        await client.new_phone("Four", user_id=9_000_000_000)
    with pytest.raises(SandboxRefused, match="taken"):
        await client.new_phone("Four", username="three")
    assert [phone.name for phone in await client.phones()] == ["One", "Two", "Three"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("phones", {}, 400),
        ("phones", {"first_name": " "}, 400),
        ("phones/1/text", {"text": "x"}, 404),
        ("phones/7000000001/text", {"text": 5}, 400),
        ("phones/7000000001/text", {"text": "  "}, 400),
        ("phones/7000000001/text", {"text": "x" * 4097}, 400),
        ("phones/7000000001/text", {"text": "x", "reply_to": 1}, 404),
        ("phones/7000000001/edit", {"message_id": 1, "text": "x"}, 404),
        ("phones/7000000001/tap", {"message_id": 1, "text": "x"}, 404),
        ("phones/7000000001/photo", {"data_base64": "%%"}, 400),
        ("phones/7000000001/photo", {"data_base64": ""}, 400),
        ("phones/7000000001/location", {"latitude": 91, "longitude": 0}, 400),
    ],
)
async def test_what_a_phone_cannot_do_is_said(
    api: Served, ana: Phone, path: str, body: dict[str, object], status: int
) -> None:
    answer = await api.http.post(f"{api.address}/sandbox/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_a_link_button_is_not_tapped(bot: telegram.Bot, ana: Phone) -> None:
    button = telegram.InlineKeyboardButton("Open", url="https://example.org/")
    await bot.send_message(
        ana.id, "x", reply_markup=telegram.InlineKeyboardMarkup.from_button(button)
    )
    with pytest.raises(SandboxRefused, match="sends no callback query"):
        await ana.taps("Open")


async def test_own_edits_end_after_48_hours(ana: Phone, clock: Clock) -> None:
    said = await ana.says("x")
    clock.passes(48 * 3600 + 1)
    with pytest.raises(SandboxRefused, match="48 hours"):
        await ana.edits(said, "y")


async def test_the_journal_tells_calls_with_what_they_brought(
    bot: telegram.Bot, client: SandboxClient, ana: Phone, clock: Clock
) -> None:
    button = telegram.InlineKeyboardButton("Yes", callback_data="y")
    markup = telegram.InlineKeyboardMarkup.from_button(button)
    sent = await bot.send_message(ana.id, "x", reply_markup=markup)
    with pytest.raises(telegram.error.BadRequest):
        await bot.send_message(5, "x")
    await bot.get_updates()
    good, bad, poll = await client.journal(methods=["sendMessage", "getUpdates"])
    assert good.params["chat_id"] == ana.id
    assert good.params["reply_markup"] == markup.to_dict()
    assert good.result["message_id"] == sent.message_id
    assert good.at_ms == clock.now * 1000
    assert (bad.status, bad.description) == (400, "Bad Request: chat not found")
    assert poll.updates[0]["message"]["text"] == "/start"
    assert await client.journal(after=poll.n) == []


async def test_events_tell_everything_and_then_what_changed(
    bot: telegram.Bot, api: Served, ana: Phone
) -> None:
    async with api.http.stream("GET", f"{api.address}/sandbox/events") as stream:
        lines = stream.aiter_lines()

        async def event() -> dict[str, list[dict[str, object]]]:
            async for line in lines:
                if line.startswith("data: "):
                    view: dict[str, list[dict[str, object]]] = json.loads(line[6:])
                    return view
            raise AssertionError("the stream ended")

        whole = await asyncio.wait_for(event(), 5)
        assert [phone["first_name"] for phone in whole["phones"]] == ["Ana"]
        assert "settings" in whole
        await bot.send_message(ana.id, "news")
        change = await asyncio.wait_for(event(), 5)
        assert [m["message"]["text"] for m in change["messages"]] == ["news"]  # type: ignore[index]
        assert "settings" not in change


async def test_a_server_stops_at_once_while_polls_wait(clock: Clock) -> None:
    async with asyncio.timeout(5):
        async with serving(Sandbox(clock=clock)) as address:
            client = SandboxClient(address)
            waiting = asyncio.create_task(client.journal(wait_s=30))
            await client.phones()
        assert await waiting == []
        await client.close()


async def test_serve_forever_says_where_it_is_and_that_it_is_open(
    capsys: pytest.CaptureFixture[str],
) -> None:
    box = Sandbox()
    task = asyncio.create_task(serve_forever(port=0, phones=[NewPhone("Ana")], sandbox=box))
    while not task.done() and "Sandbox: http" not in (said := capsys.readouterr().err):
        await box.changes.signal.wait(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "unauthenticated; nothing leaves this machine" in said
    assert [phone.first_name for phone in box.phones.values()] == ["Ana"]
