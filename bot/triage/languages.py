"""Which language a message is written in, as far as a few words can tell.

Scripts are told apart by their letters, languages of one script by the library lingua, English by
whether its words are known or hardly misspelt. Short Latin texts are never called foreign: a name,
a greeting or slang looks like any language. Everything runs offline and within a millisecond.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from lingua import ConfidenceValue, Language, LanguageDetector, LanguageDetectorBuilder

from bot.triage.english import English

_LATIN = "a-z\u00aa\u00ba\u00c0-\u02af\u1d00-\u1dbf\u1e00-\u1eff"
_SCRIPTS = {
    "latin": f"[{_LATIN}]",
    "cyrillic": "[\u0400-\u052f]",
    "arabic": "[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]",
    "devanagari": "[\u0900-\u097f]",
    "el": "[\u0370-\u03ff\u1f00-\u1fff]",
    "he": "[\u0590-\u05ff]",
    "bn": "[\u0980-\u09ff]",
    "ta": "[\u0b80-\u0bff]",
    "th": "[\u0e00-\u0e7f]",
    "am": "[\u1200-\u139f]",
    "ko": "[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]",
    "ja": "[\u3040-\u30ff]",
    "zh": "[\u3400-\u4dbf\u4e00-\u9fff]",
}
"""By name; a script that one language of ours is written in bears that language's name."""
_COMPILED = {name: re.compile(letters) for name, letters in _SCRIPTS.items()}
_ANY_LATIN = _COMPILED["latin"]
_LOOKALIKES = re.compile("[\u0370-\u052f]")
_MARKED = re.compile("[\u0100-\u024f\u1e00-\u1eff]|[\u00df-\u00f6\u00f8-\u00ff]")
# Letters that Pashto, which lingua does not know, has for itself.
_PASHTO = re.compile("[ټډړږښګڼېۍځڅ]")
_URDU = re.compile("[ٹڈڑںے]")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e][^\W\d_]*)*")
_LINK = re.compile(r"https?://\S+|[@#/]\w+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼ`´"), None)

_FEW_WORDS = 3
"""Latin texts with fewer words are not placed."""
_ENGLISH_ENOUGH = 0.4
"""With at least this share of English words a text is English, whatever lingua makes of it."""
_ENGLISH_BY_SLIPS = 0.6
"""The share where no word is English alone: all are slips, or words of other languages too."""
_SLIP_COUNTS = 0.75
"""What a word with a slip in it counts for, beside a word that is right."""
_SHORT_WORDS = 24
"""Slips are looked for in texts up to here: in longer ones lingua needs no help."""
_SLIPS_TELL = 1 / 3
"""With this share of words that may be slips in English, another language is only guessed."""
_LIKE_ENGLISH = 0.2
"""English is not out of the question while it has this share of the best language's confidence."""
_HARDLY_ENGLISH = 0.02
_CERTAIN_WORDS = 4
_CONFIDENT = 0.25
"""Under this confidence of lingua's the language itself stays open."""
_LONGEST = 1000
"""Characters looked at: more say nothing new."""

_NAMES = (
    "ENGLISH SPANISH PORTUGUESE FRENCH GERMAN ITALIAN TURKISH INDONESIAN POLISH DUTCH ROMANIAN "
    "VIETNAMESE SWAHILI TAGALOG SWEDISH CZECH HUNGARIAN FINNISH CROATIAN ALBANIAN SOMALI "
    "RUSSIAN UKRAINIAN BULGARIAN SERBIAN BELARUSIAN KAZAKH ARABIC PERSIAN URDU HINDI MARATHI"
).split()
"""Those we have texts in, and neighbours that would else be taken for them or for English."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text belongs.

    ``language`` is its ISO 639-1 code, or None where it stays open. ``foreign``: it is not English.
    ``certain``: so surely that nothing an English reader makes of it counts. ``guessed``: so little
    that it may be English with slips in it after all.
    """

    language: str | None = None
    foreign: bool = False
    certain: bool = False
    guessed: bool = False


_OPEN = Placed()


