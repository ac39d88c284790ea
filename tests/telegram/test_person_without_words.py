"""Pictures, voice messages, stickers, places: the bot says what it can't do with them, once."""

from __future__ import annotations

import pytest

from sandbox.client import Phone
from tests.telegram.conftest import DISTRESS, Watched

DANGER = ["I'm in danger now", "Talk to a person", "Find help near me"]
SENT = {
    "voice": "can't listen to voice messages; a volunteer can",
    "photo": "can't look at pictures; a volunteer can",
    "sticker": "can't read stickers; a volunteer can",
    "document": "can't open files or videos; a volunteer can",
    "location": "Nobody has been sent to it",
}


async def sends(phone: Phone, kind: str) -> None:
    match kind:
        case "voice":
            await phone.sends_voice()
        case "photo":
            await phone.sends_photo()
        case "sticker":
            await phone.sends_sticker()
        case "document":
            await phone.sends_document()
        case _:
            await phone.sends_location(52.5, 13.4)


async def read_after(bot: Watched, phone: Phone, kind: str) -> list[str]:
    """What the person reads after they sent something of ``kind``."""
    await bot.settles()
    marker = await phone.marker()
    await sends(phone, kind)
    await bot.settles()
    return [one.text for one in await phone.messages() if one.from_bot and one.message_id > marker]


async def test_each_kind_has_its_own_words_and_one_question(bot: Watched) -> None:
    for kind, expected in SENT.items():
        sam = await bot.person()
        marker = await sam.marker()
        await sends(sam, kind)
        answer = await sam.reads(expected, after=marker)
        assert answer.text.count("?") == 1
        assert "Are you in danger right now?" in answer.text
        assert answer.button_texts == DANGER


async def test_what_follows_soon_is_acknowledged_shortly_but_a_place_never_is(
    bot: Watched,
) -> None:
    sam = await bot.person()
    assert SENT["voice"] in (await read_after(bot, sam, "voice"))[0]
    for kind in ("voice", "photo", "sticker"):
        marker = await sam.marker()
        assert await read_after(bot, sam, kind) == ["This is kept too. A person is one tap away."]
        assert (await sam.reads("kept", after=marker)).button_texts == DANGER
    assert SENT["location"] in (await read_after(bot, sam, "location"))[0]
    assert "kept too" in (await read_after(bot, sam, "location"))[0]
    await bot.time_passes(minutes=6)
    assert SENT["photo"] in (await read_after(bot, sam, "photo"))[0]
    # A yes still answers whether they are in danger.
    await read_after(bot, sam, "sticker")
    assert "Please call now" in (await bot.asks(sam, "yes")).text


async def test_who_waits_reads_it_once_and_of_a_place_at_once(bot: Watched) -> None:
    await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, "can i talk to a real person", "I'm getting a person")
    (answer,) = await read_after(bot, sam, "voice")
    assert answer == (
        "I'm a bot and can't listen to voice messages; a volunteer can. "
        "I'm keeping this for whoever comes: are you in danger right now?"
    )
    assert await read_after(bot, sam, "photo") == []
    assert SENT["location"] in (await read_after(bot, sam, "location"))[0]
    assert await read_after(bot, sam, "location") == []


@pytest.mark.parametrize("kind", ["voice", "location"])
async def test_in_an_immediate_case_nobody_is_asked_whether_it_is_one(
    bot: Watched, kind: str
) -> None:
    await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, DISTRESS, "Please call now")
    (answer,) = await read_after(bot, sam, kind)
    assert SENT[kind] in answer
    assert "I'm keeping this for whoever comes." in answer
    assert "?" not in answer
