"""Rollouts end to end: the real template, machine, functions and roles, on endpoints with traffic."""

from typing import Any

import pytest

from local.cloud import SERVING_ROLE, Cloud
from local.team import OLGA, Team
from tests.e2e.rollout_day import SCALE, Day, Part, messages_of

_BAD = {"rate_5xx": 0.08}
_GUARDED = (
    "strategy: guardrails\n"
    "  guardrails: {type: canary, size: 50, wait: 30m, termination_wait: 10m, maximum_execution: 2h}"
)
_LINEAR = "strategy: guardrails\n  guardrails: {type: linear, size: 50, wait: 10m, termination_wait: 10m}"
_AT_ONCE = "strategy: guardrails\n  guardrails: {type: all_at_once, termination_wait: 30m}"
_SERVERLESS = "kind: serverless, memory_mb: 2048, max_concurrency: 5"
_ONE_STEP = "steps: [{percent: 25, bake: {minimum: 3m, maximum: 60m}}]"


def _changed_by_hand(part: Part) -> None:
    """Somebody deploys a configuration of their own over the canary."""
    part.day.team.serve_again(part.group)


def _deployed_by_hand(part: Part) -> None:
    """Others deploy the second version, past Sluice, which only observes."""
    team, name = part.day.team, f"{part.group}-by-hand-2"
    arn = team.register(part.group, ModelApprovalStatus="Approved")
    part.packages.append(arn)
    part.day.cloud.admin("POST", "behaviour", {"model": arn, **_BAD})
    first = team.registry.describe_endpoint_config(EndpointConfigName=f"{part.group}-by-hand-1")
    (served,) = first["ProductionVariants"]
    team.registry.create_model(
        ModelName=name, PrimaryContainer={"ModelPackageName": arn}, ExecutionRoleArn=SERVING_ROLE
    )
    team.registry.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[served | {"ModelName": name}])
    team.registry.update_endpoint(EndpointName=part.group, EndpointConfigName=name)


def _remembered(part: Part) -> bool:
    """Whether Sluice knows what serves, which no event told: the endpoint was there before the policy."""
    return bool((part.day.team.record("endpoint", f"us-east-1/{part.group}") or {}).get("served"))


def _withdrawn(part: Part) -> None:
    part.day.team.registry.update_model_package(
        ModelPackageArn=part.packages[0], ModelApprovalStatus="Rejected", ApprovalDescription="we were wrong"
    )


def _stopped(part: Part) -> None:
    machine = part.day.cloud.outputs["RolloutMachineArn"].replace(":stateMachine:", ":execution:")
    name = f"{part.rollout()['request']['rollout_id']}-1"
    part.day.cloud.client("stepfunctions").stop_execution(executionArn=f"{machine}:{name}")


def _returns_silently(part: Part) -> None:
    part.day.cloud.plan_fault({"endpoint": {"outcome": "returned", "endpoint": part.group}})


def _no_capacity(part: Part) -> None:
    part.day.cloud.plan_fault({"endpoint": {"outcome": "capacity", "endpoint": part.group}})


def _ring(part: Part) -> None:
    """The team's alarm goes to ALARM. The clock stands nearly still meanwhile, so that no look is due by itself."""
    cloud, phase = part.day.cloud, part.rollout()["phase"]
    cloud.set_scale(1.0)
    cloud.client("cloudwatch").set_alarm_state(
        AlarmName=f"{part.group}-5xx", StateValue="ALARM", StateReason="the team's own"
    )
    part.day.team.until(lambda: part.rollout()["phase"] != phase, f"the way back of {part.group}", seconds=60)
    cloud.set_scale(SCALE)


def _own_alarm(part: Part) -> None:
    part.day.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=f"{part.group}-5xx",
        Namespace="Team",
        MetricName="Complaints",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1e9,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )


def _composite_alarm(part: Part) -> None:
    _own_alarm(part)
    part.day.cloud.client("cloudwatch").put_composite_alarm(
        AlarmName=f"{part.group}-any", AlarmRule=f'ALARM("{part.group}-5xx")'
    )


def _waits(part: Part) -> bool:
    """Whether the first look at the candidate is over, and the next one awaited."""
    return part.in_step() and part.rollout()["looks"] > 0


def _asked(part: Part) -> bool:
    return bool(part.rollout().get("asked"))


def _paused(part: Part) -> bool:
    return part.rollout().get("paused_at") is not None


