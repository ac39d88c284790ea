"""Nobody is left unread because of their language."""

from __future__ import annotations

import pytest

from bot.texts import load_texts
from tests.telegram.conftest import Watched

SPANISH = "ayer perdí mi trabajo y no duermo"
POLISH = "czuję się bardzo samotna"


@pytest.mark.parametrize(
    ("app", "text", "question", "button"),
    [
        ("en", SPANISH, "¿Estás en peligro ahora mismo?", "Hablar con una persona"),
        ("en", POLISH, "Czy jesteś teraz w niebezpieczeństwie?", "Porozmawiaj z człowiekiem"),
        ("en", "とても寂しいです", "今、危険な状況にいますか", "人と話す"),
        # A language without texts: the app's is used, and English where there is none either.
        ("fr-CA", "nagyon egyedül érzem magam mostanában", "en danger", "Parler à une personne"),
        ("is", "მე ძალიან მარტო ვარ", "Are you in danger right now?", "Talk to a person"),
    ],
)
async def test_a_short_question_is_asked_in_the_language_written(
    bot: Watched, app: str, text: str, question: str, button: str
) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person(language=app)
    answer = await bot.asks(sam, text)
    assert question in answer.text
    assert button in answer.button_texts
    assert len(answer.button_texts) == 3
    shown = await ana.reads("The bot is unsure")
    assert text in shown.text
    await sam.taps(button, on=answer)
    await ana.reads("asked")


GUESSED = "hart skipin beets mai"
FILIPINO = load_texts().say("language.question", "tl")


@pytest.mark.parametrize(
    ("app", "labels"),
    [
        ("en", ["I'm in danger now", "Talk to a person", "Find help near me"]),
        ("en-GB", ["I'm in danger now", "Talk to a person", "Find help near me"]),
        ("tr", []),
    ],
)
async def test_a_guess_is_asked_about_in_english_first_where_the_app_is_english(
    bot: Watched, app: str, labels: list[str]
) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person(language=app)
    answer = await bot.asks(sam, GUESSED)
    assert answer.button_texts[: len(labels)] == labels
    assert len(answer.button_texts) == len(labels) + 3
    assert FILIPINO in answer.text
    if labels:
        assert answer.text.index("Are you in danger") < answer.text.index(FILIPINO)
    for label in (answer.button_texts[0], answer.button_texts[-3]):
        await sam.taps(label, on=answer)
    await ana.reads("IMMEDIATE")


async def test_yes_in_ones_own_language_to_being_in_danger_pages(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    await bot.asks(sam, POLISH, "niebezpieczeństwie")
    assert (await bot.asks(sam, "tak")).text.startswith("Please call now:")
    await ana.reads("IMMEDIATE")


async def test_distress_that_the_floor_hears_pages_and_is_told_who_answers(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    first = await bot.asks(sam, "quiero morir esta noche")
    assert "112" in first.text
    assert first.text.index("112") < first.text.index("responden en inglés")
    assert "responden en inglés" in first.text
    await ana.reads("asked")


@pytest.mark.parametrize(
    ("app", "text", "call"),
    [
        ("en", "quiero morir", "Llama ahora:"),
        ("en", "мой муж меня бьет", "Позвоните сейчас:"),
        ("en", "chcę umrzeć", "Zadzwoń teraz:"),
        # What is written goes before what the app is set to.
        ("de", "je veux mourir", "Appelez maintenant :"),
        ("de", "kms", "Ruf jetzt an:"),
    ],
)
async def test_what_to_do_with_the_numbers_stands_above_them_in_their_language(
    bot: Watched, app: str, text: str, call: str
) -> None:
    sam = await bot.person(language=app)
    first = await bot.asks(sam, text, "112")
    assert first.text.count(call) == 1
    assert first.text.split("112")[0].splitlines()[-2] == call


async def test_who_writes_in_english_is_told_once(bot: Watched) -> None:
    sam = await bot.person(language="de")
    first = await bot.asks(sam, "i want to kill myself and i have the pills here", "112")
    assert "Ruf jetzt an" not in first.text


async def test_a_tap_on_danger_is_answered_in_the_language_written_before(bot: Watched) -> None:
    sam = await bot.person()
    question = await bot.asks(sam, POLISH, "niebezpieczeństwie")
    answer = await bot.taps(sam, question.button_texts[0], on=question)
    assert answer.text.splitlines()[:2] == ["Please call now:", "Zadzwoń teraz:"]


async def test_who_asks_for_a_human_is_not_told_to_call_now(bot: Watched) -> None:
    sam = await bot.person()
    answer = await bot.asks(sam, "quiero hablar con una persona", "112")
    assert "Llama ahora" not in answer.text
    assert "responden en inglés" in answer.text


async def test_a_greeting_or_a_name_is_no_foreign_distress(bot: Watched) -> None:
    ana, _ = await bot.on_call()
    sam = await bot.person()
    for text in ("hola", "ok", "merci"):
        answer = await bot.asks(sam, text)
        assert "danger" not in answer.text
    await bot.settles()
    assert "unsure" not in await ana.transcript()


async def test_what_a_telegram_app_says_of_its_language_shuts_nobody_out(
    bot_on_both: Watched,
) -> None:
    bot = bot_on_both
    ana, _ = await bot.on_call()
    tags = ("ca-es-valencia", "x" * 40, "sl-rozaj-biske-1994")
    for number, tag in enumerate(tags, 1):
        sam = await bot.client.new_phone("W" * 64, "a person", language_code=tag)
        await sam.says("i want to die tonight")
        await sam.reads("112")
        await ana.reads(f"C{number} ")
