"""Logs say what happened and where, and nothing of what anybody wrote."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import pytest
import structlog

from bot import logs
from bot.engine.loops import Loops
from bot.faults import where

WORDS = "i want to die tonight"

Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    """Read back what was logged to standard error since the last look."""
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    logs.configure("INFO", as_json=True)

    def read() -> list[dict[str, Any]]:
        text = file.getvalue()
        file.seek(0)
        file.truncate()
        assert WORDS not in text
        return [json.loads(line) for line in text.splitlines()]

    return read


def test_an_event_is_written_with_its_level_and_time(written: Written) -> None:
    structlog.get_logger().info("page_sent", page=3, case=12)
    (event,) = written()
    assert event["timestamp"].endswith("Z")
    del event["timestamp"]
    assert event == {"event": "page_sent", "level": "info", "page": 3, "case": 12}


def test_a_field_that_is_not_on_the_list_is_dropped(written: Written) -> None:
    structlog.get_logger().warning(
        "case_claimed", case=12, words=WORDS, chat_id=777, name="Sam", text=WORDS, message=WORDS
    )
    assert set(written()[0]) == {"event", "level", "timestamp", "case"}


@pytest.mark.parametrize(
    "name",
    [
        "words",
        "text",
        "message",
        "html",
        "letter_html",
        "name",
        "username",
        "first_name",
        "handle",
        "chat_id",
        "chat_key",
        "user_id",
        "phone",
        "token",
        "url",
        "exception",
        "exc_info",
        "stack",
        "update_json",
        "body",
        "note",
        "pseudonym",
        "country",
        "reason",
        "query",
    ],
)
def test_no_field_that_could_tell_of_a_person_is_on_the_list(name: str) -> None:
    assert name not in logs.ALLOWED


def test_the_message_and_trace_of_an_exception_are_never_written(
    written: Written,
) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        structlog.get_logger().exception(
            "letter_broken", error=type(error).__name__, where=where(error)
        )
        structlog.get_logger().error("update_failed", exc_info=True, stack_info=True)
    first, second = written()
    assert first["error"] == "ValueError"
    assert first["where"].startswith("test_logs.py:")
    assert set(second) == {"event", "level", "timestamp"}


def test_what_a_library_logs_is_not_repeated_but_where_it_came_from_is(
    written: Written,
) -> None:
    logging.getLogger("httpx").warning("POST https://api.telegram.org/bot123:ABC/send %s", WORDS)
    (event,) = written()
    assert (event["event"], event["library"], event["level"]) == (
        "library_logged",
        "httpx",
        "warning",
    )
    assert event["where"].startswith("test_logs:")
    assert "ABC" not in json.dumps(event)


def test_of_an_exception_that_a_library_logs_only_its_type_and_place_are_kept(
    written: Written,
) -> None:
    try:
        raise RuntimeError(WORDS)
    except RuntimeError:
        logging.getLogger("telegram.ext").exception("while handling %s", WORDS)
    (event,) = written()
    assert event["error"] == "RuntimeError"
    assert event["where"].startswith("test_logs.py:")


@pytest.mark.parametrize("library", ["httpx", "httpcore", "telegram", "alembic", "limits"])
def test_the_chatter_of_libraries_is_not_heard(written: Written, library: str) -> None:
    logging.getLogger(library).info("POST https://api.telegram.org/bot123:ABC/getUpdates")
    assert written() == []


@pytest.mark.parametrize("level", [31, 35, 45, 55])
def test_a_level_that_only_a_library_knows_harms_nobody(written: Written, level: int) -> None:
    logging.getLogger("elsewhere").log(level, WORDS)
    assert written()[0]["event"] == "library_logged"


def test_exc_info_without_an_exception_harms_nobody(written: Written) -> None:
    logging.getLogger("elsewhere").warning(WORDS, exc_info=True)
    assert written()[0]["error"] is None


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("DEBUG", ["debug", "info", "warning", "error"]),
        ("WARNING", ["warning", "error"]),
        ("ERROR", ["error"]),
    ],
)
def test_what_is_below_the_level_is_not_written(
    capsys: pytest.CaptureFixture[str], level: str, heard: list[str]
) -> None:
    logs.configure(level, as_json=True)
    log = structlog.get_logger()
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)("something_happened")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["level"] for line in lines] == heard


def test_for_people_events_are_written_readably(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=False)
    structlog.get_logger().info("page_sent", page=3, words=WORDS)
    line = capsys.readouterr().err
    assert "page_sent" in line
    assert "page" in line
    assert WORDS not in line


# Where an error came from.


def test_the_place_of_an_error_is_the_last_that_is_ours() -> None:
    try:
        json.loads(f"{WORDS} {{")
    except ValueError as error:
        place = where(error)
    assert place.startswith("test_logs.py:")
    assert place.endswith(" in test_the_place_of_an_error_is_the_last_that_is_ours")


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert where(ValueError(WORDS)) == "unknown"


@pytest.fixture
def full_disk() -> Iterator[TextIO]:
    """A file that answers each byte as a full disk does."""
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("this system has no /dev/full")
    file = device.open("w", buffering=1)
    yield file
    with suppress(OSError):
        file.close()


async def test_work_goes_on_where_the_disk_takes_no_more_lines(
    monkeypatch: pytest.MonkeyPatch, full_disk: TextIO
) -> None:
    monkeypatch.setattr(sys, "stderr", full_disk)
    logs.configure("INFO", as_json=True)
    steps, went_on = 0, asyncio.Event()

    async def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise OSError(errno.ENOSPC, "no space left on device")
        structlog.get_logger().info("update_handled", update=steps)
        went_on.set()

    loops = Loops()
    loops.repeat("worker", step, every_s=60)
    async with asyncio.timeout(20):
        await went_on.wait()
    await loops.stop()
    assert steps == 2
