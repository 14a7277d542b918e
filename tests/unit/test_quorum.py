"""Who may vote, for which roles, and when it is enough."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluice.core.quorum import Ballot, Counted, Members, assign, cast, describe_open, open_needs, quorum_reached
from sluice.model.approval import Approval, ApprovalStatus, Choice, Registrant, RoleNeed, Tier, Vote
from sluice.model.ids import Micros, SlackUserId
from tests.approvals import HOUR, NOW, an_approval

ANNA, BEN, CHEN, DORA, ZOE = (SlackUserId(f"U0{name}") for name in ("ANNA", "BEN", "CHEN", "DORA", "ZOE"))
NEEDS = (RoleNeed("data_science", 1, (BEN, CHEN)), RoleNeed("ml_engineering", 1, (CHEN, DORA)))
MEMBERS: Members = {
    "data_science": frozenset({ANNA, BEN, CHEN}),
    "ml_engineering": frozenset({CHEN, DORA}),
}


def asked(**changes: Any) -> Approval:
    """An approval of two roles, registered by Anna."""
    return an_approval(**({"needs": NEEDS, "registrant": Registrant(ANNA, "Anna")} | changes))


def pressed(approval: Approval, person: SlackUserId, choice: Choice = Choice.APPROVE, **how: Any) -> Counted:
    """One press and what became of it."""
    reason = how.get("reason", "" if choice is Choice.APPROVE else "recall is too low")
    vote = Vote(person, choice, reason, how.get("at", Micros(NOW + 1)))
    return cast(approval, vote, how.get("members", MEMBERS))


def after(approval: Approval, *presses: tuple[SlackUserId, Choice]) -> Counted:
    """Several presses, each a second after the other; the last one's answer."""
    counted = Counted(Ballot.COUNTED, approval, "")
    for n, (person, choice) in enumerate(presses, start=1):
        counted = pressed(counted.approval, person, choice, at=Micros(NOW + n * 1_000_000))
    return counted


def test_the_last_role_filled_completes_the_quorum() -> None:
    first = pressed(asked(), BEN)
    second = pressed(first.approval, DORA)

    assert (first.ballot, second.ballot) == (Ballot.COUNTED, Ballot.QUORUM_REACHED)
    assert first.message == "Your approval is counted. Still to decide: 1 of ml_engineering."


def test_one_person_of_two_roles_fills_one() -> None:
    counted = pressed(asked(), CHEN)

    assert (counted.ballot, sum(open_needs(counted.approval).values())) == (Ballot.COUNTED, 1)


def test_a_person_of_two_roles_makes_room_for_one_who_has_only_the_first() -> None:
    """Greedy counting gave Chen the only place that Ben could fill."""
    counted = after(asked(), (CHEN, Choice.APPROVE), (BEN, Choice.APPROVE))

    assert counted.ballot is Ballot.QUORUM_REACHED


def test_the_same_choice_twice_counts_once_and_says_so() -> None:
    counted = after(asked(), (BEN, Choice.APPROVE), (BEN, Choice.APPROVE))

    assert (counted.ballot, len(counted.approval.votes)) == (Ballot.ALREADY, 1)
    assert counted.message == "You have already chosen to approve; it counts once."


def test_an_older_press_never_takes_the_place_of_a_newer_one() -> None:
    """The queue may deliver twice: the approval that was withdrawn must not come back with it."""
    withdrawn = after(asked(), (BEN, Choice.APPROVE), (BEN, Choice.REQUEST_CHANGES))

    late = pressed(withdrawn.approval, BEN, Choice.APPROVE, at=Micros(NOW + 1_000_000))

    assert (late.ballot, late.approval) == (Ballot.ALREADY, withdrawn.approval)


def test_a_repeat_of_the_press_that_closed_it_is_no_refusal() -> None:
    closed = asked(votes=(Vote(BEN, Choice.REJECT, "no", NOW),), status=ApprovalStatus.REJECTED)

    again = pressed(closed, BEN, Choice.REJECT, at=NOW)

    assert again.ballot is Ballot.ALREADY


def test_the_registrant_never_decides() -> None:
    for choice in Choice:
        counted = pressed(asked(), ANNA, choice)

        assert counted.ballot is Ballot.REFUSED
        assert counted.message == "You registered this version, so you cannot decide on it. Nothing was counted."


