"""Webhook delivery: one update after the other, again and again until it is taken."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.changes import Signal
from sandbox.errors import bad_request
from sandbox.journal import Journal
from sandbox.updates import UpdateQueue

Json = dict[str, Any]

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
ANSWER_WITHIN_S = 30.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True)
class Webhook:
    """Where updates go. `url` is "" when none is set."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40


class WebhookCourier:
    """Delivers the queue to the webhook, in order. Pauses between failures grow as `backoff_s`."""

    def __init__(
        self,
        queue: UpdateQueue,
        journal: Journal,
        clock: Callable[[], float],
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._queue = queue
        self._journal = journal
        self._clock = clock
        self._backoff_s = backoff_s
        self._reset = Signal()
        self._last_error: tuple[int, str] | None = None
        self.webhook = Webhook()

    def set(self, url: str, secret_token: str, max_connections: int) -> None:
        """Points the deliveries at a loopback URL, or at nothing when it is "". Raises 400."""
        if url:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK_NAMES:
                raise bad_request(
                    "bad webhook: the sandbox delivers to loopback addresses only, "
                    "such as http://127.0.0.1:8443/hook"
                )
        if secret_token and not _SECRET.fullmatch(secret_token):
            raise bad_request("secret token contains unallowed characters")
        if url:
            self._queue.interrupt("terminated by setWebhook request")
        if url != self.webhook.url:
            self._last_error = None
        self.webhook = Webhook(url, secret_token, max_connections)
        self._queue.signal.notify()
        self._reset.notify()

    def info(self) -> Json:
        """What getWebhookInfo answers."""
        info: Json = {
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue),
        }
        if self.webhook.url:
            info["max_connections"] = self.webhook.max_connections
            info["ip_address"] = "127.0.0.1"
        if self._last_error is not None:
            info["last_error_date"], info["last_error_message"] = self._last_error
        if self._queue.allowed:
            info["allowed_updates"] = self._queue.allowed
        return info

    async def run(self) -> None:
        """Delivers until cancelled."""
        failures = 0
        # To make a client takes longer than all else here, and most sandboxes have no webhook.
        while not self.webhook.url:
            await self._queue.signal.wait()
        async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_WITHIN_S) as http:
            while True:
                webhook, update = self.webhook, self._queue.head()
                if not webhook.url or update is None:
                    failures = 0
                    await self._queue.signal.wait()
                elif await self._deliver(http, webhook, update):
                    failures = 0
                    self._queue.delivered(update)
                else:
                    pause = self._backoff_s[min(failures, len(self._backoff_s) - 1)]
                    failures += 1
                    await self._reset.wait(pause)

    async def _deliver(self, http: httpx.AsyncClient, webhook: Webhook, update: Json) -> bool:
        headers = {SECRET_HEADER: webhook.secret_token} if webhook.secret_token else {}
        status: int | None = None
        try:
            answer = await http.post(webhook.url, json=update, headers=headers)
        except httpx.TimeoutException:
            problem = "Read timeout expired"
        except httpx.ConnectError:
            problem = "Connection refused"
        except httpx.HTTPError:
            problem = "Connection reset by peer"
        else:
            status = answer.status_code
            problem = "" if answer.is_success else _wrong_response(status)
        if problem:
            self._last_error = int(self._clock()), problem
        self._journal.write(
            "delivery", "webhook", {}, status, description=problem or None, updates=[update]
        )
        return not problem

    async def stop(self, task: asyncio.Task[None]) -> None:
        """Cancels the task that runs `run` and waits for its end."""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _wrong_response(status: int) -> str:
    phrase = HTTPStatus(status).phrase if status in {code.value for code in HTTPStatus} else ""
    return f"Wrong response from the webhook: {status} {phrase}".rstrip()
