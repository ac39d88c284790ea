"""What a process says of itself over HTTP, and the server for all that is served there.

Everything is a list of routes; `bot.wiring` puts the lists together, one application for each
address. Nothing here tells anybody's words, names or ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from datetime import timedelta

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.engine.meter import PrometheusMeter
from bot.engine.reach import Reach
from bot.engine.survey import Survey
from models.database import Database

REACHED_WITHIN = timedelta(seconds=60)
_DATABASE_S = 2.0
_log = structlog.get_logger()


class NotListening(Exception):
    """An address that cannot be listened on."""


def create_app(routes: Sequence[BaseRoute]) -> Starlette:
    """An application with these routes; the first that fits a request answers it."""
    return Starlette(routes=list(routes))


def health_routes() -> list[Route]:
    """``/healthz``: 200 as long as the process lives. It looks at nothing else."""

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("ok")

    return [Route("/healthz", healthy, methods=["GET"])]


def watch_routes(
    database: Database,
    reach: Reach,
    standing: Callable[[], Sequence[str]],
    meter: PrometheusMeter,
    look: Callable[[], Awaitable[Survey]],
) -> list[Route]:
    """``/readyz``: 200 or 503 with what is not ready, as JSON. ``/metrics``: for Prometheus."""

    async def ready(_request: Request) -> Response:
        parts = {
            "database": await _answers(database),
            "loops": not standing(),
            "telegram": reach.is_recent(REACHED_WITHIN),
        }
        return JSONResponse(parts, 200 if all(parts.values()) else 503)

    async def metrics(_request: Request) -> Response:
        try:
            async with asyncio.timeout(_DATABASE_S):
                meter.show(**asdict(await look()))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # What this process counted is shown all the same.
            _log.warning("survey_failed", error=type(error).__name__)
        return Response(generate_latest(meter.registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/readyz", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(_DATABASE_S):
            return await database.answers()
    except (SQLAlchemyError, OSError, TimeoutError):
        return False


@asynccontextmanager
async def listening(app: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serve ``app`` until the block ends; `NotListening` where the address is not to be had."""
    server = _QuietServer(
        uvicorn.Config(app, host=host, port=port, access_log=False, log_config=None)
    )
    task = asyncio.create_task(_serve(server))
    try:
        while not server.started:
            if task.done():
                raise NotListening
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await task


async def _serve(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit:
        # The library's way of saying that the port is taken.
        return


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
