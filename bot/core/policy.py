"""The ladder for each urgency: whom to page, how long to wait, when to nudge a quiet holder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from models.vocabulary import Urgency

LADDERS = (Urgency.IMMEDIATE, Urgency.URGENT, Urgency.SUPPORT)
"""The urgencies that have a ladder; at `none` nobody is paged unless the person asks."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_LONGEST_WAIT = timedelta(hours=1)


class PolicyError(ValueError):
    """A policy that cannot be used, with the reason in words a coordinator can act on."""


class Group(StrEnum):
    """Whom a rung pages; resolved to ambassadors at the moment of paging."""

    PRIMARY = "primary"
    BACKUP = "backup"
    EVERYONE = "everyone"
    COORDINATORS = "coordinators"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder."""

    groups: tuple[Group, ...]
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs for one urgency; after the last the ladder begins again.

    ``nudges`` and ``release`` count from when the person began to wait for a holder's word.
    """

    rungs: tuple[Rung, ...]
    nudges: tuple[timedelta, ...]
    release: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """All ladders, and what they share.

    ``rest``: how long one who declined is left in peace by the same case. ``pause``: the shortest
    time between two beginnings of a ladder, so that a ladder nobody answers cannot spin.
    """

    ladders: dict[Urgency, Ladder]
    rest: timedelta
    pause: timedelta

    def ladder(self, urgency: Urgency) -> Ladder:
        """The ladder for ``urgency``; one who asks for a human at `none` climbs `support`."""
        return self.ladders[Urgency.highest(urgency, Urgency.SUPPORT)]

    def as_json(self) -> dict[str, Any]:
        """The form that `parse_policy` reads, for a case's snapshot."""
        return {
            "rest": _write(self.rest),
            "pause": _write(self.pause),
            **{
                urgency.value: {
                    "rungs": [
                        {"page": [group.value for group in rung.groups], "wait": _write(rung.wait)}
                        for rung in ladder.rungs
                    ],
                    "nudge": [_write(nudge) for nudge in ladder.nudges],
                    "release": _write(ladder.release),
                }
                for urgency, ladder in self.ladders.items()
            },
        }


def parse_policy(data: object) -> Policy:
    """Read a policy from what a YAML or JSON file holds.

    `PolicyError` for one that is malformed or that could leave a case unpaged: every ladder must
    end with coordinators, and no wait may be zero or longer than an hour.
    """
    if not isinstance(data, dict):
        raise PolicyError("a policy is a mapping with the keys immediate, urgent and support")
    _only("a policy", data, {urgency.value for urgency in LADDERS} | {"rest", "pause"})
    return Policy(
        ladders={urgency: _ladder(urgency, data.get(urgency.value)) for urgency in LADDERS},
        rest=_read(data.get("rest", "15m"), "rest"),
        pause=_read(data.get("pause", "30s"), "pause"),
    )


def _ladder(urgency: Urgency, data: object) -> Ladder:
    if not isinstance(data, dict) or not isinstance(data.get("rungs"), list) or not data["rungs"]:
        raise PolicyError(f"{urgency}: a ladder needs a list of rungs")
    _only(urgency, data, {"rungs", "nudge", "release"})
    rungs = tuple(_rung(f"{urgency}, rung {n}", item) for n, item in enumerate(data["rungs"], 1))
    if Group.COORDINATORS not in rungs[-1].groups:
        raise PolicyError(
            f"{urgency}: the last rung must page coordinators, "
            "or a case could wait with nobody responsible for it"
        )
    times = data.get("nudge", [])
    if not isinstance(times, list):
        raise PolicyError(f"{urgency}: nudge is a list of times, such as [2m, 4m]; not {times!r}")
    nudges = tuple(_read(item, f"{urgency}, nudge") for item in times)
    release = _read(data.get("release", "30m"), f"{urgency}, release")
    if list(nudges) != sorted(nudges) or (nudges and nudges[-1] >= release):
        raise PolicyError(f"{urgency}: nudges must come in order and before the release")
    return Ladder(rungs, nudges, release)


def _rung(where: str, data: object) -> Rung:
    if not isinstance(data, dict) or not isinstance(data.get("page"), list) or not data["page"]:
        raise PolicyError(f"{where}: say whom to page, such as page: [primary, backup]")
    _only(where, data, {"page", "wait"})
    try:
        groups = tuple(Group(item) for item in data["page"])
    except ValueError as error:
        raise PolicyError(
            f"{where}: a rung pages {', '.join(Group)}; not {data['page']}"
        ) from error
    return Rung(groups, _read(data.get("wait"), where))


def _only(where: str, data: dict[object, object], known: set[str]) -> None:
    """A misspelt key would otherwise be a default that nobody chose."""
    for key in data:
        if key not in known:
            names = ", ".join(sorted(known))
            raise PolicyError(f"{where}: unknown key {key!r}; known are {names}")


def _read(text: object, where: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,4})\s*([smh])", str(text).strip())
    if not match:
        raise PolicyError(f"{where}: write a time such as 90s, 2m or 1h; not {text!r}")
    span = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not timedelta() < span <= _LONGEST_WAIT:
        raise PolicyError(f"{where}: a time must be above zero and at most an hour; not {text!r}")
    return span


def _write(span: timedelta) -> str:
    return f"{int(span.total_seconds())}s"
