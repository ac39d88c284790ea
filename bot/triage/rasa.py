"""Asking a Rasa server what a message calls for."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.core.reading import Ask, Reading
from models.vocabulary import Theme, Urgency

LONGEST_WAIT_S = 1.5
"""A person's first answer waits no longer than this for the model."""


class RasaAway(Exception):
    """Rasa gave no answer that can be used: it is down, slow, or not the one expected."""


class Rasa:
    """One Rasa server, by its HTTP API. ``token`` is its ``--auth-token``."""

    def __init__(self, url: str, token: str | None) -> None:
        self._token = token
        self._client = httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(LONGEST_WAIT_S))

    async def parse(self, text: str) -> dict[str, Any]:
        """Rasa's own answer to ``/model/parse``; `RasaAway` where there is none.

        Text that begins with a slash would be taken for an intent by Rasa and not be read at all,
        so slashes and blanks before the first word are taken off.
        """
        params = {"token": self._token} if self._token else {}
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                answer = await self._client.post(
                    "/model/parse", params=params, json={"text": text.lstrip("/ \t\r\n")}
                )
            answer.raise_for_status()
            data = answer.json()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise RasaAway(type(error).__name__) from error
        if not isinstance(data, dict):
            raise RasaAway("unexpected answer")
        return data

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
        params = {"token": self._token} if self._token else {}
        try:
            answer = await self._client.get("/status", params=params)
            answer.raise_for_status()
            return str(answer.json()["model_file"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise RasaAway(type(error).__name__) from error

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.aclose()
