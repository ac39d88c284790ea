"""Finds what helps a volunteer most: means, time, place, age and who is meant. Pure.

Plain patterns over the text as it was sent. Nothing is decided by them, and not finding a thing
says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_UNITS = r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)"
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_FAMILY = (
    r"mum|mom|mam|mother|dad|father|parents?|brother|sister|son|daughter|kids?|child|children|baby|"
    r"husband|wife|partner|boyfriend|girlfriend|bf|gf|ex|fianc[eé]e?|uncle|aunt|cousin|nephew|niece|"
    r"nan|gran|grandma|grandmother|granddad|grandpa|grandfather|stepdad|stepmum|stepmom|"
    r"(?:best )?friend|flatmate|roommate|housemate|neighbou?r|teacher|boss|classmate|student|pupil"
)
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "means": r"\b(?:pills?|tablets?|meds|medication|overdose|kni(?:fe|ves)|blades?|razors?|"
        r"scissors|rope|noose|guns?|pistol|rifle|bleach|poison|train tracks|insulin)\b",
        "time": r"\b(?:tonight|right now|now|today|tomorrow|this (?:morning|afternoon|evening|week"
        rf"end|week)|(?:on |next |this |last )?{_DAYS}|in (?:an?|\d+|a few) {_UNITS}|"
        rf"(?:an?|\d+|a few) {_UNITS} ago|at \d{{1,2}}(?::\d\d)?(?: ?[ap]m)?|midnight)\b",
        "place": r"\b(?:bridge|roof(?:top)?|balcony|ledge|cliff|(?:railway |train )?station|"
        r"bathroom|bedroom|garage|(?:at|my) (?:home|school|work|uni|car)|(?:the |my )?car park|"
        r"hotel(?: room)?|hospital|woods|forest|river|beach)\b",
        "age": r"\b[1-9]\d?[\s-]?(?:years?|yrs?)[\s-]?old\b|\b[1-9]\d\s?y/?o\b|"
        r"\b(?:i'?m|i am|he'?s|he is|she'?s|she is|aged|turned|turning) [1-9]\d?"
        r"(?=\s*(?:$|[.,!?;)]|and\b|but\b))",
        "relation": rf"\bmy (?:(?:little|older|younger|big|baby|late|own) )?(?:{_FAMILY})\b",
    }.items()
}


class Entity(NamedTuple):
    """One thing found."""

    kind: str
    start: int
    end: int
    """Half-open offsets, in characters of the text."""
    value: str


def find(text: str) -> list[Entity]:
    """Return what is found, in order of its place. Never raises for a ``str``."""
    return sorted(
        (
            Entity(kind, match.start(), match.end(), match.group())
            for kind, pattern in _PATTERNS.items()
            for match in pattern.finditer(text)
        ),
        key=lambda entity: entity.start,
    )
