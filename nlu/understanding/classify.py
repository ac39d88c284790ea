"""From texts and their vectors to a distribution over intents: lines between them, drawn by a
regression over vectors and counts, and the nearest examples beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from understanding import counts, neighbours, regression
from understanding.nearest import Nearest


class Settings(NamedTuple):
    """What is set in ``config.yml``."""

    C: float = 1.0
    """The inverse of the regularisation."""
    rounds: int = 60
    dense_weight: float = 3.0
    """This and the next scale unit vectors: what vectors count, and what words."""
    sparse_weight: float = 1.5
    temperature: float = 1.0
    """Divides all scores, so that what is said with 0.8 is true eight times in ten."""
    neighbours: float = 0.5
    """The weight of the nearest examples beside the regression, 0..1."""


def configured(config: Mapping[str, Any]) -> Settings:
    """Return what ``config`` sets over the defaults; of the rest of it nothing is read."""
    return Settings(**{key: value for key, value in config.items() if key in Settings._fields})


class Model(NamedTuple):
    """What training leaves behind; arrays only, so that loading a model runs no foreign code."""

    classes: np.ndarray
    """Intent names, shape ``(k,)``."""
    dense_weights: np.ndarray
    """This and the next two: see ``understanding.regression``."""
    sparse_weights: np.ndarray
    intercepts: np.ndarray
    features: np.ndarray
    """The sparse features, see ``understanding.counts``; shape ``(s,)``."""
    rarity: np.ndarray
    """Weight of each sparse feature, float32, shape ``(s,)``."""
    vocabulary: np.ndarray
    """The words that are known, see ``counts.known``; shape ``(v,)``."""
    directions: np.ndarray
    """This and the next three: see ``understanding.neighbours``."""
    places: np.ndarray
    scale: np.ndarray
    labels: np.ndarray


def learn(
    texts: Sequence[str], vectors: np.ndarray, intents: Sequence[str], settings: Settings
) -> Model:
    """Return the model of ``texts`` with these ``vectors``, shape ``(n, d)``; minutes for many."""
    features, rarity = counts.choose(texts)
    classes = sorted(set(intents))
    labels = np.searchsorted(classes, intents)
    fitted = regression.fit(
        vectors * np.float32(settings.dense_weight),
        _sparse(texts, _columns(features), rarity, settings),
        labels,
        strength=settings.C,
        rounds=settings.rounds,
    )
    return Model(
        np.array(classes),
        *fitted,
        features=np.array(features),
        rarity=rarity,
        vocabulary=np.array(counts.known(texts)),
        **neighbours.learn(vectors, labels)._asdict(),
    )


class Classifier:
    """A model in use."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model = model
        self._settings = settings
        self._lines = regression.Fitted(model.dense_weights, model.sparse_weights, model.intercepts)
        self._nearest = Nearest(model.places, float(model.scale), neighbours.NEAREST)
        self._columns = _columns(model.features.tolist())
        self._known = frozenset(model.vocabulary.tolist())
        self.classes: list[str] = model.classes.tolist()
        """The intents, in the order of the columns of ``predict``."""

    def predict(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return probabilities, shape ``(n, k)``, each row summing to one."""
        model, settings = self._model, self._settings
        drawn = regression.predict(
            self._lines,
            vectors * np.float32(settings.dense_weight),
            _sparse(texts, self._columns, model.rarity, settings),
            settings.temperature,
        )
        likeness, places = self._nearest(neighbours.placed(vectors, model.directions))
        near = neighbours.shares(likeness, model.labels[places], drawn.shape[1])
        return (1 - settings.neighbours) * drawn + settings.neighbours * near

    def familiarity(self, text: str) -> float:
        """Return the share of known words, 0..1; 0 where there is no word."""
        words = counts.words(text)
        return sum(word in self._known for word in words) / len(words) if words else 0.0


def _columns(features: Sequence[str]) -> dict[str, int]:
    return {feature: place for place, feature in enumerate(features)}


def _sparse(
    texts: Sequence[str], columns: dict[str, int], rarity: np.ndarray, settings: Settings
) -> csr_matrix:
    return counts.matrix(texts, columns, rarity) * np.float32(settings.sparse_weight)
