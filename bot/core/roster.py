"""Who may be paged at this moment: the rota joined with who is away, full or out of reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.core.policy import NAMED, Group
from bot.core.rota import OnCall
from models.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Standing:
    """One active ambassador at one moment. ``load`` orders those who are otherwise equal.

    ``full``: holds as many cases as they may. ``cooling``: has just come out of an immediate case.
    ``worn``: has been on call today or this week for as long as the limits allow.
    ``speaks``: codes of languages, such as ``en``; ``groups``: names of the community's own groups.
    """

    ambassador_id: int
    role: Role
    away: bool = False
    full: bool = False
    cooling: bool = False
    worn: bool = False
    reachable: bool = True
    load: float = 0.0
    speaks: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Roster:
    """The ambassadors in each group, in the order in which they are to be asked.

    ``named``: the community's own groups. ``unreachable``: those whom no message reaches at
    present.
    """

    primary: tuple[int, ...] = ()
    backup: tuple[int, ...] = ()
    everyone: tuple[int, ...] = ()
    coordinators: tuple[int, ...] = ()
    unreachable: frozenset[int] = frozenset()
    named: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def free(self) -> frozenset[int]:
        """Whoever may be asked now, whether they are on call or not; the last rung aside.

        More than `everyone`: a shift beyond the limits is still a shift, where they only warn.
        """
        return frozenset(self.primary + self.backup + self.everyone)

    def members(self, groups: Iterable[str]) -> tuple[int, ...]:
        """The ambassadors of ``groups``, each once, in the order of the groups.

        Nobody is in a group that there is none of any more.
        """
        return tuple(dict.fromkeys(who for group in groups for who in self._in(group)))

    def _in(self, group: str) -> tuple[int, ...]:
        match group:
            case Group.PRIMARY:
                return self.primary
            case Group.BACKUP:
                return self.backup
            case Group.ON_CALL:
                return self.primary + self.backup
            case Group.EVERYONE:
                return self.everyone
            case Group.COORDINATORS:
                return self.coordinators
            case _:
                return self.named.get(group.removeprefix(NAMED), ())


def make_roster(
    standings: Iterable[Standing],
    on_call: OnCall,
    language: str | None = None,
    *,
    limits_bind: bool = False,
) -> Roster:
    """Sort everybody into groups.

    Who speaks ``language``, the person's (such as ``en`` or ``pt-BR``), is asked before who does
    not, and of those who are alike the one with the least load first.

    Nobody away, full, cooling or worn is in any group but `coordinators`. Who is worn yet was put
    on call for this very time stays in their layer, unless the limits bind: a coordinator was
    warned and decided so, and a page must not find a layer empty because of it. `coordinators` is
    the last rung, never left empty because one of them rests: it holds those who are not away,
    or, where all are away, all of them.
    """
    spoken = base_language(language)
    ordered = sorted(
        standings, key=lambda one: (spoken not in one.speaks, one.load, one.ambassador_id)
    )
    reachable = [one for one in ordered if one.reachable]
    fit = [one for one in reachable if not (one.away or one.full or one.cooling)]
    free = [one.ambassador_id for one in fit if not one.worn]
    asked = free if limits_bind else [one.ambassador_id for one in fit]
    coordinators = [one for one in reachable if one.role is Role.COORDINATOR]
    present = [one for one in coordinators if not one.away]
    return Roster(
        primary=tuple(who for who in asked if who in on_call.primary),
        backup=tuple(who for who in asked if who in on_call.backup),
        everyone=tuple(free),
        coordinators=tuple(one.ambassador_id for one in (present or coordinators)),
        unreachable=frozenset(one.ambassador_id for one in ordered if not one.reachable),
        named=_named(ordered, frozenset(free)),
    )


def base_language(code: str | None) -> str:
    """``pt`` for ``pt-BR``; empty where no language is known."""
    return (code or "").replace("_", "-").split("-")[0].lower()


def _named(ordered: Iterable[Standing], free: frozenset[int]) -> Mapping[str, tuple[int, ...]]:
    named: dict[str, tuple[int, ...]] = {}
    for one in ordered:
        if one.ambassador_id in free:
            for name in one.groups:
                named[name] = (*named.get(name, ()), one.ambassador_id)
    return named
