"""Who may be paged at this moment."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.policy import Group
from bot.core.roster import Roster, Standing, make_roster
from bot.core.rota import OnCall
from models.vocabulary import Role

AMBASSADOR, COORDINATOR = Role.AMBASSADOR, Role.COORDINATOR


def test_whoever_is_on_call_is_in_the_group_of_their_layer() -> None:
    roster = make_roster(
        [Standing(1, AMBASSADOR), Standing(2, AMBASSADOR), Standing(3, AMBASSADOR)],
        OnCall(frozenset({1}), frozenset({2})),
    )
    assert roster == Roster(primary=(1,), backup=(2,), everyone=(1, 2, 3))


def test_nobody_away_is_paged() -> None:
    roster = make_roster([Standing(1, AMBASSADOR, away=True)], OnCall(frozenset({1})))
    assert roster == Roster()


def test_nobody_who_holds_as_much_as_they_can_is_paged() -> None:
    roster = make_roster([Standing(1, AMBASSADOR, full=True)], OnCall(frozenset({1})))
    assert roster == Roster()


def test_who_cannot_be_reached_is_in_no_group_at_all() -> None:
    roster = make_roster([Standing(1, COORDINATOR, reachable=False)], OnCall(frozenset({1})))
    assert roster == Roster(unreachable=frozenset({1}))


def test_the_one_with_the_least_load_is_asked_first() -> None:
    standings = [Standing(1, AMBASSADOR, load=3), Standing(2, AMBASSADOR, load=1)]
    standings.append(Standing(3, AMBASSADOR, load=3))
    assert make_roster(standings, OnCall()).everyone == (2, 1, 3)


def test_who_speaks_the_persons_language_comes_before_who_has_less_load() -> None:
    standings = [
        Standing(1, AMBASSADOR, load=0, speaks=frozenset({"en"})),
        Standing(2, AMBASSADOR, load=5, speaks=frozenset({"en", "es"})),
        Standing(3, AMBASSADOR, load=3, speaks=frozenset({"es"})),
    ]
    assert make_roster(standings, OnCall(), "es-MX").everyone == (3, 2, 1)
    assert make_roster(standings, OnCall(), "en").everyone == (1, 2, 3)
    assert make_roster(standings, OnCall(), "fr").everyone == (1, 3, 2), "nobody is left out"
    assert make_roster(standings, OnCall()).everyone == (1, 3, 2)


def test_a_group_of_the_communitys_own_holds_those_of_it_who_are_free() -> None:
    night = frozenset({"night"})
    standings = [
        Standing(1, AMBASSADOR, load=2, groups=night),
        Standing(2, AMBASSADOR, load=1, groups=night),
        Standing(3, AMBASSADOR, away=True, groups=night),
        Standing(4, AMBASSADOR, full=True, groups=night),
        Standing(5, AMBASSADOR, reachable=False, groups=night),
        Standing(6, AMBASSADOR),
    ]
    roster = make_roster(standings, OnCall())
    assert roster.members(["group:night"]) == (2, 1)
    assert roster.members(["group:gone"]) == ()


def test_on_call_is_who_is_primary_and_then_who_is_backup() -> None:
    roster = Roster(primary=(2,), backup=(1, 2))
    assert roster.members([Group.ON_CALL]) == (2, 1)


def test_a_coordinator_is_also_one_of_everyone() -> None:
    roster = make_roster([Standing(1, COORDINATOR)], OnCall())
    assert roster.everyone == roster.coordinators == (1,)


def test_who_is_on_call_beyond_their_hours_may_still_be_asked_unless_limits_bind() -> None:
    standings = [Standing(n, AMBASSADOR, worn=n < 3, cooling=n == 4) for n in (1, 2, 3, 4)]
    on_call = OnCall(frozenset({1, 4}))
    assert make_roster(standings, on_call).free == {1, 3}
    assert make_roster(standings, on_call, limits_bind=True).free == {3}


def test_a_full_coordinator_still_stands_on_the_last_rung() -> None:
    roster = make_roster([Standing(1, COORDINATOR, full=True)], OnCall())
    assert (roster.everyone, roster.coordinators) == ((), (1,))


def test_a_coordinator_who_is_away_is_spared_where_another_is_there() -> None:
    standings = [Standing(1, COORDINATOR, away=True), Standing(2, COORDINATOR)]
    assert make_roster(standings, OnCall()).coordinators == (2,)


def test_the_last_rung_is_never_left_empty_because_coordinators_rest() -> None:
    standings = [Standing(1, COORDINATOR, away=True), Standing(2, COORDINATOR, away=True)]
    roster = make_roster(standings, OnCall())
    assert roster.coordinators == (1, 2)
    assert roster.everyone == ()


def test_whoever_is_in_two_groups_of_a_rung_is_asked_once() -> None:
    roster = Roster(primary=(1, 2), everyone=(2, 3, 1), coordinators=(3, 4))
    assert roster.members([Group.PRIMARY, Group.EVERYONE]) == (1, 2, 3)
    assert roster.members([Group.COORDINATORS, Group.PRIMARY]) == (3, 4, 1, 2)
    assert roster.members([]) == ()


def test_who_is_on_call_but_has_left_is_not_paged() -> None:
    assert make_roster([], OnCall(frozenset({1}), frozenset({2}))) == Roster()


STANDINGS = st.lists(
    st.builds(
        Standing,
        ambassador_id=st.integers(1, 9),
        role=st.sampled_from(Role),
        away=st.booleans(),
        full=st.booleans(),
        reachable=st.booleans(),
        load=st.integers(0, 3),
        groups=st.sampled_from([frozenset(), frozenset({"night"})]),
    ),
    unique_by=lambda one: one.ambassador_id,
)
LAYER = st.frozensets(st.integers(1, 9))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(standings=STANDINGS, primary=LAYER, backup=LAYER)
def test_off_the_rota_away_or_full_means_not_paged_but_for_the_last_rung(
    standings: list[Standing], primary: frozenset[int], backup: frozenset[int]
) -> None:
    roster = make_roster(standings, OnCall(primary, backup))
    by_id = {one.ambassador_id: one for one in standings}
    night = roster.members(["group:night"])
    for who in roster.primary + roster.backup + roster.everyone + night:
        assert by_id[who].reachable
        assert not by_id[who].away
        assert not by_id[who].full
    assert set(roster.primary) <= primary
    assert set(roster.backup) <= backup
    reachable = {
        one.ambassador_id for one in standings if one.reachable and one.role is COORDINATOR
    }
    assert set(roster.coordinators) <= reachable
    assert bool(roster.coordinators) == bool(reachable)
