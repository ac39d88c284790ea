"""What a bot sends, as it arrives, and what it is refused."""

import pytest
import telegram
from sandbox_kit import Clock, Served
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, Forbidden

from sandbox import SandboxClient, samples
from sandbox.client import Phone

KEYBOARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("I'm here", callback_data="yes")],
        [InlineKeyboardButton("Read", url="https://example.org")],
    ]
)


async def test_a_message_arrives_with_its_text_and_buttons(bot: telegram.Bot, ana: Phone) -> None:
    sent = await bot.send_message(ana.id, "Hello", reply_markup=KEYBOARD, protect_content=True)
    read = await ana.reads("Hello")
    assert read.message_id == sent.message_id
    assert read.button_texts == ["I'm here", "Read"]
    assert read.buttons[1][0].url == "https://example.org/"
    assert sent.has_protected_content
    assert sent.chat.id == ana.id > 2**32
    assert sent.from_user is not None
    assert sent.from_user.is_bot


@pytest.mark.parametrize("text", ["", "   \n ", "<b></b>"])
async def test_an_empty_text_is_refused(bot: telegram.Bot, ana: Phone, text: str) -> None:
    with pytest.raises(BadRequest, match="essage text is empty"):
        await bot.send_message(ana.id, text, parse_mode="HTML")


