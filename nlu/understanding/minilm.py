"""all-MiniLM-L6-v2, corrected by our adapter: sentence vectors by onnxruntime on one core."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime

from understanding import export
from understanding.wordpiece import WordPiece

WIDTH = 384
MAX_TOKENS = 128
"""Longer texts are cut here; whoever needs all of a long text encodes its sentences."""

_TOGETHER = 256
"""Tokens of one run. More would spend time on pairs of tokens of different texts."""
_REMEMBERED = 4096


class MiniLM:
    """The encoder; safe to share between threads."""

    def __init__(self, graph: Path, vocabulary: Sequence[str], threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        # One message is too small to share: threads would mostly wait for one another.
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Lengths differ from message to message: a plan for the last is no use for the next.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )
        self._wordpiece = WordPiece(vocabulary)
        # By digest, so that nobody's words stay in memory.
        self._known: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector of length one per text: float32, shape ``(len(texts), 384)``."""
        keys = [hashlib.blake2b(text.encode("utf-8", "replace")).digest() for text in texts]
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        with self._lock:
            known = {key: self._known[key] for key in keys if key in self._known}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        known.update(zip(new, self._encode(list(new.values())), strict=True))
        for row, key in enumerate(keys):
            vectors[row] = known[key]
        with self._lock:
            self._known.update((key, known[key]) for key in new)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return vectors

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        ids = [self._wordpiece.encode(text, MAX_TOKENS) for text in texts]
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
        start = 0
        while start < len(ids):
            end, tokens = start + 1, len(ids[start])
            while end < len(ids) and tokens + len(ids[end]) <= _TOGETHER:
                tokens += len(ids[end])
                end += 1
            vectors[start:end] = self._run(ids[start:end])
            start = end
        return vectors

    def _run(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        lengths = [len(row) for row in ids]
        segments = np.repeat(np.arange(len(ids)), lengths)
        own = segments[None, :] == np.arange(len(ids))[:, None]
        inputs = {
            "tokens": np.concatenate([np.asarray(row, dtype=np.int64) for row in ids]),
            "positions": np.concatenate([np.arange(length) for length in lengths]),
            "segments": segments,
            "pooling": (own / np.array(lengths)[:, None]).astype(np.float32),
        }
        return self._session.run(["vectors"], inputs)[0]


@lru_cache(maxsize=1)
def shared() -> MiniLM:
    """Return the process's one encoder, made at the first call (seconds where it is new).

    Raises understanding.weights.WeightsError, understanding.adapter.AdapterError.
    """
    return _made(1)


def for_training() -> MiniLM:
    """Return an encoder that takes every core, for thousands of texts; raises as `shared`."""
    return _made(os.cpu_count() or 1)


def _made(threads: int) -> MiniLM:
    made = export.ensure()
    return MiniLM(made.graph, made.vocabulary, threads)
