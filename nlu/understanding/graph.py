"""The encoder as an ONNX graph, made from the weights. Needed once per change of the weights.

The graph takes one text, and gives vectors of as many stretches of it as are asked for.

    tokens, positions   int64, shape (t,): id, place in the text
    pooling             float32, shape (n, t): each row averages one stretch's tokens
    vectors             float32, shape (n, 384): of length one
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_EPSILON = 1e-12
_FUSED = "com.microsoft"


def write(tensors: Mapping[str, np.ndarray], path: Path) -> None:
    """Write the graph with its matrices in eight bits: 23 MB, a few seconds.

    Activations are rounded by one scale for all tokens of a run. Weights use seven of their eight
    bits: with eight, processors without dot products of bytes cut off what overflows.
    """
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        onnx.save(build(tensors), str(exact))
        logging.disable(logging.WARNING)
        try:
            quantize_dynamic(
                str(exact),
                str(path),
                op_types_to_quantize=["MatMul", "Gather"],
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                extra_options={
                    "MatMulConstBOnly": True,
                    "DefaultTensorType": TensorProto.FLOAT,
                },
            )
        finally:
            logging.disable(logging.NOTSET)


def build(tensors: Mapping[str, np.ndarray]) -> onnx.ModelProto:
    """Return the graph in float32. Raises KeyError where a tensor is missing."""
    return _Builder(tensors).model()


class _Builder:
    """Collects nodes and constants; every node is named after its one output."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        self._tensors = tensors
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        hidden = self._embedded()
        self._constant("heads", np.array([0, _HEADS, _WIDTH // _HEADS], dtype=np.int64))
        self._constant("joined", np.array([0, _WIDTH], dtype=np.int64))
        for layer in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}", hidden)
        pooled = self._node("MatMul", ["pooling", hidden], "pooled")
        self._node("LpNormalization", [pooled], "vectors", axis=-1, p=2)
        ids = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["t"])
            for name in ("tokens", "positions")
        ]
        pooling = helper.make_tensor_value_info("pooling", TensorProto.FLOAT, ["n", "t"])
        vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", _WIDTH])
        return helper.make_model(
            helper.make_graph(self._nodes, "minilm", [*ids, pooling], [vectors], self._constants),
            opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(_FUSED, 1)],
            ir_version=9,
        )

    def _embedded(self) -> str:
        t = self._tensors
        places = t["embeddings.position_embeddings.weight"]
        self._constant("words", t["embeddings.word_embeddings.weight"])
        self._constant("places", places + t["embeddings.token_type_embeddings.weight"][0])
        word = self._node("Gather", ["words", "tokens"], "word")
        place = self._node("Gather", ["places", "positions"], "place")
        name = "embeddings.LayerNorm"
        return self._node(
            "LayerNormalization",
            [
                self._node("Add", [word, place], "embedded"),
                self._constant(f"{name}.weight", t[f"{name}.weight"]),
                self._constant(f"{name}.bias", t[f"{name}.bias"]),
            ],
            "hidden",
            axis=-1,
            epsilon=_EPSILON,
        )

    def _layer(self, at: str, hidden: str) -> str:
        mixed = self._attention(f"{at}.attention.self", hidden)
        hidden = self._added(f"{at}.attention.output", mixed, hidden)
        inner = self._product(f"{at}.intermediate.dense", hidden)
        bias = self._bias(f"{at}.intermediate.dense")
        inner = self._node("BiasGelu", [inner, bias], f"{at}.inner", domain=_FUSED)
        return self._added(f"{at}.output", inner, hidden)

    def _attention(self, at: str, hidden: str) -> str:
        # The three products as one, with the scale of the scores already in the query.
        scale = {"query": np.float32(1 / np.sqrt(_WIDTH // _HEADS))}
        parts = ("query", "key", "value")
        weight, bias = (
            np.concatenate(
                [self._tensors[f"{at}.{p}.{kind}"].T * scale.get(p, np.float32(1)) for p in parts],
                axis=-1,
            )
            for kind in ("weight", "bias")
        )
        product = self._node(
            "MatMul", [hidden, self._constant(f"{at}.weight", weight)], f"{at}.product"
        )
        three = self._node("Add", [product, self._constant(f"{at}.bias", bias)], f"{at}.three")
        names = [f"{at}.{part}" for part in parts]
        self._nodes.append(
            helper.make_node("Split", [three], names, name=f"{at}.split", axis=-1, num_outputs=3)
        )
        query, key, value = (
            self._node(
                "Transpose",
                [self._node("Reshape", [name, "heads"], f"{name}.heads")],
                f"{name}.turned",
                perm=perm,
            )
            for name, perm in zip(names, ([1, 0, 2], [1, 2, 0], [1, 0, 2]), strict=True)
        )
        scores = self._node("MatMul", [query, key], f"{at}.scores")
        scores = self._node("Softmax", [scores], f"{at}.shares", axis=-1)
        mixed = self._node("MatMul", [scores, value], f"{at}.mixed")
        mixed = self._node("Transpose", [mixed], f"{at}.back", perm=[1, 0, 2])
        return self._node("Reshape", [mixed, "joined"], f"{at}.joined")

    def _added(self, at: str, told: str, hidden: str) -> str:
        norm = f"{at}.LayerNorm"
        inputs = [
            self._product(f"{at}.dense", told),
            hidden,
            self._constant(f"{norm}.weight", self._tensors[f"{norm}.weight"]),
            self._bias(norm),
            self._bias(f"{at}.dense"),
        ]
        return self._node(
            "SkipLayerNormalization", inputs, f"{at}.hidden", domain=_FUSED, epsilon=_EPSILON
        )

    def _product(self, at: str, x: str) -> str:
        weight = self._constant(f"{at}.weight", self._tensors[f"{at}.weight"].T)
        return self._node("MatMul", [x, weight], f"{at}.product")

    def _bias(self, at: str) -> str:
        return self._constant(f"{at}.bias", self._tensors[f"{at}.bias"])

    def _constant(self, name: str, array: Any) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _node(self, kind: str, inputs: Sequence[str], out: str, **settings: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [out], name=out, **settings))
        return out
