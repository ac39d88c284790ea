"""Measures intents on a fifth of the examples held out: ``python -m understanding.test``.

Runs Rasa's own commands, and leaves its reports in ``results/``:

    rasa data split nlu -u data --training-fraction 0.8 --random-seed 1 --out results/split
    rasa train nlu -c ../config.yml -u results/split/training_data.yml --out results
    rasa test nlu -u results/split/test_data.yml -m results/heldout.tar.gz --out results
"""

from __future__ import annotations

import json
import subprocess
import sys

from understanding import environment, paths
from understanding.progress import say


def main() -> None:
    """Split, train, test, and print the figures. Exits with Rasa's code if Rasa fails."""
    environment.prepare()
    split = paths.RESULTS / "split"
    say("splitting")
    _rasa(
        *("data", "split", "nlu", "-u", str(paths.DATA), "--out", str(split)),
        *("--training-fraction", "0.8", "--random-seed", "1"),
    )
    say("training on four fifths")
    _rasa(
        *("train", "nlu", "-c", str(paths.CONFIG), "-u", str(split / "training_data.yml")),
        *("--out", str(paths.RESULTS), "--fixed-model-name", "heldout"),
    )
    say("testing on one fifth")
    _rasa(
        *("test", "nlu", "-u", str(split / "test_data.yml"), "--out", str(paths.RESULTS)),
        *("-m", str(paths.RESULTS / "heldout.tar.gz"), "--no-plot"),
    )
    report = json.loads((paths.RESULTS / "intent_report.json").read_text(encoding="utf-8"))
    say(f"accuracy {report['accuracy']:.3f}, macro F1 {report['macro avg']['f1-score']:.3f}")
    say(f"reports are in {paths.RESULTS}")


def _rasa(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "rasa", *arguments], cwd=paths.NLU, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
