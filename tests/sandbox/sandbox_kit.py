"""What the sandbox's tests share: a clock that obeys, raw calls, a bot's view of its updates."""

from dataclasses import dataclass

import httpx
import telegram

from sandbox import DEFAULT_TOKEN


class Clock:
    """Seconds since 1970 that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Served:
    """The address of a sandbox, and raw calls to its Bot API."""

    address: str
    http: httpx.AsyncClient

    async def call(self, method: str, **params: object) -> httpx.Response:
        """A call with JSON parameters; the answer as it came."""
        return await self.http.post(f"{self.address}/bot{DEFAULT_TOKEN}/{method}", json=params)

    async def refusal(self, method: str, **params: object) -> tuple[int, str]:
        """Status and description of a call that is expected to fail."""
        answer = await self.call(method, **params)
        body = answer.json()
        assert body["ok"] is False
        assert body["error_code"] == answer.status_code
        return answer.status_code, body["description"]


class Updates:
    """Polls one update at a time and confirms it with the next poll."""

    def __init__(self, bot: telegram.Bot) -> None:
        self._bot = bot
        self._offset = 0

    async def next(self) -> telegram.Update:
        (update,) = await self._bot.get_updates(offset=self._offset, limit=1, timeout=5)
        self._offset = update.update_id + 1
        return update

    async def none(self) -> bool:
        """True when nothing waits."""
        return await self._bot.get_updates(offset=self._offset) == ()
