"""What a resource is: the frozen shapes the directory hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.vocabulary import Theme


class ResourceError(Exception):
    """The resource data is missing, malformed or breaks one of its own rules."""


class Audience(StrEnum):
    """For whom a line is there, when it is not there for everyone."""

    CHILDREN = "children"
    YOUTH = "youth"
    WOMEN = "women"
    MEN = "men"
    LGBTQ = "lgbtq"
    VETERANS = "veterans"
    ELDERS = "elders"
    INDIGENOUS = "indigenous"
    MUSLIMS = "muslims"
    MIGRANTS = "migrants"
    ENGLISH_SPEAKERS = "english_speakers"


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory. ``timezone`` is an IANA name, or None where clocks differ inside."""

    code: str
    name: str
    region: str
    timezone: str | None = None

    @property
    def flag(self) -> str:
        """The flag emoji: the two regional-indicator letters of the code."""
        return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in self.code)


@dataclass(frozen=True, slots=True)
class Sms:
    """A text service: where to text, and the word to begin with if one is asked for."""

    number: str
    keyword: str | None = None


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """One service a person can call, text or chat with.

    Numbers are written as dialled inside the country. ``hours`` is free text in local time, None
    when not known, which does not mean round the clock. ``verified_at`` is None when no source
    carried a date. ``unconfirmed`` lines rest on one source and are not shown. ``region`` names
    the part of the country served, None for all of it. ``note`` is for volunteers, not people.
    """

    id: str
    country: str
    name: str
    phone: str | None
    phone_alt: tuple[str, ...]
    sms: Sms | None
    whatsapp: str | None
    chat: str | None
    hours: str | None
    languages: tuple[str, ...]
    website: str | None
    themes: frozenset[Theme]
    audience: frozenset[Audience]
    general: bool
    region: str | None
    sources: tuple[str, ...]
    confidence: str
    verified_at: date | None
    verified_by: str
    unconfirmed: bool
    note: str | None

    @property
    def always_open(self) -> bool:
        """Whether a source says round the clock, without exception."""
        return self.hours == "24/7"


@dataclass(frozen=True, slots=True)
class Emergency:
    """The emergency numbers of a country; a number nobody could establish is None.

    ``unresolved`` names the services whose number the sources dispute. ``unconfirmed`` says that
    at least one number rests on a single source: it is shown all the same, being the best known.
    """

    country: str
    general: str | None = None
    police: str | None = None
    ambulance: str | None = None
    fire: str | None = None
    unresolved: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    confidence: str = "unknown"
    verified_at: date | None = None
    verified_by: str = "directory"
    unconfirmed: bool = True
    note: str | None = None

    @property
    def known(self) -> bool:
        """Whether any number is known at all."""
        return any((self.general, self.police, self.ambulance, self.fire))

    def first(self, theme: Theme | None = None) -> str | None:
        """The number to call first: for violence the police before the ambulance."""
        if theme is Theme.VIOLENCE:
            return self.general or self.police or self.ambulance
        return self.general or self.ambulance or self.police


@dataclass(frozen=True, slots=True)
class Listing:
    """A directory of crisis lines all over the world."""

    id: str
    name: str
    url: str
    note: str
    audience: frozenset[Audience]
    sources: tuple[str, ...]
    confidence: str
    verified_at: date | None


@dataclass(frozen=True, slots=True)
class MobileEmergency:
    """The number that reaches emergency services from mobile phones in most countries."""

    number: str
    note: str
    sources: tuple[str, ...]
    confidence: str
    verified_at: date | None


@dataclass(frozen=True, slots=True)
class International:
    """The fallback for a country that is unknown or has no confirmed line."""

    mobile_emergency: MobileEmergency
    listings: tuple[Listing, ...]
