"""One whole case, played on the sandbox's phones step by step."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from bot.demo.community import Demo

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen to happen, and when, in milliseconds from the person's first word."""

    at_ms: int
    who: str
    what: str


@dataclass(slots=True)
class Journey:
    """The steps so far. ``ok`` turns true when the whole case was seen to its end."""

    show: Callable[[Step], None]
    ok: bool = False
    steps: list[Step] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    async def step(self, who: str, what: str, doing: Awaitable[_Result]) -> _Result:
        """Wait for something to happen and note it; a failure is noted and raised."""
        try:
            result = await doing
        except Exception:
            self._note(who, f"FAILED: {what}")
            raise
        self._note(who, what)
        return result

    def as_json(self) -> dict[str, object]:
        """``{"ok": bool, "steps": [{"at_ms": n, "who": "…", "what": "…"}]}``"""
        return {"ok": self.ok, "steps": [asdict(step) for step in self.steps]}

    def _note(self, who: str, what: str) -> None:
        step = Step(round((time.perf_counter() - self.began) * 1000), who, what)
        self.steps.append(step)
        self.show(step)


async def play(demo: Demo, show: Callable[[Step], None]) -> Journey:
    """Play one case from the first word to the close. The result says whether all was well."""
    journey = Journey(show)
    try:
        await _play(demo, journey)
        journey.ok = True
    except Exception:
        return journey
    return journey


async def _play(demo: Demo, journey: Journey) -> None:
    sam, (ana, ben) = demo.person, demo.ambassadors
    step = journey.step
    journey.began = time.perf_counter()
    await step(
        "person",
        "writes that they want to die tonight",
        sam.says("i can't do this anymore. i want to die and i have the pills here"),
    )
    answer = await step("person", "reads a number to call", sam.reads("112", timeout_s=20))
    ana_page = await step("ambassador Ana", "is paged", ana.reads("IMMEDIATE", timeout_s=20))
    ben_page = await step("ambassador Ben", "is paged too", ben.reads("IMMEDIATE", timeout_s=20))
    await step("person", "is told how many were asked", sam.reads("2 volunteers", after=answer))
    await step("ambassador Ana", 'taps "I\'m here"', ana.taps("I'm here", on=ana_page))
    await step("ambassador Ben", 'sees "Taken by Ana"', ben.sees_edit(ben_page, "Taken by Ana"))
    await step(
        "ambassador Ana",
        "reads what the person wrote",
        ana.reads("i have the pills here", after=ana_page),
    )
    await step("person", "is told that Ana is here", sam.reads("Ana is here for you"))
    await step(
        "ambassador Ana", "writes", ana.says("Hi, I'm Ana. I'm glad you wrote. Are you alone?")
    )
    heard = await step("person", "reads Ana's words", sam.reads("I'm glad you wrote"))
    await step("person", "answers", sam.says("yes. thank you for being here"))
    await step("ambassador Ana", "reads the answer", ana.reads("thank you for being here"))
    await step("person", "chooses a country", _choose_country(demo))
    await step("person", "reads the numbers of that country", sam.reads("116 123", after=heard))
    await step("ambassador Ana", "asks to close", ana.says("/close"))
    await step("ambassador Ana", "taps how it ended", _tap_outcome(demo))
    await step("person", "is told that it has ended", sam.reads("This conversation has ended"))
    marker = await demo.coordinator.marker()
    await step("coordinator", "asks for open cases", demo.coordinator.says("/cases"))
    await step(
        "coordinator",
        "reads that none is open",
        demo.coordinator.reads("No case is open", after=marker),
    )


async def _choose_country(demo: Demo) -> None:
    await demo.person.says("/resources United Kingdom")


async def _tap_outcome(demo: Demo) -> None:
    ana = demo.ambassadors[0]
    question = await ana.reads("How did it end?")
    await ana.taps("They feel safer", on=question)
    await ana.reads("is closed", after=question)
