"""Rasa component: logistic regression over vectors and counts, and the nearest examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from understanding import classify
from understanding.classify import Classifier, Model, Settings
from understanding.progress import say

FAMILIARITY = "holdfast_familiarity"
_FILE = "intents.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LogisticIntentClassifier(IntentClassifier, GraphComponent):
    """Sets ``intent`` and an ``intent_ranking`` over every intent.

    Rasa's own LogisticRegressionClassifier takes raw counts, fixes the regularisation and pickles
    its estimator. Counts grow with the length of a text; here they are damped, weighted by rarity
    and brought to length one, so that dense and sparse features carry the weight set for them.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Need some featuriser before this component."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings, see ``understanding.classify.Settings``."""
        return dict(Settings()._asdict())

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Model | None = None,
    ) -> None:
        """Take ``config`` over the defaults; ``model`` is None until trained."""
        self._settings = classify.configured(config)
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = Classifier(model, self._settings) if model else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LogisticIntentClassifier:
        """Return an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LogisticIntentClassifier:
        """Return the trained classifier; raises ValueError or OSError for a damaged model."""
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as arrays:
            model = Model(*(arrays[name] for name in Model._fields))
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example with an intent, and store the result."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT)]
        say(f"fitting {len(examples)} examples")
        model = classify.learn(
            [_text(e) for e in examples],
            _vectors(examples),
            [e.get(INTENT) for e in examples],
            self._settings,
        )
        say("packing")
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, **model._asdict())
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking (likeliest first, all intents) and the share of known words."""
        if self._classifier is None:
            raise RuntimeError("the classifier is used before it is trained")
        texts = [_text(message) for message in messages]
        probabilities = self._classifier.predict(texts, _vectors(messages))
        names = self._classifier.classes
        for message, text, row in zip(messages, texts, probabilities, strict=True):
            ranking = [{"name": names[i], "confidence": float(row[i])} for i in np.argsort(-row)]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(FAMILIARITY, self._classifier.familiarity(text))
        return messages


def _vectors(messages: Sequence[Message]) -> np.ndarray:
    return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages])


def _text(message: Message) -> str:
    return str(message.get(TEXT) or "")
