"""No Rasa answers: the floor decides alone, and what it hears nothing in is left to humans."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.reading import MODEL_AWAY
from bot.triage.floor import Floor
from bot.triage.rasa import Rasa
from bot.triage.reader import Triage
from models.vocabulary import Urgency


@pytest.fixture
async def triage() -> AsyncIterator[Triage]:
    nobody = Rasa("http://127.0.0.1:9", None, 1000)
    yield Triage(nobody, Floor.load())
    await nobody.close()


async def test_plain_words_of_distress_page(triage: Triage) -> None:
    for text in ("i want to die", "he hit me again and i am scared", "i feel so low and worthless"):
        reading = await triage.read(text)
        assert reading.pressing, text
        assert not reading.review, text
        assert MODEL_AWAY in reading.reasons


async def test_what_the_floor_hears_nothing_in_is_asked_about_and_shown_to_volunteers(
    triage: Triage,
) -> None:
    for text in (
        "i have sorted everything so nobody has to deal with my things",
        "the bridge looks peaceful from up here",
        "the cat has a new home and my keys are with the neighbour",
    ):
        reading = await triage.read(text)
        assert reading.urgency is Urgency.NONE, text
        assert reading.unsure, text
        assert reading.review, text


async def test_words_that_tell_nothing_are_shown_to_nobody(triage: Triage) -> None:
    for text in ("hello", "ok", "thank you", "Maria", "🙂"):
        assert not (await triage.read(text)).review, text
