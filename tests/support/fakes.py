"""Fakes at the ports, and nowhere else: a Telegram that records, a reader that reads a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.core.policy import parse_policy
from bot.core.reading import Reading
from bot.engine.letters import Letter
from bot.engine.ports import DeliveryError
from bot.engine.work import Community, UnitOfWork, Words
from bot.texts import load_texts
from models.vocabulary import Theme, Urgency
from resources import load as load_directory


@dataclass
class RecordingCarrier:
    """Takes letters; ``fails`` may raise for one of them, by chat."""

    sent: list[tuple[str, Letter, int | None]] = field(default_factory=list)
    fails: Callable[[str, Letter], DeliveryError | None] = lambda chat, letter: None

    async def deliver(self, chat_id: str, letter: Letter, message_id: int | None) -> int | None:
        error = self.fails(chat_id, letter)
        if error is not None:
            raise error
        self.sent.append((chat_id, letter, message_id))
        return len(self.sent)

    def to(self, chat_id: int | str) -> list[Letter]:
        return [letter for chat, letter, _ in self.sent if chat == str(chat_id)]


@dataclass
class ScriptedReader:
    """Reads every message as the same."""

    reading: Reading = field(default_factory=lambda: Reading(Urgency.URGENT, Theme.PANIC))

    async def read(self, text: str) -> Reading:
        return self.reading


@dataclass
class BrokenDispatcher:
    """A handler that fails for good, with the real rescue beside it."""

    rescuer: Any
    attempts: int = 0

    async def dispatch(self, update: dict[str, Any], work: UnitOfWork) -> None:
        self.attempts += 1
        await work.people.meet(1, None)
        raise RuntimeError("a defect of ours")

    async def rescue(self, update: dict[str, Any], work: UnitOfWork) -> None:
        await self.rescuer.rescue(update, work)

    def words(self, update: dict[str, Any], *, of_volunteer: bool = False) -> Words | None:
        return Words(update["message"]["message_id"], update["message"]["text"])

    async def fetch(self, update: dict[str, Any]) -> bytes | None:
        return None


def a_community(**policy: Any) -> Community:
    """A community with the policy that comes with Holdfast."""
    from pathlib import Path

    import yaml

    import bot

    path = Path(bot.__file__).parent / "policy.yml"
    return Community(
        name="Harbour",
        zone="UTC",
        policy=parse_policy(yaml.safe_load(path.read_text()) | policy),
        countries=(),
        texts=load_texts(),
        directory=load_directory(),
    )


def an_update(number: int, chat: int, text: str, *, at: int = 0) -> dict[str, Any]:
    """A private text message, as Telegram sends it."""
    user = {"id": chat, "is_bot": False, "first_name": "Sam", "language_code": "en"}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": at,
            "from": user,
            "chat": {"id": chat, "type": "private", "first_name": "Sam"},
            "text": text,
        },
    }
