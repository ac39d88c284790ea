"""Finding and keeping persons, ambassadors and invitations."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Ambassador, GroupMember, Invitation, Person, Role
from models.keyring import Keyring
from models.people import LONGEST_TAG
from models.types import UtcDateTime

INVITATION_LASTS = timedelta(days=7)

_MANNERS = (
    "Amber Blue Brave Bright Calm Clear Copper Early Evening Gentle Golden Green Grey Hidden "
    "Hopeful Kind Little Lively Lucky Mellow Morning Northern Patient Pearl Quiet Quick River "
    "Rosy Silver Slow Snowy Soft Southern Spring Steady Still Summer Sunny Tidal Tranquil Warm "
    "Wandering Western White Winter Woodland"
).split()
_BIRDS = (
    "Avocet Bittern Blackbird Bunting Chough Crane Curlew Dipper Dove Dunnock Egret Finch Fulmar "
    "Gannet Goldcrest Grebe Greenshank Harrier Heron Hoopoe Kestrel Kingfisher Kite Lapwing Lark "
    "Linnet Martin Merlin Nightjar Nuthatch Oriole Osprey Ouzel Petrel Pipit Plover Puffin Redwing "
    "Robin Ruff Sandpiper Shearwater Siskin Skylark Starling Stonechat Swallow Swift Tern Thrush "
    "Wagtail Warbler Waxwing Wheatear Whimbrel Wren"
).split()


# What every message asks is put together once: that takes longer than asking.
_PERSON = select(Person).where(Person.chat_key == bindparam("key"))
_ACTIVE = select(Ambassador).where(col(Ambassador.left_at).is_(None))
_AMBASSADOR = _ACTIVE.where(Ambassador.chat_key == bindparam("key"))
_AMBASSADORS = _ACTIVE.order_by(col(Ambassador.handle))
# Not by what was read of them: somebody else may be writing it down in the same moment.
_FOUND_AGAIN = (
    update(Ambassador)
    .where(col(Ambassador.id) == bindparam("who"), col(Ambassador.unreachable_at).is_not(None))
    .values(unreachable_at=None)
)
_LOST = (
    update(Ambassador)
    .where(col(Ambassador.id) == bindparam("who"), col(Ambassador.unreachable_at).is_(None))
    .values(unreachable_at=bindparam("now", type_=UtcDateTime()))
)


class Volunteer(NamedTuple):
    """Of an active ambassador what a rung asks: of all of them at every page, so no more."""

    id: int
    chat_key: str
    role: Role
    language: str | None
    languages: Sequence[str]
    cases_at_once: int
    unreachable_at: datetime | None


_VOLUNTEERS = (
    select(*(col(getattr(Ambassador, name)) for name in Volunteer._fields))
    .where(col(Ambassador.left_at).is_(None))
    .order_by(col(Ambassador.handle))
)


class InvitationError(Exception):
    """An invitation that cannot be used; the name of the text that says why."""


class People:
    """Whoever the bot knows."""

    def __init__(self, session: AsyncSession, keyring: Keyring, now: datetime) -> None:
        self._session = session
        self._keyring = keyring
        self._now = now
        self._heard: int | None = None

    def chat_key(self, chat_id: int | str) -> str:
        """The look-up key of a chat."""
        return self._keyring.lookup("chat", chat_id)

    async def person(self, person_id: int) -> Person:
        """The person with this id."""
        return await self._session.get_one(Person, person_id)

    async def person_in(self, chat_id: int | str) -> Person | None:
        """The person who writes from this chat."""
        key = self.chat_key(chat_id)
        return (await self._session.exec(_PERSON, params={"key": key})).one_or_none()

    async def meet(self, chat_id: int | str, language: str | None) -> Person:
        """The person who writes from this chat, made known where they are new."""
        person = await self.person_in(chat_id)
        if person is None:
            person = Person(
                chat_key=self.chat_key(chat_id),
                chat_id=str(chat_id),
                pseudonym=f"{secrets.choice(_MANNERS)} {secrets.choice(_BIRDS)}",
                language=_tag(language),
                first_seen_at=self._now,
            )
            self._session.add(person)
            await self._session.flush()
        person.blocked_at = None
        if language:
            person.language = _tag(language)
        return person

    async def ambassador(self, ambassador_id: int) -> Ambassador:
        """The ambassador with this id."""
        return await self._session.get_one(Ambassador, ambassador_id)

    async def ambassador_in(self, chat_id: int | str) -> Ambassador | None:
        """The active ambassador who writes from this chat."""
        key = self.chat_key(chat_id)
        return (await self._session.exec(_AMBASSADOR, params={"key": key})).one_or_none()

    async def ambassador_called(self, handle: str) -> Ambassador | None:
        """The active ambassador called ``handle``, with or without its @."""
        query = select(Ambassador).where(
            Ambassador.handle == handle.removeprefix("@").lower(),
            col(Ambassador.left_at).is_(None),
        )
        return (await self._session.exec(query)).one_or_none()

    async def ambassadors(self, but: Person | None = None) -> Sequence[Ambassador]:
        """Every active ambassador, coordinators among them, by handle; not the one who is the
        person that it is about, ``but``.
        """
        found = (await self._session.exec(_AMBASSADORS)).all()
        return [one for one in found if but is None or one.chat_key != but.chat_key]

    async def volunteers(self, but: Person | None = None) -> list[Volunteer]:
        """Every active ambassador, by handle; not the one who is the person that it is about."""
        found = [Volunteer(*row) for row in (await self._session.exec(_VOLUNTEERS)).all()]
        return [
            one._replace(unreachable_at=None) if one.id == self._heard else one
            for one in found
            if but is None or one.chat_key != but.chat_key
        ]

    def heard(self, ambassador: Ambassador) -> None:
        """They write right now, so they can be reached, whatever is noted meanwhile."""
        ambassador.unreachable_at = None
        self._heard = ambassador.id

    async def found_again(self, ambassador: Ambassador) -> None:
        """They wrote, so they can be reached, whatever was noted while that was handled."""
        connection = await self._session.connection()
        await connection.execute(_FOUND_AGAIN, {"who": ambassador.id})

    async def lost(self, ambassador: Ambassador) -> bool:
        """Note that they cannot be reached; False where that is noted already.

        Their cases are locked first, as by everybody who changes one.
        """
        connection = await self._session.connection()
        noted = await connection.execute(_LOST, {"who": ambassador.id, "now": self._now})
        await self._session.refresh(ambassador, ["unreachable_at"])
        return bool(noted.rowcount)

    async def has_left(self, ambassador_id: int) -> bool:
        """Whether they belong to the community no more, as it stands in the database now."""
        query = select(Ambassador.left_at).where(Ambassador.id == ambassador_id)
        return (await self._session.exec(query)).one() is not None

    async def coordinators(self, but: Person | None = None) -> Sequence[Ambassador]:
        """Every active coordinator; not the one who is the person that it is about, ``but``."""
        return [one for one in await self.ambassadors(but) if one.role is Role.COORDINATOR]

    async def groups(self) -> dict[str, frozenset[int]]:
        """The community's own groups by name, with the active ambassadors in them."""
        query = (
            select(GroupMember.name, GroupMember.ambassador_id)
            .join(Ambassador, col(Ambassador.id) == GroupMember.ambassador_id)
            .where(col(Ambassador.left_at).is_(None))
            .order_by(col(GroupMember.name))
        )
        groups: dict[str, frozenset[int]] = {}
        for name, ambassador_id in (await self._session.exec(query)).all():
            groups[name] = groups.get(name, frozenset()) | {ambassador_id}
        return groups

    async def join_group(self, name: str, ambassador: Ambassador) -> bool:
        """Put ``ambassador`` into the group; False where they are in it already."""
        if await self._member(name, ambassador.id) is not None:
            return False
        self._session.add(GroupMember(name=name, ambassador_id=ambassador.id, added_at=self._now))
        await self._session.flush()
        return True

    async def leave_group(self, name: str, ambassador: Ambassador) -> bool:
        """Take ``ambassador`` out of the group; False where they are not in it."""
        member = await self._member(name, ambassador.id)
        if member is not None:
            await self._session.delete(member)
            await self._session.flush()
        return member is not None

    async def _member(self, name: str, ambassador_id: int) -> GroupMember | None:
        query = select(GroupMember).where(
            GroupMember.name == name, GroupMember.ambassador_id == ambassador_id
        )
        return (await self._session.exec(query)).first()

    async def safeguarding_lead(self) -> Ambassador | None:
        """The active ambassador who is told of persons under age, where one is set."""
        return next((one for one in await self.ambassadors() if one.safeguards_since), None)

    async def invite(self, role: Role, by: Ambassador | None) -> str:
        """A single-use token for joining in ``role``, good for `INVITATION_LASTS`."""
        token = secrets.token_urlsafe(18)
        self._session.add(
            Invitation(
                token_key=self._keyring.lookup("invitation", token),
                role=role,
                invited_by=by.id if by else None,
                created_at=self._now,
                expires_at=self._now + INVITATION_LASTS,
            )
        )
        return token

    async def join(self, token: str, chat_id: int, name: str, language: str | None) -> Ambassador:
        """Make whoever writes from this chat an ambassador or coordinator.

        A coordinator's invitation makes a coordinator of an ambassador. `InvitationError` for a
        token that is unknown, used or too old, or that would change nothing.
        """
        query = (
            select(Invitation)
            .where(Invitation.token_key == self._keyring.lookup("invitation", token))
            .with_for_update()
        )
        invitation = (await self._session.exec(query)).one_or_none()
        if invitation is None:
            raise InvitationError("join.unknown")
        if invitation.used_at is not None:
            raise InvitationError("join.used")
        if invitation.expires_at <= self._now:
            raise InvitationError("join.expired")
        ambassador = await self._any_ambassador_in(chat_id)
        if ambassador is None:
            ambassador = Ambassador(
                chat_key=self.chat_key(chat_id),
                chat_id=str(chat_id),
                handle=await self._free_handle(name),
                name=name[:64],
                role=invitation.role,
                language=_tag(language),
                joined_at=self._now,
            )
            self._session.add(ambassador)
            await self._session.flush()
        elif ambassador.left_at is None and (
            ambassador.role is Role.COORDINATOR or invitation.role is Role.AMBASSADOR
        ):
            raise InvitationError("join.already")
        else:
            ambassador.role = invitation.role
            ambassador.left_at = None
            ambassador.unreachable_at = None
        invitation.used_at = self._now
        invitation.used_by = ambassador.id
        return ambassador

    async def _any_ambassador_in(self, chat_id: int) -> Ambassador | None:
        query = select(Ambassador).where(Ambassador.chat_key == self.chat_key(chat_id))
        return (await self._session.exec(query)).one_or_none()

    async def _free_handle(self, name: str) -> str:
        base = handle_for(name)
        taken = set(
            (
                await self._session.exec(
                    select(Ambassador.handle).where(col(Ambassador.handle).startswith(base))
                )
            ).all()
        )
        return next(
            handle
            for number in range(1, len(taken) + 2)
            if (handle := base if number == 1 else f"{base}{number}") not in taken
        )


def handle_for(name: str) -> str:
    """A handle that can be typed on any keyboard: lower-case Latin letters and digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return words[0][:20] if words else "friend"


def _tag(language: str | None) -> str | None:
    """The language tag that a Telegram app gives, without the parts at its end that do not fit."""
    while language and len(language) > LONGEST_TAG:
        language = language[:LONGEST_TAG] if "-" not in language else language.rpartition("-")[0]
    return language or None
