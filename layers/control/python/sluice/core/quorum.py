"""Counting votes: who may, for which roles, and when enough distinct people have agreed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.model.approval import Approval, Choice, RoleNeed, Tier, Vote
from sluice.model.ids import SlackUserId

type Members = Mapping[str, frozenset[SlackUserId]]
"""Role -> the people who may fill it now."""


class Ballot(StrEnum):
    """What became of a vote."""

    COUNTED = "counted"
    QUORUM_REACHED = "quorum_reached"
    REJECTED = "rejected"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Counted:
    """The ballot, the approval as it is after it, and what is true, in words for the person who pressed."""

    ballot: Ballot
    approval: Approval
    message: str


def cast(approval: Approval, vote: Vote, members: Members) -> Counted:
    """Count one vote, or refuse it with the reason."""
    before = next((v for v in approval.votes if v.person == vote.person), None)
    if before is not None and vote.at <= before.at:
        return Counted(Ballot.ALREADY, approval, "This answer of yours, or a later one, is counted already.")
    roles = tuple(sorted(role for role, people in members.items() if vote.person in people))
    refusal = _refusal(approval, vote, roles)
    if refusal:
        return Counted(Ballot.REFUSED, approval, refusal)
    vote = replace(vote, roles=roles)
    if before is not None and before.choice is vote.choice:
        return Counted(Ballot.ALREADY, approval, f"You have already chosen to {_WORDS[vote.choice]}; it counts once.")
    kept = tuple(v for v in approval.votes if v.person != vote.person)
    after = replace(approval, votes=(*kept, vote))
    if vote.choice is Choice.REJECT:
        return Counted(Ballot.REJECTED, after, "You rejected this version.")
    if vote.choice is Choice.REQUEST_CHANGES:
        return Counted(Ballot.COUNTED, after, "You asked for changes; nothing is approved while that stands.")
    if quorum_reached(after):
        return Counted(Ballot.QUORUM_REACHED, after, "Your approval completed the quorum.")
    return Counted(Ballot.COUNTED, after, f"Your approval is counted. Still to decide: {describe_open(after)}.")


def quorum_reached(approval: Approval) -> bool:
    """Whether every role has its people, each person counted for one role, and nobody rejects or asks for changes."""
    if any(v.choice is not Choice.APPROVE for v in counting(approval)):
        return False
    return bool(approval.needs) and not open_needs(approval)


def counting(approval: Approval) -> tuple[Vote, ...]:
    """The votes that count: one that was cast before its person was known as the registrant counts no more."""
    return tuple(v for v in approval.votes if v.person != approval.registrant.person)


def open_needs(approval: Approval) -> dict[str, int]:
    """Role -> how many people are still needed, after the best possible assignment of the approvals given."""
    filled = assign(approval.needs, [v for v in counting(approval) if v.choice is Choice.APPROVE])
    lacking = {need.role: need.count - len(filled[need.role]) for need in approval.needs}
    return {role: count for role, count in lacking.items() if count > 0}


def describe_open(approval: Approval) -> str:
    """The open needs in words, such as `1 of ml_engineering, 2 of risk`."""
    standing = [v for v in counting(approval) if v.choice is Choice.REQUEST_CHANGES]
    parts = [f"{count} of {role}" for role, count in open_needs(approval).items()]
    parts += [f"the changes asked for by <@{v.person}>" for v in standing]
    return ", ".join(parts) or "nobody"


def assign(needs: Sequence[RoleNeed], approvals: Sequence[Vote]) -> dict[str, list[SlackUserId]]:
    """Give each person at most one role so that as many places as possible are filled.

    Maximum bipartite matching by augmenting paths (Kuhn 1955): greedy counting would let the first of two people
    take the only place that the second could fill.
    """
    seats = [(need.role, n) for need in needs for n in range(need.count)]
    taken: dict[tuple[str, int], Vote] = {}

    def place(vote: Vote, visited: set[tuple[str, int]]) -> bool:
        for seat in seats:
            if seat[0] not in vote.roles or seat in visited:
                continue
            visited.add(seat)
            if seat not in taken or place(taken[seat], visited):
                taken[seat] = vote
                return True
        return False

    for vote in approvals:
        place(vote, set())
    return {need.role: [v.person for seat, v in sorted(taken.items()) if seat[0] == need.role] for need in needs}


_WORDS = {Choice.APPROVE: "approve", Choice.REJECT: "reject", Choice.REQUEST_CHANGES: "ask for changes"}


def _refusal(approval: Approval, vote: Vote, roles: tuple[str, ...]) -> str:
    if not approval.is_open:
        return f"This approval is closed: {approval.status.value.replace('_', ' ')}. {approval.settled_because}".strip()
    if approval.on_hold:
        return "The evidence has changed and is being collected again; a new card follows. Nothing was counted."
    if approval.deadline is not None and vote.at >= approval.deadline:
        return "The time to decide is over; this approval has expired. Nothing was counted."
    if approval.registrant.person is not None and vote.person == approval.registrant.person:
        return "You registered this version, so you cannot decide on it. Nothing was counted."
    if not roles:
        return "You are not an approver of this model group by its policy. Nothing was counted."
    if vote.choice is Choice.APPROVE and approval.registrant.person is None and approval.tier is not Tier.PILOT:
        return (
            f"It is not known who registered this version ({approval.registrant.reason}), and a {approval.tier.value} "
            "model cannot be approved before that is known: people could approve their own work. Nothing was counted."
        )
    if vote.choice is not Choice.APPROVE and not vote.reason.strip():
        return "A reason is needed. Nothing was counted."
    return ""
