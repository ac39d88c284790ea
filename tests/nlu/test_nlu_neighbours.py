"""What the nearest examples were written as."""

from __future__ import annotations

import numpy as np
from understanding import neighbours

_KINDS = 3


def _examples() -> tuple[np.ndarray, np.ndarray]:
    """Three heaps of examples, each around a direction of its own."""
    dice = np.random.default_rng(7)
    centres = dice.normal(size=(_KINDS, 24))
    labels = np.repeat(np.arange(_KINDS), 40)
    vectors = centres[labels] + dice.normal(scale=0.2, size=(len(labels), 24))
    return vectors.astype(np.float32), labels


def _shares(vectors: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Among the nearest as NumPy finds them; onnxruntime is held against it elsewhere."""
    known = neighbours.learn(vectors, labels)
    near = neighbours.placed(asked, known.directions) @ known.places.T * known.scale
    nearest = np.argsort(-near, axis=1)[:, : neighbours.NEAREST]
    likeness = np.take_along_axis(near, nearest, axis=1)
    return neighbours.shares(likeness, known.labels[nearest], _KINDS)


def test_a_text_beside_some_examples_is_told_their_intent() -> None:
    vectors, labels = _examples()
    shares = _shares(vectors, labels, vectors[::7] + 0.01)
    assert (shares.argmax(axis=1) == labels[::7]).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)


def test_one_between_two_heaps_is_told_both_the_nearer_more() -> None:
    vectors, labels = _examples()
    first, second = vectors[0], vectors[-1]
    (between,) = _shares(vectors, labels, (0.52 * first + 0.48 * second)[None])
    assert between[labels[0]] > 0
    assert between.sum() > 0.99


def test_nothing_breaks_where_there_are_few_examples_or_no_words() -> None:
    vectors, labels = _examples()
    shares = _shares(vectors[::30], labels[::30], np.zeros((1, 24), dtype=np.float32))
    assert np.isfinite(shares).all()
    np.testing.assert_allclose(shares.sum(), 1.0, rtol=1e-5)
