"""The key: what it seals opens only with it, and it is made once."""

from __future__ import annotations

import base64
import multiprocessing
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Barrier as ThreadBarrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.keyring import Keyring, KeyringError, new_secret

WORDS = "i can't do this anymore"
GOOD = base64.urlsafe_b64encode(b"k" * 32).decode()


def flipped(sealed: bytes, index: int) -> bytes:
    return sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(), st.text(max_size=20))
def test_what_is_sealed_opens_again(words: str, purpose: str) -> None:
    keyring = Keyring(b"k" * 32)
    assert keyring.decrypt(keyring.encrypt(words, purpose), purpose) == words


def test_what_is_sealed_cannot_be_read(keyring: Keyring) -> None:
    sealed = keyring.encrypt(WORDS, "message.words")
    assert WORDS.encode() not in sealed
    assert b"anymore" not in sealed


def test_the_same_words_are_sealed_differently_each_time(keyring: Keyring) -> None:
    assert keyring.encrypt(WORDS, "x") != keyring.encrypt(WORDS, "x")


def test_another_key_does_not_open_it(keyring: Keyring) -> None:
    with pytest.raises(KeyringError, match="not the one it was written with"):
        Keyring(b"j" * 32).decrypt(keyring.encrypt(WORDS, "x"), "x")


def test_words_moved_to_another_column_do_not_open_there(keyring: Keyring) -> None:
    sealed = keyring.encrypt(WORDS, "message.words")
    with pytest.raises(KeyringError):
        keyring.decrypt(sealed, "case.note")


def test_words_that_were_tampered_with_do_not_open(keyring: Keyring) -> None:
    sealed = keyring.encrypt(WORDS, "x")
    for index in range(len(sealed)):
        with pytest.raises(KeyringError):
            keyring.decrypt(flipped(sealed, index), "x")


@pytest.mark.parametrize("length", [0, 1, 5, 12, 13, 20, 28])
def test_words_that_were_cut_short_do_not_open(keyring: Keyring, length: int) -> None:
    with pytest.raises(KeyringError):
        keyring.decrypt(keyring.encrypt(WORDS, "x")[:length], "x")


def test_an_error_never_repeats_what_was_sealed(keyring: Keyring) -> None:
    with pytest.raises(KeyringError) as refused:
        Keyring(b"j" * 32).decrypt(keyring.encrypt(WORDS, "x"), "x")
    assert WORDS not in str(refused.value)


def test_a_look_up_key_is_the_same_each_time_and_tells_nothing(keyring: Keyring) -> None:
    key = keyring.lookup("chat", 777000111)
    assert key == keyring.lookup("chat", "777000111")
    assert len(key) == 64
    assert "777000111" not in key
    assert key != keyring.lookup("chat", 777000112)
    assert key != keyring.lookup("invitation", 777000111)
    assert key != Keyring(b"j" * 32).lookup("chat", 777000111)


def test_a_fresh_secret_can_be_read_and_is_always_another() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    for secret in secrets:
        Keyring.from_text(f"  {secret}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "abc",
        "not base64 at all!",
        "AAAA",
        GOOD[:-4],
        GOOD + GOOD,
        GOOD[:9] + "!" + GOOD[9:],
        "é" * 44,
        base64.urlsafe_b64encode(b"x" * 31).decode(),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(KeyringError, match="the data key"):
        Keyring.from_text(text)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_is_32_bytes(length: int) -> None:
    with pytest.raises(KeyringError, match=f"must be 32 bytes, not {length}"):
        Keyring(b"k" * length)


# The file.


def test_the_key_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    made = Keyring.from_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["key"]
    assert Keyring.from_file(path).decrypt(made.encrypt(WORDS, "x"), "x") == WORDS


def test_a_key_that_is_there_is_never_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "key"
    Keyring.from_file(path)
    before = path.read_bytes()
    Keyring.from_file(path)
    assert path.read_bytes() == before


def test_a_damaged_key_file_is_an_error_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for damaged in (b"", b"half a k", b"\xff\xfe\x00"):
        path.write_bytes(damaged)
        with pytest.raises(KeyringError):
            Keyring.from_file(path)
        assert path.read_bytes() == damaged


def test_a_key_that_cannot_be_read_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.mkdir()
    with pytest.raises(KeyringError, match=str(path)):
        Keyring.from_file(path)


def _lookup_when_all_are_ready(path: Path, ready: Barrier | ThreadBarrier) -> str:
    ready.wait(20)
    return Keyring.from_file(path).lookup("chat", 1)


def _report(path: Path, ready: Barrier, put: Callable[[str], None]) -> None:
    put(_lookup_when_all_are_ready(path, ready))


def test_processes_that_start_at_once_make_one_key_and_all_use_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(5):
        path = tmp_path / f"data{attempt}" / "key"
        ready, answers = context.Barrier(4), context.SimpleQueue()
        racers = [
            context.Process(target=_report, args=(path, ready, answers.put)) for _ in range(4)
        ]
        for racer in racers:
            racer.start()
        found = {answers.get() for _ in racers}
        for racer in racers:
            racer.join()
        assert found == {Keyring.from_file(path).lookup("chat", 1)}
        assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_threads_that_start_at_once_make_one_key_and_all_use_it(tmp_path: Path) -> None:
    for attempt in range(20):
        path = tmp_path / f"data{attempt}" / "key"
        ready = ThreadBarrier(4)
        with ThreadPoolExecutor(4) as pool:
            racers = [pool.submit(_lookup_when_all_are_ready, path, ready) for _ in range(4)]
            found = {racer.result() for racer in racers}
        assert found == {Keyring.from_file(path).lookup("chat", 1)}
