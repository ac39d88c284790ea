"""Draws calibration and the chosen trade: ``python -m understanding.plots --out ../docs/images``.

The model alone, without the lexical floor, on the validation set.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
from pathlib import Path
from typing import NamedTuple

from understanding import environment, paths, pictures, table, train
from understanding.progress import say


class Judged(NamedTuple):
    """One message of the validation set."""

    label: str
    mass: float
    """Of the intents that page, in the message as a whole."""
    paged: bool
    review: bool


async def judge(data: Path) -> list[Judged]:
    """Parse every row of a CSV with text and label, in this process."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(train.ensure()))
    meanings = table.load()
    paging = {name for name, m in meanings.items() if m.urgency in ("immediate", "urgent")}
    found = []
    with data.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parsed = await agent.parse_message(row["text"])
            mass = sum(r["confidence"] for r in parsed["intent_ranking"] if r["name"] in paging)
            verdict = parsed["holdfast"]
            paged = verdict["urgency"] in ("immediate", "urgent") or verdict["asks"] == "human"
            found.append(Judged(row["label"], mass, paged, verdict["review"]))
    return found


def main() -> None:
    """Parse, draw, and print what was drawn as JSON."""
    parser = argparse.ArgumentParser(description="Draw calibration and recall against false pages.")
    parser.add_argument("--data", type=Path, default=paths.NLU / "validation.csv")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    environment.prepare()
    found = asyncio.run(judge(arguments.data))
    sure = [j for j in found if j.label != "distress"]
    said, crisis = [j.mass for j in sure], [j.label == "crisis" for j in sure]
    shares = {
        label: {
            "n": len(chosen),
            "paged": sum(j.paged for j in chosen) / len(chosen),
            "for review": sum(j.review for j in chosen) / len(chosen),
        }
        for label in ("crisis", "distress", "none")
        if (chosen := [j for j in found if j.label == label])
    }
    pictures.calibration(said, crisis, arguments.out / "calibration.png")
    point = (shares["none"]["paged"], shares["crisis"]["paged"])
    pictures.trade(said, crisis, point, arguments.out / "recall.png")
    say(f"drew calibration.png and recall.png in {arguments.out}")
    print(json.dumps(shares, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
