"""Rasa component: normalises a message and lays its sentences beside it."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from understanding.normalise import normalise
from understanding.sentences import split

ORIGINAL = "holdfast_original"
SPAN = "holdfast_span"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Replaces a message's text by its normalised form, and keeps the original beside it.

    While parsing, a message of several sentences becomes a list: the whole first, then each
    sentence as a message of its own. Every component in between treats them alike, and
    ``UrgencyComponent`` folds them back into the first. Training examples stay single.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        """Return a normaliser; it has nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Return each message, followed by its sentences where it has more than one."""
        return [part for message in messages for part in self._parts(message)]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise every example in place."""
        for example in training_data.training_examples:
            example.set(TEXT, normalise(example.get(TEXT) or ""))
        return training_data

    def _parts(self, message: Message) -> list[Message]:
        original = str(message.get(TEXT) or "")
        spans = split(original)
        whole = (spans[0].start, spans[-1].end) if spans else (0, 0)
        message.set(ORIGINAL, original)
        message.set(SPAN, whole)
        message.set(TEXT, normalise(original))
        if len(spans) < 2:
            return [message]
        sentences = [
            Message(data={TEXT: normalise(original[span.start : span.end]), SPAN: tuple(span)})
            for span in spans
        ]
        return [message, *sentences]
