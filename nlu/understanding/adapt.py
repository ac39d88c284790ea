"""Learns ``adapter.npz`` from the training data: ``python -m understanding.adapt``.

The upper layers of all-MiniLM-L6-v2 learn to tell apart what the intents and urgencies tell apart,
in whole texts and in parts of them. The lower layers stay as they are: what they make of a text
need be worked out once only. The held-out fold is not seen. Needs nothing but what is installed;
run it after the training data has changed much.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from understanding import adapter, environment, examples, table, weights
from understanding.examples import Example
from understanding.lessons import Lesson, Teacher
from understanding.progress import say
from understanding.wordpiece import WordPiece

_LAYERS, _HEADS, _WIDTH = 6, 12, 384
FROZEN = 3
"""Lower layers that stay as they are. Learning all six takes twice as long and came out no
better."""
_TOKENS = 1024
"""Of one batch, with its padding."""
_SHARPNESS = 12.0
"""Scores are products of unit vectors; the softmax needs them larger."""
_DROPOUT = 0.1
_SMOOTHING = 0.05
_RATE, _HEAD_RATE = 2e-4, 2e-3
_DECAY = 0.01
_WARM = 0.06
"""Share of the steps in which the rate rises."""


class Batch(NamedTuple):
    """Lessons of like length, padded."""

    hidden: np.ndarray
    """What the lower layers make of the tokens: float32, shape ``(b, t, 384)``."""
    mask: np.ndarray
    """float32, shape ``(b, t)``: one where there is a token."""
    pooling: np.ndarray
    """float32, shape ``(m, b * t)``: each row takes the mean of one mark's tokens."""
    intents: np.ndarray
    """int32, shape ``(m,)``."""
    worth: np.ndarray
    """float32, shape ``(m,)``: the weight of each mark."""


def learn(seen: Sequence[Example], epochs: float, seed: int = 0) -> dict[str, np.ndarray]:
    """Return what is to be added to the encoder's tensors, by their names, in their shapes.

    ``epochs`` is how many times round the examples it learns.
    """
    import tensorflow as tf

    tf.random.set_seed(seed)
    tensors, meanings = weights.read(), table.load()
    names = sorted({example.intent for example in seen})
    urgencies = np.array([[meanings[n].urgency == u for u in table.URGENCIES] for n in names])
    belongs = urgencies.astype(np.float32)
    lower = Encoder(tf, tensors, range(FROZEN))
    upper = Encoder(tf, tensors, range(FROZEN, _LAYERS), dropout=_DROPOUT)
    start = np.random.default_rng(0).normal(0, 0.05, (_WIDTH, len(names))).astype(np.float32)
    head = [tf.Variable(start), tf.Variable(np.zeros(len(names), np.float32))]
    body = list(upper.learnt.values())
    slow, quick = (tf.keras.optimizers.legacy.Adam(beta_2=0.98) for _ in range(2))

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec((None, None, _WIDTH), tf.float32),
            tf.TensorSpec((None, None), tf.float32),
            tf.TensorSpec((None, None), tf.float32),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((), tf.float32),
        ],
    )
    def step(states: Any, mask: Any, pooling: Any, wanted: Any, worth: Any, pace: Any) -> Any:
        slow.learning_rate.assign(_RATE * pace)
        quick.learning_rate.assign(_HEAD_RATE * pace)
        with tf.GradientTape() as tape:
            hidden = tf.reshape(upper(states, mask), (-1, _WIDTH))
            vectors = tf.nn.dropout(tf.nn.l2_normalize(pooling @ hidden, -1), _DROPOUT)
            logs = tf.nn.log_softmax(vectors @ head[0] * _SHARPNESS + head[1])
            # An intent's urgency is learnt as well: what is mistaken for another of the same
            # urgency does little harm.
            levels = tf.math.log(tf.exp(logs) @ belongs + 1e-9)
            aims = tf.one_hot(wanted, len(names))
            losses = _cross(tf, logs, aims) + _cross(tf, levels, aims @ belongs)
            total = tf.reduce_sum(losses * worth) / tf.reduce_sum(worth)
        gradients = tape.gradient(total, [*body, *head])
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        for variable in body:
            if variable.shape.rank == 2:
                variable.assign(variable * (1 - _DECAY * _RATE * pace))
        slow.apply_gradients(zip(gradients[: len(body)], body, strict=True))
        quick.apply_gradients(zip(gradients[len(body) :], head, strict=True))
        return total

    dice = random.Random(seed)  # noqa: S311  not for secrets
    teacher = Teacher(seen, meanings, WordPiece(weights.vocabulary()), dice)
    say("reading what stays the same")
    memory = Memory(lower, teacher.plain())
    places = {name: i for i, name in enumerate(names)}
    began, losses, number, total = time.monotonic(), [], 0, 0
    for turn in range(math.ceil(epochs)):
        lessons = teacher.lessons()
        groups = _grouped([len(lesson.ids) for lesson in lessons], dice)
        total = total or int(epochs * len(groups))
        for batch in _batches(lessons, groups, memory, places):
            if number == total:
                break
            pace = min(1.0, (number + 1) / (_WARM * total))
            pace *= (1 + math.cos(math.pi * number / total)) / 2
            losses.append(float(step(*batch, np.float32(pace))))
            number += 1
            if number % 50 == 0:
                spent = time.monotonic() - began
                loss = np.mean(losses[-50:])
                say(f"round {turn + 1}, step {number} of {total}, loss {loss:.3f}, {spent:.0f} s")
    return upper.differences()


