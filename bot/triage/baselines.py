"""What triage is measured against: a plain list of keywords, and what `rasa init` would make."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import yaml

from bot.core.reading import Ask, Reading
from bot.triage.process import HOME, PYTHON, NotInstalled
from models.vocabulary import Theme, Urgency

_KEYWORDS = (
    "suicide",
    "suicidal",
    "kill myself",
    "killing myself",
    "end my life",
    "take my life",
    "want to die",
    "wanna die",
    "better off dead",
    "no reason to live",
    "self harm",
    "self-harm",
    "cut myself",
    "cutting myself",
    "hurt myself",
    "overdose",
    "abuse",
    "abused",
    "raped",
    "hits me",
    "beats me",
    "emergency",
)
_START_S = 300.0
_PATIENCE_S = 60.0


class BaselineMissing(Exception):
    """The model to compare with is not trained, or did not start; says what to do."""


class Keywords:
    """The plainest triage there is: whoever writes one of a few words is paged."""

    def __init__(self) -> None:
        words = "|".join(re.escape(word) for word in _KEYWORDS)
        self._pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)

    async def read(self, text: str) -> Reading:
        """Urgent where a keyword stands, else nothing."""
        found = self._pattern.search(text)
        return Reading(urgency=Urgency.URGENT if found else Urgency.NONE)


class Stock:
    """The pipeline of `rasa init` on the same examples: its likeliest intent decides.

    ``meanings`` says for each intent its ``urgency``, ``theme`` and perhaps ``asks``. What the
    pipeline falls back from is nothing: it has no list for review.
    """

    def __init__(self, client: httpx.AsyncClient, meanings: Mapping[str, Mapping[str, str]]):
        self._client = client
        self._meanings = meanings

    async def read(self, text: str) -> Reading:
        """What its intent stands for; raises httpx.HTTPError where it does not answer."""
        answer = await self._client.post("/model/parse", json={"text": text.lstrip("/ \t\r\n")})
        answer.raise_for_status()
        meaning = self._meanings.get(answer.json()["intent"]["name"] or "")
        if meaning is None:
            return Reading()
        asks = meaning.get("asks")
        return Reading(
            urgency=Urgency(meaning["urgency"]),
            theme=Theme(meaning["theme"]),
            asks=Ask(asks) if asks in set(Ask) else None,
        )


def meanings() -> dict[str, dict[str, str]]:
    """The table of intents, as the model's own side has it."""
    path = HOME / "understanding" / "intents.yml"
    found: dict[str, dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@asynccontextmanager
async def stock(log: Path, epochs: int | None = None) -> AsyncIterator[Stock]:
    """The pipeline of `rasa init` behind plain `rasa run`, trained first if it never was.

    Training all epochs takes a day or more. Raises `NotInstalled` or `BaselineMissing`.
    """
    model = await stock_model(epochs)
    async with (
        rasa_run(model, log) as (url, token),
        httpx.AsyncClient(base_url=url, params={"token": token}, timeout=_PATIENCE_S) as client,
    ):
        yield Stock(client, meanings())


async def stock_model(epochs: int | None = None) -> Path:
    """Where the trained baseline is; raises `NotInstalled` or `BaselineMissing`."""
    if not PYTHON.exists():
        raise NotInstalled("the NLU is not installed: run `make train`")
    fewer = ("--epochs", str(epochs)) if epochs is not None else ()
    training = await asyncio.create_subprocess_exec(
        *(str(PYTHON), "-m", "understanding.stock", *fewer),
        cwd=HOME,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await training.communicate()
    except asyncio.CancelledError:
        training.terminate()
        raise
    if training.returncode:
        raise BaselineMissing("the pipeline of rasa init could not be trained; see above")
    return Path(said.decode().splitlines()[-1])


@asynccontextmanager
async def rasa_run(model: Path, log: Path) -> AsyncIterator[tuple[str, str]]:
    """Plain `rasa run --enable-api` with ``model``, on loopback: its address and token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token, url = secrets.token_urlsafe(24), f"http://127.0.0.1:{port}"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        server = await asyncio.create_subprocess_exec(
            *(str(PYTHON), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1"),
            *("-p", str(port), "--auth-token", token, "-m", str(model)),
            cwd=HOME,
            env={
                **os.environ,
                "RASA_TELEMETRY_ENABLED": "false",
                "LOG_LEVEL": "WARNING",
                "PYTHONPATH": str(HOME),
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "CUDA_VISIBLE_DEVICES": "-1",
            },
            stdout=sink,
            stderr=sink,
        )
    try:
        await _answering(server, url, token)
        yield url, token
    finally:
        if server.returncode is None:
            server.send_signal(signal.SIGTERM)
            await server.wait()


async def _answering(server: asyncio.subprocess.Process, url: str, token: str) -> None:
    try:
        async with asyncio.timeout(_START_S), httpx.AsyncClient(base_url=url) as client:
            while server.returncode is None:
                try:
                    answer = await client.get("/status", params={"token": token})
                    # Rasa answers 409 until its model is loaded.
                    if answer.status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    raise BaselineMissing("rasa run did not come up with the model to compare with")
