"""The documentation says what the code does: its settings, commands, links and examples."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import yaml
from telegram import Bot
from telegram.ext import CommandHandler
from typer.testing import CliRunner

from bot.cli import app
from bot.core.policy import LADDERS, parse_policy
from bot.settings import Settings
from bot.telegram import application, joining
from bot.texts import load_texts
from models import Ambassador, Role
from sandbox import DEFAULT_TOKEN
from sandbox.client import Phone
from tests.chaos.tour import FAILURES
from tests.support.stage import Stage

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
NOT_BUILT_YET = {"forget"}
"""Commands that the documentation names as missing; the day one is built, it must say so."""
NOT_OURS = {"healthz", "readyz", "metrics", "newbot", "setjoingroups"}
"""What looks like a command and is none of ours: an address, and what @BotFather understands."""
ROOMS = ("bot", "models", "nlu", "resources", "sandbox", "tests", "docs", "config.yml", "Makefile")

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.M | re.S)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_VARIABLE = re.compile(r"\b(?:HOLDFAST_[A-Z_]+|[A-Z]+_(?:URL|API_BASE|TOKEN))\b")
_CLI = re.compile(r"^(?:uv run )?(?:\S*/)?holdfast(?=\s|$)(.*)$")
_TURN_S = 30
"""The bot keeps to Telegram's rate in one chat, and a guide asks faster than anybody types."""


def _named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _spans(page: Path) -> Iterator[str]:
    """Every piece of inline code, and every line of every fenced block."""
    text = page.read_text("utf-8")
    for block in _FENCE.finditer(text):
        yield from block["body"].splitlines()
    yield from _INLINE.findall(_FENCE.sub("", text))


every_page = pytest.mark.parametrize("page", PAGES, ids=_named)


# Settings.


def _settings_table() -> dict[str, str]:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| ([^|]+) \|", (ROOT / "docs/operators.md").read_text("utf-8"), re.M
    )
    return {name: default.strip().strip("`") for name, default in rows}


def test_the_table_of_settings_is_that_of_the_code() -> None:
    in_code = {
        str(field.alias): "none" if field.default in (None, "") else str(field.default)
        for field in Settings.model_fields.values()
    }
    assert _settings_table() == in_code


@every_page
def test_every_variable_named_is_one_that_is_read(page: Path) -> None:
    read = {str(field.alias) for field in Settings.model_fields.values()}
    read |= set(re.findall(r"HOLDFAST_[A-Z_]+", (ROOT / "bot/cli.py").read_text("utf-8")))
    assert set(_VARIABLE.findall(page.read_text("utf-8"))) <= read


def test_the_ladders_in_the_guide_are_those_of_the_policy() -> None:
    policy = parse_policy(yaml.safe_load((ROOT / "bot/policy.yml").read_text("utf-8")))
    guide = (ROOT / "docs/coordinators.md").read_text("utf-8")
    for urgency in LADDERS:
        rungs = []
        for rung in policy.ladder(urgency).rungs:
            seconds = int(rung.wait.total_seconds())
            wait = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
            rungs.append(f"{' and '.join(rung.groups)}, {wait}")
        assert f"| {urgency} | {' → '.join(rungs)} |" in guide


# Commands.


@cache
def _commands() -> frozenset[str]:
    """Every command that has a handler."""
    handlers = application.build(Bot(DEFAULT_TOKEN)).handlers[0]
    return frozenset(
        name for one in handlers if isinstance(one, CommandHandler) for name in one.commands
    )


@every_page
def test_every_command_named_has_a_handler(page: Path) -> None:
    for span in _spans(page):
        match = re.match(r"(?:> )?/([a-z_]+)(?=\s|$)", span)
        if match:
            assert match[1] in _commands() | NOT_BUILT_YET | NOT_OURS, span


def test_what_is_called_missing_is_missing() -> None:
    assert not NOT_BUILT_YET & _commands()


@pytest.mark.parametrize(
    ("role", "guide"),
    [(None, "persons"), (Role.AMBASSADOR, "ambassadors"), (Role.COORDINATOR, "coordinators")],
)
def test_every_command_of_a_menu_is_in_its_guide(role: Role | None, guide: str) -> None:
    ambassador = Ambassador(role=role) if role else None
    told = (ROOT / f"docs/{guide}.md").read_text("utf-8")
    if role is Role.COORDINATOR:
        told += (ROOT / "docs/ambassadors.md").read_text("utf-8")
    for name, _ in joining.menu(load_texts(), ambassador).commands:
        assert f"/{name}" in told


