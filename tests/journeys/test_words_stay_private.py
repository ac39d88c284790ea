"""A person's words, name and number are in no log and nowhere readable on disk."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import structlog

from bot import logs
from tests.support.stage import Staging

WORDS = ("marzipan-lighthouse", "periwinkle-turbine", "obsidian-teacup", "saffron-anchor")
NAME, USERNAME, PLACE = "Zebedee", "quixotic_wombat", 51.477928


async def test_a_whole_journey_leaves_no_word_in_the_log_or_readable_on_disk(
    staging: Staging,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure("DEBUG", as_json=True)
    secrets: list[str] = [*WORDS, NAME, USERNAME]
    try:
        async with staging() as stage:
            ana, _ben = await stage.on_call()
            sam = await stage.client.new_phone(NAME, username=USERNAME)
            secrets.append(str(sam.id))
            await sam.says(f"hello {WORDS[0]}")
            await sam.reads("bot")
            await sam.says(f"i want to die tonight {WORDS[1]}")
            page = await ana.reads("IMMEDIATE")
            await ana.taps("I'm here", on=page)
            await ana.reads(WORDS[1], after=page)
            said = await sam.says(f"my secret is {WORDS[2]}")
            await ana.reads(WORDS[2], after=page)
            await sam.edits(said, f"my secret was {WORDS[2]}")
            await sam.sends_location(PLACE, 0.0)
            await ana.says(f"answer {WORDS[3]}")
            await sam.reads(WORDS[3])
            await ana.says("/close")
            question = await ana.reads("How did it end?")
            await ana.taps("They feel safer", on=question)
            closed = await ana.reads("is closed", after=question)
            await ana.says(f"note {WORDS[0]}", reply_to=closed)
            await ana.reads("The note is kept")
            seen_by_ana = json.dumps([message.raw for message in await ana.messages()])
            on_disk = {
                path.name: path.read_bytes()
                for path in (tmp_path / "data").iterdir()
                if path.is_file() and path.name != "key"
            }
            assert any(content for name, content in on_disk.items() if name.endswith(".db"))
    finally:
        structlog.reset_defaults()
    log = written.getvalue() + capfd.readouterr().err + capfd.readouterr().out
    assert "case_claimed" in log
    on_disk |= {
        f"{path.name} after": path.read_bytes()
        for path in (tmp_path / "data").iterdir()
        if path.is_file() and path.name != "key"
    }
    for secret in (*secrets, str(PLACE)):
        assert secret not in log, f"{secret} is in the log"
        for name, content in on_disk.items():
            assert secret.encode() not in content, f"{secret} is readable in {name}"
    for identity in (NAME, USERNAME, str(sam.id)):
        assert identity not in seen_by_ana, f"the ambassador saw {identity}"
