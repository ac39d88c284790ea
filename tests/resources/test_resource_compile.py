"""Compiling a directory: on a tiny made-up one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from resources import ResourceError, compile

FOLDER = Path(compile.__file__).parent


def _row(**fields: Any) -> dict[str, Any]:
    return {
        "id": "zz-line",
        "country": "ZZ",
        "name": "Listening line",
        "topics": ["suicide", "emotional-support"],
        "phone": "555 0100",
        "hours": None,
        "languages": ["en"],
        "website": None,
        "sources": ["https://example.org/a", "https://example.net/b"],
        "confidence": "two-sources",
        "as_of": "2024-05-01",
        **fields,
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    _write(
        folder / "countries.yml",
        {"ZZ": {"name": "Zedland", "region": "europe", "timezone": None, "also": ["Zed"]}},
    )
    _write(folder / "amendments.yml", {"retired": [], "lines": {}, "emergency": {}})
    _write(folder / "international.yml", {"mobile_emergency": {}, "directories": []})
    return folder


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def _compile(source: Path, target: Path, *rows: dict[str, Any], **amendments: Any) -> Any:
    _write(source / "crisis_lines.yml", list(rows))
    _write(
        source / "emergency_numbers.yml",
        {
            "ZZ": {
                "general": "112",
                "police": None,
                "ambulance": None,
                "fire": "115",
                "confidence": "one-source",
                "support": {"general": ["fco"], "fire": ["wiki"]},
                "unresolved": {"police": {}},
                "as_of": "2026-04-22",
            }
        },
    )
    if amendments:
        _write(
            target / "amendments.yml", {"retired": [], "lines": {}, "emergency": {}, **amendments}
        )
    compile.convert(source, target)
    compile.pack(target)
    return json.loads((target / "directory.json").read_text(encoding="utf-8"))


def test_a_row_is_said_in_holdfasts_words(source: Path, target: Path) -> None:
    (line,) = _compile(source, target, _row())["lines"]
    assert line["themes"] == ["loneliness", "low_mood", "panic", "suicide"]
    assert line["general"] is True
    assert line["audience"] == []
    assert line["verified_at"] == "2024-05-01"
    assert line["verified_by"] == "directory"
    assert line["unconfirmed"] is False
    assert "topics" not in line
    assert "as_of" not in line


@pytest.mark.parametrize(
    ("fields", "audience", "general"),
    [
        ({"topics": ["youth", "emotional-support"]}, ["children", "youth"], False),
        ({"topics": ["emotional-support"], "name": "Women's line"}, ["women"], False),
        (
            {"topics": ["domestic-violence"], "name": "Line for women and children"},
            ["children", "women"],
            False,
        ),
        ({"topics": ["domestic-violence", "youth", "elder"], "name": "Social line"}, [], False),
        ({"topics": ["domestic-violence", "youth", "emotional-support"]}, [], True),
        ({"topics": ["veterans", "suicide"]}, ["veterans"], False),
        ({"topics": ["lgbtq", "emotional-support"]}, ["lgbtq"], False),
        ({"topics": ["elder"]}, ["elders"], False),
    ],
)
def test_whom_a_line_is_for_is_read_from_topics_and_name(
    source: Path, target: Path, fields: dict[str, Any], audience: list[str], general: bool
) -> None:
    (line,) = _compile(source, target, _row(**fields))["lines"]
    assert line["audience"] == audience
    assert line["general"] is general


def test_an_emergency_row_keeps_what_is_disputed(source: Path, target: Path) -> None:
    row = _compile(source, target, _row())["emergency"]["ZZ"]
    assert row["general"] == "112"
    assert row["police"] is None
    assert row["unresolved"] == ["police"]
    assert len(row["sources"]) == 2


def test_the_same_input_gives_the_same_bytes(source: Path, target: Path) -> None:
    rows = [_row(id="zz-b"), _row(id="zz-a")]
    _compile(source, target, *rows)
    first = {path.name: path.read_bytes() for path in target.iterdir()}
    _compile(source, target, *reversed(rows))
    assert {path.name: path.read_bytes() for path in target.iterdir()} == first


def test_a_confirmation_shows_a_line_and_dates_it(source: Path, target: Path) -> None:
    packed = _compile(
        source,
        target,
        _row(confidence="one-source"),
        lines={
            "zz-line": {"verified_by": "a community", "verified_at": "2026-12-01", "why": "dialled"}
        },
    )
    (line,) = packed["lines"]
    assert (line["unconfirmed"], line["verified_at"]) == (False, "2026-12-01")


def test_a_retired_line_is_gone(source: Path, target: Path) -> None:
    packed = _compile(source, target, _row(), lines={"zz-line": {"retire": True, "why": "closed"}})
    assert packed["lines"] == []


@pytest.mark.parametrize(
    ("row", "amendments", "complaint"),
    [
        (_row(topics=["weather"]), {}, "unknown topics"),
        (_row(country="YY"), {}, "unknown country"),
        (_row(sources=[]), {}, "names no source"),
        (_row(phone=None), {}, "no way to reach"),
        (_row(), {"retired": [{"country": "ZZ", "number": "5550100"}]}, "retired number"),
        (
            _row(phone="+99 800 273 8255"),
            {"retired": [{"country": "ZZ", "number": "1-800-273-8255"}]},
            "retired number",
        ),
        (_row(), {"lines": {"zz-line": {"region": "North"}}}, "says why"),
        (_row(), {"lines": {"zz-line": {"verified_by": "us", "why": "dialled"}}}, "says when"),
        (_row(), {"lines": {"zz-line": {"regoin": "North", "why": "slip"}}}, "fields differ"),
        (_row(), {"lines": {"zz-new": {"name": "New", "why": "new"}}}, "fields differ"),
        (_row(), {"lines": {"zz-line": {"audience": ["cats"], "why": "slip"}}}, "unknown audience"),
    ],
)
def test_a_row_that_breaks_a_rule_stops_the_compiling(
    source: Path, target: Path, row: dict[str, Any], amendments: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ResourceError, match=complaint):
        _compile(source, target, row, **amendments)


def test_the_packed_directory_is_what_its_yaml_says(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    compile.pack(tmp_path)
    assert (tmp_path / "directory.json").read_bytes() == (FOLDER / "directory.json").read_bytes()
