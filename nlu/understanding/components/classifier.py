"""Rasa component: logistic regression over dense and sparse sentence features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression

from understanding.progress import say

FAMILIARITY = "holdfast_familiarity"
_FILE = "intents.npz"


class _Fitted(NamedTuple):
    """What training leaves behind; arrays only, so that loading a model runs no foreign code."""

    classes: np.ndarray
    """Intent names, shape ``(k,)``."""
    coefficients: np.ndarray
    """float32, shape ``(k, 384 + s)``: the dense features first."""
    intercepts: np.ndarray
    """float32, shape ``(k,)``."""
    idf: np.ndarray
    """Inverse document frequency of each sparse feature, float32, shape ``(s,)``."""
    vocabulary: np.ndarray
    """Every word of the training examples, shape ``(v,)``."""


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

        ``dense_weight`` and ``sparse_weight`` scale unit vectors. ``balance`` says how far rare
        intents are weighted up: 0 not at all, so that a text like nothing known is most likely
        ordinary talk, as most texts are; 1 until all intents weigh alike.
        """
        return {
            "C": 4.0,
            "balance": 0.0,
            "max_iter": 150,
            "tol": 1e-3,
            "dense_weight": 3.0,
            "sparse_weight": 1.5,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        fitted: _Fitted | None = None,
    ) -> None:
        """Take ``config`` over the defaults; ``fitted`` is None until trained."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._fitted = fitted
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
            fitted = _Fitted(*(arrays[name] for name in _Fitted._fields))
        return cls(config, model_storage, resource, fitted)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example with an intent, and store the result."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT)]
        sparse = _sparse(examples)
        documents = np.bincount(sparse.indices, minlength=sparse.shape[1])
        idf = np.log((1 + len(examples)) / (1 + documents)).astype(np.float32) + 1
        features = self._features(_dense(examples), sparse, idf)
        intents = [e.get(INTENT) for e in examples]
        say(f"fitting {features.shape[0]} examples, {features.shape[1]} features")
        regression = LogisticRegression(
            C=self._config["C"],
            class_weight=self._class_weights(intents),
            max_iter=self._config["max_iter"],
            tol=self._config["tol"],
            multi_class="multinomial",
            random_state=0,
        ).fit(features, intents)
        words = sorted({word for example in examples for word in _words(example)})
        self._store(
            _Fitted(
                classes=regression.classes_.astype(str),
                coefficients=regression.coef_.astype(np.float32),
                intercepts=regression.intercept_.astype(np.float32),
                idf=idf,
                vocabulary=np.array(words),
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
            words = _words(message)
            known = sum(word in self._known for word in words)
            message.set(FAMILIARITY, known / len(words) if words else 0.0)
        return messages

    def _predict(self, messages: Sequence[Message], fitted: _Fitted) -> np.ndarray:
        features = self._features(_dense(messages), _sparse(messages), fitted.idf)
        scores = features @ fitted.coefficients.T + fitted.intercepts
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def _features(self, dense: np.ndarray, sparse: csr_matrix, idf: np.ndarray) -> csr_matrix:
        """Join both kinds, each row of either kind at its weight's length: float32."""
        weighted = sparse.copy()
        weighted.data = np.log1p(weighted.data)
        weighted = weighted @ diags(idf)
        lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1))).ravel()
        scale = self._config["sparse_weight"] / np.maximum(lengths, 1e-9)
        return hstack(
            [csr_matrix(dense * self._config["dense_weight"]), diags(scale) @ weighted],
            format="csr",
            dtype=np.float32,
        )

    def _class_weights(self, intents: Sequence[str]) -> dict[str, float]:
        counts = Counter(intents)
        mean = len(intents) / len(counts)
        return {i: (mean / count) ** self._config["balance"] for i, count in counts.items()}

    def _store(self, fitted: _Fitted) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, **fitted._asdict())


def _dense(messages: Sequence[Message]) -> np.ndarray:
    return np.vstack([m.get_dense_features(TEXT)[1].features for m in messages])


def _sparse(messages: Sequence[Message]) -> csr_matrix:
    """Stack the sparse sentence features; a text without any feature gets a row of zeros."""
    found = [m.get_sparse_features(TEXT)[1] for m in messages]
    width = max((f.features.shape[1] for f in found if f is not None), default=0)
    rows = [
        csr_matrix(f.features, dtype=np.float32)
        if f is not None
        else csr_matrix((1, width), dtype=np.float32)
        for f in found
    ]
    return vstack(rows, format="csr")


def _words(message: Message) -> list[str]:
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return [token.text for token in tokens if token.text]
