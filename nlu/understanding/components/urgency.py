"""Rasa component, the last: adds the verdict under ``holdfast`` to the parse."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from understanding import likeness, minilm, table
from understanding.components.classifier import FAMILIARITY
from understanding.components.normaliser import ORIGINAL, SPAN
from understanding.likeness import Crises
from understanding.progress import say
from understanding.verdict import PAGES, Piece, Thresholds, decide, wants_a_look

OUTPUT = "holdfast"
_FILE = "crises.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class UrgencyComponent(GraphComponent):
    """Folds a message and its sentences into one message with the verdict on it.

    What would page and is not sure is looked at a second time, see ``understanding.likeness``.

    Comes after a classifier, whose distribution it reads. Rasa can't be told so: of what is trained
    it accepts no requirement that does not run in training. Settings are those of
    ``understanding.verdict.Thresholds``.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default thresholds."""
        return dict(Thresholds()._asdict())

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model_id: str,
        crises: Crises | None = None,
    ) -> None:
        """Take ``crises``, which are None until trained.

        Raise InvalidConfigException for an unknown setting or a threshold outside 0..1."""
        settings = {k: v for k, v in config.items() if k in Thresholds._fields}
        if unknown := set(config) - set(settings):
            raise InvalidConfigException(f"UrgencyComponent has no settings {sorted(unknown)}")
        if outside := [k for k, v in settings.items() if not 0.0 <= float(v) <= 1.0]:
            raise InvalidConfigException(f"UrgencyComponent: {outside} must be in 0..1")
        self._thresholds = Thresholds(**settings)
        self._meanings = table.load()
        self._model_storage = model_storage
        self._resource = resource
        self._model_id = model_id
        self._crises = crises

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> UrgencyComponent:
        """Return an untrained component."""
        return cls(config, model_storage, resource, execution_context.model_id or "")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> UrgencyComponent:
        """Return the component for the model of ``execution_context``.

        Raises ValueError or OSError for a damaged model, WeightsError.
        """
        minilm.published()
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as arrays:
            crises = Crises(arrays["steps"].astype(np.float32), arrays["scale"])
        return cls(config, model_storage, resource, execution_context.model_id or "", crises)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep where the examples of crises lie."""
        texts = [
            str(example.get(TEXT))
            for example in training_data.intent_examples
            if self._meanings[example.get("intent")].urgency in PAGES
        ]
        say(f"encoding {len(texts)} crises as the encoder was published")
        crises = likeness.learn(minilm.published().encode(texts))
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, **crises._asdict())
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the message that ``Normaliser`` laid out, alone again, with its verdict."""
        whole = messages[0]
        original = str(whole.get(ORIGINAL))
        pieces = [self._piece(message, message is whole, original) for message in messages]
        verdict = decide(pieces, self._meanings, self._thresholds)
        if wants_a_look(verdict, pieces, self._meanings, self._thresholds):
            looked_at = self._looked_at(messages, pieces)
            verdict = decide(looked_at, self._meanings, self._thresholds)
        whole.set(OUTPUT, {**verdict, "model": self._model_id}, add_to_output=True)
        whole.set(TEXT, _harmless(original))
        return [whole]

    def _looked_at(self, messages: Sequence[Message], pieces: Sequence[Piece]) -> list[Piece]:
        if self._crises is None:
            raise RuntimeError("the component is used before it is trained")
        parts = messages[1:] or messages
        vectors = minilm.published().read([str(part.get(TEXT)) for part in parts])
        found = likeness.nearest(self._crises, vectors)
        return [
            piece._replace(likeness=float(like)) for piece, like in zip(pieces, found, strict=True)
        ]

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