PARTS = {
    "an ordinary morning": [
        Part("first", exists=False),
        Part("promoted"),
        Part("judged", behaviour=_BAD),
        Part("taken-back", acts=((Part.in_step, lambda p: p.press("rollout_roll_back", reason="the desk burns")),)),
        Part("overwritten", acts=((Part.in_step, _changed_by_hand),)),
        Part("observed", mode="observe", versions=0, acts=((_remembered, _deployed_by_hand),)),
    ],
    "the other strategies": [
        Part("guarded", strategy=_GUARDED),
        Part("guarded-bad", strategy=_GUARDED, behaviour=_BAD),
        Part("linear", strategy=_LINEAR),
        Part("at-once", strategy=_AT_ONCE, tier="pilot"),
        Part("serverless", strategy=_AT_ONCE, target=_SERVERLESS, tier="pilot", exists=False, versions=2, in_turn=True),
        Part("shadowed", strategy=f"shadow: {{percent: 100, bake: {{minimum: 3m, maximum: 60m}}}}\n  {_ONE_STEP}"),
        Part("alarmed", strategy="alarms: [TEAM-5xx]", before=_own_alarm, acts=((_waits, _ring),)),
        Part("alarmed-by-any", strategy="alarms: [TEAM-any]", before=_composite_alarm, acts=((_waits, _ring),)),
        Part("unguarded", strategy="alarms: [TEAM-5xx, TEAM-typo]", before=_own_alarm),
    ],
    "people": [
        Part("promoted-now", acts=((Part.in_step, lambda p: p.press("rollout_promote_now", reason="it is better")),)),
        Part(
            "paused",
            strategy=_ONE_STEP,
            acts=((Part.in_step, lambda p: p.press("rollout_pause")), (_paused, lambda p: p.press("rollout_go_on"))),
        ),
        Part(
            "recommended",
            strategy=_ONE_STEP,
            mode="recommend",
            acts=((_asked, lambda p: p.press("rollout_advance")),),
        ),
        Part(
            "trespassed",
            strategy=_ONE_STEP,
            acts=((Part.in_step, lambda p: p.press("rollout_pause", person=OLGA)),),
        ),
    ],
    "mishaps": [
        Part("silent", before=_returns_silently),
        Part("crowded", before=_no_capacity),
        Part("withdrawn", acts=((Part.in_step, _withdrawn),)),
        Part("racing", strategy=_ONE_STEP, versions=2),
        Part("stopped", acts=((Part.in_step, _stopped),)),
    ],
}
QUICK = "an ordinary morning"
"""What every run plays; the rest of the day is slow."""


class Days:
    """The parts by name; what a part belongs to is played when it is first looked at."""

    def __init__(self, cloud: Cloud, team: Team) -> None:
        self.cloud, self.team = cloud, team
        self.played: dict[str, Day] = {}

    def part(self, name: str) -> Part:
        """A part, at its end."""
        time_of_day = next(key for key, parts in PARTS.items() if name in {part.name for part in parts})
        if time_of_day not in self.played:
            self.played[time_of_day] = Day(self.cloud, self.team, PARTS[time_of_day])
            self.played[time_of_day].play()
        return self.played[time_of_day].parts[name]


@pytest.fixture(scope="module")
def days(cloud: Cloud, team: Team) -> Days:
    """The days, played as far as they are looked at."""
    return Days(cloud, team)


def _names(*names: str) -> list[Any]:
    """Parameters of a test, those of the slow parts marked."""
    quick = {part.name for part in PARTS[QUICK]}
    return [name if name in quick else pytest.param(name, marks=pytest.mark.slow) for name in names]


def _ended(days: Days, name: str, outcome: str) -> Part:
    part = days.part(name)
    assert part.rollout()["outcome"] == outcome, part.rollout()["because"]
    return part


def _serves(part: Part, version: int) -> bool:
    """Whether a version that Sluice or a person put there serves alone, with nothing under way."""
    seen = part.endpoint
    (variant,) = seen["ProductionVariants"]
    by_hand = seen["EndpointConfigName"] == f"{part.group}-by-hand-{version}"
    ours = seen["EndpointConfigName"].startswith(f"{part.group}-v{version}-")
    settled = seen["EndpointStatus"] == "InService" and "PendingDeploymentSummary" not in seen
    return settled and variant["VariantName"] == "AllTraffic" and (by_hand or ours)


def test_the_first_version_makes_the_endpoint(days: Days) -> None:
    assert _serves(_ended(days, "first", "promoted"), 1)


@pytest.mark.parametrize(
    "name", _names("promoted", "guarded", "linear", "at-once", "shadowed", "promoted-now", "paused", "recommended")
)
def test_a_good_version_is_promoted(days: Days, name: str) -> None:
    part = _ended(days, name, "promoted")

    assert _serves(part, 2)
    assert days.team.status(part.packages[0]) == "Approved"
    assert part.kinds()[-1] == "ReleaseConcluded"


