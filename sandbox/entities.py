"""Text with entities, as the Bot API reads it: parse modes, and what is found by itself.

Offsets and lengths everywhere are UTF-16 code units, Telegram's measure.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sandbox.errors import ApiError, bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

Json = dict[str, Any]


@dataclass(frozen=True)
class Formatted:
    """A text and its entities, sorted by offset, outer before inner."""

    text: str = ""
    entities: list[Json] = field(default_factory=list)


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text takes."""
    return len(text) + sum(character > "\uffff" for character in text)


def bot_formatted(
    text: str, parse_mode: str, entities: object, *, limit: int, too_long: str
) -> Formatted:
    """What a bot's text becomes: parsed, trimmed, links and commands found.

    `entities` is the JSON list a bot may send instead of a parse mode. Raises ApiError 400.
    """
    mode = parse_mode.lower()
    if mode == "html":
        formatted = parse_html(text)
    elif mode in ("", "none"):
        formatted = Formatted(text, _explicit(entities, text))
    else:
        raise bad_request("unsupported parse_mode: the sandbox reads HTML and explicit entities")
    formatted = _with_detected(_trimmed(formatted))
    if utf16_length(formatted.text) > limit:
        raise bad_request(too_long)
    return formatted


def typed(text: str) -> Formatted:
    """What a text typed on a phone becomes: links, commands and the like are found."""
    return _with_detected(_trimmed(Formatted(text)))


# Parsing HTML

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_ATTRIBUTE = re.compile(
    r"""\s*([a-zA-Z0-9_-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([a-zA-Z0-9.,:/?&=_-]+)))?"""
)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@dataclass(frozen=True)
class _OpenTag:
    name: str
    attributes: dict[str, str]
    offset: int
    text_index: int


def parse_html(source: str) -> Formatted:
    """Reads Telegram's HTML subset. Raises 400 "can't parse entities: …" as Telegram does."""
    pieces: list[str] = []
    entities: list[Json] = []
    stack: list[_OpenTag] = []
    offset = 0
    position = 0
    while position < len(source):
        character = source[position]
        if character == "<":
            if source.startswith("</", position):
                position, name = _end_tag(source, position, stack)
                opened = stack.pop()
                entity = _entity(opened, "".join(pieces[opened.text_index :]), offset)
                if entity is not None:
                    entities.append(entity)
            else:
                position, name, attributes = _start_tag(source, position)
                stack.append(_OpenTag(name, attributes, offset, len(pieces)))
            continue
        reference = _REFERENCE.match(source, position) if character == "&" else None
        piece = _decoded(reference) if reference else character
        position = reference.end() if reference else position + 1
        pieces.append(piece)
        offset += utf16_length(piece)
    if stack:
        raise _cant_parse(f'Can\'t find end tag corresponding to start tag "{stack[-1].name}"')
    return Formatted("".join(pieces), _settled(entities))


def _start_tag(source: str, start: int) -> tuple[int, str, dict[str, str]]:
    name_match = re.compile(r"[^\s>]*").match(source, start + 1)
    name = name_match.group().lower() if name_match else ""
    at = _byte_offset(source, start)
    if name not in _TAGS:
        raise _cant_parse(f'Unsupported start tag "{name}" at byte offset {at}')
    position = start + 1 + len(name)
    attributes: dict[str, str] = {}
    while True:
        position = _skip_spaces(source, position)
        if position >= len(source):
            raise _cant_parse(f"Unclosed start tag at byte offset {at}")
        if source[position] == ">":
            break
        found = _ATTRIBUTE.match(source, position)
        if found is None:
            raise _cant_parse(f'Empty attribute name in the tag "{name}" at byte offset {at}')
        value = next((group for group in found.groups()[1:] if group is not None), "")
        attributes[found.group(1).lower()] = _REFERENCE.sub(_decoded, value)
        position = found.end()
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _cant_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    return position + 1, name, attributes


def _end_tag(source: str, start: int, stack: list[_OpenTag]) -> tuple[int, str]:
    at = _byte_offset(source, start)
    if not stack:
        raise _cant_parse(f"Unexpected end tag at byte offset {at}")
    name_match = re.compile(r"[^\s>]*").match(source, start + 2)
    name = name_match.group().lower() if name_match else ""
    position = _skip_spaces(source, start + 2 + len(name))
    if position >= len(source) or source[position] != ">":
        raise _cant_parse(f"Unclosed end tag at byte offset {at}")
    expected = stack[-1].name
    if name and name != expected:
        raise _cant_parse(
            f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{name}>"'
        )
    return position + 1, expected


def _entity(opened: _OpenTag, inside: str, offset: int) -> Json | None:
    length = offset - opened.offset
    if length == 0:
        return None
    kind = _TAGS[opened.name]
    entity: Json = {"type": kind, "offset": opened.offset, "length": length}
    if kind == "text_link":
        return _link(entity, opened.attributes.get("href") or inside)
    if kind == "custom_emoji":
        if not opened.attributes.get("emoji-id", "").isdecimal():
            raise _cant_parse("Invalid custom emoji identifier specified")
        entity["custom_emoji_id"] = opened.attributes["emoji-id"]
    if kind == "blockquote" and "expandable" in opened.attributes:
        entity["type"] = "expandable_blockquote"
    language = opened.attributes.get("class", "")
    if kind == "code" and language.startswith("language-"):
        entity["language"] = language.removeprefix("language-")
    return entity


def _link(entity: Json, href: str) -> Json | None:
    url = clean_url(href)
    return None if url is None else {**entity, "url": url}


