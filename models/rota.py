"""Who is on call when, as it is remembered, and how that came to be: plans, changes, offers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, Integer, false, text
from sqlmodel import Field, SQLModel

from models.types import UtcDateTime, Word
from models.vocabulary import Layer, OfferKind, OfferState, OnBreach

EVERY_DAY = "0123456"


class Shift(SQLModel, table=True):
    """A recurring span of one ambassador, in the wall-clock time of a named zone.

    ``weekdays`` holds digits, 0 for Monday; ``starts`` and ``ends`` are minutes after midnight
    (0 to 1439). A shift whose end is not after its start ends on the following day. It comes round
    in the week (Monday to Sunday) of ``from_date`` and then every so many weeks.
    ``except_dates`` are ISO dates on which it does not begin. A shift that continues another one
    with new hours has the ``series`` of the first, so that covers of one evening follow it.
    """

    __table_args__ = (Index("shift_ambassador", "ambassador_id"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    layer: Layer = Field(sa_column=Column(Word(Layer), nullable=False))
    weekdays: str = Field(max_length=7)
    every: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default="1"))
    starts: int
    ends: int
    zone: str = Field(max_length=64)
    from_date: date
    until_date: date | None = Field(default=None)
    except_dates: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    series: int | None = Field(default=None)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Rotation(SQLModel, table=True):
    """A turn-taking list, in the wall-clock time of a named zone.

    ``order`` holds ids of ambassadors. The first turn begins at ``handover`` (minutes after
    midnight) on ``from_date``; each lasts ``period_days`` and is followed by the next in order.
    On the ``weekdays`` given the one whose turn it is stands on call from ``starts`` to ``ends``,
    or, without these, from hand-over to hand-over. A window belongs wholly to the one whose turn
    it is when it begins.
    """

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=64)
    layer: Layer = Field(sa_column=Column(Word(Layer), nullable=False))
    order: list[int] = Field(sa_column=Column(JSON, nullable=False))
    period_days: int = Field(default=7)
    handover: int
    zone: str = Field(max_length=64)
    from_date: date
    until_date: date | None = Field(default=None)
    weekdays: str = Field(default=EVERY_DAY, max_length=7)
    starts: int | None = Field(default=None)
    ends: int | None = Field(default=None)
    except_dates: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    series: int | None = Field(default=None)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Cover(SQLModel, table=True):
    """A dated replacement: one ambassador stands in for another, in ``layer`` or in every one.

    Where ``place`` (``shift:3``, ``rotation:1``: the first of its series) and ``on_date`` are
    set, it is the one duty that begins there on that local date which is covered, whole, even
    when its hours are moved later on; the times then say only what they were at first.
    """

    __table_args__ = (Index("cover_end", "ends_at"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    for_ambassador_id: int = Field(foreign_key="ambassador.id")
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    layer: Layer | None = Field(default=None, sa_column=Column(Word(Layer)))
    place: str | None = Field(default=None, max_length=24)
    on_date: date | None = Field(default=None)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Away(SQLModel, table=True):
    """A dated absence; without an end it lasts until ``/back``."""

    __table_args__ = (Index("away_ambassador", "ambassador_id"),)

    id: int = Field(default=None, primary_key=True)
    ambassador_id: int = Field(foreign_key="ambassador.id")
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Need(SQLModel, table=True):
    """Hours in which somebody must be primary, in the wall-clock time of a named zone.

    Its columns mean what those of `Shift` do. From the first ``from_date`` on a gap counts in these
    hours alone; while there are no such rows, always.
    """

    id: int = Field(default=None, primary_key=True)
    weekdays: str = Field(max_length=7)
    starts: int
    ends: int
    zone: str = Field(max_length=64)
    from_date: date
    until_date: date | None = Field(default=None)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RotaState(SQLModel, table=True):
    """One row: ``version`` is raised with every change of the rota, and is the lock on it."""

    __tablename__ = "rota_state"

    id: int = Field(default=None, primary_key=True)
    version: int = Field(default=0)


class RotaLimits(SQLModel, table=True):
    """How much one volunteer may carry. The newest row counts; None is without a limit.

    ``approve``: what ambassadors arrange among themselves counts once a coordinator says yes.
    """

    __tablename__ = "rota_limits"

    id: int = Field(default=None, primary_key=True)
    hours_a_day: float | None = Field(default=None)
    hours_a_week: float | None = Field(default=None)
    rest_hours: float | None = Field(default=None)
    nights_a_month: int | None = Field(default=None)
    cases_at_once: int | None = Field(default=None)
    cooldown_minutes: int
    on_breach: OnBreach = Field(sa_column=Column(Word(OnBreach), nullable=False))
    approve: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    by_id: int | None = Field(default=None, foreign_key="ambassador.id")
    made_at: datetime = Field(sa_type=UtcDateTime)


class RotaChange(SQLModel, table=True):
    """The journal of the rota: what was applied, by whom, and how it is undone.

    ``forward`` and ``backward`` hold what `bot.core.rota.change` writes; ``summary`` is in words;
    ``rota_version`` is the version that this change made.
    """

    __tablename__ = "rota_change"
    __table_args__ = (Index("rota_change_at", "at"),)

    id: int = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="ambassador.id")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40)
    summary: str = Field(max_length=1000)
    forward: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    backward: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    rota_version: int
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RotaDraft(SQLModel, table=True):
    """A change that was previewed and not yet applied, made on ``rota_version``.

    ``change`` may be incomplete while it is put together by taps: ``asked`` holds what is known.
    """

    __tablename__ = "rota_draft"

    id: int = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="ambassador.id")
    kind: str = Field(max_length=40)
    summary: str = Field(default="", max_length=1000)
    change: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    asked: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    rota_version: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Offer(SQLModel, table=True):
    """A duty that its ambassador asks the others to take, or to trade for one of theirs.

    ``place`` and ``on_date`` name the duty as `Cover` does; ``their_…`` is what a swap asks for.
    ``counterpart_id`` is who was asked, or who took it. While it is open and ``agreed_at`` is set,
    they have said yes and a coordinator is asked. ``shown`` holds the numbers of the letters that
    show it, by the id of whom they are for.
    """

    __table_args__ = (Index("offer_state", "state", "ends_at"),)

    id: int = Field(default=None, primary_key=True)
    kind: OfferKind = Field(sa_column=Column(Word(OfferKind), nullable=False))
    ambassador_id: int = Field(foreign_key="ambassador.id")
    layer: Layer | None = Field(default=None, sa_column=Column(Word(Layer)))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    place: str | None = Field(default=None, max_length=24)
    on_date: date | None = Field(default=None)
    counterpart_id: int | None = Field(default=None, foreign_key="ambassador.id")
    their_layer: Layer | None = Field(default=None, sa_column=Column(Word(Layer)))
    their_starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    their_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    their_place: str | None = Field(default=None, max_length=24)
    their_on_date: date | None = Field(default=None)
    state: OfferState = Field(sa_column=Column(Word(OfferState), nullable=False))
    made_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    agreed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shown: dict[str, list[int]] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default=text("'{}'"))
    )


class Feed(SQLModel, table=True):
    """A secret calendar address: one ambassador's duties, or without one the team's.

    The address itself is never stored.
    """

    id: int = Field(default=None, primary_key=True)
    token_key: str = Field(max_length=64, unique=True)
    ambassador_id: int | None = Field(default=None, foreign_key="ambassador.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Reminder(SQLModel, table=True):
    """Something that was reminded of, so that it is said once whatever restarts."""

    id: int = Field(default=None, primary_key=True)
    what: str = Field(max_length=120, unique=True)
    at: datetime = Field(sa_type=UtcDateTime)
