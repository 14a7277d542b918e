"""From a signal to what served before, seen to serve again: the whole machine, over fakes."""

from dataclasses import replace

import pytest

from sluice.errors import TransientFailure
from sluice.model.commit import MessageKind
from sluice.model.endpoint import ScalingSeen
from sluice.model.governing import Mode
from sluice.model.package import RegistryStatus
from sluice.model.production import Condemned
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.model.signal import Cause, SignalKind
from tests.packages import ARN, CHANNEL, CHEN
from tests.rollbacks import ALARM, PIPELINE, SOURCE, STARTED, RollbackWorld
from tests.rollouts import ENDPOINT, PRODUCTION, rules

BACK = RollbackOutcome.RECOVERED


def _taken_back(world: RollbackWorld, *, calm_after: float = 12) -> Rollback:
    """The alarm rings, what served before serves again, and the alarm goes quiet."""
    world.ring()
    world.pass_minutes(calm_after)
    world.calm()
    return world.end_rollback()


def test_what_served_before_serves_again_and_is_seen_to() -> None:
    world = RollbackWorld()
    before, bad = world.config_of(7), world.config_of(8)
    assert world.seen.config == bad

    ended = _taken_back(world)

    assert (ended.decision, ended.outcome, ended.verified) == (Decision.ROLL_BACK, BACK, True)
    assert (world.seen.config, world.seen.settled) == (before, True)
    assert world.endpoint.holder is None
    assert world.endpoint.good is not None
    assert (world.endpoint.good.config, world.endpoint.good.version) == (before, 7)


def test_the_intent_is_on_record_within_a_minute_and_before_anything_is_done() -> None:
    world = RollbackWorld()
    at, done = world.clock.at, world.endpoints.count("update")

    world.ring()
    world.work()

    assert world.rollback.phase is RollbackPhase.RETURNING
    assert at <= world.rollback.intended_at <= at + 60_000_000
    kinds = [record.kind for record in world.ledger()]
    assert kinds.index("RollbackIntended") > kinds.index("RollbackDecided")
    assert world.endpoints.count("update") == done + 1


def test_the_package_that_left_is_rejected_with_the_reason_and_its_event_is_recognised() -> None:
    world = RollbackWorld()

    _taken_back(world)

    package = world.registry.packages[ARN.key[:-1] + "8"]
    assert package.status is RegistryStatus.REJECTED
    assert package.approval_description.startswith("Taken back from production: version 8 (")
    assert f"rollback {world.rollback.id[:12]}" in package.approval_description
    assert world.status_of(7) is RegistryStatus.APPROVED
    assert world.told("RegistryStatusSet")[-1]["status"] == "Rejected"
    intent = world.package_record(8).intent
    assert intent is not None
    assert (intent.status, intent.description) == ("Rejected", package.approval_description)


def test_the_history_says_what_served_and_what_was_said_against_it() -> None:
    world = RollbackWorld()

    ended = _taken_back(world)

    assert [(each.version, each.until != 0) for each in world.history] == [(0, True), (7, True), (8, True), (7, False)]
    bad, again = world.history[-2:]
    assert (bad.until, bad.rejected, bad.condemned) == (ended.returned_at, True, (Condemned(SOURCE, ended.signal.at),))
    assert (again.since, again.rejected, again.condemned) == (ended.returned_at, False, ())
    assert world.production.returns == (ended.intended_at,)


def test_everybody_hears_of_it() -> None:
    world = RollbackWorld()

    ended = _taken_back(world)

    events = [detail for kind, detail in world.bus.events if kind == "RollbackFinished"]
    assert [(e["outcome"], e["to_version"], e["reject"], e["verified"]) for e in events] == [
        ("recovered", 7, True, True)
    ]
    ((channel, text),) = world.notices()
    assert (channel, "was taken back" in text) == (CHANNEL, True)
    assert (world.told("RollbackFinished")[-1]["outcome"], ended.incident_id) == ("recovered", world.incident.id)
    woken = [row for row in world.records.outbox.values() if row.message.body.get("command") == "WakeIncident"]
    assert any(row.message.id.endswith("|ended") for row in woken)
    assert any(row.message.kind is MessageKind.INCIDENT_CARD for row in world.records.outbox.values())


def test_as_many_instances_serve_as_before_the_return_and_not_as_the_old_version_began_with() -> None:
    world = RollbackWorld()
    world.scaling.targets[ENDPOINT, PRODUCTION] = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 11})
    world.pass_minutes(5)
    scaling = dict(world.scaling.targets)

    _taken_back(world)

    assert world.seen.variants[0].desired_instances == 11
    assert world.scaling.targets == scaling
    assert world.scaling.effects == []


