"""The lexical floor: the least urgency a message can have, whatever the model says.

It runs in process beside the model, and the higher urgency of the two wins; with the model down
it decides alone. It knows no person and no history, does no I/O after ``load``, and says why by
rule id, never by the person's words.

    floor = Floor.load()
    floor.read("i dont wanna be here anymore").urgency
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bot.triage import lexicon
from bot.triage.lexicon.language import guess, is_foreign
from bot.triage.lexicon.words import STOP, fold
from models.vocabulary import Theme, Urgency

__all__ = ["Floor", "FloorReading"]

# Which theme names a message that sets off several rules of the same urgency.
_PRECEDENCE = (
    Theme.OVERDOSE,
    Theme.SUICIDE,
    Theme.VIOLENCE,
    Theme.SELF_HARM,
    Theme.SOMEONE_ELSE,
    Theme.EATING,
    Theme.PANIC,
    Theme.GRIEF,
    Theme.SUBSTANCE_USE,
    Theme.LONELINESS,
    Theme.LOW_MOOD,
    Theme.OTHER,
)


@dataclass(frozen=True, slots=True)
class FloorReading:
    """What the floor found in one message.

    ``reasons`` are rule ids. ``asks`` is None, ``human``, ``resources``, ``stop`` or ``about_bot``.
    ``unreadable`` means that silence of the rules says nothing: no words, or none the lexicons
    know; doubt pages. ``language`` is the best guess among the supported ones, or None.
    """

    urgency: Urgency
    theme: Theme
    reasons: tuple[str, ...]
    asks: str | None
    unreadable: bool
    language: str | None

    @property
    def minor(self) -> bool:
        """Whether the person seems to say that they are under age."""
        return any(reason.endswith(".minor") for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Floor:
    """The lexicons, ready to read."""

    _lexicon: lexicon.Lexicon

    @classmethod
    @cache
    def load(cls) -> Floor:
        """Read the lexicons, once a process. Raises ``LexiconError`` when one is malformed."""
        return cls(lexicon.load())

    @property
    def everyday_english(self) -> frozenset[str]:
        """The everyday English words that the lexicon knows."""
        return self._lexicon.common["en"]

    @property
    def everyday_elsewhere(self) -> frozenset[str]:
        """The everyday words of all other languages that the lexicon knows."""
        return frozenset().union(
            *(words for language, words in self._lexicon.common.items() if language != "en")
        )

    def read(self, text: str) -> FloorReading:
        """What ``text`` says at the least. Never raises, for any text."""
        words = self._lexicon.tokens(text)
        rules = self._lexicon.matches(words)
        urgency = Urgency.highest(*(rule.urgency for rule in rules))
        themes = {rule.theme for rule in rules if rule.urgency is urgency}
        wishes = {rule.asks for rule in rules} - {None}
        plain = fold(text)
        spoken = [word for word in words if word != STOP and not word.startswith(":")]
        language = guess(plain, spoken, self._lexicon.common, {rule.language for rule in rules})
        # Where only the plainest wishes are known, silence says no more than in a language unknown.
        read = language if language in lexicon.LANGUAGES else None
        silent = urgency is Urgency.NONE and not wishes
        return FloorReading(
            urgency=urgency,
            theme=min(themes, key=_PRECEDENCE.index, default=Theme.OTHER),
            reasons=tuple(rule.id for rule in rules),
            asks=next((wish for wish in lexicon.ASKS if wish in wishes), None),
            unreadable=silent and is_foreign(plain, spoken, read),
            language=language,
        )
