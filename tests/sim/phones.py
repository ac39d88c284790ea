"""Phones on a sandbox in this process: what people do, and all that they see."""

from __future__ import annotations

from typing import Any

from sandbox import NewPhone, Sandbox, actions
from sandbox.client import ChatMessage
from sandbox.errors import ControlError
from sandbox.state import Phone
from sandbox.views import messages_view

Json = dict[str, Any]


class SimPhone:
    """One phone, acted on without HTTP. It remembers every button it ever saw."""

    def __init__(self, sandbox: Sandbox, phone: Phone) -> None:
        self._sandbox = sandbox
        self.phone = phone
        self._buttons: dict[int, tuple[str, ...]] = {}

    @property
    def name(self) -> str:
        return self.phone.first_name

    @property
    def id(self) -> int:
        return self.phone.user_id

    def says(self, text: str) -> int:
        """Send words; the number of the message."""
        if self.phone.blocked:
            actions.unblock(self._sandbox, self.phone)
        return actions.say(self._sandbox, self.phone, text).message_id

    def messages(self) -> list[ChatMessage]:
        """What is on the phone, oldest first."""
        views = messages_view(self._sandbox, 0, self.phone)
        found = [ChatMessage.from_view(view) for view in views]
        for message in found:
            data = tuple(b.data for row in message.buttons for b in row if b.data)
            if data:
                self._buttons[message.message_id] = data
        return [message for message in found if not message.deleted]

    def shown(self, containing: str, after: int = 0) -> list[ChatMessage]:
        """The bot's messages that contain this, newer than ``after``."""
        return [
            one
            for one in self.messages()
            if one.from_bot and one.message_id > after and containing in one.text
        ]

    def buttons(self, pattern: str = "") -> list[tuple[int, str]]:
        """Every button that is shown now and whose data contains ``pattern``: message, data."""
        return [
            (message.message_id, button.data)
            for message in self.messages()
            for row in message.buttons
            for button in row
            if button.data and pattern in button.data
        ]

    def old_buttons(self, pattern: str = "") -> list[tuple[int, str]]:
        """Every button that was ever seen, also those that are gone by now."""
        self.messages()
        return [
            (number, data)
            for number, all_data in self._buttons.items()
            for data in all_data
            if pattern in data
        ]

    def taps(self, message_id: int, data: str) -> None:
        """Tap a button, also one that another phone of the same account still shows."""
        message = self._sandbox.messages[message_id]
        tapped = self._sandbox.add_tap(self.phone, message, data)
        query = {
            "id": tapped.id,
            "from": self.phone.as_user(),
            "message": dict(message.payload),
            "chat_instance": str(self.id),
            "data": data,
        }
        self._sandbox.updates.put("callback_query", query, self.id)

    def taps_newest(self, pattern: str) -> bool:
        """Tap the newest button with this data; whether there is one."""
        found = self.buttons(pattern)
        if found:
            self.taps(*found[-1])
        return bool(found)

    def blocks(self) -> None:
        try:
            actions.block(self._sandbox, self.phone)
        except ControlError:
            return

    def is_lost(self) -> None:
        """From now on nothing reaches the phone, and nobody tells the bot so beforehand."""
        self.phone.blocked = True

    def unblocks(self) -> None:
        actions.unblock(self._sandbox, self.phone)

    def transcript(self) -> str:
        """The phone's messages, a line each."""
        lines = [f"{self.name}'s phone:"]
        for one in self.messages():
            who = "bot" if one.from_bot else self.name
            shown = "".join(f" [{text}]" for text in one.button_texts)
            text = one.text.replace("\n", " / ")
            lines.append(f"  {one.message_id} {who}: {text}{' (edited)' * one.edited}{shown}")
        return "\n".join(lines)


def add_phone(sandbox: Sandbox, name: str, user_id: int, *, started: bool = False) -> SimPhone:
    """A phone with this number; ``started``: it has talked to the bot before."""
    phone = sandbox.add_phone(NewPhone(name, user_id=user_id))
    phone.started = started
    return SimPhone(sandbox, phone)
