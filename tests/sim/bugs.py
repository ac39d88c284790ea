"""Bugs that others have shipped, planted one at a time: whoever checks must see each of them.

Each is a change of the real engine for as long as its block lasts. A bug whose place has moved
fails loudly, so that no proof is lost by renaming.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, update
from sqlmodel import col, select

from bot.core.decide import Accepted, Declined, PageOut
from bot.engine import courier, escalation, notices
from bot.engine.courier import Courier
from bot.engine.ingest import Poller, update_number
from bot.engine.letters import read_letter
from bot.engine.ports import DeliveryError, Rejected
from bot.engine.store import cases, inbox
from bot.engine.store.cases import Cases
from bot.engine.store.inbox import InHand
from bot.engine.store.outbox import Letters
from bot.engine.store.parcels import Arrival, Parcel
from bot.engine.store.people import People
from bot.engine.store.rota import Rota
from bot.engine.timers import Timers
from models import Ambassador, Case, CaseStatus, Inbox, Outbox, RotaState
from models.database import Database
from models.types import UtcDateTime

Patch = pytest.MonkeyPatch


def sent_is_written_down_before_sending(patch: Patch) -> None:
    """A message that dies on its way counts as sent."""

    async def send(self: Courier, parcel: Parcel) -> None:
        letter = read_letter(parcel.letter or "")
        self._arrived.append(Arrival(parcel, None, has_buttons=False))
        await self._turn(0)
        try:
            await self._carrier.deliver(parcel.chat_id, letter, parcel.target)
        except DeliveryError:
            return

    patch.setattr(Courier, "_send", send)


def what_fails_once_is_never_tried_again(patch: Patch) -> None:
    """A message caught mid-send is failed and not retried."""

    async def failed(self: Courier, parcel: Parcel, error: DeliveryError) -> None:
        await self._lost(parcel, Rejected(type(error).__name__))

    patch.setattr(Courier, "_failed", failed)


def a_lease_never_ends(patch: Patch) -> None:
    """What a process that died had taken is taken for good."""
    patch.setattr(courier, "LEASE", timedelta(days=365))


def letters_are_claimed_without_a_lease(patch: Patch) -> None:
    """Two couriers take the same letter."""
    patch.setattr(courier, "LEASE", timedelta(seconds=-1))


def timers_skip_a_beat(patch: Patch) -> None:
    """The scheduler was switched off, and nobody noticed."""

    async def wake_next(self: Timers) -> bool:
        return False

    patch.setattr(Timers, "wake_next", wake_next)


def pages_are_not_withdrawn(patch: Patch) -> None:
    """Who was too late still sees buttons."""

    async def end_pages(*arguments: object) -> None:
        return None

    patch.setattr(notices, "end_pages", end_pages)


def an_update_stays_in_the_inbox(patch: Patch) -> None:
    """What was handled is handled once more."""
    cross_off = inbox.cross_off
    seen: set[int] = set()

    async def unfinished(session: Any, one: InHand, *rest: Any) -> bool:
        if one.id in seen:
            return await cross_off(session, one, *rest)
        seen.add(one.id)
        connection = await session.connection()
        await connection.execute(
            update(Inbox).where(Inbox.id == one.id).values(leased_until=None)  # type: ignore[arg-type]
        )
        return True

    patch.setattr(inbox, "cross_off", unfinished)


def an_update_is_confirmed_before_it_is_on_disk(patch: Patch) -> None:
    """As python-telegram-bot's own updater does it."""

    async def step(self: Poller) -> None:
        batch = await self._fetch()
        if batch:
            self._offset = max(update_number(update) for update in batch) + 1
            await self._updates.fetch(self._offset, 0)
            await self._ingest.receive(batch)

    patch.setattr(Poller, "step", step)


def letters_are_committed_apart_from_the_case(patch: Patch) -> None:
    """The case is saved, and then its letters: a death in between leaves a page without one."""
    put, transaction = Letters.put, Database.transaction

    async def noted(self: Letters, *arguments: Any, **about: Any) -> Outbox:
        row = await put(self, *arguments, **about)
        self._session.info.setdefault("letters", []).append(row)
        return row

    @asynccontextmanager
    async def in_two_parts(self: Database) -> AsyncIterator[Any]:
        async with transaction(self) as session:
            yield session
            rows: list[Outbox] = session.info.pop("letters", [])
            copies = [Outbox(**row.model_dump()) for row in rows]
            await session.flush()
            for row in rows:
                session.expunge(row)
            connection = await session.connection()
            for copy in reversed(copies):
                await connection.execute(delete(Outbox).where(Outbox.id == copy.id))  # type: ignore[arg-type]
        if copies:
            world = getattr(self, "_world", None)
            if world is not None:
                world.check_now()
                world.may_die()
            async with transaction(self) as session:
                session.add_all(copies)

    patch.setattr(Letters, "put", noted)
    patch.setattr(Database, "transaction", in_two_parts)


