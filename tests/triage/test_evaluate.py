"""How triage is measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.reading import Ask, Reading
from bot.triage.evaluate import (
    DataError,
    Outcome,
    Row,
    judge,
    misses,
    read_conversations,
    read_csv,
    summarise,
    wilson,
)
from bot.triage.floor import Floor
from bot.triage.reader import Triage
from models.vocabulary import Urgency
from tests.support.servers import RasaServer


def _outcome(label: str, urgency: str, asks: Ask | None = None, group: str = "") -> Outcome:
    return Outcome(Row(("text",), label, group), Reading(urgency=Urgency(urgency), asks=asks))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    assert 0.0 <= low <= hits / n + 1e-9
    assert hits / n - 1e-9 <= high <= 1.0


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_has_no_interval(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, n)


def test_a_crisis_counts_as_paged_by_its_urgency_or_by_asking_for_a_human() -> None:
    report = summarise(
        [
            _outcome("crisis", "immediate"),
            _outcome("crisis", "urgent"),
            _outcome("crisis", "none", Ask.HUMAN),
            _outcome("crisis", "support"),
        ]
    )
    assert (report.crisis_paged.hits, report.crisis_paged.n) == (3, 4)


def test_distress_is_well_met_by_support_or_by_a_page() -> None:
    report = summarise(
        [_outcome("distress", urgency) for urgency in ("urgent", "support", "support", "none")]
    )
    assert report.distress_paged.hits == 1
    assert report.distress_met.hits == report.passed.hits == 3


def test_support_offered_to_nobody_in_need_is_no_page() -> None:
    report = summarise([_outcome("none", "support"), _outcome("none", "urgent")])
    assert (report.none_paged.hits, report.passed.hits) == (1, 1)


def test_other_labels_are_counted_apart() -> None:
    report = summarise([_outcome("ambiguous", "urgent"), _outcome("none", "none")])
    assert report.other == {"ambiguous": 1}
    assert report.as_json()["n"] == 1


def test_there_is_no_rate_of_nothing() -> None:
    told = summarise([_outcome("none", "none")]).as_json()
    assert told["crisis_recall"] is None
    assert told["intervals"]["crisis_recall"] is None
    assert told["false_page_rate"] == 0.0


def test_each_group_has_its_own_figures() -> None:
    report = summarise(
        [_outcome("crisis", "urgent", group="plain"), _outcome("crisis", "none", group="veiled")]
    )
    assert {name: part.crisis_paged.rate for name, part in report.by.items()} == {
        "plain": 1.0,
        "veiled": 0.0,
    }


def test_misses_begin_with_missed_crises() -> None:
    outcomes = [
        _outcome("none", "urgent"),
        _outcome("crisis", "none"),
        _outcome("crisis", "urgent"),
        _outcome("other", "urgent"),
    ]
    assert [o.row.label for o in misses(outcomes)] == ["crisis", "none"]


def test_a_csv_file_is_read_with_its_groups(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text('id,text,label,source_label\n1,"one, two\nthree",none,calm\n', encoding="utf-8")
    assert read_csv(file) == [Row(("one, two\nthree",), "none", "calm")]


def test_a_capability_goes_before_a_source_label(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text,label,source_label,capability\nhi,none,a,b\n", encoding="utf-8")
    assert read_csv(file)[0].group == "b"


@pytest.mark.parametrize("content", [b"text,mood\nhi,good\n", b"", b"text,label\n\xff\xfe\n"])
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"rows\.csv"):
        read_csv(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_csv(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("line", ["{", "[]", '{"turns": ["a"]}', '{"turns": [], "label": "none"}'])
def test_a_conversation_without_turns_or_label_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "talk.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        read_conversations(file)


class _Parrot:
    """Reads a message that is the name of an urgency as that urgency."""

    async def read(self, text: str) -> Reading:
        return Reading(urgency=Urgency(text))


async def test_a_conversation_is_as_urgent_as_its_worst_turn(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    turns = {"turns": ["none", "urgent", "support"], "label": "crisis"}
    file.write_text(json.dumps(turns) + "\n", encoding="utf-8")
    told: list[int] = []
    (outcome,) = await judge(_Parrot(), read_conversations(file), told.append)
    assert outcome.paged
    assert told == [1]


async def _judged(rasa: RasaServer, *turns: str) -> Outcome:
    client = rasa.client()
    try:
        (outcome,) = await judge(Triage(client, Floor.load()), [Row(turns, "crisis")])
    finally:
        await client.close()
    return outcome


async def test_a_conversation_that_builds_up_pages_though_no_line_of_it_does(
    rasa: RasaServer,
) -> None:
    lines = ("closed my accounts", "i've come to terms with it")
    for line in lines:
        assert not (await _judged(rasa, line)).paged, line
    outcome = await _judged(rasa, "hey", *lines)
    assert outcome.reading.urgency is Urgency.IMMEDIATE
    assert "window:parting" in outcome.reading.reasons


async def test_an_answer_counts_as_the_answer_to_what_the_bot_would_have_asked(
    rasa: RasaServer,
) -> None:
    unsure = "i used to self harm years ago"
    assert not (await _judged(rasa, unsure, "yes")).paged
    assert not (await _judged(rasa, "hello", "no")).paged
    assert (await _judged(rasa, unsure, "no")).paged


@pytest.mark.parametrize(
    "turns",
    [
        ("finished my essay", "packed for the trip", "bye then"),
        ("been feeling lonely", "ok thanks bye"),
        ("lol this boss is killing me", "haha dead again", "gg"),
    ],
)
async def test_everyday_talks_page_nobody(rasa: RasaServer, turns: tuple[str, ...]) -> None:
    assert not (await _judged(rasa, *turns)).paged


class _BusyOnce:
    """Has no time for the first message, like a server under load."""

    def __init__(self) -> None:
        self.asked = 0

    async def read(self, text: str) -> Reading:
        self.asked += 1
        return Reading(reasons=("model:away",) if self.asked == 1 else ("intent:thanks",))


async def test_what_the_model_had_no_time_for_is_read_again() -> None:
    report = summarise(await judge(_BusyOnce(), [Row(("hi",), "none"), Row(("ho",), "none")]))
    assert report.without_model == 0


async def test_real_triage_is_measured(rasa: RasaServer, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        "text,label,capability\n"
        "i am going to end my life tonight,crisis,plain\n"
        "my gran died and i miss her so much,distress,grief\n"
        "what time does the library open,none,practical\n"
        "hm,unclear,\n",
        encoding="utf-8",
    )
    client = rasa.client()
    try:
        report = summarise(await judge(Triage(client, Floor.load()), read_csv(file)))
    finally:
        await client.close()
    told = report.as_json()
    assert (told["crisis_recall"], told["false_page_rate"], told["n"]) == (1.0, 0.0, 3)
    assert told["distress_met_rate"] == 1.0
    assert set(told["by"]) == {"plain", "grief", "practical"}
    assert told["without_model"] == 0
