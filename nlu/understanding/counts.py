"""Words, pairs of words and runs of letters, counted: the sparse features. Pure.

What Rasa's CountVectorsFeaturizer would count, in a tenth of its time: it transforms every
attribute of every message, of which there is one for each sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_RUNS = (3, 4)
_KINDS = 6000
"""Most of either kind, words and runs of letters: the frequent ones."""
_MOST_LETTERS = 30
"""Longer words are no words; their runs of letters say nothing."""
_FAMILIAR = 2
"""Texts that a word must stand in to be known. Many that stand in one only are quoted from other
languages, or slips."""


def choose(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return the features worth having, and their weight by rarity, float32."""
    words, runs = Counter[str](), Counter[str]()
    for text in texts:
        found = _counted(text)
        for feature in found:
            (runs if feature.startswith("#") else words)[feature] += 1
    chosen = [feature for kind in (words, runs) for feature, _ in kind.most_common(_KINDS)]
    documents = np.array([words[feature] + runs[feature] for feature in chosen])
    return chosen, (np.log((1 + len(texts)) / (1 + documents)) + 1).astype(np.float32)


def matrix(texts: Sequence[str], places: dict[str, int], rarity: np.ndarray) -> csr_matrix:
    """Return one row a text, damped, weighted by rarity and of length one, float32.

    ``places`` are the columns of the chosen features. A text with none of them is a row of zeros.
    """
    columns, values, ends = [], [], [0]
    for text in texts:
        for feature, count in _counted(text).items():
            place = places.get(feature)
            if place is not None:
                columns.append(place)
                values.append(count)
        ends.append(len(columns))
    kept = np.array(columns, dtype=np.int32)
    damped = np.log1p(np.array(values, dtype=np.float32)) * rarity[kept]
    rows = np.repeat(np.arange(len(texts)), np.diff(ends))
    lengths = np.sqrt(np.bincount(rows, weights=damped**2, minlength=len(texts)))
    scaled = (damped / lengths[rows]).astype(np.float32)
    return csr_matrix((scaled, kept, np.array(ends)), shape=(len(texts), len(rarity)))


def words(text: str) -> list[str]:
    """Return the words of a normalised text, in order."""
    return _WORD.findall(text)


def known(texts: Sequence[str]) -> list[str]:
    """Return the words that a reader of ``texts`` knows, sorted."""
    found = Counter(word for text in texts for word in set(words(text)))
    return sorted(word for word, count in found.items() if count >= _FAMILIAR)


def _counted(text: str) -> Counter[str]:
    found = words(text)
    counts = Counter(found)
    counts.update(map(" ".join, pairwise(found)))
    for word in found:
        if len(word) > _MOST_LETTERS:
            continue
        padded = f" {word} "
        for size in _RUNS:
            counts.update(f"#{padded[i : i + size]}" for i in range(max(1, len(padded) - size + 1)))
    return counts
