"""What the engine needs of the world outside, and how that world can fail.

`bot.telegram` implements these on python-telegram-bot; tests put fakes here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from bot.core.reading import Reading
from bot.engine.letters import Letter

if TYPE_CHECKING:
    from bot.engine.work import UnitOfWork, Words


class DeliveryError(Exception):
    """A letter did not arrive, or nobody can tell whether it did."""


class ChatGone(DeliveryError):
    """The chat's owner blocked the bot, never started it, or is gone (403)."""


class Rejected(DeliveryError):
    """Telegram will never take this letter (400): a defect of ours."""


class Unsupported(DeliveryError):
    """This Bot API server does not know the method (404)."""


class Stale(DeliveryError):
    """The letter came too late to matter, or says what is already there; nothing is wrong."""


class TooMany(DeliveryError):
    """Too many letters (429); ``retry_after`` in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Unavailable(DeliveryError):
    """A time-out, a broken connection or an error of the server (5xx): try again."""


class Contested(DeliveryError):
    """Another program takes this bot's updates, by asking for them or by a webhook (409)."""


class NotOurs(DeliveryError):
    """The bot's token is not accepted (401): nothing can be sent until somebody mends it."""


class Carrier(Protocol):
    """Takes letters to Telegram."""

    async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int | None:
        """Send ``letter``; ``message_id`` is the message that an `Edit` changes.

        Returns the id of the message that came to be, where one did. Raises a `DeliveryError`.
        """


class Updates(Protocol):
    """Where updates come from when nobody pushes them."""

    async def fetch(self, offset: int | None, timeout_s: float) -> Sequence[dict[str, Any]]:
        """The updates from ``offset`` on, waiting up to ``timeout_s`` for the first.

        Asking with an offset tells Telegram that everything before it is safe here.
        """

    async def pending(self) -> int:
        """How many updates wait at Telegram that were not confirmed yet."""


class Dispatcher(Protocol):
    """Finds the handler for an update and lets it work."""

    async def dispatch(self, update: dict[str, Any], work: UnitOfWork) -> None:
        """Handle ``update`` within ``work``. Whatever goes wrong is raised."""

    async def rescue(self, update: dict[str, Any], work: UnitOfWork) -> None:
        """After handling failed for good: a person still gets numbers, and a page goes out."""

    def words(self, update: dict[str, Any], *, of_volunteer: bool = False) -> Words | None:
        """The text that triage is to read: a private message's, if it is not a command.

        Of a volunteer only what they may mean for themselves: no order to the bot.
        """

    async def fetch(self, update: dict[str, Any]) -> bytes | None:
        """The file that a volunteer sent, where handling ``update`` reads it.

        It may take seconds, so it is fetched before the transaction in which all others wait.
        """


class Reader(Protocol):
    """Reads a message: Rasa with the lexical floor beside it."""

    async def read(self, text: str) -> Reading:
        """What ``text`` calls for. Never fails: without Rasa the floor decides."""


class CallError(Exception):
    """A call did not get through; the message names what went wrong and no part of the URL."""


class Caller(Protocol):
    """Reaches a volunteer by a second channel, beside Telegram."""

    async def call(self, url: str, words: str) -> None:
        """Send ``words`` by the channel ``url``. Raises a `CallError`."""


class Beacon(Protocol):
    """Tells somebody outside that all is well; its silence is the alarm."""

    async def light(self) -> None:
        """Say it once. Raises a `CallError`."""