async def test_length_is_counted_in_utf16_units_after_parsing(
    bot: telegram.Bot, ana: Phone
) -> None:
    await bot.send_message(ana.id, "<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="essage is too long"):
        await bot.send_message(ana.id, "😀" * 2048 + "x")
    picture = samples.sample("photo")
    await bot.send_photo(ana.id, picture, caption="c" * 1024)
    with pytest.raises(BadRequest, match="essage caption is too long"):
        await bot.send_photo(ana.id, picture, caption="c" * 1025)


async def test_whom_a_bot_may_not_write_to(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(42, "x")
    stranger = await client.new_phone("Bo")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(stranger.id, "x")
    await ana.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "x")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_chat_action(ana.id, "typing")
    await ana.unblocks()
    await bot.send_message(ana.id, "back")
    await ana.deletes_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(ana.id, "x")


@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        ({"text": "a", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a"}, "Text buttons are unallowed"),
        ({"callback_data": "a"}, "Can't find field"),
        ({"text": "a", "url": "nonsense"}, "is invalid"),
    ],
)
async def test_a_bad_button_is_refused(
    api: Served, ana: Phone, button: dict[str, str], complaint: str
) -> None:
    status, description = await api.refusal(
        "sendMessage", chat_id=ana.id, text="x", reply_markup={"inline_keyboard": [[button]]}
    )
    assert status == 400
    assert complaint in description


async def test_64_bytes_of_callback_data_are_fine(bot: telegram.Bot, ana: Phone) -> None:
    markup = InlineKeyboardMarkup.from_button(InlineKeyboardButton("a", callback_data="ж" * 32))
    await bot.send_message(ana.id, "x", reply_markup=markup)


async def test_replies_hold_what_they_reply_to(bot: telegram.Bot, ana: Phone) -> None:
    said = await ana.says("first words")
    sent = await bot.send_message(
        ana.id, "re", reply_parameters=ReplyParameters(said.message_id, quote="words")
    )
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "first words"
    assert sent.quote is not None
    assert (sent.quote.text, sent.quote.position) == ("words", 6)
    with pytest.raises(BadRequest, match="essage to be replied not found"):
        await bot.send_message(ana.id, "re", reply_parameters=ReplyParameters(1))
    lone = await bot.send_message(
        ana.id, "re", reply_to_message_id=1, allow_sending_without_reply=True
    )
    assert lone.reply_to_message is None


async def test_every_kind_of_media_arrives_and_can_be_downloaded(
    bot: telegram.Bot, ana: Phone
) -> None:
    picture = samples.sample("photo")
    photo = await bot.send_photo(ana.id, picture, caption="<i>c</i>", has_spoiler=True)
    assert photo.has_media_spoiler
    assert [size.width for size in photo.photo] == [90, 320, 480]
    file = await bot.get_file(photo.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == picture
    again = await bot.send_photo(ana.id, photo.photo[0].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    voice = await bot.send_voice(ana.id, b"OggS...", duration=7)
    assert voice.voice is not None
    assert voice.voice.duration == 7
    document = await bot.send_document(ana.id, b"a,b", filename="rota.csv")
    assert document.document is not None
    assert document.document.file_name == "rota.csv"
    sticker = await bot.send_sticker(ana.id, samples.sample("sticker"), emoji="🌿")
    assert sticker.sticker is not None
    assert sticker.sticker.emoji == "🌿"
    place = await bot.send_location(ana.id, 53.35, -6.26)
    assert place.location is not None
    assert place.location.latitude == 53.35
    assert [m.kind for m in await ana.messages()][1:] == [
        "photo",
        "photo",
        "voice",
        "document",
        "sticker",
        "location",
    ]


async def test_bad_files_are_refused(bot: telegram.Bot, api: Served, ana: Phone) -> None:
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(ana.id, b"no picture")
    with pytest.raises(BadRequest, match="ailed to get http url content"):
        await bot.send_photo(ana.id, "https://example.org/a.png")
    with pytest.raises(BadRequest, match="rong file identifier"):
        await bot.send_voice(ana.id, "AAAA")
    voice = (await bot.send_voice(ana.id, b"OggS")).voice
    assert voice is not None
    with pytest.raises(BadRequest, match="ype of file mismatch"):
        await bot.send_document(ana.id, voice.file_id)
    assert (await api.refusal("getFile", file_id="AAAA"))[1] == "Bad Request: invalid file_id"
    missing = await api.http.get(f"{api.address}/file/bot{bot.token}/photos/none.jpg")
    assert missing.status_code == 404


async def test_a_copy_has_everything_but_the_origin(bot: telegram.Bot, ana: Phone) -> None:
    said = await ana.says("/help me")
    copied = await bot.copy_message(ana.id, ana.id, said.message_id, protect_content=True)
    read = await ana.reads("/help me")
    assert read.message_id == copied.message_id
    assert read.raw["entities"] == said.raw["entities"]
    assert read.raw["has_protected_content"]
    assert "reply_to_message" not in read.raw
    shown = await ana.sends_photo(caption="as it was")
    await bot.copy_message(
        ana.id, ana.id, shown.message_id, caption="<b>other</b>", parse_mode="HTML",
        reply_markup=KEYBOARD,
    )  # fmt: skip
    read = await ana.reads("other")
    assert read.raw["photo"] == shown.raw["photo"]
    assert read.raw["caption_entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    assert read.button_texts == ["I'm here", "Read"]
    with pytest.raises(BadRequest, match="essage to copy not found"):
        await bot.copy_message(ana.id, ana.id, 1)


async def test_edits_replace_text_and_buttons(bot: telegram.Bot, ana: Phone) -> None:
    sent = await bot.send_message(ana.id, "one", reply_markup=KEYBOARD)
    edited = await bot.edit_message_text("two", ana.id, sent.message_id)
    assert isinstance(edited, telegram.Message)
    assert edited.edit_date is not None
    read = await ana.sees_edit(sent.message_id, "two")
    assert read.button_texts == []
    await bot.edit_message_reply_markup(ana.id, sent.message_id, reply_markup=KEYBOARD)
    await ana.sees_buttons(sent.message_id, "I'm here", "Read")
    photo = await bot.send_photo(ana.id, samples.sample("photo"), caption="old")
    await bot.edit_message_caption(ana.id, photo.message_id, caption="new")
    assert (await ana.sees_edit(photo.message_id)).text == "new"


async def test_what_cannot_be_edited(bot: telegram.Bot, api: Served, ana: Phone) -> None:
    sent = await bot.send_message(ana.id, "one", reply_markup=KEYBOARD)
    status, description = await api.refusal(
        "editMessageText",
        chat_id=ana.id,
        message_id=sent.message_id,
        text="one",
        reply_markup=KEYBOARD.to_dict(),
    )
    assert (status, description) == (
        400,
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message",
    )
    said = await ana.says("mine")
    for message_id, complaint in (
        (said.message_id, "message can't be edited"),
        (1, "message to edit not found"),
        (None, "message identifier is not specified"),
    ):
        _, description = await api.refusal(
            "editMessageText", chat_id=ana.id, message_id=message_id, text="two"
        )
        assert description == f"Bad Request: {complaint}"
    photo = await bot.send_photo(ana.id, samples.sample("photo"))
    with pytest.raises(BadRequest, match="here is no text in the message to edit"):
        await bot.edit_message_text("two", ana.id, photo.message_id)
    with pytest.raises(BadRequest, match="here is no caption in the message to edit"):
        await bot.edit_message_caption(ana.id, sent.message_id, caption="two")


async def test_deleted_messages_are_gone(bot: telegram.Bot, ana: Phone) -> None:
    sent = await bot.send_message(ana.id, "soon gone")
    await bot.delete_message(ana.id, sent.message_id)
    assert (await ana.sees_deleted(sent.message_id)).text == "soon gone"
    with pytest.raises(BadRequest, match="essage to delete not found"):
        await bot.delete_message(ana.id, sent.message_id)
    with pytest.raises(BadRequest, match="essage to edit not found"):
        await bot.edit_message_text("x", ana.id, sent.message_id)
    one, two = [await bot.send_message(ana.id, str(n)) for n in range(2)]
    await bot.delete_messages(ana.id, [one.message_id, two.message_id, 1])
    assert [m.text for m in await ana.messages()] == ["/start"]


async def test_messages_older_than_48_hours_stay(
    bot: telegram.Bot, ana: Phone, clock: Clock
) -> None:
    sent = await bot.send_message(ana.id, "old")
    clock.passes(48 * 3600 + 1)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await bot.delete_message(ana.id, sent.message_id)


async def test_a_chat_action_shows_until_a_message_comes(
    bot: telegram.Bot, api: Served, ana: Phone
) -> None:
    async def action() -> str:
        state = (await api.http.get(f"{api.address}/sandbox/phones/{ana.id}")).json()
        return str(state["action"])

    await bot.send_chat_action(ana.id, "typing")
    assert await action() == "typing"
    await bot.send_message(ana.id, "x", link_preview_options=LinkPreviewOptions(is_disabled=True))
    assert await action() == ""
    with pytest.raises(BadRequest, match="rong parameter action"):
        await bot.send_chat_action(ana.id, "dancing")
