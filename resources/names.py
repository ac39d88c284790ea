"""Finding a country in what somebody typed: names, codes, flags, small slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_DROPPED_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u200b-\u200f]")
_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه"})
_INDICATORS = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SUBDIVISION = re.compile(
    "\U0001f3f4([\U000e0061-\U000e007a]{2})[\U000e0061-\U000e007a]*\U000e007f"
)
_WORD = re.compile(r"[^\W\d_][\w'’.\-]*", re.UNICODE)
_LONGEST_NAME_IN_WORDS = 5
_LONGEST_TEXT = 200


def fold(text: str) -> str:
    """``text`` without case, accents, spaces or punctuation, for comparing names."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = _DROPPED_MARKS.sub("", plain).translate(_LETTERS)
    return "".join(char for char in plain if unicodedata.category(char)[0] in "LMN")


def code_of_flag(text: str) -> str | None:
    """The ISO code of the first flag emoji in ``text``; England's flag gives GB."""
    if match := _INDICATORS.search(text):
        return "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in match[0])
    if match := _SUBDIVISION.search(text):
        return "".join(chr(ord(char) - 0xE0000) for char in match[1]).upper()
    return None


def find(
    text: str,
    index: Mapping[str, tuple[str, ...]],
    codes: Iterable[str],
    *,
    whole: bool = False,
) -> list[str]:
    """ISO codes that ``text`` may mean, best first; empty when nothing is near.

    ``index`` maps folded names to codes. Tried in turn, the first that finds anything wins: a
    flag, a code, a whole name, names inside a sentence, the beginning of a name, a name with one
    slip (two in long names). ``whole``: all of ``text`` must be the name, not a part of it.
    """
    text = text[:_LONGEST_TEXT].strip()
    known = frozenset(codes)
    flag = code_of_flag(text)
    if flag in known:
        return [flag]
    if text.upper() in known:
        return [text.upper()]
    folded = fold(text)
    if not folded:
        return []
    return (
        list(index.get(folded, ()))
        or ([] if whole else _inside(text, index, known))
        or _beginning(folded, index)
        or _near(folded, index)
    )


def _inside(text: str, index: Mapping[str, tuple[str, ...]], known: frozenset[str]) -> list[str]:
    words = _WORD.findall(text)
    found: list[str] = []
    for length in range(min(_LONGEST_NAME_IN_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            key = fold(phrase)
            # Short names are also words ("us", "in", "oz"): inside a sentence only in capitals.
            if len(key) >= 4 or (phrase.isupper() and not text.isupper()):
                found += index.get(key, ())
                found += [phrase] if phrase in known else []
        if found:
            break
    return list(dict.fromkeys(found))


def _beginning(folded: str, index: Mapping[str, tuple[str, ...]]) -> list[str]:
    if len(folded) < 3:
        return []
    hits = sorted((len(name), codes) for name, codes in index.items() if name.startswith(folded))
    return list(dict.fromkeys(code for _, codes in hits for code in codes))


def _near(folded: str, index: Mapping[str, tuple[str, ...]]) -> list[str]:
    if len(folded) < 5:
        return []
    allowed = 2 if len(folded) >= 9 else 1
    hits = sorted(
        (distance, codes)
        for name, codes in index.items()
        if abs(len(name) - len(folded)) <= allowed
        and name[0] == folded[0]
        and (distance := _slips(folded, name, allowed)) <= allowed
    )
    return list(dict.fromkeys(code for _, codes in hits for code in codes))


def _slips(left: str, right: str, enough: int) -> int:
    """Letters added, lost, changed or swapped between two words; stops past ``enough``."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > enough:
            return enough + 1
    return row[-1]
