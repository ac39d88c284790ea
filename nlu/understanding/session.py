"""How graphs are run: each on the core that asks."""

from __future__ import annotations

import onnxruntime


def on_one_core(graph: bytes | str) -> onnxruntime.InferenceSession:
    """Return a session of ``graph``, a file's name or its content; threads may share it."""
    options = onnxruntime.SessionOptions()
    # One message is too small to share: threads would mostly wait for one another.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Lengths differ from message to message: a plan for the last is no use for the next.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
