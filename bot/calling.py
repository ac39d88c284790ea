"""Reaching the world beside Telegram: second channels by Apprise, and the dead man's switch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from ipaddress import ip_address
from typing import TYPE_CHECKING

import httpx

from bot.engine.ports import CallError

if TYPE_CHECKING:
    # Apprise brings a module for each service: seconds of work, so it is read in a thread, late.
    import apprise

TITLE = "Holdfast"
LOCAL = "local"
"""Among the kinds: addresses within the machine or its network are allowed."""


class NotAChannel(Exception):
    """A URL that cannot be a channel; the message is ``unreadable``, ``kind`` or ``local``."""


class AppriseCaller:
    """Calls by any service that Apprise knows."""

    async def call(self, url: str, words: str) -> None:
        """See `bot.engine.ports.Caller`."""
        service = await asyncio.to_thread(_service, url)
        if service is None:
            raise CallError("unreadable")
        import apprise

        sender = apprise.Apprise(asset=_asset())
        sender.add(service)
        if not await sender.async_notify(body=words, title=TITLE):
            raise CallError("refused")


class HttpBeacon:
    """A GET to an outside address that raises the alarm when it hears nothing."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def light(self) -> None:
        """See `bot.engine.ports.Beacon`."""
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                (await client.get(self._url)).raise_for_status()
        except httpx.HTTPError as error:
            raise CallError(type(error).__name__) from error


def check_channel(url: str, kinds: Collection[str]) -> None:
    """`NotAChannel` unless ``url`` is one that Apprise can use, and of one of ``kinds``.

    Addresses within the machine or its network are refused: a volunteer's channel leads to the
    volunteer, and the bot's machine sees more of its network than they do. Call it in a thread.
    """
    kind = url.partition("://")[0].lower()
    service = _service(url)
    if service is None or "://" not in url:
        raise NotAChannel("unreadable")
    if kind not in kinds:
        raise NotAChannel("kind")
    if _is_local(str(getattr(service, "host", "") or "")) and LOCAL not in kinds:
        raise NotAChannel("local")


def show_channel(url: str) -> str:
    """``url`` with what is secret in it left out. Call it in a thread."""
    service = _service(url)
    if service is None:
        return f"{url.partition('://')[0]}://…"
    shown: str = service.url(privacy=True)  # type: ignore[no-untyped-call]
    return shown.partition("?")[0]


def _is_local(host: str) -> bool:
    host = host.strip("[]").lower()  # some services keep a topic or a user where a host stands
    if host == "localhost" or host.endswith((".local", ".internal", ".localhost")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def warm_up() -> None:
    """Read what Apprise knows, which takes a moment: in a thread, before anybody waits for it."""
    _service("json://localhost")


def _service(url: str) -> apprise.NotifyBase | None:
    import apprise

    # It logs what it cannot read, and that may be any words that a volunteer wrote. What fails in
    # a call is told by `CallError`.
    logging.getLogger("apprise").disabled = True
    return apprise.Apprise.instantiate(url, asset=_asset())


def _asset() -> apprise.AppriseAsset:
    import apprise

    # Nothing of a call is logged, kept on disk or followed elsewhere.
    return apprise.AppriseAsset(
        app_id=TITLE,
        secure_logging=True,
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
