"""What the phones have seen, held against what was promised.

The checks look at phones first. The database is asked only for what no phone can show: which
case a page belongs to, and whether somebody still waits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.client import ChatMessage

Query = Callable[..., Sequence[Sequence[object]]]

TOKEN = re.compile(r"#\d+\b")
"""What every message of a person carries, so that it can be found again on other phones."""
_NUMBER = re.compile(r"\b\d{3}\b")
_HANDED = re.compile(r"\b(C\d+)\b.*You are with them now", re.S)
_ENDED = re.compile(
    r"\b(C\d+)\b.*(?:has gone back|goes back|has taken it over|is closed|was closed)", re.S
)
"""What tells a holder that their time with a case is over: they gave it back, it was handed over
or taken over, or it was closed."""
_PAGE = re.compile(r"page:(\d+):accept")
_OFFER = re.compile(r"hand:(\d+):accept")


_KNOWN = "SELECT message_id FROM outbox WHERE message_id IS NOT NULL"
_PAGES_OF_OPEN_CASES = (
    "SELECT page.id FROM page JOIN cases ON cases.id = page.case_id WHERE cases.status = 'open'"
)
_OFFERED_CASES = "SELECT id FROM cases WHERE status = 'claimed' AND offered_to IS NOT NULL"
_SENT_PAGES = (
    "SELECT page.id, outbox.message_id FROM page JOIN outbox ON outbox.page_id = page.id "
    "WHERE page.sent_at IS NOT NULL AND outbox.status = 'sent'"
)
QUERIES = (_KNOWN, _PAGES_OF_OPEN_CASES, _OFFERED_CASES, _SENT_PAGES)
"""What is asked of the database, for those who must ask ahead."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a person. ``distress``: it calls for a human by any reading."""

    who: str
    message_id: int
    text: str
    distress: bool
    immediate: bool

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        assert found is not None
        return found[0]


def unanswered(said: Iterable[Said], phones: Mapping[str, list[ChatMessage]]) -> list[str]:
    """Messages that brought the person no answer and reached no volunteer."""
    lost = []
    for one in said:
        answered = any(m.from_bot and m.message_id > one.message_id for m in phones[one.who])
        if not answered and not reached(one, phones):
            lost.append(f"{one.who} was not answered: {one.text!r}")
    return lost


def unheard(said: Iterable[Said], phones: Mapping[str, list[ChatMessage]]) -> list[str]:
    """Messages of distress that no volunteer can read."""
    return [
        f"no volunteer can read {one.text!r} of {one.who}"
        for one in said
        if one.distress and not reached(one, phones)
    ]


def reached(one: Said, phones: Mapping[str, list[ChatMessage]]) -> bool:
    """Whether this message is on somebody else's phone."""
    whole = re.compile(re.escape(one.token) + r"\b")
    return any(
        message.from_bot and whole.search(message.text)
        for name, messages in phones.items()
        if name != one.who
        for message in messages
    )


def without_number(said: Iterable[Said], phones: Mapping[str, list[ChatMessage]]) -> list[str]:
    """Persons whose very first words were immediate, and who read no number first."""
    broken, met = [], set()
    for one in said:
        if one.who in met:
            continue
        met.add(one.who)
        if not one.immediate:
            continue
        first = next((m for m in phones[one.who] if m.from_bot), None)
        if first is not None and not _NUMBER.search(first.text):
            broken.append(f"{one.who} read first: {first.text!r}")
    return broken


def double_holders(phones: Mapping[str, list[ChatMessage]], gone: int = 0) -> list[str]:
    """Cases that more than one phone was given and not told that it is over.

    ``gone``: holders out of reach, who cannot be told.
    """
    given: dict[str, set[str]] = {}
    ended: dict[str, set[str]] = {}
    for name, messages in phones.items():
        for message in messages:
            if not message.from_bot:
                continue
            if found := _HANDED.search(message.text):
                given.setdefault(found[1], set()).add(name)
            elif found := _ENDED.search(message.text):
                ended.setdefault(found[1], set()).add(name)
    return [
        f"{label} was given to {sorted(names)}, and over for {sorted(ended.get(label, ()))} only"
        for label, names in given.items()
        if len(names - ended.get(label, set())) > 1 + gone
    ]


def open_pages(
    phones: Mapping[str, list[ChatMessage]], query: Query, may_be_double: int
) -> list[str]:
    """Pages and offers that still ask for an answer though their case needs none.

    A copy that nobody knows of keeps its buttons, so as many as there were doubtful sendings.
    """
    pages = {int(str(number)) for (number,) in query(_PAGES_OF_OPEN_CASES)}
    offered = {int(str(number)) for (number,) in query(_OFFERED_CASES)}
    asking = []
    for name, data in _buttons(phones):
        if (found := _PAGE.match(data)) and int(found[1]) not in pages:
            asking.append(f"{name} is still asked by page {found[1]}")
        elif (found := _OFFER.match(data)) and int(found[1]) not in offered:
            asking.append(f"{name} is still asked to take over case {found[1]}")
    return asking if len(asking) > may_be_double else []


def _buttons(phones: Mapping[str, list[ChatMessage]]) -> Iterable[tuple[str, str]]:
    """Every button that is shown: on whose phone, and its data."""
    for name, messages in phones.items():
        for message in messages:
            for row in message.buttons:
                for button in row:
                    yield name, button.data or ""


def vanished_pages(phones: Mapping[str, list[ChatMessage]], query: Query) -> list[str]:
    """Pages that were sent, as the database has it, and are on no phone."""
    shown = {message.message_id for messages in phones.values() for message in messages}
    return [
        f"page {page} was sent as message {message}, which is on no phone"
        for page, message in query(_SENT_PAGES)
        if message not in shown
    ]


def duplicates(phones: Mapping[str, list[ChatMessage]], query: Query) -> int:
    """How many messages the phones have beyond those that the outbox knows of."""
    ours = {int(str(number)) for (number,) in query(_KNOWN)}
    return sum(
        message.from_bot and message.message_id not in ours
        for messages in phones.values()
        for message in messages
    )


WAITING = tuple(
    f"SELECT id FROM {table} WHERE status = '{status}'"
    for table, status in (("inbox", "waiting"), ("outbox", "waiting"), ("inbox", "failed"))
)


def still_waiting(query: Query) -> list[str]:
    """Letters and updates that lie there, or were given up, though everything could settle."""
    return [
        f"{sql.split()[3]} still holds {[row[0] for row in rows]}: {sql}"
        for sql in WAITING
        if (rows := query(sql))
    ]
