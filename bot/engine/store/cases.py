"""Finding and keeping cases, their pages and what is said in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case import CaseState, PageState
from bot.core.policy import Policy
from bot.engine.signals import TIMERS
from models import (
    Case,
    CaseStatus,
    Message,
    Outbox,
    OutboxStatus,
    Page,
    PageStatus,
    Person,
    Speaker,
)
from models.types import UtcDateTime
from models.vocabulary import IN_FLIGHT

_STATE_FIELDS = tuple(name for name in CaseState.__dataclass_fields__ if name != "pages")


# Whoever waited for the lock must see what was decided meanwhile, also in rows read before.
_AS_IT_IS = {"populate_existing": True}

# What every message asks is put together once: that takes longer than asking.
_SINCE = bindparam("since", type_=UtcDateTime())
_OF_PERSON = (
    select(Case)
    .where(Case.person_id == bindparam("person"), Case.status != CaseStatus.CLOSED)
    .with_for_update()
    .execution_options(**_AS_IT_IS)
)
_CLOSED_SINCE = (
    select(Case)
    .where(
        Case.person_id == bindparam("person"),
        Case.status == CaseStatus.CLOSED,
        col(Case.closed_at) > _SINCE,
    )
    .order_by(col(Case.closed_at).desc())
    .limit(1)
    .with_for_update()
    .execution_options(**_AS_IT_IS)
)
_NEXT_DUE = (
    select(Case)
    .where(
        col(Case.wake_at) <= bindparam("now", type_=UtcDateTime()),
        Case.status != CaseStatus.CLOSED,
    )
    .order_by(col(Case.wake_at))
    .limit(1)
    .with_for_update(skip_locked=True)
    .execution_options(**_AS_IT_IS)
)
_PAGES = (
    select(Page)
    .where(Page.case_id == bindparam("case"))
    .order_by(col(Page.id))
    .execution_options(**_AS_IT_IS)
)
_MESSAGES = select(Message).where(Message.case_id == bindparam("case")).order_by(col(Message.id))
_UNPLACED = (
    select(Message)
    .where(
        Message.source_chat_key == bindparam("chat"),
        Message.speaker == Speaker.PERSON,
        col(Message.case_id).is_(None),
        col(Message.said_at) >= _SINCE,
    )
    .order_by(col(Message.id))
)


class Cases:
    """The cases of the community."""

    def __init__(self, session: AsyncSession, now: datetime, rings: set[str] | None = None) -> None:
        self._session = session
        self._now = now
        self._rings = set() if rings is None else rings
        self._pages: dict[int, list[Page]] = {}
        self._locked: set[int] = set()

    async def open(self, person: Person, state: CaseState, policy: Policy) -> Case:
        """Keep a new case with the policy as it is now."""
        case = Case(person_id=person.id, policy=policy.as_json(), **_fields(state))
        self._session.add(case)
        await self._session.flush()
        self._pages[case.id] = []
        self._locked.add(case.id)
        return case

    async def find(self, case_id: int) -> Case | None:
        """The case with this id, locked against others who would decide on it."""
        query = (
            select(Case).where(Case.id == case_id).with_for_update().execution_options(**_AS_IT_IS)
        )
        return self._locking((await self._session.exec(query)).one_or_none())

    async def of_person(self, person: Person) -> Case | None:
        """The case of ``person`` that is not closed, locked."""
        found = await self._session.exec(_OF_PERSON, params={"person": person.id})
        return self._locking(found.one_or_none())

    async def closed_since(self, person: Person, since: datetime) -> Case | None:
        """The case of ``person`` that was closed last, if that was after ``since``; locked."""
        values = {"person": person.id, "since": since}
        return self._locking((await self._session.exec(_CLOSED_SINCE, params=values)).first())

    async def held_by(self, ambassador_id: int) -> Sequence[Case]:
        """The cases this ambassador holds, oldest first, locked: they would change them."""
        return await self._lock_all(
            Case.holder_id == ambassador_id, Case.status == CaseStatus.CLAIMED
        )

    async def of_ambassador(self, ambassador_id: int) -> Sequence[Case]:
        """The cases this ambassador holds or is asked to take, oldest first, locked."""
        asked = select(Page.case_id).where(
            Page.ambassador_id == ambassador_id, col(Page.status).in_(IN_FLIGHT)
        )
        return await self._lock_all(
            Case.status != CaseStatus.CLOSED,
            or_(Case.holder_id == ambassador_id, col(Case.id).in_(asked)),
        )

    async def offered_to(self, ambassador_id: int) -> Sequence[Case]:
        """The cases that this ambassador is asked to take over, oldest first, locked."""
        return await self._lock_all(
            Case.offered_to == ambassador_id, Case.status == CaseStatus.CLAIMED
        )

    async def _lock_all(self, *conditions: Any) -> Sequence[Case]:
        # In one order, so that two who lock several never wait for each other.
        query = (
            select(Case)
            .where(*conditions)
            .order_by(col(Case.id))
            .with_for_update()
            .execution_options(**_AS_IT_IS)
        )
        found = (await self._session.exec(query)).all()
        self._locked.update(case.id for case in found)
        return found

    def _locking(self, case: Case | None) -> Case | None:
        if case is not None:
            self._locked.add(case.id)
        return case

    async def not_closed(self) -> Sequence[Case]:
        """Every case that is open or claimed, oldest first."""
        query = select(Case).where(Case.status != CaseStatus.CLOSED).order_by(col(Case.id))
        return (await self._session.exec(query)).all()

    async def next_due(self) -> Case | None:
        """A case whose wake-up is due and that nobody else is deciding on, locked."""
        found = await self._session.exec(_NEXT_DUE, params={"now": self._now})
        return self._locking(found.first())

    async def page(self, page_id: int) -> Page | None:
        """The page with this id."""
        return await self._session.get(Page, page_id)

    async def pages_on_their_way(self, chat_key: str | None = None) -> Sequence[Page]:
        """Every page in flight for which a letter waits; of one chat or of all."""
        waiting = select(Outbox.page_id).where(Outbox.status == OutboxStatus.WAITING)
        if chat_key is not None:
            waiting = waiting.where(Outbox.chat_key == chat_key)
        query = (
            select(Page)
            .where(col(Page.status).in_(IN_FLIGHT), col(Page.id).in_(waiting))
            .order_by(col(Page.id))
        )
        return (await self._session.exec(query)).all()

    async def went_back(self, ambassador_id: int) -> Page | None:
        """Their newest page of a case that they held, and that waits for somebody again."""
        query = (
            select(Page)
            .join(Case, col(Case.id) == Page.case_id)
            .where(
                Page.ambassador_id == ambassador_id,
                Page.status == PageStatus.ACCEPTED,
                Case.status == CaseStatus.OPEN,
                Page.cycle >= Case.first_cycle,
            )
            .order_by(col(Page.id).desc())
            .limit(1)
        )
        return (await self._session.exec(query)).first()

    async def pages(self, case: Case) -> Sequence[Page]:
        """Every page of ``case``, oldest first; asked for once, for ``case`` is locked."""
        if case.id not in self._pages:
            rows = await self._session.exec(_PAGES, params={"case": case.id})
            self._pages[case.id] = list(rows.all())
        return self._pages[case.id]

    async def asking(self, case: Case, ambassador_id: int) -> Sequence[Page]:
        """The pages of ``case`` that this ambassador has not answered, and still may."""
        return [
            page
            for page in await self.pages(case)
            if page.ambassador_id == ambassador_id and page.status.in_flight
        ]

    async def state(self, case: Case) -> CaseState:
        """``case`` with its pages, as `decide` sees it: locked, and as it is now.

        Whoever read it without a lock may have read what is no longer true.
        """
        if case.id not in self._locked:
            await self.find(case.id)
        pages = tuple(
            PageState(
                ambassador_id=page.ambassador_id,
                cycle=page.cycle,
                rung=page.rung,
                status=page.status,
                id=page.id,
                ended_at=page.ended_at,
            )
            for page in await self.pages(case)
        )
        return CaseState(pages=pages, **{name: getattr(case, name) for name in _STATE_FIELDS})

    async def keep(self, case: Case, state: CaseState) -> list[Page]:
        """Make the rows say what ``state`` says; the new pages to be sent, in its order."""
        for name, value in _fields(state).items():
            # Giving a row what it has already costs as much as giving it something new.
            if getattr(case, name) != value:
                setattr(case, name, value)
        self._session.add(case)
        if case.wake_at is not None:
            self._rings.add(TIMERS)
        known = {page.id: page for page in await self.pages(case)}
        new = []
        for item in state.pages:
            if item.id is None:
                page = Page(
                    case_id=case.id,
                    ambassador_id=item.ambassador_id,
                    cycle=item.cycle,
                    rung=item.rung,
                    status=item.status,
                    queued_at=self._now,
                    ended_at=item.ended_at,
                )
                if item.status.in_flight:
                    new.append(page)
                self._session.add(page)
                self._pages[case.id].append(page)
            elif known[item.id].status is not item.status or item.ended_at is not None:
                known[item.id].status = item.status
                known[item.id].ended_at = item.ended_at
                self._session.add(known[item.id])
        await self._session.flush()
        return new

    async def say(self, message: Message) -> Message:
        """Keep what somebody said."""
        self._session.add(message)
        await self._session.flush()
        return message

    async def message(self, message_id: int) -> Message | None:
        """The message with this id."""
        return await self._session.get(Message, message_id)

    async def said_as(self, chat_key: str, message_id: int) -> Message | None:
        """What was said by this message of this chat."""
        query = select(Message).where(
            Message.source_chat_key == chat_key, Message.source_message_id == message_id
        )
        return (await self._session.exec(query)).one_or_none()

    async def unplaced(self, chat_key: str, since: datetime) -> Sequence[Message]:
        """What a person sent from this chat of late that belongs to no case, oldest first."""
        values = {"chat": chat_key, "since": since}
        return (await self._session.exec(_UNPLACED, params=values)).all()

    async def messages(self, case: Case) -> Sequence[Message]:
        """What was said in ``case``, oldest first."""
        return (await self._session.exec(_MESSAGES, params={"case": case.id})).all()


def _fields(state: CaseState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _STATE_FIELDS}
