"""The ladder for each urgency: whom to page, how loud, how long to wait, when to remind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from models.vocabulary import Urgency

LADDERS = (Urgency.IMMEDIATE, Urgency.URGENT, Urgency.SUPPORT)
"""The urgencies that have a ladder; at `none` nobody is paged unless the person asks."""

NAMED = "group:"
"""Stands before the name of a group that a community made for itself."""

MOST_RUNGS = 8
"""More than fit on a phone, and more than a person should wait through."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")

_CHECK = {
    Urgency.IMMEDIATE: timedelta(minutes=10),
    Urgency.URGENT: timedelta(minutes=20),
    Urgency.SUPPORT: timedelta(minutes=45),
}
"""How long a person may be silent before they are gently asked, unless the policy says so."""


class PolicyError(ValueError):
    """A policy that cannot be used, with the reason in words a coordinator can act on."""


class Group(StrEnum):
    """Whom a rung pages; resolved to ambassadors at the moment of paging."""

    PRIMARY = "primary"
    BACKUP = "backup"
    ON_CALL = "on_call"
    EVERYONE = "everyone"
    COORDINATORS = "coordinators"


class Loudness(StrEnum):
    """How a page makes itself heard.

    `quiet` comes without a sound, `loud` also by the second channel of those who have one.
    """

    QUIET = "quiet"
    NORMAL = "normal"
    LOUD = "loud"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder.

    ``groups`` are values of `Group`, or `NAMED` followed by the name of a community's own group.
    """

    groups: tuple[str, ...]
    wait: timedelta
    loudness: Loudness = Loudness.NORMAL


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs for one urgency; after the last the ladder begins again.

    ``nudges`` and ``release`` count from when the person began to wait for a holder's word;
    ``check`` and ``quiet`` from the holder's first word that the person left unanswered: then the
    person is gently asked, and later coordinators decide. After ``repeat`` climbs of the whole
    ladder its last rung alone is climbed again and again; None climbs all of it each time.
    """

    rungs: tuple[Rung, ...]
    nudges: tuple[timedelta, ...]
    release: timedelta
    check: timedelta
    quiet: timedelta
    repeat: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """All ladders, and what they share.

    ``rest``: how long one who declined is left in peace by the same case. ``pause``: the shortest
    time between two beginnings of a ladder, so that a ladder nobody answers cannot spin.
    ``reopen``: how long after its close a case is opened again by the person's next words.
    ``offer``: how long a case that is offered to another waits for their answer.
    """

    ladders: dict[Urgency, Ladder]
    rest: timedelta
    pause: timedelta
    reopen: timedelta
    offer: timedelta

    def ladder(self, urgency: Urgency) -> Ladder:
        """The ladder for ``urgency``; one who asks for a human at `none` climbs `support`."""
        return self.ladders[Urgency.highest(urgency, Urgency.SUPPORT)]

    def as_json(self) -> dict[str, Any]:
        """The form that `parse_policy` reads, for a case's snapshot."""
        return {
            "rest": write_time(self.rest),
            "pause": write_time(self.pause),
            "reopen": write_time(self.reopen),
            "offer": write_time(self.offer),
            **{
                urgency.value: {
                    "rungs": [
                        {
                            "page": [str(group) for group in rung.groups],
                            "wait": write_time(rung.wait),
                            "loudness": rung.loudness.value,
                        }
                        for rung in ladder.rungs
                    ],
                    "nudge": [write_time(nudge) for nudge in ladder.nudges],
                    "release": write_time(ladder.release),
                    "check": write_time(ladder.check),
                    "quiet": write_time(ladder.quiet),
                    "repeat": ladder.repeat or "forever",
                }
                for urgency, ladder in self.ladders.items()
            },
        }


def parse_policy(data: object) -> Policy:
    """Read a policy from what a YAML or JSON file holds.

    `PolicyError` for one that is malformed or that could leave a case unpaged: every ladder must
    end with coordinators whose pages make a sound, and no wait may be zero or above an hour.
    """
    if not isinstance(data, dict):
        raise PolicyError("a policy is a mapping with the keys immediate, urgent and support")
    shared = {"rest", "pause", "reopen", "offer"}
    _only("a policy", data, {urgency.value for urgency in LADDERS} | shared)
    return Policy(
        ladders={urgency: _ladder(urgency, data.get(urgency.value)) for urgency in LADDERS},
        rest=read_time(data.get("rest", "15m"), "rest"),
        pause=read_time(data.get("pause", "30s"), "pause"),
        reopen=read_time(data.get("reopen", "12h"), "reopen", 3 * _DAY),
        offer=read_time(data.get("offer", "10m"), "offer"),
    )


