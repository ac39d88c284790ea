"""Triage: the model and the lexical floor side by side; the higher urgency wins."""

from __future__ import annotations

import time
from dataclasses import replace

import structlog

from bot.core.reading import MODEL_AWAY, Ask, Reading
from bot.triage.floor import Floor
from bot.triage.rasa import Rasa, RasaAway
from models.vocabulary import Urgency

_log = structlog.get_logger()

_RETRY_S = 2.0


class Triage:
    """Reads messages. Never fails: without Rasa the floor decides, and doubt goes up."""

    def __init__(self, rasa: Rasa, floor: Floor) -> None:
        self._rasa = rasa
        self._floor = floor
        self._away_until = 0.0

    async def read(self, text: str) -> Reading:
        """What ``text`` calls for, by whichever of the two hears more in it."""
        floor = self._read_floor(text)
        model = await self._read_model(text)
        if model is None:
            return _alone(floor)
        return model.joined_with(floor)

    def _read_floor(self, text: str) -> Reading:
        found = self._floor.read(text)
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


def _alone(floor: Reading) -> Reading:
    """The floor's reading without a model beside it.

    What it heard as distress might be more, so it pages; where it heard nothing and nothing was
    asked, the person is asked.
    """
    if floor.urgency is Urgency.SUPPORT:
        floor = replace(floor, urgency=Urgency.URGENT)
    unsure = floor.unsure or (floor.urgency is Urgency.NONE and floor.asks is None)
    return replace(floor, unsure=unsure, reasons=(*floor.reasons, MODEL_AWAY))
