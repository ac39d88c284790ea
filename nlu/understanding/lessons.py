"""What the encoder learns from: examples as they are, and in company. Pure.

People seldom write one sentence. So some examples are laid among harmless ones, and both the whole
and each part are learnt: a crisis among small talk is a crisis, and the small talk is none. Some
get a slip of the fingers or lose their punctuation.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from understanding.examples import Example
from understanding.normalise import normalise
from understanding.table import Meaning
from understanding.wordpiece import WordPiece

LONGEST = 128
"""Tokens of a lesson; what is longer is cut."""
_IN_COMPANY = 0.3
_SLIPPED = 0.1
_PART = 0.5
"""Weight of a part beside the whole."""
_MOST_WORDS = 60
"""Longer examples are company enough for themselves."""
_COMPANY_WORDS = 30
_COMPANIONS = (1, 1, 1, 2, 2, 3, 4, 5)
_BREAKS = (".", ".", "", "\n", ",")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Mark(NamedTuple):
    """A stretch of a lesson's tokens, and the intent to be read from it."""

    start: int
    end: int
    intent: str
    weight: float


class Lesson(NamedTuple):
    """A text as the encoder reads it."""

    ids: list[int]
    marks: list[Mark]
    """The whole first, then the parts where there are several."""


class Teacher:
    """Makes lessons of examples: other ones each time round."""

    def __init__(
        self,
        examples: Sequence[Example],
        meanings: Mapping[str, Meaning],
        pieces: WordPiece,
        dice: random.Random,
    ) -> None:
        self._examples = examples
        self._meanings = meanings
        self._pieces = pieces
        self._dice = dice
        short = [e for e in examples if len(e.text.split()) <= _COMPANY_WORDS]
        self._harmless, self._sad = (
            [e for e in short if self._keeps_company(e) and meanings[e.intent].urgency == urgency]
            for urgency in ("none", "support")
        )
        self._plain = [self._alone(e.intent, e.text) for e in examples]

    def plain(self) -> list[Lesson]:
        """Every example as it stands: the lessons that come again each time."""
        return self._plain

    def lessons(self) -> list[Lesson]:
        """One time round: one lesson for each example, in their order."""
        return [self._lesson(i) for i in range(len(self._examples))]

    def _lesson(self, place: int) -> Lesson:
        example, dice = self._examples[place], self._dice
        few = len(example.text.split()) <= _MOST_WORDS
        if few and self._keeps_company(example) and dice.random() < _IN_COMPANY:
            return self._in_company(example)
        text = self._slipped(example.text)
        return self._plain[place] if text == example.text else self._alone(example.intent, text)

    def _keeps_company(self, example: Example) -> bool:
        """Not what asks something of the bot, or of a machine: it would still be asked."""
        asks = self._meanings[example.intent].asks is not None
        return not asks and example.intent not in ("practical_request", "fact_question")

    def _alone(self, intent: str, text: str) -> Lesson:
        ids = self._pieces.encode(normalise(text), LONGEST)
        return Lesson(ids, [Mark(0, len(ids), intent, 1.0)])

    def _in_company(self, example: Example) -> Lesson:
        """The example among others that are no more urgent: its intent is that of the whole."""
        dice = self._dice
        distressed = self._meanings[example.intent].urgency != "none"
        parts = [
            dice.choice(self._sad if distressed and dice.random() < 0.3 else self._harmless)
            for _ in range(dice.choice(_COMPANIONS))
        ]
        parts.insert(dice.randint(0, len(parts)), example)
        stop = dice.choice(_BREAKS)
        ids, marks = [], []
        for part in parts:
            text = self._slipped(part.text.rstrip(" .") or part.text)
            first, *body, last = self._pieces.encode(normalise(text + stop), LONGEST)
            if body and len(ids) + len(body) + 2 <= LONGEST:
                marks.append(Mark(len(ids) + 1, len(ids) + len(body) + 1, part.intent, _PART))
                ids += body
            elif part is example:
                return self._alone(example.intent, example.text)
        ids = [first, *ids, last]
        return Lesson(ids, [Mark(0, len(ids), example.intent, 1.0), *marks])

    def _slipped(self, text: str) -> str:
        if self._dice.random() < _SLIPPED:
            text = "".join(char for char in text if char not in ".,;:!'\"’") or text
        if self._dice.random() < _SLIPPED:
            text = self._mistyped(text)
        return text

    def _mistyped(self, text: str) -> str:
        dice, place = self._dice, self._dice.randrange(len(text))
        if not text[place].isalpha():
            return text
        before, letter, after = text[:place], text[place], text[place + 1 :]
        return dice.choice(
            (
                before + after,
                before + letter + letter + after,
                before + dice.choice(_LETTERS) + after,
                before + after[:1] + letter + after[1:],
            )
        )