@pytest.mark.slow
def test_a_serverless_endpoint_is_made_and_then_given_its_next_version(days: Days) -> None:
    part = _ended(days, "serverless", "promoted")

    assert part.rollout(2)["outcome"] == "promoted", part.rollout(2)["because"]
    assert _serves(part, 2), part.endpoint
    assert "CurrentServerlessConfig" in part.endpoint["ProductionVariants"][0]


def test_in_observe_what_others_deploy_is_judged_and_nothing_is_touched(days: Days) -> None:
    part = _ended(days, "observed", "observed")

    assert part.rollout()["because"].startswith("It would have been taken back.")
    assert _serves(part, 2)
    assert "would have been taken back" in messages_of(part)
    assert not [kind for kind in part.kinds() if kind.startswith("Change")]


@pytest.mark.parametrize("name", _names("judged", "guarded-bad", "alarmed", "alarmed-by-any", "taken-back"))
def test_a_bad_version_is_taken_back_and_rejected_with_the_reason(days: Days, name: str) -> None:
    part = _ended(days, name, "returned")

    assert _serves(part, 1)
    assert days.team.status(part.packages[0]) == "Rejected"
    assert part.rollout()["because"][:40] in days.team.description(part.packages[0])


def test_the_judges_reason_has_its_numbers(days: Days) -> None:
    part = _ended(days, "judged", "returned")

    (metric,) = part.rollout()["look"]["metrics"]
    assert metric["verdict"] == "roll_back"
    assert metric["evidence"] >= metric["threshold"]


@pytest.mark.slow
def test_a_rollout_whose_alarm_does_not_exist_is_not_begun(days: Days) -> None:
    part = _ended(days, "unguarded", "refused")

    assert f"has this name: {part.group}-typo." in part.rollout()["because"]
    assert "ChangeIntended" not in part.kinds()


@pytest.mark.parametrize("name", _names("silent", "crowded"))
def test_an_update_that_sagemaker_takes_back_is_a_failed_rollout(days: Days, name: str) -> None:
    part = _ended(days, name, "failed")

    assert _serves(part, 1)
    assert days.team.status(part.packages[0]) == "Approved"


def test_what_somebody_else_put_there_is_left_alone(days: Days) -> None:
    part = _ended(days, "overwritten", "diverged")

    assert part.endpoint["EndpointConfigName"] == f"{part.group}-by-hand-again"


@pytest.mark.slow
def test_an_approval_that_is_withdrawn_takes_the_candidate_back(days: Days) -> None:
    part = _ended(days, "withdrawn", "withdrawn")

    assert _serves(part, 1)
    assert days.team.status(part.packages[0]) == "Rejected"
    assert days.team.description(part.packages[0]) == "we were wrong"


@pytest.mark.slow
def test_of_two_releases_the_second_waits_for_the_first(days: Days) -> None:
    part = _ended(days, "racing", "promoted")

    assert part.rollout(3)["outcome"] == "promoted"
    assert part.rollout(3)["fence"] > part.rollout(2)["fence"]
    assert _serves(part, 3)


@pytest.mark.slow
def test_an_execution_that_somebody_stops_is_found_and_brought_to_a_known_end(days: Days) -> None:
    part = _ended(days, "stopped", "failed")

    assert part.rollout()["attempt"] == 2
    assert _serves(part, 1)


@pytest.mark.slow
def test_whoever_may_not_steer_is_told_so_and_nothing_happens(days: Days) -> None:
    part = _ended(days, "trespassed", "promoted")

    assert "RolloutAskRefused" in part.kinds()
    assert part.rollout()["paused_at"] is None


@pytest.mark.parametrize("name", _names(*(part.name for parts in PARTS.values() for part in parts)))
def test_no_alarm_and_no_lock_is_left_behind(days: Days, name: str) -> None:
    part = days.part(name)
    alarms = days.cloud.client("cloudwatch").describe_alarms(AlarmNamePrefix="sluice-canary-")["MetricAlarms"]

    assert not [a for a in alarms if part.rollout()["request"]["rollout_id"] in a["AlarmName"]]
    assert (days.team.record("endpoint", f"us-east-1/{part.group}") or {})["holder"] is None


def test_the_channel_has_one_card_of_a_rollout_and_a_word_on_how_it_ended(days: Days) -> None:
    told = messages_of(days.part("judged"))

    assert "taken back" in told


def test_every_change_has_an_intent_before_it(days: Days) -> None:
    days.part("judged")

    for part in PARTS[QUICK]:
        changes = [kind for kind in part.kinds() if kind.startswith("Change")]
        assert changes[0::2] == ["ChangeIntended"] * len(changes[0::2]), part.name
