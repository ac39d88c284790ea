"""Where a handler stands: its unit of work, its chat, and who writes from there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from html import unescape
from typing import Any, Self

from telegram import Update
from telegram.ext import Application, CallbackContext, ExtBot
from telegram.ext.filters import UpdateFilter

from bot.engine.letters import Answer, Keyboard, Letter, Priority, Text
from bot.engine.work import UnitOfWork
from bot.texts import Html, Texts
from bot.texts.split import split
from models import Ambassador, Outbox, Person, Role

_LINES_UNITS = 3500
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(slots=True)
class Here:
    """One update's surroundings. Exactly one of ``ambassador`` and ``person`` speaks."""

    work: UnitOfWork
    chat_id: int
    language: str | None
    ambassador: Ambassador | None
    bot_username: str
    error: Exception | None = None

    @property
    def texts(self) -> Texts:
        """What the bot says."""
        return self.work.texts

    @property
    def me(self) -> Ambassador:
        """The ambassador who speaks; only for handlers that persons never reach."""
        assert self.ambassador is not None
        return self.ambassador

    async def person(self) -> Person:
        """The person of this chat, made known where they are new."""
        return await self.work.people.meet(self.chat_id, self.language)

    def say(self, key: str, **values: object) -> Html:
        """A text in the language of this chat."""
        language = self.ambassador.language if self.ambassador else self.language
        return self.texts.say(key, language, **values)

    async def send(
        self,
        html: str,
        buttons: Keyboard = (),
        *,
        case_id: int | None = None,
        protect: bool = False,
    ) -> Outbox:
        """Answer in this chat."""
        return await self.put(Text(html, buttons, protect), case_id=case_id)

    async def reply(self, key: str, buttons: Keyboard = (), **values: object) -> Outbox:
        """Answer in this chat with the text ``key``."""
        return await self.send(self.say(key, **values), buttons)

    async def reply_lines(self, heading: str, lines: list[Html]) -> None:
        """Answer with a list, in as many messages as it needs."""
        for part in split("\n".join([heading, *lines]), _LINES_UNITS):
            await self.send(part)

    async def put(self, letter: Letter, *, case_id: int | None = None) -> Outbox:
        """Put a letter for this chat into the outbox."""
        return await self.work.letters.put(
            self.chat_id, letter, priority=Priority.REPLY, case_id=case_id
        )

    async def answer(self, update: Update, key: str | None = None, **values: object) -> None:
        """Let a tapped button come to rest, with a short line where there is one to say."""
        if update.callback_query is not None:
            # Such a line is plain text: nothing in it is markup.
            text = unescape(self.say(key, **values)) if key else ""
            await self.put(Answer(update.callback_query.id, text[:200]))


here: ContextVar[Here] = ContextVar("here")


class Context(CallbackContext[ExtBot[None], dict[str, Any], dict[str, Any], dict[str, Any]]):
    """python-telegram-bot's context, carrying the unit of work."""

    here: Here

    @property
    def words(self) -> list[str]:
        """The words after a command, as they look: what nobody can see is left out.

        Names and times copied from elsewhere bring wide letters and invisible marks with them.
        """
        plain = (unicodedata.normalize("NFKC", visible(word)) for word in self.args or [])
        return [word for word in plain if word]

    @classmethod
    def from_update(
        cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]
    ) -> Self:
        """The context for ``update``, in the surroundings that the dispatcher set."""
        context = super().from_update(update, application)
        context.here = here.get()
        return context


Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]


class InRole(UpdateFilter):
    """Lets an update through to the handlers of one role; None is a person's."""

    def __init__(self, role: Role | None) -> None:
        super().__init__(name=f"InRole({role})")
        self._role = role

    def filter(self, update: Update) -> bool:
        """Whether whoever wrote has the role. A coordinator may do all an ambassador may."""
        ambassador = here.get().ambassador
        if self._role is None or ambassador is None:
            return self._role is None and ambassador is None
        return self._role is Role.AMBASSADOR or ambassador.role is self._role


def visible(text: str) -> str:
    """``text`` without the characters that show nothing or turn the line around."""
    return _INVISIBLE.sub("", text)


def buttons(*rows: tuple[Any, ...]) -> Keyboard:
    """Rows of buttons, without those that are None and rows that are empty."""
    kept = (tuple(button for button in row if button is not None) for row in rows)
    return tuple(row for row in kept if row)
