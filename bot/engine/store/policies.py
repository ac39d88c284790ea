"""The policy that counts, and the drafts and versions that led to it."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.policy import Policy, PolicyError, parse_policy
from models import Ambassador, PolicyVersion

DRAFT_LASTS = timedelta(hours=24)
_log = structlog.get_logger()


_NEWEST = (
    select(PolicyVersion)
    .where(col(PolicyVersion.serial).is_not(None))
    .order_by(col(PolicyVersion.serial).desc())
    .limit(1)
)


class Policies:
    """The versions of the policy; ``first`` is the file's, which counts until one is applied."""

    def __init__(self, session: AsyncSession, first: Policy, now: datetime) -> None:
        self._session = session
        self._first = first
        self._now = now
        self._current: Policy | None = None

    async def current(self) -> Policy:
        """The policy that counts now. One that this version cannot read gives way to the file's:
        whatever happens to a document, cases go on being paged.
        """
        if self._current is None:
            self._current = self._read(await self._newest())
        return self._current

    def _read(self, version: PolicyVersion | None) -> Policy:
        if version is None:
            return self._first
        try:
            return parse_policy(version.document)
        except PolicyError:
            _log.error("policy_not_read", version=version.serial)
            return self._first

    async def serial(self) -> int:
        """The number of the version that counts; 0 for the file's."""
        version = await self._newest()
        return version.serial or 0 if version is not None else 0

    async def draft(
        self, policy: Policy, by: Ambassador, change: str | None, undo_to: int | None = None
    ) -> PolicyVersion:
        """Keep ``policy`` as a draft, made on the version that counts now."""
        version = PolicyVersion(
            document=policy.as_json(),
            change=change,
            based_on=await self.serial(),
            undo_to=undo_to,
            made_by=by.id,
            made_at=self._now,
        )
        self._session.add(version)
        await self._session.flush()
        return version

    async def find(self, version_id: int) -> PolicyVersion | None:
        """The draft or version with this id, locked against a second tap."""
        return await self._session.get(PolicyVersion, version_id, with_for_update=True)

    def is_open(self, version: PolicyVersion) -> bool:
        """Whether the draft can still be applied or cancelled."""
        fresh = self._now < version.made_at + DRAFT_LASTS
        return fresh and version.applied_at is None and version.cancelled_at is None

    async def apply(self, version: PolicyVersion) -> bool:
        """Let a draft count from now on; False where another came first since it was made.

        Two that are applied at once meet in the unique ``serial``: one of them is tried again.
        """
        if version.based_on != await self.serial():
            return False
        version.serial = version.based_on + 1
        self._current = None
        version.applied_at = self._now
        self._session.add(version)
        await self._session.flush()
        return True

    async def before(self) -> tuple[Policy, int] | None:
        """The policy before the last change that was not undone, with its number; None at first.

        One undo after another walks further back, to the file's.
        """
        serial = await self._meant(await self.serial())
        if serial == 0:
            return None
        version = await self._numbered(serial)
        earlier = await self._meant(version.based_on)
        if earlier == 0:
            return self._first, 0
        return parse_policy((await self._numbered(earlier)).document), earlier

    async def _meant(self, serial: int) -> int:
        """The version whose document this one holds: of an undo the one it went back to."""
        if serial == 0:
            return 0
        version = await self._numbered(serial)
        return serial if version.undo_to is None else version.undo_to

    async def _numbered(self, serial: int) -> PolicyVersion:
        query = select(PolicyVersion).where(PolicyVersion.serial == serial)
        return (await self._session.exec(query)).one()

    async def _newest(self) -> PolicyVersion | None:
        return (await self._session.exec(_NEWEST)).first()
