"""How much a text resembles any example of a crisis, by the encoder as it was published. Pure.

What the encoder learnt from our examples drew together all that is rare: “which side story?” lies
beside a farewell. As it was published it knows nothing of crises, but tells apart what texts are
about. So it is asked a second time about what would page.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Crises(NamedTuple):
    """Where the examples of crises lie, in eight bits."""

    steps: np.ndarray
    """int8, shape ``(n, d)``; as float32 in use, where counting with it takes all."""
    scale: np.ndarray
    """float32, shape ``()``: the size of a step."""


def learn(vectors: np.ndarray) -> Crises:
    """Return the crises with these ``vectors`` of length one, shape ``(n, d)``."""
    scale = np.float32(np.abs(vectors).max() / 127)
    return Crises(np.rint(vectors / scale).astype(np.int8), np.array(scale))


def nearest(known: Crises, vectors: np.ndarray) -> np.ndarray:
    """Return the cosine of each of ``vectors`` to the crisis most like it, shape ``(m,)``."""
    return (vectors @ known.steps.T).max(axis=1) * known.scale