def test_a_vote_of_who_turns_out_to_be_the_registrant_counts_no_more() -> None:
    """On pilot an unresolved registrant may vote; then people learn who it was."""
    unresolved = asked(registrant=Registrant(None, "ci", "nobody"), tier=Tier.PILOT)
    voted = pressed(unresolved, BEN).approval
    resolved = asked(registrant=Registrant(BEN, "Ben"), votes=voted.votes, tier=Tier.PILOT)

    counted = pressed(resolved, DORA)

    assert (counted.ballot, open_needs(counted.approval)) == (Ballot.COUNTED, {"data_science": 1})


@pytest.mark.parametrize(
    "tier,ballot", [(Tier.PILOT, Ballot.COUNTED), (Tier.STANDARD, Ballot.REFUSED), (Tier.CRITICAL, Ballot.REFUSED)]
)
def test_an_unresolved_registrant_blocks_approval_but_on_pilot(tier: Tier, ballot: Ballot) -> None:
    approval = asked(registrant=Registrant(None, "role/ci", "role/ci stands for nobody"), tier=tier)

    counted = pressed(approval, BEN)

    assert counted.ballot is ballot
    assert ("role/ci stands for nobody" in counted.message) == (ballot is Ballot.REFUSED)


@pytest.mark.parametrize("choice", [Choice.REJECT, Choice.REQUEST_CHANGES])
def test_an_unresolved_registrant_keeps_nobody_from_rejecting_or_asking_for_changes(choice: Choice) -> None:
    approval = asked(registrant=Registrant(None, "role/ci", "stands for nobody"), tier=Tier.CRITICAL)

    assert pressed(approval, BEN, choice).ballot is not Ballot.REFUSED


def test_a_request_for_changes_blocks_until_it_is_withdrawn() -> None:
    blocked = after(asked(), (CHEN, Choice.REQUEST_CHANGES), (BEN, Choice.APPROVE), (DORA, Choice.APPROVE))
    withdrawn = pressed(blocked.approval, CHEN, Choice.APPROVE, at=Micros(NOW + HOUR))

    assert (blocked.ballot, withdrawn.ballot) == (Ballot.COUNTED, Ballot.QUORUM_REACHED)
    assert blocked.message.endswith("Still to decide: the changes asked for by <@U0CHEN>.")


def test_one_rejection_closes_it() -> None:
    counted = after(asked(), (BEN, Choice.APPROVE), (DORA, Choice.REJECT))

    assert (counted.ballot, counted.message) == (Ballot.REJECTED, "You rejected this version.")


@pytest.mark.parametrize("choice", [Choice.REJECT, Choice.REQUEST_CHANGES])
@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_without_a_reason_nothing_but_an_approval_counts(choice: Choice, reason: str) -> None:
    counted = pressed(asked(), BEN, choice, reason=reason)

    assert (counted.ballot, counted.message) == (Ballot.REFUSED, "A reason is needed. Nothing was counted.")


def test_who_has_no_role_is_refused() -> None:
    counted = pressed(asked(), ZOE)

    assert counted.message == "You are not an approver of this model group by its policy. Nothing was counted."


@pytest.mark.parametrize(
    "late_by,ballot", [(-1, Ballot.COUNTED), (0, Ballot.REFUSED), (1, Ballot.REFUSED)], ids=["before", "at", "after"]
)
def test_the_deadline_is_the_first_moment_that_is_too_late(late_by: int, ballot: Ballot) -> None:
    approval = asked(deadline=Micros(NOW + HOUR))

    counted = pressed(approval, BEN, at=Micros(NOW + HOUR + late_by))

    assert counted.ballot is ballot
    assert ("is over" in counted.message) == (ballot is Ballot.REFUSED)


def test_before_delivery_there_is_no_deadline_to_miss() -> None:
    counted = pressed(asked(deadline=None, delivered_at=None), BEN, at=Micros(NOW + 1000 * HOUR))

    assert counted.ballot is Ballot.COUNTED


def test_while_evidence_is_collected_again_nothing_counts() -> None:
    counted = pressed(asked(on_hold=True), BEN)

    assert counted.ballot is Ballot.REFUSED
    assert counted.message.startswith("The evidence has changed and is being collected again")


@pytest.mark.parametrize("status", [s for s in ApprovalStatus if s is not ApprovalStatus.OPEN])
def test_a_closed_approval_says_how_it_was_closed(status: ApprovalStatus) -> None:
    counted = pressed(asked(status=status, settled_because="Because."), BEN)

    assert (counted.ballot, counted.approval.votes) == (Ballot.REFUSED, ())
    assert counted.message == f"This approval is closed: {status.value.replace('_', ' ')}. Because."