def test_scaling_survives_a_return_to_another_instance_type() -> None:
    other = rules(target=replace(rules().target, instance_type="ml.m6i.large"))
    world = RollbackWorld(promoted=(7,))
    world.scaling.targets[ENDPOINT, PRODUCTION] = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)
    scaling = dict(world.scaling.targets)
    world.govern(replace(world.policy, rollout=other))
    assert world.finish(world.request(8)).outcome is RolloutOutcome.PROMOTED
    world.scaling.effects.clear()

    ended = _taken_back(world)

    assert (ended.outcome, world.seen.config) == (BACK, world.config_of(7))
    assert world.scaling.targets == scaling
    assert [what for what, _ in world.scaling.effects] == ["deregister", "register"]


# What has to be made again


def test_a_configuration_that_was_deleted_is_made_again() -> None:
    world = RollbackWorld()
    before = world.config_of(7)
    content = world.endpoints.configs[before]
    world.forget(before)

    ended = _taken_back(world)

    assert (ended.outcome, world.seen.config) == (BACK, before)
    assert world.endpoints.configs[before] == content
    assert world.endpoints.tags[before] == {"sluice:stack": "sluice"}


def test_a_model_that_was_deleted_is_made_again_of_its_package_and_settings() -> None:
    world = RollbackWorld()
    before = world.config_of(7)
    model = world.endpoints.configs[before]["ProductionVariants"][0]["ModelName"]
    made = world.endpoints.models[model]
    world.forget(before, model=True)

    ended = _taken_back(world)

    assert (ended.outcome, world.seen.config) == (BACK, before)
    assert world.endpoints.models[model] == made


def test_a_model_alone_that_was_deleted_is_made_again() -> None:
    world = RollbackWorld()
    model = world.endpoints.configs[world.config_of(7)]["ProductionVariants"][0]["ModelName"]
    made = world.endpoints.models.pop(model)

    ended = _taken_back(world)

    assert ended.outcome is BACK
    assert world.endpoints.models[model] == made


# Whether it helped


def test_an_alarm_that_clears_has_recovered() -> None:
    world = RollbackWorld()
    world.ring()
    world.pass_minutes(20)
    assert world.rollback.phase is RollbackPhase.RECOVERING

    world.alarms.ringing.discard(ALARM)
    ended = world.end_rollback()

    assert ended.outcome is BACK
    assert "What was raised is cleared." in ended.because


def test_an_alarm_that_does_not_clear_in_time_has_not_recovered_and_nobody_is_rejected() -> None:
    world = RollbackWorld(back=RollbackRules(recover_within_s=900))
    world.ring()

    ended = world.end_rollback()

    assert ended.outcome is RollbackOutcome.NOT_RECOVERED
    assert ended.returned_at + 900_000_000 <= world.clock.at <= ended.returned_at + 960_000_000
    assert (ended.rejects, world.status_of(8)) == (False, RegistryStatus.APPROVED)
    assert [each.source for each in world.history[-1].condemned] == [SOURCE]
    assert world.seen.config == world.config_of(7)


def test_an_alarm_without_data_is_not_taken_as_cleared() -> None:
    world = RollbackWorld(back=RollbackRules(recover_within_s=900))
    world.ring()
    world.pass_minutes(12)

    world.alarms.ringing.discard(ALARM)
    world.alarms.blind.add(ALARM)
    ended = world.end_rollback()

    assert ended.outcome is RollbackOutcome.NOT_RECOVERED


def test_a_monitor_that_runs_rarely_is_not_waited_for_longer_than_usual() -> None:
    world = RollbackWorld()
    world.say("monitor/daily", kind=SignalKind.MONITOR, cause=Cause.MODEL_QUALITY)

    ended = world.end_rollback()

    assert (ended.outcome, ended.verified) == (RollbackOutcome.RETURNED, True)
    assert world.status_of(8) is RegistryStatus.REJECTED


def test_a_monitor_that_speaks_again_of_what_serves_now_has_not_recovered() -> None:
    world = RollbackWorld()
    world.say("monitor/hourly", kind=SignalKind.MONITOR, cause=Cause.MODEL_QUALITY)
    world.pass_minutes(25)

    world.say("monitor/hourly", kind=SignalKind.MONITOR, cause=Cause.MODEL_QUALITY)
    ended = world.end_rollback()

    assert ended.outcome is RollbackOutcome.NOT_RECOVERED


# What is not done


@pytest.mark.parametrize(
    "mode, decision, outcome",
    [
        (Mode.OBSERVE, Decision.RECORD, RollbackOutcome.RECORDED),
        (Mode.RECOMMEND, Decision.ASK, RollbackOutcome.ASKED),
    ],
)
def test_outside_of_enforce_nothing_is_changed(mode: Mode, decision: Decision, outcome: RollbackOutcome) -> None:
    world = RollbackWorld(mode=mode)
    effects = list(world.endpoints.effects)
    world.ring()

    ended = world.end_rollback(5)

    assert (ended.decision, ended.outcome, ended.mode) == (decision, outcome, mode)
    assert "It would be taken back." in ended.because
    assert world.endpoints.effects == effects
    assert (world.endpoint.holder, world.endpoint.hold) == (None, "")
    assert world.status_of(8) is RegistryStatus.APPROVED
    assert [each.source for each in world.history[-1].condemned] == [SOURCE]


