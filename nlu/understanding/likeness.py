"""How much a text resembles examples of crises, and how much harmless ones, by the encoder as it
was published; and what that makes of the mass that the classifier gave it. Pure.

What the encoder learnt from our examples drew together all that is rare: “which side story?” lies
beside a farewell. As it was published it knows nothing of crises, but tells apart what texts are
about. So it is asked a second time about what hangs in doubt.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from understanding import eightbits

_EDGE = 1e-3
"""Masses are counted from here to as far from one: beyond, there is no doubt."""


class Examples(NamedTuple):
    """Where the examples lie, in eight bits."""

    crises: np.ndarray
    """int8, shape ``(n, d)``."""
    harmless: np.ndarray
    """The same, shape ``(m, d)``: what does not page, distress among it."""
    scale: np.ndarray
    """float32, shape ``()``: the size of a step."""


class Likeness(NamedTuple):
    """Cosines, -1..1, to the nearest example."""

    crises: float
    harmless: float


class Weights(NamedTuple):
    """What counts how much: of a logistic regression over the odds of the mass and the likenesses.

    Learnt by ``understanding.weigh``, and kept in ``config.yml``.
    """

    mass: float = 1.0
    crises: float = 0.0
    harmless: float = 0.0
    base: float = 0.0


def learn(crises: np.ndarray, harmless: np.ndarray) -> Examples:
    """Return the examples with these vectors of length one, shapes ``(n, d)`` and ``(m, d)``."""
    steps, scale = eightbits.rounded(np.vstack([crises, harmless]))
    return Examples(steps[: len(crises)], steps[len(crises) :], scale)


def chance(mass: float, like: Likeness, weights: Weights) -> float:
    """Return the chance of a crisis, 0..1, where the classifier gave it ``mass``, 0..1."""
    score = (
        weights.mass * odds(mass)
        + weights.crises * like.crises
        + weights.harmless * like.harmless
        + weights.base
    )
    return 1 / (1 + math.exp(-score))


def odds(mass: float) -> float:
    """Return the logarithm of the odds of ``mass``, which is held a little away from 0 and 1."""
    held = min(max(mass, _EDGE), 1 - _EDGE)
    return math.log(held / (1 - held))
