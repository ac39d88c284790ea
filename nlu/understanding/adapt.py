"""Learns ``adapter.npz`` from the training data: ``python -m understanding.adapt``.

Low-rank corrections (LoRA) of all-MiniLM-L6-v2, so that its vectors tell apart what the intents
and urgencies tell apart. The held-out fold is not seen. Needs nothing but what is installed, and
some ten minutes; run it after the training data has changed much.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from understanding import adapter, environment, examples, table, weights
from understanding.normalise import normalise
from understanding.progress import say
from understanding.wordpiece import WordPiece

_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_PARTS = (
    "attention.self.query",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_LEVELS = ("immediate", "urgent", "support", "none")
_SHARPNESS = 12.0
"""Scores are products of unit vectors; the softmax needs them larger."""
_SCALE = 2.0
"""Of the correction, while it is learnt; it is multiplied in when written."""
_BATCH = 32
_LONGEST = 64
_DROPOUT = 0.1
_SMOOTHING = 0.05
_RATE, _HEAD_RATE = 1e-3, 5e-3


class Batch(NamedTuple):
    """Examples of like length, padded."""

    tokens: np.ndarray
    """int32, shape ``(b, t)``, zero where there is nothing."""
    mask: np.ndarray
    """float32, shape ``(b, t)``."""
    intents: np.ndarray
    """int32, shape ``(b,)``."""


def learn(
    texts: Sequence[str], intents: Sequence[str], rank: int, epochs: float, seed: int = 0
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return ``down`` (in, rank) and ``up`` (rank, out) for each adapted tensor, by its name."""
    import tensorflow as tf

    tensors = weights.read()
    names = sorted(set(intents))
    meanings = table.load()
    levels = np.zeros((len(names), len(_LEVELS)), dtype=np.float32)
    for i, name in enumerate(names):
        levels[i, _LEVELS.index(meanings[name].urgency)] = 1.0
    pieces = WordPiece(weights.vocabulary())
    ids = [pieces.encode(normalise(text), _LONGEST) for text in texts]
    labels = [names.index(intent) for intent in intents]

    generator = np.random.default_rng(seed)
    pairs: dict[str, tuple[Any, Any]] = {}
    for layer in range(_LAYERS):
        for part in _PARTS:
            name = f"encoder.layer.{layer}.{part}.weight"
            wide, narrow = tensors[name].shape
            down = generator.normal(0, 1 / np.sqrt(narrow), (narrow, rank)).astype(np.float32)
            pairs[name] = (tf.Variable(down), tf.Variable(np.zeros((rank, wide), np.float32)))
    head = tf.Variable(generator.normal(0, 0.05, (_WIDTH, len(names))).astype(np.float32))
    bias = tf.Variable(np.zeros(len(names), np.float32))
    thin = [variable for pair in pairs.values() for variable in pair]
    encode = encoder(tf, tensors, pairs, _DROPOUT)
    slow, quick = tf.keras.optimizers.legacy.Adam(), tf.keras.optimizers.legacy.Adam()

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None, None), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        ]
    )
    def step(tokens: Any, mask: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            scores = encode(tokens, mask) @ head * _SHARPNESS + bias
            logs = tf.nn.log_softmax(scores)
            aims = tf.one_hot(wanted, len(names)) * (1 - _SMOOTHING) + _SMOOTHING / len(names)
            intent_loss = -tf.reduce_mean(tf.reduce_sum(aims * logs, -1))
            masses = tf.exp(logs) @ levels
            right = tf.reduce_sum(masses * tf.gather(levels, wanted), -1)
            urgency_loss = -tf.reduce_mean(tf.math.log(right + 1e-6))
            loss = intent_loss + urgency_loss
        gradients = tape.gradient(loss, [*thin, head, bias])
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        slow.apply_gradients(zip(gradients[:-2], thin, strict=True))
        quick.apply_gradients(zip(gradients[-2:], [head, bias], strict=True))
        return loss

    total = int(epochs * len(ids) / _BATCH)
    began, losses = time.monotonic(), []
    for number, batch in enumerate(_batches(ids, labels, random.Random(seed), total)):  # noqa: S311
        pace = min(1.0, (number + 1) / 100) * 0.5 * (1 + np.cos(np.pi * number / total))
        slow.learning_rate.assign(_RATE * pace)
        quick.learning_rate.assign(_HEAD_RATE * pace)
        losses.append(float(step(*batch)))
        if number % 50 == 49:
            spent = time.monotonic() - began
            say(f"step {number + 1} of {total}, loss {np.mean(losses[-50:]):.3f}, {spent:.0f} s")
    return {
        name: (down.numpy() * np.float32(_SCALE), up.numpy()) for name, (down, up) in pairs.items()
    }


def encoder(
    tf: Any, tensors: dict[str, np.ndarray], pairs: dict[str, tuple[Any, Any]], dropout: float
) -> Any:
    """Return the encoder with corrections, as a function of padded tokens and their mask."""
    fixed = {
        name: tf.constant(tensor.T if tensor.ndim == 2 and "encoder" in name else tensor)
        for name, tensor in tensors.items()
    }

    def linear(x: Any, name: str) -> Any:
        weight = fixed[f"{name}.weight"]
        if f"{name}.weight" in pairs:
            down, up = pairs[f"{name}.weight"]
            # The thin product is cheap beside the one with the text, and saves two passes.
            weight = weight + _SCALE * (down @ up)
        flat = tf.reshape(x, (-1, x.shape[-1])) @ weight + fixed[f"{name}.bias"]
        return tf.reshape(flat, (tf.shape(x)[0], tf.shape(x)[1], weight.shape[1]))

    def norm(x: Any, name: str) -> Any:
        mean, variance = tf.nn.moments(x, -1, keepdims=True)
        normal = (x - mean) * tf.math.rsqrt(variance + 1e-12)
        return normal * fixed[f"{name}.weight"] + fixed[f"{name}.bias"]

    def heads(x: Any) -> Any:
        shape = (tf.shape(x)[0], tf.shape(x)[1], _HEADS, _WIDTH // _HEADS)
        return tf.transpose(tf.reshape(x, shape), (0, 2, 1, 3))

    def encode(tokens: Any, mask: Any) -> Any:
        x = (
            tf.gather(fixed["embeddings.word_embeddings.weight"], tokens)
            + fixed["embeddings.position_embeddings.weight"][: tf.shape(tokens)[1]]
            + fixed["embeddings.token_type_embeddings.weight"][0]
        )
        x = tf.nn.dropout(norm(x, "embeddings.LayerNorm"), dropout)
        far = (mask - 1.0)[:, None, None, :] * 1e9
        for layer in range(_LAYERS):
            at = f"encoder.layer.{layer}"
            query, key, value = (
                heads(linear(x, f"{at}.attention.self.{part}"))
                for part in ("query", "key", "value")
            )
            scores = tf.matmul(query, key, transpose_b=True) / np.sqrt(_WIDTH // _HEADS) + far
            mixed = tf.transpose(tf.nn.softmax(scores) @ value, (0, 2, 1, 3))
            mixed = tf.reshape(mixed, (tf.shape(x)[0], tf.shape(x)[1], _WIDTH))
            told = tf.nn.dropout(linear(mixed, f"{at}.attention.output.dense"), dropout)
            x = norm(x + told, f"{at}.attention.output.LayerNorm")
            inner = tf.nn.gelu(linear(x, f"{at}.intermediate.dense"))
            told = tf.nn.dropout(linear(inner, f"{at}.output.dense"), dropout)
            x = norm(x + told, f"{at}.output.LayerNorm")
        pooled = tf.reduce_sum(x * mask[:, :, None], 1) / tf.reduce_sum(mask, 1, keepdims=True)
        return tf.nn.l2_normalize(pooled, -1)

    return encode


def _batches(
    ids: list[list[int]], labels: list[int], dice: random.Random, total: int
) -> Iterator[Batch]:
    """Yield ``total`` batches, of texts of like length, in a new order each time round."""
    made = 0
    while made < total:
        order = list(range(len(ids)))
        dice.shuffle(order)
        stretch = _BATCH * 40
        groups = []
        for start in range(0, len(order), stretch):
            near = sorted(order[start : start + stretch], key=lambda i: len(ids[i]))
            groups += [near[i : i + _BATCH] for i in range(0, len(near), _BATCH)]
        dice.shuffle(groups)
        for group in groups[: total - made]:
            longest = max(len(ids[i]) for i in group)
            tokens = np.zeros((len(group), longest), np.int32)
            mask = np.zeros((len(group), longest), np.float32)
            for row, i in enumerate(group):
                tokens[row, : len(ids[i])] = ids[i]
                mask[row, : len(ids[i])] = 1.0
            yield Batch(tokens, mask, np.array([labels[i] for i in group], np.int32))
            made += 1


def main() -> None:
    """Learn from every fold but one, and write the adapter."""
    parser = argparse.ArgumentParser(description="Learn adapter.npz from the training data.")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--without-fold", type=int, default=examples.HELD_OUT)
    arguments = parser.parse_args()
    environment.prepare()
    everything = examples.read()
    seen = [e for e in everything if examples.fold(e.text) != arguments.without_fold]
    say(f"adapting to {len(seen)} of {len(everything)} examples")
    pairs = learn(
        [e.text for e in seen], [e.intent for e in seen], arguments.rank, arguments.epochs
    )
    about = {
        "weights": weights.SHA256,
        "data": examples.digest(everything),
        "rank": arguments.rank,
        "epochs": arguments.epochs,
        "without_fold": arguments.without_fold,
    }
    adapter.write(pairs, about)
    say(f"wrote {adapter.PATH.name}, {adapter.PATH.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
