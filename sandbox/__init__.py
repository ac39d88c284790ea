"""A small local Telegram: a Bot API server over HTTP, and phones to talk to the bot with.

    async with serving(Sandbox()) as address:
        bot = telegram.Bot(DEFAULT_TOKEN, base_url=f"{address}/bot")
        async with SandboxClient(address) as client:
            ana = await client.new_phone("Ana")
            await ana.start()

It knows the Bot API and nothing of any bot.
"""

from sandbox.app import create_app
from sandbox.client import SandboxClient
from sandbox.faults import Fault
from sandbox.limits import Limits
from sandbox.serving import DEFAULT_PORT, OpenToNetworkError, serve_forever, serving
from sandbox.state import DEFAULT_TOKEN, NewPhone, Sandbox

__all__ = [
    "DEFAULT_PORT",
    "DEFAULT_TOKEN",
    "Fault",
    "Limits",
    "NewPhone",
    "OpenToNetworkError",
    "Sandbox",
    "SandboxClient",
    "create_app",
    "serve_forever",
    "serving",
]
