"""A change of the policy as a coordinator writes it: ``urgent 3 page everyone coordinators``."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from bot.core.policy import (
    LADDERS,
    NAMED,
    Group,
    Loudness,
    Policy,
    parse_policy,
    read_time,
)

_SHARED = ("rest", "pause", "reopen", "offer")
_OF_LADDER = ("nudge", "release", "check", "quiet", "repeat")
_NUMBER = re.compile(r"\d{1,2}")
_LIKE = {
    "oncall": "on_call",
    "on-call": "on_call",
    "all": "everyone",
    "coordinator": "coordinators",
}


class WordsNotRead(ValueError):
    """``part`` was not understood; ``expected`` is the name of what would have been.

    It is one of ladder, rung, group, what or time.
    """

    def __init__(self, part: str, expected: str) -> None:
        super().__init__(f"{part!r} is no {expected}")
        self.part = part
        self.expected = expected


def change_policy(policy: Policy, words: Sequence[str], groups: Collection[str]) -> Policy:
    """``policy`` with the change that ``words`` say; ``groups`` are the community's own.

    `WordsNotRead` for words that cannot be read, `PolicyError` for a policy that may not be.
    """
    data = policy.as_json()
    rest = [word.strip(",;:").lower() for word in words if word.strip(",;:")]
    first = rest.pop(0) if rest else ""
    if first in _SHARED:
        data[first] = _one(rest, "time")
    elif first in {urgency.value for urgency in LADDERS}:
        _change_ladder(data[first], rest, groups)
    else:
        raise WordsNotRead(first, "ladder")
    return parse_policy(data)


def _change_ladder(ladder: dict[str, Any], words: list[str], groups: Collection[str]) -> None:
    first = words.pop(0) if words else ""
    rungs = ladder["rungs"]
    if first == "add":
        _add_rung(rungs, words, groups)
    elif first in ("remove", "delete"):
        del rungs[_rung(rungs, _one(words, "rung"))]
    elif first == "nudge":
        ladder["nudge"] = [] if words in (["off"], ["never"]) else _times(words)
    elif first in _OF_LADDER:
        ladder[first] = _one(words, "time")
    elif _NUMBER.fullmatch(first):
        rung = rungs[_rung(rungs, first)]
        if not words:
            raise WordsNotRead("", "what")
        _change_rung(rung, words, groups)
    else:
        raise WordsNotRead(first, "what")


def _add_rung(rungs: list[Any], words: list[str], groups: Collection[str]) -> None:
    """Without a number the new rung comes before the last, which is the coordinators'."""
    at = len(rungs) - 1
    if words and _NUMBER.fullmatch(words[0]):
        number = words.pop(0)
        at = len(rungs) if int(number) == len(rungs) + 1 else _rung(rungs, number)
    new: dict[str, Any] = {"page": [], "wait": "2m"}
    _change_rung(new, words, groups)
    if not new["page"]:
        raise WordsNotRead("", "group")
    rungs.insert(at, new)


def _change_rung(rung: dict[str, Any], words: list[str], groups: Collection[str]) -> None:
    """``page …``, ``wait …`` and a loudness, in any order."""
    while words:
        word = words.pop(0)
        if word == "page":
            rung["page"] = []
            while words and words[0] not in ("wait", *Loudness):
                name = words.pop(0)
                if name not in ("and", "+"):
                    rung["page"].append(_group(name, groups))
            if not rung["page"]:
                raise WordsNotRead("", "group")
        elif word == "wait":
            rung["wait"] = _time(words.pop(0) if words else "")
        elif word in set(Loudness):
            rung["loudness"] = word
        else:
            raise WordsNotRead(word, "what")


def _group(name: str, groups: Collection[str]) -> str:
    name = _LIKE.get(name, name)
    if name in set(Group):
        return name
    if name.removeprefix(NAMED) in groups:
        return NAMED + name.removeprefix(NAMED)
    raise WordsNotRead(name, "group")


def _rung(rungs: list[Any], number: str) -> int:
    if not _NUMBER.fullmatch(number) or not 1 <= int(number) <= len(rungs):
        raise WordsNotRead(number, "rung")
    return int(number) - 1


def _one(words: list[str], expected: str) -> str:
    if len(words) != 1:
        raise WordsNotRead(" ".join(words), expected)
    return words[0]


def _times(words: list[str]) -> list[str]:
    if not words:
        raise WordsNotRead("", "time")
    return [_time(word) for word in words]


def _time(word: str) -> str:
    try:
        read_time(word, "")
    except ValueError as error:
        if not re.fullmatch(r"\d+\s*[smh]", word):
            raise WordsNotRead(word, "time") from error
    return word
