"""Triage: the model and the lexical floor side by side; the higher urgency wins."""

from __future__ import annotations

import time
from dataclasses import replace

import structlog

from bot.core.reading import MODEL_AWAY, SAYS_SAFE, Ask, Reading
from bot.triage.answers import Answers
from bot.triage.floor import Floor, FloorReading
from bot.triage.languages import Languages, Placed
from bot.triage.rasa import Rasa, RasaAway
from models.vocabulary import Theme, Urgency

_log = structlog.get_logger()

_RETRY_S = 2.0
_TELLING_WORDS = 3
"""What is not understood and shorter is asked about, and shown to nobody."""


class Triage:
    """Reads messages. Never fails: without Rasa the floor decides, and doubt goes up.

    English is read by both. What is certainly in another language is read by the floor alone,
    for the model knows English; where the floor hears nothing in it, the reading is unsure.
    """

    def __init__(self, rasa: Rasa, floor: Floor) -> None:
        self._rasa = rasa
        self._floor = floor
        self._answers = Answers.load()
        self._languages = Languages.load(floor.everyday_english, floor.everyday_elsewhere)
        self._away_until = 0.0

    async def read(self, text: str) -> Reading:
        """What ``text`` calls for, by whichever of the two hears more in it."""
        found = self._floor.read(text)
        reply, courtesy = self._answers.read(text), self._answers.courtesy(text)
        placed = Placed() if reply or courtesy else self._languages.place(text)
        if placed.certain:
            return _in_another_language(self._of_floor(found), found, placed)
        model = await self._read_model(text)
        reading = self._joined(model, found)
        if placed.foreign:
            reading = _in_another_language(reading, found, placed)
        elif courtesy and not reading.pressing and not found.reasons:
            # One word of manners tells nothing by itself: what was said before it decides whether
            # a goodbye is looked at, see `bot.core.conversation.built_up`.
            reading = replace(reading, asks=reading.asks or courtesy, unsure=False, review=False)
        elif reading.unsure and (reply or (model is not None and self._languages.knows(text))):
            # A word that the model was not taught is not yet one that nobody understands. Without
            # a model nobody has understood these words, however plain they are.
            reading = replace(reading, unsure=False, review=False)
        elif reading.unsure and len(text.split()) < _TELLING_WORDS:
            # A name, a picture, a cry in a language that cannot be told: it is asked about, and
            # there is nothing in it that others could read.
            reading = replace(reading, review=False)
        if self._answers.says_safe(text):
            reading = replace(reading, reasons=(*reading.reasons, SAYS_SAFE))
        language = reading.language or placed.language or _heard_in(found)
        return replace(reading, reply=reply, language=language)

    def _joined(self, model: Reading | None, found: FloorReading) -> Reading:
        floor = self._of_floor(found)
        if model is None:
            return _alone(floor)
        reading = model.joined_with(floor)
        heard = floor.urgency is Urgency.SUPPORT and model.urgency is Urgency.NONE
        worded = "unsure:no_words" not in model.reasons
        review = model.review or heard or (reading.unsure and worded)
        return replace(reading, review=review and not reading.pressing)

    @staticmethod
    def _of_floor(found: FloorReading) -> Reading:
        return Reading(
            urgency=found.urgency,
            theme=found.theme,
            asks=Ask(found.asks) if found.asks else None,
            unsure=found.unreadable,
            reasons=found.reasons,
        )

    async def _read_model(self, text: str) -> Reading | None:
        # A server that just failed is left alone for a moment: the next person in distress does
        # not wait for its time-out as well.
        if time.monotonic() < self._away_until:
            return None
        try:
            return await self._rasa.read(text)
        except RasaAway as error:
            self._away_until = time.monotonic() + _RETRY_S
            _log.warning("model_away", error=str(error))
            return None


def _heard_in(found: FloorReading) -> str | None:
    """The one language of the rules that heard something, in a text too short to be placed."""
    heard = {reason.partition(".")[0] for reason in found.reasons}
    return found.language if heard == {found.language} and found.language != "en" else None


def _in_another_language(reading: Reading, found: FloorReading, placed: Placed) -> Reading:
    """``reading`` of a text that is not English: what nobody heard anything in is unsure.

    What an English reader called harmless in it is no comfort. What paged, pages all the same.
    """
    language = placed.language
    if found.language not in (None, "en") and found.urgency is not Urgency.NONE:
        language = found.language
    heard = found.urgency is not Urgency.NONE or found.asks is not None
    asks = Ask(found.asks) if found.asks else None
    return replace(
        reading,
        asks=asks,
        unsure=reading.unsure or not (heard or reading.pressing),
        review=not reading.pressing and asks is None,
        language=language,
        foreign=True,
        guessed=placed.guessed and language == placed.language,
        reasons=(*reading.reasons, "language:other"),
    )


def _alone(floor: Reading) -> Reading:
    """The floor's reading without a model beside it.

    What it heard as distress might be more, so it pages, and a wish to die in English, which the
    model else weighs, is as immediate as in the languages that the floor reads alone. Where it
    heard nothing and nothing was asked, as in every second crisis, the person is asked and
    volunteers look.
    """
    if floor.urgency is Urgency.SUPPORT:
        floor = replace(floor, urgency=Urgency.URGENT)
    elif floor.urgency is Urgency.URGENT and floor.theme is Theme.SUICIDE:
        floor = replace(floor, urgency=Urgency.IMMEDIATE)
    unheard = floor.urgency is Urgency.NONE and floor.asks is None
    return replace(
        floor,
        unsure=floor.unsure or unheard,
        review=unheard,
        reasons=(*floor.reasons, MODEL_AWAY),
    )
