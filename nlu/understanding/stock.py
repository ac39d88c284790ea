"""The baseline, what `rasa init` makes of the same examples: ``python -m understanding.stock``.

Trains Rasa's default NLU pipeline, as its package holds it, on our data. Its hundred epochs take
a day or more on two cores, one takes half an hour; the model is kept as
``trained/stock-<hash of the data>.tar.gz``. Only measuring needs it.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import yaml

from understanding import environment, examples, paths
from understanding.progress import say


def model(epochs: int | None = None) -> Path:
    """Return where the baseline of the present data lies, or would lie."""
    cut = "" if epochs is None else f"-{epochs}-epochs"
    return paths.TRAINED / f"stock-{examples.digest(examples.read())}{cut}.tar.gz"


def pipeline(epochs: int | None = None) -> list[dict[str, object]]:
    """Return the pipeline that Rasa uses where none is configured, as in a new project.

    With ``epochs`` it learns for so many only: as fast to ask, not as good.
    """
    import rasa.engine.recipes

    folder = Path(rasa.engine.recipes.__file__).parent / "config_files"
    found = yaml.safe_load((folder / "default_config.yml").read_text(encoding="utf-8"))
    return [
        {**part, "epochs": epochs} if epochs is not None and "epochs" in part else part
        for part in found["pipeline"]
    ]


def ensure(epochs: int | None = None) -> Path:
    """Return the baseline, training it first if it isn't there. Raises what Rasa raises."""
    path = model(epochs)
    paths.TRAINED.mkdir(exist_ok=True)
    with (paths.TRAINED / ".stock-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _train(path, epochs)
    return path


def _train(path: Path, epochs: int | None) -> None:
    environment.prepare()
    from rasa.model_training import train_nlu

    takes = "a day or more" if epochs is None else f"some {epochs * 20 + 10} minutes"
    say(f"training the pipeline of rasa init {version('rasa')}; this takes {takes} on two cores")
    with tempfile.TemporaryDirectory(dir=paths.TRAINED, prefix=".stock-") as folder:
        config = Path(folder) / "config.yml"
        config.write_text(
            yaml.safe_dump(
                {"recipe": "default.v1", "assistant_id": "stock", "language": "en"}
                | {"pipeline": pipeline(epochs), "policies": []}
            ),
            encoding="utf-8",
        )
        made = train_nlu(str(config), str(paths.DATA), folder, fixed_model_name=path.name)
        if not made:
            raise RuntimeError("Rasa made no model; its messages above say why")
        os.replace(made, path)  # noqa: PTH105


def main() -> None:
    """Train, and print where the model is."""
    parser = argparse.ArgumentParser(description="Train the pipeline of rasa init on our data.")
    parser.add_argument("--epochs", type=int, help="fewer than rasa init asks for: for its speed")
    print(ensure(parser.parse_args().epochs))  # noqa: T201


if __name__ == "__main__":
    main()
