"""One time that somebody is on call."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from models.vocabulary import Layer

# Looked up once: a member of an enumeration takes longer to name than to compare.
PRIMARY, BACKUP = Layer.PRIMARY, Layer.BACKUP


class Duty(NamedTuple):
    """One ambassador on call from ``starts_at`` up to but not including ``ends_at``, in UTC.

    ``source`` says by what: ``shift:3``, ``rotation:1`` or ``cover:7``; for a cover
    ``for_ambassador_id`` is who has the place by plan. ``place`` is the first of the series of the
    shift or rotation underneath, and ``on_date`` the local date on which that duty begins: what a
    cover of this one duty is bound to. Of duties that were joined it is the first one's.
    """

    starts_at: datetime
    ends_at: datetime
    layer: Layer
    ambassador_id: int
    source: str
    for_ambassador_id: int | None
    place: str
    on_date: date

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies within the duty."""
        return self.starts_at <= at < self.ends_at

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at
