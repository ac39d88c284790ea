"""The programs in nlu/, in their own environment: the encoder, and the life of a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from nlu_kit import NLU, nlu_python
from understanding import examples

ENCODE = """
import json, sys
from understanding import minilm
vectors = minilm.shared().encode(json.load(sys.stdin))
print(json.dumps((vectors @ vectors.T).tolist()))
"""

READ = """
import json, sys
from understanding import minilm
found = [minilm.shared().read(parts).tolist() for parts in json.load(sys.stdin)]
print(json.dumps(found))
"""

CORRECT = """
import pathlib, sys
import numpy as np
from understanding import adapter
path = pathlib.Path(sys.argv[1])
dice = np.random.default_rng(0)
tensors = {name: dice.normal(size=(6, 9)).astype(np.float32) for name in ("one.weight", "other")}
change = dice.normal(0, [[0.01]] * 3 + [[1.0]] * 3, size=(6, 9)).astype(np.float32)
change[1] = 0
adapter.write({"one.weight": change}, {"weights": "these"}, path)
merged = adapter.merge(tensors, "these", path)
assert (merged["other"] == tensors["other"]).all()
off = np.abs(merged["one.weight"] - tensors["one.weight"] - change).max(axis=1)
assert (off <= np.abs(change).max(axis=1) / 250 + 1e-6).all(), off
"""

WEIGH = """
import json, sys
import numpy as np
from understanding import likeness, weigh
weights = likeness.Weights(*json.load(sys.stdin))
judged = []
for mass, crises, harmless, dart in np.random.default_rng(2).uniform(size=(20_000, 4)):
    like = likeness.Likeness(0.3 + 0.5 * crises, 0.3 + 0.5 * harmless)
    crisis = dart < likeness.chance(mass, like, weights)
    judged.append(weigh.Judged(mass, like, crisis))
