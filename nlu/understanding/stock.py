"""The baseline, what `rasa init` makes of the same examples: ``python -m understanding.stock``.

Trains Rasa's default NLU pipeline, as its package holds it, on our data. That takes an hour or
more; the model is kept as ``trained/stock-<hash of the data>.tar.gz``. Only measuring needs it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import yaml

from understanding import environment, examples, paths
from understanding.progress import say


def model() -> Path:
    """Return where the baseline of the present data lies, or would lie."""
    return paths.TRAINED / f"stock-{examples.digest(examples.read())}.tar.gz"


def pipeline() -> list[dict[str, object]]:
    """Return the pipeline that Rasa uses where none is configured, as in a new project."""
    import rasa.engine.recipes

    folder = Path(rasa.engine.recipes.__file__).parent / "config_files"
    found = yaml.safe_load((folder / "default_config.yml").read_text(encoding="utf-8"))
    return list(found["pipeline"])


def ensure() -> Path:
    """Return the baseline, training it first if it isn't there. Raises what Rasa raises."""
    path = model()
    paths.TRAINED.mkdir(exist_ok=True)
    with (paths.TRAINED / ".stock-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _train(path)
    return path


def _train(path: Path) -> None:
    environment.prepare()
    from rasa.model_training import train_nlu

    say(f"training the pipeline of rasa init {version('rasa')}; this takes an hour or more")
    with tempfile.TemporaryDirectory(dir=paths.TRAINED, prefix=".stock-") as folder:
        config = Path(folder) / "config.yml"
        config.write_text(
            yaml.safe_dump(
                {"recipe": "default.v1", "assistant_id": "stock", "language": "en"}
                | {"pipeline": pipeline(), "policies": []}
            ),
            encoding="utf-8",
        )
        made = train_nlu(str(config), str(paths.DATA), folder, fixed_model_name=path.name)
        if not made:
            raise RuntimeError("Rasa made no model; its messages above say why")
        os.replace(made, path)  # noqa: PTH105


if __name__ == "__main__":
    print(ensure())  # noqa: T201
