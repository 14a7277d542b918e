"""Edits while people decide, answers to tasks that are asked again, and what belongs to no approval."""

from dataclasses import replace

import pytest

from sluice.errors import PermanentFailure
from sluice.model.approval import ApprovalStatus
from sluice.model.approval_commands import DecidedElsewhere, EvidenceTouched, ResumeRelease
from sluice.model.commit import Commit
from sluice.model.ids import ApprovalId
from sluice.model.package import RegistryStatus
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep
from tests.fakes.tokens import FakeTokens
from tests.packages import ARN, BEN, CHANNEL, CHEN, a_policy
from tests.world import World

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def waiting(**policy: object) -> World:
    """A world in which people are asked about a package that Anna registered."""
    world = World(a_policy(**policy))
    world.register()
    world.work()
    return world


def test_a_card_of_another_installation_decides_nothing_and_its_presser_is_told() -> None:
    world = waiting()

    world.vote(BEN, approval_id=ApprovalId("f" * 32))
    world.work()

    assert (world.approval.votes, "VoteRefused" in world.kinds()) == ((), False)
    assert world.chat.told(BEN)[0].startswith("This approval is not known here")


def test_a_press_on_a_superseded_card_counts_for_nothing() -> None:
    world = waiting()
    old = world.approval.id
    world.edit(customer_metadata={"note": "retrained"})
    world.event()
    world.work()

    world.vote(BEN, approval_id=old)
    world.work()

    assert (world.approval.id == old, world.approval.votes, world.approval_of(old).votes) == (False, (), ())
    assert world.chat.told(BEN)[0].startswith("This approval is closed: superseded.")


def test_a_changed_digest_voids_the_votes_with_notice() -> None:
    world = waiting()
    world.vote(BEN)
    old = world.approval

    world.edit(customer_metadata={"note": "retrained"})
    world.event()
    world.work()

    assert (world.approval_of(old.id).status, world.approval.votes) == (ApprovalStatus.SUPERSEDED, ())
    assert (world.approval.digest != old.digest, world.approval.voided_votes) == (True, 1)
    assert "VotesVoided" in world.kinds()
    assert any("1 votes are void" in text for text in world.chat.texts(CHANNEL))


def test_an_unchanged_digest_keeps_card_and_votes() -> None:
    world = waiting()
    world.vote(BEN)
    before = world.approval

    world.edit()
    world.event()
    world.work()
    world.vote(CHEN)
    world.work()

    assert (world.approval.id, world.approval.epoch, world.status) == (before.id, 1, APPROVED)
    assert world.kinds().count("ApprovalRequested") == 1


def test_evidence_that_no_longer_passes_rejects_the_package_and_closes_the_card() -> None:
    world = waiting()
    world.vote(BEN)
    old = world.approval.id
    world.documents.contents = {}

    world.edit()
    world.event()
    world.work()

    assert (world.status, world.outcomes()) == (REJECTED, ["gates_failed"])
    assert world.approval_of(old).status is ApprovalStatus.SUPERSEDED


def test_a_vote_between_an_edit_and_its_command_counts_for_nothing() -> None:
    """Admission knows of the edit; the command to hold the votes still waits in the outbox."""
    world = waiting()
    world.vote(BEN)
    world.edit(customer_metadata={"note": "retrained"})
    world.event()

    world.vote(CHEN)
    world.work()

    assert (world.status, world.approval.is_open, world.approval.votes) == (PENDING, True, ())
    assert "is being collected again" in world.chat.told(CHEN)[0]


def test_an_edit_while_a_vote_is_being_counted_wins() -> None:
    world = waiting()
    world.vote(BEN)
    world.edit(customer_metadata={"note": "retrained"})
    world.meanwhile(world.event)

    world.vote(CHEN)
    world.work()

    assert (world.status, world.approval.votes, world.registry.sets) == (PENDING, (), [])


