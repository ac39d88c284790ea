"""What a message means after those before it, and after what the bot asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.conversation import (
    BUILDS_UP_WITHIN,
    FRAGMENTS_WITHIN,
    QUESTION_STANDS,
    Line,
    asked_after,
    asks_a_machine,
    built_up,
    in_pieces,
    raised_by_lines,
    raised_by_sentence,
    says_safe,
    settled,
    standing,
    together,
    unspent,
)
from bot.core.reading import MODEL_AWAY, Ask, Reading, Reply
from models.vocabulary import Question, Theme, Urgency

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAIN = Reading(reasons=("intent:comment",))
LOW = Reading(Urgency.SUPPORT, Theme.LOW_MOOD)
LEAVING = Reading(reasons=("en.sign.leaving",))
FAREWELL = Reading(reasons=("en.sign.farewell",))
DECIDED = Reading(reasons=("en.sign.decided",))
JOKING = Reading(reasons=("en.sign.joking",))
DYING = Reading(Urgency.IMMEDIATE, Theme.SUICIDE)


def line(reading: Reading, minutes: float = 5, text: str = "some words of theirs") -> Line:
    return Line(text, reading, timedelta(minutes=minutes))


# What the bot asked.


@pytest.mark.parametrize(
    ("asked", "reply", "urgency"),
    [
        (Question.SAFE, Reply.NO, Urgency.IMMEDIATE),
        (Question.SAFE, Reply.PERHAPS, Urgency.URGENT),
        (Question.DANGER, Reply.YES, Urgency.IMMEDIATE),
        (Question.DANGER, Reply.PERHAPS, Urgency.URGENT),
        (Question.SAFE, Reply.YES, Urgency.NONE),
        (Question.DANGER, Reply.NO, Urgency.NONE),
        (Question.HUMAN, Reply.NO, Urgency.NONE),
        (Question.HUMAN, Reply.PERHAPS, Urgency.NONE),
        (None, Reply.NO, Urgency.NONE),
    ],
)
def test_a_short_answer_means_what_was_asked(
    asked: Question | None, reply: Reply, urgency: Urgency
) -> None:
    reading = settled(Reading(reply=reply), asked)
    assert reading.urgency is urgency
    assert reading.asks is None


def test_yes_to_a_person_asks_for_one() -> None:
    assert settled(Reading(reply=Reply.YES), Question.HUMAN).asks is Ask.HUMAN


@pytest.mark.parametrize("asked", [Question.SAFE, Question.DANGER])
def test_who_says_that_they_are_safe_is_heard_and_lowers_nothing(asked: Question) -> None:
    reply = Reply.YES if asked is Question.SAFE else Reply.NO
    reading = settled(Reading(Urgency.URGENT, Theme.PANIC, reply=reply), asked)
    assert reading.urgency is Urgency.URGENT
    assert says_safe(reading)
    assert not says_safe(settled(Reading(), asked))


def test_a_question_stands_for_some_hours_and_no_longer() -> None:
    assert standing(Question.SAFE, NOW - QUESTION_STANDS, NOW) is Question.SAFE
    late = NOW - QUESTION_STANDS - timedelta(seconds=1)
    assert standing(Question.SAFE, late, NOW) is None
    assert standing(None, None, NOW) is None


def test_at_most_one_question_follows_from_a_message_and_none_from_one_that_pages() -> None:
    assert asked_after(DYING) is None
    assert asked_after(Reading(review=True)) is Question.SAFE
    assert asked_after(Reading(unsure=True)) is Question.DANGER
    assert asked_after(Reading(review=True, foreign=True)) is Question.DANGER
    assert asked_after(LOW) is Question.HUMAN
    assert asked_after(PLAIN) is None


# What builds up.


def test_everything_sorted_and_then_goodbye_is_a_farewell() -> None:
    reading = built_up(FAREWELL, [line(LEAVING), line(PLAIN, 2)])
    assert (reading.urgency, reading.theme) == (Urgency.IMMEDIATE, Theme.SUICIDE)


@pytest.mark.parametrize(
    ("said", "paged"),
    [
        (Theme.OTHER, Theme.SUICIDE),
        (Theme.LOW_MOOD, Theme.SUICIDE),
        (Theme.LONELINESS, Theme.SUICIDE),
        (Theme.SOMEONE_ELSE, Theme.SOMEONE_ELSE),
        (Theme.OVERDOSE, Theme.OVERDOSE),
    ],
)
def test_a_page_says_parting_where_the_last_line_named_no_danger_of_its_own(
    said: Theme, paged: Theme
) -> None:
    assert built_up(replace(FAREWELL, theme=said), [line(LEAVING)]).theme is paged


def test_a_plain_goodbye_after_everything_was_sorted_pages() -> None:
    assert built_up(Reading(asks=Ask.GOODBYE), [line(LEAVING)]).urgency is Urgency.URGENT


@pytest.mark.parametrize("sign", [LEAVING, DECIDED])
def test_a_sign_of_leaving_within_a_talk_of_distress_pages(sign: Reading) -> None:
    assert built_up(sign, [line(LOW)]).urgency is Urgency.URGENT
    assert built_up(LOW, [line(sign)]).urgency is Urgency.URGENT


def test_each_sign_alone_pages_nobody() -> None:
    for sign in (LEAVING, FAREWELL, DECIDED, JOKING):
        assert built_up(sign, [line(PLAIN)]) == sign
        assert built_up(sign, []) == sign


def test_a_goodbye_at_the_end_of_a_heavy_talk_is_looked_at_by_a_human() -> None:
    for goodbye in (Reading(asks=Ask.GOODBYE), FAREWELL):
        reading = built_up(goodbye, [line(LOW)])
        assert reading.review
        assert not reading.pressing


def test_chit_chat_after_a_word_of_crisis_pages_nobody_anew() -> None:
    before = [line(LEAVING, 30), line(DYING, 20), line(PLAIN, 10)]
    for now in (PLAIN, FAREWELL, Reading(asks=Ask.GOODBYE)):
        assert built_up(now, before).urgency is Urgency.NONE
    assert unspent(before) == (before[2],)


@pytest.mark.parametrize(("first", "second"), list(permutations([LEAVING, DECIDED, FAREWELL], 2)))
def test_two_signs_of_parting_are_immediate_in_any_order_also_where_one_paged_by_itself(
    first: Reading, second: Reading
) -> None:
    first_paged, second_pages = (replace(one, urgency=Urgency.URGENT) for one in (first, second))
    for now, before in ((second, first_paged), (second_pages, first), (second_pages, first_paged)):
        assert built_up(now, [line(before), line(PLAIN, 2)]).urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize("sign", [LEAVING, DECIDED, FAREWELL])
def test_the_same_sign_again_is_no_second_one(sign: Reading) -> None:
    paged = replace(sign, urgency=Urgency.URGENT)
    assert built_up(sign, [line(paged)]) == sign
    assert built_up(paged, [line(sign)]) == paged


def test_what_had_somebody_come_at_once_is_not_answered_a_second_time() -> None:
    gone = replace(DECIDED, urgency=Urgency.IMMEDIATE)
    assert built_up(FAREWELL, [line(LEAVING), line(gone)]) == FAREWELL


def test_a_request_to_a_machine_is_one_only_where_it_is_all_but_surely_no_more() -> None:
    weather = ("intent:practical_request", "mass:none=0.99", "piece:message")
    assert asks_a_machine(Reading(reasons=weather))
    for more in (
        Reading(reasons=("intent:practical_request", "mass:none=0.88", "piece:message")),
        Reading(reasons=("intent:small_talk", "mass:none=1.00", "piece:message")),
        Reading(Urgency.SUPPORT, reasons=weather),
        Reading(reasons=weather, review=True),
        Reading(reasons=weather, unsure=True),
        Reading(reasons=(MODEL_AWAY,)),
    ):
        assert not asks_a_machine(more), more


def test_a_window_of_jokes_stays_calm() -> None:
    assert built_up(FAREWELL, [line(JOKING), line(LEAVING)]).urgency is Urgency.NONE


def test_a_joke_hides_no_distress() -> None:
    assert built_up(FAREWELL, [line(JOKING), line(LEAVING), line(LOW)]).pressing


def test_what_was_said_too_long_ago_completes_nothing() -> None:
    long_ago = (BUILDS_UP_WITHIN + timedelta(minutes=1)).total_seconds() / 60
    assert built_up(FAREWELL, [line(LEAVING, long_ago)]) == FAREWELL


# Sentences in pieces, and lines read together.


def test_a_sentence_sent_in_pieces_is_read_as_one() -> None:
    before = [line(PLAIN, 0.5, "i want"), line(PLAIN, 0.2, "to")]
    assert in_pieces("die", PLAIN, before) == "i want to die"
    assert raised_by_sentence(PLAIN, DYING).urgency is Urgency.IMMEDIATE


def test_pieces_are_short_and_follow_at_once() -> None:
    late = FRAGMENTS_WITHIN.total_seconds() / 60 + 0.1
    assert in_pieces("die", PLAIN, [line(PLAIN, late, "i want to")]) is None
    assert in_pieces("die", PLAIN, [line(PLAIN, 0.1, "that is a whole sentence")]) is None
    assert in_pieces("and this is a whole one", PLAIN, [line(PLAIN, 0.1, "hi")]) is None
    assert in_pieces("hi", PLAIN, []) is None
    assert in_pieces("merci", Reading(asks=Ask.THANKS), [line(PLAIN, 0.1, "so")]) is None


def test_lines_are_read_together_only_where_the_last_is_more_than_chit_chat() -> None:
    before = [line(LOW, 2, "work is a lot.")]
    assert together("i wrote the letters", LEAVING, before) == "work is a lot.\ni wrote the letters"
    for now in (PLAIN, DYING, JOKING, Reading(asks=Ask.THANKS), Reading(review=True, foreign=True)):
        assert together("i wrote the letters", now, before) is None
    assert together("i wrote the letters", LEAVING, []) is None


def test_lines_that_sound_grave_together_page_only_with_distress_or_several_signs() -> None:
    assert raised_by_lines(LEAVING, DYING, [line(LOW)]).urgency is Urgency.URGENT
    assert raised_by_lines(LEAVING, DYING, [line(DECIDED)]).urgency is Urgency.URGENT
    alone = raised_by_lines(LEAVING, DYING, [line(PLAIN)])
    assert alone.review
    assert not alone.pressing
    assert raised_by_lines(LOW, LOW, [line(LOW)]) == LOW


readings = st.builds(
    Reading,
    urgency=st.sampled_from(Urgency),
    asks=st.none() | st.sampled_from(Ask),
    unsure=st.booleans(),
    review=st.booleans(),
    foreign=st.booleans(),
    reply=st.none() | st.sampled_from(Reply),
    reasons=st.lists(
        st.sampled_from(
            ["en.sign.leaving", "en.sign.farewell", "en.sign.decided", "en.sign.joking"]
        )
    ).map(tuple),
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    readings,
    readings,
    st.lists(st.tuples(readings, st.floats(0, 120)), max_size=6),
    st.none() | st.sampled_from(Question),
)
def test_what_was_said_or_asked_before_never_makes_a_message_less(
    now: Reading, whole: Reading, said: list[tuple[Reading, float]], asked: Question | None
) -> None:
    before = [line(reading, minutes) for reading, minutes in said]
    for raised in (
        settled(now, asked),
        built_up(now, before),
        raised_by_sentence(now, whole),
        raised_by_lines(now, whole, before),
    ):
        assert raised.urgency.rank >= now.urgency.rank
        assert raised.pressing or raised.review >= now.review