def test_a_rejection_leaves_no_quorum_though_two_others_fill_the_roles() -> None:
    """The rejection took the place of the request for changes that had kept the approvals from being enough."""
    rejected = after(
        asked(), (BEN, Choice.REQUEST_CHANGES), (CHEN, Choice.APPROVE), (DORA, Choice.APPROVE), (BEN, Choice.REJECT)
    )

    assert rejected.ballot is Ballot.REJECTED
    assert not open_needs(rejected.approval)
    assert not quorum_reached(rejected.approval)


def test_a_policy_that_names_nobody_is_never_satisfied() -> None:
    assert not quorum_reached(asked(needs=()))


def test_what_is_open_is_said_in_words() -> None:
    assert describe_open(asked()) == "1 of data_science, 1 of ml_engineering"


def test_a_request_for_changes_of_who_turns_out_to_be_the_registrant_blocks_no_more() -> None:
    votes = tuple(
        Vote(p, Choice.APPROVE, "", NOW, (role,)) for p, role in [(BEN, "data_science"), (DORA, "ml_engineering")]
    )

    assert quorum_reached(asked(votes=(*votes, Vote(ANNA, Choice.REQUEST_CHANGES, "wait", NOW, ("data_science",)))))


_ROLES = ("a", "b", "c")
_PEOPLE = tuple(SlackUserId(f"U{n}") for n in range(6))
_needs = st.lists(
    st.tuples(st.sampled_from(_ROLES), st.integers(1, 3)), min_size=1, max_size=3, unique_by=lambda n: n[0]
)
_abilities = st.lists(st.sets(st.sampled_from(_ROLES)), max_size=len(_PEOPLE))


def _votes(abilities: Sequence[set[str]]) -> list[Vote]:
    return [Vote(p, Choice.APPROVE, "", NOW, tuple(sorted(r))) for p, r in zip(_PEOPLE, abilities, strict=False)]


def _by_search(seats: list[str], people: list[set[str]]) -> int:
    """The most places that can be filled, by trying everything."""
    if not people:
        return 0
    without = _by_search(seats, people[1:])
    taken = [_by_search([*seats[:i], *seats[i + 1 :]], people[1:]) + 1 for i, r in enumerate(seats) if r in people[0]]
    return max([without, *taken])


@given(needs=_needs, abilities=_abilities)
def test_as_many_places_are_filled_as_can_be(needs: list[tuple[str, int]], abilities: list[set[str]]) -> None:
    wanted = [RoleNeed(role, count) for role, count in needs]
    votes = _votes(abilities)

    filled = assign(wanted, votes)

    seats = [need.role for need in wanted for _ in range(need.count)]
    assert sum(map(len, filled.values())) == _by_search(seats, [set(v.roles) for v in votes])


@given(needs=_needs, abilities=_abilities)
def test_nobody_sits_twice_nor_where_they_have_no_role(needs: list[tuple[str, int]], abilities: list[set[str]]) -> None:
    wanted = [RoleNeed(role, count) for role, count in needs]
    votes = _votes(abilities)

    filled = assign(wanted, votes)

    seated = [person for people in filled.values() for person in people]
    roles = {vote.person: vote.roles for vote in votes}
    assert len(seated) == len(set(seated))
    assert all(role in roles[person] for role, people in filled.items() for person in people)
    assert all(len(filled[need.role]) <= need.count for need in wanted)


@given(
    presses=st.lists(
        st.tuples(st.sampled_from((ANNA, BEN, CHEN, DORA, ZOE)), st.sampled_from(list(Choice))), max_size=12
    )
)
@example(
    presses=[
        (BEN, Choice.REQUEST_CHANGES),
        (CHEN, Choice.APPROVE),
        (DORA, Choice.APPROVE),
        (BEN, Choice.REJECT),
    ]
)
def test_whatever_is_pressed_approval_takes_two_people_of_the_two_roles(
    presses: list[tuple[SlackUserId, Choice]],
) -> None:
    approval = asked()

    for n, (person, choice) in enumerate(presses, start=1):
        counted = pressed(approval, person, choice, at=Micros(NOW + n))
        approval = counted.approval
        if counted.ballot in (Ballot.QUORUM_REACHED, Ballot.REJECTED):
            break

    standing = {v.person: v.choice for v in approval.votes}
    assert standing.keys() <= {BEN, CHEN, DORA}
    if quorum_reached(approval):
        assert set(standing.values()) == {Choice.APPROVE}
        assert len(standing) >= 2
        assert standing.keys() & {CHEN, DORA}
