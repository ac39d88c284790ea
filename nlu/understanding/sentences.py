"""Cuts a message into the pieces that are judged one by one. Pure: no Rasa, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_WORDS = 40
"""A piece with more words is cut again: people in distress often write without full stops, and
one sentence that matters must not drown in two hundred words that don't."""

MIN_WORDS = 3
"""A piece with fewer words joins its neighbour: "Please." says nothing alone."""

_END = re.compile(r"(?:[.!?…。！？؟।]+[\"'”’)\]]*(?=\s|$))|\n+")
_ABBREVIATION = re.compile(r"(?:^|\s)(?:mr|mrs|ms|dr|st|prof|vs|etc|e\.g|i\.e|approx|no)\.$", re.I)
_WORD = re.compile(r"\S+")
_SOFT_BREAK = re.compile(r"[,;:]$")
_CONJUNCTIONS = frozenset({"and", "but", "so", "because", "then", "or", "plus", "also"})


class Span(NamedTuple):
    """Half-open offsets, in characters of the original text."""

    start: int
    end: int


def split(text: str) -> list[Span]:
    """Return the pieces of ``text`` in order, without outer blanks; none for a blank text.

    Nothing but blanks lies outside the pieces.
    """
    pieces: list[Span] = []
    for piece in _sentences(text):
        if pieces and (_words(text, piece) < MIN_WORDS or _words(text, pieces[-1]) < MIN_WORDS):
            pieces[-1] = Span(pieces[-1].start, piece.end)
        else:
            pieces.append(piece)
    return [part for piece in pieces for part in _shorten(text, piece)]


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[start : match.end()]):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    body = piece.strip()
    if body:
        yield Span(start + lead, start + lead + len(body))


def _words(text: str, span: Span) -> int:
    return len(text[span.start : span.end].split())


def _shorten(text: str, span: Span) -> Iterator[Span]:
    """Cut a long piece at the last comma or conjunction that keeps it short, else by count."""
    words = [
        Span(span.start + m.start(), span.start + m.end())
        for m in _WORD.finditer(text[span.start : span.end])
    ]
    while len(words) > MAX_WORDS:
        cut = MAX_WORDS
        for i in range(MAX_WORDS, MAX_WORDS // 2, -1):
            before, after = words[i - 1], words[i]
            if (
                _SOFT_BREAK.search(text[before.start : before.end])
                or text[after.start : after.end].lower() in _CONJUNCTIONS
            ):
                cut = i
                break
        yield Span(words[0].start, words[cut - 1].end)
        words = words[cut:]
    yield Span(words[0].start, words[-1].end)
