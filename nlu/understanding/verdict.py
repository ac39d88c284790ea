"""Decides how fast a human is needed, from what the classifier says of each piece. Pure.

The whole distribution counts, not only its top: five intents of suicide at 0.15 each are a crisis,
though small talk at 0.2 is the single likeliest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from understanding.likeness import Likeness, Weights, chance
from understanding.table import Meaning


class Thresholds(NamedTuple):
    """Where the lines are drawn; probabilities, 0..1, but for `look`. Set in ``config.yml``.

    They are lopsided on purpose: a missed crisis costs more than a page for nothing.
    """

    immediate: float = 0.40
    """Mass of immediate intents from which what pages is immediate."""
    urgent: float = 0.37
    """Mass of immediate and urgent intents from which the whole message is at least urgent; where
    it was looked at a second time, the chance that came out."""
    support: float = 0.50
    """Mass of all intents of distress from which the whole message is at least support."""
    question: float = 0.09
    """The same where most of that mass is questions about means, and they are likelier than plain
    requests and than talk of games and machines: asked in a cool voice they look like any other
    question, so the model is seldom sure of them."""
    sentence: float = 0.90
    """As `urgent` and `support`, for one sentence of several."""
    context: float = 0.10
    """Mass of the urgent in the whole message below which no single sentence pages: one dark line
    in a long harmless story. Not asked of messages so long that no sentence shows in the whole."""
    review: float = 0.10
    """Mass of the urgent, in the whole or a sentence, from which what does not page is shown to
    ambassadors."""
    likeness: float = 0.42
    """How like the nearest example of a crisis a question about means must be to page by its own
    line; a cosine, 0..1."""
    sure: float = 0.80
    """Mass of the urgent from which nobody looks a second time: it pages."""
    look: Weights = Weights(1.07, 9.20, -6.29, -1.78)
    """What mass and likenesses make of each other in a second look, where the mass is between
    `review` and `sure`. See ``understanding.likeness``."""
    asks: float = 0.55
    """Mass of the intents that ask for the same thing from which it counts as asked."""
    flat: float = 0.15
    """A likeliest intent under this means that the text was not understood."""
    familiar: float = 0.34
    """A smaller share of known words means that the text was not understood."""


class Piece(NamedTuple):
    """One judged stretch of a message: the whole of it, or one sentence."""

    start: int
    end: int
    """Half-open offsets in the original text."""
    whole: bool
    probabilities: Mapping[str, float]
    """Over all intents; sums to one."""
    familiarity: float
    """Share of known words, 0..1; 0 where there is no word."""
    words: int
    foreign: bool
    """Written mostly in a script that is not Latin."""
    likeness: Likeness | None = None
    """None where nobody has looked a second time."""


PAGES = ("immediate", "urgent")
_LIKE, _UNLIKE = Likeness(1.0, 0.0), Likeness(0.0, 1.0)
"""As like a crisis as can be, and as unlike."""
_LEVELS = (*PAGES, "support", "none")
_QUESTION, _COOLER = "risk_question", ("practical_request", "tech_gaming")
_OF_ONE_THING = 40
"""Words of the longest message that resembles anything: what is longer is of many things, and its
darkest sentence drowns in the likeness of the rest."""
_ANSWER = 3
"""Words of the longest answer that a look does not raise: “im safe” is as like “not safe” as
anything is."""
_READ_WHOLE = 80
"""Words of the longest message whose mean still shows one sentence of it."""


def decide(
    pieces: Sequence[Piece], meanings: Mapping[str, Meaning], thresholds: Thresholds
) -> dict[str, Any]:
    """Return the verdict on a message: what stands under ``holdfast`` in the parse.

    ``pieces`` holds the whole message first, then its sentences if there are several. The piece
    with the highest urgency decides; among equals the one with the greatest mass. Raises
    ValueError if there is no piece, KeyError for an intent that is not in ``meanings``.
    """
    judged = _judged(pieces, meanings, thresholds)
    rank, confidence, index = min(
        (_LEVELS.index(level), -mass, i) for i, (level, mass) in enumerate(judged)
    )
    whole = pieces[0]
    urgency, piece = _LEVELS[rank], pieces[index]
    intent = _likeliest(piece, meanings, urgency)
    doubts = _doubts(whole, thresholds)
    return {
        "urgency": urgency,
        "theme": meanings[intent].theme,
        "confidence": round(min(1.0, -confidence), 4),
        "asks": _asks(pieces, meanings, thresholds),
        "reasons": [
            f"intent:{intent}",
            f"mass:{urgency}={-confidence:.2f}",
            "piece:message" if piece.whole else "piece:sentence",
            *_seen(whole, urgency, meanings, thresholds),
            *(f"unsure:{doubt}" for doubt in doubts),
        ],
        "sentence": {"start": piece.start, "end": piece.end},
        "unsure": bool(doubts),
        "review": urgency not in PAGES
        and any(p.words and _mass(p, meanings, PAGES) >= thresholds.review for p in pieces),
    }


def wants_a_look(
    pieces: Sequence[Piece], meanings: Mapping[str, Meaning], thresholds: Thresholds
) -> bool:
    """Whether the verdict on ``pieces`` hangs on what the whole message is like.

    Raises what ``decide`` raises.
    """
    whole, *sentences = pieces

    def pages(like: Likeness) -> bool:
        looked_at = [whole._replace(likeness=like), *sentences]
        return any(level in PAGES for level, _ in _judged(looked_at, meanings, thresholds))

    return pages(_LIKE) and not pages(_UNLIKE)


def _seen(
    whole: Piece, urgency: str, meanings: Mapping[str, Meaning], thresholds: Thresholds
) -> list[str]:
    """Say whether a second look turned the verdict, and which way."""
    if whole.likeness is None:
        return []
    by_mass = _mass(whole, meanings, PAGES) >= thresholds.urgent
    if by_mass and urgency not in PAGES:
        return ["unlike:crises"]
    if not by_mass and _chance(whole, meanings, thresholds) >= thresholds.urgent:
        return ["like:crises"]
    return []


def _chance(whole: Piece, meanings: Mapping[str, Meaning], thresholds: Thresholds) -> float:
    """Of a crisis: the mass of what pages, or what a second look made of it."""
    mass = _mass(whole, meanings, PAGES)
    doubtful = thresholds.review <= mass < thresholds.sure and whole.words <= _OF_ONE_THING
    if whole.likeness is None or not doubtful:
        return mass
    seen = chance(mass, whole.likeness, thresholds.look)
    return seen if whole.words > _ANSWER else min(mass, seen)


def _mass(piece: Piece, meanings: Mapping[str, Meaning], levels: Sequence[str]) -> float:
    return sum(p for intent, p in piece.probabilities.items() if meanings[intent].urgency in levels)


def _judged(
    pieces: Sequence[Piece], meanings: Mapping[str, Meaning], thresholds: Thresholds
) -> list[tuple[str, float]]:
    if not pieces:
        raise ValueError("a message has at least one piece: the whole of it")
    whole = pieces[0]
    borne_out = whole.words > _READ_WHOLE or _mass(whole, meanings, PAGES) >= thresholds.context
    return [_judge(piece, meanings, thresholds, borne_out) for piece in pieces]


def _judge(
    piece: Piece, meanings: Mapping[str, Meaning], thresholds: Thresholds, borne_out: bool
) -> tuple[str, float]:
    immediate = _mass(piece, meanings, ("immediate",))
    paged = immediate + _mass(piece, meanings, ("urgent",))
    distressed = paged + _mass(piece, meanings, ("support",))
    if piece.words == 0:
        # A flag or a row of dots: what the classifier says of no words is chance.
        return "none", 1.0 - distressed
    if piece.whole:
        supports, likely = thresholds.support, _chance(piece, meanings, thresholds)
        pages = likely >= thresholds.urgent or _is_cool_question(piece, paged, thresholds)
    else:
        supports, likely = thresholds.sentence, paged
        pages = paged >= thresholds.sentence and borne_out
    if pages:
        # A likely immediate intent is not made less urgent by an urgent one beside it.
        return ("immediate", immediate) if immediate >= thresholds.immediate else ("urgent", likely)
    if distressed >= supports:
        return "support", distressed
    return "none", 1.0 - distressed


def _is_cool_question(whole: Piece, paged: float, thresholds: Thresholds) -> bool:
    """Whether the message asks about means, likelier than it asks for anything else."""
    question = whole.probabilities[_QUESTION]
    return (
        paged >= thresholds.question
        and 2 * question >= paged
        and all(question >= whole.probabilities[intent] for intent in _COOLER)
        and (whole.likeness is None or whole.likeness.crises >= thresholds.likeness)
    )


def _likeliest(piece: Piece, meanings: Mapping[str, Meaning], urgency: str) -> str:
    """The likeliest intent that makes for that urgency, so that theme and urgency tell one story.

    What is urgent is so by the immediate intents as well, which alone were too unlikely.
    """
    levels = ("immediate", "urgent") if urgency == "urgent" else (urgency,)
    matching = {i: p for i, p in piece.probabilities.items() if meanings[i].urgency in levels}
    chosen = matching or piece.probabilities
    return max(chosen, key=lambda intent: chosen[intent])


def _asks(
    pieces: Sequence[Piece], meanings: Mapping[str, Meaning], thresholds: Thresholds
) -> str | None:
    """What is asked, of all pieces the likeliest; a plea for a human goes before any other."""
    totals: dict[str, float] = {}
    for piece in pieces:
        here: dict[str, float] = {}
        for intent, probability in piece.probabilities.items():
            asked = meanings[intent].asks
            if asked is not None:
                here[asked] = here.get(asked, 0.0) + probability
        for asked, mass in here.items():
            totals[asked] = max(mass, totals.get(asked, 0.0))
    heard = {asked: mass for asked, mass in totals.items() if mass >= thresholds.asks}
    for first in ("human", "stop", "resources"):
        if first in heard:
            return first
    return max(heard, key=lambda asked: heard[asked]) if heard else None


def _doubts(whole: Piece, thresholds: Thresholds) -> list[str]:
    if whole.words == 0:
        return ["no_words"]
    doubts = []
    if whole.foreign:
        doubts.append("foreign_script")
    elif whole.familiarity < thresholds.familiar:
        doubts.append("unfamiliar_words")
    if max(whole.probabilities.values()) < thresholds.flat:
        doubts.append("flat")
    return doubts
