"""The real Rasa server over HTTP, as the bot uses it."""

from __future__ import annotations

import time

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nlu_kit import Server
from understanding import table

PHRASES = [
    ("immediate", "suicide", "I have the pills here and I'm going to take all of them tonight"),
    ("immediate", "suicide", "im standing on a bridge and i want to jump"),
    ("immediate", "suicide", "i want to kill myself"),
    ("immediate", "suicide", "gonna unalive myself tonite"),
    ("immediate", "suicide", "I'm going to k*ll myself"),
    ("immediate", "suicide", "this is my last message, tell my sister i loved her"),
    ("immediate", "self_harm", "i cut too deep and the bleeding won't stop"),
    ("immediate", "violence", "my husband is beating me, i locked myself in the bathroom"),
    ("immediate", "violence", "he has a knife and is outside my door"),
    ("immediate", "overdose", "i swallowed a whole bottle of tablets"),
    ("immediate", "someone_else", "my friend just sent me a suicide note and won't pick up"),
    ("urgent", "suicide", "i wish i would just not wake up tomorrow"),
    ("urgent", "suicide", "everyone would be better off without me"),
    ("urgent", "self_harm", "the urge to cut is really strong today"),
    ("urgent", "self_harm", "i relapsed and hurt myself again last night"),
    ("urgent", "violence", "my boyfriend hits me when he is drunk"),
    ("urgent", "violence", "i was raped and i haven't told anybody"),
    ("urgent", "low_mood", "there is no way out and nothing will ever get better"),
    ("urgent", "panic", "i'm having a panic attack and can't breathe"),
    ("urgent", "other", "the voices keep telling me that they are watching me"),
    ("urgent", "someone_else", "i think my brother is suicidal, what can i do"),
    ("support", "grief", "my grandma died last week and i miss her"),
    ("support", "loneliness", "i have no friends and nobody to talk to"),
    ("support", "low_mood", "i feel sad and tired all the time"),
    ("support", "substance_use", "i can't stop drinking every evening"),
    ("support", "eating", "i feel so guilty after every meal and i throw up"),
    ("support", "other", "my boss gives me too much work and i have three deadlines"),
    ("support", "panic", "i worry about everything and can't switch my head off"),
    ("none", "other", "this traffic is killing me"),
    ("none", "other", "i could murder a burger right now"),
    ("none", "other", "how do i kill a frozen process on my mac"),
    ("none", "other", "what's the weather like tomorrow"),
    ("none", "other", "set an alarm for half past seven"),
    ("none", "other", "lol that's hilarious"),
    ("none", "other", "two years clean today and proud of it"),
    ("none", "other", "i got the job!!"),
    ("none", "other", "good morning"),
    ("none", "other", "thank you, that helped"),
    ("none", "other", "my phone died on the way home"),
    ("none", "other", "in the last season the detective gets shot"),
]
ASKS = [
    ("can i talk to a real human please", "human"),
    ("what number can i call", "resources"),
    ("STOP", "stop"),
    ("are you a bot", "about_bot"),
    ("hello", "greeting"),
    ("thanks a lot", "thanks"),
    ("see you tomorrow", "goodbye"),
    ("i spilled coffee on my shirt", None),
]


@pytest.mark.parametrize(("urgency", "theme", "text"), PHRASES)
def test_a_phrase_has_its_urgency_and_theme(
    server: Server, urgency: str, theme: str, text: str
) -> None:
    verdict = server.parse(text)["holdfast"]
    assert (verdict["urgency"], verdict["theme"]) == (urgency, theme), verdict["reasons"]
    assert not verdict["unsure"]


@pytest.mark.parametrize(("text", "asks"), ASKS)
def test_what_is_asked_of_the_bot(server: Server, text: str, asks: str | None) -> None:
    assert server.parse(text)["holdfast"]["asks"] == asks


def test_the_worst_sentence_of_a_long_message_decides(server: Server) -> None:
    calm = "We had dinner with my sister and it was nice. The weather was warm for once. "
    worst = "I am going to kill myself tonight."
    text = calm * 3 + worst + " Then we watched a film. " + calm
    verdict = server.parse(text)["holdfast"]
    assert verdict["urgency"] == "immediate"
    assert text[verdict["sentence"]["start"] : verdict["sentence"]["end"]] == worst


