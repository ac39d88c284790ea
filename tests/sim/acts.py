"""What people and the engine do to one case: each by a real update, or a real step of the engine.

And the situations in which they do it, each built by the same means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import func, select

from bot.engine.ports import ChatGone, DeliveryError
from models import Case, Page
from tests.sim import town
from tests.sim.office import Office, Process

SAM = 7_200_000_001
ANA, BEN, CLEO = town.ANA.user_id, town.BEN.user_id, town.CLEO.user_id
_IDS = {town.ANA.user_id: 1, town.BEN.user_id: 2, town.DEE.user_id: 3, town.CLEO.user_id: 4}
"""The numbers under which the town knows its volunteers: they are settled in this order."""

Json = dict[str, Any]
Writes = Callable[[Process], Awaitable[Json]]


def _user(chat: int) -> Json:
    return {"id": chat, "is_bot": False, "first_name": "Somebody", "language_code": "en"}


def _chat(chat: int) -> Json:
    return {"id": chat, "type": "private", "first_name": "Somebody"}


def _update(number: int, kind: str, content: Json) -> Json:
    return {"update_id": number, kind: content}


def says(chat: int, words: str, number: int) -> Json:
    """They write this."""
    message = {"message_id": number, "date": 0, "from": _user(chat), "chat": _chat(chat)}
    if words.startswith("/"):
        command = words.split()[0]
        entity = {"type": "bot_command", "offset": 0, "length": len(command)}
        message["entities"] = [entity]
    return _update(number, "message", {**message, "text": words})


def taps(chat: int, data: str, number: int) -> Json:
    """They tap the button with this ``data``."""
    message = {"message_id": 1, "date": 0, "chat": _chat(chat)}
    query = {"id": f"tap {number}", "from": _user(chat), "chat_instance": "1", "data": data}
    return _update(number, "callback_query", {**query, "message": message})


def leaves(chat: int, number: int) -> Json:
    """They block the bot."""
    member = {"user": {"id": 1, "is_bot": True, "first_name": "Holdfast"}}
    change = {
        "chat": _chat(chat),
        "from": _user(chat),
        "date": 0,
        "old_chat_member": {**member, "status": "member"},
        "new_chat_member": {**member, "status": "kicked", "until_date": 0},
    }
    return _update(number, "my_chat_member", change)


async def _newest_page(process: Process, chat: int) -> int:
    """The newest page of this volunteer; the first of all where they have none."""
    async with process.database.reading() as session:
        query = select(func.max(Page.id)).where(Page.ambassador_id == _IDS[chat])
        return (await session.exec(query)).one() or 1


@dataclass(frozen=True)
class Update:
    """Something that somebody does on their phone."""

    name: str
    chat: int
    makes: Callable[[int], Json]
    page: bool = False
    holds: int = 2  # the first takes the update from the inbox

    async def prepare(self, process: Process) -> None:
        update = self.makes(_number_of(self.name))
        if self.page:
            page = await _newest_page(process, self.chat)
            update["callback_query"]["data"] = update["callback_query"]["data"].format(page)
        await process.receive(update)

    async def run(self, process: Process) -> None:
        assert await process.worker.handle_next()

    async def look_again(self, process: Process) -> None:
        """The worker has nothing else to do."""


@dataclass(frozen=True)
class Leaving(Update):
    """A volunteer blocks the bot.

    Who is asked in the very moment is found gone when that letter leaves, and others are asked
    then: so the courier belongs to the end.
    """

    async def look_again(self, process: Process) -> None:
        await process.wake_all()
        await process.finds_gone(self.chat)
        await process.wake_all()


@dataclass(frozen=True)
class WakeUp:
    """The case is due, and the timers decide on it."""

    name: str = "it wakes"
    chat: int | None = None
    holds: int = 1

    async def prepare(self, process: Process) -> None:
        async with process.database.reading() as session:
            due: datetime | None = (await session.exec(select(func.min(Case.wake_at)))).one()
        if due is not None:
            process.clock.set(max(due, process.clock.now()))

    async def run(self, process: Process) -> None:
        await process.timers.wake_next()

    async def look_again(self, process: Process) -> None:
        # A case that somebody else decides on is passed over, and is looked at again right after.
        await process.wake_all()


@dataclass(frozen=True)
class Answered:
    """Telegram says what became of a letter that the courier has sent."""

    name: str
    error: DeliveryError | None = None
    chat: int | None = None
    holds: int = 1

    async def prepare(self, process: Process) -> None:
        await process.takes_letter()

    async def run(self, process: Process) -> None:
        await process.hears(self.error)

    async def look_again(self, process: Process) -> None:
        """What is sent next is no part of the moment."""


Deed = Update | WakeUp | Answered


def _says(name: str, chat: int, words: str) -> Update:
    return Update(name, chat, lambda number: says(chat, words, number))


def _taps(name: str, chat: int, data: str) -> Update:
    return Update(name, chat, lambda number: taps(chat, data, number), page="{" in data)


def _leaves(name: str, chat: int) -> Update:
    kind = Update if chat == SAM else Leaving
    return kind(name, chat, lambda number: leaves(chat, number))


_OF_PERSON = (
    _says("Sam is in danger", SAM, "i want to die tonight, i have the pills here"),
    _says("Sam says little", SAM, "my sister sits beside me"),
    _says("Sam would stop", SAM, "/stop"),
    _taps("Sam stops", SAM, "stop:end"),
    _leaves("Sam leaves", SAM),
)
_OF_ASKED = (
    _taps("Ana accepts", ANA, "page:{}:accept"),
    _taps("Ana declines", ANA, "page:{}:decline"),
    _says("Ana writes", ANA, "i am with you"),
    _says("Ana is away", ANA, "/away"),
    _leaves("Ana leaves", ANA),
    _taps("Ben accepts", BEN, "page:{}:accept"),
    _taps("Ben declines", BEN, "page:{}:decline"),
    _leaves("Ben leaves", BEN),
)
_OF_HOLDER = (
    _says("Ana writes", ANA, "i am with you"),
    _taps("Ana gives back", ANA, "case:1:release"),
    _taps("Ana closes", ANA, "close:1:safer"),
    _taps("Ana calls for help", ANA, "case:1:emergency"),
    _taps("Ana says help is there", ANA, "case:1:confirmed"),
    _taps("Ana offers", ANA, f"handto:1:{_IDS[BEN]}"),
    _taps("Ana offers no more", ANA, "hand:1:withdraw"),
    _says("Ana is away", ANA, "/away"),
    _leaves("Ana leaves", ANA),
)
_OF_OTHERS = (
    _taps("Ben comes late", BEN, "page:{}:accept"),
    _taps("Ben takes the offer", BEN, "hand:1:accept"),
    _taps("Ben takes no offer", BEN, "hand:1:decline"),
    _says("Ben is away", BEN, "/away"),
    _leaves("Ben leaves", BEN),
)
_OF_COORDINATOR = (
    _says("Cleo takes over", CLEO, "/takeover C1"),
    _says("Cleo closes", CLEO, "/close C1 it was a test"),
)
_OF_SILENCE = (
    _taps("Cleo gives time", CLEO, "quiet:1:keep"),
    _taps("Cleo ends the silence", CLEO, "quiet:1:close"),
    _taps("Cleo steps in", CLEO, "quiet:1:take"),
)
_WAKES: tuple[Deed, ...] = (WakeUp(),)
_ANSWERED: tuple[Deed, ...] = (
    Answered("a letter arrives"),
    Answered("a letter is refused", ChatGone("blocked")),
)
_WHILE_OPEN = (*_OF_PERSON, *_OF_ASKED, *_OF_COORDINATOR, *_WAKES)
_WHILE_HELD = (*_OF_PERSON, *_OF_HOLDER, *_OF_OTHERS, *_OF_COORDINATOR, *_WAKES)
_WHEN_CLOSED = (*_OF_PERSON, *_OF_HOLDER, *_OF_OTHERS, *_OF_COORDINATOR)

_NAMES: list[str] = []


def _number_of(name: str) -> int:
    """The number of the update, and of its message: the same in every run."""
    if name not in _NAMES:
        _NAMES.append(name)
    return 9000 + _NAMES.index(name)


# Situations.


@dataclass(frozen=True)
class Situation:
    """Where a case stands, and what can happen to it there."""

    name: str
    begins: Callable[[Builder], Awaitable[None]]
    deeds: tuple[Deed, ...]


@dataclass
class Builder:
    """Lets things happen one after the other, with a courier that sends everything."""

    office: Office
    number: int = 100
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.office.process()

    async def does(self, update: Callable[[int], Json], *, sends: bool = True) -> None:
        self.number += 1
        await self.process.receive(update(self.number))
        assert await self.process.worker.handle_next()
        if sends:
            await self.sends()

    async def sends(self) -> None:
        while await self.process.courier.send_next():
            pass

    async def time_passes(self, **span: float) -> None:
        self.office.clock.move(**span)
        await self.process.wake_all()
        await self.sends()

    async def says(self, chat: int, words: str, *, sends: bool = True) -> None:
        await self.does(lambda number: says(chat, words, number), sends=sends)

    async def taps(self, chat: int, data: str, *, sends: bool = True) -> None:
        data = data.format(await _newest_page(self.process, chat))
        await self.does(lambda number: taps(chat, data, number), sends=sends)


async def _just_asked(here: Builder) -> None:
    await here.says(SAM, "i want to die tonight", sends=False)


async def _asked(here: Builder) -> None:
    await here.says(SAM, "he hit me again and i am scared")


async def _climbed(here: Builder) -> None:
    await _asked(here)
    await here.time_passes(seconds=120)


async def _risen(here: Builder) -> None:
    await _asked(here)
    await here.time_passes(seconds=30)
    await here.says(SAM, "i want to die tonight")


async def _just_claimed(here: Builder) -> None:
    await here.says(SAM, "i want to die tonight")
    await here.taps(ANA, "page:{}:accept", sends=False)


async def _claimed(here: Builder) -> None:
    await here.says(SAM, "i want to die tonight")
    await here.taps(ANA, "page:{}:accept")
    await here.time_passes(seconds=120)


async def _offered(here: Builder) -> None:
    await _claimed(here)
    await here.says(ANA, "i am with you")
    await here.taps(ANA, f"handto:1:{_IDS[BEN]}")


async def _just_offered(here: Builder) -> None:
    await _claimed(here)
    await here.taps(ANA, f"handto:1:{_IDS[BEN]}", sends=False)


async def _silent(here: Builder) -> None:
    await _claimed(here)
    await here.says(ANA, "i am with you")
    await here.time_passes(minutes=10)
    await here.time_passes(minutes=20)


async def _help_called(here: Builder) -> None:
    await _claimed(here)
    await here.taps(ANA, "case:1:emergency")


async def _closed(here: Builder) -> None:
    await _claimed(here)
    await here.taps(ANA, "close:1:safer")


async def _just_closed(here: Builder) -> None:
    await _claimed(here)
    await here.taps(ANA, "close:1:safer", sends=False)


SITUATIONS = (
    Situation("just asked", _just_asked, (*_WHILE_OPEN, *_ANSWERED)),
    Situation("asked", _asked, _WHILE_OPEN),
    Situation("climbed", _climbed, _WHILE_OPEN),
    Situation("risen", _risen, _WHILE_OPEN),
    Situation("just claimed", _just_claimed, (*_WHILE_HELD, *_ANSWERED)),
    Situation("claimed", _claimed, _WHILE_HELD),
    Situation("just offered", _just_offered, (*_WHILE_HELD, *_ANSWERED)),
    Situation("offered", _offered, _WHILE_HELD),
    Situation("silent", _silent, (*_WHILE_HELD, *_OF_SILENCE)),
    Situation("help called", _help_called, _WHILE_HELD),
    Situation("just closed", _just_closed, (*_WHEN_CLOSED, *_ANSWERED)),
    Situation("closed", _closed, _WHEN_CLOSED),
)


def pairs(situation: Situation) -> list[tuple[Deed, Deed]]:
    """Every two that can be decided at once: a chat's updates are handled one after the other."""
    return [
        (first, second)
        for first in situation.deeds
        for second in situation.deeds
        if first is not second and (first.chat is None or first.chat != second.chat)
    ]


async def build(office: Office, situation: Situation) -> None:
    """Build a situation and keep it."""
    await situation.begins(Builder(office))
    await office.keep(situation.name)
