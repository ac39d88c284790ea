"""A correction of the encoder's weights, learnt from the training data by ``adapt.py``.

The file holds, for each corrected tensor, the difference in eight bits, with one scale a row.
Differences are small, so that eight bits are plenty. They are added when the encoder's graph is
made, and cost nothing afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from understanding import eightbits

PATH = Path(__file__).with_name("adapter.npz")
_ABOUT = "about"
_STEPS, _SCALE = ".steps", ".scale"


class AdapterError(RuntimeError):
    """The adapter is damaged, or belongs to other weights."""


def write(differences: Mapping[str, np.ndarray], about: dict[str, Any], path: Path = PATH) -> None:
    """Write ``differences`` by tensor name, and what they were made from.

    ``about`` must name the ``weights`` they correct, by SHA-256.
    """
    arrays: dict[str, np.ndarray] = {}
    for name, difference in differences.items():
        steps, scale = eightbits.rounded(difference, by_row=True)
        arrays |= {f"{name}{_STEPS}": steps, f"{name}{_SCALE}": scale}
    told = {**about, "digest": _digest(arrays)}
    np.savez_compressed(path, **arrays, **{_ABOUT: np.array(json.dumps(told, sort_keys=True))})


def about(path: Path = PATH) -> dict[str, Any]:
    """Return what the adapter was made from; raises AdapterError for a file that is none."""
    return _read(path)[1]


def merge(
    tensors: Mapping[str, np.ndarray], weights: str, path: Path = PATH
) -> dict[str, np.ndarray]:
    """Return ``tensors`` with the differences added; ``weights`` is their SHA-256.

    Raises AdapterError if the file is damaged or was made for other weights.
    """
    arrays, told = _read(path)
    if told.get("weights") != weights:
        raise AdapterError(f"{path.name} was made for weights {told.get('weights')}, not {weights}")
    merged = dict(tensors)
    for key, steps in arrays.items():
        if key.endswith(_STEPS):
            name = key.removesuffix(_STEPS)
            merged[name] = tensors[name] + steps * arrays[f"{name}{_SCALE}"]
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
