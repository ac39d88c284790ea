"""Letters go out: pages first, in order within a chat, at least once each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine import second, undelivered
from bot.engine.clock import Clock
from bot.engine.letters import (
    Copy,
    Letter,
    NoButtons,
    Photo,
    Picture,
    Priority,
    Text,
    UnknownLetter,
    read_letter,
)
from bot.engine.meter import Meter
from bot.engine.ports import (
    Carrier,
    ChatGone,
    DeliveryError,
    NotOurs,
    Rejected,
    Stale,
    TooMany,
    Unavailable,
)
from bot.engine.rates import Rates
from bot.engine.signals import CALLS, OUTBOX, TIMERS, Signals
from bot.engine.store import parcels
from bot.engine.store.parcels import Arrival, Parcel
from bot.engine.work import Community, UnitOfWork
from models import Case, CaseStatus, OutboxStatus, Page, PageStatus
from models.database import Database

LEASE = timedelta(seconds=8)
"""Longer than a request may take, so that a letter on its way is not sent a second time; short
enough that one whose courier died leaves in time all the same."""
LONGEST_SEND_S = 6.0
AT_ONCE = 16
_GATHER_S = 0.025
_CREDIT_S = 5.0
"""Turns have to lie 25 ms apart; what earlier ones left of that, up to 5 s of it, later ones may
use up. So each letter is crossed off at once, and under lasting load what arrived meanwhile is
written down together, at a third of the cost."""
_BACKOFF_S = (0.5, 1, 2, 4, 5)
"""The last goes on for ever, and is short: a page may stand behind this letter in its chat, and
should not wait for long once Telegram is back. One letter of each chat is tried at a time."""
_FOR_OTHERS = timedelta(seconds=5)
_PAGE_WAITS_S = 10.0
"""A page that Telegram wants later than this goes by the second channel as well."""
_AT_ONCE_S = 2.0
"""Chats that are refused within so short a time mean that the whole bot is."""
_LONGEST_PAUSE_S = 5.0
"""After so long one letter tries whether Telegram takes any again, whatever it said."""
_TRIES_BEFORE_CALL = 2
"""So often a page may fail before: one time-out is no outage."""
_log = structlog.get_logger()


class Courier:
    """Sends what stands in the outbox and writes down what became of it. It decides nothing.

    What arrived is crossed off in the transaction that takes what can leave next: under load one
    transaction serves many letters, and otherwise none waits for another.
    """

    def __init__(
        self,
        database: Database,
        carrier: Carrier,
        community: Community,
        rates: Rates,
        signals: Signals,
        clock: Clock,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._carrier = carrier
        self._community = community
        self._rates = rates
        self._signals = signals
        self._clock = clock
        self._meter = meter or Meter()
        self._sending: set[asyncio.Task[None]] = set()
        self._arrived: list[Arrival] = []
        self._paused_until: datetime | None = None
        self._is_probing = False
        self._refused_at: dict[str, datetime] = {}
        self._next_turn_at = 0.0

    async def step(self) -> None:
        """Cross off what arrived and begin to send what can be, or wait until something may be."""
        await self._gather()
        since = self._signals.look(OUTBOX)
        room = self._room()
        taken: Sequence[Parcel] = ()
        if room > 0 or self._arrived:
            taken = await self._turn(room)
        for parcel in taken:
            task = asyncio.create_task(self._send_and_go_on(parcel))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if len(taken) < max(room, 1) and not self._arrived:
            await self._signals.wait(OUTBOX, 0.5, since)

    async def _gather(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(self._next_turn_at, now - _CREDIT_S)
        self._next_turn_at = at + _GATHER_S
        if at > now:
            await asyncio.sleep(at - now)

    async def finish(self) -> None:
        """Wait until everything that is being sent has been, and is written down."""
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._arrived:
            await self._turn(0)

    async def send_next(self) -> bool:
        """Send the most pressing letter; whether there was one."""
        taken = await self._turn(1)
        for parcel in taken:
            await self._send(parcel)
        if self._arrived:
            await self._turn(0)
        return bool(taken)

    def _room(self) -> int:
        """How many letters may be begun: after a pause of the whole bot one, to see."""
        if self._paused_until is not None and self._clock.now() < self._paused_until:
            return 0
        return (1 if self._is_probing else AT_ONCE) - len(self._sending)

    async def _turn(self, room: int) -> Sequence[Parcel]:
        """Cross off what arrived, and take the first letter of each of up to ``room`` chats."""
        now = self._clock.now()
        arrived, self._arrived = self._arrived, []
        try:
            async with self._database.transaction() as session:
                twice = await parcels.cross_off(session, arrived, now)
                for one in twice:
                    await self._disarm_copy(session, one)
                taken = await parcels.take(session, now, now + LEASE, room)
        except BaseException:
            self._arrived = [*arrived, *self._arrived]
            raise
        self._note(arrived, twice)
        return taken

    async def _disarm_copy(self, session: AsyncSession, one: Arrival) -> None:
        """A letter arrived twice: its second message keeps its words, but no buttons."""
        if one.message_id is None or not one.has_buttons:
            return
        work = self._work(session)
        copy = await work.letters.note_copy(one.parcel, one.message_id)
        await work.letters.change(copy, NoButtons(), priority=Priority.PAGE)
        await session.flush()

    def _note(self, arrived: Sequence[Arrival], twice: Sequence[Arrival]) -> None:
        for one in arrived:
            parcel = one.parcel
            if one in twice:
                _log.info("letter_arrived_twice", letter=parcel.id, case=parcel.case_id)
                continue
            self._meter.letter_sent(parcel.priority)
            if parcel.page_id is None:
                _log.info("letter_sent", letter=parcel.id, case=parcel.case_id)
            else:
                self._meter.page(PageStatus.SENT)
                _log.info("page_sent", page=parcel.page_id, case=parcel.case_id)

    async def _send_and_go_on(self, parcel: Parcel) -> None:
        try:
            await self._send(parcel)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("letter_left_for_later", letter=parcel.id, error=type(error).__name__)
        # What comes next in this chat may leave now.
        self._signals.rouse(OUTBOX)

    async def _send(self, parcel: Parcel) -> None:
        try:
            if parcel.changes is not None and parcel.target is None:
                raise Stale("the message to change was never sent")
            letter = read_letter(parcel.letter or "")
            if isinstance(letter, Text | Photo | Picture | Copy) and not await self._place(parcel):
                return
            in_time = await self._in_time(parcel)
            if in_time is None:
                return
            parcel = in_time
            message_id = await self._deliver(parcel, letter)
        except DeliveryError as error:
            await self._failed(parcel, error)
        except UnknownLetter:
            await self._later(parcel, self._clock.now() + _FOR_OTHERS, count=False)
        except (SQLAlchemyError, OSError) as error:
            # Our own database stumbled, not the letter: its lease runs out and it is sent again.
            _log.warning("letter_left_for_later", letter=parcel.id, error=type(error).__name__)
        except Exception as error:
            _log.error("letter_broken", letter=parcel.id, error=type(error).__name__)
            await self._failed(parcel, Rejected(type(error).__name__))
        else:
            self._is_probing = False
            has_buttons = isinstance(letter, Text) and bool(letter.buttons)
            self._arrived.append(Arrival(parcel, message_id, has_buttons))

    async def _place(self, parcel: Parcel) -> bool:
        """Take a place in Telegram's allowance; False where the letter was put back until later.

        A letter waits in hand only for as long as its lease lets it: one that waited longer would
        be taken by another as well, and would use two places.
        """
        while wait_s := await self._rates.take(parcel.chat_key):
            at = self._clock.now() + timedelta(seconds=wait_s)
            if parcel.leased_until - at < timedelta(seconds=LONGEST_SEND_S):
                await self._later(parcel, at, count=False)
                return False
            await asyncio.sleep(wait_s)
        return True

    async def _deliver(self, parcel: Parcel, letter: Letter) -> int | None:
        try:
            async with asyncio.timeout(LONGEST_SEND_S):
                return await self._carrier.deliver(parcel.chat_id, letter, parcel.target)
        except TimeoutError as error:
            raise Unavailable("timeout") from error

    async def _in_time(self, parcel: Parcel) -> Parcel | None:
        """``parcel`` with a lease as long as sending may take; None where it need not leave.

        A slow disk or Redis can use up a letter's lease; by then another may have taken it.
        """
        now = self._clock.now()
        if parcel.leased_until - now > timedelta(seconds=LONGEST_SEND_S):
            return parcel
        async with self._database.transaction() as session:
            ours = await parcels.renew(session, parcel, now + LEASE)
        return replace(parcel, leased_until=now + LEASE) if ours else None

    async def _failed(self, parcel: Parcel, error: DeliveryError) -> None:
        _log.warning(
            "letter_not_sent",
            letter=parcel.id,
            case=parcel.case_id,
            page=parcel.page_id,
            attempt=parcel.attempts + 1,
            error=type(error).__name__,
        )
        self._meter.letter_not_sent(type(error).__name__)
        now = self._clock.now()
        match error:
            case TooMany():
                pause = timedelta(seconds=error.retry_after)
                await self._later(parcel, now + pause, count=False)
                self._note_refusal(parcel.chat_key, error.retry_after)
                if error.retry_after > _PAGE_WAITS_S:
                    await self._call_instead(None if self._is_probing else parcel.chat_key)
            case Unavailable() | NotOurs():
                wait_s = _BACKOFF_S[min(parcel.attempts, len(_BACKOFF_S) - 1)]
                await self._later(parcel, now + timedelta(seconds=wait_s), count=True)
                if parcel.attempts >= _TRIES_BEFORE_CALL:
                    await self._call_instead(parcel.chat_key)
            case _:
                await self._lost(parcel, error)

    async def _call_instead(self, chat_key: str | None) -> None:
        """Telegram takes no letter of this chat now, or of any: whoever is asked there is called
        another way, once for each page.

        Also where the page stands behind another letter, which alone is tried.
        """
        async with self._database.transaction() as session:
            work = self._work(session)
            pages = await work.cases.pages_on_their_way(chat_key)
            called = [page for page in pages if await second.call_for_page(work, page)]
        if called:
            await self._signals.ring(CALLS)

    def _note_refusal(self, chat_key: str, retry_after_s: float) -> None:
        """A 429 pauses its chat; when it hits several chats at once it means the whole bot."""
        now = self._clock.now()
        since = now - timedelta(seconds=_AT_ONCE_S)
        self._refused_at = {key: at for key, at in self._refused_at.items() if at > since}
        self._refused_at[chat_key] = now
        if len(self._refused_at) > 2 or self._is_probing:
            self._is_probing = True
            pause_s = min(retry_after_s, _LONGEST_PAUSE_S)
            self._paused_until = now + timedelta(seconds=pause_s)

    async def _later(self, parcel: Parcel, due_at: datetime, *, count: bool) -> None:
        async with self._database.transaction() as session:
            attempts = parcel.attempts + count
            await parcels.change(
                session, parcel, due_at=due_at, leased_until=None, attempts=attempts
            )

    async def _lost(self, parcel: Parcel, error: DeliveryError) -> None:
        """The letter will never arrive: whoever must know is told, and its case looks again."""
        async with self._database.transaction() as session:
            work = self._work(session)
            # The case first, as everybody does who changes one.
            case = await work.cases.find(parcel.case_id) if parcel.case_id else None
            ours = await parcels.change(
                session,
                parcel,
                status=OutboxStatus.FAILED,
                letter=None,
                leased_until=None,
                error=type(error).__name__,
            )
            if not ours:
                return
            if parcel.page_id is not None:
                await self._page_lost(session, parcel.page_id, case, work.now)
            if isinstance(error, ChatGone):
                await undelivered.chat_gone(work, parcel, case)
            elif isinstance(error, Rejected):
                await undelivered.rejected(work, parcel)
        await self._signals.ring(TIMERS, *work.rings)

    async def _page_lost(
        self, session: AsyncSession, page_id: int, case: Case | None, now: datetime
    ) -> None:
        page = await session.get_one(Page, page_id, with_for_update=True)
        if page.status.in_flight:
            page.status = PageStatus.FAILED
            page.ended_at = now
            session.add(page)
            self._meter.page(PageStatus.FAILED)
            _wake(session, case, now)

    def _work(self, session: AsyncSession) -> UnitOfWork:
        return UnitOfWork(
            session,
            self._database.keyring,
            self._community,
            self._clock.now(),
            meter=self._meter,
        )


def _wake(session: AsyncSession, case: Case | None, now: datetime) -> None:
    if case is not None and case.status is not CaseStatus.CLOSED:
        case.wake_at = now
        session.add(case)
