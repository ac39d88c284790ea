"""The little language lexicons are written in, and the machine that finds its patterns.

One pattern a line, made of words that stand next to each other:

    kill|hurt myself         either word, then "myself"
    want to? die             "to" may be missing
    (right now|tonight)?     alternatives of several words, all of it may be missing
    {want} die               a list of words or phrases named under `words`
    kill ... myself          up to four other words between, within one sentence
    suicid*                  any word that begins so
    < stop >                 "<" is the beginning of the message, ">" its end

There is no backtracking behind it. Patterns become one graph of words; from each word of a
message a walk over the graph's states goes on until none is left, and states are worked out once
and remembered. A walk is never longer than the longest pattern, so reading is linear in the
length of the message, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

GAP = 4
"""Words that ``...`` may stand for."""

BEGIN, END = "<", ">"
_MARKS = (BEGIN, END, "...")
_PIECE = re.compile(r"\([^()]*\)\??|\S+")
_MOST_STATES = 50_000

Clean = Callable[[list[str]], list[str]]


class PatternError(ValueError):
    """A pattern is malformed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One place of a pattern: the phrases that may stand there; none at all is a gap."""

    phrases: tuple[tuple[str, ...], ...]
    optional: bool = False

    @property
    def gap(self) -> bool:
        """Whether anything may stand here."""
        return not self.phrases


def parse(line: str, words: Mapping[str, Sequence[str]], clean: Clean) -> list[Piece]:
    """The pieces of one pattern. ``clean`` gives words the spelling that texts have.

    Raises ``PatternError`` for an unknown list, an empty choice, or a gap at an end.
    """
    pieces: list[Piece] = []
    run: list[str] = []
    for text in [*_PIECE.findall(line), None]:
        if text is not None and _is_plain(text):
            run.append(text)
            continue
        pieces += [Piece(((word,),)) for word in clean(run)]
        run = []
        if text == "...":
            pieces.append(Piece(()))
        elif text is not None:
            pieces.append(_choice(text, words, clean, line))
    definite = [piece for piece in pieces if not piece.optional]
    if not definite or pieces[0].gap or pieces[-1].gap:
        raise PatternError(f"nothing definite at an end: {line!r}")
    return pieces


def _is_plain(text: str) -> bool:
    return not set(text) & set("()|{}?*") and text not in _MARKS


def _choice(text: str, words: Mapping[str, Sequence[str]], clean: Clean, line: str) -> Piece:
    optional = text.endswith("?")
    body = text[:-1] if optional else text
    phrases: list[str] = []
    for part in (body[1:-1] if body.startswith("(") else body).split("|"):
        if part.startswith("{") and part.endswith("}"):
            if part[1:-1] not in words:
                raise PatternError(f"no list named {part}: {line!r}")
            phrases += words[part[1:-1]]
        else:
            phrases += _filled(part, words, line)
    cleaned = [
        tuple(phrase.split()) if "*" in phrase else tuple(clean(phrase.split()))
        for phrase in phrases
    ]
    if not cleaned or not all(cleaned):
        raise PatternError(f"an empty choice: {line!r}")
    return Piece(tuple(dict.fromkeys(cleaned)), optional)


def _filled(phrase: str, words: Mapping[str, Sequence[str]], line: str) -> list[str]:
    """``phrase`` once for each way of filling in the lists it names."""
    if "{" not in phrase:
        return [phrase]
    before, _, rest = phrase.partition("{")
    name, closed, after = rest.partition("}")
    if not closed or name not in words:
        raise PatternError(f"no list named {name!r}: {line!r}")
    ends = _filled(after, words, line)
    return [f"{before}{word}{end}" for word in words[name] for end in ends]


@dataclass(slots=True)
class _Node:
    """A place in the graph: where each word leads, where any word leads, what ends here."""

    edges: dict[str, list[int]] = field(default_factory=dict)
    anything: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _State:
    """Nodes that a walk may be at together, and where the words seen so far led from here."""

    nodes: frozenset[int]
    ends: tuple[int, ...]
    steps: dict[tuple[str, ...], _State | None] = field(default_factory=dict)


class Graph:
    """Patterns by number, found in words in one pass."""

    def __init__(self) -> None:
        self._nodes = [_Node()]
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._lengths: tuple[int, ...] = ()
        self._states: dict[frozenset[int], _State] = {}

    @property
    def words(self) -> frozenset[str]:
        """Every whole word that some pattern names."""
        return frozenset(self._words)

    def add(self, pieces: Sequence[Piece], number: int) -> None:
        """Let a pattern (from ``parse``) be found as ``number``."""
        frontier = [0]
        for piece in pieces:
            reached = self._gap(frontier) if piece.gap else [self._meet(frontier, piece)]
            frontier = [*frontier, *reached] if piece.gap or piece.optional else reached
        for place in frontier:
            self._nodes[place].ends.append(number)
        self._lengths = tuple(sorted({len(stem) for stem in self._stems}))
        self._states.clear()

    def _new(self) -> int:
        self._nodes.append(_Node())
        return len(self._nodes) - 1

    def _gap(self, frontier: Sequence[int]) -> list[int]:
        between: list[int] = []
        for _ in range(GAP):
            place = self._new()
            for before in between[-1:] or frontier:
                self._nodes[before].anything.append(place)
            between.append(place)
        return between

    def _meet(self, frontier: Sequence[int], piece: Piece) -> int:
        meeting = self._new()
        for phrase in piece.phrases:
            before: Sequence[int] = frontier
            for place, word in enumerate(phrase, 1):
                after = meeting if place == len(phrase) else self._new()
                for node in before:
                    self._nodes[node].edges.setdefault(word, []).append(after)
                before = [after]
                if word.endswith("*"):
                    self._stems.add(word[:-1])
                elif word not in _MARKS:
                    self._words.add(word)
        return meeting

    def find(self, words: Sequence[str], stop: str) -> Iterator[tuple[int, int, int]]:
        """Each pattern found: its number and the words it spans, end exclusive.

        No pattern reaches across a ``stop``.
        """
        if len(self._states) > _MOST_STATES:
            self._states.clear()
        root = self._state(frozenset((0,)))
        walks: list[tuple[_State, int]] = []
        for place, word in enumerate((BEGIN, *words, END), -1):
            if word == stop:
                walks = []
                continue
            keys = self._keys(word)
            walks.append((root, max(place, 0)))
            going: list[tuple[_State, int]] = []
            for state, start in walks:
                if keys in state.steps:
                    following = state.steps[keys]
                else:
                    following = state.steps[keys] = self._step(state, keys)
                if following is not None:
                    going.append((following, start))
                    for number in following.ends:
                        yield number, start, place + 1
            walks = going

    def _keys(self, word: str) -> tuple[str, ...]:
        """What ``word`` answers to in the graph: itself, if known, and its known stems."""
        known = (word,) if word in self._words or word in (BEGIN, END) else ()
        stems = tuple(
            f"{word[:length]}*"
            for length in self._lengths
            if length <= len(word) and word[:length] in self._stems
        )
        return known + stems

    def _step(self, state: _State, keys: tuple[str, ...]) -> _State | None:
        reached: set[int] = set()
        for place in state.nodes:
            node = self._nodes[place]
            if END not in keys:
                reached.update(node.anything)
            for key in keys:
                reached.update(node.edges.get(key, ()))
        return self._state(frozenset(reached)) if reached else None

    def _state(self, nodes: frozenset[int]) -> _State:
        state = self._states.get(nodes)
        if state is None:
            ends = sorted({number for place in nodes for number in self._nodes[place].ends})
            state = self._states[nodes] = _State(nodes, tuple(ends))
        return state
