"""all-MiniLM-L6-v2 in NumPy: sentence vectors without a deep-learning framework."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import erf

from understanding import weights
from understanding.wordpiece import WordPiece

WIDTH = 384
MAX_TOKENS = 128
"""Longer texts are cut here; whoever needs all of a long text encodes its sentences."""

_HEADS = 12
_LAYERS = 6
_EPSILON = 1e-12
_BATCH = 64


class MiniLM:
    """The encoder. Stateless after construction, so safe to share between threads."""

    def __init__(self, tensors: dict[str, np.ndarray], vocabulary: Sequence[str]) -> None:
        self._tensors = {
            name: np.ascontiguousarray(tensor.T if _is_projection(name) else tensor)
            for name, tensor in tensors.items()
            if tensor.dtype == np.float32
        }
        self._wordpiece = WordPiece(vocabulary)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector of length one per text: float32, shape ``(len(texts), 384)``."""
        ids = [self._wordpiece.encode(text, MAX_TOKENS) for text in texts]
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            vectors[chosen] = self._forward([ids[i] for i in chosen])
        return vectors

    def _forward(self, batch: list[list[int]]) -> np.ndarray:
        longest = max(len(row) for row in batch)
        tokens = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.float32)
        for i, row in enumerate(batch):
            tokens[i, : len(row)] = row
            mask[i, : len(row)] = 1.0
        t = self._tensors
        hidden = (
            t["embeddings.word_embeddings.weight"][tokens]
            + t["embeddings.position_embeddings.weight"][:longest]
            + t["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._layer_norm(hidden, "embeddings.LayerNorm")
        bias = (mask - 1.0)[:, None, None, :] * np.float32(1e9)
        for layer in range(_LAYERS):
            hidden = self._block(hidden, bias, f"encoder.layer.{layer}")
        pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _block(self, hidden: np.ndarray, bias: np.ndarray, name: str) -> np.ndarray:
        rows, length, _ = hidden.shape

        def heads(part: str) -> np.ndarray:
            projected = self._linear(hidden, f"{name}.attention.self.{part}")
            return projected.reshape(rows, length, _HEADS, -1).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(WIDTH // _HEADS)) + bias
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(rows, length, WIDTH)
        attended = self._linear(mixed, f"{name}.attention.output.dense")
        hidden = self._layer_norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        inner = self._linear(hidden, f"{name}.intermediate.dense")
        inner = inner * np.float32(0.5) * (1 + erf(inner / np.float32(np.sqrt(2.0))))
        outer = self._linear(inner, f"{name}.output.dense")
        return self._layer_norm(hidden + outer, f"{name}.output.LayerNorm")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        weight = self._tensors[f"{name}.weight"]
        # One large product: NumPy would multiply row by row in three dimensions.
        flat = x.reshape(-1, x.shape[-1]) @ weight + self._tensors[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], weight.shape[1])

    def _layer_norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        normal = centred / np.sqrt(variance + np.float32(_EPSILON))
        return normal * self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"]


def _is_projection(name: str) -> bool:
    return name.endswith(("query.weight", "key.weight", "value.weight", "dense.weight"))


@lru_cache(maxsize=1)
def shared() -> MiniLM:
    """Return the process's one encoder, loading it at the first call (90 MB, half a second).

    Raises understanding.weights.WeightsError.
    """
    return MiniLM(*weights.read())
