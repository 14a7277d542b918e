"""The machine asks people: one approval a release and digest, a token kept first, a card that follows."""

import json
from dataclasses import replace

import pytest

from functions.request_approval import app
from sluice import wiring
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.approval import Approval, ApprovalStatus, Mode
from sluice.model.codec import encode
from sluice.model.ids import Digest
from sluice.model.package import Actor, RegistryStatus
from sluice.usecases.remembering import recall
from sluice.usecases.request_approval import Question, request_approval
from tests.fakes.deaths import Died, Life
from tests.packages import ANNA, ARN, BEN, CHANNEL, CHEN, a_package, a_policy
from tests.release_run import Run
from tests.world import World


def gated(mode: Mode = Mode.ENFORCE, **policy: object) -> tuple[World, Question]:
    """A world whose release has passed its gates, and the question that comes next."""
    world = World(a_policy(mode=mode, **policy))
    world.register()
    world.run_executions()
    [run] = world.runs.values()
    question = run.question(run.collected)
    return world, question


def first_asked() -> tuple[World, Question, Run]:
    """The same, with people asked once."""
    world, question = gated()
    [run] = world.runs.values()
    return world, question, run


def again(world: World, question: Question, **changes: object) -> Question:
    """The machine asks again, under a new token."""
    token = world.waiting.wait()
    changed: Question = replace(question, task_token=token, **changes)  # type: ignore[arg-type]  # fields of the question
    request_approval(changed, world.asking)
    return changed


def test_the_card_holds_what_the_policy_and_the_evidence_say() -> None:
    world, question = gated()

    approval = world.approval

    assert (approval.digest, approval.epoch, approval.needs) == (question.digest, 0, a_policy().approvers)
    assert (approval.registrant.person, approval.channel, approval.mode) == (ANNA, CHANNEL, Mode.ENFORCE)
    assert [line.gate for line in approval.gates] == ["metrics.auc.minimum"]
    assert world.tokens.tokens == {approval.id: question.task_token}


def test_the_policys_channel_goes_before_the_stacks() -> None:
    world, _ = gated(channel="C0FRAUD")

    world.work()

    assert (world.approval.channel, len(world.chat.texts("C0FRAUD"))) == ("C0FRAUD", 1)


def test_asked_again_on_the_same_evidence_the_approval_goes_on_under_the_new_token() -> None:
    world, question, _ = first_asked()
    world.work()
    world.vote(BEN)
    before = world.approval

    changed = again(world, question)

    assert (world.approval.id, world.approval.votes) == (before.id, before.votes)
    assert world.tokens.tokens == {before.id: changed.task_token}
    assert world.kinds().count("ApprovalRequested") == 1


def test_on_other_evidence_the_old_card_is_superseded_and_its_voters_are_told() -> None:
    world, question, _ = first_asked()
    world.work()
    world.vote(BEN)
    old = world.approval

    again(world, question, digest=Digest("sha256:" + "ee" * 32), epoch=1)
    world.work()

    assert world.approval_of(old.id).status is ApprovalStatus.SUPERSEDED
    assert (world.approval.id != old.id, world.approval.voided_votes, world.approval.votes) == (True, 1, ())
    assert any("1 votes are void" in text for text in world.chat.texts(CHANNEL))


def test_a_superseded_card_without_votes_goes_without_a_word() -> None:
    world, question, _ = first_asked()
    world.work()

    again(world, question, digest=Digest("sha256:" + "ee" * 32), epoch=1)
    world.work()

    assert [text for text in world.chat.texts(CHANNEL) if "votes are void." in text] == []


def test_an_approval_settled_while_nobody_waited_answers_the_task_that_asks_again() -> None:
    world, question, run = first_asked()
    world.work()
    world.waiting.give_up(run.token)
    world.vote(BEN)
    world.vote(CHEN)
    assert world.waiting.answers == {}

    changed = again(world, question)
    world.work()

    assert list(world.waiting.answers) == [changed.task_token]
    assert world.approval.resumed


