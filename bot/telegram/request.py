"""python-telegram-bot's network port on aiohttp, which costs a quarter of what its default does."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_KEPT_S = 50.0
"""How long a connection is kept that nothing is sent on."""


class AiohttpRequest(BaseRequest):
    """Requests over up to ``connections`` connections; all time-outs are in seconds.

    Raises `telegram.error.TimedOut` where no answer came in time, and `NetworkError` where none
    can come. Neither names the address, which holds the token.
    """

    def __init__(
        self, connections: int, *, connect_timeout: float = 5.0, read_timeout: float = 5.0
    ) -> None:
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEPT_S),
                headers={"User-Agent": self.USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        await self.initialize()
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(
            sock_connect=_chosen(connect_timeout, self._connect_timeout),
            sock_read=_chosen(read_timeout, self._read_timeout),
        )
        where = urlsplit(url)
        try:
            async with self._session.request(
                method,
                url,
                data=_form(request_data),
                timeout=timeout,
                proxy=_proxy(where.scheme, where.hostname or ""),
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error


@cache
def _proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment names for this host.

    Asked once: aiohttp's own ``trust_env`` looks through the environment, and for a ``.netrc``,
    anew for each request.
    """
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _chosen(value: Any, default: float) -> Any:
    return default if value is BaseRequest.DEFAULT_NONE else value


def _form(request_data: RequestData | None) -> dict[str, Any] | aiohttp.FormData | None:
    if request_data is None:
        return None
    if not request_data.contains_files:
        return request_data.json_parameters
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
