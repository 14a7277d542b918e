"""A release ends: the registry is looked at, the end recorded once, everybody told."""

import json
from dataclasses import replace

import pytest

from functions.conclude_release import app
from sluice import wiring
from sluice.core.admission import Action
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import ApprovalStatus, Choice, Mode
from sluice.model.codec import encode
from sluice.model.package import RegistryStatus
from sluice.model.release import Answer, Outcome, Route
from sluice.usecases.conclude_release import Concluded, Ending, conclude_release
from tests.fakes.deaths import Died, Life
from tests.packages import ANNA, ARN, BAD, BEN, CHANNEL, CHEN, METRICS, a_policy
from tests.world import World

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def approved() -> tuple[World, Ending]:
    """A world whose package was just approved by its people and set in the registry, and the end to record."""
    world = World(a_policy())
    world.register()
    world.work()
    world.vote(BEN)
    world.vote(CHEN)
    answer = world.approval.answer
    [run] = world.runs.values()
    assert answer is not None
    status = RegistryStatus(answer.status)
    world.registry.set_status(ARN, status=status, description=answer.description, client_token=answer.client_token)
    return world, Ending(run.release, answer, run.gates_ref)


def test_an_approval_that_the_registry_shows_is_recorded_and_announced() -> None:
    world, ending = approved()

    concluded = conclude_release(ending, world.concluding)
    world.deliver()

    assert concluded == Concluded(Outcome.APPROVED, "Approved")
    assert world.kinds()[-2:] == ["RegistryStatusSet", "ReleaseConcluded"]
    assert [name for name, _ in world.bus.events] == ["ReleaseApproved"]
    assert (world.package.concluded, world.package.outcome, world.package.status) == (True, "approved", "Approved")


def test_concluding_twice_is_one_end() -> None:
    world, ending = approved()
    conclude_release(ending, world.concluding)
    kinds = world.kinds()

    conclude_release(ending, world.concluding)
    world.deliver()

    assert (world.kinds(), len(world.bus.events)) == (kinds, 1)


def test_a_registry_that_lags_is_waited_for() -> None:
    world, ending = approved()
    shown = world.registry.packages[ARN.key]
    world.registry.put(replace(shown, status=PENDING))

    with pytest.raises(TransientFailure, match="does not show Approved yet"):
        conclude_release(ending, world.concluding)

    assert not world.package.concluded


def test_what_somebody_else_decided_meanwhile_is_said_and_stays_news() -> None:
    """Concluding took Studio's status for known, and the event about it led to nothing."""
    world, ending = approved()
    world.edit(status=REJECTED, approval_description="I think not")

    concluded = conclude_release(ending, world.concluding)
    admission = world.event(status_changed=True)

    assert concluded == Concluded(Outcome.DECIDED_ELSEWHERE, "Rejected")
    assert "RegistryStatusUnchanged" in world.kinds()
    assert (admission.action, world.status) == (Action.ELSEWHERE, PENDING)


def test_a_package_that_was_deleted_ends_all_the_same() -> None:
    world, ending = approved()
    world.registry.packages.clear()

    assert conclude_release(ending, world.concluding).status == "Deleted"
    assert world.kinds()[-1] == "ReleaseConcluded"


def test_a_failed_step_is_recorded_told_and_closes_the_card() -> None:
    world = World(a_policy())
    world.register()
    world.work()
    [run] = world.runs.values()
    ending = Ending(run.release, Answer(Route.CONCLUDE, Outcome.FAILED), "", "States.Timeout: it took too long")

    concluded = conclude_release(ending, world.concluding)
    world.deliver()

    assert (concluded.outcome, world.approval.status) == (Outcome.FAILED, ApprovalStatus.SUPERSEDED)
    assert [name for name, _ in world.bus.events] == ["ReleaseFailed"]
    assert any("could not be brought to a decision" in text for text in world.chat.texts(CHANNEL))


