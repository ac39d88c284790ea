"""Ways to run the sentence encoder, side by side on one core: what decision 0014 rests on.

    cd nlu && taskset -c 0 .venv/bin/python ../bench/encoders.py

Runs in the environment of nlu/. Prints a table: milliseconds of processor time, as median and
95th percentile, for texts of 10, 30 and 200 words (cut at 126 tokens); cosine with the first row
on the validation set; size of the file.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

NLU = Path(__file__).resolve().parents[1] / "nlu"
sys.path.insert(0, str(NLU))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import tensorflow as tf  # noqa: E402
from onnxruntime.quantization.matmul_nbits_quantizer import (  # noqa: E402
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)
from scipy.special import erf  # noqa: E402
from understanding import adapt, adapter, graph, weights  # noqa: E402
from understanding.minilm import MiniLM  # noqa: E402
from understanding.normalise import normalise  # noqa: E402
from understanding.wordpiece import WordPiece  # noqa: E402

Encode = Callable[[Sequence[str]], Any]
_ROUNDS = 30
_SEED = 1


def main() -> None:
    """Measure every way and print the table."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tensors = adapter.merge(weights.read(), weights.SHA256)
    with (NLU / "validation.csv").open(encoding="utf-8", newline="") as file:
        texts = [normalise(row["text"]) for row in csv.DictReader(file)]
    sample = random.Random(_SEED).sample(texts, 200)
    with tempfile.TemporaryDirectory() as folder:
        ways = _ways(tensors, Path(folder))
        reference = None
        print("| | 10 words | 30 words | 200 words | cosine: mean, least | MB |")
        print("|---|---|---|---|---|---|")
        for name, (encode, size) in ways.items():
            vectors = np.vstack([encode([text]) for text in sample])
            reference = vectors if reference is None else reference
            near = (vectors * reference).sum(axis=1)
            times = [_timed(encode, texts, words) for words in _LENGTHS]
            print(
                f"| {name} | {' | '.join(times)} | {near.mean():.4f}, {near.min():.4f} | {size} |"
            )


_LENGTHS = (10, 30, 200)
_MAX_TOKENS = 128


def _ways(tensors: dict[str, np.ndarray], folder: Path) -> dict[str, tuple[Encode, str]]:
    pieces = WordPiece(weights.vocabulary())
    whole = folder / "float32.onnx"
    onnx.save(graph.build(tensors), str(whole))
    blocks = folder / "blocks.onnx"
    config = DefaultWeightOnlyQuantConfig(
        block_size=128, is_symmetric=True, accuracy_level=4, bits=8
    )
    quantiser = MatMulNBitsQuantizer(graph.build(tensors), algo_config=config)
    quantiser.process()
    quantiser.model.save_model_to_file(str(blocks))
    served = folder / "served.onnx"
    graph.write(tensors, served)
    found: dict[str, tuple[Encode, str]] = {
        "NumPy, float32": (_numpy(tensors, pieces), "90"),
        "TensorFlow, float32": (_tensorflow(tensors, pieces), "90"),
    }
    for name, path in (
        ("onnxruntime, float32", whole),
        ("onnxruntime, int8 in blocks of 128", blocks),
        ("onnxruntime, int8, one scale a run", served),
    ):
        encoder = MiniLM(path, weights.vocabulary())
        found[name] = (encoder.read, f"{path.stat().st_size / 1e6:.0f}")
    return found


def _timed(encode: Encode, texts: Sequence[str], words: int) -> str:
    told = " ".join(texts).split()
    dice, times = random.Random(_SEED), []
    for _ in range(_ROUNDS):
        start = dice.randrange(len(told) - words)
        text = " ".join(told[start : start + words])
        began = time.process_time()
        encode([text])
        times.append((time.process_time() - began) * 1e3)
    return f"{np.percentile(times, 50):.1f} / {np.percentile(times, 95):.1f}"


def _padded(pieces: WordPiece, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    ids = [pieces.encode(text, _MAX_TOKENS) for text in texts]
    tokens = np.zeros((len(ids), max(map(len, ids))), np.int32)
    mask = np.zeros(tokens.shape, np.float32)
    for row, own in enumerate(ids):
        tokens[row, : len(own)] = own
        mask[row, : len(own)] = 1.0
    return tokens, mask


def _tensorflow(tensors: dict[str, np.ndarray], pieces: WordPiece) -> Encode:
    shapes = [tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, None), tf.float32)]
    encoder = adapt.Encoder(tf, tensors, range(6))

    @tf.function(input_signature=shapes, autograph=False)
    def encode(tokens: Any, mask: Any) -> Any:
        hidden = encoder(tokens, mask) * mask[:, :, None]
        return tf.nn.l2_normalize(tf.reduce_sum(hidden, 1), -1)

    return lambda texts: encode(*_padded(pieces, texts)).numpy()


def _numpy(tensors: dict[str, np.ndarray], pieces: WordPiece) -> Encode:
    fixed = {
        name: np.ascontiguousarray(tensor.T if name.endswith("weight") else tensor)
        for name, tensor in tensors.items()
        if (tensor.ndim == 2 and name.startswith("encoder")) or tensor.ndim == 1
    }

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        weight = fixed[f"{name}.weight"]
        flat = x.reshape(-1, x.shape[-1]) @ weight + fixed[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], weight.shape[1])

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        return centred / np.sqrt(variance + 1e-12) * fixed[f"{name}.weight"] + fixed[f"{name}.bias"]

    def encode(texts: Sequence[str]) -> np.ndarray:
        tokens, mask = _padded(pieces, texts)
        rows, length = tokens.shape

        def heads(x: np.ndarray) -> np.ndarray:
            return x.reshape(rows, length, 12, -1).transpose(0, 2, 1, 3)

        x = tensors["embeddings.word_embeddings.weight"][tokens]
        x = x + tensors["embeddings.position_embeddings.weight"][:length]
        x = norm(x + tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        far = (mask - 1.0)[:, None, None, :] * np.float32(1e9)
        for layer in range(6):
            at = f"encoder.layer.{layer}"
            query, key, value = (
                heads(linear(x, f"{at}.attention.self.{part}"))
                for part in ("query", "key", "value")
            )
            scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(32)) + far
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
            mixed = mixed.transpose(0, 2, 1, 3).reshape(rows, length, -1)
            told = linear(mixed, f"{at}.attention.output.dense")
            x = norm(x + told, f"{at}.attention.output.LayerNorm")
            inner = linear(x, f"{at}.intermediate.dense")
            inner = inner * np.float32(0.5) * (1 + erf(inner / np.float32(np.sqrt(2.0))))
            x = norm(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        pooled = (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    return encode


if __name__ == "__main__":
    main()
