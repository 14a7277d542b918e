"""People decide: votes, refusals and edits, each with exactly one effect, and everybody is told what is true."""

import pytest

from sluice.errors import TransientFailure
from sluice.model.approval import ApprovalStatus, Choice, Mode, RoleNeed, Tier
from sluice.model.approval_commands import ResumeRelease
from sluice.model.ids import SlackUserId
from sluice.model.package import Actor, RegistryStatus
from sluice.model.people import Person
from sluice.usecases.record_decision import record_decision
from tests.packages import ANNA, ARN, BEN, CHANNEL, CHEN, DAY, a_package, a_policy
from tests.world import World

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def waiting(**policy: object) -> World:
    """A world in which people are asked about a package that Anna registered."""
    world = World(a_policy(**policy))
    world.register()
    world.work()
    return world


def test_a_quorum_approves_the_package_once() -> None:
    world = waiting()

    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    assert (world.status, world.outcomes(), len(world.waiting.answers)) == (APPROVED, ["approved"], 1)
    assert world.approval.status is ApprovalStatus.APPROVED
    assert (
        "Approved by Ben (data_science), Chen (ml_engineering)."
        in world.registry.packages[ARN.key].approval_description
    )


def test_a_rejection_rejects_the_package_with_its_reason() -> None:
    world = waiting()

    world.vote(CHEN, Choice.REJECT, "recall is too low")
    world.work()

    assert (world.status, world.outcomes()) == (REJECTED, ["rejected"])
    assert world.registry.packages[ARN.key].approval_description.startswith("Rejected by Chen: recall is too low")


def test_the_decision_is_on_record_before_the_execution_is_resumed() -> None:
    world = waiting()
    world.vote(BEN)
    world.waiting.fail(TransientFailure("SendTaskSuccess: ThrottlingException"))

    with pytest.raises(TransientFailure):
        world.vote(CHEN)

    assert world.approval.status is ApprovalStatus.APPROVED
    assert (world.approval.resumed, world.waiting.answers) == (False, {})