def test_the_shape_of_a_parse(server: Server) -> None:
    parsed = server.parse("I feel so alone. Can someone talk to me?")
    verdict = parsed["holdfast"]
    assert set(verdict) == {
        "urgency",
        "theme",
        "confidence",
        "asks",
        "reasons",
        "sentence",
        "unsure",
        "review",
        "model",
    }
    assert isinstance(verdict["review"], bool)
    assert verdict["urgency"] in table.URGENCIES
    assert verdict["theme"] in table.THEMES
    assert 0.0 <= verdict["confidence"] <= 1.0
    assert verdict["model"]
    assert set(verdict["sentence"]) == {"start", "end"}
    ranking = parsed["intent_ranking"]
    assert {row["name"] for row in ranking} == set(table.load())
    assert sum(row["confidence"] for row in ranking) == pytest.approx(1.0, abs=1e-3)
    assert parsed["intent"] == ranking[0]


def test_reasons_hold_no_word_of_the_person(server: Server) -> None:
    reasons = server.parse("xylophone zebra i want to die quixotic")["holdfast"]["reasons"]
    assert not any(word in " ".join(reasons) for word in ("xylophone", "zebra", "quixotic"))


@pytest.mark.parametrize("path", ["/status", "/model/parse"])
def test_a_token_is_needed(server: Server, path: str) -> None:
    method = "GET" if path == "/status" else "POST"
    for params in ({}, {"token": "wrong"}):
        refused = httpx.request(method, server.url + path, params=params, json={"text": "hi"})
        assert refused.status_code == 401


def test_status_names_the_model(server: Server) -> None:
    status = httpx.get(f"{server.url}/status", params={"token": server.token}).json()
    assert status["model_file"].endswith(".tar.gz")
    assert status["model_id"] == server.parse("hi")["holdfast"]["model"]


@pytest.mark.parametrize(
    "text", ["/greeting", '/greeting{"a": "b"}', " /suicide_plan@0.99", "// i want to kill myself"]
)
def test_a_slash_is_not_an_order(server: Server, text: str) -> None:
    parsed = server.parse(text)
    assert "holdfast" in parsed
    assert parsed["intent"]["confidence"] < 1.0
    assert len(parsed["intent_ranking"]) == len(table.load())


def test_a_slash_hides_no_crisis(server: Server) -> None:
    assert server.parse("/ i want to kill myself")["holdfast"]["urgency"] == "immediate"


@pytest.mark.parametrize("text", ["", "   ", "\n", None, "🦄🦄🦄", "...", "😭" * 2048, "🦄" * 4096])
def test_what_has_hardly_a_word_is_answered(server: Server, text: str | None) -> None:
    verdict = server.parse(text)["holdfast"]
    assert verdict["unsure"] or "😭" in (text or "")


@pytest.mark.parametrize(
    "text",
    [
        "я больше не могу так жить",
        "لا أريد أن أعيش",
        "もう生きていたくない",
        "ich kann nicht mehr und will nur noch schlafen",
        "minha cabeça não aguenta mais essa tristeza",
    ],
)
def test_another_language_is_said_not_to_be_understood(server: Server, text: str) -> None:
    assert server.parse(text)["holdfast"]["unsure"]


def test_the_longest_message_is_answered_in_time(server: Server) -> None:
    text = ("nothing happened today and i went to work and came home " * 80)[:4096]
    assert server.parse(text)["holdfast"]["urgency"] in table.URGENCIES


def test_entities_are_found_in_the_text_as_it_was_sent(server: Server) -> None:
    text = "I'm 15 and my MUM found the pills… I'll do it tonight"
    found = {e["entity"]: text[e["start"] : e["end"]] for e in server.parse(text)["entities"]}
    assert found == {"age": "I'm 15", "relation": "my MUM", "means": "pills", "time": "tonight"}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=st.text(max_size=4096) | st.text(alphabet="ab /{}[]\"'\n.!?", max_size=4096))
def test_any_text_is_read_in_time_and_never_logged(server: Server, text: str) -> None:
    secret = "quagga-and-thylacine"
    began = time.perf_counter()
    verdict = server.parse(f"{text[:4000]} {secret}")["holdfast"]
    # A guard against hanging, not a figure: bench/nlu.py measures.
    assert time.perf_counter() - began < 10
    assert verdict["urgency"] in table.URGENCIES
    assert "thylacine" not in server.output.read_text(errors="replace")


def test_the_server_prints_no_message(server: Server) -> None:
    """Last in the file: by now it has seen all the texts above, and some that provoke errors."""
    secret = "aardvark-and-wildebeest"
    url, params = f"{server.url}/model/parse", {"token": server.token}
    httpx.post(url, params=params, json={"text": secret})
    httpx.post(url, params=params, json={"text": f"/{secret} {{"})
    httpx.post(url, params=params, json={"text": [secret]})
    httpx.post(url, params=params, json={"words": secret})
    httpx.post(url, params=params, content=f'{{"text": "{secret}')
    printed = server.output.read_text(errors="replace")
    assert "wildebeest" not in printed
    assert server.token not in printed
    assert not any(text in printed for _, _, text in PHRASES)
