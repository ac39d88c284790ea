"""Brings the ways people write distress back to plain English. Pure: no Rasa, no I/O.

Algospeak ("unalive"), leetspeak ("su1c1de"), masked letters ("k*ll"), spaced-out letters
("d i e"), elongation ("heeelp"), emoji with a meaning, fancy fonts, look-alike letters from other
scripts, invisible characters, curly quotes and chat abbreviations. Text in other languages passes
unchanged but for case. The result is for reading by the model only; people see the original.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product

from understanding.lexicon import (
    DOUBLED,
    EMOJI,
    HIDDEN_WORDS,
    LEET,
    LOOKALIKES,
    PHRASES,
    SMALL_WORDS,
    WORDS,
)

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)

_PUNCTUATION = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "‛": "'",
        "ʼ": "'",
        "′": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "…": "...",
    }
)

_SPACED = re.compile(r"(?<![^\W_])(?:[a-z][ .\-_*~,]{1,2}){2,}[a-z](?![^\W_'])")
_SEPARATORS = re.compile(r"[ .\-_*~,]+")
_RUN = re.compile(r"([a-z])\1{2,}")
_LEETED = re.compile(r"[0-9@$!|+€]")
_TOKEN = re.compile(r"[^\s]+")
_EDGES = re.compile(r"^([^\w@$*]*)(.*?)([^\w@$*!|]*)$", re.S)
_BLANKS = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return ``text`` in plain lower-case words; an empty string where nothing readable is left.

    Never raises for a ``str`` and always terminates in time linear in its length. Normalising
    twice gives what normalising once gives, for text without newly formed abbreviations.
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_PUNCTUATION)
    text = _without_marks(_spell_emoji(text)).lower()
    text = _SPACED.sub(lambda m: _join(m.group()), text)
    text = _TOKEN.sub(lambda m: _plain_token(m.group()), text)
    for pattern, words in PHRASES:
        text = pattern.sub(words, text)
    return _BLANKS.sub(" ", text).lstrip("/ ").rstrip()


def _spell_emoji(text: str) -> str:
    out: list[str] = []
    last = ""
    for char in text:
        if char < "\u2190":
            out.append(char)
            last = ""
            continue
        word = EMOJI.get(char)
        if word is not None:
            # A row of the same emoji says the same thing once.
            out.append(" " if word == last else f" {word} ")
            last = word
        elif unicodedata.category(char) in ("So", "Sk", "Cn", "Cs", "Co"):
            out.append(" ")
        else:
            out.append(char)
            last = ""
    return "".join(out)


def _without_marks(text: str) -> str:
    """Drop combining marks from Latin text ("ḱíll"); other scripts need theirs."""
    out: list[str] = []
    base_is_latin = True
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            if not base_is_latin:
                out.append(char)
            continue
        base_is_latin = char < "\u0250"
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


def _join(spaced: str) -> str:
    """Join spaced-out letters into words, if the letters make words."""
    words = re.split(r" {2,}", spaced)
    joined = [_SEPARATORS.sub("", word) for word in words]
    segmented = [_segment(word) for word in joined]
    if all(segmented):
        return " ".join(word for word in segmented if word)
    return spaced


def _segment(letters: str) -> str | None:
    """Split run-together letters into known words, the fewest, or None if they can't be."""
    known = HIDDEN_WORDS | SMALL_WORDS
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 12), end):
            head = best[start]
            if head is None or letters[start:end] not in known:
                continue
            current = best[end]
            if current is None or len(head) + 1 < len(current):
                best[end] = (*head, letters[start:end])
    words = best[-1]
    if not words or not any(word in HIDDEN_WORDS for word in words):
        return None
    return " ".join(words)


def _plain_token(token: str) -> str:
    if token in WORDS:
        return WORDS[token]
    match = _EDGES.match(token)
    if match is None:
        return token
    before, core, after = match.groups()
    return f"{before}{_plain_word(core)}{after}" if core else token


def _plain_word(word: str) -> str:
    if not word.isascii() and any("a" <= char <= "z" for char in word):
        # Only in words that also hold Latin letters: Cyrillic text stays what it is.
        word = word.translate(LOOKALIKES)
    # A closing exclamation mark may stand for an "i" ("su!"), but mostly it is what it looks like.
    stem = word.rstrip("!|+")
    if stem != word and (stem in WORDS or not _LEETED.search(stem)):
        return f"{_plain_word(stem)}{word[len(stem) :]}" if stem else word
    if word in WORDS:
        return WORDS[word]
    if len(word) <= 20:
        if "*" in word.strip("*"):
            word = _unmask(word)
        elif _LEETED.search(word) and any(char.isalpha() for char in word):
            word = _unleet(word)
    if _RUN.search(word):
        word = _shorten_runs(word)
    return WORDS.get(word, word)


def _unmask(word: str) -> str:
    pattern = re.compile(re.escape(word).replace(r"\*", "[a-z]"))
    matches = {hidden for hidden in HIDDEN_WORDS if pattern.fullmatch(hidden)}
    return matches.pop() if len(matches) == 1 else word


def _unleet(word: str) -> str:
    if sum(char in LEET for char in word) > 6:
        return word
    for letters in product(*(LEET.get(char, char) for char in word)):
        candidate = "".join(letters)
        if candidate in HIDDEN_WORDS:
            return WORDS.get(candidate, candidate)
    stripped = word.rstrip("!|+")
    return f"{_unleet(stripped)}{word[len(stripped) :]}" if stripped != word else word


def _shorten_runs(word: str) -> str:
    doubled = _RUN.sub(r"\1\1", word)
    return doubled if doubled in DOUBLED else _RUN.sub(r"\1", word)
