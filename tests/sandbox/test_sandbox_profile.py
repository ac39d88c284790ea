"""How the bot presents itself, and what phones see of it."""

import pytest
import telegram
from telegram import BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest

from sandbox import SandboxClient
from sandbox.client import Phone


async def test_get_me_is_the_bot(bot: telegram.Bot) -> None:
    me = await bot.get_me()
    assert me.username == "holdfast_sandbox_bot"
    assert me.is_bot


async def test_the_narrowest_menu_wins(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    bo = await client.new_phone("Bo", language_code="fr")
    await bo.start()
    await bot.set_my_commands([("help", "Help")])
    assert await ana.menu() == {"help": "Help"}
    await bot.set_my_commands([("talk", "Talk")], scope=BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(
        [("talk", "Parler")], scope=BotCommandScopeAllPrivateChats(), language_code="fr"
    )
    await bot.set_my_commands([("rota", "Rota")], scope=BotCommandScopeChat(ana.id))
    assert await ana.menu() == {"rota": "Rota"}
    assert await bo.menu() == {"talk": "Parler"}
    await bot.delete_my_commands(scope=BotCommandScopeChat(ana.id))
    assert await ana.menu() == {"talk": "Talk"}
    got = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats(), language_code="fr")
    assert [(c.command, c.description) for c in got] == [("talk", "Parler")]
    assert await bot.get_my_commands(language_code="fr") == ()


@pytest.mark.parametrize(("command", "description"), [("Help", "x"), ("a b", "x"), ("a", "")])
async def test_bad_commands_are_refused(bot: telegram.Bot, command: str, description: str) -> None:
    with pytest.raises(BadRequest):
        await bot.set_my_commands([(command, description)])


async def test_a_menu_for_an_unknown_chat_is_refused(bot: telegram.Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([("a", "b")], scope=BotCommandScopeChat(5))


async def test_names_and_descriptions_go_by_language(bot: telegram.Bot) -> None:
    await bot.set_my_name("Holdfast")
    await bot.set_my_name("Tiens bon", language_code="fr")
    assert (await bot.get_my_name()).name == "Holdfast"
    assert (await bot.get_my_name("fr")).name == "Tiens bon"
    await bot.set_my_description("About")
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_description("de")).description == "About"
    assert (await bot.get_my_short_description()).short_description == "Short"
    with pytest.raises(BadRequest, match="is too long"):
        await bot.set_my_short_description("x" * 121)
    await bot.set_my_description("")
    assert (await bot.get_my_description()).description == ""


async def test_get_chat_knows_people_who_wrote(
    bot: telegram.Bot, client: SandboxClient, ana: Phone
) -> None:
    chat = await bot.get_chat(ana.id)
    assert (chat.first_name, chat.username, chat.type) == ("Ana", "ana_on_call", "private")
    stranger = await client.new_phone("Bo")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.get_chat(stranger.id)


async def test_log_out_and_close_say_yes(bot: telegram.Bot) -> None:
    assert await bot.log_out()
    assert await bot.close()
