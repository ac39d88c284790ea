"""What phones do, as the bot hears of it by polling."""

import asyncio

import pytest
import telegram
from sandbox_kit import Clock, Served, Updates
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict

from sandbox import DEFAULT_TOKEN, Sandbox, SandboxClient, serving
from sandbox.client import Phone, SandboxRefused

CHOICE = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("I'm here", callback_data="yes:7"),
            InlineKeyboardButton("Can't right now", callback_data="no:7"),
        ]
    ]
)


async def test_start_by_deep_link_is_a_command_with_payload(
    bot: telegram.Bot, client: SandboxClient
) -> None:
    phone = await client.new_phone("Bo", language_code="fr")
    await phone.start("invite-7")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/start invite-7"
    assert update.message.entities[0].type == "bot_command"
    assert update.message.entities[0].length == 6
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "fr"
    assert not update.message.from_user.is_bot
    assert update.message.chat.type == "private"


async def test_a_payload_must_be_one(ana: Phone) -> None:
    with pytest.raises(SandboxRefused, match="payload"):
        await ana.start("not a payload")


async def test_phones_send_everything_people_send(ana: Phone, updates: Updates) -> None:
    await ana.says("hello")
    said = (await updates.next()).message
    assert said is not None
    await ana.says("re", reply_to=said.message_id)
    reply = (await updates.next()).message
    assert reply is not None
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.text == "hello"
    await ana.sends_photo(caption="look")
    await ana.sends_voice(duration=9)
    await ana.sends_video_note()
    await ana.sends_sticker(emoji="🙂")
    await ana.sends_document(b"x", file_name="a.pdf", mime_type="application/pdf")
    await ana.sends_location(53.3, -6.2)
    await ana.sends_contact("+35312345678", user_id=ana.id)
    got = [(await updates.next()).message for _ in range(7)]
    messages = [message for message in got if message is not None]
    assert [bool(messages[0].photo), messages[0].caption] == [True, "look"]
    assert messages[1].voice is not None
    assert messages[1].voice.duration == 9
    assert messages[2].video_note is not None
    assert messages[3].sticker is not None
    assert messages[3].sticker.emoji == "🙂"
    assert messages[4].document is not None
    assert messages[4].document.mime_type == "application/pdf"
    assert messages[5].location is not None
    assert messages[6].contact is not None
    assert messages[6].contact.user_id == ana.id


async def test_an_edit_is_an_edited_message(ana: Phone, updates: Updates, clock: Clock) -> None:
    said = await ana.says("helo")
    await updates.next()
    clock.passes(5)
    await ana.edits(said, "hello")
    edited = (await updates.next()).edited_message
    assert edited is not None
    assert edited.text == "hello"
    assert edited.message_id == said.message_id
    assert edited.edit_date is not None
    assert (edited.edit_date - edited.date).total_seconds() == 5


async def test_a_tap_is_answered_by_a_toast(
    bot: telegram.Bot, ana: Phone, updates: Updates
) -> None:
    sent = await bot.send_message(ana.id, "Someone needs you", reply_markup=CHOICE)
    await ana.taps("here")
    query = (await updates.next()).callback_query
    assert query is not None
    assert query.data == "yes:7"
    assert isinstance(query.message, telegram.Message)
    assert query.message.message_id == sent.message_id
    assert query.message.reply_markup == CHOICE
    assert query.from_user.id == ana.id
    assert await ana.toasts() == []
    await query.answer("Thank you", show_alert=True)
    toast = await ana.sees_toast("Thank")
    assert toast.alert
    assert toast.message_id == sent.message_id
    with pytest.raises(BadRequest, match="uery is too old and response timeout expired"):
        await query.answer()


async def test_taps_prefer_the_exact_label_and_the_newest_message(
    bot: telegram.Bot, ana: Phone, updates: Updates
) -> None:
    for number in (1, 2):
        await bot.send_message(
            ana.id,
            str(number),
            reply_markup=InlineKeyboardMarkup(
                [
                    [InlineKeyboardButton("Yes, now", callback_data=f"now:{number}")],
                    [InlineKeyboardButton("Yes", callback_data=f"yes:{number}")],
                ]
            ),
        )
    await ana.taps("Yes")
    query = (await updates.next()).callback_query
    assert query is not None
    assert query.data == "yes:2"
    with pytest.raises(AssertionError, match=r"Ana's phone(.|\n)*Yes, now"):
        await ana.taps("No")


