"""An approved version goes to production: its rollout is asked for once, waited for, and its end drawn into the release."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from functions.admit_rollout import app as admit_app
from functions.request_rollout import app as request_app
from sluice import wiring
from sluice.core.admission import Action
from sluice.core.rollout.answering import answer_to_release
from sluice.core.rollout.naming import release_token, rollout_id_of
from sluice.core.rollout.pledge import broken_pledge
from sluice.errors import InvalidInput, PermanentFailure
from sluice.model.approval import Mode
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import RolloutId
from sluice.model.package import RegistryStatus
from sluice.model.records import PackageRecord
from sluice.model.release import OF_ROLLOUT, Outcome, Route
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.model.rollout_commands import FinishRollout, WakeRollout
from sluice.model.rollout_event import RolloutRequestedEvent
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollout.admit_rollout import admit_rollout
from sluice.usecases.rollout.request_rollout import Wanted, request_rollout
from tests.fakes.deaths import Died, Life
from tests.fakes.queue import FakeAside
from tests.packages import ACCOUNT, ARN, BEN, CHANNEL, CHEN, REGION, a_policy
from tests.release_run import Run
from tests.rollout_records import ended, rules
from tests.world import World, an_event

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def asked(**policy: Any) -> World:
    """A world in which people are asked about a version whose policy has a rollout."""
    world = World(a_policy(**({"rollout": rules()} | policy)))
    world.register()
    world.work()
    return world


def rolling(**policy: Any) -> World:
    """A world whose approved version is on its way to production."""
    world = asked(**policy)
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event(status_changed=True)
    return world


def the_run(world: World) -> Run:
    [run] = world.runs.values()
    return run


def requested(world: World) -> Any:
    """The event that asked for the rollout, as it was announced."""
    [detail] = [detail for name, detail in world.bus.events if name == "RolloutRequested"]
    return an_event("RolloutRequested", detail)


def events(world: World) -> list[str]:
    return [name for name, _ in world.bus.events]


# From the approval to the rollout


def test_an_approved_version_asks_for_its_rollout_and_waits() -> None:
    world = rolling()

    [(name, given)] = world.rollouts.started.items()

    assert (name, given) == (f"{world.rollout.id}-1", {"rollout_id": world.rollout.id, "attempt": 1})
    assert (world.rollout.phase, world.outcomes(), world.package.rollout) == (Phase.REQUESTED, [], world.rollout.id)
    assert events(world) == ["ReleaseApproved", "RolloutRequested"]
    assert world.kinds()[-2:] == ["RegistryStatusSet", "RolloutRequested"]


def test_the_rollout_is_bound_to_what_people_approved() -> None:
    world = rolling()
    request = world.rollout.request

    assert (request.digest, request.release_id, request.region) == (world.approval.digest, "fraud-detector/7/1", REGION)
    assert broken_pledge(world.registry.packages[ARN.key], request) == ""


@pytest.mark.parametrize("policy", [{"rollout": None}, {"mode": Mode.OBSERVE}], ids=str)
def test_without_a_rollout_in_the_policy_or_in_observe_the_release_ends_as_ever(policy: dict[str, Any]) -> None:
    world = rolling(**policy)

    assert (len(world.outcomes()), world.package.rollout, world.rollouts.started) == (1, None, {})
    assert world.kinds()[-1] == "ReleaseConcluded"


def test_a_version_that_is_not_approved_goes_nowhere() -> None:
    world = asked()
    world.edit(status=REJECTED, approval_description="no")

    world.event(status_changed=True)
    world.work()

    assert (world.package.rollout, world.rollouts.started) == (None, {})


def test_asking_again_brings_another_token_and_nothing_else() -> None:
    world = rolling()
    before = (world.rollout, world.kinds(), events(world))

    the_run(world).request_again()
    world.work()

    assert (world.rollout, world.kinds(), events(world)) == before
    assert world.tokens.get(release_token(world.rollout.id)) == the_run(world).token == "token-3"


@pytest.mark.parametrize("moment", range(1, 12))
def test_a_death_while_asking_leaves_one_rollout_and_a_token_for_it(moment: int) -> None:
    world = asked()
    world.vote(BEN)
    world.vote(CHEN)
    run = the_run(world)
    run.go_on_to("request_rollout")
    world.revive(Life(moment))
    with suppress(Died):
        run.go_on()
    world.revive()

    world.work()
    world.end_rollout(RolloutOutcome.PROMOTED)
    world.work()

    assert (len(world.rollouts.started), world.outcomes()) == (1, ["promoted"])


def test_a_version_that_came_back_to_pending_before_it_was_asked_for_goes_nowhere() -> None:
    world = rolling()
    release = the_run(world).release
    world.edit(status=PENDING, approval_description="wait")
    world.event(status_changed=True)
    late = replace(release, release_id="fraud-detector/7/0", generation=0)

    request_rollout(Wanted(late, world.waiting.wait()), world.requesting)
    world.work()

    assert len(world.rollouts.started) == 1
    assert list(world.waiting.answers.values())[-1]["outcome"] == "withdrawn"


def test_a_release_without_a_record_or_an_approval_is_refused() -> None:
    world = asked()
    release = the_run(world).release

    with pytest.raises(PermanentFailure, match="no package record"):
        request_rollout(Wanted(replace(release, package_arn=ARN.text[:-1] + "9"), "token"), world.requesting)
    known = recall(world.records, PackageRecord, ARN.key)
    save = keep(known, replace(world.package, approval=None), ARN.key)
    world.records.commit(Commit(saves=(save,)), at=world.clock.now())
    with pytest.raises(PermanentFailure, match="no approval"):
        request_rollout(Wanted(release, "token"), world.requesting)


# The event is a hint


def test_five_deliveries_of_the_wish_are_one_execution() -> None:
    world = rolling()
    told = RolloutRequestedEvent.parse(requested(world))

    for _ in range(5):
        admit_rollout(told, world.admitting_rollouts)

    assert len(world.rollouts.started) == 1


@pytest.mark.parametrize("change", [
    {"rollout_id": "ab" * 16},
    {"release_id": "fraud-detector/7/2"},
    {"version": 8},
    {"images": ["another image"]},
    {"digest": "sha256:" + "00" * 32},
    {"region": "eu-west-1"},
    {"package_arn": ARN.text.replace("/7", "/8")},
], ids=str)  # fmt: skip
def test_a_wish_that_no_release_of_ours_made_is_refused(change: dict[str, Any]) -> None:
    world = rolling()
    event = requested(world)
    event["detail"] |= change

    with pytest.raises(InvalidInput):
        admit_rollout(RolloutRequestedEvent.parse(event), world.admitting_rollouts)

    assert len(world.rollouts.started) == 1


def test_a_wish_without_a_record_is_forged_in_the_region_that_runs_releases() -> None:
    world = World(a_policy(rollout=rules()))
    event = requested(rolling())

    with pytest.raises(InvalidInput, match="no release has asked"):
        admit_rollout(RolloutRequestedEvent.parse(event), world.admitting_rollouts)


@pytest.mark.parametrize("change", [
    {"source": "aws.sagemaker"},
    {"detail-type": "RolloutFinished"},
    {"account": "999999999999"},
    {"region": "eu-west-1"},
    {"detail": None},
], ids=str)  # fmt: skip
def test_an_envelope_of_somebody_else_is_refused(change: dict[str, Any]) -> None:
    event = requested(rolling()) | change

    with pytest.raises(InvalidInput):
        RolloutRequestedEvent.parse(event)


def test_another_account_that_speaks_of_its_own_package_is_refused() -> None:
    world = rolling()
    event = requested(world) | {"account": "999999999999"}
    event["detail"]["package_arn"] = ARN.text.replace(ACCOUNT, "999999999999")

    with pytest.raises(InvalidInput, match="no release of ours"):
        admit_rollout(RolloutRequestedEvent.parse(event), world.admitting_rollouts)


def test_another_region_hears_of_a_rollout_from_the_home_region_first() -> None:
    away, home = World(a_policy(rollout=rules())), "eu-west-1"
    away.home_region = home
    event = requested(rolling()) | {"region": home}
    event["detail"]["package_arn"] = ARN.text.replace(REGION, home)
    told = RolloutRequestedEvent.parse(event)

    for _ in range(2):
        admit_rollout(told, away.admitting_rollouts)

    assert list(away.rollouts.started) == [f"{told.request.rollout_id}-1"]


def test_a_rollout_that_is_over_is_not_started_again() -> None:
    world = rolling()
    told = RolloutRequestedEvent.parse(requested(world))
    world.end_rollout(RolloutOutcome.PROMOTED)
    world.rollouts.started.clear()

    admission = admit_rollout(told, world.admitting_rollouts)

    assert (admission.execution, world.rollouts.started) == ("", {})


# Its end


def test_a_promoted_version_ends_its_release() -> None:
    world = rolling()

    world.end_rollout(RolloutOutcome.PROMOTED)
    world.work()

    assert (world.outcomes(), world.status, world.package.outcome) == (["promoted"], APPROVED, "promoted")
    assert (world.package.rollout, world.rollout.told) == (None, True)
    assert events(world)[-2:] == ["RolloutFinished", "ReleaseEnded"]
    assert world.kinds()[-1] == "ReleaseConcluded"


def test_a_version_that_was_taken_back_is_rejected_with_the_judges_reason() -> None:
    world = rolling()

    world.end_rollout(RolloutOutcome.RETURNED, "Errors rose from 1.0 % to 3.1 %.\nAt 10 % of the traffic.")
    world.work()

    description = world.registry.packages[ARN.key].approval_description
    assert (world.status, world.outcomes(), world.package.outcome) == (REJECTED, ["returned"], "returned")
    assert "Taken back from production: Errors rose from 1.0 % to 3.1 %. At 10 %" in description
    assert world.kinds().count("RegistryStatusSet") == 2


def test_sluices_own_rejection_is_recognised_when_its_event_comes_back() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.RETURNED)
    world.work()

    admission = world.event(status_changed=True)

    assert (admission.action, world.package.status, world.package.generation) == (Action.OWN, "Rejected", 1)
    assert "DecisionElsewhere" not in world.kinds()


def test_its_rejection_is_recognised_even_before_the_release_has_ended() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.RETURNED)
    record_decision(FinishRollout(world.rollout.id), world.deciding)
    run = the_run(world)
    run.go_on_to("conclude")

    admission = world.event(status_changed=True)
    world.work()

    assert (admission.action, world.outcomes()) == (Action.OWN, ["returned"])


@pytest.mark.parametrize("status", [REJECTED, PENDING])
def test_a_status_set_meanwhile_is_not_overwritten_by_the_rejection(status: RegistryStatus) -> None:
    world = rolling()
    world.edit(status=status, approval_description="mine")

    world.end_rollout(RolloutOutcome.RETURNED)
    world.work()

    assert (world.status, world.registry.packages[ARN.key].approval_description) == (status, "mine")
    assert (world.outcomes(), "RegistryStatusUnchanged" in world.kinds()) == (["returned"], status is PENDING)


@pytest.mark.parametrize("outcome", RolloutOutcome)
def test_every_outcome_of_a_rollout_has_its_own_of_the_release(outcome: RolloutOutcome) -> None:
    world = rolling()

    world.end_rollout(outcome)
    world.work()

    assert Outcome(world.outcomes()[0]) in OF_ROLLOUT
    assert (world.status is REJECTED) == (outcome is RolloutOutcome.RETURNED)


def test_no_two_outcomes_of_a_rollout_are_one_of_the_release() -> None:
    assert len({answer_to_release(ended(outcome)).outcome for outcome in RolloutOutcome}) == len(RolloutOutcome)


def test_a_description_fits_into_the_registry_whatever_the_reason() -> None:
    answer = answer_to_release(ended(RolloutOutcome.RETURNED, "line\n" * 1000))

    assert (answer.route, len(answer.description), "\n" in answer.description) == (Route.SET_STATUS, 1024, False)
    assert len(answer.client_token) <= 36


def test_the_end_is_told_once_however_often_it_comes() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.PROMOTED)
    world.work()
    kinds = world.kinds()

    for _ in range(3):
        record_decision(FinishRollout(world.rollout.id), world.deciding)
    world.work()

    assert (world.kinds(), world.outcomes()) == (kinds, ["promoted"])


@pytest.mark.parametrize("rollout_id", ["", "ab" * 16])
def test_an_end_that_the_record_does_not_show_is_refused(rollout_id: str) -> None:
    world = rolling()

    with pytest.raises(InvalidInput, match="that has ended"):
        record_decision(FinishRollout(RolloutId(rollout_id or world.rollout.id)), world.deciding)

    assert world.outcomes() == []


@pytest.mark.parametrize("moment", range(1, 16))
def test_a_death_while_telling_the_end_loses_nothing(moment: int) -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.RETURNED)
    world.revive(Life(moment))
    with suppress(Died):
        record_decision(FinishRollout(world.rollout.id), world.deciding)
    world.revive()

    world.work()

    assert (world.outcomes(), world.status) == (["returned"], REJECTED)


# The approval is taken back on the way


def test_an_approval_taken_back_wakes_the_judge_and_stands() -> None:
    world = rolling()
    world.edit(status=REJECTED, approval_description="not that one")

    admission = world.event(status_changed=True)
    world.deliver()

    woken = [c for c in world.queue.waiting if c["command"] == "WakeRollout"]
    assert (admission.action, world.status) == (Action.ELSEWHERE, REJECTED)
    assert woken == [{"command": "WakeRollout", **encode(WakeRollout(world.rollout.id, "the registry says Rejected"))}]
    assert any("outside Sluice by d-1/zoe" in text for text in world.chat.texts(CHANNEL))


def test_a_version_set_back_to_pending_on_the_way_is_taken_back_and_asked_about_anew() -> None:
    world = rolling()
    first = world.rollout
    world.edit(status=PENDING, approval_description="once more")

    world.event(status_changed=True)
    world.deliver()

    assert [c["rollout_id"] for c in world.queue.waiting if c["command"] == "WakeRollout"] == [first.id]
    assert (world.package.generation, world.package.rollout) == (2, None)


def test_news_of_the_withdrawal_that_comes_after_the_end_does_not_undo_it() -> None:
    """The look saw the registry before its event came, and the release was over by then."""
    world = rolling()
    world.edit(status=REJECTED, approval_description="not that one")
    world.end_rollout(RolloutOutcome.WITHDRAWN)
    world.work()

    world.event(status_changed=True)
    world.work()

    assert (world.status, world.outcomes(), world.package.generation) == (REJECTED, ["withdrawn"], 1)
    assert world.kinds()[-1] == "DecisionElsewhere"


def test_the_end_of_a_rollout_whose_version_is_asked_about_anew_changes_nothing_of_that() -> None:
    world = rolling()
    old = world.rollout
    world.edit(status=PENDING, approval_description="once more")
    world.event(status_changed=True)
    world.work()

    world.end_rollout(RolloutOutcome.RETURNED, of=old.id)
    world.work()

    told = recall(world.records, Rollout, old.id)
    assert (world.package.generation, world.package.concluded, world.status) == (2, False, PENDING)
    assert (told is not None and told.value.told, world.outcomes()) == (True, ["returned"])


# The handlers


class _Context:
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:admit-rollout"
    aws_request_id = "request-1"
    function_name = memory_limit_in_mb = ""


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> World:
    world = rolling()
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("HOME_REGION", REGION)
    for name in ("records", "tokens", "clock"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "evidence_archive", lambda: world.archive)
    monkeypatch.setattr(wiring, "rollout_executions", lambda: world.rollouts)
    monkeypatch.setattr(wiring, "executions", lambda: world.executions)
    monkeypatch.setattr(wiring, "default_policy", lambda _: world.default)
    return world


def test_the_handler_asks_for_what_the_machine_hands_over(wired: World) -> None:
    release = the_run(wired).release
    event = json.loads(json.dumps({"release": encode(release), "task_token": "another"}))

    answer = request_app.handler(event, _Context())

    assert answer == {"rollout_id": rollout_id_of(release.release_id, REGION)}
    assert wired.tokens.get(release_token(wired.rollout.id)) == "another"


def test_a_forged_wish_goes_aside_with_its_reason_and_its_neighbours_go_on(
    wired: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = FakeAside()
    monkeypatch.setattr(wiring, "dead_letters", lambda: aside)
    wired.rollouts.started.clear()
    good = requested(wired)
    forged = json.loads(json.dumps(good))
    forged["detail"]["version"] = 99
    bodies = [json.dumps(forged), json.dumps(good), "{}"]
    batch = {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}

    answer = admit_app.handler(batch, _Context())

    assert (answer, len(wired.rollouts.started)) == ({"batchItemFailures": []}, 1)
    assert len(aside.letters) == 2
