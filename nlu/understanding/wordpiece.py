"""BERT's uncased WordPiece tokenizer. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_LONGEST_WORD = 100


class WordPiece:
    """Turns text into token ids of ``vocabulary``, with ``[CLS]`` and ``[SEP]`` around them."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._ids = {token: i for i, token in enumerate(vocabulary)}
        self._cls = self._ids["[CLS]"]
        self._sep = self._ids["[SEP]"]
        self._unknown = self._ids["[UNK]"]

    def encode(self, text: str, limit: int) -> list[int]:
        """Return at most ``limit`` ids; a longer text keeps its beginning."""
        ids = [self._cls]
        for word in _words(text):
            ids.extend(self._pieces(word))
            if len(ids) >= limit - 1:
                break
        return [*ids[: limit - 1], self._sep]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        ids: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else f"##{word[start:end]}"
                if piece in self._ids:
                    ids.append(self._ids[piece])
                    start = end
                    break
            else:
                return [self._unknown]
        return ids


def _words(text: str) -> Iterator[str]:
    word: list[str] = []
    for char in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(char)
        if category == "Mn":
            continue
        blank = char.isspace() or category in ("Cc", "Cf")
        alone = _is_punctuation(char, category) or _is_ideograph(char)
        if (blank or alone) and word:
            yield "".join(word)
            word = []
        if alone:
            yield char
        elif not blank:
            word.append(char)
    if word:
        yield "".join(word)


def _is_punctuation(char: str, category: str) -> bool:
    # BERT counts every ASCII sign as punctuation, also "$", "^" and "`".
    return category.startswith("P") or (char.isascii() and not char.isalnum() and char > " ")


def _is_ideograph(char: str) -> bool:
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    )