async def test_answers_have_limits(
    bot: telegram.Bot, ana: Phone, updates: Updates, clock: Clock
) -> None:
    sent = await bot.send_message(ana.id, "x", reply_markup=CHOICE)
    tap = await ana.taps_data("yes:7", sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await bot.answer_callback_query(tap, "x" * 201)
    clock.passes(3600)
    with pytest.raises(BadRequest, match="uery is too old"):
        await bot.answer_callback_query(tap)
    with pytest.raises(BadRequest, match="uery is too old"):
        await bot.answer_callback_query("77")


async def test_a_block_and_its_end_are_told(ana: Phone, updates: Updates) -> None:
    await ana.blocks()
    change = (await updates.next()).my_chat_member
    assert change is not None
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(SandboxRefused, match="has blocked the bot"):
        await ana.says("x")
    await ana.start()
    change = (await updates.next()).my_chat_member
    assert change is not None
    assert change.new_chat_member.status == "member"
    assert (await updates.next()).message is not None


async def test_updates_stay_until_confirmed(bot: telegram.Bot, ana: Phone) -> None:
    await ana.says("a")
    first = await bot.get_updates()
    assert [u.update_id for u in first] == [u.update_id for u in await bot.get_updates()]
    rest = await bot.get_updates(offset=first[1].update_id)
    assert [u.message.text for u in rest if u.message] == ["a"]
    assert len(await bot.get_updates(limit=1)) == 1


async def test_a_negative_offset_keeps_the_last(bot: telegram.Bot, ana: Phone) -> None:
    for text in "abc":
        await ana.says(text)
    last = await bot.get_updates(offset=-1)
    assert [u.message.text for u in last if u.message] == ["c"]
    assert len(await bot.get_updates()) == 1


async def test_only_wanted_kinds_are_kept(bot: telegram.Bot, ana: Phone) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["message"])
    await ana.blocks()
    await ana.unblocks()
    await ana.says("still here")
    kinds = [u.message.text for u in await bot.get_updates() if u.message]
    assert kinds == ["/start", "still here"]
    assert (await bot.get_webhook_info()).allowed_updates == ("message",)


async def test_a_poll_waits_for_an_update(bot: telegram.Bot, ana: Phone, updates: Updates) -> None:
    waiting = asyncio.create_task(updates.next())
    await ana.says("now")
    update = await waiting
    assert update.message is not None
    assert update.message.text == "now"
    assert await updates.none()


async def test_the_older_of_two_pollers_is_ended(
    bot: telegram.Bot, api: Served, box: Sandbox, ana: Phone
) -> None:
    older = asyncio.create_task(bot.get_updates(offset=2**31 - 1, timeout=30))
    while not box.updates.is_polled:
        await box.updates.signal.wait(0.01)
    newer = asyncio.create_task(api.call("getUpdates", timeout=30))
    with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure"):
        await older
    await ana.says("for the newer one")
    (update,) = (await newer).json()["result"]
    assert update["message"]["text"] == "for the newer one"


async def test_ids_of_a_restarted_sandbox_are_new(clock: Clock) -> None:
    async def ids() -> tuple[int, int]:
        async with (
            serving(Sandbox(clock=clock)) as address,
            SandboxClient(address) as client,
            telegram.Bot(DEFAULT_TOKEN, base_url=f"{address}/bot") as bot,
        ):
            said = await (await client.new_phone("Ana")).start()
            return (await bot.get_updates())[0].update_id, said.message_id

    before = await ids()
    clock.passes(60)
    after = await ids()
    assert after[0] > before[0] + 500
    assert after[1] > before[1] + 50
    assert after[0] < 2**31


async def test_reading_gives_up_with_a_transcript(bot: telegram.Bot, ana: Phone) -> None:
    await bot.send_message(ana.id, "something else", reply_markup=CHOICE)
    with pytest.raises(AssertionError) as failure:
        await ana.reads("never said", timeout_s=0.05)
    assert "Ana: /start" in str(failure.value)
    assert "bot: something else [I'm here] [Can't right now]" in str(failure.value)


async def test_reads_next_goes_on_from_what_was_read(bot: telegram.Bot, ana: Phone) -> None:
    for text in ("one", "two", "three"):
        await bot.send_message(ana.id, text)
    assert (await ana.reads_next()).text == "one"
    assert (await ana.reads_next(containing="three")).text == "three"
    marker = await ana.marker()
    await bot.send_message(ana.id, "three again")
    assert (await ana.reads("three", after=marker)).text == "three again"


async def test_a_token_that_is_not_ours_is_unauthorized(api: Served) -> None:
    answer = await api.http.get(f"{api.address}/bot1:other/getMe")
    assert answer.status_code == 401
    assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_methods_are_found_in_any_case_and_unknown_ones_are_not(api: Served) -> None:
    assert (await api.call("GETME")).json()["result"]["is_bot"]
    assert await api.refusal("sendTelepathy") == (404, "Not Found")


async def test_parameters_may_come_in_every_way(api: Served, ana: Phone) -> None:
    url = f"{api.address}/bot{DEFAULT_TOKEN}/sendMessage"
    fields = {"chat_id": str(ana.id), "text": "ça va?"}
    for answer in (
        await api.http.get(url, params=fields),
        await api.http.post(url, data=fields),
        await api.http.post(url, json=fields),
        await api.http.post(url, data=fields, files={"unused": b"x"}),
    ):
        assert answer.json()["result"]["text"] == "ça va?"