print(json.dumps(weigh.learn(judged)))
"""

NEAREST = """
import json, sys
import numpy as np
from understanding import eightbits
from understanding.nearest import Nearest
count, width = json.load(sys.stdin)
dice = np.random.default_rng(3)
unit = lambda v: (v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32)
examples = unit(dice.normal(size=(5_000, width)) + 0.5)
asked = np.vstack([unit(examples[:20] + dice.normal(0, 0.02, (20, width))), np.zeros(width)])
steps, scale = eightbits.rounded(examples)
products, places = Nearest(steps, float(scale), count)(asked.astype(np.float32))
exact = asked @ examples.T
best = -np.sort(-exact, axis=1)[:, :count]
there = np.take_along_axis(exact, places, axis=1)
print(json.dumps({
    "shape": products.shape,
    "itself": places[:20, 0].tolist(),
    "off": float(np.abs(products - there).max()),
    "missed": float((best - there).max()),
}))
"""

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.argv[1], "-m", "understanding.serve", "--port", "1"])
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_the_encoder_puts_paraphrases_together() -> None:
    texts = [
        "a man is playing a guitar",
        "someone plays guitar",
        "the stock market fell sharply today",
        "share prices dropped a lot this morning",
        "",
        "a man is playing a guitar " * 60,
    ]
    similarity = _told(ENCODE, texts)
    assert similarity[0][0] == pytest.approx(1.0, abs=1e-4)
    # The adapter draws harmless things together, whatever they are about; paraphrases stay nearest.
    apart = max(similarity[0][2], similarity[0][3], similarity[1][2], similarity[1][3])
    assert min(similarity[0][1], similarity[2][3]) > apart + 0.1
    # A batch of unlike lengths must not leak padding into the short ones.
    alone = _told(ENCODE, texts[:2])
    assert alone[0][1] == pytest.approx(similarity[0][1], abs=1e-4)


def test_a_sentence_is_read_among_the_others() -> None:
    sentence, story = "i could not get out of bed", "we went to the market and bought bread"
    texts = [
        [sentence],
        [sentence, story],
        [story, sentence, ""],
        # Longer than is read at once.
        [story] * 40 + [sentence],
    ]
    found = _told(READ, texts)
    # One of the whole, and one of each sentence where there are several.
    assert [len(vectors) for vectors in found] == [1, 3, 4, 42]
    for vectors in found:
        for vector in vectors:
            assert _product(vector, vector) == pytest.approx(1.0, abs=1e-4)
    alone, among = found[0][0], found[1]
    assert 0.5 < _product(alone, among[1]) < 0.999
    assert _product(alone, among[1]) > _product(alone, among[2])
    # What has no word of its own is the whole again.
    assert _product(found[2][3], found[2][0]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("count", "width"), [(1, 384), (16, 128), (9_000, 24)])
def test_the_nearest_are_found_as_exactly_as_eight_bits_allow(count: int, width: int) -> None:
    found = _told(NEAREST, [count, width])
    assert found["shape"] == [21, min(count, 5_000)]
    assert found["itself"] == list(range(20))
    assert found["off"] < 0.02
    assert found["missed"] < 0.02


def test_what_a_look_counts_is_found_again_in_what_follows_it() -> None:
    weights = [1.0, 8.0, -5.0, -2.0]
    assert _told(WEIGH, weights) == pytest.approx(weights, rel=0.15)


def _told(code: str, given: object = None) -> Any:
    """What ``code`` prints as JSON in nlu's own environment, where it is given JSON to read."""
    done = subprocess.run(
        [nlu_python(), "-c", code],
        cwd=NLU,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _product(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_an_adapter_keeps_its_differences_in_eight_bits(tmp_path: Path) -> None:
    subprocess.run(
        [nlu_python(), "-c", CORRECT, str(tmp_path / "adapter.npz")], cwd=NLU, check=True
    )


def test_weights_that_are_not_the_expected_ones_are_refused() -> None:
    code = "from understanding import weights; weights.SHA256 = 'other'; weights.read()"
    done = subprocess.run(
        [nlu_python(), "-c", code], cwd=NLU, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "WeightsError" in done.stderr


def test_the_adapter_was_learnt_from_most_examples_but_not_from_the_held_out_fold() -> None:
    """Else `make adapt`. What the encoder never saw is read by the classifier as strangers write:
    docs/decisions/0025-a-second-look.md.
    """
    code = "import json; from understanding import adapter; print(json.dumps(adapter.about()))"
    about = _told(code)
    present = examples.files()
    seen = [
        len(found)
        for name, found in present.items()
        if about["files"].get(name) == examples.digest(found)
    ]
    assert sum(seen) >= 1 / 2 * sum(map(len, present.values()))
    assert about["without_fold"] == examples.HELD_OUT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("pass", "was made for weights"),
        ("file['encoder.layer.5.output.dense.weight.steps'][0, 0] ^= 1", "is damaged"),
    ],
)
def test_an_adapter_that_does_not_belong_is_refused(tmp_path: Path, change: str, said: str) -> None:
    code = f"""
import pathlib, sys
import numpy as np
from understanding import adapter
file = dict(np.load(adapter.PATH))
{change}
path = pathlib.Path(sys.argv[1])
np.savez(path, **file)
adapter.merge({{}}, "other weights", path)
"""
    done = subprocess.run(
        [nlu_python(), "-c", code, str(tmp_path / "adapter.npz")],
        cwd=NLU,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "AdapterError" in done.stderr
    assert said in done.stderr


def test_there_is_no_server_without_a_token() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "HOLDFAST_NLU_TOKEN"}
    done = subprocess.run(
        [nlu_python(), "-m", "understanding.serve"],
        cwd=NLU,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "HOLDFAST_NLU_TOKEN is not set" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill probes by signal 0")
def test_a_server_does_not_outlive_its_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, nlu_python()],
        cwd=NLU,
        env={**os.environ, "HOLDFAST_NLU_TOKEN": "token"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(2)
    assert _lives(child)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    deadline = time.monotonic() + 15
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # A zombie that nobody has reaped yet has ended all the same.
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
