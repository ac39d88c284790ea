"""Finding the case that somebody means by what they wrote."""

from __future__ import annotations

import re

from bot.telegram.here import Here
from models import Case

_CASE = re.compile(r"[cC#]?(\d{1,9})[:,.]?")


async def case_named(here: Here, word: str) -> Case | None:
    """The case that ``word`` names, such as C12, locked."""
    named = _CASE.fullmatch(word)
    return await here.work.cases.find(int(named[1])) if named else None


def label_in(word: str) -> str | None:
    """The label that ``word`` is, such as C12, whether or not there is such a case."""
    named = _CASE.fullmatch(word)
    return f"C{int(named[1])}" if named else None
