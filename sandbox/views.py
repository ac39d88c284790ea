"""What the page and the tests see: the sandbox's state as JSON, whole or since a change."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sandbox.state import Phone, Sandbox, StoredMessage

Json = dict[str, Any]

MOST_ENTRIES = 200


def phone_view(sandbox: Sandbox, phone: Phone) -> Json:
    """A phone with what it shows besides messages: menu, toasts, unanswered taps, "typing…"."""
    acting = phone.action if phone.action_until > sandbox.clock() else ""
    return {
        "user_id": phone.user_id,
        "first_name": phone.first_name,
        "username": phone.username,
        "language_code": phone.language_code,
        "caption": phone.caption,
        "started": phone.started,
        "blocked": phone.blocked,
        "deactivated": phone.deactivated,
        "action": acting,
        "action_left_s": max(0.0, phone.action_until - sandbox.clock()) if acting else 0.0,
        "bot_name": sandbox.names.get(phone.language_code),
        "bot_description": sandbox.descriptions.get(phone.language_code),
        "menu": menu_view(sandbox, phone),
        "toasts": [asdict(toast) for toast in phone.toasts],
        "taps": [
            {"id": tap.id, "message_id": tap.message_id, "data": tap.data}
            for tap in sandbox.taps.values()
            if tap.user_id == phone.user_id
        ],
    }


def menu_view(sandbox: Sandbox, phone: Phone) -> list[Json]:
    """The commands this phone lists: `[{"command": …, "description": …}]`."""
    return sandbox.menus.seen_in_private(phone.user_id, phone.language_code)


def message_view(sandbox: Sandbox, message: StoredMessage) -> Json:
    return {
        "user_id": message.user_id,
        "from_bot": message.from_bot,
        "deleted": message.deleted,
        "change": sandbox.touched_messages.at(message.message_id),
        "message": message.payload,
    }


def messages_view(sandbox: Sandbox, after: int, phone: Phone | None = None) -> list[Json]:
    """Messages changed after `after`, by message id; those of one phone, or of all."""
    changed = (sandbox.messages[key] for key in sandbox.touched_messages.since(after))
    wanted = (m for m in changed if phone is None or m.user_id == phone.user_id)
    return [message_view(sandbox, m) for m in sorted(wanted, key=lambda m: m.message_id)]


def settings_view(sandbox: Sandbox) -> Json:
    """The bot, the faults, the limits."""
    return {
        "bot": {
            "id": sandbox.bot_id,
            "username": sandbox.bot_username,
            "name": sandbox.names.get(""),
            "short_description": sandbox.short_descriptions.get(""),
        },
        "faults": [fault.as_json() for fault in sandbox.faults.all()],
        "limits": asdict(sandbox.throttle.limits),
        "webhook": sandbox.courier.info(),
    }


def state_view(sandbox: Sandbox, after: int) -> Json:
    """Everything that changed after `after`; with 0, everything.

    `epoch` is another one after a restart: then what was seen before is void.
    """
    settings_changed = after == 0 or sandbox.settings_change > after
    changed_phones = (
        list(sandbox.phones) if settings_changed else sandbox.touched_phones.since(after)
    )
    view: Json = {
        "epoch": sandbox.epoch,
        "change": sandbox.changes.value,
        "phones": [phone_view(sandbox, sandbox.phones[key]) for key in changed_phones],
        "messages": messages_view(sandbox, after),
        "journal": [entry.as_json() for entry in sandbox.journal.since(after)[-MOST_ENTRIES:]],
    }
    if settings_changed:
        view["settings"] = settings_view(sandbox)
    return view
