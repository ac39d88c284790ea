"""The lexicons: one reviewed YAML file a language, read into one machine.

See README.md in this folder for how the files are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from bot.triage.english import listed
from bot.triage.lexicon.patterns import Graph, PatternError, Piece, parse
from bot.triage.lexicon.words import STOP, fold, respell, tokens
from models.vocabulary import Theme, Urgency

LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "ru", "uk", "tr", "ar", "fa", "hi", "id")
PLAINEST = ("pl", "tl")
"""Languages of which nothing is heard but the plainest wishes to die."""
ASKS = ("stop", "human", "resources", "about_bot")
"""What may be asked of the bot; of several in one message the first counts."""
_COVERED = "\0"
_LONG = 5
"""Letters of a word that is still itself with one more or less."""
_ROLES = ("patterns", "unless")


class LexiconError(Exception):
    """A lexicon file is missing, malformed or says two things at once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a match means. A guard's rule may mean nothing: urgency ``none``, no wish."""

    id: str
    language: str
    urgency: Urgency
    theme: Theme
    asks: str | None = None


@dataclass(slots=True)
class Lexicon:
    """All rules of all languages, ready to be matched."""

    rules: list[Rule] = field(default_factory=list)
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    slips: dict[str, str] = field(default_factory=dict)
    emoji: dict[str, str] = field(default_factory=dict)
    joins: set[str] = field(default_factory=set)
    common: dict[str, frozenset[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    _guards: Graph = field(default_factory=Graph)
    _graph: Graph = field(default_factory=Graph)
    # For each pattern number in the graph: its rule, and whether it speaks for or against it.
    _meaning: list[tuple[int, bool]] = field(default_factory=list)

    def tokens(self, text: str) -> list[str]:
        """``text`` as the words the rules are matched against."""
        words = tokens(text, self.known, self.spellings, self.emoji, self.joins, self.slips)
        while words and words[-1] == STOP:
            words.pop()
        return words

    def matches(self, words: Sequence[str]) -> list[Rule]:
        """The rules that ``words`` (from ``tokens``) set off, in the order of the files."""
        open_words = list(words)
        found: set[int] = set()
        for number, start, end in self._guards.find(words, STOP):
            found.add(number)
            for place in range(start, min(end, len(words))):
                if words[place] != STOP:
                    open_words[place] = _COVERED
        against: set[int] = set()
        for number, _, _ in self._graph.find(open_words, STOP):
            rule, speaks_for = self._meaning[number]
            (found if speaks_for else against).add(rule)
        return [self.rules[rule] for rule in sorted(found - against)]


def load() -> Lexicon:
    """Read every language. Raises ``LexiconError``, naming the file and rule at fault."""
    files = {language: _read(language) for language in (*LANGUAGES, *PLAINEST)}
    lexicon = Lexicon()
    for language, content in files.items():
        lexicon.common[language] = frozenset(fold(content["common"]).split())
        lexicon.joins.update(map(fold, content.get("joins", ())))
        for picture, name in content.get("emoji", {}).items():
            lexicon.emoji[picture] = f":{name}:"
        for written, meant in content.get("spellings", {}).items():
            _spell(lexicon, fold(str(written)), tuple(fold(str(meant)).split()), language)
    for language, content in files.items():
        _add(lexicon, language, content)
    everyday = frozenset().union(*lexicon.common.values())
    lexicon.known = lexicon._guards.words | lexicon._graph.words | everyday
    taken = lexicon.known | lexicon.spellings.keys() | listed("common.txt") | listed("english.txt")
    for content in files.values():
        for keyword in fold(content.get("keywords", "")).split():
            for slip in _slips(keyword):
                if slip not in taken:
                    lexicon.slips.setdefault(slip, keyword)
    return lexicon


def _read(language: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = resources.files(__name__).joinpath(f"{language}.yml").read_text(encoding="utf-8")
        content = yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are the safe ones
    except (OSError, yaml.YAMLError) as error:
        raise LexiconError(f"{language}: {error}") from error
    if not isinstance(content, dict) or content.get("language") != language:
        raise LexiconError(f"{language}: not a lexicon of that language")
    return content


def _spell(lexicon: Lexicon, written: str, meant: tuple[str, ...], language: str) -> None:
    if lexicon.spellings.setdefault(written, meant) != meant:
        raise LexiconError(f"{language}: another language spells {written!r} differently")


def _add(lexicon: Lexicon, language: str, content: dict[str, Any]) -> None:
    named = {
        name: [fold(str(phrase)) for phrase in phrases]
        for name, phrases in content.get("words", {}).items()
    }
    for section, guarding in (("rules", False), ("guards", True)):
        for row in content.get(section, ()):
            try:
                lexicon.rules.append(_rule(row, language))
                number = len(lexicon.rules) - 1
                for role in _ROLES:
                    for pattern in _patterns(row.get(role, ""), named, lexicon):
                        if guarding:
                            lexicon._guards.add(pattern, number)
                        else:
                            lexicon._meaning.append((number, role == "patterns"))
                            lexicon._graph.add(pattern, len(lexicon._meaning) - 1)
            except (KeyError, ValueError) as error:
                raise LexiconError(f"{row.get('id', language)}: {error}") from error


def _rule(row: dict[str, Any], language: str) -> Rule:
    asks = row.get("asks")
    if asks is not None and asks not in ASKS:
        raise PatternError(f"asks for {asks!r}")
    if not row["id"].startswith(f"{language}."):
        raise PatternError("an id begins with its language")
    return Rule(
        id=row["id"],
        language=language,
        urgency=Urgency(row.get("urgency", "none")),
        theme=Theme(row.get("theme", "other")),
        asks=asks,
    )


def _patterns(lines: str, named: dict[str, list[str]], lexicon: Lexicon) -> Iterator[list[Piece]]:
    def clean(words: list[str]) -> list[str]:
        return respell(words, lexicon.spellings)

    for line in lines.splitlines():
        if line.strip():
            yield parse(fold(line), named, clean)


def _slips(word: str) -> Iterator[str]:
    """Small slips of the finger in ``word``: a letter lost, doubled or swapped with the next.

    Of a short one only the last: with a letter more or less it is soon another word.
    """
    for place in range(1, len(word)):
        if len(word) >= _LONG:
            yield word[:place] + word[place + 1 :]
            yield word[:place] + word[place] + word[place:]
        if place + 1 < len(word):
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
