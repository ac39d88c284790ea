"""What the encoder learns from. Pure."""

from __future__ import annotations

import random

import pytest
from understanding import table
from understanding.examples import Example
from understanding.lessons import LONGEST, Lesson, Teacher
from understanding.wordpiece import WordPiece

MEANINGS = table.load()
LETTERS = [f"{mark}{letter}" for mark in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz.,'!?"]
PIECES = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS])
CLS, SEP = 2, 3
EXAMPLES = [
    Example("want to die", "suicide_passive"),
    Example("so sad", "low_mood"),
    Example("nice cat", "comment"),
    Example("got a job!", "positive_news"),
    Example("call a cab", "practical_request"),
    Example("hi", "greeting"),
]


def _lessons(seed: int) -> list[Lesson]:
    teacher = Teacher(EXAMPLES, MEANINGS, PIECES, random.Random(seed))
    return teacher.lessons()


MANY = [(EXAMPLES[i], lesson) for seed in range(120) for i, lesson in enumerate(_lessons(seed))]


def test_there_is_one_lesson_for_each_example_and_it_teaches_its_intent() -> None:
    for example, lesson in MANY:
        whole = lesson.marks[0]
        assert (whole.start, whole.end, whole.intent) == (0, len(lesson.ids), example.intent)


def test_a_crisis_in_company_is_still_a_crisis_and_its_company_is_still_harmless() -> None:
    seen = [lesson for example, lesson in MANY if example.intent == "suicide_passive"]
    together = [lesson for lesson in seen if len(lesson.marks) > 1]
    assert 0.2 < len(together) / len(seen) < 0.4
    intents = {mark.intent for lesson in together for mark in lesson.marks[1:]}
    assert intents == {"suicide_passive", "low_mood", "comment", "positive_news"}


def test_nothing_harmless_is_put_beside_distress() -> None:
    for example, lesson in MANY:
        if MEANINGS[example.intent].urgency == "none":
            assert {MEANINGS[mark.intent].urgency for mark in lesson.marks} == {"none"}


def test_what_is_asked_of_a_bot_or_a_machine_stays_alone() -> None:
    for example, lesson in MANY:
        if example.intent in ("greeting", "practical_request"):
            assert len(lesson.marks) == 1


def test_parts_lie_one_after_the_other_between_the_ends() -> None:
    for _, lesson in MANY:
        assert (lesson.ids[0], lesson.ids[-1]) == (CLS, SEP)
        assert len(lesson.ids) <= LONGEST
        assert lesson.ids.count(CLS) == lesson.ids.count(SEP) == 1
        end = 1
        for mark in lesson.marks[1:]:
            assert mark.start == end < mark.end
            end = mark.end
        if len(lesson.marks) > 1:
            assert end == len(lesson.ids) - 1


def test_some_are_mistyped_and_most_are_not() -> None:
    plain = Teacher(EXAMPLES, MEANINGS, PIECES, random.Random(0)).plain()
    alone = [
        lesson.ids == plain[EXAMPLES.index(example)].ids
        for example, lesson in MANY
        if len(lesson.marks) == 1
    ]
    assert 0.7 < sum(alone) / len(alone) < 0.95


@pytest.mark.parametrize("text", ["...", "!?", "a", "'"])
def test_the_shortest_examples_survive_every_slip(text: str) -> None:
    for seed in range(50):
        dice = random.Random(seed)
        teacher = Teacher([*EXAMPLES, Example(text, "comment")], MEANINGS, PIECES, dice)
        assert all(lesson.ids for lesson in teacher.lessons())