def _cross(tf: Any, logs: Any, aims: Any) -> Any:
    """Cross entropy with smoothed aims, one for each row."""
    smoothed = aims * (1 - _SMOOTHING) + _SMOOTHING / aims.shape[-1]
    return -tf.reduce_sum(smoothed * logs, -1)


class Encoder:
    """Some layers of the encoder, in order, on padded texts; they are learnt where they drop out.

    Called with token ids where the first layer is among them, else with hidden states.
    """

    def __init__(
        self, tf: Any, tensors: dict[str, np.ndarray], layers: range, dropout: float = 0.0
    ) -> None:
        self._tf = tf
        self._layers = layers
        self._dropout = dropout
        self._tensors = tensors
        here = tuple(f"encoder.layer.{layer}." for layer in layers)
        self.learnt: dict[str, Any] = {
            name: tf.Variable(tensor.T)
            for name, tensor in tensors.items()
            if dropout and name.startswith(here)
        }
        self._all = {name: tf.constant(tensor.T) for name, tensor in tensors.items()} | self.learnt

    def differences(self) -> dict[str, np.ndarray]:
        """What has been learnt, as what is to be added to the tensors."""
        return {name: v.numpy().T - self._tensors[name] for name, v in self.learnt.items()}

    def __call__(self, x: Any, mask: Any) -> Any:
        """Return hidden states, shape ``(b, t, 384)``."""
        if self._layers.start == 0:
            x = self._embedded(x)
        far = (mask - 1.0)[:, None, None, :] * 1e9
        for layer in self._layers:
            x = self._layer(f"encoder.layer.{layer}", x, far)
        return x

    def _embedded(self, tokens: Any) -> Any:
        tf, at = self._tf, "embeddings"
        words = tf.gather(self._tensors[f"{at}.word_embeddings.weight"], tokens)
        places = self._all[f"{at}.position_embeddings.weight"]
        places = tf.transpose(places)[: tf.shape(tokens)[1]]
        kind = self._tensors[f"{at}.token_type_embeddings.weight"][0]
        return self._norm(words + places + kind, f"{at}.LayerNorm")

    def _layer(self, at: str, x: Any, far: Any) -> Any:
        tf = self._tf
        query, key, value = (
            self._heads(self._linear(x, f"{at}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        scores = tf.matmul(query, key, transpose_b=True) / math.sqrt(_WIDTH // _HEADS) + far
        mixed = tf.transpose(tf.nn.softmax(scores) @ value, (0, 2, 1, 3))
        mixed = self._linear(tf.reshape(mixed, tf.shape(x)), f"{at}.attention.output.dense")
        x = self._norm(x + self._dropped(mixed), f"{at}.attention.output.LayerNorm")
        inner = tf.nn.gelu(self._linear(x, f"{at}.intermediate.dense"))
        told = self._dropped(self._linear(inner, f"{at}.output.dense"))
        return self._norm(x + told, f"{at}.output.LayerNorm")

    def _linear(self, x: Any, name: str) -> Any:
        weight = self._all[f"{name}.weight"]
        shape = self._tf.concat([self._tf.shape(x)[:2], [weight.shape[1]]], 0)
        flat = self._tf.reshape(x, (-1, weight.shape[0])) @ weight + self._all[f"{name}.bias"]
        return self._tf.reshape(flat, shape)

    def _norm(self, x: Any, name: str) -> Any:
        mean, variance = self._tf.nn.moments(x, -1, keepdims=True)
        normal = (x - mean) * self._tf.math.rsqrt(variance + 1e-12)
        return normal * self._all[f"{name}.weight"] + self._all[f"{name}.bias"]

    def _heads(self, x: Any) -> Any:
        tf = self._tf
        apart = tf.concat([tf.shape(x)[:2], [_HEADS, _WIDTH // _HEADS]], 0)
        return tf.transpose(tf.reshape(x, apart), (0, 2, 1, 3))

    def _dropped(self, x: Any) -> Any:
        return self._tf.nn.dropout(x, self._dropout) if self._dropout else x


class Memory:
    """What the lower layers make of lessons; of those that come again it is kept."""

    def __init__(self, lower: Encoder, lasting: Sequence[Lesson]) -> None:
        self._lower = lower
        self._kept: dict[tuple[int, ...], np.ndarray] = {}
        ids = [lesson.ids for lesson in lasting]
        for group in _by_length([len(row) for row in ids], range(len(ids))):
            self._kept.update(self._read([ids[i] for i in group]))

    def states(self, lessons: Sequence[Lesson]) -> list[np.ndarray]:
        """Return hidden states, float16 to fit into memory: shape ``(t, 384)`` each."""
        new = [lesson.ids for lesson in lessons if tuple(lesson.ids) not in self._kept]
        read = self._read(new) if new else {}
        keys = [tuple(lesson.ids) for lesson in lessons]
        return [read[key] if key in read else self._kept[key] for key in keys]

    def _read(self, ids: Sequence[list[int]]) -> dict[tuple[int, ...], np.ndarray]:
        longest = max(map(len, ids))
        tokens = np.zeros((len(ids), longest), np.int32)
        mask = np.zeros((len(ids), longest), np.float32)
        for row, own in enumerate(ids):
            tokens[row, : len(own)] = own
            mask[row, : len(own)] = 1.0
        hidden = self._lower(tokens, mask).numpy().astype(np.float16)
        return {tuple(own): hidden[row, : len(own)] for row, own in enumerate(ids)}


def _batches(
    lessons: Sequence[Lesson],
    groups: Sequence[Sequence[int]],
    memory: Memory,
    places: dict[str, int],
) -> Iterator[Batch]:
    for group in groups:
        here = [lessons[i] for i in group]
        longest = max(len(lesson.ids) for lesson in here)
        hidden = np.zeros((len(here), longest, _WIDTH), np.float32)
        mask = np.zeros((len(here), longest), np.float32)
        for row, states in enumerate(memory.states(here)):
            hidden[row, : len(states)] = states
            mask[row, : len(states)] = 1.0
        marks = [(row, mark) for row, lesson in enumerate(here) for mark in lesson.marks]
        pooling = np.zeros((len(marks), len(here) * longest), np.float32)
        for place, (row, mark) in enumerate(marks):
            first = row * longest
            pooling[place, first + mark.start : first + mark.end] = 1 / (mark.end - mark.start)
        intents = np.array([places[mark.intent] for _, mark in marks], np.int32)
        worth = np.array([mark.weight for _, mark in marks], np.float32)
        yield Batch(hidden, mask, pooling, intents, worth)


def _grouped(lengths: Sequence[int], dice: random.Random) -> list[list[int]]:
    """Return the batches of one time round, by the places of their lessons."""
    order = list(range(len(lengths)))
    dice.shuffle(order)
    stretch = _TOKENS * 2
    groups = [
        group
        for start in range(0, len(order), stretch)
        for group in _by_length(lengths, order[start : start + stretch])
    ]
    dice.shuffle(groups)
    return groups


def _by_length(lengths: Sequence[int], places: Sequence[int]) -> list[list[int]]:
    groups: list[list[int]] = [[]]
    for place in sorted(places, key=lambda i: lengths[i]):
        if groups[-1] and (len(groups[-1]) + 1) * lengths[place] > _TOKENS:
            groups.append([])
        groups[-1].append(place)
    return groups


def main() -> None:
    """Learn from every fold but one, and write the adapter."""
    parser = argparse.ArgumentParser(description="Learn adapter.npz from the training data.")
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--without-fold", type=int, default=examples.HELD_OUT)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=adapter.PATH)
    arguments = parser.parse_args()
    environment.prepare()
    files = examples.files()
    everything = [example for found in files.values() for example in found]
    seen = [e for e in everything if examples.fold(e.text) != arguments.without_fold]
    say(f"adapting to {len(seen)} of {len(everything)} examples")
    told = {
        "weights": weights.SHA256,
        "files": {name: examples.digest(found) for name, found in files.items()},
        "epochs": arguments.epochs,
        "seed": arguments.seed,
        "without_fold": arguments.without_fold,
    }
    adapter.write(learn(seen, arguments.epochs, arguments.seed), told, arguments.out)
    say(f"wrote {arguments.out.name}, {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
