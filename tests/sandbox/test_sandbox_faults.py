"""Faults on demand, as the bot meets them."""

import asyncio

import pytest
import telegram
from sandbox_kit import Served, Updates
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter

from sandbox import Fault, SandboxClient
from sandbox.client import Phone, SandboxRefused


async def texts(phone: Phone) -> list[str]:
    return [message.text for message in await phone.messages() if message.from_bot]


async def test_an_error_strikes_as_often_as_it_is_told(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await client.faults.add(Fault(status=429, method="sendmessage", retry_after=7, times=2))
    for _ in range(2):
        with pytest.raises(RetryAfter) as failure:
            await bot.send_message(ana.id, "x")
        assert failure.value.retry_after == 7
    await bot.send_message(ana.id, "through")
    assert await texts(ana) == ["through"]
    assert await client.faults.all() == []


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (400, "Bad Request: a fault set in the sandbox"),
        (401, "Unauthorized"),
        (403, "Forbidden: bot was blocked by the user"),
        (404, "Not Found"),
        (500, "Internal Server Error"),
    ],
)
async def test_errors_have_the_words_telegram_uses(
    api: Served, client: SandboxClient, ana: Phone, status: int, description: str
) -> None:
    await client.faults.add(Fault(status=status))
    assert await api.refusal("sendMessage", chat_id=ana.id, text="x") == (status, description)


async def test_a_bad_gateway_is_not_json(
    bot: telegram.Bot, api: Served, client: SandboxClient, ana: Phone
) -> None:
    await client.faults.add(Fault(status=502))
    answer = await api.call("sendMessage", chat_id=ana.id, text="x")
    assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(ana.id, "x")


async def test_a_fault_may_concern_one_chat_only(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    bo = await client.new_phone("Bo")
    await bo.start()
    await client.faults.add(Fault(status=403, chat_id=bo.id))
    await bot.send_message(ana.id, "x")
    with pytest.raises(Forbidden):
        await bot.send_message(bo.id, "x")


async def test_a_method_can_be_missing(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await client.faults.add(Fault(status=404, method="setMyCommands"))
    with pytest.raises(InvalidToken):
        await bot.set_my_commands([("a", "b")])
    await bot.send_message(ana.id, "x")


async def test_a_cut_before_leaves_nothing_done(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await client.faults.add(Fault(kind="cut_before", times=1))
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "x")
    assert await texts(ana) == []


async def test_a_cut_after_leaves_the_message_delivered(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await client.faults.add(Fault(kind="cut_after", times=1))
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "x")
    assert await texts(ana) == ["x"]
    (entry,) = await client.journal(methods=["sendMessage"])
    assert (entry.status, entry.fault) == (None, "cut_after")


async def test_a_delay_may_outlast_the_caller(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await client.faults.add(Fault(kind="delay", delay_s=0.2, times=1))
    with pytest.raises(telegram.error.TimedOut):
        await bot.send_message(ana.id, "late", read_timeout=0.05)
    assert (await ana.reads("late")).from_bot


async def test_chance_is_seeded(api: Served, client: SandboxClient, ana: Phone) -> None:
    await client.faults.add(Fault(status=500, probability=0.5, method="getMe"))
    statuses = [(await api.call("getMe")).status_code for _ in range(40)]
    assert 8 < statuses.count(500) < 32


async def test_a_repeated_update_comes_again_after_it_was_confirmed(
    client: SandboxClient, ana: Phone, updates: Updates
) -> None:
    await client.faults.add(Fault(kind="duplicate_updates", times=1))
    await ana.says("once")
    first, second = await updates.next(), await updates.next()
    assert first.to_dict() == second.to_dict()
    assert await updates.none()


async def test_an_update_may_be_overtaken(
    bot: telegram.Bot, client: SandboxClient, ana: Phone, updates: Updates
) -> None:
    await client.faults.add(Fault(kind="reorder_updates", times=1))
    await ana.says("first")
    await ana.says("second")
    got = [await updates.next() for _ in range(2)]
    assert [u.message.text for u in got if u.message] == ["second", "first"]
    assert got[0].update_id > got[1].update_id
    assert await updates.none()


async def test_an_update_that_nothing_overtakes_still_comes(
    client: SandboxClient, ana: Phone, updates: Updates
) -> None:
    await client.faults.add(Fault(kind="reorder_updates", times=1))
    await ana.says("alone")
    update = await asyncio.wait_for(updates.next(), 5)
    assert update.message is not None


async def test_faults_can_be_listed_removed_and_cleared(client: SandboxClient) -> None:
    one = await client.faults.add(Fault(method="getMe"))
    two = await client.faults.add(Fault(kind="delay"))
    assert await client.faults.all() == [one, two]
    await client.faults.remove(one)
    assert await client.faults.all() == [two]
    await client.faults.clear()
    assert await client.faults.all() == []
    with pytest.raises(SandboxRefused, match="no such fault"):
        await client.faults.remove(one)


@pytest.mark.parametrize(
    "body", [{"kind": "gremlin"}, {"mood": 1}, {"status": 200}, {"delay_s": "x"}]
)
async def test_a_fault_that_makes_no_sense_is_refused(api: Served, body: dict[str, object]) -> None:
    answer = await api.http.post(f"{api.address}/sandbox/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
