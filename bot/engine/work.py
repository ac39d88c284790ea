"""The unit of work: what one update or one wake-up changes, committed together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.policy import Policy
from bot.core.reading import Reading
from bot.engine.meter import Meter
from bot.engine.store.audit import AuditTrail
from bot.engine.store.cases import Cases
from bot.engine.store.channels import Channels
from bot.engine.store.feeds import Feeds
from bot.engine.store.journal import Journal
from bot.engine.store.limits import Limits
from bot.engine.store.offers import Offers
from bot.engine.store.outbox import Letters
from bot.engine.store.people import People
from bot.engine.store.policies import Policies
from bot.engine.store.reviews import Reviews
from bot.engine.store.rosters import Rosters
from bot.engine.store.rota import Rota
from bot.texts import Texts
from models.keyring import Keyring
from resources import Directory


@dataclass(frozen=True, slots=True)
class Community:
    """What does not change while the bot runs: who we are, what we say, how we page.

    ``policy`` is the file's: it counts until coordinators change it (see `UnitOfWork.policies`).
    ``zone`` is the IANA name of the zone the rota is planned in unless it says otherwise.
    ``countries`` are offered first where a person is asked for theirs; none is ever assumed.
    ``channels`` are the kinds of second channel that volunteers may set.
    ``public_url`` is where our web server is reached from outside, where there is one.
    """

    name: str
    zone: str
    policy: Policy
    countries: tuple[str, ...]
    texts: Texts
    directory: Directory
    channels: tuple[str, ...] = ()
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """One of a person's last messages; in the window also when it came and how it was read."""

    message_id: int
    text: str
    at: datetime | None = None
    reading: Reading | None = None


class UnitOfWork:
    """One transaction, and the means to work in it.

    ``reading`` is what triage made of the message at hand; ``window`` holds what the person wrote
    of late, oldest first; ``meter`` counts what happens. Whoever opens the unit commits it, and
    then gives the signals that ``rings`` names. ``for_themselves``: whoever wrote meant it for
    themselves, as a volunteer does not who writes to the person of a case. ``file``: what a
    volunteer sent to be read.
    """

    def __init__(
        self,
        session: AsyncSession,
        keyring: Keyring,
        community: Community,
        now: datetime,
        *,
        reading: Reading | None = None,
        window: Sequence[Words] = (),
        meter: Meter | None = None,
    ) -> None:
        self.community = community
        self.now = now
        self.reading = reading or Reading()
        self.window = window
        self.meter = meter or Meter()
        self.rings: set[str] = set()
        self.for_themselves = True
        self.file: bytes | None = None
        self._memory: dict[str, Any] = session.info["memory"]
        self.people = People(session, keyring, now)
        self.rota = Rota(session, now)
        self.journal = Journal(session, now, self.rota)
        self.offers = Offers(session, now)
        self.limits = Limits(session, now)
        self.rosters = Rosters(session, now, community.zone, self.people, self.rota, self.limits)
        self.feeds = Feeds(session, keyring, now)
        self.cases = Cases(session, now, self.rings)
        self.policies = Policies(session, community.policy, now)
        self.reviews = Reviews(session, now)
        self.letters = Letters(session, keyring, now, self.rings)
        self.channels = Channels(session, now, self.rings)
        self.audit = AuditTrail(session, now)

    def is_new(self, what: str, within: timedelta) -> bool:
        """Whether this process has not noted ``what`` within so long; from now on it has."""
        noted = self._memory.setdefault("noted", {})
        last = noted.get(what)
        if last is not None and last + within > self.now:
            return False
        noted[what] = self.now
        return True

    @property
    def texts(self) -> Texts:
        """What the bot says."""
        return self.community.texts
