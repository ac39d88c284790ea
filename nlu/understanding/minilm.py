"""all-MiniLM-L6-v2, with our adapter and without: vectors of texts by onnxruntime on one core."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np

from understanding import export, session
from understanding.wordpiece import WordPiece

WIDTH = 384

_WINDOW = 256
"""Tokens that are read at once. What is longer is read in windows, cut between its parts."""
_PART = 126
"""Tokens of the longest part, so that two always fit into a window; the rest of it is not read."""
_REMEMBERED = 1024


class MiniLM:
    """The encoder; safe to share between threads."""

    def __init__(self, graph: Path, vocabulary: Sequence[str]) -> None:
        self._session = session.on_one_core(str(graph))
        self._wordpiece = WordPiece(vocabulary)
        # By digest, so that nobody's words stay in memory.
        self._known: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector of length one per text: float32, shape ``(len(texts), 384)``.

        For many texts: takes every core.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.vstack(list(pool.map(lambda text: self._run([self._ids(text)]), texts)))

    def read(self, parts: Sequence[str]) -> np.ndarray:
        """Return the vector of a text, then one of each of its ``parts`` where it has several.

        The text is read as one: the vector of a part is the mean of its own words, as they are
        understood among all the others. Of length one; float32, shape ``(1 + n, 384)`` or
        ``(1, 384)``.
        """
        digest = hashlib.blake2b()
        for part in parts:
            digest.update(hashlib.blake2b(part.encode("utf-8", "replace")).digest())
        key = digest.digest()
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._read([self._ids(part) for part in parts])
            with self._lock:
                self._known[key] = known
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return known

    def _ids(self, text: str) -> list[int]:
        return self._wordpiece.encode(text, _PART + 2)

    def _read(self, parts: list[list[int]]) -> np.ndarray:
        if len(parts) == 1:
            return self._run(parts)
        wholes, vectors, sizes = [], [], []
        for window in _windows(parts):
            found = self._run(window)
            wholes.append(found[0])
            vectors.append(found[1:] if len(window) > 1 else found)
            sizes.append(sum(map(len, window)))
        whole = np.average(wholes, axis=0, weights=sizes)
        return np.vstack([whole / np.linalg.norm(whole), *vectors]).astype(np.float32)

    def _run(self, parts: Sequence[list[int]]) -> np.ndarray:
        """Return the vector of all parts as one text, then of each where there are several."""
        bodies = [part[1:-1] for part in parts]
        tokens = [parts[0][0], *(token for body in bodies for token in body), parts[0][-1]]
        pooling = np.zeros((1 + len(bodies), len(tokens)), dtype=np.float32)
        pooling[0] = 1 / len(tokens)
        start = 1
        for row, body in enumerate(bodies, 1):
            end = start + len(body)
            # A part without a word has no vector of its own.
            pooling[row] = pooling[0]
            if body:
                pooling[row] = 0.0
                pooling[row, start:end] = 1 / len(body)
            start = end
        inputs = {
            "tokens": np.array(tokens, dtype=np.int64),
            "positions": np.arange(len(tokens)),
            "pooling": pooling if len(parts) > 1 else pooling[:1],
        }
        return self._session.run(["vectors"], inputs)[0]


def _windows(parts: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    """Yield the parts in groups that fit into a window."""
    window: list[list[int]] = []
    for part in parts:
        if window and sum(len(one) - 2 for one in [*window, part]) + 2 > _WINDOW:
            yield window
            window = []
        window.append(part)
    yield window


@lru_cache(maxsize=1)
def shared() -> MiniLM:
    """Return the process's one encoder, made at the first call (seconds where it is new).

    Raises understanding.weights.WeightsError, understanding.adapter.AdapterError.
    """
    made = export.ensure()
    return MiniLM(made.graph, made.vocabulary)


@lru_cache(maxsize=1)
def published() -> MiniLM:
    """Return the encoder as it was published, without what it learnt from our examples.

    Made at the first call, too. Raises understanding.weights.WeightsError.
    """
    made = export.ensure(adapted=False)
    return MiniLM(made.graph, made.vocabulary)
