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


def ensure(*, adapted: bool = True) -> Encoder:
    """Return the encoder of these weights, making its graph where it is missing.

    With what the adapter adds, or as it was published. Raises WeightsError or AdapterError where
    either is not what it should be.
    """
    digest = hashlib.sha256(weights.SHA256.encode())
    for path in (paths.PACKAGE / "graph.py", *([adapter.PATH] if adapted else [])):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    made = paths.TRAINED / f"encoder-{digest.hexdigest()[:16]}.onnx"
    if not made.exists():
        _make(made, adapted=adapted)
    return Encoder(made, weights.vocabulary())


def _make(path: Path, *, adapted: bool) -> None:
    # Only here: what serves has no need of it.
    from understanding import graph

    say("making the encoder" if adapted else "making the encoder as it was published")
    path.parent.mkdir(exist_ok=True)
    tensors = weights.read()
    if adapted:
        tensors = adapter.merge(tensors, weights.SHA256)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".encoder-") as folder:
        new = Path(folder) / path.name
        graph.write(tensors, new)
        # The name appears only when the file is whole.
        os.replace(new, path)  # noqa: PTH105
