"""Cutting texts to the length that Telegram takes, which it counts in UTF-16 code units."""

from __future__ import annotations

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024


def units(text: str) -> int:
    """The length of ``text`` as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, room: int) -> list[str]:
    """``text`` in parts of at most ``room`` units, cut at a line, a space, or where it must be.

    An empty text has no parts. ``room`` is at least 2, the width of the widest character.
    """
    parts = []
    rest = text
    while units(rest) > room:
        end = _longest_prefix(rest, room)
        cut = max(rest.rfind("\n", 0, end), rest.rfind(" ", 0, end))
        if cut <= end // 2:
            cut = end - 1
        parts.append(rest[: cut + 1].rstrip() or rest[: cut + 1])
        rest = rest[cut + 1 :].lstrip()
    return [*parts, rest] if rest else parts


def _longest_prefix(text: str, room: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > room:
            return index
    return len(text)
