"""The pure parts of the NLU, importable here, and the real server for the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from nlu_kit import NLU, Server, running

# nlu/ is a project of its own and not installed here. Its pure modules need nothing but PyYAML.
sys.path.insert(0, str(NLU))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server; the test is skipped without nlu/.venv, or fails under CI=true."""
    with running(tmp_path_factory.mktemp("nlu") / "server.txt") as started:
        yield started
