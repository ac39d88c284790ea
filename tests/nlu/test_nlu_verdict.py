"""How probabilities become an urgency. No model: the numbers are given."""

from __future__ import annotations

import pytest
from understanding import table
from understanding.likeness import Likeness
from understanding.verdict import Piece, Thresholds, decide, wants_a_look

MEANINGS = table.load()
THRESHOLDS = Thresholds()


def _piece(whole: bool = True, familiarity: float = 1.0, **known: float) -> Piece:
    rest = [intent for intent in MEANINGS if intent not in known and intent != "comment"]
    probabilities = {**dict.fromkeys(rest, 0.0), **known}
    probabilities["comment"] = 1.0 - sum(known.values())
    start, end = (0, 40) if whole else (10, 20)
    return Piece(start, end, whole, probabilities, familiarity, words=5, foreign=False)


def _urgency(*pieces: Piece) -> str:
    return decide(pieces, MEANINGS, THRESHOLDS)["urgency"]


@pytest.mark.parametrize(
    ("known", "urgency"),
    [
        ({}, "none"),
        ({"suicide_plan": 0.9}, "immediate"),
        ({"suicide_passive": 0.9}, "urgent"),
        ({"grief": 0.9}, "support"),
        # The likeliest single intent is harmless, the mass is not.
        ({"suicide_passive": 0.2, "hopeless": 0.18, "suicide_history": 0.17}, "urgent"),
        ({"suicide_active": 0.2, "suicide_passive": 0.35}, "urgent"),
        ({"suicide_active": 0.3, "suicide_plan": 0.25, "low_mood": 0.3}, "immediate"),
    ],
)
def test_the_whole_distribution_decides(known: dict[str, float], urgency: str) -> None:
    assert _urgency(_piece(**known)) == urgency


@pytest.mark.parametrize(
    ("known", "urgency"),
    [
        ({"risk_question": 0.15}, "urgent"),
        ({"risk_question": 0.15, "suicide_plan": 0.1}, "urgent"),
        ({"risk_question": 0.05}, "none"),
        ({"risk_question": 0.1, "suicide_plan": 0.15}, "none"),
        ({"risk_question": 0.15, "practical_request": 0.5}, "none"),
        ({"risk_question": 0.9}, "immediate"),
    ],
)
def test_a_question_about_means_pages_early(known: dict[str, float], urgency: str) -> None:
    assert _urgency(_piece(**known)) == urgency
    # A single sentence is held to its own line.
    alone = _piece(whole=False, **known)
    assert _urgency(_piece(), alone) == ("none" if known["risk_question"] < 0.9 else "support")


def test_what_is_urgent_by_something_immediate_is_about_that() -> None:
    verdict = decide([_piece(suicide_plan=0.38, psychosis=0.05)], MEANINGS, THRESHOLDS)
    assert (verdict["urgency"], verdict["theme"]) == ("urgent", "suicide")


def test_words_that_are_none_are_not_judged() -> None:
    flag = _piece(self_harm_urge=0.6)._replace(words=0, familiarity=0.0)
    verdict = decide([flag], MEANINGS, THRESHOLDS)
    assert (verdict["urgency"], verdict["review"]) == ("none", False)
    assert "unsure:no_words" in verdict["reasons"]


def test_the_worst_sentence_counts() -> None:
    verdict = decide(
        [
            _piece(suicide_plan=0.2),
            _piece(whole=False, suicide_plan=0.95),
            _piece(whole=False, thanks=0.9),
        ],
        MEANINGS,
        THRESHOLDS,
    )
    assert verdict["urgency"] == "immediate"
    assert verdict["theme"] == "suicide"
    assert verdict["sentence"] == {"start": 10, "end": 20}
    assert verdict["asks"] == "thanks"


def test_a_sentence_without_its_context_needs_more() -> None:
    mass = (THRESHOLDS.urgent + THRESHOLDS.sentence) / 2
    whole = _piece(suicide_passive=THRESHOLDS.context * 2)
    assert _urgency(_piece(suicide_passive=mass)) == "urgent"
    assert _urgency(whole, _piece(whole=False, suicide_passive=mass)) == "none"
    assert _urgency(whole, _piece(whole=False, suicide_passive=0.95)) == "urgent"


def test_one_dark_sentence_in_a_harmless_story_is_reviewed_and_pages_nobody() -> None:
    verdict = decide([_piece(), _piece(whole=False, suicide_plan=0.9)], MEANINGS, THRESHOLDS)
    assert verdict["urgency"] == "support"
    assert verdict["review"]


def test_a_message_too_long_to_be_read_whole_contradicts_none_of_its_sentences() -> None:
    story = _piece()._replace(words=200)
    assert _urgency(story, _piece(whole=False, suicide_plan=0.9)) == "immediate"


