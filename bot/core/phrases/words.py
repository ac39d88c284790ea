"""What every phrase is made of: tokens, names of days and months, and how a reading can fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "mon monday mondays",
            "tue tues tuesday tuesdays",
            "wed weds wednesday wednesdays",
            "thu thur thurs thursday thursdays",
            "fri friday fridays",
            "sat saturday saturdays",
            "sun sunday sundays",
        )
    )
    for name in names.split()
}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
NUMBERS = {
    word: number
    for number, words in enumerate(
        "a|an|one two|couple three four five six seven eight nine ten eleven twelve".split(), 1
    )
    for word in words.split("|")
}
DASHES = str.maketrans("–—−‑", "----")


class NotUnderstood(ValueError):
    """Words that mean no day, time or zone here.

    ``part`` is what could not be read; ``expected`` names the text that says what belongs there.
    """

    def __init__(self, part: str, expected: str) -> None:
        super().__init__(part)
        self.part = part
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Meaning(Generic[T_co]):
    """One thing that words can mean.

    ``phrase`` says the same so that it has this meaning alone: it may be put in the words' place.
    """

    value: T_co
    phrase: str


class Unclear(ValueError):
    """Words that can mean several things: whoever wrote them is asked which.

    ``part`` is what they wrote; ``meanings`` are at least two. ``is_first``: they are days, and it
    is asked which is the first of what recurs.
    """

    def __init__(
        self, part: str, meanings: Sequence[Meaning[object]], *, is_first: bool = False
    ) -> None:
        super().__init__(part)
        self.part = part
        self.meanings = tuple(meanings)
        self.is_first = is_first


def the_one(part: str, meanings: Sequence[Meaning[T]], expected: str) -> T:
    """What ``part`` means; `NotUnderstood` where it means nothing, `Unclear` if several things."""
    if not meanings:
        raise NotUnderstood(part, expected)
    if len(meanings) > 1:
        raise Unclear(part, meanings)
    return meanings[0].value


def different(meanings: Iterable[Meaning[T]]) -> list[Meaning[T]]:
    """Each meaning once, in their order."""
    found: dict[T, Meaning[T]] = {}
    for one in meanings:
        found.setdefault(one.value, one)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Token:
    """One word, in lower case and as it was written. A range's dash or ``to`` is ``-``."""

    word: str
    written: str


_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_TOKEN = re.compile(r"\d{4}_\d{1,2}_\d{1,2}|-|,|&|[^\s,&-]+")
_RANGE = {"-", "to", "until", "till", "til", "through", "thru"}
_AND = {",", "&", "and", "+"}


def tokens(text: str) -> list[Token]:
    """``text`` in words: dashes and ``to`` stand alone, ``6 p.m.`` and ISO dates are one."""
    plain = text.translate(DASHES)
    plain = re.sub(r"\b([ap])\.m\.?(?!\w)", r"\1m", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\d)\s+(?=[ap]m\b)", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\d)\s*o['’]?clock\b", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"\bbetween\s+(\S+)\s+and\s+", r"\1 - ", plain, flags=re.IGNORECASE)
    plain = _DATE.sub(r"\1_\2_\3", plain)
    found = []
    for match in _TOKEN.finditer(plain):
        word = match[0].lower()
        if word in _RANGE:
            found.append(Token("-", match[0]))
        elif word in _AND:
            found.append(Token(",", match[0]))
        else:
            found.append(Token(word, match[0]))
    return found


def written(some: Sequence[Token]) -> str:
    """The tokens as they were written, near enough to be recognised."""
    text = " ".join(one.written for one in some)
    text = re.sub(r"(\d{4})_(\d{1,2})_(\d{1,2})", r"\1-\2-\3", text)
    return re.sub(r"\s*-\s*", "-", text).replace(" ,", ",")


def words(some: Sequence[Token]) -> tuple[str, ...]:
    """The words alone, for comparing."""
    return tuple(one.word for one in some)


def strip(
    some: Sequence[Token], leading: Iterable[str], trailing: Iterable[str] = ()
) -> list[Token]:
    """The tokens without filling words such as ``on`` or ``at`` at their ends."""
    rest = list(some)
    while rest and rest[0].word in set(leading):
        del rest[0]
    while rest and rest[-1].word in set(trailing):
        del rest[-1]
    return rest