def a_decline_waits_out_its_rung(patch: Patch) -> None:
    """ "Can't right now" is noted, and then the full delay is waited."""
    decide = escalation.decide

    def slow(case: Any, event: Any, *rest: Any) -> Any:
        decision = decide(case, event, *rest)
        if not isinstance(event, Declined) or case.status is not CaseStatus.OPEN:
            return decision
        kept = replace(
            case, pages=tuple(page for page in decision.case.pages if page.id is not None)
        )
        effects = tuple(one for one in decision.effects if not isinstance(one, PageOut))
        return replace(decision, case=kept, effects=effects)

    patch.setattr(escalation, "decide", slow)


def a_failed_page_waits_out_its_rung(patch: Patch) -> None:
    """Who blocked the bot is waited for all the same."""
    patch.setattr(courier, "_wake", lambda *arguments: None)


def whoever_taps_last_has_the_case(patch: Patch) -> None:
    """Two helpers answer at once."""
    decide = escalation.decide

    def greedy(case: Any, event: Any, *rest: Any) -> Any:
        if isinstance(event, Accepted) and case.status is CaseStatus.CLAIMED:
            case = replace(case, status=CaseStatus.OPEN, holder_id=None)
        return decide(case, event, *rest)

    patch.setattr(escalation, "decide", greedy)


def an_accepted_case_is_forgotten(patch: Patch) -> None:
    """Nobody watches a holder who goes quiet."""
    decide = escalation.decide

    def forgetful(case: Any, event: Any, *rest: Any) -> Any:
        decision = decide(case, event, *rest)
        if decision.case.status is CaseStatus.CLAIMED:
            return replace(decision, case=replace(decision.case, wake_at=None))
        return decision

    patch.setattr(escalation, "decide", forgetful)


BUGS: tuple[Callable[[Patch], None], ...] = (
    sent_is_written_down_before_sending,
    what_fails_once_is_never_tried_again,
    a_lease_never_ends,
    letters_are_claimed_without_a_lease,
    timers_skip_a_beat,
    pages_are_not_withdrawn,
    an_update_stays_in_the_inbox,
    an_update_is_confirmed_before_it_is_on_disk,
    letters_are_committed_apart_from_the_case,
    a_decline_waits_out_its_rung,
    a_failed_page_waits_out_its_rung,
    whoever_taps_last_has_the_case,
    an_accepted_case_is_forgotten,
)


def cases_are_found_without_a_lock(patch: Patch) -> None:
    """Two who decide on one case both read it as it was."""

    async def found(self: Cases, case_id: int) -> Case | None:
        query = select(Case).where(Case.id == case_id)
        return self._locking((await self._session.exec(query)).one_or_none())

    patch.setattr(Cases, "find", found)


def pages_are_read_before_the_lock(patch: Patch) -> None:
    """Whoever waited for the case decides on its pages as they were."""
    find = Cases.find

    async def found(self: Cases, case_id: int) -> Case | None:
        rows = await self._session.exec(cases._PAGES, params={"case": case_id})
        self._pages[case_id] = list(rows.all())
        return await find(self, case_id)

    patch.setattr(Cases, "find", found)


def a_timer_takes_what_others_decide_on(patch: Patch) -> None:
    """A case is woken as it was before somebody took it."""
    due = select(Case).where(
        col(Case.wake_at) <= bindparam("now", type_=UtcDateTime()),
        Case.status != CaseStatus.CLOSED,
    )
    patch.setattr(cases, "_NEXT_DUE", due)


def whoever_writes_stays_out_of_reach(patch: Patch) -> None:
    """That somebody is gone is taken off as far as it was known when their update came in."""

    async def found_again(self: People, ambassador: Ambassador) -> None:
        return

    patch.setattr(People, "found_again", found_again)


def who_goes_waits_for_nobody(patch: Patch) -> None:
    """Whom Telegram can't reach is noted beside whoever decides to ask them in that moment."""

    async def hold(self: Rota) -> RotaState:
        return (await self._session.exec(select(RotaState))).one()

    patch.setattr(Rota, "hold", hold)


BUGS_OF_TWO: tuple[Callable[[Patch], None], ...] = (
    cases_are_found_without_a_lock,
    pages_are_read_before_the_lock,
    a_timer_takes_what_others_decide_on,
    whoever_writes_stays_out_of_reach,
    who_goes_waits_for_nobody,
)
"""Those that only two who meet in the same moment can see."""