def test_where_nothing_is_known_to_have_served_before_the_endpoint_is_held() -> None:
    world = RollbackWorld(promoted=(7,))
    world.ring()

    ended = world.end_rollback(5)

    assert (ended.decision, ended.outcome) == (Decision.HOLD, RollbackOutcome.HELD)
    assert world.endpoint.held_by[0] == ended.id
    assert "fraud-scoring-v6 was not put there by Sluice" in world.endpoint.held_by[1]
    assert world.seen.config == world.config_of(7)


def test_a_hold_of_a_rollback_stops_rollouts() -> None:
    world = RollbackWorld(promoted=(7,))
    world.ring()
    world.end_rollback(5)

    refused = world.finish(world.request(8))

    assert refused.outcome is RolloutOutcome.REFUSED
    assert "on hold until a person clears it" in refused.because


def test_where_both_versions_are_bad_nothing_flaps() -> None:
    world = RollbackWorld(back=RollbackRules(recover_within_s=600, cool_down_s=0))
    world.ring()
    first = world.end_rollback()
    world.pass_minutes(5)

    world.ring()
    second = world.end_rollback()

    assert (first.outcome, second.outcome) == (RollbackOutcome.NOT_RECOVERED, RollbackOutcome.HELD)
    assert second.id != first.id
    assert world.seen.config == world.config_of(7)
    assert len(world.production.returns) == 1


def test_an_endpoint_is_not_taken_back_again_within_the_cool_down() -> None:
    world = RollbackWorld(promoted=(6, 7, 8))
    _taken_back(world)

    world.ring("checkout-latency", cause=Cause.LATENCY)
    second = world.end_rollback(10)

    assert (second.decision, second.outcome) == (Decision.HOLD, RollbackOutcome.HELD)
    assert "less than 60 minutes ago" in second.because
    assert world.seen.config == world.config_of(7)


def test_after_the_cool_down_the_next_version_back_serves() -> None:
    world = RollbackWorld(promoted=(6, 7, 8))
    _taken_back(world)
    world.pass_minutes(61)

    world.ring("checkout-latency", cause=Cause.LATENCY)
    world.pass_minutes(12)
    world.calm("checkout-latency")
    second = world.end_rollback()

    assert (second.outcome, world.seen.config) == (BACK, world.config_of(6))


def test_what_a_person_promoted_against_the_judge_is_not_left_by_itself() -> None:
    world = RollbackWorld(promoted=(7,))
    rollout_id = world.request(8)
    world.await_phase(rollout_id, Phase.STEP)
    world.press(rollout_id, WishKind.PROMOTE_NOW)
    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED
    world.pass_minutes(60)

    world.ring()
    ended = world.end_rollback(5)

    assert (ended.decision, ended.outcome) == (Decision.HOLD, RollbackOutcome.HELD)
    assert f"A person decided that version 8 ({world.config_of(8)}) serves ({CHEN})" in ended.because


def test_what_is_cleared_before_it_is_decided_needs_nothing() -> None:
    world = RollbackWorld()
    world.say(SOURCE)

    ended = world.end_rollback(5)

    assert (ended.decision, ended.outcome) == (None, RollbackOutcome.NOT_NEEDED)
    assert world.seen.config == world.config_of(8)


def test_an_alarm_that_cannot_be_seen_is_taken_at_its_word() -> None:
    """CloudWatch does not answer: what the event said, and was confirmed when it was admitted, holds."""
    world = RollbackWorld()
    world.ring()
    world.alarms.fail(TransientFailure("DescribeAlarms: ThrottlingException"))

    world.work()

    assert world.rollback.decision is Decision.ROLL_BACK


# Training


def test_a_cause_that_training_answers_starts_the_pipeline_once() -> None:
    retraining = RollbackRules(on=(), pipeline=PIPELINE, retrain_on=(Cause.DATA_QUALITY,))
    world = RollbackWorld(back=retraining)
    world.say("monitor/daily", kind=SignalKind.MONITOR, cause=Cause.DATA_QUALITY)

    ended = world.end_rollback(5)

    assert (ended.outcome, ended.retraining) == (RollbackOutcome.RETRAINING, STARTED)
    assert world.pipelines == [(PIPELINE, ended.id)]
    assert world.told("RetrainingStarted")[-1]["execution"] == STARTED
    assert world.seen.config == world.config_of(8)


def test_a_pipeline_that_cannot_be_started_leaves_it_to_people() -> None:
    retraining = RollbackRules(on=(), pipeline=PIPELINE, retrain_on=(Cause.DATA_QUALITY,))
    world = RollbackWorld(back=retraining)
    world.refused["startPipelineExecution"] = KeyError("no such pipeline")
    world.say("monitor/daily", kind=SignalKind.MONITOR, cause=Cause.DATA_QUALITY)

    ended = world.end_rollback(5)

    assert ended.outcome is RollbackOutcome.ASKED
    assert "The pipeline could not be started: KeyError" in ended.because
