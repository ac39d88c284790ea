"""Keeps the encoder's graph as a file beside the trained models, named after what it is made of."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from understanding import adapter, paths, weights
from understanding.progress import say


class Encoder(NamedTuple):
    """What it takes to encode."""

    graph: Path
    vocabulary: list[str]


def ensure() -> Encoder:
    """Return the encoder of these weights and this adapter, making its graph where it is missing.

    Raises WeightsError or AdapterError where either is not what it should be.
    """
    source = paths.PACKAGE / "graph.py"
    digest = hashlib.sha256(weights.SHA256.encode())
    for path in (source, adapter.PATH):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    made = paths.TRAINED / f"encoder-{digest.hexdigest()[:16]}.onnx"
    if not made.exists():
        _make(made)
    return Encoder(made, weights.vocabulary())


def _make(path: Path) -> None:
    # Only here: what serves has no need of it.
    from understanding import graph

    say("making the encoder")
    path.parent.mkdir(exist_ok=True)
    tensors = adapter.merge(weights.read(), weights.SHA256)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".encoder-") as folder:
        new = Path(folder) / path.name
        graph.write(tensors, new)
        # The name appears only when the file is whole.
        os.replace(new, path)  # noqa: PTH105
