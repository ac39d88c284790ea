"""A fire drill at a hand-over: who is paged a minute before the hour, and who at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rota_kit import House
from sqlmodel import col, select

from bot.engine import escalation
from models import Ambassador, Cover, Layer, Page, Rotation, Theme, Urgency
from models.database import Database


async def paged(house: House, chat: int) -> list[int]:
    """Whom the first rung of an urgent case pages that is opened now."""
    async with house.work() as work:
        person = await work.people.meet(chat, "en")
        case = await escalation.open_for(work, person, Urgency.URGENT, Theme.PANIC)
        await escalation.begin(work, case)
    async with house.database.reading() as session:
        query = select(Page.ambassador_id).where(Page.case_id == case.id, Page.rung == 0)
        return list((await session.exec(query.order_by(col(Page.id)))).all())


@pytest.mark.parametrize(
    ("night", "hour", "handed_over_at"),
    [
        # An ordinary night, at two in the morning.
        ("ordinary", 2, "2026-03-04 01:00"),
        # Clocks go forward from two to three: there is no half past two. Hand-over at three.
        ("spring, at the change", 2, "2026-03-29 01:00"),
        ("spring, after it", 3, "2026-03-29 01:00"),
        ("spring, before it", 1, "2026-03-29 00:00"),
        # Clocks go back from three to two: two o'clock comes twice. Hand-over at the first.
        ("autumn, in the hour that comes twice", 2, "2026-10-25 00:00"),
        ("autumn, after it", 3, "2026-10-25 02:00"),
        ("autumn, before it", 1, "2026-10-24 23:00"),
    ],
)
@pytest.mark.parametrize("kept_by", ["shifts", "a rotation"])
async def test_on_each_side_of_a_hand_over_the_right_one_is_paged(
    database: Database, night: str, hour: int, handed_over_at: str, kept_by: str
) -> None:
    moment = datetime.fromisoformat(handed_over_at).replace(tzinfo=UTC)
    house = House(database, moment - timedelta(minutes=1))
    ana, ben = await house.joins("Ana"), await house.joins("Ben")
    if kept_by == "shifts":
        await house.has(house.shift(ana, (hour + 12) % 24, hour), house.shift(ben, hour, hour + 12))
    else:
        days_before = 6  # Ana's turns are the even ones, and the night's hand-over is to Ben
        local = (moment + timedelta(hours=2)).date()
        await house.has(
            Rotation(
                name="nights",
                layer=Layer.PRIMARY,
                order=[ben.id, ana.id],
                period_days=1,
                handover=hour * 60,
                zone="Europe/Berlin",
                from_date=local - timedelta(days=days_before),
                created_at=moment,
            )
        )
    assert await paged(house, 70) == [ana.id]
    house.clock.set(moment - timedelta(seconds=2))
    assert await paged(house, 71) == [ana.id]
    house.clock.set(moment)
    assert await paged(house, 72) == [ben.id]
    for minutes in (1, 59, 61, 119, 121):
        house.clock.set(moment + timedelta(minutes=minutes))
        assert await paged(house, 100 + minutes) == [ben.id], "and nobody else with them"


async def test_a_cover_ends_on_the_minute_too(database: Database) -> None:
    moment = datetime(2026, 3, 29, 1, tzinfo=UTC)
    house = House(database, moment)
    ana, ben = await house.joins("Ana"), await house.joins("Ben")
    await house.has(
        house.shift(ana, 0, 24),
        Cover(
            ambassador_id=ben.id,
            for_ambassador_id=ana.id,
            starts_at=moment,
            ends_at=moment + timedelta(hours=1),
            created_at=moment - timedelta(days=1),
        ),
    )
    chosen: list[tuple[int, Ambassador]] = [(-1, ana), (0, ben), (59, ben), (60, ana)]
    for minutes, who in chosen:
        house.clock.set(moment + timedelta(minutes=minutes))
        assert await paged(house, 200 + minutes) == [who.id]
