"""Two who decide on one case in the same moment: the second sees what the first has done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.decide import (
    Accepted,
    HolderSpoke,
    OfferAccepted,
    Offered,
    PersonLeft,
    Released,
    TimePassed,
)
from bot.engine import escalation, leaving
from bot.engine.invariants import breaches
from bot.engine.work import UnitOfWork
from models import Case, CaseStatus, Page, Role, Theme, Urgency
from models.database import Database
from models.keyring import Keyring
from tests.support.clock import StillClock
from tests.support.fakes import a_community

ANA, BEN = 9001, 9002
Act = Callable[[UnitOfWork], Awaitable[object]]


class Office:
    """A case that Ana holds, and Ben beside her, on PostgreSQL: on SQLite writers take turns."""

    def __init__(self, database: Database, clock: StillClock) -> None:
        self.database = database
        self.clock = clock
        self.community = a_community()
        self.ids: dict[int, int] = {}

    def work(self, session: AsyncSession) -> UnitOfWork:
        return UnitOfWork(session, self.database.keyring, self.community, self.clock.now())

    async def does(self, act: Act) -> None:
        async with self.database.transaction() as session:
            await act(self.work(session))

    async def opens(self) -> None:
        async with self.database.transaction() as session:
            work = self.work(session)
            for chat, name in ((ANA, "Ana"), (BEN, "Ben")):
                token = await work.people.invite(Role.AMBASSADOR, None)
                await session.flush()
                self.ids[chat] = (await work.people.join(token, chat, name, "en")).id
            sam = await work.people.meet(555, "en")
            case = await escalation.open_for(work, sam, Urgency.IMMEDIATE, Theme.SUICIDE)
            await escalation.begin(work, case)
            await escalation.happen(work, case, Accepted(self.ids[ANA]))

    async def ana_gives_back(self, work: UnitOfWork) -> None:
        (case,) = await work.cases.held_by(self.ids[ANA])
        await escalation.happen(work, case, Released())

    async def ben_is_removed(self, work: UnitOfWork) -> None:
        ben = await work.people.ambassador(self.ids[BEN])
        await leaving.for_good(work, ben, await work.people.ambassador(self.ids[ANA]))

    async def at_once(self, first: Act, second: Act) -> None:
        """``second`` begins when ``first`` has decided, and ``first`` commits while it waits."""
        async with self.database.transaction() as session:
            await first(self.work(session))
            other = asyncio.create_task(self.does(second))
            async with asyncio.timeout(20):
                while not await self._somebody_waits() and not other.done():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        await other

    async def _somebody_waits(self) -> bool:
        async with self.database.reading() as session:
            query = text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool((await (await session.connection()).execute(query)).scalar())

    async def case(self) -> Case:
        async with self.database.reading() as session:
            broken = {one.invariant for one in await breaches(session, self.clock.now())}
            # There is no courier here.
            assert broken <= {"letter_leaves"}
            return (await session.exec(select(Case))).one()


@pytest.fixture
async def office(
    postgres: str, keyring: Keyring, request: pytest.FixtureRequest
) -> AsyncIterator[Office]:
    request.node.user_properties.append(("ran on", "PostgreSQL"))
    database = Database(postgres, keyring)
    made = Office(database, StillClock(datetime(2026, 3, 2, 12, tzinfo=UTC)))
    await made.opens()
    yield made
    await database.close()


async def time_passes(work: UnitOfWork) -> None:
    case = await work.cases.next_due()
    assert case is not None
    await escalation.happen(work, case, TimePassed())


async def test_a_holder_who_writes_while_their_case_is_given_back_holds_up_nobody(
    office: Office,
) -> None:
    office.clock.move(minutes=6, seconds=1)

    async def ana_writes(work: UnitOfWork) -> None:
        for case in await work.cases.held_by(office.ids[ANA]):
            await escalation.happen(work, case, HolderSpoke())

    await office.at_once(time_passes, ana_writes)
    case = await office.case()
    assert (case.status, case.holder_id) == (CaseStatus.OPEN, None)
    assert case.wake_at == case.rung_ends_at, "the next are paged when those asked now do not come"


async def test_what_was_read_before_the_lock_is_read_again(office: Office) -> None:
    office.clock.move(minutes=6, seconds=1)

    async def ana_writes(work: UnitOfWork) -> None:
        (case,) = await work.cases.not_closed()
        await escalation.happen(work, case, HolderSpoke())

    await office.at_once(time_passes, ana_writes)
    case = await office.case()
    assert (case.status, case.wake_at) == (CaseStatus.OPEN, case.rung_ends_at)


async def test_a_case_that_is_given_back_cannot_be_offered_in_the_same_moment(
    office: Office,
) -> None:
    async def offers(work: UnitOfWork) -> None:
        (case,) = await work.cases.not_closed()
        await work.cases.find(case.id)
        await escalation.happen(work, case, Offered(office.ids[ANA], office.ids[BEN]))

    async def accepts(work: UnitOfWork) -> None:
        (case,) = await work.cases.not_closed()
        await escalation.happen(work, case, OfferAccepted(office.ids[BEN]))

    await office.at_once(office.ana_gives_back, offers)
    assert (await office.case()).offered_to is None
    await office.does(accepts)
    case = await office.case()
    assert (case.status, case.holder_id) == (CaseStatus.OPEN, None)


async def test_a_case_that_ends_while_its_holder_leaves_is_not_woken(office: Office) -> None:
    async def person_leaves(work: UnitOfWork) -> None:
        (case,) = await work.cases.held_by(office.ids[ANA])
        await escalation.happen(work, case, PersonLeft())

    async def holder_leaves(work: UnitOfWork) -> None:
        for case in await work.cases.of_ambassador(office.ids[ANA]):
            case.wake_at = work.now

    await office.at_once(person_leaves, holder_leaves)
    case = await office.case()
    assert (case.status, case.wake_at) == (CaseStatus.CLOSED, None)


async def test_a_page_that_ended_while_it_was_answered_is_seen_as_it_is(office: Office) -> None:
    await office.does(office.ana_gives_back)
    office.clock.move(minutes=10)

    async def ben_taps(work: UnitOfWork) -> None:
        page = await work.cases.page(await _newest_page(office, BEN))
        assert page is not None
        case = await work.cases.find(page.case_id)
        assert case is not None
        await escalation.happen(work, case, Accepted(office.ids[BEN]))

    await office.at_once(time_passes, ben_taps)
    case = await office.case()
    assert (case.status, case.holder_id) == (CaseStatus.CLAIMED, office.ids[BEN])
    async with office.database.reading() as session:
        statuses = (await session.exec(select(Page.status))).all()
    assert not any(status.in_flight for status in statuses)


async def test_who_is_removed_while_they_are_asked_is_waited_for_by_nobody(office: Office) -> None:
    async def pat_writes(work: UnitOfWork) -> None:
        pat = await work.people.meet(556, "en")
        case = await escalation.open_for(work, pat, Urgency.IMMEDIATE, Theme.SUICIDE)
        await escalation.begin(work, case)

    await office.at_once(pat_writes, office.ben_is_removed)
    async with office.database.reading() as session:
        pages = (await session.exec(select(Page).where(Page.case_id == 2))).all()
    asked = {page.ambassador_id: page.status.in_flight for page in pages}
    assert asked[office.ids[BEN]] is False


async def test_who_is_removed_while_they_take_a_case_does_not_hold_it(office: Office) -> None:
    await office.does(office.ana_gives_back)
    office.clock.move(minutes=10)
    await office.does(time_passes)

    async def ben_accepts(work: UnitOfWork) -> None:
        (case,) = await work.cases.not_closed()
        await work.cases.find(case.id)
        await escalation.happen(work, case, Accepted(office.ids[BEN]))

    await office.at_once(office.ben_is_removed, ben_accepts)
    case = await office.case()
    assert (case.status, case.holder_id) == (CaseStatus.OPEN, None)


async def _newest_page(office: Office, chat: int) -> int:
    async with office.database.reading() as session:
        query = (
            select(Page.id)
            .where(Page.ambassador_id == office.ids[chat])
            .order_by(col(Page.id).desc())
        )
        return (await session.exec(query)).all()[0]
