"""Rasa component: dense sentence features from the pretrained encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from understanding import minilm
from understanding.progress import say


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class PretrainedEncoder(DenseFeaturizer, GraphComponent):
    """Adds the all-MiniLM-L6-v2 vector of each text: float32, shape ``(1, 384)``.

    A blank text gets zeros. Sequence features stand in for the tokens Rasa expects: the same
    vector once per message, since only sentence features are read here.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PretrainedEncoder:
        """Return an encoder on the process's shared weights; raises WeightsError."""
        minilm.shared()
        return cls(execution_context.node_name, {**cls.get_default_config(), **config})

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept any configuration: only Rasa's ``alias`` is read."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features to a message and to its sentences, which ``Normaliser`` laid beside it.

        They are read as one text, so that a sentence is understood among the others.
        """
        parts = messages[1:] or messages
        self._add(messages, minilm.shared().read([_text(part) for part in parts]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to every example."""
        examples = training_data.training_examples
        say(f"encoding {len(examples)} examples")
        self._add(examples, minilm.shared().encode([_text(example) for example in examples]))
        return training_data

    def _add(self, messages: list[Message], vectors: np.ndarray) -> None:
        for message, vector in zip(messages, vectors, strict=True):
            row = vector if _text(message) else np.zeros_like(vector)
            self.add_features_to_message(row[None, :], row[None, :], TEXT, message)


def _text(message: Message) -> str:
    return str(message.get(TEXT) or "")
