"""What the nearest examples were written as, beside the regression. Pure.

The regression draws one line for each intent, and is held short so that it does not trust too much
what the encoder has learnt by heart. What stands alone beyond such a line, a turn of phrase or a
kind of greeting, is known by the examples next to it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_WIDTH = 128
"""Directions that are kept: those in which the examples differ most. All of them tell no more."""
_NEAREST = 16
_SHARPNESS = 20.0
"""How much more a nearer example counts."""


class Neighbours(NamedTuple):
    """The examples as they lie beside each other."""

    directions: np.ndarray
    """float32, shape ``(d, w)``."""
    places: np.ndarray
    """Of the examples, each of length one; shape ``(n, w)``, float16 where they are kept."""
    labels: np.ndarray
    """int16, shape ``(n,)``."""


def learn(vectors: np.ndarray, labels: np.ndarray) -> Neighbours:
    """Return the examples with these ``vectors``, shape ``(n, d)``, and ``labels``."""
    spread = np.cov(vectors.T, dtype=np.float64)
    directions = np.linalg.eigh(spread)[1][:, ::-1][:, :_WIDTH].astype(np.float32)
    places = _placed(vectors, directions).astype(np.float16)
    return Neighbours(directions, places, labels.astype(np.int16))


def predict(known: Neighbours, vectors: np.ndarray, kinds: int) -> np.ndarray:
    """Return shares of ``kinds`` labels among the nearest, shape ``(n, kinds)``, rows of one."""
    near = _placed(vectors, known.directions) @ known.places.T
    shares = np.zeros((len(vectors), kinds), dtype=np.float32)
    count = min(_NEAREST, near.shape[1])
    for row, likeness in enumerate(near):
        chosen = np.argpartition(-likeness, count - 1)[:count]
        weights = np.exp((likeness[chosen] - 1) * _SHARPNESS)
        np.add.at(shares[row], known.labels[chosen], weights / weights.sum())
    return shares


def _placed(vectors: np.ndarray, directions: np.ndarray) -> np.ndarray:
    turned = vectors @ directions
    return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
