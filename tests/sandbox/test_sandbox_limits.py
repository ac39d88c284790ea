"""Telegram's flood limits, by a clock that tests move."""

import pytest
import telegram
from sandbox_kit import Clock, Served
from telegram.error import RetryAfter

from sandbox import Limits, Sandbox, SandboxClient
from sandbox.client import Phone


async def test_a_chat_takes_a_burst_and_then_one_a_second(
    api: Served, ana: Phone, clock: Clock
) -> None:
    async def send() -> int:
        answer = await api.call("sendMessage", chat_id=ana.id, text="x")
        if answer.status_code == 429:
            body = answer.json()
            assert body["parameters"] == {"retry_after": 1}
            assert body["description"] == "Too Many Requests: retry after 1"
        return answer.status_code

    assert [await send() for _ in range(22)] == [200] * 20 + [429] * 2
    clock.passes(1)
    assert [await send() for _ in range(2)] == [200, 429]


async def test_all_chats_together_are_limited(
    api: Served, client: SandboxClient, clock: Clock
) -> None:
    phones = [await client.new_phone(f"P{n}") for n in range(4)]
    for phone in phones:
        await phone.start()
    statuses = [
        (await api.call("sendMessage", chat_id=phones[n % 4].id, text="x")).status_code
        for n in range(32)
    ]
    assert statuses == [200] * 30 + [429] * 2
    clock.passes(0.1)
    assert (await api.call("sendMessage", chat_id=phones[0].id, text="x")).status_code == 200


async def test_edits_and_refused_messages_do_not_count(bot: telegram.Bot, ana: Phone) -> None:
    sent = await bot.send_message(ana.id, "0")
    for n in range(1, 40):
        await bot.edit_message_text(str(n), ana.id, sent.message_id)
    for _ in range(19):
        await bot.send_message(ana.id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(ana.id, "x")


async def test_limits_can_be_switched_off_and_on(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    await client.set_limits(on=False)
    for _ in range(40):
        await bot.send_message(ana.id, "x")
    await client.set_limits(on=True)
    for _ in range(20):
        await bot.send_message(ana.id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(ana.id, "x")


def test_limits_are_a_choice() -> None:
    assert Sandbox().throttle.limits == Limits()
    assert not Sandbox(limits=Limits.off()).throttle.limits.on
