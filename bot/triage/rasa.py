"""Asking a Rasa server what a message calls for."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from bot.core.reading import Ask, Reading
from models.vocabulary import Theme, Urgency


class RasaAway(Exception):
    """Rasa gave no answer that can be used: it is down, slow, or not the one expected."""


class Rasa:
    """One Rasa server, by its HTTP API. ``token`` is its ``--auth-token``.

    An answer that takes longer than ``patience_ms`` is none: a person waits for it meanwhile.
    """

    def __init__(self, url: str, token: str | None, patience_ms: int) -> None:
        self._url = url
        self._params = {"token": token} if token else {}
        self._patience_s = patience_ms / 1000
        self._session: aiohttp.ClientSession | None = None

    async def parse(self, text: str) -> dict[str, Any]:
        """Rasa's own answer to ``/model/parse``; `RasaAway` where there is none.

        Text that begins with a slash would be taken for an intent by Rasa and not be read at all,
        so slashes and blanks before the first word are taken off.
        """
        return await self._ask("POST", "/model/parse", {"text": text.lstrip("/ \t\r\n")})

    async def read(self, text: str) -> Reading:
        """What the model makes of ``text``; `RasaAway` where it makes nothing."""
        verdict: Any = (await self.parse(text)).get("holdfast")
        try:
            return Reading(
                urgency=Urgency(verdict["urgency"]),
                theme=Theme(verdict["theme"]),
                asks=Ask(verdict["asks"]) if verdict["asks"] in set(Ask) else None,
                unsure=bool(verdict["unsure"]),
                reasons=tuple(verdict["reasons"]),
                review=bool(verdict.get("review", False)),
            )
        except (TypeError, KeyError, ValueError) as error:
            raise RasaAway("the model's answer has no verdict") from error

    async def version(self) -> str:
        """The name of the model that is loaded; `RasaAway` where none answers."""
        try:
            return str((await self._ask("GET", "/status"))["model_file"])
        except KeyError as error:
            raise RasaAway("the status names no model") from error

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        url = self._url + path
        try:
            async with (
                asyncio.timeout(self._patience_s),
                self._session.request(method, url, params=self._params, json=body) as answer,
            ):
                answer.raise_for_status()
                data = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RasaAway(type(error).__name__) from error
        if not isinstance(data, dict):
            raise RasaAway("unexpected answer")
        return data
