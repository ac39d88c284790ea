"""Numbers in eight bits: a quarter of the room, and plenty for what is near, or small. Pure."""

from __future__ import annotations

import numpy as np


def rounded(numbers: np.ndarray, *, by_row: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return ``numbers`` in whole steps, int8, and the size of a step, float32.

    Of one step for all its shape is ``()``; ``by_row``, of one for each row, ``(…, 1)``.
    """
    sizes = np.abs(numbers)
    most = sizes.max(axis=-1, keepdims=True) if by_row else sizes.max()
    scale = np.maximum(most, 1e-12).astype(np.float32) / np.float32(127)
    return np.rint(numbers / scale).astype(np.int8), np.asarray(scale)
