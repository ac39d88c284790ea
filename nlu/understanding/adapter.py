"""A small correction of the encoder's weights, learnt from the training data by ``adapt.py``.

For each adapted matrix the file holds two thin ones, ``down`` and ``up``; their product is added
to the weights when they are loaded, so that it costs nothing afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

PATH = Path(__file__).with_name("adapter.npz")
_ABOUT = "about"


class AdapterError(RuntimeError):
    """The adapter is damaged, or belongs to other weights."""


def write(pairs: Mapping[str, tuple[np.ndarray, np.ndarray]], about: dict[str, Any]) -> None:
    """Write ``adapter.npz``: ``down`` and ``up`` by tensor name, and what they were made from.

    ``about`` must name the ``weights`` they correct, by SHA-256.
    """
    arrays = {
        f"{name}.{part}": array.astype(np.float16)
        for name, pair in pairs.items()
        for part, array in zip(("down", "up"), pair, strict=True)
    }
    told = {**about, "digest": _digest(arrays)}
    np.savez_compressed(PATH, **arrays, **{_ABOUT: np.array(json.dumps(told, sort_keys=True))})


def about(path: Path = PATH) -> dict[str, Any]:
    """Return what the adapter was made from; raises AdapterError for a file that is none."""
    return _read(path)[1]


def merge(
    tensors: Mapping[str, np.ndarray], weights: str, path: Path = PATH
) -> dict[str, np.ndarray]:
    """Return ``tensors`` with the adapter added; ``weights`` is their SHA-256.

    Raises AdapterError if the file is damaged or was made for other weights.
    """
    arrays, told = _read(path)
    if told.get("weights") != weights:
        raise AdapterError(f"{path.name} was made for weights {told.get('weights')}, not {weights}")
    merged = dict(tensors)
    for name in {key.rsplit(".", 1)[0] for key in arrays}:
        down, up = (arrays[f"{name}.{part}"].astype(np.float32) for part in ("down", "up"))
        # Tensors are (out, in), as PyTorch keeps them.
        merged[name] = tensors[name] + (down @ up).T
    return merged


def _read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files if name != _ABOUT}
            told = json.loads(str(file[_ABOUT]))
    except (OSError, KeyError, ValueError) as error:
        raise AdapterError(f"{path.name} cannot be read") from error
    if told.get("digest") != _digest(arrays):
        raise AdapterError(f"{path.name} is damaged: its digest differs")
    return arrays, told


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + b"\0" + arrays[name].tobytes())
    return digest.hexdigest()
