"""A story told by a seed: what people do, what goes wrong, and how it has to end."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from bot.engine.invariants import INVARIANTS
from sandbox.client import ChatMessage
from tests.sim import history, town
from tests.sim.history import Said
from tests.sim.inline import sqlite_inline
from tests.sim.world import FAULTS, Broken, Weather, World

IMMEDIATE = (
    "i want to die tonight, i have the pills here",
    "i am going to kill myself",
)
URGENT = ("he hit me again and i am scared", "i cut myself again", "i can't breathe, panic attack")
HUMAN = ("can i talk to a human please", "i need to talk to a real person")
CALM = ("hello", "thank you", "what is this", "the weather is grey")

_ODDS = {
    "429": 0.15,
    "5xx": 0.2,
    "cut before": 0.15,
    "cut after": 0.15,
    "database": 0.02,
    "death": 0.03,
    "nlu gone": 0.5,
    "nlu slow": 0.4,
    "doubled": 0.5,
    "shuffled": 0.7,
    "interleaved": 0.3,
}
ACTS = 8


class Story:
    """One seed's story."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.folder = folder
        self.dice = random.Random(seed)
        chosen = self.dice.sample(FAULTS, self.dice.randint(1, 5))
        self.weather = Weather({name: _ODDS.get(name, 0.0) for name in chosen})
        self.chosen = chosen
        self.said: list[Said] = []
        self.silent: set[str] = set()
        self.blocked: set[str] = set()
        self.count = 0

    async def play(self) -> World:
        """Tell it from beginning to end; `Broken` names the promise that did not hold."""
        with sqlite_inline():
            return await self._play()

    async def _play(self) -> World:
        async with World.made(self.folder, self.dice, self.weather) as world:
            self.world = world
            try:
                await self._troubled_times()
                await self._calm_after()
                self._judge()
            except Broken as broken:
                seen = "\n".join(phone.transcript() for phone in world.phones.values())
                raise Broken(
                    f"seed {self.seed}, weather {sorted(self.chosen)}: {broken}\n"
                    f"replay: make sim SEED={self.seed}\n{seen}"
                ) from None
            return world

    async def _troubled_times(self) -> None:
        world, dice = self.world, self.dice
        for name in ("Sam", "Kim"):
            world.person(name)
        if dice.random() < 0.6:
            await self._fair_beginning()
        for number in range(ACTS):
            if "redis gone" in self.chosen:
                world.redis_server.connected = dice.random() < 0.5
            if "clock" in self.chosen and dice.random() < 0.2:
                world.clock.move(seconds=dice.choice((-20, 45, 600)))
            for _ in range(dice.choice((1, 1, 1, 3))):
                self._act(number)
            if dice.random() < 0.6:
                await world.until_quiet()
            if dice.random() < 0.4:
                await world.time_passes(timedelta(seconds=dice.choice((1, 5, 20, 70, 130, 700))), 8)

    async def _fair_beginning(self) -> None:
        """Somebody holds a case already, or has closed it, before anything goes wrong."""
        world, dice = self.world, self.dice
        odds, self.weather.odds = self.weather.odds, {}
        self._person_writes(dice.choice((IMMEDIATE, URGENT, HUMAN)))
        await world.until_quiet()
        asked = [phone for phone in world.volunteers if phone.buttons(":accept")]
        holder = dice.choice(asked)
        holder.taps_newest(":accept")
        await world.until_quiet()
        holder.says("i am with you")
        await world.until_quiet()
        ending = dice.choice((":close", ":handover", None))
        if ending is not None:
            holder.taps_newest(ending)
            await world.until_quiet()
            holder.taps_newest("close:" if ending == ":close" else "handto:")
            await world.until_quiet()
        self.weather.odds = odds

    async def _calm_after(self) -> None:
        """The faults end, and somebody takes what is still open."""
        world = self.world
        world.weather.odds = {}
        world.redis_server.connected = True
        for phone in world.phones.values():
            if phone.phone.blocked:
                phone.unblocks()
        await world.time_passes(timedelta(seconds=40))
        self._everything_is_late_no_more()
        for _ in range(4):
            if not self._open_cases():
                break
            self._somebody_is_being_asked()
            for volunteer in world.volunteers:
                for message, data in volunteer.buttons(":accept"):
                    volunteer.taps(message, data)
            await world.time_passes(timedelta(seconds=30))
        await world.time_passes(timedelta(seconds=60))

    # What people do.

    def _act(self, number: int) -> None:
        acts: list[Callable[[], None]] = [
            *[self._person_writes] * (6 if number < 4 else 2),
            self._person_stops,
            *[self._volunteer_answers] * 4,
            self._stale_tap,
            self._holder_writes,
            self._holder_closes,
            self._holder_gives_back,
            self._holder_hands_over,
            self._offer_is_answered,
            self._coordinator_takes_over,
            self._away_or_back,
            self._rota_is_edited,
            self._volunteer_blocks,
            self._volunteer_loses_their_phone,
        ]
        self.dice.choice(acts)()

    def _person_writes(self, kind: Sequence[str] | None = None) -> None:
        phone = self.dice.choice(self.world.persons)
        kind = kind or self.dice.choice((IMMEDIATE, IMMEDIATE, URGENT, HUMAN, CALM))
        self.count += 1
        text = f"{self.dice.choice(kind)} #{self.count}"
        number = phone.says(text)
        self.said.append(Said(phone.name, number, text, kind is not CALM, kind is IMMEDIATE))

    def _person_stops(self) -> None:
        phone = self.dice.choice(self.world.persons)
        if not phone.messages():
            return
        phone.says("/stop")
        if self.dice.random() < 0.5 and phone.taps_newest("stop:end"):
            self.silent.add(phone.name)

    def _volunteer_answers(self) -> None:
        phone = self.dice.choice(self.world.volunteers)
        found = phone.buttons("page:")
        if found:
            button = self.dice.choice(found)
            for _ in range(self.dice.choice((1, 1, 2))):
                phone.taps(*button)

    def _stale_tap(self) -> None:
        phone = self.dice.choice([*self.world.volunteers, *self.world.persons])
        found = phone.old_buttons()
        if found:
            message, data = self.dice.choice(found)
            if data == "stop:end":
                self.silent.add(phone.name)
            phone.taps(message, data)

    def _holder_writes(self) -> None:
        self.dice.choice(self.world.volunteers).says("i am with you")

    def _holder_closes(self) -> None:
        phone = self.dice.choice(self.world.volunteers)
        if not phone.taps_newest("close:"):
            phone.taps_newest(":close")

    def _holder_gives_back(self) -> None:
        self.dice.choice(self.world.volunteers).taps_newest(":release")

    def _holder_hands_over(self) -> None:
        names = [
            (phone, *found) for phone in self.world.volunteers for found in phone.buttons("handto:")
        ]
        if names:
            phone, message, data = self.dice.choice(names)
            phone.taps(message, data)
        else:
            self.dice.choice(self.world.volunteers).taps_newest(":handover")

    def _offer_is_answered(self) -> None:
        answers = [
            (phone, *found) for phone in self.world.volunteers for found in phone.buttons("hand:")
        ]
        if answers:
            phone, message, data = self.dice.choice(answers)
            phone.taps(message, data)

    def _coordinator_takes_over(self) -> None:
        number = self.dice.choice((1, 2, 3))
        self.world.phones[town.CLEO.name].says(f"/takeover C{number}")

    def _away_or_back(self) -> None:
        self.dice.choice(self.world.volunteers).says(self.dice.choice(("/away 2h", "/back")))

    def _rota_is_edited(self) -> None:
        cleo = self.world.phones[town.CLEO.name]
        if self.dice.random() < 0.6 and cleo.taps_newest(":apply"):
            return
        cleo.says(
            self.dice.choice(
                (
                    "/cover @ana @dee today 00:00-24:00",
                    "/shift remove 1",
                    "/shift add @dee daily 00:00-00:00 primary",
                )
            )
        )

    def _volunteer_blocks(self) -> None:
        phone = self.dice.choice(self.world.volunteers[:3])
        self.blocked.add(phone.name)
        if phone.phone.blocked:
            phone.unblocks()
        else:
            phone.blocks()

    def _volunteer_loses_their_phone(self) -> None:
        phone = self.dice.choice(self.world.volunteers[:3])
        self.blocked.add(phone.name)
        phone.is_lost()

    # How it has to end.

    def _open_cases(self) -> list[int]:
        return [int(row[0]) for row in self.world.query("SELECT id FROM cases WHERE status='open'")]

    def _somebody_is_being_asked(self) -> None:
        """Cleo is never away for good: the last rung always has somebody in it."""
        asked = {
            int(row[0])
            for row in self.world.query(
                "SELECT DISTINCT case_id FROM page WHERE status IN ('queued', 'sent')"
            )
        }
        waits = [case for case in self._open_cases() if case not in asked]
        stuck = [
            row[0]
            for case in waits
            for row in self.world.query(
                "SELECT id FROM cases WHERE id = ? AND (wake_at IS NULL OR wake_at < ?)",
                case,
                (self.world.clock.now() - timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f"),
            )
        ]
        if stuck:
            raise Broken(f"cases {stuck} are open, nobody is asked and nothing will wake them")

    def _everything_is_late_no_more(self) -> None:
        for invariant in INVARIANTS:
            rows = self.world.broken(invariant)
            if rows:
                raise Broken(f"{invariant.name}: {invariant.promise} {rows}")

    def _judge(self) -> None:
        world = self.world
        phones: dict[str, list[ChatMessage]] = {
            name: phone.messages() for name, phone in world.phones.items()
        }
        asking = [one for one in self.said if one.who not in self.silent]
        out_of_reach = len(world.query("SELECT id FROM audit WHERE act = 'unreachable'"))
        broken = [
            *history.still_waiting(world.query),
            *history.unanswered(self.said, phones),
            *history.unheard(asking, phones),
            *history.double_holders(phones, out_of_reach),
            # What a blocked phone shows cannot be changed any more, not even afterwards.
            *history.open_pages(
                {name: seen for name, seen in phones.items() if name not in self.blocked},
                world.query,
                world.ambiguous,
            ),
            *history.vanished_pages(phones, world.query),
        ]
        if not {"shuffled"} & set(self.chosen):
            broken += history.without_number(self.said, phones)
        copies = history.duplicates(phones, world.query)
        if copies > world.ambiguous:
            broken.append(f"{copies} copies, but only {world.ambiguous} doubtful sendings")
        if broken:
            raise Broken("\n  ".join(("the phones tell otherwise:", *broken)))
