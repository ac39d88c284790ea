"""A quick look at what is understood: ``python -m understanding.parse "TEXT"``."""

from __future__ import annotations

import argparse
import asyncio
import json

from understanding import environment, train


def main() -> None:
    """Print the verdict and the likeliest intents of one text as JSON."""
    parser = argparse.ArgumentParser(description="Show what the NLU makes of a text.")
    parser.add_argument("text")
    text = parser.parse_args().text
    environment.prepare()
    from rasa.core.agent import Agent

    parsed = asyncio.run(Agent.load(str(train.ensure())).parse_message(text))
    shown = {"holdfast": parsed["holdfast"], "intent_ranking": parsed["intent_ranking"][:5]}
    print(json.dumps(shown, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
