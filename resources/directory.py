"""The directory: crisis lines and emergency numbers by country, read from the packed data.

    directory = load()
    directory.lines("GB", Theme.SUICIDE, at=now)
    directory.emergency("GB").first()

Nothing here does I/O after ``load()``, and nothing keeps state: the caller holds the directory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from importlib import resources
from typing import Any

from models.vocabulary import Theme
from resources import names
from resources.hours import is_open
from resources.model import (
    Audience,
    Country,
    CrisisLine,
    Emergency,
    International,
    Listing,
    MobileEmergency,
    ResourceError,
    Sms,
)

DEFAULT_MAX_AGE_DAYS = 365

# Which themes of a line serve a need, best first. A need that no line names is met by the
# emotional-support lines, which carry low mood.
_SERVED_BY: dict[Theme, tuple[Theme, ...]] = {
    Theme.SUICIDE: (Theme.SUICIDE,),
    Theme.SELF_HARM: (Theme.SELF_HARM, Theme.SUICIDE),
    Theme.VIOLENCE: (Theme.VIOLENCE,),
    Theme.OVERDOSE: (Theme.OVERDOSE, Theme.SUICIDE, Theme.SUBSTANCE_USE),
    Theme.SOMEONE_ELSE: (Theme.SUICIDE,),
}


@cache
def load() -> Directory:
    """The packed directory, read once. Raises ``ResourceError`` when it is missing or malformed."""
    try:
        packed = json.loads(resources.files("resources").joinpath("directory.json").read_bytes())
        return _unpack(packed)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResourceError(f"the packed directory cannot be read: {error}") from error


def is_stale(
    line: CrisisLine | Emergency, today: date, max_age_days: int = DEFAULT_MAX_AGE_DAYS
) -> bool:
    """Whether nobody has vouched for ``line`` within ``max_age_days``; no date counts as stale."""
    return line.verified_at is None or today - line.verified_at > timedelta(days=max_age_days)


@dataclass(frozen=True, slots=True, repr=False)
class Directory:
    """All resources, by upper-case ISO 3166-1 alpha-2 code. Codes are taken in any case."""

    _countries: Mapping[str, Country]
    _names: Mapping[str, tuple[str, ...]]
    _lines: Mapping[str, tuple[CrisisLine, ...]]
    _emergency: Mapping[str, Emergency]
    _international: International

    def countries(self) -> tuple[Country, ...]:
        """Every country and territory, by English name."""
        return tuple(self._countries.values())

    def country(self, code: str) -> Country | None:
        """The country of an ISO code, or None."""
        return self._countries.get(code.upper())

    def search_country(self, text: str, limit: int = 6, *, whole: bool = False) -> list[Country]:
        """Countries that ``text`` may mean, best first; empty when nothing is near.

        Understands English, native and common other names, ISO codes, flag emoji, a name inside
        a short sentence, the beginning of a name, and small slips. ``whole``: no sentences.
        """
        found = names.find(text, self._names, self._countries, whole=whole)
        return [self._countries[code] for code in found[:limit]]

    def country_named(self, text: str) -> Country | None:
        """The country whose whole name, in some language, or flag ``text`` is; no guessing.

        Two letters count only as capitals: "UK" is a country, "no" is an answer.
        """
        if (code := names.code_of_flag(text)) is not None:
            return self._countries.get(code)
        if len(text) < 3 and not text.isupper():
            return None
        codes = self._names.get(names.fold(text), ())
        return self._countries[codes[0]] if len(codes) == 1 else None

    def emergency(self, code: str) -> Emergency:
        """The emergency numbers of a country; an ``Emergency`` with ``known`` false if unknown."""
        return self._emergency.get(code.upper()) or Emergency(country=code.upper())

    def international(self) -> International:
        """What holds everywhere."""
        return self._international

    def all_lines(self, code: str | None = None) -> tuple[CrisisLine, ...]:
        """Every line kept, unconfirmed ones too, of one country or of all, by id."""
        if code is not None:
            return self._lines.get(code.upper(), ())
        return tuple(line for lines in self._lines.values() for line in lines)

    def lines(
        self,
        code: str,
        theme: Theme | None = None,
        at: datetime | None = None,
        *,
        max_age_days: int = DEFAULT_MAX_AGE_DAYS,
        limit: int = 3,
        audience: Collection[Audience] = (),
        language: str | None = None,
    ) -> list[CrisisLine]:
        """The best lines to show for ``theme``, at most ``limit``; empty means: show the
        emergency number and the international listings instead.

        Unconfirmed lines are never among them, nor are lines for another need alone (a violence
        line for a suicidal person). Lines for an audience the person is not known to belong to,
        and lines for a part of the country, come after all others. Then, in order: theme, spoken
        ``language`` (ISO 639), not stale, open at ``at`` (aware; None leaves hours and age out
        of it), for anyone, newest. Raises ``ValueError`` for a naive ``at``.
        """
        country = self.country(code)
        shown = [
            (tier, line)
            for line in self._lines.get(code.upper(), ())
            if not line.unconfirmed and (tier := _tier(line, theme)) is not None
        ]
        rank = partial(
            _rank,
            theme=theme,
            at=at,
            timezone=country.timezone if country else None,
            max_age_days=max_age_days,
            audience=frozenset(audience),
            language=language,
        )
        return [line for _, line in sorted(shown, key=lambda pair: rank(*pair))[:limit]]


def _tier(line: CrisisLine, theme: Theme | None) -> int | None:
    """How well ``line`` serves ``theme``: 0 is best, None not at all."""
    if theme is None or theme is Theme.OTHER:
        return 0 if line.general else 1 if Theme.SUICIDE in line.themes else 2
    wanted = _SERVED_BY.get(theme, (theme,))
    for place, served in enumerate(wanted):
        if served in line.themes:
            return place
    if line.general:
        return len(wanted)
    if Theme.LOW_MOOD in line.themes:
        return len(wanted) + 1
    # A line for an audience that names no theme (a children's line) takes any need.
    return None if line.themes else len(wanted) + 2


def _rank(
    tier: int,
    line: CrisisLine,
    *,
    theme: Theme | None,
    at: datetime | None,
    timezone: str | None,
    max_age_days: int,
    audience: frozenset[Audience],
    language: str | None,
) -> tuple[object, ...]:
    open_now = is_open(line.hours, timezone, at) if at else (True if line.always_open else None)
    stale = at is not None and is_stale(line, at.date(), max_age_days)
    return (
        not _is_for(line, theme, audience, language),
        line.region is not None,
        tier,
        language is not None and language not in line.languages,
        stale,
        {True: 0, None: 1, False: 2}[open_now],
        not line.general,
        -(line.verified_at or date.min).toordinal(),
        line.id,
    )


def _is_for(
    line: CrisisLine, theme: Theme | None, audience: frozenset[Audience], language: str | None
) -> bool:
    if not line.audience or line.audience & audience:
        return True
    if line.audience == {Audience.ENGLISH_SPEAKERS} and language == "en":
        return True
    # Most lines against violence are for women; they know where to send anyone else.
    return theme is Theme.VIOLENCE and line.audience == {Audience.WOMEN}


def _unpack(packed: dict[str, Any]) -> Directory:
    by_name = sorted(packed["countries"].items(), key=lambda one: names.fold(one[1]["name"]))
    countries = {
        code: Country(code, row["name"], row["region"], row["timezone"]) for code, row in by_name
    }
    lines: dict[str, list[CrisisLine]] = {}
    for row in packed["lines"]:
        lines.setdefault(row["country"], []).append(_line(row))
    world = packed["international"]
    mobile = world["mobile_emergency"]
    return Directory(
        _countries=countries,
        _names={name: tuple(codes) for name, codes in packed["names"].items()},
        _lines={code: tuple(rows) for code, rows in lines.items()},
        _emergency={
            code: Emergency(
                country=code,
                **{
                    **row,
                    "unresolved": tuple(row["unresolved"]),
                    "sources": tuple(row["sources"]),
                    "verified_at": _date(row["verified_at"]),
                },
            )
            for code, row in packed["emergency"].items()
        },
        _international=International(
            mobile_emergency=MobileEmergency(
                number=mobile["number"],
                note=mobile["note"],
                sources=tuple(mobile["sources"]),
                confidence=mobile["confidence"],
                verified_at=_date(mobile["verified_at"]),
            ),
            listings=tuple(
                Listing(
                    id=row["id"],
                    name=row["name"],
                    url=row["url"],
                    note=row["note"],
                    audience=frozenset(map(Audience, row["audience"])),
                    sources=tuple(row["sources"]),
                    confidence=row["confidence"],
                    verified_at=_date(row["verified_at"]),
                )
                for row in world["directories"]
            ),
        ),
    )


def _line(row: dict[str, Any]) -> CrisisLine:
    sms = row["sms"]
    return CrisisLine(
        **{
            **row,
            "phone_alt": tuple(row["phone_alt"]),
            "sms": Sms(sms["number"], sms["keyword"]) if sms else None,
            "languages": tuple(row["languages"]),
            "themes": frozenset(map(Theme, row["themes"])),
            "audience": frozenset(map(Audience, row["audience"])),
            "sources": tuple(row["sources"]),
            "verified_at": _date(row["verified_at"]),
        }
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