@every_page
def test_every_command_line_is_understood(page: Path) -> None:
    for span in _spans(page):
        match = _CLI.match(span.strip().removeprefix("$ "))
        if match is None:
            continue
        words = [
            word
            for word in shlex.split(match[1].split(" | ")[0].split(" > ")[0], comments=True)
            if "…" not in word
        ]
        result = CliRunner().invoke(app, [*words, "--help"])
        assert result.exit_code == 0, f"{span}\n{result.output}"


@every_page
def test_every_word_of_make_is_one(page: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert phony is not None
    for span in _spans(page):
        match = re.match(r"make ([a-z]+)\b", span.strip())
        if match:
            assert match[1] in phony[1].split(), span


# Links and files.


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text("utf-8")), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")).replace(" ", "-")
        for heading in headings
    }


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in _anchors(there), target


@every_page
def test_every_file_named_is_there(page: Path) -> None:
    for span in _INLINE.findall(_FENCE.sub("", page.read_text("utf-8"))):
        path, _, test = span.partition("::")
        if not re.fullmatch(r"[\w.-]+(/[\w.-]*)*", path) or path.split("/")[0] not in ROOMS:
            continue
        assert (ROOT / path).exists(), span
        if test:
            assert f"def {test}(" in (ROOT / path).read_text("utf-8"), span


def test_the_guide_to_failures_has_each_that_the_tour_plays_and_no_other() -> None:
    told = (ROOT / "docs/operations.md").read_text("utf-8")
    headings = " ".join(line for line in told.splitlines() if line.startswith("## "))
    assert set(re.findall(r"`(\w+)`", headings)) == set(FAILURES) - {"nothing"}


def test_every_decision_is_listed_and_has_its_parts() -> None:
    folder = ROOT / "docs/decisions"
    listed = _LINK.findall((folder / "README.md").read_text("utf-8"))
    pages = sorted(page.name for page in folder.glob("[0-9]*.md"))
    assert [name for name in listed if name[0].isdigit()] == pages
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    for name in pages:
        text = (folder / name).read_text("utf-8")
        for part in ("## Context", "## Decision", "## Consequences"):
            assert part in text, name


# Examples, played on the real bot.


@dataclass
class _Line:
    """One thing that somebody writes or taps, and parts of what they then read."""

    role: str
    act: str | None
    answers: list[str] = field(default_factory=list)


def _examples(page: Path) -> list[_Line]:
    lines: list[_Line] = []
    for block in _FENCE.finditer(page.read_text("utf-8")):
        family, _, role = block["info"].partition("-")
        if family != "holdfast":
            continue
        lines.append(_Line(role, None))
        for line in block["body"].splitlines():
            if line.startswith("> "):
                lines.append(_Line(role, line[2:]))
            elif line.strip():
                lines[-1].answers.append(line.strip())
    return lines


async def _play(phones: dict[str, Phone], page: Path) -> None:
    since = dict.fromkeys(phones, 0)
    for line in _examples(page):
        phone = phones[line.role]
        if line.act is not None:
            since[line.role] = await phone.marker()
            if tap := re.fullmatch(r"\[(.+)\]", line.act):
                await phone.taps(tap[1])
            else:
                await phone.says(line.act)
        for answer in line.answers:
            await phone.reads(answer, after=since[line.role], timeout_s=_TURN_S)


async def test_the_coordinators_guide_tells_what_happens(embedded: Stage) -> None:
    await embedded.ambassador("Ana")
    await embedded.ambassador("Ben")
    phones = {"coordinator": embedded.chief, "person": await embedded.person()}
    await _play(phones, ROOT / "docs/coordinators.md")


async def test_the_ambassadors_guide_tells_what_happens(embedded: Stage) -> None:
    ana, _ = await embedded.on_call()
    phones = {
        "ambassador": ana,
        "person": await embedded.person(),
        "newcomer": await embedded.person("Kim"),
    }
    await _play(phones, ROOT / "docs/ambassadors.md")


async def test_what_a_person_sees_is_what_is_told(embedded: Stage) -> None:
    await embedded.on_call()
    await _play({"person": await embedded.person()}, ROOT / "docs/persons.md")
