"""Who may be paged at this moment: the rota joined with who is away, full or out of reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.policy import Group
from bot.core.rota import OnCall
from models.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Standing:
    """One active ambassador at one moment. ``load`` orders those who are otherwise equal.

    ``full``: holds as many cases as they may. ``cooling``: has just come out of an immediate case.
    ``worn``: has been on call today or this week for as long as the limits allow.
    """

    ambassador_id: int
    role: Role
    away: bool = False
    full: bool = False
    cooling: bool = False
    worn: bool = False
    reachable: bool = True
    load: float = 0.0


@dataclass(frozen=True, slots=True)
class Roster:
    """The ambassadors in each group, those with the least load first.

    ``unreachable``: those whom no message reaches at present.
    """

    primary: tuple[int, ...] = ()
    backup: tuple[int, ...] = ()
    everyone: tuple[int, ...] = ()
    coordinators: tuple[int, ...] = ()
    unreachable: frozenset[int] = frozenset()

    def members(self, groups: Iterable[Group]) -> tuple[int, ...]:
        """The ambassadors of ``groups``, each once, in the order of the groups."""
        by_group = {
            Group.PRIMARY: self.primary,
            Group.BACKUP: self.backup,
            Group.EVERYONE: self.everyone,
            Group.COORDINATORS: self.coordinators,
        }
        return tuple(dict.fromkeys(who for group in groups for who in by_group[group]))


def make_roster(
    standings: Iterable[Standing], on_call: OnCall, *, limits_bind: bool = False
) -> Roster:
    """Sort everybody into groups.

    Nobody away, full, cooling or worn is in any group but `coordinators`. Who is worn yet was put
    on call for this very time stays in their layer, unless the limits bind: a coordinator was
    warned and decided so, and a page must not find a layer empty because of it. `coordinators` is
    the last rung, never left empty because one of them rests: it holds those who are not away,
    or, where all are away, all of them.
    """
    ordered = sorted(standings, key=lambda one: (one.load, one.ambassador_id))
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
    )
