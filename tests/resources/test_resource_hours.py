"""When a line answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from resources.hours import is_open, spans

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "clock", "expected"),
    [
        ("24/7", (23, 3, 0), True),
        ("daily 08:00-24:00", (23, 23, 59), True),
        ("daily 08:00-24:00", (23, 0, 0), False),
        ("daily 19:00-07:00 (as listed 2021)", (23, 6, 59), True),
        ("daily 19:00-07:00 (as listed 2021)", (23, 7, 0), False),
        ("as listed 2021: Sun-Thu 11:00-23:00, Fri-Sat 11:00-03:00", (22, 2, 0), True),
        ("as listed 2021: Sun-Thu 11:00-23:00, Fri-Sat 11:00-03:00", (23, 2, 0), False),
        ("Mon-Fri 09:00-21:00", (22, 12, 0), False),
        ("Mon-Fri 09:00-21:00", (23, 12, 0), True),
        ("Sun-Thu 09:00-18:00", (22, 10, 0), True),
        ("24/7 except Eid holidays", (23, 12, 0), None),
        ("at least 18 hours a day, depending on city", (23, 12, 0), None),
        (None, (23, 12, 0), None),
    ],
)
def test_a_line_answers_when_it_says_so(
    hours: str | None, clock: tuple[int, int, int], expected: bool | None
) -> None:
    day, hour, minute = clock
    at = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
    assert is_open(hours, "UTC", at) is expected


def test_hours_are_local() -> None:
    assert is_open("daily 20:00-22:00", "Asia/Tokyo", MONDAY_NOON) is True
    assert is_open("daily 20:00-22:00", "Europe/Paris", MONDAY_NOON) is False


def test_where_clocks_differ_nobody_can_say() -> None:
    assert is_open("daily 08:00-24:00", None, MONDAY_NOON) is None
    assert is_open("daily 08:00-24:00", "Nowhere/Land", MONDAY_NOON) is None
    assert is_open("24/7", None, MONDAY_NOON) is True


def test_hours_with_a_condition_are_not_half_understood() -> None:
    assert spans("24/7 (Polish); daily 14:00-24:00 (Ukrainian, Russian)") == ()


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        is_open("24/7", None, MONDAY_NOON.replace(tzinfo=None))
