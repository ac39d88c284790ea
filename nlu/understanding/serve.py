"""Rasa's HTTP server on loopback: ``python -m understanding.serve --port 5005``.

Needs ``HOLDFAST_NLU_TOKEN`` in the environment; every request carries it as ``?token=``. Trains
first if the current content has no model. Prints one line to standard output when it answers:

    holdfast-nlu ready port=5005 model=<hash of the content>

Ends on SIGTERM, and when the process that started it is gone.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import Any

from understanding import environment, orphan, train

TOKEN_VARIABLE = "HOLDFAST_NLU_TOKEN"  # noqa: S105 (the variable's name, not a token)
LOOPBACK = "127.0.0.1"


def main() -> None:
    """Train if need be, load, serve until told to end."""
    parser = argparse.ArgumentParser(description="Serve the NLU over HTTP on loopback.")
    parser.add_argument("--port", type=int, default=5005)
    port = parser.parse_args().port
    # From the environment: arguments can be read by every user of the machine.
    token = os.environ.get(TOKEN_VARIABLE)
    if not token:
        sys.exit(f"{TOKEN_VARIABLE} is not set")
    orphan.end_with_parent()
    environment.prepare()
    # Collecting garbage while thousands of modules are imported takes a second and finds none.
    gc.disable()
    app = _app(train.ensure(), token, port)
    gc.enable()
    app.run(host=LOOPBACK, port=port, access_log=False, motd=False)


def _app(model: Path, token: str, port: int) -> Any:
    """Return Rasa's own Sanic application with ``model`` loaded.

    Starting it from here rather than by Rasa's command line keeps the token out of the arguments
    and saves the import of everything that the other commands need.
    """
    from rasa.core.agent import Agent
    from rasa.server import create_app
    from rasa.utils.common import update_sanic_log_level

    app = create_app(agent=Agent.load(str(model)), cors_origins=[], auth_token=token)
    # After the app, which resets Sanic's loggers.
    update_sanic_log_level()

    async def tell(*_: Any) -> None:
        print(f"holdfast-nlu ready port={port} model={_name(model)}", flush=True)  # noqa: T201

    app.register_listener(tell, "after_server_start")
    return app


def _name(model: Path) -> str:
    return model.name.split(".")[0]


if __name__ == "__main__":
    main()