def test_a_resume_that_failed_is_made_up_from_the_record() -> None:
    world = waiting()
    world.vote(BEN)
    world.waiting.fail(TransientFailure("SendTaskSuccess: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.vote(CHEN)

    record_decision(ResumeRelease(world.approval.id), world.deciding)
    record_decision(ResumeRelease(world.approval.id), world.deciding)
    world.work()

    assert (world.status, world.approval.resumed, len(world.waiting.answers)) == (APPROVED, True, 1)


def test_everything_of_an_approval_is_cleared_away_once_it_is_resumed() -> None:
    world = waiting()
    world.vote(BEN, Choice.REJECT)

    assert (world.tokens.tokens, world.timers.waiting) == ({}, {})


def test_the_card_follows_each_vote_and_each_voter_is_told() -> None:
    world = waiting()

    world.vote(BEN)
    world.work()

    [shown] = [m for m in world.chat.messages.values() if m.channel == CHANNEL]
    assert (shown.revisions > 0, world.chat.told(BEN)) == (
        True,
        ["Your approval is counted. Still to decide: 1 of ml_engineering."],
    )


def test_the_members_of_a_user_group_are_those_of_now() -> None:
    world = waiting(approvers=(RoleNeed("ml_engineering", 1, (), "S0MLENG"),))

    world.vote(BEN)
    world.chat.groups["S0MLENG"] = frozenset({BEN})
    world.vote(BEN)
    world.work()

    assert (world.chat.told(BEN)[0].startswith("You are not an approver"), world.status) == (True, APPROVED)


def test_while_slack_does_not_say_who_is_in_a_group_nothing_is_counted_and_nothing_lost() -> None:
    world = waiting(approvers=(RoleNeed("ml_engineering", 1, (), "S0MLENG"),))
    world.chat.fail(TransientFailure("usergroups.users.list: ratelimited"))

    with pytest.raises(TransientFailure):
        world.vote(CHEN)

    assert world.approval.votes == ()


def test_a_vote_delivered_twice_is_one_vote_with_one_answer() -> None:
    world = waiting()

    for _ in range(2):
        command = world.vote(BEN)
        record_decision(command, world.deciding)
    world.work()

    assert [v.person for v in world.approval.votes] == [BEN]
    assert world.kinds().count("VoteCast") == 1
    assert len(world.chat.told(BEN)) == 2  # two presses, two answers; the repeats of the queue say nothing


def test_the_vote_that_closed_it_delivered_again_is_no_refusal() -> None:
    world = waiting()
    world.vote(BEN)
    last = world.vote(CHEN)

    record_decision(last, world.deciding)
    world.work()

    assert (world.kinds().count("VoteRefused"), len(world.chat.told(CHEN))) == (0, 1)


def test_an_old_vote_delivered_late_does_not_undo_a_withdrawal() -> None:
    world = waiting()
    first = world.vote(BEN)
    world.vote(BEN, Choice.REQUEST_CHANGES, "wait")

    record_decision(first, world.deciding)
    world.vote(CHEN)
    world.work()

    assert (world.status, world.approval.is_open) == (PENDING, True)


def test_two_who_press_at_once_have_one_effect_between_them() -> None:
    """Chen's vote is written while Ben's is being decided."""
    world = waiting(approvers=(RoleNeed("any", 1, (BEN, CHEN)),))
    world.meanwhile(lambda: world.vote(CHEN))

    world.vote(BEN)
    world.work()

    assert (world.status, len(world.waiting.answers), len(world.registry.sets)) == (APPROVED, 1, 1)
    assert [v.person for v in world.approval.votes] == [CHEN]
    assert world.chat.told(BEN) == ["This approval is closed: approved. Approved by Chen (any)."]
    assert world.chat.told(CHEN) == ["Your approval completed the quorum."]


def test_an_approval_and_a_rejection_at_once_have_one_effect() -> None:
    world = waiting(approvers=(RoleNeed("any", 1, (BEN, CHEN)),))
    world.meanwhile(lambda: world.vote(CHEN, Choice.REJECT))

    world.vote(BEN)
    world.work()

    assert (world.status, len(world.waiting.answers)) == (REJECTED, 1)


def test_a_record_that_never_rests_is_tried_again_later() -> None:
    world = waiting()
    world.records.stale_next(8)

    with pytest.raises(TransientFailure, match="kept changing"):
        world.vote(BEN)


def test_the_registrant_is_refused_on_record() -> None:
    world = waiting()

    world.vote(ANNA)
    world.work()

    assert (world.approval.votes, world.kinds().count("VoteRefused")) == ((), 1)
    assert world.chat.told(ANNA) == ["You registered this version, so you cannot decide on it. Nothing was counted."]


def test_a_registrant_whom_people_name_since_the_card_was_sent_counts() -> None:
    world = World(a_policy())
    world.register(a_package(created_by=Actor(principal_arn="arn:aws:iam::111122223333:user/eve")))
    world.work()
    world.vote(BEN)

    world.know(Person(ANNA, "Anna", principals=("arn:aws:iam::111122223333:user/eve",)))
    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    assert "cannot be approved before that is known" in world.chat.told(BEN)[0]
    assert (world.status, world.approval.registrant.person) == (APPROVED, ANNA)


def test_on_pilot_who_votes_and_turns_out_to_be_the_registrant_is_not_counted() -> None:
    world = World(a_policy(tier=Tier.PILOT))
    arn = "arn:aws:iam::111122223333:user/eve"
    world.register(a_package(created_by=Actor(principal_arn=arn)))
    world.work()
    world.vote(BEN)

    world.know(Person(BEN, "Ben", principals=(arn,)))
    world.vote(CHEN)
    world.work()

    assert (world.status, world.approval.is_open) == (PENDING, True)


def test_another_workspace_decides_nothing_and_its_person_is_told() -> None:
    world = waiting()

    world.vote(BEN, team="T0OTHER")
    world.work()

    assert (world.approval.votes, world.kinds()[-1]) == ((), "VoteRefused")
    assert world.chat.told(BEN) == ["Your Slack workspace is not the one that decides here. Nothing was counted."]


def test_a_press_after_the_deadline_counts_for_nothing() -> None:
    world = waiting()
    world.clock.advance(DAY + 60)

    world.vote(BEN)
    world.work()

    assert (world.approval.votes, world.status) == ((), PENDING)
    assert world.chat.told(BEN) == ["The time to decide is over; this approval has expired. Nothing was counted."]


def test_a_press_after_expiry_is_told_what_became_of_it() -> None:
    world = waiting()
    world.pass_time(DAY + 60)

    world.vote(BEN)
    world.work()

    assert (world.status, world.outcomes()) == (REJECTED, ["expired"])
    assert world.chat.told(BEN)[0].startswith("This approval is closed: expired.")


def test_in_observe_a_quorum_is_recorded_and_nothing_touched() -> None:
    world = waiting(mode=Mode.OBSERVE)

    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    assert (world.status, world.registry.sets, world.outcomes()) == (PENDING, [], ["observed"])
    assert "ApprovalSettled" in world.kinds()


def test_each_person_counts_for_one_role() -> None:
    world = waiting(approvers=(RoleNeed("a", 1, (BEN,)), RoleNeed("b", 1, (BEN, SlackUserId("U0ZOE")))))

    world.vote(BEN)
    world.work()

    assert (world.status, world.approval.is_open) == (PENDING, True)