def test_while_evidence_is_read_again_nothing_is_counted() -> None:
    world = waiting()
    world.edit()
    world.event()
    record_decision(EvidenceTouched(ARN.key, 1), world.deciding)

    world.vote(BEN)

    assert (world.approval.on_hold, world.approval.votes) == (True, ())


def test_a_repeat_of_an_edit_that_was_read_already_holds_nothing_up() -> None:
    world = waiting()
    world.edit()
    world.event()
    world.work()

    record_decision(EvidenceTouched(ARN.key, 1), world.deciding)

    assert (world.approval.on_hold, world.approval.epoch) == (False, 1)


def test_an_edit_that_comes_after_the_decision_changes_nothing() -> None:
    world = waiting()
    world.vote(BEN)
    world.vote(CHEN)

    record_decision(EvidenceTouched(ARN.key, 1), world.deciding)
    world.work()

    assert (world.status, world.outcomes(), len(world.waiting.answers)) == (APPROVED, ["approved"], 1)


def test_an_unknown_approval_or_package_asks_for_nothing() -> None:
    world = waiting()
    writes = len(world.records.commits)

    record_decision(ResumeRelease(ApprovalId("f" * 32)), world.deciding)
    record_decision(EvidenceTouched("arn:of:nothing", 1), world.deciding)
    record_decision(DecidedElsewhere("arn:of:nothing", "Approved", "zoe", ApprovalId("f" * 32)), world.deciding)

    assert len(world.records.commits) == writes


def test_an_approval_without_its_package_is_a_defect_that_is_seen() -> None:
    world = waiting()
    orphan = replace(world.approval, id=ApprovalId("e" * 32), package_arn=world.approval.package_arn + "1")
    world.records.commit(Commit(saves=(keep(None, orphan, orphan.id),)), at=world.clock.now())

    with pytest.raises(PermanentFailure, match="no package record"):
        world.vote(BEN, approval_id=orphan.id)


def test_a_task_that_is_asked_for_again_after_the_decision_gets_its_answer() -> None:
    """Lambda failed after its effect; Retry asks again with a new token, while the answer went to the old one."""
    world = waiting()
    [run] = world.runs.values()
    run.ask_again()
    world.vote(BEN)
    world.vote(CHEN)

    world.work()

    assert (world.status, world.outcomes(), len(world.waiting.answers)) == (APPROVED, ["approved"], 1)


def test_a_task_that_is_asked_for_again_at_the_very_moment_of_the_answer_gets_it() -> None:
    """The new token is written between the answer to the dead one and the mark that it was answered."""
    world = waiting()
    [run] = world.runs.values()
    world.vote(BEN)
    asked_again = False

    def ask_again_before_the_mark(commit: Commit) -> None:
        nonlocal asked_again
        saved = commit.saves[0].body if commit.saves else {}
        if saved.get("resumed") and not asked_again:
            asked_again = True
            run.go_on()
        else:
            world.records.before_commit = ask_again_before_the_mark

    run.ask_again()
    world.records.before_commit = ask_again_before_the_mark
    world.vote(CHEN)
    world.work()

    assert asked_again
    assert (world.status, world.outcomes(), len(world.waiting.answers)) == (APPROVED, ["approved"], 1)


def test_no_token_is_in_any_record_entry_or_message() -> None:
    world = waiting()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    written = repr(
        (world.records.commits, world.records.ledger, world.chat.messages, world.bus.events, world.queue.sent)
    )
    assert "token-" not in written


def test_the_token_of_a_task_that_asks_again_is_not_thrown_away_with_the_dead_one() -> None:
    """The new token is written after the mark, when the old one was about to be deleted."""

    class Overtaken(FakeTokens):
        def forget(self, approval_id: ApprovalId) -> None:
            run.go_on()
            super().forget(approval_id)

    world = waiting()
    [run] = world.runs.values()
    world.tokens = Overtaken(world.tokens.tokens)
    world.vote(BEN)
    run.ask_again()

    world.vote(CHEN)
    world.work()

    assert (world.status, world.outcomes()) == (APPROVED, ["approved"])
