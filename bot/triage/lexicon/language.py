"""Which language a message is in, as well as a few words can tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

_SCRIPTS = {
    "latin": re.compile("[a-z\u00c0-\u024f]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
}
_OF_SCRIPT = {
    "latin": tuple("en es pt fr de it tr id hi ru uk ar fa pl tl".split()),
    "cyrillic": ("ru", "uk"),
    "arabic": ("ar", "fa"),
    "devanagari": ("hi",),
}
# Letters only one of two languages uses, as they stand after folding.
_TELLING = {
    "uk": re.compile("[іїєґ]"),
    "ru": re.compile("[ыэъё]"),
    "fa": re.compile("[پچژگ]"),
}
_FEW_WORDS = 6
_SHARE_OF_COMMON = 0.15


def script(text: str) -> str | None:
    """The script most letters of folded ``text`` are in; None for none, or one not read."""
    letters = sum(map(str.isalpha, text))
    for name, pattern in _SCRIPTS.items():
        if letters and 2 * len(pattern.findall(text)) > letters:
            return name
    return None


def guess(
    text: str,
    words: Sequence[str],
    common: Mapping[str, Collection[str]],
    heard: Collection[str] = (),
) -> str | None:
    """The language of ``text`` (folded) and its ``words``, or None when nothing tells.

    ``common`` are everyday words by language; ``heard`` the languages whose rules matched, which
    decide where everyday words do not.
    """
    written = script(text)
    if written is None:
        return None
    candidates = _OF_SCRIPT[written]
    scores = dict.fromkeys(candidates, 0.0)
    for language in candidates:
        scores[language] += sum(word in common[language] for word in words)
        scores[language] += 0.5 * (language in heard)
        telling = _TELLING.get(language)
        if telling is not None and written != "latin" and telling.search(text):
            scores[language] += 2
    best = max(candidates, key=lambda language: scores[language])
    if written == "latin" and len(words) >= _FEW_WORDS and not heard:
        # Short words are shared by many languages: in a longer message a few of them tell nothing.
        return best if scores[best] >= _SHARE_OF_COMMON * len(words) else None
    if scores[best] > 0:
        return best
    # A script of its own is enough where only one, or mostly one, supported language uses it.
    return None if written == "latin" else candidates[0]


def is_foreign(text: str, words: Sequence[str], language: str | None) -> bool:
    """Whether ``text`` is in a script or language that nobody here reads.

    A few unknown Latin words may be a name or slang; many without one everyday word are not.
    """
    if script(text) is None:
        return True
    return language is None and len(words) >= _FEW_WORDS