class Languages:
    """Tells languages apart. `load` makes one for the whole process."""

    def __init__(self, detector: LanguageDetector, english: English) -> None:
        self._detector = detector
        self._english = english

    @classmethod
    def load(cls, everyday: Collection[str], elsewhere: Collection[str] = ()) -> Self:
        """Ready to place texts.

        ``everyday`` are English words beside those kept here, ``elsewhere`` those of the others.
        """
        detector = (
            LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in _NAMES))
            .with_low_accuracy_mode()
            .build()
        )
        return cls(detector, English(everyday, elsewhere))

    def place(self, text: str) -> Placed:
        """Where ``text`` belongs. Never raises; what is too short to tell is not foreign."""
        plain, words = _plain(text), _words(text)
        script = _script(words)
        if script is None:
            return _OPEN
        if script == "latin" and any(map(_is_disguised, words)):
            return _OPEN
        if script == "latin":
            return self._place_latin(plain, words)
        return Placed(self._of_script(script, plain), foreign=True, certain=True)

    def knows(self, text: str) -> bool:
        """Whether every word of ``text`` is one that English chats use."""
        words = _words(text)
        return bool(words) and all(map(self._english.taught, words))

    def _place_latin(self, text: str, words: list[str]) -> Placed:
        known = [word for word in words if self._english.knows(word)]
        # What is as common in another language tells nothing where no other word is English.
        telling = sum(not self._english.shares(word) for word in known)
        if telling and len(known) >= _ENGLISH_ENOUGH * len(words):
            return Placed("en") if len(words) >= _FEW_WORDS else _OPEN
        slips = sum(map(self._english.nears, words)) if len(words) <= _SHORT_WORDS else 0
        enough = _ENGLISH_ENOUGH if telling else _ENGLISH_BY_SLIPS
        if len(known) + _SLIP_COUNTS * slips >= enough * len(words):
            return _OPEN
        found = self._detector.compute_language_confidence_values(text)
        best = found[0]
        english = next((one.value for one in found if one.language == Language.ENGLISH), 0.0)
        likeness = english / best.value if best.value else 1.0
        hardly = likeness < _HARDLY_ENGLISH
        if len(words) < _FEW_WORDS:
            clear = not known and hardly and bool(_MARKED.search(text))
            return Placed(_code(best), foreign=clear) if clear else _OPEN
        if likeness >= _LIKE_ENGLISH:
            return _OPEN
        certain = not known and len(words) >= _CERTAIN_WORDS and hardly
        guessed = telling > 0 or not hardly or slips >= _SLIPS_TELL * len(words)
        return Placed(_code(best), foreign=True, certain=certain, guessed=guessed and not certain)

    def _of_script(self, script: str, text: str) -> str | None:
        if script == "arabic":
            if _PASHTO.search(text):
                return "ps"
            if _URDU.search(text):
                return "ur"
        if script in ("cyrillic", "arabic", "devanagari"):
            found = self._detector.compute_language_confidence_values(text)
            return _code(found[0])
        return script if script in _COMPILED else None


def _plain(text: str) -> str:
    return _LINK.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST]).lower())


def _words(text: str) -> list[str]:
    return _WORD.findall(_plain(text).translate(_APOSTROPHES))


def _script(words: list[str]) -> str | None:
    """The script of most letters; ``other`` for one we do not know, None where too few tell."""
    letters: dict[str, int] = {}
    longest = 0
    for word in words:
        # One Latin letter makes the word Latin: look-alikes of other scripts are a disguise.
        if _ANY_LATIN.search(word):
            letters["latin"] = letters.get("latin", 0) + len(word)
            continue
        longest = max(longest, len(word))
        for letter in word:
            name = next((n for n, one in _COMPILED.items() if one.match(letter)), "other")
            letters[name] = letters.get(name, 0) + 1
    if not letters:
        return None
    if letters.get("ja"):
        # Japanese mixes its own letters with Chinese ones.
        letters["ja"] += letters.pop("zh", 0)
    best = max(letters, key=lambda name: letters[name])
    # A lone letter of another script is a picture: ツ, ಠ.
    return None if best != "latin" and longest < 2 else best


def _is_disguised(word: str) -> bool:
    """Whether letters of other scripts stand in for Latin ones, which only disguise does."""
    return bool(_ANY_LATIN.search(word) and _LOOKALIKES.search(word))


def _code(found: ConfidenceValue) -> str | None:
    return found.language.iso_code_639_1.name.lower() if found.value >= _CONFIDENT else None
