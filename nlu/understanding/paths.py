"""Where things lie, from this file's own place."""

from __future__ import annotations

from pathlib import Path

NLU = Path(__file__).resolve().parents[1]
CONFIG = NLU.parent / "config.yml"
DATA = NLU / "data"
LOCK = NLU / "uv.lock"
PACKAGE = NLU / "understanding"
RESULTS = NLU / "results"
TRAINED = NLU / "trained"
