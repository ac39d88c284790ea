"""Trains the model of the current content, unless it is there: ``python -m understanding.train``.

The content is the training data, ``config.yml``, the components and the lock; the model is
``trained/<hash of the content>.tar.gz``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from understanding import environment, fingerprint, paths
from understanding.progress import say

_WORKSHOP = ".training-"
"""Prefix of the folder a model grows in; one that is found while the lock is held is left over."""


class TrainingError(RuntimeError):
    """Rasa ended without a model."""


def ensure() -> Path:
    """Return the model of the current content, training it first if it isn't there.

    Waits for another process that trains at the same moment. Raises TrainingError, and what Rasa
    raises for faulty data or configuration.
    """
    model = paths.TRAINED / f"{fingerprint.of_content()}.tar.gz"
    if model.exists():
        return model
    paths.TRAINED.mkdir(exist_ok=True)
    with _alone():
        if not model.exists():
            _train(model)
    return model


@contextmanager
def _alone() -> Iterator[None]:
    with (paths.TRAINED / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _train(model: Path) -> None:
    say("preparing")
    environment.prepare()
    from rasa.model_training import train_nlu

    for left_over in paths.TRAINED.glob(f"{_WORKSHOP}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    workshop = Path(tempfile.mkdtemp(prefix=_WORKSHOP, dir=paths.TRAINED))
    try:
        made = train_nlu(
            str(paths.CONFIG), str(paths.DATA), str(workshop), fixed_model_name=model.name
        )
        if not made:
            raise TrainingError("Rasa made no model; its messages above say why")
        # The name appears only when the file is whole.
        os.replace(made, model)  # noqa: PTH105
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    say(f"trained {model.name}")


def main() -> None:
    """Train, or say that it is done already."""
    model = paths.TRAINED / f"{fingerprint.of_content()}.tar.gz"
    if model.exists():
        say(f"already trained: {model.name}")
        return
    ensure()


if __name__ == "__main__":
    main()
