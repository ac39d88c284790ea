"""Requests to Telegram over a real wire: what arrives, and how it can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram import InputFile
from telegram.error import NetworkError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.telegram.request import AiohttpRequest

SECRET = "123456:a-token-that-nobody-may-read"


class Server:
    """Notes what it was sent, and answers as it is told."""

    def __init__(self) -> None:
        self.received = b""
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        self.received = head + await reader.readexactly(size)
        if self.answer:
            writer.write(self.answer)
            await writer.drain()
        else:
            await reader.read()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server()
    listening = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = listening.sockets[0].getsockname()[1]
    yield one
    listening.close()


@pytest.fixture
async def request_(server: Server) -> AsyncIterator[AiohttpRequest]:
    one = AiohttpRequest(2, read_timeout=0.2)
    await one.initialize()
    yield one
    await one.shutdown()


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/bot{SECRET}/sendMessage"


def words(**values: str) -> RequestData:
    return RequestData([RequestParameter(name, value, None) for name, value in values.items()])


async def test_words_go_out_as_a_form_and_the_answer_comes_back_as_it_is(
    server: Server, request_: AiohttpRequest
) -> None:
    server.answer = b'HTTP/1.1 429 Too Many\r\nContent-Length: 13\r\n\r\n{"ok": false}'
    status, body = await request_.do_request(url(server), "POST", words(text="hello & good\nday"))
    assert (status, body) == (429, b'{"ok": false}')
    assert b"application/x-www-form-urlencoded" in server.received
    assert server.received.endswith(b"text=hello+%26+good%0Aday")


async def test_a_picture_goes_out_with_its_name(server: Server, request_: AiohttpRequest) -> None:
    picture = InputFile(b"\x89PNG...", filename="week.png", attach=False)
    data = RequestData([RequestParameter("photo", None, [picture])])
    await request_.do_request(url(server), "POST", data)
    assert b'name="photo"; filename="week.png"' in server.received
    assert b"\x89PNG..." in server.received


async def test_no_answer_in_time_is_doubt_and_not_failure(
    server: Server, request_: AiohttpRequest
) -> None:
    server.answer = b""
    with pytest.raises(TimedOut):
        await request_.do_request(url(server), "POST", words(text="hello"))


async def test_a_connection_that_breaks_names_no_token(
    server: Server, request_: AiohttpRequest
) -> None:
    server.answer = b"no HTTP at all\r\n\r\n"
    with pytest.raises(NetworkError) as broken:
        await request_.do_request(url(server), "POST", words(text="hello"))
    assert SECRET not in str(broken.value)


async def test_a_server_that_is_not_there_is_a_network_error(request_: AiohttpRequest) -> None:
    with pytest.raises(NetworkError) as refused:
        await request_.do_request(f"http://127.0.0.1:9/bot{SECRET}/getMe", "POST", words(text="x"))
    assert SECRET not in str(refused.value)


async def test_a_proxy_of_the_environment_is_used_but_not_for_hosts_that_it_excepts(
    server: Server, request_: AiohttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("no_proxy", "excepted.invalid")
    await request_.do_request("http://far.invalid/bot/getMe", "POST", words(text="hello"))
    assert server.received.startswith(b"POST http://far.invalid/bot/getMe ")
    with pytest.raises(NetworkError):
        await request_.do_request("http://excepted.invalid/bot/getMe", "POST", words(text="x"))
