"""Rasa component: logistic regression over vectors and counts, and the nearest examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

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
from scipy.sparse import csr_matrix

from understanding import counts, neighbours, regression
from understanding.neighbours import Neighbours
from understanding.progress import say

FAMILIARITY = "holdfast_familiarity"
_FILE = "intents.npz"


class _Model(NamedTuple):
    """What training leaves behind; arrays only, so that loading a model runs no foreign code."""

    classes: np.ndarray
    """Intent names, shape ``(k,)``."""
    dense_weights: np.ndarray
    sparse_weights: np.ndarray
    intercepts: np.ndarray
    features: np.ndarray
    """The sparse features, see ``understanding.counts``; shape ``(s,)``."""
    rarity: np.ndarray
    """Weight of each sparse feature, float32, shape ``(s,)``."""
    vocabulary: np.ndarray
    """The words that are known, see ``counts.known``; shape ``(v,)``."""
    directions: np.ndarray
    """This and the next two: see ``understanding.neighbours``."""
    places: np.ndarray
    labels: np.ndarray

    @property
    def regression(self) -> regression.Fitted:
        return regression.Fitted(self.dense_weights, self.sparse_weights, self.intercepts)

    @property
    def neighbours(self) -> Neighbours:
        return Neighbours(self.directions, self.places, self.labels)


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
        """Return the settings.

        ``dense_weight`` and ``sparse_weight`` scale unit vectors; ``temperature`` divides all
        scores, so that what is said with 0.8 is true eight times in ten. ``neighbours`` is the
        weight of the nearest examples, 0..1, beside the regression.
        """
        return {
            "C": 1.0,
            "rounds": 60,
            "dense_weight": 3.0,
            "sparse_weight": 1.5,
            "temperature": 1.0,
            "neighbours": 0.5,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        fitted: _Model | None = None,
    ) -> None:
        """Take ``config`` over the defaults; ``fitted`` is None until trained."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._fitted = fitted
        self._places = _places(fitted.features) if fitted else {}
        self._known = frozenset(fitted.vocabulary.tolist()) if fitted else frozenset()

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
            fitted = _Model(*(arrays[name] for name in _Model._fields))
            # Kept with half the digits; counting with them takes all.
            fitted = fitted._replace(places=fitted.places.astype(np.float32))
        return cls(config, model_storage, resource, fitted)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example with an intent, and store the result."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT)]
        texts, intents = [_text(e) for e in examples], [e.get(INTENT) for e in examples]
        features, rarity = counts.choose(texts)
        classes = sorted(set(intents))
        labels = np.searchsorted(classes, intents)
        say(f"fitting {len(examples)} examples, {len(features)} words and runs of letters")
        vectors = _vectors(examples)
        fitted = regression.fit(
            self._weighed(vectors),
            self._sparse(texts, _places(features), rarity),
            labels,
            strength=self._config["C"],
            rounds=self._config["rounds"],
        )
        self._store(
            _Model(
                np.array(classes),
                *fitted,
                features=np.array(features),
                rarity=rarity,
                vocabulary=np.array(counts.known(texts)),
                **neighbours.learn(vectors, labels)._asdict(),
            )
        )
        say("packing")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking (likeliest first, all intents) and the share of known words."""
        if self._fitted is None:
            raise RuntimeError("the classifier is used before it is trained")
        probabilities = self._predict(messages, self._fitted)
        names = self._fitted.classes.tolist()
        for message, row in zip(messages, probabilities, strict=True):
            ranking = [{"name": names[i], "confidence": float(row[i])} for i in np.argsort(-row)]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            words = counts.words(_text(message))
            known = sum(word in self._known for word in words)
            message.set(FAMILIARITY, known / len(words) if words else 0.0)
        return messages

    def _predict(self, messages: Sequence[Message], fitted: _Model) -> np.ndarray:
        texts = [_text(message) for message in messages]
        vectors = _vectors(messages)
        sparse = self._sparse(texts, self._places, fitted.rarity)
        heat = self._config["temperature"]
        drawn = regression.predict(fitted.regression, self._weighed(vectors), sparse, heat)
        beside = self._config["neighbours"]
        near = neighbours.predict(fitted.neighbours, vectors, drawn.shape[1])
        return (1 - beside) * drawn + beside * near

    def _weighed(self, vectors: np.ndarray) -> np.ndarray:
        return vectors * np.float32(self._config["dense_weight"])

    def _sparse(
        self, texts: Sequence[str], places: dict[str, int], rarity: np.ndarray
    ) -> csr_matrix:
        return counts.matrix(texts, places, rarity) * np.float32(self._config["sparse_weight"])

    def _store(self, fitted: _Model) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, **fitted._asdict())


def _places(features: Iterable[str]) -> dict[str, int]:
    return {str(feature): place for place, feature in enumerate(features)}


def _vectors(messages: Sequence[Message]) -> np.ndarray:
    return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages])


def _text(message: Message) -> str:
    return str(message.get(TEXT) or "")