@pytest.mark.parametrize(
    ("known", "review"),
    [
        ({}, False),
        ({"suicide_passive": 0.05}, False),
        ({"suicide_passive": 0.2}, True),
        # Who is paged for is seen by a human anyway.
        ({"suicide_passive": 0.9}, False),
    ],
)
def test_what_neither_pages_nor_is_plainly_harmless_is_for_review(
    known: dict[str, float], review: bool
) -> None:
    assert decide([_piece(**known)], MEANINGS, THRESHOLDS)["review"] is review


def test_a_plea_for_a_human_goes_before_other_asks() -> None:
    pieces = [_piece(), _piece(whole=False, greeting=0.9), _piece(whole=False, ask_human=0.6)]
    assert decide(pieces, MEANINGS, THRESHOLDS)["asks"] == "human"


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (_piece(familiarity=0.1), "unsure:unfamiliar_words"),
        (_piece()._replace(foreign=True), "unsure:foreign_script"),
        (_piece()._replace(words=0, familiarity=0.0), "unsure:no_words"),
        (
            _piece()._replace(probabilities=dict.fromkeys(MEANINGS, 1 / len(MEANINGS))),
            "unsure:flat",
        ),
    ],
)
def test_what_is_not_understood_is_said_to_be_so(piece: Piece, reason: str) -> None:
    verdict = decide([piece], MEANINGS, THRESHOLDS)
    assert verdict["unsure"] is True
    assert reason in verdict["reasons"]


def test_there_is_no_verdict_on_nothing() -> None:
    with pytest.raises(ValueError, match="at least one piece"):
        decide([], MEANINGS, THRESHOLDS)


LIKE, UNLIKE = Likeness(crises=0.7, harmless=0.4), Likeness(crises=0.35, harmless=0.7)


def test_what_resembles_the_harmless_does_not_page_and_is_shown() -> None:
    pages = _piece(suicide_farewell=0.6)
    verdict = decide([pages._replace(likeness=UNLIKE)], MEANINGS, THRESHOLDS)
    assert (verdict["urgency"], verdict["review"]) == ("support", True)
    assert "unlike:crises" in verdict["reasons"]
    like = decide([pages._replace(likeness=LIKE)], MEANINGS, THRESHOLDS)
    assert like["urgency"] == "immediate"
    assert not any("crises" in reason for reason in like["reasons"])


def test_what_resembles_crises_pages_at_less_and_says_so() -> None:
    doubtful = _piece(hopeless=0.2)
    assert _urgency(doubtful) == "none"
    verdict = decide([doubtful._replace(likeness=LIKE)], MEANINGS, THRESHOLDS)
    assert verdict["urgency"] == "urgent"
    assert "like:crises" in verdict["reasons"]
    assert verdict["confidence"] >= THRESHOLDS.urgent


def test_a_short_answer_is_not_raised_by_what_it_resembles() -> None:
    answer = _piece(suicide_active=0.25)._replace(words=2, likeness=LIKE)
    assert _urgency(answer) == "none"
    assert _urgency(answer._replace(words=4)) == "urgent"
    sure = _piece(suicide_active=0.6)._replace(words=2)
    assert _urgency(sure._replace(likeness=UNLIKE)) == "support"


def test_what_is_plainly_harmless_pages_nobody_whatever_it_resembles() -> None:
    assert _urgency(_piece(hopeless=0.05)._replace(likeness=Likeness(1.0, 0.0))) == "none"


def test_a_long_message_is_of_too_many_things_to_resemble_any() -> None:
    story = _piece(suicide_plan=0.5)._replace(words=60)
    assert _urgency(story._replace(likeness=UNLIKE)) == "immediate"
    assert not wants_a_look([story], MEANINGS, THRESHOLDS)


def test_a_cool_question_must_resemble_some_crisis() -> None:
    question = _piece(risk_question=0.15)
    assert _urgency(question._replace(likeness=Likeness(0.5, 0.8))) == "urgent"
    assert _urgency(question._replace(likeness=Likeness(0.3, 0.8))) == "none"


@pytest.mark.parametrize(
    ("mass", "wanted"), [(0.05, False), (0.2, True), (0.5, True), (0.85, False)]
)
def test_a_second_look_is_asked_only_where_it_decides(mass: float, wanted: bool) -> None:
    piece = _piece(suicide_farewell=mass)
    assert wants_a_look([piece], MEANINGS, THRESHOLDS) is wanted


def test_a_sentence_that_pages_needs_no_look() -> None:
    whole = _piece(suicide_plan=0.5)._replace(likeness=UNLIKE)
    sentence = _piece(whole=False, suicide_plan=0.95)
    assert _urgency(whole, sentence) == "immediate"
    assert "unlike:crises" not in decide([whole, sentence], MEANINGS, THRESHOLDS)["reasons"]
    assert not wants_a_look([whole, sentence], MEANINGS, THRESHOLDS)
