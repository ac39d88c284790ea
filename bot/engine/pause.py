"""What has just failed is left alone for a moment, so that the next one does not wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable

REST_S = 2.0


class Pause:
    """Whether something that others can do without is to be left alone, since it just failed."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        return self._now() < self._until

    def begin(self) -> None:
        """It has failed now."""
        self._until = self._now() + REST_S
