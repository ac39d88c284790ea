"""Learns what a second look makes of mass and likeness: ``python -m understanding.weigh``.

Prints the numbers of ``understanding.likeness.Weights``, which go into ``config.yml``. Needed only
when the encoder was learnt anew, or the examples have changed much; takes about ten minutes.

Whoever fits weights to what a classifier says of its own examples learns to trust it too much. So
every example counts as it is judged by a classifier that has seen neither it nor those written
beside it; and only those count that the encoder never saw, for they are read as strangers write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import yaml
from scipy.sparse import csr_matrix

from understanding import (
    adapter,
    classify,
    environment,
    examples,
    likeness,
    minilm,
    paths,
    regression,
    table,
)
from understanding.classify import Classifier, Settings
from understanding.examples import Example
from understanding.likeness import Likeness, Weights
from understanding.look import Look
from understanding.normalise import normalise
from understanding.progress import say
from understanding.verdict import PAGES

_TOGETHER = 40
"""Examples written one after the other are alike: so many are left out together."""


class Judged(NamedTuple):
    """An example, by what has not seen it."""

    mass: float
    like: Likeness
    crisis: bool


def learn(judged: Sequence[Judged]) -> Weights:
    """Return the weights that tell crises from the others best, of which there must be both."""
    seen = [(likeness.odds(j.mass), j.like.crises, j.like.harmless) for j in judged]
    fitted = regression.fit(
        np.array(seen, dtype=np.float32),
        csr_matrix((len(seen), 0), dtype=np.float32),
        np.array([j.crisis for j in judged], dtype=np.int64),
        strength=1.0,
        rounds=200,
    )
    # Of two kinds only the difference counts.
    *weights, base = np.diff(np.vstack([fitted.dense_weights, fitted.intercepts]), axis=1)[:, 0]
    return Weights(*(round(float(number), 2) for number in (*weights, base)))


def judge(
    everything: Sequence[Example], unseen: Sequence[int], settings: Settings
) -> Iterator[Judged]:
    """Yield what is made of the examples at the places ``unseen``, each in its turn left out."""
    say(f"encoding {len(everything)} examples twice")
    texts = [normalise(example.text) for example in everything]
    ours, published = (encoder.encode(texts) for encoder in (minilm.shared(), minilm.published()))
    intents = np.array([example.intent for example in everything])
    paging = [name for name, meaning in table.load().items() if meaning.urgency in PAGES]
    crisis = np.isin(intents, paging)
    fold = np.full(len(texts), -1)
    fold[list(unseen)] = np.arange(len(unseen)) // _TOGETHER % examples.FOLDS
    for number in range(examples.FOLDS):
        say(f"judging part {number + 1} of {examples.FOLDS}")
        known, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = classify.learn([texts[i] for i in known], ours[known], intents[known], settings)
        classifier = Classifier(model, settings)
        pages = np.isin(classifier.classes, paging)
        shares = classifier.predict([texts[i] for i in asked], ours[asked])
        left = published[known]
        look = Look(likeness.learn(left[crisis[known]], left[~crisis[known]]))
        for place, mass in zip(asked, shares[:, pages].sum(axis=1), strict=True):
            yield Judged(float(mass), look.near(published[place]), bool(crisis[place]))


def _unseen() -> list[int]:
    """Return the places of the examples that the encoder has not learnt from."""
    learnt_from = adapter.about()["files"]
    seen: list[bool] = []
    for name, found in examples.files().items():
        present = learnt_from.get(name) == examples.digest(found)
        seen += [present and examples.fold(one.text) != examples.HELD_OUT for one in found]
    return [place for place, was in enumerate(seen) if not was]


def main() -> None:
    """Judge, learn, and print the weights as they stand in ``config.yml``."""
    environment.prepare()
    pipeline = yaml.safe_load(paths.CONFIG.read_text(encoding="utf-8"))["pipeline"]
    (classifier,) = (part for part in pipeline if part["name"].endswith("IntentClassifier"))
    settings = classify.configured(classifier)
    weights = learn(list(judge(examples.read(), _unseen(), settings)))
    say(f"look: {{{', '.join(f'{name}: {value}' for name, value in weights._asdict().items())}}}")


if __name__ == "__main__":
    main()