def read_group_name(text: str) -> str:
    """The name of a community's own group; `PolicyError` for one that may not be used."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise PolicyError(
            f"a group's name is one word of Latin letters and digits, such as night; not {text!r}"
        )
    if name in {*Group, *Loudness, "wait", "page", "on"}:
        raise PolicyError(f"{name} means something already: give the group another name")
    return name


def _ladder(urgency: Urgency, data: object) -> Ladder:
    if not isinstance(data, dict) or not isinstance(data.get("rungs"), list) or not data["rungs"]:
        raise PolicyError(f"{urgency}: a ladder needs a list of rungs")
    _only(urgency, data, {"rungs", "nudge", "release", "check", "quiet", "repeat"})
    rungs = tuple(_rung(f"{urgency}, rung {n}", item) for n, item in enumerate(data["rungs"], 1))
    _check_rungs(urgency, rungs)
    times = data.get("nudge", [])
    if not isinstance(times, list):
        raise PolicyError(f"{urgency}: nudge is a list of times, such as [2m, 4m]; not {times!r}")
    nudges = tuple(read_time(item, f"{urgency}, nudge") for item in times)
    release = read_time(data.get("release", "30m"), f"{urgency}, release")
    if list(nudges) != sorted(nudges) or (nudges and nudges[-1] >= release):
        raise PolicyError(f"{urgency}: nudges must come in order and before the release")
    check = read_time(data.get("check", write_time(_CHECK[urgency])), f"{urgency}, check", _DAY)
    quiet = read_time(data.get("quiet", write_time(2 * check)), f"{urgency}, quiet", 2 * _DAY)
    if quiet <= check:
        raise PolicyError(f"{urgency}: quiet must be longer than check: the person is asked first")
    return Ladder(rungs, nudges, release, check, quiet, _repeat(urgency, data.get("repeat")))


def _check_rungs(urgency: Urgency, rungs: Sequence[Rung]) -> None:
    if len(rungs) > MOST_RUNGS:
        raise PolicyError(f"{urgency}: a ladder has at most {MOST_RUNGS} rungs")
    if Group.COORDINATORS not in rungs[-1].groups:
        raise PolicyError(
            f"{urgency}: the last rung must page coordinators, "
            "or a case could wait with nobody responsible for it"
        )
    if rungs[-1].loudness is Loudness.QUIET:
        raise PolicyError(
            f"{urgency}: the last rung must make a sound, or nobody may notice that a case waits"
        )
    if urgency is Urgency.IMMEDIATE and any(rung.loudness is Loudness.QUIET for rung in rungs):
        raise PolicyError(
            "immediate: no rung may be quiet: a page that nobody hears costs time "
            "where a life may be at risk"
        )


def _rung(where: str, data: object) -> Rung:
    if not isinstance(data, dict) or not isinstance(data.get("page"), list) or not data["page"]:
        raise PolicyError(f"{where}: say whom to page, such as page: [primary, backup]")
    _only(where, data, {"page", "wait", "loudness"})
    groups = tuple(_group(where, item, data["page"]) for item in data["page"])
    loudness = data.get("loudness", "normal")
    if not isinstance(loudness, str) or loudness not in set(Loudness):
        raise PolicyError(f"{where}: loudness is {', '.join(Loudness)}; not {loudness!r}")
    return Rung(groups, read_time(data.get("wait"), where), Loudness(loudness))


def _group(where: str, item: object, listed: object) -> str:
    if isinstance(item, str) and item in set(Group):
        return Group(item)
    if isinstance(item, str) and item.startswith(NAMED):
        return NAMED + read_group_name(item.removeprefix(NAMED))
    raise PolicyError(
        f"{where}: a rung pages {', '.join(Group)} or a group of your own, "
        f"such as {NAMED}night; not {listed}"
    )


def _repeat(urgency: Urgency, data: object) -> int | None:
    if data is None or data == "forever":
        return None
    text = str(data)
    if isinstance(data, bool) or not re.fullmatch(r"[1-9]\d?", text):
        raise PolicyError(f"{urgency}: repeat is a number from 1 to 99 or forever; not {data!r}")
    return int(text)


def _only(where: str, data: dict[object, object], known: set[str]) -> None:
    """A misspelt key would otherwise be a default that nobody chose."""
    for key in data:
        if key not in known:
            names = ", ".join(sorted(known))
            raise PolicyError(f"{where}: unknown key {key!r}; known are {names}")


def read_time(text: object, where: str, most: timedelta = _HOUR) -> timedelta:
    """The span that ``text`` says, such as 90s, 2m or 1h; else `PolicyError`."""
    match = re.fullmatch(r"(\d{1,6})\s*([smh])", str(text).strip())
    if not match:
        raise PolicyError(f"{where}: write a time such as 90s, 2m or 1h; not {text!r}")
    span = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not timedelta() < span <= most:
        longest = "an hour" if most == _HOUR else f"{most // _HOUR} hours"
        raise PolicyError(f"{where}: a time must be above zero and at most {longest}; not {text!r}")
    return span


def write_time(span: timedelta) -> str:
    """``span`` in the form that `read_time` reads, as short as it can be said."""
    seconds = int(span.total_seconds())
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
