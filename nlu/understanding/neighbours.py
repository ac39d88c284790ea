"""What the nearest examples were written as, beside the regression. Pure.

The regression draws one line for each intent, and is held short so that it does not trust too much
what the encoder has learnt by heart. What stands alone beyond such a line, a turn of phrase or a
kind of greeting, is known by the examples next to it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from understanding import eightbits

_WIDTH = 128
"""Directions that are kept: those in which the examples differ most. All of them tell no more."""
NEAREST = 16
"""So many are asked."""
_SHARPNESS = 20.0
"""How much more a nearer example counts."""


class Neighbours(NamedTuple):
    """The examples as they lie beside each other."""

    directions: np.ndarray
    """float32, shape ``(d, w)``."""
    places: np.ndarray
    """Of the examples, each of length one, in eight bits: int8, shape ``(n, w)``."""
    scale: np.ndarray
    """float32, shape ``()``: the size of a step."""
    labels: np.ndarray
    """int16, shape ``(n,)``."""


def learn(vectors: np.ndarray, labels: np.ndarray) -> Neighbours:
    """Return the examples with these ``vectors``, shape ``(n, d)``, and ``labels``."""
    spread = np.cov(vectors.T, dtype=np.float64)
    directions = np.linalg.eigh(spread)[1][:, ::-1][:, :_WIDTH].astype(np.float32)
    places = eightbits.rounded(placed(vectors, directions))
    return Neighbours(directions, *places, labels.astype(np.int16))


def placed(vectors: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return where ``vectors`` lie, each at length one, shape ``(n, w)``."""
    turned = vectors @ directions
    return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)


def shares(likeness: np.ndarray, labels: np.ndarray, kinds: int) -> np.ndarray:
    """Return shares of ``kinds`` labels, shape ``(n, kinds)``, rows of one.

    ``likeness`` and ``labels`` are those of the examples nearest to each text, shape ``(n, c)``.
    """
    weights = np.exp((likeness - 1) * _SHARPNESS)
    weights /= weights.sum(axis=1, keepdims=True)
    found = np.zeros((len(likeness), kinds), dtype=np.float32)
    rows = np.arange(len(likeness))[:, None]
    np.add.at(found, (rows, labels), weights)
    return found
