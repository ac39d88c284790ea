"""Time that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovableClock:
    """A clock that runs on from where it was set, so that nothing stands still by accident."""

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = timedelta()
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def set(self, at: datetime) -> None:
        self._ahead = at - datetime.now(UTC)

    def move(self, **span: float) -> None:
        """Move on by a span such as ``minutes=2``."""
        self._ahead += timedelta(**span)


class StillClock:
    """A clock that stands still until it is moved, so that the same run comes out the same."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, at: datetime) -> None:
        self._now = at

    def move(self, **span: float) -> None:
        """Move on by a span such as ``minutes=2``; a negative one is an operator's mistake."""
        self._now += timedelta(**span)
