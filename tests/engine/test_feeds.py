"""A calendar is read by whoever has its secret address, until it is revoked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import httpx
import vobject
from starlette.applications import Starlette

from bot.engine.feeds import path_of, routes
from bot.engine.work import UnitOfWork
from models import Ambassador, Layer, Role, Shift
from models.database import Database
from tests.support.clock import MovableClock
from tests.support.fakes import a_community

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def ambassador(work: UnitOfWork, chat: int, name: str) -> Ambassador:
    token = await work.people.invite(Role.AMBASSADOR, None)
    one = await work.people.join(token, chat, name, "en")
    await work.rota.add(
        Shift(
            ambassador_id=one.id,
            layer=Layer.PRIMARY,
            weekdays="0",
            starts=18 * 60,
            ends=20 * 60,
            zone="Europe/Berlin",
            from_date=date(2026, 1, 1),
            created_at=work.now,
        )
    )
    return one


class Served:
    """The calendars of a community with Ana and Ben, as a program reads them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = MovableClock(MONDAY)
        self.community = a_community()
        app = Starlette(routes=routes(database, self.community, self.clock))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://calendars"
        )

    async def work(self, act):  # type: ignore[no-untyped-def]
        async with self.database.transaction() as session:
            return await act(
                UnitOfWork(session, self.database.keyring, self.community, self.clock.now())
            )

    async def titles(self, token: str) -> set[str]:
        answer = await self.client.get(path_of(token))
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/calendar")
        calendar = vobject.readOne(answer.text)
        return {event.summary.value for event in calendar.vevent_list}


async def test_one_reads_their_own_duties_and_the_team_everybodys(database: Database) -> None:
    served = Served(database)

    async def begin(work: UnitOfWork) -> tuple[str, str]:
        ana = await ambassador(work, 1, "Ana")
        await ambassador(work, 2, "Ben Whose Name Is Nobody's Business")
        return await work.feeds.make(ana), await work.feeds.make(None)

    own, team = await served.work(begin)
    assert await served.titles(own) == {"On call (primary)"}
    assert await served.titles(team) == {"@ana (primary)", "@ben (primary)"}
    answer = await served.client.get(path_of(team))
    assert "Business" not in answer.text
    events = vobject.readOne((await served.client.get(path_of(own))).text).vevent_list
    starts = sorted(event.dtstart.value for event in events)
    assert datetime(2026, 3, 2, 17, tzinfo=UTC) in starts
    assert datetime(2026, 3, 30, 16, tzinfo=UTC) in starts, "in summer it is an hour earlier"
    assert starts[0] < MONDAY - timedelta(days=20)
    assert starts[-1] > MONDAY + timedelta(days=170)


async def test_an_address_that_is_unknown_revoked_or_replaced_finds_nothing(
    database: Database,
) -> None:
    served = Served(database)

    async def begin(work: UnitOfWork) -> tuple[Ambassador, str, str]:
        ana = await ambassador(work, 1, "Ana")
        return ana, await work.feeds.make(ana), await work.feeds.make(None)

    ana, first, team = await served.work(begin)
    second = await served.work(lambda work: work.feeds.make(ana))
    assert await served.titles(second)
    assert await served.titles(team), "the team's address is another one"
    assert await served.work(lambda work: work.feeds.revoke(ana))
    assert not await served.work(lambda work: work.feeds.revoke(ana))
    for token in (first, second, "x" * 32, "x", "..%2f..%2fsecret", first + "x"):
        answer = await served.client.get(path_of(token))
        assert answer.status_code == 404, token
        assert "no calendar" in answer.text or token.startswith("..")


async def test_who_has_left_reads_nothing_and_is_in_nobodys_calendar(database: Database) -> None:
    served = Served(database)

    async def begin(work: UnitOfWork) -> tuple[str, str]:
        ana = await ambassador(work, 1, "Ana")
        await ambassador(work, 2, "Ben")
        tokens = await work.feeds.make(ana), await work.feeds.make(None)
        ana.left_at = work.now
        return tokens

    own, team = await served.work(begin)
    assert (await served.client.get(path_of(own))).status_code == 404
    assert await served.titles(team) == {"@ben (primary)"}


async def test_what_has_not_changed_is_not_sent_again(database: Database) -> None:
    served = Served(database)

    async def begin(work: UnitOfWork) -> str:
        await ambassador(work, 1, "Ana")
        return await work.feeds.make(None)

    token = await served.work(begin)
    first = await served.client.get(path_of(token))
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, max-age=300"
    again = await served.client.get(path_of(token), headers={"If-None-Match": f'W/{tag}, "x"'})
    assert (again.status_code, again.text) == (304, "")
    await served.work(lambda work: ambassador(work, 2, "Ben"))
    changed = await served.client.get(path_of(token), headers={"If-None-Match": tag})
    assert changed.status_code == 200


async def test_the_secret_itself_is_not_stored(database: Database) -> None:
    served = Served(database)
    token = await served.work(lambda work: work.feeds.make(None))
    feed = await served.work(lambda work: work.feeds.read_by(token))
    assert feed is not None
    assert token not in str(feed.model_dump())
