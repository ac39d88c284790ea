"""Small words: answers to what the bot asked, and courtesies, in every language it asks in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Self

import yaml

from bot.core.reading import Ask, Reply
from bot.triage.lexicon.words import fold

_LONGEST_WORDS = 5
"""A longer message tells more than a yes or no, and is read as what it is."""
# (A plain yes or no would not be a word to YAML.)
_KINDS = {"agree": Reply.YES, "deny": Reply.NO, "doubt": Reply.PERHAPS}
_LETTERS = re.compile(r"[^\W_]+(?:[\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e]+[^\W_]*)*")
_APOSTROPHES = re.compile("['’‘`´]")


@dataclass(frozen=True, slots=True)
class Answers:
    """The words that answer. `load` reads them, once a process."""

    _meant: dict[tuple[str, ...], Reply]
    _begins: frozenset[tuple[str, ...]]
    _others: frozenset[tuple[str, ...]]
    _safe: frozenset[tuple[str, ...]]
    _courtesies: dict[tuple[str, ...], Ask]

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read ``answers.yml``; ValueError for a word that means two things."""
        text = resources.files("bot.triage").joinpath("answers.yml").read_text("utf-8")
        meant: dict[tuple[str, ...], Reply] = {}
        begins, others, safe = set(), set(), set()
        listing = yaml.safe_load(text)
        courtesies = {
            _words(phrase): Ask(kind)
            for kind, listed in listing.pop("courtesies").items()
            for phrase in listed.split(",")
        }
        for language, kinds in listing.items():
            for kind, listed in kinds.items():
                for phrase in map(_words, str(listed).split(",")):
                    if kind == "not_an_answer":
                        others.add(phrase)
                    elif kind == "begins":
                        begins.add(phrase)
                    elif kind == "safe":
                        safe.add(phrase)
                    if kind not in _KINDS:
                        continue
                    if meant.setdefault(phrase, _KINDS[kind]) is not _KINDS[kind]:
                        raise ValueError(f"{language}: {' '.join(phrase)} means two things")
        return cls(meant, frozenset(begins), frozenset(others), frozenset(safe), courtesies)

    def read(self, text: str) -> Reply | None:
        """What ``text`` answers, where all of it, or what a few words begin with, is an answer."""
        words = _words(text)
        if not words or len(words) > _LONGEST_WORDS:
            return None
        if (whole := self._meant.get(words)) is not None:
            return whole
        for length in range(len(words), 0, -1):
            if words[:length] in self._others:
                return None
            if words[:length] in self._begins:
                return self._doubted(self._meant[words[:length]], words[length:])
        return None

    def says_safe(self, text: str) -> bool:
        """Whether ``text`` as a whole says that they are safe."""
        return _words(text) in self._safe

    def courtesy(self, text: str) -> Ask | None:
        """The courtesy that ``text`` is as a whole, if it is one."""
        return self._courtesies.get(_words(text))

    def _doubted(self, begun: Reply, rest: tuple[str, ...]) -> Reply:
        """``begun``, unless what follows says the opposite: then nobody can tell."""
        follows = {
            self._meant[rest[n : n + length]]
            for n in range(len(rest))
            for length in range(1, len(rest) - n + 1)
            if rest[n : n + length] in self._meant
        }
        return Reply.PERHAPS if follows - {begun} and begun is not Reply.NO else begun


def _words(text: str) -> tuple[str, ...]:
    return tuple(_LETTERS.findall(fold(_APOSTROPHES.sub("", text))))