def test_gates_that_rejected_tell_the_channel_and_the_registrant() -> None:
    world = World(a_policy())
    world.documents.contents = {METRICS: BAD}

    world.register()
    world.work()

    assert (world.status, world.outcomes()) == (REJECTED, ["gates_failed"])
    assert [len(world.chat.texts(where)) for where in (CHANNEL, f"D{ANNA[1:]}")] == [1, 1]
    assert "auc 0.71 is below the minimum 0.85" in world.registry.packages[ARN.key].approval_description


def test_observe_shows_what_would_have_happened() -> None:
    world = World(a_policy(mode=Mode.OBSERVE))
    world.documents.contents = {METRICS: BAD}

    world.register()
    world.work()

    [text] = world.chat.texts(CHANNEL)
    assert (world.status, "Nothing was changed (observe)" in text) == (PENDING, True)


def test_observe_shows_what_a_quorum_would_have_done() -> None:
    world = World(a_policy(mode=Mode.OBSERVE))
    world.register()
    world.work()

    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    assert (world.status, world.outcomes()) == (PENDING, ["observed"])
    [told] = [shown for shown in world.chat.messages.values() if "Had this group been enforced" in repr(shown.blocks)]
    assert "it would have been approved. Approved by Ben (data_science), Chen" in repr(told.blocks)


def test_a_release_overtaken_by_a_later_one_writes_nothing_over_it() -> None:
    world, ending = approved()
    conclude_release(ending, world.concluding)
    world.event()
    world.edit(status=PENDING, approval_description="again")
    world.event(status_changed=True)
    second = world.package

    conclude_release(ending, world.concluding)

    assert (world.package, second.generation, second.concluded) == (second, 2, False)


def test_a_release_without_a_record_is_a_defect_that_is_seen() -> None:
    world, ending = approved()
    other = replace(ending.release, package_arn=ARN.text + "9")

    with pytest.raises(PermanentFailure, match="no package record"):
        conclude_release(replace(ending, release=other), world.concluding)


def test_a_death_at_any_moment_of_concluding_changes_nothing_about_the_end() -> None:
    world, ending = approved()
    life = world.revive()
    conclude_release(ending, world.concluding)
    moments, kinds, package = life.lived, world.kinds(), world.package

    for moment in range(1, moments + 1):
        world, ending = approved()
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            conclude_release(ending, world.concluding)
        world.revive()
        conclude_release(ending, world.concluding)
        world.deliver()

        assert (world.kinds(), len(world.bus.events)) == (kinds, 1)
        assert (world.package.outcome, world.package.status) == (package.outcome, package.status)


def test_the_reason_of_a_rejection_reaches_the_registry_and_the_card() -> None:
    world = World(a_policy())
    world.register()
    world.work()

    world.vote(BEN, Choice.REJECT, "recall is too low")
    world.work()

    assert world.registry.packages[ARN.key].approval_description.startswith("Rejected by Ben: recall is too low")
    assert any("recall is too low" in repr(shown.blocks) for shown in world.chat.messages.values())


class _Context:
    aws_request_id = "request-1"


def test_the_handler_answers_outcome_and_status(monkeypatch: pytest.MonkeyPatch) -> None:
    world, ending = approved()
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    for name in ("records", "registry", "judgements", "clock"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "default_policy", lambda _: world.default)

    answer = app.handler(json.loads(json.dumps(encode(ending))), _Context())

    assert answer == {"outcome": "approved", "status": "Approved", "rollout": False}


def test_the_handler_takes_the_machines_short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """RecordFailure and the Catch of States.Timeout name route and outcome and nothing else."""
    world, ending = approved()
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    for name in ("records", "registry", "judgements", "clock"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "default_policy", lambda _: world.default)
    event = {"release": encode(ending.release), "answer": {"route": "conclude", "outcome": "expired"}, "gates_ref": ""}

    answer = app.handler(event, _Context())

    assert answer["outcome"] == "expired"
