"""The words of the domain that are stored: one enumeration for each closed set of values.

The names and their meanings are those of the glossary in ``docs/glossary.md``; nothing else in
the project may invent a synonym for one of them.
"""

from __future__ import annotations

from enum import StrEnum


class Urgency(StrEnum):
    """How fast a human is needed. It sets speed and reach, never whether one may have a human."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    SUPPORT = "support"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for ``none`` up to 3 for ``immediate``; only for comparing."""
        return _RANK[self]

    @property
    def pressing(self) -> bool:
        """Whether it pages by itself, without the person asking for anybody."""
        return self in (Urgency.IMMEDIATE, Urgency.URGENT)

    @classmethod
    def highest(cls, *urgencies: Urgency) -> Urgency:
        """The most pressing of ``urgencies``; ``none`` where there are none."""
        return max(urgencies, key=lambda urgency: urgency.rank, default=cls.NONE)


_RANK = {Urgency.NONE: 0, Urgency.SUPPORT: 1, Urgency.URGENT: 2, Urgency.IMMEDIATE: 3}


class Theme(StrEnum):
    """What a message or a case is about."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    OVERDOSE = "overdose"
    PANIC = "panic"
    GRIEF = "grief"
    LONELINESS = "loneliness"
    LOW_MOOD = "low_mood"
    SUBSTANCE_USE = "substance_use"
    EATING = "eating"
    SOMEONE_ELSE = "someone_else"
    OTHER = "other"


class Role(StrEnum):
    """What a volunteer may do. A coordinator is an ambassador who also keeps the rota."""

    AMBASSADOR = "ambassador"
    COORDINATOR = "coordinator"


class Layer(StrEnum):
    """Who is asked first during a shift."""

    PRIMARY = "primary"
    BACKUP = "backup"


class OfferKind(StrEnum):
    """What an ambassador asks of the others: to take a duty, or to trade one for another."""

    COVER = "cover"
    SWAP = "swap"


class OfferState(StrEnum):
    """Where an offer stands. The last three are ends."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OnBreach(StrEnum):
    """What becomes of a change of the rota that breaks a limit."""

    WARN = "warn"
    REFUSE = "refuse"


class CaseStatus(StrEnum):
    """Where a case stands: nobody yet, one holder, or ended."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class PageStatus(StrEnum):
    """Where a page stands. The last five are ends: a page reaches exactly one of them."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"

    @property
    def in_flight(self) -> bool:
        """Whether an answer may still come before the rung's time is up."""
        return self in IN_FLIGHT


IN_FLIGHT = (PageStatus.QUEUED, PageStatus.SENT)


class Outcome(StrEnum):
    """How a case ended, as its holder saw it."""

    SAFER = "safer"
    LISTENED = "listened"
    REFERRED = "referred"
    EMERGENCY = "emergency"
    WENT_QUIET = "went_quiet"
    NOT_NEEDED = "not_needed"


class Speaker(StrEnum):
    """Whose words a message within a case holds."""

    PERSON = "person"
    AMBASSADOR = "ambassador"


class Kind(StrEnum):
    """What sort of message it is; every sort but text is unreadable to triage."""

    TEXT = "text"
    PHOTO = "photo"
    VOICE = "voice"
    STICKER = "sticker"
    LOCATION = "location"
    OTHER = "other"


class InboxStatus(StrEnum):
    """Where an update stands."""

    WAITING = "waiting"
    HANDLED = "handled"
    FAILED = "failed"


class OutboxStatus(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class CallReason(StrEnum):
    """Why a volunteer is called by a second channel."""

    CASE = "case"
    CODE = "code"
    TEST = "test"
    ALARM = "alarm"


class CallStatus(StrEnum):
    """Where a call stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Question(StrEnum):
    """What the bot asked a person last: it decides what a short answer means."""

    SAFE = "safe"
    DANGER = "danger"
    HUMAN = "human"


class ReviewStatus(StrEnum):
    """Where an item of the review list stands. The first two wait for a human."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAGED = "paged"
    FINE = "fine"
    OVERTAKEN = "overtaken"

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return self in (ReviewStatus.OPEN, ReviewStatus.OVERDUE)