def test_a_package_edited_since_is_asked_about_on_hold_and_read_again() -> None:
    world, question, _ = first_asked()
    world.work()
    world.edit(customer_metadata={"note": "retrained"})
    world.event()

    again(world, question)

    assert world.approval.on_hold
    assert any(row.message.body.get("command") == "EvidenceTouched" for row in world.records.outbox.values())


def test_a_package_decided_elsewhere_since_is_not_asked_about() -> None:
    world = World(a_policy(mode=Mode.RECOMMEND))
    world.register()
    world.edit(status=RegistryStatus.REJECTED, approval_description="no")
    world.event(status_changed=True)

    world.work()

    assert world.outcomes() == ["decided_elsewhere"]
    assert [text for text in world.chat.texts(CHANNEL) if "needs a decision" in text] == []


def test_a_release_overtaken_by_a_later_one_gets_its_end_and_supersedes_nothing() -> None:
    world, question, _ = first_asked()
    world.work()
    world.edit(status=RegistryStatus.REJECTED, approval_description="no")
    world.govern(a_policy(mode=Mode.RECOMMEND))
    world.event(status_changed=True)
    world.edit(status=RegistryStatus.PENDING)
    world.event(status_changed=True)
    world.work()
    second = world.approval

    changed = again(world, question)
    world.work()

    assert (world.approval, world.approval.generation) == (second, 2)
    assert world.waiting.answers[changed.task_token]["route"] == "conclude"


def test_the_token_is_kept_before_anybody_can_vote() -> None:
    world, question, _ = first_asked()
    fresh = Digest("sha256:" + "ee" * 32)
    life = world.revive()
    again(world, question, digest=fresh)

    for moment in range(1, life.lived + 1):
        world, question, _ = first_asked()
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            again(world, question, digest=fresh)
        approval = world.approval
        if approval.digest == fresh:
            assert world.tokens.tokens[approval.id].startswith("token-")


def test_a_lost_race_asks_once() -> None:
    world = World(a_policy())
    world.register()
    world.meanwhile(lambda: world.records.stale_next(2))

    world.work()

    assert (world.kinds().count("ApprovalRequested"), len(world.chat.texts(CHANNEL))) == (1, 1)


def test_without_its_package_record_nothing_is_asked() -> None:
    world, question, _ = first_asked()
    other = replace(question, release=replace(question.release, package_arn=ARN.text + "9"))

    with pytest.raises(PermanentFailure, match="no package record"):
        request_approval(other, world.asking)


def test_judgements_that_are_gone_are_a_failure_that_repeating_does_not_mend() -> None:
    world, question, _ = first_asked()

    with pytest.raises(PermanentFailure):
        request_approval(replace(question, gates_ref="sha256:" + "00" * 32), world.asking)


def test_a_registrant_nobody_knows_is_shown_with_the_reason() -> None:
    world = World(a_policy())
    world.register(a_package(created_by=Actor(principal_arn="arn:aws:iam::111122223333:user/eve")))
    world.work()

    assert (world.approval.registrant.person, world.approval.registrant.reason != "") == (None, True)


def test_a_throttled_table_lets_the_machine_try_again() -> None:
    world = World(a_policy())
    world.register()
    world.records.transient_next()

    with pytest.raises(TransientFailure):
        world.work()
    world.work()

    assert world.approval.is_open


class _Context:
    aws_request_id = "request-1"


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> tuple[World, Question]:
    """A world behind the handler's wiring, and a question."""
    world, question, _ = first_asked()
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    for name in ("records", "tokens", "judgements", "ids", "clock"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "default_policy", lambda _: world.default)
    return world, question


def test_the_handler_answers_without_the_token(handled: tuple[World, Question]) -> None:
    world, question = handled
    event = json.loads(json.dumps(encode(question)))

    answer = app.handler(event, _Context())

    assert answer == {"release_id": "fraud-detector/7/1"}
    assert recall(world.records, Approval, world.approval.id) is not None


def test_the_handler_refuses_what_is_no_question(handled: tuple[World, Question]) -> None:
    with pytest.raises(InvalidInput):
        app.handler({"release": {}}, _Context())
