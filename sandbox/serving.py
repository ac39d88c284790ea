"""Running the sandbox as a server: inside a test's own event loop, or for the command line."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.app import create_app
from sandbox.bot_api import CUT
from sandbox.state import DEFAULT_TOKEN, NewPhone, Sandbox

DEFAULT_PORT = 8081
_SECONDS_TO_STOP = 1


class OpenToNetworkError(ValueError):
    """The sandbox would listen where other machines can reach it, and nobody said that's wanted."""


@asynccontextmanager
async def serving(
    sandbox: Sandbox,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    i_know_it_is_open: bool = False,
) -> AsyncIterator[str]:
    """Serves in the running event loop; yields the base URL, such as `http://127.0.0.1:41237`.

    Port 0 takes a free one. Raises OpenToNetworkError for a host that isn't loopback unless
    `i_know_it_is_open`; OSError when the port is taken.
    """
    server, listening = _server(sandbox, host, port, i_know_it_is_open, keep_signals=True)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.ready.wait()
        yield _address(listening)
    finally:
        sandbox.close()
        server.should_exit = True
        await task
        listening.close()


async def serve_forever(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    token: str = DEFAULT_TOKEN,
    phones: Sequence[NewPhone] = (),
    *,
    sandbox: Sandbox | None = None,
    i_know_it_is_open: bool = False,
) -> None:
    """Serves until Ctrl+C or SIGTERM, with some phones on the table already.

    Says on standard error where the page is and that anyone who reaches it may use it. `sandbox`
    takes the place of one made with `token`. Raises as `serving` does.
    """
    sandbox = sandbox or Sandbox(token=token)
    for phone in phones:
        sandbox.add_phone(phone)
    server, listening = _server(sandbox, host, port, i_know_it_is_open, keep_signals=False)
    address = _address(listening)
    where = "Reachable from other machines" if i_know_it_is_open else "This machine only"
    sys.stderr.write(
        f"Sandbox: {address}  (unauthenticated; nothing leaves this machine)\n"
        f"  {where}. Bot API base: {address}/bot  token: {sandbox.token}\n"
    )
    with listening:
        await server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, sandbox: Sandbox, *, keep_signals: bool) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._sandbox = sandbox
        self._keep_signals = keep_signals

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._sandbox.close()
        await super().shutdown(sockets=sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if self._keep_signals:
            yield
        else:
            with super().capture_signals():
                yield


class _CuttableProtocol(H11Protocol):
    """Hands each request the means to drop its connection, for faults."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: ASGIApp = self.app

        async def cuttable(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "extensions": {CUT: transport.abort}}, receive, send)

        self.app = cuttable


def _server(
    sandbox: Sandbox, host: str, port: int, i_know_it_is_open: bool, *, keep_signals: bool
) -> tuple[_Server, socket.socket]:
    if not i_know_it_is_open and not _is_loopback(host):
        raise OpenToNetworkError(
            f"{host} can be reached from other machines, and the sandbox asks nobody for a "
            "password; say that you know it is open, or use 127.0.0.1"
        )
    config = uvicorn.Config(
        create_app(sandbox, any_host=i_know_it_is_open),
        http=_CuttableProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,  # request lines carry the token
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
    listening = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    )
    # A socket made by hand does not get this from asyncio, and every answer would wait 40 ms for
    # the other side's delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Server(config, sandbox, keep_signals=keep_signals), listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
