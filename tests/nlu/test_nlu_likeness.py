"""How like a text is to examples of crises and to harmless ones, and what that makes of it."""

from __future__ import annotations

import numpy as np
from understanding import likeness
from understanding.likeness import Likeness, Weights

WEIGHTS = Weights(mass=1.0, crises=8.0, harmless=-5.0, base=-2.0)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_both_sides_are_kept_in_eight_bits_that_are_as_good_as_all() -> None:
    dice = np.random.default_rng(1)
    crises, harmless, asked = (_unit(dice.normal(size=(n, 384))) for n in (200, 300, 50))
    kept = likeness.learn(crises, harmless)
    for exact, rounded in ((crises, kept.crises), (harmless, kept.harmless)):
        assert rounded.dtype == np.int8
        products = asked @ (rounded * kept.scale).T
        assert np.abs(products - asked @ exact.T).max() < 0.01


def test_likeness_to_crises_raises_the_chance_and_likeness_to_the_harmless_lowers_it() -> None:
    like, unlike = Likeness(0.7, 0.5), Likeness(0.5, 0.7)
    for mass in (0.0, 0.2, 0.5, 0.8, 1.0):
        assert 0 < likeness.chance(mass, unlike, WEIGHTS) < likeness.chance(mass, like, WEIGHTS) < 1
    rising = [likeness.chance(mass, like, WEIGHTS) for mass in (0.1, 0.3, 0.6, 0.9)]
    assert rising == sorted(rising)
