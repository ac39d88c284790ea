"""What the words after a command of the rota mean: names, layers, zones, days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from bot.core.phrases import NotUnderstood, Unclear, read_day, read_zone
from bot.core.rota import zone_named
from bot.telegram.here import Here
from models import Ambassador, Layer

_FROM = ("from", "starting")
_UNTIL = ("until", "till")
_LONGEST_DAY = 4


class NobodyCalled(Exception):
    """A name that is nobody's here."""


class Refused(Exception):
    """A command that was understood and cannot be: the text that says why, and its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Wanting(Exception):
    """Too few words: how the command is written says the rest."""


@dataclass
class Words:
    """The words of a command, taken off one after the other. Whatever is left must mean something.

    ``zone`` is the community's; ``today`` the date there.
    """

    left: list[str]
    zone: ZoneInfo
    today: date
    _taken: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, here: Here, text: str) -> Words:
        """The words of ``text`` in the community's zone."""
        zone = zone_named(here.work.community.zone)
        return cls(text.split(), zone, here.work.now.astimezone(zone).date())

    @property
    def text(self) -> str:
        """What is left."""
        return " ".join(self.left)

    def first(self) -> str:
        """The next word in lower case, which stays; empty where none is left."""
        return self.left[0].lower() if self.left else ""

    def take(self) -> str:
        """The next word; `Wanting` where none is left."""
        if not self.left:
            raise Wanting
        return self.left.pop(0)

    def take_number(self, which: str) -> str:
        """The next word, which is to be a number; `Refused` with the text ``which``, which asks
        for one, where there is none or it is a mere mark.
        """
        if not self.left or not self.left[0].strip("#?"):
            raise Refused(which)
        return self.left.pop(0)

    def take_if(self, *choices: str) -> str | None:
        """The next word in lower case, if it is one of ``choices``."""
        return self.left.pop(0).lower() if self.first() in choices else None

    def take_anywhere(self, *choices: str) -> str | None:
        """One of ``choices`` from wherever it stands."""
        for index, word in enumerate(self.left):
            if word.lower() in choices:
                return self.left.pop(index).lower()
        return None

    def layer(self) -> Layer | None:
        """``primary`` or ``backup``, wherever it stands."""
        word = self.take_anywhere(*Layer)
        return Layer(word) if word else None

    def zone_named(self) -> ZoneInfo:
        """A time zone, wherever it stands, or the community's."""
        for index, word in enumerate(self.left):
            if word.upper() in ("UTC", "GMT") or ("/" in word and not word[0].isdigit()):
                return read_zone(self.left.pop(index))
        return self.zone

    def starting(self) -> date | None:
        """``from 24 Dec`` or ``starting Monday``, wherever it stands."""
        return self._day_after(_FROM)

    def ending(self) -> date | None:
        """``until 24 Dec``, wherever it stands."""
        return self._day_after(_UNTIL)

    def _day_after(self, markers: Sequence[str]) -> date | None:
        for index, word in enumerate(self.left):
            if word.lower() not in markers:
                continue
            for count in range(_LONGEST_DAY, 0, -1):
                end = index + 1 + count
                if end > len(self.left):
                    continue
                words = " ".join(self.left[index + 1 : end])
                try:
                    day = read_day(words, self.today)
                except NotUnderstood:
                    continue
                except Unclear as unclear:
                    raise Unclear(words, unclear.meanings) from None
                del self.left[index:end]
                return day
        return None


async def named(here: Here, word: str) -> Ambassador:
    """The ambassador called so; `NobodyCalled` where there is none."""
    found = await here.work.people.ambassador_called(word)
    if found is None:
        raise NobodyCalled(word)
    return found


def number(word: str) -> int | None:
    """``3`` or ``#3``."""
    plain = word.lstrip("#")
    return int(plain) if re.fullmatch(r"[0-9]{1,9}", plain) else None
