"""How like a text is to any example of a crisis."""

from __future__ import annotations

import numpy as np
from understanding import likeness


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_crisis_is_like_itself_and_what_lies_elsewhere_is_not() -> None:
    dice = np.random.default_rng(0)
    crises, others = (_unit(dice.normal(size=(40, 384))) for _ in range(2))
    known = likeness.learn(crises)
    assert known.steps.dtype == np.int8
    assert likeness.nearest(known, crises).min() > 0.99
    assert likeness.nearest(known, others).max() < 0.5


def test_eight_bits_are_as_good_as_all() -> None:
    dice = np.random.default_rng(1)
    crises, asked = (_unit(dice.normal(size=(200, 384))) for _ in range(2))
    exact = (asked @ crises.T).max(axis=1)
    assert np.abs(likeness.nearest(likeness.learn(crises), asked) - exact).max() < 0.01
