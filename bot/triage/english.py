"""Whether a word is English, or a slip in one: what is typed in haste is still that language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import resources

_EVERY_LETTER = re.compile("[a-z]+")
_RUN = re.compile(r"(.)\1+")
_SOUNDS = tuple(
    (re.compile(written), heard)
    for written, heard in (
        ("^kn", "n"),
        ("^wr", "r"),
        ("^wh", "w"),
        ("ph", "f"),
        ("ough$", "o"),
        ("gh", ""),
        ("igh", "i"),
        ("ck|qu|c(?![eiyh])|q", "k"),
        ("[td]h", "t"),
        ("ie|ei|ea|ee|ai|ay|ey", "e"),
        ("oo|ou|ow|oa", "o"),
        ("ing$", "in"),
        ("s?sion$|tion$", "shn"),
        ("(?<=[a-z]{2})[ey]$", ""),
        ("z", "s"),
        ("(?<=[a-z])[er]r?$", ""),
    )
)
"""Rough on purpose: two words that sound alike must only come out alike, whatever comes out."""

_SHARED = frozenset(
    "at bad ben bent bus can dag dan die do en even fare ha had have hen her in is kan lama mag "
    "mam man me men met mi mu na need net no of on one over pan par pas plan problem rat sad "
    "se she so some stop sum te ten to under van want was wat week wet will".split()
)
"""Words of English chats that are everyday ones in languages which the lexicons do not know."""
_SLIP_LETTERS = 5
"""Shorter words are one letter from a word of every language: those count only as they sound."""
_SOUND_LETTERS = 3


class English:
    """The words of English chats. `knows` them as they are, `nears` those with one slip in them."""

    def __init__(self, chat: Collection[str], others: Collection[str]) -> None:
        """``chat`` are words known beside those kept here; ``others`` everyday words elsewhere."""
        self._chat = listed("english.txt") | frozenset(chat)
        self._common = self._chat | listed("common.txt")
        self._others = frozenset(others) - self._common
        self._shared = (frozenset(others) | _SHARED) & self._common
        plain = {word for word in self._common if _EVERY_LETTER.fullmatch(word)}
        self._sounds = {_sound(word) for word in plain if len(word) >= _SOUND_LETTERS}
        self._slips = {slip for word in plain if len(word) >= _SLIP_LETTERS for slip in _lost(word)}

    def taught(self, word: str) -> bool:
        """Whether ``word`` is one of the few that a chat in English is full of."""
        return word in self._chat

    def knows(self, word: str) -> bool:
        """Whether ``word`` is a common English word."""
        return word in self._common

    def shares(self, word: str) -> bool:
        """Whether ``word`` is as common in another language: "no", "me", "come"."""
        return word in self._shared

    def nears(self, word: str) -> bool:
        """Whether ``word`` is a common one but for one letter, or sounds like one."""
        if word in self._common or word in self._others or not _EVERY_LETTER.fullmatch(word):
            return False
        if len(word) >= _SOUND_LETTERS and _sound(word) in self._sounds:
            return True
        if _RUN.sub(r"\1", word) in self._common or _RUN.sub(r"\1\1", word) in self._common:
            return True
        return len(word) >= _SLIP_LETTERS and any(slip in self._slips for slip in _lost(word))


def _lost(word: str) -> Iterator[str]:
    """``word``, and ``word`` without each of its letters.

    Two words that have one of these in common are one slip apart: a letter lost, added, changed
    or swapped with its neighbour, or hardly more than one.
    """
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _sound(word: str) -> str:
    """What ``word`` sounds like, roughly."""
    for written, heard in _SOUNDS:
        word = written.sub(heard, word)
    return _RUN.sub(r"\1", word)


@cache
def listed(name: str) -> frozenset[str]:
    """The words of one of the lists beside this module."""
    lines = resources.files("bot.triage").joinpath(name).read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
