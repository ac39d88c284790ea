"""Which texts the code names: read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bot

_KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def _trees() -> Iterator[tuple[str, ast.Module]]:
    root = Path(bot.__file__).parent
    for path in sorted(root.rglob("*.py")):
        yield str(path.relative_to(root)), ast.parse(path.read_text("utf-8"))


def named_keys(sections: set[str]) -> dict[str, str]:
    """Every plain string of the code that reads like a key of these sections, with its module."""
    found = {}
    for module, tree in _trees():
        pieces = {
            id(piece)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for piece in node.values
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in pieces
                and _KEY.fullmatch(node.value)
                and node.value.partition(".")[0] in sections
                and not node.value.endswith((".yml", ".png"))  # a file's name reads like a key
            ):
                found[node.value] = module
    return found


def families(sections: set[str]) -> dict[str, str]:
    """What every f-string that makes keys begins with, such as ``page.``, with its module."""
    found = {}
    for module, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr):
                continue
            written = ast.unparse(node)[2:-1]
            section, dot, _ = written.partition(".")
            if (
                dot
                and section in sections
                and re.fullmatch(r"[a-z_.]+(\{[^}]+\})[a-z_.]*", written)
            ):
                found[written.partition("{")[0]] = module
    return found


def said_keys() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Every call that says a text by a plain key: module, key and the names it gives.

    The names are None where the call hands on ``**values`` that the code alone does not tell.
    """
    for module, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("say", "reply") or not node.args:
                continue
            key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                names = [keyword.arg for keyword in node.keywords]
                known = None if None in names else frozenset(name for name in names if name)
                yield module, key.value, known
