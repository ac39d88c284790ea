"""Measures intents on the fold held out of everything: ``python -m understanding.test``.

The split is by each text's own hash, so that the adapter, which is learnt long before, has not
seen the held-out fold either. Runs Rasa's own commands, and leaves its reports in ``results/``:

    rasa train nlu -c ../config.yml -u results/split/train.yml --out results
    rasa test nlu -u results/split/held_out.yml -m results/heldout.tar.gz --out results

Draws the confusion matrix with ``--picture FILE.png``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from understanding import environment, examples, paths, pictures, table
from understanding.progress import say


def main() -> None:
    """Split, train, test, and print the figures. Exits with Rasa's code if Rasa fails."""
    parser = argparse.ArgumentParser(description="rasa test nlu on the held-out fold.")
    parser.add_argument("--picture", type=Path, help="where to draw the confusion matrix")
    picture = parser.parse_args().picture
    environment.prepare()
    train, held_out = _split()
    say("training on four folds")
    _rasa(
        *("train", "nlu", "-c", str(paths.CONFIG), "-u", str(train)),
        *("--out", str(paths.RESULTS), "--fixed-model-name", "heldout"),
    )
    say("testing on the fifth")
    _rasa(
        *("test", "nlu", "-u", str(held_out), "--out", str(paths.RESULTS), "--successes"),
        *("-m", str(paths.RESULTS / "heldout.tar.gz"), "--no-plot"),
    )
    report = _load("intent_report.json")
    say(f"accuracy {report['accuracy']:.3f}, macro F1 {report['macro avg']['f1-score']:.3f}")
    say(f"reports are in {paths.RESULTS}")
    if picture:
        pairs = [(row["intent"], row["intent"]) for row in _load("intent_successes.json")] + [
            (row["intent"], row["intent_prediction"]["name"]) for row in _load("intent_errors.json")
        ]
        pictures.confusion(pairs, list(table.load()), picture)
        say(f"drew {picture}")


def _split() -> tuple[Path, Path]:
    """Write the examples of four folds and those of the held-out one as Rasa's own YAML."""
    folder = paths.RESULTS / "split"
    folder.mkdir(parents=True, exist_ok=True)
    sides: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    for example in examples.read():
        side = sides[examples.fold(example.text) == examples.HELD_OUT]
        side.setdefault(example.intent, []).append(example.text)
    train, held_out = folder / "train.yml", folder / "held_out.yml"
    for path, side in zip((train, held_out), sides, strict=True):
        blocks = [
            {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
            for intent, texts in side.items()
        ]
        content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=10**6)
        path.write_text(content, encoding="utf-8")
    return train, held_out


def _load(name: str) -> Any:
    return json.loads((paths.RESULTS / name).read_text(encoding="utf-8"))


def _rasa(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "rasa", *arguments], cwd=paths.NLU, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
