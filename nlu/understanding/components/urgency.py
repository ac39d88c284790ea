"""Rasa component, the last: adds the verdict under ``holdfast`` to the parse."""

from __future__ import annotations

import unicodedata
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from understanding import table
from understanding.components.classifier import FAMILIARITY
from understanding.components.normaliser import ORIGINAL, SPAN
from understanding.verdict import Piece, Thresholds, decide

OUTPUT = "holdfast"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class UrgencyComponent(GraphComponent):
    """Folds a message and its sentences into one message with the verdict on it.

    Settings are those of ``understanding.verdict.Thresholds``.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Need a classifier's distribution."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default thresholds."""
        return dict(Thresholds()._asdict())

    def __init__(self, config: dict[str, Any], model_id: str) -> None:
        """Raise InvalidConfigException for an unknown setting or a threshold outside 0..1."""
        settings = {k: v for k, v in config.items() if k in Thresholds._fields}
        if unknown := set(config) - set(settings):
            raise InvalidConfigException(f"UrgencyComponent has no settings {sorted(unknown)}")
        if outside := [k for k, v in settings.items() if not 0.0 <= float(v) <= 1.0]:
            raise InvalidConfigException(f"UrgencyComponent: {outside} must be in 0..1")
        self._thresholds = Thresholds(**settings)
        self._meanings = table.load()
        self._model_id = model_id

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> UrgencyComponent:
        """Return the component for the model of ``execution_context``."""
        return cls(config, execution_context.model_id or "")

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the message that ``Normaliser`` laid out, alone again, with its verdict."""
        whole = messages[0]
        original = str(whole.get(ORIGINAL))
        verdict = decide(
            [self._piece(message, message is whole, original) for message in messages],
            self._meanings,
            self._thresholds,
        )
        whole.set(OUTPUT, {**verdict, "model": self._model_id}, add_to_output=True)
        whole.set(TEXT, _harmless(original))
        return [whole]

    def _piece(self, message: Message, whole: bool, original: str) -> Piece:
        start, end = message.get(SPAN)
        text = str(message.get(TEXT))
        return Piece(
            start=start,
            end=end,
            whole=whole,
            probabilities={r["name"]: r["confidence"] for r in message.get("intent_ranking")},
            familiarity=message.get(FAMILIARITY),
            words=sum(any(char.isalnum() for char in word) for word in text.split()),
            foreign=_is_foreign(text),
        )


def _harmless(text: str) -> str:
    """Drop leading slashes: Rasa reads "/word" as an order to report the intent "word".

    It would do so after this component, throw the verdict away, and print the text in a warning
    when the order is malformed.
    """
    stripped = text.lstrip()
    while stripped.startswith("/"):
        stripped = stripped[1:].lstrip()
    return stripped if text.lstrip().startswith("/") else text


def _is_foreign(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    foreign = sum(not unicodedata.name(char, "").startswith("LATIN") for char in letters)
    return foreign > len(letters) * 0.3
