"""The block of numbers that answers a person first: emergency, then a line, or how to find one."""

from __future__ import annotations

from datetime import datetime

from bot.texts import Html, Texts
from models.vocabulary import Theme
from resources import CrisisLine, Directory, Emergency

_LINES_SHOWN = 2


def numbers(
    texts: Texts,
    directory: Directory,
    country: str | None,
    theme: Theme,
    language: str | None,
    now: datetime,
    *,
    limit: int = _LINES_SHOWN,
) -> Html:
    """The numbers to call in ``country``, or those that hold everywhere where it is not known."""
    known = directory.country(country) if country else None
    if known is None:
        return _everywhere(texts, directory, language)
    parts = [_emergency(texts, directory, directory.emergency(known.code), theme, language)]
    lines = directory.lines(known.code, theme, now, limit=limit, language=language)
    parts += [_line(texts, line, language) for line in lines]
    if not lines:
        listing = directory.international().listings[0]
        parts.append(texts.say("numbers.no_line", language, country=known.name, url=listing.url))
    return Html("\n".join(parts))


def _everywhere(texts: Texts, directory: Directory, language: str | None) -> Html:
    international = directory.international()
    return texts.say(
        "numbers.everywhere",
        language,
        number=international.mobile_emergency.number,
        url=international.listings[0].url,
    )


def _emergency(
    texts: Texts,
    directory: Directory,
    emergency: Emergency,
    theme: Theme,
    language: str | None,
) -> Html:
    country = directory.country(emergency.country)
    place = f"{country.flag} {country.name}" if country else emergency.country
    first = emergency.first(theme)
    if first is None:
        return texts.say(
            "numbers.emergency_unknown",
            language,
            place=place,
            number=directory.international().mobile_emergency.number,
        )
    others = {
        texts.say("numbers.police", language): emergency.police,
        texts.say("numbers.ambulance", language): emergency.ambulance,
    }
    extra = ", ".join(
        f"{name} {number}" for name, number in others.items() if number != first and number
    )
    return texts.say(
        "numbers.emergency_and" if extra else "numbers.emergency",
        language,
        place=place,
        number=first,
        extra=extra,
    )


def _line(texts: Texts, line: CrisisLine, language: str | None) -> Html:
    ways = [f"<b>{texts.escape(line.phone)}</b>"] if line.phone else []
    if line.sms:
        key = "numbers.text_keyword" if line.sms.keyword else "numbers.text"
        ways.append(
            texts.say(key, language, number=line.sms.number, keyword=line.sms.keyword or "")
        )
    if line.whatsapp:
        ways.append(texts.say("numbers.whatsapp", language, number=line.whatsapp))
    if line.chat or not ways:
        ways.append(texts.escape(line.chat or line.website or ""))
    key = "numbers.line_hours" if line.hours else "numbers.line"
    return texts.say(
        key, language, name=line.name, ways=Html(" · ".join(ways)), hours=line.hours or ""
    )
