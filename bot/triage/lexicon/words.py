"""From what somebody typed to plain words: one spelling for many ways of writing.

Everything that matches lexicons works on the tokens made here, and the lexicons' own patterns go
through ``fold`` too, so that both sides always agree. No step looks at more than a fixed number
of characters around its own, so the whole is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from types import MappingProxyType

LONGEST_READ = 8192
"""Characters looked at: twice the longest message Telegram delivers."""

STOP = "."
"""The token between sentences; no pattern reaches across it."""

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʹ`´′＇"), None)
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff]"
)
# Accents on letters, Arabic vowel signs and tatweel, the Devanagari nukta.
_MARKS = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u093c\u1ab0-\u1aff\u20d0-\u20f0]"
)
_LETTERS = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe",
        "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ٱ": "ا", "ـ": "",
        "ँ": "ं", "॥": "।",
        "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i",
        "ᴊ": "j", "ᴋ": "k", "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s",
        "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z",
    }
    | {chr(first + n): chr(97 + n) for first in (0x1F130, 0x1F150, 0x1F170) for n in range(26)}
)  # fmt: skip
_LOOKALIKES = {
    ord(char): plain
    for plain, chars in {
        "a": "аα", "b": "ьβ", "c": "сϲ", "d": "ԁ", "e": "еεҽ", "g": "ց", "h": "һ", "i": "іι",
        "j": "јϳ", "k": "кκ", "l": "ӏ", "m": "м", "n": "пη", "o": "оοσ", "p": "рρ", "q": "ԛ",
        "s": "ѕ", "t": "тτ", "u": "υ", "v": "ѵν", "w": "ԝω", "x": "хχ", "y": "уγ",
    }.items()
    for char in chars
}  # fmt: skip
_LEET = str.maketrans("0134578@$!|+", "oieastbasilt")
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:[ .\-_*]{1,2}[^\W_](?![^\W_])){3,40}")
_TOKEN = re.compile(
    r":[a-z]+:"
    r"|[@$]?[^\W_\u0900-\u097f](?:[^\W_\u0900-\u097f]|[@$!*|+](?=[^\W_]|[@$!*|+]{1,5}[^\W_]))*"
    r"|[\u0900-\u0963\u0966-\u097f]+"
    r"|[.!?;।؟]+(?=\s|$)"
)
_RUN = re.compile(r"(.)\1{2,}")
_LATIN, _OTHER = re.compile("[a-z]"), re.compile("[\u0370-\u052f]")


def fold(text: str) -> str:
    """``text`` in one case, without accents, vowel signs and apostrophes.

    Only the first ``LONGEST_READ`` characters are kept.
    """
    # Some characters become many: the limit holds for what is left to read.
    text = unicodedata.normalize("NFKC", text[:LONGEST_READ])[:LONGEST_READ]
    text = text.translate(_APOSTROPHES).casefold()
    text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", text).translate(_LETTERS)


def tokens(
    text: str,
    known: Collection[str],
    spellings: Mapping[str, tuple[str, ...]],
    emoji: Mapping[str, str],
    joins: Collection[str] = (),
    slips: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """The words of ``text``, with ``STOP`` between sentences. Never raises.

    ``known`` are words some lexicon uses: a disguised word (leet, elongated, spaced, with
    look-alike letters) is unmasked only into one of them. ``spellings`` replaces up to three
    words by others; ``emoji`` gives pictures a ``:name:``; ``joins`` are prefixes that people
    write apart from their word; ``slips`` are words mistyped, and what was meant.
    """
    plain = _HIDDEN.sub("", text[:LONGEST_READ])
    plain = "".join(f" {emoji[char]} " if char in emoji else char for char in plain)
    plain = fold(plain)

    def unspace(match: re.Match[str]) -> str:
        joined = re.sub(r"[^\w]|_", "", match[0])
        return joined if joined in known or joined in spellings else match[0]

    plain = _SPACED.sub(unspace, plain)
    latin = len(_LATIN.findall(plain)) >= len(_OTHER.findall(plain))
    words: list[str] = []
    for raw in _TOKEN.findall(plain):
        if raw[0] in ".!?;।؟":
            # An ellipsis is a pause inside a thought, not the end of one.
            if len(raw) == 1 or not set(raw) <= {"."}:
                words.append(STOP)
        else:
            words += [raw] if raw in slips else _unmask(raw, known, spellings, latin)
    # First the slips: what is to be read as another is often more than one word.
    return respell(_join([slips.get(word, word) for word in words], joins), spellings)


def _unmask(
    raw: str, known: Collection[str], spellings: Mapping[str, tuple[str, ...]], latin: bool
) -> list[str]:
    def real(word: str) -> bool:
        return word in known or word in spellings

    if real(raw):
        return [raw]
    if _OTHER.search(raw) and (latin or _LATIN.search(raw)):
        raw = raw.translate(_LOOKALIKES)
        if real(raw):
            return [raw]
    if not raw.isalpha() and any(map(str.isalpha, raw)):
        decoded = raw.translate(_LEET)
        if real(decoded):
            return [decoded]
        if "*" in raw and (hidden := _uncensor(raw, known)):
            return [hidden]
    if _RUN.search(raw):
        for kept in (r"\1", r"\1\1"):
            short = _RUN.sub(kept, raw)
            if real(short):
                return [short]
        raw = _RUN.sub(r"\1\1", raw)
    return [part for part in re.split(r"[@$!*|+]+", raw) if part]


def _uncensor(raw: str, known: Collection[str]) -> str | None:
    """The one known censorable word that fits a word with stars, if any."""
    fits = [
        word
        for word in _CENSORED
        if word in known
        and len(word) == len(raw)
        and all(a in ("*", b) for a, b in zip(raw, word, strict=True))
    ]
    return fits[0] if len(fits) == 1 and raw.count("*") <= len(raw) - 2 else None


_CENSORED = (
    "suicide", "suicidal", "kill", "killing", "die", "dead", "rape", "raped", "overdose",
    "cutting", "cut", "hang", "hanging", "murder", "suicidio", "matar", "morir", "morrer",
)  # fmt: skip


def _join(words: list[str], joins: Collection[str]) -> list[str]:
    joined: list[str] = []
    held = ""
    for word in words:
        if word in joins and not held:
            held = word
        else:
            joined.append(held + word if word != STOP else word)
            held = ""
    return joined


def respell(words: list[str], spellings: Mapping[str, tuple[str, ...]]) -> list[str]:
    """``words`` with every run of up to three that ``spellings`` names replaced, longest first."""
    plain: list[str] = []
    place = 0
    while place < len(words):
        for length in (3, 2, 1):
            key = " ".join(words[place : place + length])
            if key in spellings:
                plain += spellings[key]
                place += length
                break
        else:
            plain.append(words[place])
            place += 1
    return plain
