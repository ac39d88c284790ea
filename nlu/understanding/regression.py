"""Multinomial logistic regression over dense and sparse features. Pure.

scikit-learn's takes one sparse matrix: with the vectors in it, it is several times slower.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


class Fitted(NamedTuple):
    """Scores are ``dense @ dense_weights + sparse @ sparse_weights + intercepts``; float32."""

    dense_weights: np.ndarray
    """Shape ``(d, k)``."""
    sparse_weights: np.ndarray
    """Shape ``(s, k)``."""
    intercepts: np.ndarray
    """Shape ``(k,)``."""


def fit(
    dense: np.ndarray,
    sparse: csr_matrix,
    labels: np.ndarray,
    strength: float,
    rounds: int,
) -> Fitted:
    """Return weights for ``labels``, all of ``0..k-1``.

    ``strength`` is the inverse of the regularisation. Ends after ``rounds``: little changes
    by then.
    """
    width, k = dense.shape[1], int(labels.max()) + 1
    height = width + sparse.shape[1]
    turned = sparse.T.tocsr()
    rows = np.arange(len(labels))

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat[: height * k].reshape(height, k).astype(np.float32)
        scores = dense @ weights[:width] + sparse @ weights[width:]
        scores += flat[height * k :].astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        right = np.maximum(shares[rows, labels], 1e-12)
        loss = -np.log(right).sum()
        slope = shares
        slope[rows, labels] -= 1
        gradient = np.vstack([dense.T @ slope, turned @ slope]) + weights / strength
        loss += 0.5 * float((weights**2).sum()) / strength
        both = np.concatenate([gradient.ravel(), slope.sum(axis=0)])
        return float(loss), both.astype(np.float64)

    start = np.zeros((height + 1) * k)
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 8}
    ).x.astype(np.float32)
    weights = found[: height * k].reshape(height, k)
    return Fitted(weights[:width], weights[width:], found[height * k :])


def predict(
    fitted: Fitted, dense: np.ndarray, sparse: csr_matrix, temperature: float = 1.0
) -> np.ndarray:
    """Return probabilities, shape ``(n, k)``, each row summing to one.

    A ``temperature`` above one brings them nearer to each other.
    """
    scores = dense @ fitted.dense_weights + sparse @ fitted.sparse_weights + fitted.intercepts
    shares = np.exp((scores - scores.max(axis=1, keepdims=True)) / np.float32(temperature))
    return shares / shares.sum(axis=1, keepdims=True)
