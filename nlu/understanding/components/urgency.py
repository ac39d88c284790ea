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
from understanding.likeness import Examples, Likeness, Weights
from understanding.look import Look
from understanding.progress import say
from understanding.verdict import PAGES, Piece, Thresholds, decide, wants_a_look

OUTPUT = "holdfast"
_FILE = "examples.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class UrgencyComponent(GraphComponent):
    """Folds a message and its sentences into one message with the verdict on it.

    What hangs in doubt is looked at a second time, see ``understanding.likeness``.

    Comes after a classifier, whose distribution it reads. Rasa can't be told so: of what is trained
    it accepts no requirement that does not run in training. Settings are those of
    ``understanding.verdict.Thresholds``; ``look`` those of ``understanding.likeness.Weights``.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default thresholds."""
        thresholds = Thresholds()
        return {**thresholds._asdict(), "look": thresholds.look._asdict()}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model_id: str,
        look: Look | None = None,
    ) -> None:
        """Take ``look``, which is None until trained.

        Raise InvalidConfigException for an unknown setting or a threshold outside 0..1."""
        self._thresholds = _thresholds(config)
        self._meanings = table.load()
        self._model_storage = model_storage
        self._resource = resource
        self._model_id = model_id
        self._look = look

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
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as arrays:
            look = Look(Examples(*(arrays[name] for name in Examples._fields)))
        return cls(config, model_storage, resource, execution_context.model_id or "", look)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep where the examples lie, crises apart from all others."""
        sides: tuple[list[str], list[str]] = ([], [])
        for example in training_data.intent_examples:
            pages = self._meanings[example.get("intent")].urgency in PAGES
            sides[0 if pages else 1].append(str(example.get(TEXT)))
        say(f"encoding {sum(map(len, sides))} examples as the encoder was published")
        examples = likeness.learn(*(minilm.published().encode(texts) for texts in sides))
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, **examples._asdict())
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the message that ``Normaliser`` laid out, alone again, with its verdict."""
        whole = messages[0]
        original = str(whole.get(ORIGINAL))
        pieces = [self._piece(message, message is whole, original) for message in messages]
        if wants_a_look(pieces, self._meanings, self._thresholds):
            pieces[0] = pieces[0]._replace(likeness=self._like(messages))
        verdict = decide(pieces, self._meanings, self._thresholds)
        whole.set(OUTPUT, {**verdict, "model": self._model_id}, add_to_output=True)
        whole.set(TEXT, _harmless(original))
        return [whole]

    def _like(self, messages: Sequence[Message]) -> Likeness:
        if self._look is None:
            raise RuntimeError("the component is used before it is trained")
        parts = messages[1:] or messages
        return self._look.at([str(part.get(TEXT)) for part in parts])

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


def _thresholds(config: dict[str, Any]) -> Thresholds:
    settings = {k: v for k, v in config.items() if k in Thresholds._fields and k != "look"}
    look = dict(config.get("look", {}))
    unknown = (set(config) - {*settings, "look"}) | (set(look) - set(Weights._fields))
    if unknown:
        raise InvalidConfigException(f"UrgencyComponent has no settings {sorted(unknown)}")
    if outside := [k for k, v in settings.items() if not 0.0 <= float(v) <= 1.0]:
        raise InvalidConfigException(f"UrgencyComponent: {outside} must be in 0..1")
    return Thresholds(**settings, look=Weights(**look))


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