def clean_url(url: str) -> str | None:
    """The url as Telegram stores it, or None when it isn't one."""
    if url.startswith(("tg://", "mailto:", "tel:")):
        return url
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = parts.hostname or ""
    if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(r"[^\s<>\"']+", host):
        return None
    if "." not in host and host != "localhost" and ":" not in host:
        return None
    return urlunsplit((parts.scheme.lower(), parts.netloc, parts.path or "/", *parts[3:]))


def _decoded(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return reference.group()
    return chr(code)


def _skip_spaces(source: str, position: int) -> int:
    while position < len(source) and source[position].isspace():
        position += 1
    return position


def _byte_offset(source: str, position: int) -> int:
    return len(source[:position].encode())


def _cant_parse(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")


# Entities given as JSON

_EXTRA_FIELDS = {
    "text_link": "url",
    "text_mention": "user",
    "pre": "language",
    "custom_emoji": "custom_emoji_id",
}
_OUTER_FIRST = ("blockquote", "pre", "code", "spoiler")
_PLAIN_TYPES = frozenset(_TAGS.values()) | {"expandable_blockquote", "text_mention"}


def _explicit(entities: object, text: str) -> list[Json]:
    if entities is None:
        return []
    if isinstance(entities, str):
        try:
            entities = json.loads(entities)
        except ValueError:
            raise bad_request("can't parse entities JSON object") from None
    if not isinstance(entities, list):
        raise bad_request("expected an Array of MessageEntity")
    end = utf16_length(text)
    found: list[Json] = []
    for given in entities:
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            raise bad_request("can't parse MessageEntity: can't find field \"type\"")
        offset, length = given.get("offset"), given.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            raise bad_request("can't parse MessageEntity: offset and length must be Integers")
        if offset < 0 or length < 0 or offset > end:
            raise bad_request(f"entity begins or ends outside the text at {offset}, {length}")
        length = min(length, end - offset)
        if length == 0 or given["type"] not in _PLAIN_TYPES:
            continue
        entity: Json = {"type": given["type"], "offset": offset, "length": length}
        extra = _EXTRA_FIELDS.get(given["type"])
        if extra and given.get(extra):
            entity[extra] = given[extra]
        if entity["type"] == "text_link" and clean_url(str(entity.get("url", ""))) is None:
            continue
        found.append(entity)
    return _settled(found)


def _settled(entities: Iterable[Json]) -> list[Json]:
    """Sorted outer first; nothing inside code, no style within itself."""
    ordered = sorted(entities, key=lambda e: (e["offset"], -e["length"], _depth(e)))
    kept: list[Json] = []
    for entity in ordered:
        around = [outer for outer in kept if _covers(outer, entity)]
        pre = next((outer for outer in around if outer["type"] == "pre"), None)
        if pre and entity["type"] == "code" and entity.get("language"):
            if _span(pre) == _span(entity):
                pre["language"] = entity["language"]
            continue
        if any(outer["type"] in ("pre", "code", entity["type"]) for outer in around):
            continue
        if entity["type"] == "code":
            entity = {key: value for key, value in entity.items() if key != "language"}
        kept.append(entity)
    return kept


def _depth(entity: Json) -> int:
    """Which of several entities on the same stretch of text is the outer one."""
    kind = entity["type"].removeprefix("expandable_")
    return _OUTER_FIRST.index(kind) if kind in _OUTER_FIRST else len(_OUTER_FIRST)


def _span(entity: Json) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _covers(outer: Json, inner: Json) -> bool:
    (start, end), (inner_start, inner_end) = _span(outer), _span(inner)
    return start <= inner_start and inner_end <= end


# Trimming and finding

_DETECTED = (
    (
        "url",
        re.compile(
            r"\bhttps?://[^\s<>\"]*[^\s<>\".,:;!?')\]]"
            r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+"
            r"(?:com|org|net|io|me|info|edu|gov|int|uk|eu|ie|us|ca|au|de|fr|es|nl)\b"
            r"(?:/(?:[^\s<>\"]*[^\s<>\".,:;!?')\]])?)?(?!@)",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w/@.])@[a-zA-Z][a-zA-Z0-9_]{1,31}\b")),
    (
        "bot_command",
        re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])"),
    ),
    ("hashtag", re.compile(r"(?<![\w#])#(?!\d+\b)\w{1,256}")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ().-]{5,18}\d\b")),
)


def _trimmed(formatted: Formatted) -> Formatted:
    text = formatted.text
    leading = len(text) - len(text.lstrip())
    stripped = text.strip()
    end = utf16_length(stripped)
    entities: list[Json] = []
    for entity in formatted.entities:
        start = max(0, entity["offset"] - leading)
        stop = min(end, entity["offset"] + entity["length"] - leading)
        if stop > start:
            entities.append({**entity, "offset": start, "length": stop - start})
    return Formatted(stripped, entities)


def _with_detected(formatted: Formatted) -> Formatted:
    text = formatted.text
    found: list[Json] = []
    if not any(mark in text for mark in "./@#+"):
        return formatted
    starts = list(accumulate((utf16_length(c) for c in text), initial=0))
    taken = sorted(
        _span(e)
        for e in formatted.entities
        if e["type"] in ("code", "pre", "text_link", "text_mention", "custom_emoji")
    )
    for kind, pattern in _DETECTED:
        for match in pattern.finditer(text):
            start, stop = starts[match.start()], starts[match.end()]
            before = taken[: bisect_right(taken, (stop - 1, stop))]
            if any(taken_stop > start for _, taken_stop in before):
                continue
            found.append({"type": kind, "offset": start, "length": stop - start})
            taken = sorted([*taken, (start, stop)])
    return Formatted(text, _settled([*formatted.entities, *found]))
