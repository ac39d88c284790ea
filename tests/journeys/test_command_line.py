"""What an operator types, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import RasaServer

HOLDFAST = Path(sys.executable).with_name("holdfast")


def holdfast(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HOLDFAST, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def journey(rasa: RasaServer, cwd: Path, **environment: str) -> dict[str, Any]:
    played = holdfast(
        "demo",
        "--journey",
        "--json",
        cwd=cwd,
        NLU_URL=rasa.url,
        NLU_TOKEN=rasa.token,
        **environment,
    )
    assert played.returncode == 0, played.stderr + played.stdout
    result: dict[str, Any] = json.loads(played.stdout)
    return result


def test_the_journey_goes_well_twice_in_a_row(rasa: RasaServer, tmp_path: Path) -> None:
    for _ in range(2):
        result = journey(rasa, tmp_path)
        assert result["ok"] is True
        assert {"at_ms", "who", "what"} == set(result["steps"][0])


def test_the_journey_goes_well_on_real_servers_twice_in_a_row(
    rasa: RasaServer, tmp_path: Path, postgres: str, redis_url: str, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.extend([("ran on", "PostgreSQL"), ("ran on", "Redis")])
    for _ in range(2):
        result = journey(rasa, tmp_path, DATABASE_URL=postgres, REDIS_URL=redis_url)
        assert result["ok"] is True


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("HOLDFAST_BOT_TOKEN", "hello", "@BotFather"),
        ("DATABASE_URL", "mysql://x/y", "postgresql://"),
        ("REDIS_URL", "localhost", "redis://"),
        ("HOLDFAST_ZONE", "Mars/Olympus", "Europe/Berlin"),
        ("TELEGRAM_API_BASE", "telegram", "https://"),
        ("HOLDFAST_KEY", "short", "holdfast key"),
        ("HOLDFAST_WEBHOOK_URL", "https://example.org/hook", "HOLDFAST_WEBHOOK_SECRET"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence_that_says_what_to_do(
    name: str, value: str, hint: str, tmp_path: Path
) -> None:
    refused = holdfast("run", cwd=tmp_path, **{name: value})
    assert refused.returncode == 2
    assert hint in refused.stderr
    assert "Traceback" not in refused.stderr


def test_running_without_a_token_points_to_the_demo(tmp_path: Path) -> None:
    refused = holdfast("run", cwd=tmp_path)
    assert refused.returncode == 2
    assert "holdfast demo" in refused.stderr


def test_the_doctor_finds_what_is_missing_and_says_so_by_its_exit_code(tmp_path: Path) -> None:
    examined = holdfast("doctor", "--json", cwd=tmp_path)
    assert examined.returncode == 1
    findings = {row["part"]: row for row in json.loads(examined.stdout)["findings"]}
    assert findings["telegram"]["health"] == "bad"
    assert "HOLDFAST_BOT_TOKEN" in findings["telegram"]["text"]


def test_the_doctor_never_shows_a_secret(tmp_path: Path) -> None:
    examined = holdfast(
        "doctor",
        cwd=tmp_path,
        HOLDFAST_BOT_TOKEN="123456:very-secret-token",
        TELEGRAM_API_BASE="http://127.0.0.1:9",
    )
    assert "very-secret-token" not in examined.stdout + examined.stderr


def test_a_message_can_be_tried_on_the_command_line(rasa: RasaServer, tmp_path: Path) -> None:
    parsed = holdfast(
        "nlu",
        "parse",
        "i want to die",
        "--json",
        cwd=tmp_path,
        NLU_URL=rasa.url,
        NLU_TOKEN=rasa.token,
    )
    assert json.loads(parsed.stdout)["urgency"] == "immediate", parsed.stderr


def test_the_sandbox_runs_alone_and_stops_when_told(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [HOLDFAST, "sandbox", "--port", "0"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "unauthenticated" in line
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_the_sandbox_is_not_opened_to_the_network_by_accident(tmp_path: Path) -> None:
    refused = holdfast("sandbox", "--host", "0.0.0.0", cwd=tmp_path)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
