"""Configurations of a rollout: valid for AWS whatever they are made from, and nothing of it lost."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.core.rollout.configs import (
    CANDIDATE,
    NewVersion,
    candidate_config,
    candidate_instances,
    config_name,
    deployment_config,
    final_config,
    first_config,
    model_name,
    shadow_config,
)
from sluice.model.rollout_rules import EndpointKind, GuardrailKind, Guardrails, Target
from tests.unit.sagemaker_shapes import complaints, member, request_shape, values_of

TARGET = Target("fraud", instances=2)
NEW = NewVersion("fraud-v7-f12", "fraud-v7-f12", TARGET)
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
names = st.from_regex(NAME, fullmatch=True).filter(lambda name: len(name) <= 63)


def serving(**changes: Any) -> dict[str, Any]:
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "old",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }
    return {"EndpointConfigName": "fraud-v6-f11", "ProductionVariants": [variant | changes]}


@st.composite
def anything_that_serves(draw: st.DrawFn) -> dict[str, Any]:
    """A configuration with any of the fields that botocore knows, one production variant, and no shadow."""
    shape = request_shape("CreateEndpointConfig")
    fields = {name: part for name, part in shape.members.items() if name not in ("ShadowProductionVariants", "Tags")}
    config: dict[str, Any] = {
        name: draw(values_of(part))
        for name, part in fields.items()
        if name in shape.required_members or draw(st.booleans())
    }
    variant = config["ProductionVariants"][0] | {"VariantName": "AllTraffic", "ModelName": "old"}
    size = draw(st.sampled_from([("ServerlessConfig",), ("InstanceType", "InitialInstanceCount"), ("InstancePools",)]))
    for name in ("ServerlessConfig", "InstanceType", "InitialInstanceCount", "InstancePools"):
        variant.pop(name, None)
    sized = {name: draw(values_of(member(shape, "ProductionVariants", name))) for name in size}
    return config | {"ProductionVariants": [variant | sized]}


def made_from(config: Mapping[str, Any], new: NewVersion) -> list[Mapping[str, Any]]:
    return [
        candidate_config(config, new, instances=4, candidate=1),
        shadow_config(config, new, instances=4, shadow=2, percent=50),
        final_config(config, new, instances=4),
    ]


@settings(deadline=None)  # the first run loads botocore's model
@given(config=anything_that_serves(), instance_type=st.none() | st.just("ml.c5.large"))
def test_whatever_serves_botocore_takes_what_is_made_of_it(config: dict[str, Any], instance_type: str | None) -> None:
    new = NewVersion("fraud-v7-f12", "fraud-v7-f12", Target("fraud", instance_type=instance_type))

    assert complaints("CreateEndpointConfig", config) == ""
    assert [complaints("CreateEndpointConfig", made) for made in made_from(config, new)] == ["", "", ""]


@settings(deadline=None)
@given(config=anything_that_serves())
def test_nothing_of_the_endpoint_is_lost_but_what_the_rollout_is_about(config: dict[str, Any]) -> None:
    changed = {"EndpointConfigName", "ProductionVariants", "ShadowProductionVariants"}
    kept = {name: value for name, value in config.items() if name not in changed}

    for made in made_from(config, NEW):
        assert {name: value for name, value in made.items() if name not in changed} == kept


@settings(deadline=None)
@given(config=anything_that_serves())
def test_the_new_version_takes_over_all_that_the_variant_was(config: dict[str, Any]) -> None:
    (old,) = config["ProductionVariants"]
    (final,) = final_config(config, NEW, instances=4)["ProductionVariants"]
    changed = {"ModelName", "InitialInstanceCount", "InstancePools"}

    assert {n: v for n, v in final.items() if n not in changed} == {n: v for n, v in old.items() if n not in changed}
    assert final["ModelName"] == "fraud-v7-f12"
    assert [p["InstanceType"] for p in final.get("InstancePools", ())] == [
        p["InstanceType"] for p in old.get("InstancePools", ())
    ]


@settings(deadline=None)
@given(config=anything_that_serves())
def test_what_it_is_made_from_stays_as_it_was(config: dict[str, Any]) -> None:
    before = repr(config)

    made_from(config, NEW)

    assert repr(config) == before


def test_a_canary_serves_nobody_at_first_and_the_old_version_keeps_its_size() -> None:
    old, new = candidate_config(serving(), NEW, instances=6, candidate=2)["ProductionVariants"]

    assert (old["VariantName"], old["ModelName"], old["InitialInstanceCount"]) == ("AllTraffic", "old", 6)
    assert (new["VariantName"], new["ModelName"], new["InitialInstanceCount"]) == (CANDIDATE, "fraud-v7-f12", 2)
    assert old["InitialVariantWeight"] > 0
    assert new["InitialVariantWeight"] == 0


@pytest.mark.parametrize("percent", [1, 50, 100])
def test_a_shadow_gets_copies_by_its_weight_over_that_of_production(percent: float) -> None:
    made = shadow_config(serving(InitialVariantWeight=7.0), NEW, instances=4, shadow=2, percent=percent)

    (production,), (shadow,) = made["ProductionVariants"], made["ShadowProductionVariants"]
    assert shadow["InitialVariantWeight"] / production["InitialVariantWeight"] == percent / 100
    assert (shadow["ModelName"], shadow["InitialInstanceCount"]) == ("fraud-v7-f12", 2)
    assert production["ModelName"] == "old"


def test_a_new_version_may_ask_for_another_instance_type_and_leaves_behind_what_only_the_old_one_knows() -> None:
    reserved = {"CapacityReservationPreference": "capacity-reservations-only"}
    config = serving(CapacityReservationConfig=reserved, InferenceAmiVersion="al2-ami-sagemaker-inference-gpu-2")
    new = NewVersion("c", "m", Target("fraud", instance_type="ml.g5.xlarge"))

    old, candidate = candidate_config(config, new, instances=2, candidate=1)["ProductionVariants"]

    assert old["InstanceType"] == "ml.m5.large"
    assert old["CapacityReservationConfig"] == reserved
    assert candidate["InstanceType"] == "ml.g5.xlarge"
    assert not {"CapacityReservationConfig", "InferenceAmiVersion"} & set(candidate)


def test_a_pool_brings_no_model_of_its_own() -> None:
    """A ModelNameOverride of a pool would go on serving the old model under the new version's name."""
    pool = {"InstanceType": "ml.m5.large", "Priority": 1, "ModelNameOverride": "old"}

    (final,) = final_config(serving(InstancePools=[pool]), NEW, instances=2)["ProductionVariants"]

    assert final["InstancePools"] == [{"InstanceType": "ml.m5.large", "Priority": 1}]


def test_a_canary_is_not_scaled_behind_the_rollouts_back_but_the_promoted_version_is() -> None:
    config = serving(ManagedInstanceScaling={"Status": "ENABLED", "MinInstanceCount": 2})

    _, candidate = candidate_config(config, NEW, instances=2, candidate=1)["ProductionVariants"]
    (final,) = final_config(config, NEW, instances=2)["ProductionVariants"]

    assert "ManagedInstanceScaling" not in candidate
    assert final["ManagedInstanceScaling"] == {"Status": "ENABLED", "MinInstanceCount": 2}


def test_a_configuration_without_the_production_variant_is_an_error() -> None:
    with pytest.raises(LookupError, match="has no variant AllTraffic"):
        final_config(serving(VariantName="other"), NEW, instances=1)


@pytest.mark.parametrize(
    "target",
    [
        Target("fraud", instance_type="ml.m5.large", instances=2, capture_to="s3://bucket/captured"),
        Target("fraud", kind=EndpointKind.SERVERLESS, memory_mb=2048, max_concurrency=20),
        Target("fraud", kind=EndpointKind.ASYNCHRONOUS, instance_type="ml.m5.large", output="s3://bucket/answers"),
    ],
    ids=lambda target: str(target.kind),
)
def test_a_first_endpoint_of_each_kind_is_valid(target: Target) -> None:
    made = first_config(NewVersion("fraud-v1-f1", "fraud-v1-f1", target))

    assert complaints("CreateEndpointConfig", made) == ""
    (variant,) = made["ProductionVariants"]
    assert (variant["VariantName"], variant["ModelName"]) == ("AllTraffic", "fraud-v1-f1")
    assert ("ServerlessConfig" in variant) == (target.kind is EndpointKind.SERVERLESS)
    assert ("AsyncInferenceConfig" in made) == (target.kind is EndpointKind.ASYNCHRONOUS)
    assert ("DataCaptureConfig" in made) == (target.capture_to is not None)


@settings(deadline=None)
@given(
    kind=st.sampled_from(GuardrailKind),
    size=st.integers(10, 50),
    waits=st.tuples(st.integers(0, 3600), st.integers(0, 3600)),
    longest=st.integers(600, 28800),
    alarms=st.lists(st.sampled_from([f"alarm-{n}" for n in range(10)]), min_size=1, max_size=20),
)
def test_every_guarded_update_is_valid_and_counts_each_alarm_once(
    kind: GuardrailKind, size: int, waits: tuple[int, int], longest: int, alarms: list[str]
) -> None:
    made = deployment_config(Guardrails(kind, size, *waits, longest), alarms)

    update = {"EndpointName": "fraud", "EndpointConfigName": "fraud-v7-f12", "DeploymentConfig": made}
    assert complaints("UpdateEndpoint", update) == ""
    assert made is not None
    assert {a["AlarmName"] for a in made["AutoRollbackConfiguration"]["Alarms"]} == set(alarms)
    assert len(made["AutoRollbackConfiguration"]["Alarms"]) == len(set(alarms))
    routing = made["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert [name for name in ("CanarySize", "LinearStepSize") if name in routing] == {
        GuardrailKind.CANARY: ["CanarySize"],
        GuardrailKind.LINEAR: ["LinearStepSize"],
        GuardrailKind.ALL_AT_ONCE: [],
    }[kind]


def test_a_serverless_endpoint_is_updated_without_guardrails() -> None:
    assert deployment_config(Guardrails(GuardrailKind.ALL_AT_ONCE, managed=False), ["alarm"]) is None


@pytest.mark.parametrize(
    "serving, percent, needed",
    [(1, 5, 1), (2, 50, 1), (3, 50, 2), (10, 10, 1), (10, 11, 2), (3, 100 / 3, 1), (100, 29, 29), (0, 50, 1), (7, 100, 7)],
)  # fmt: skip
def test_a_canary_is_as_large_as_its_share_needs(serving: int, percent: float, needed: int) -> None:
    assert candidate_instances(serving, percent) == needed


@given(st.integers(0, 500), st.floats(0.1, 100), st.floats(0.1, 100), st.integers(1, 4))
def test_a_larger_share_never_needs_fewer_instances_and_none_is_below_the_least(
    serving: int, one: float, other: float, least: int
) -> None:
    small, large = (candidate_instances(serving, p, at_least=least) for p in sorted((one, other)))

    assert least <= small <= large <= max(serving, least)


@given(names, st.integers(1, 999_999_999), st.integers(1, 999_999), st.sampled_from(["", "canary", "shadow"]))
def test_every_name_is_one_that_sagemaker_takes_and_tells_version_and_holder(
    endpoint: str, version: int, fence: int, part: str
) -> None:
    name = config_name(endpoint, version, fence, part)

    assert NAME.fullmatch(name)
    assert len(name) <= 63
    assert name.endswith(f"-v{version}-f{fence}" + (f"-{part}" if part else ""))
    assert NAME.fullmatch(model_name(endpoint, version, fence))


def test_a_short_endpoint_name_is_in_the_name_as_it_is() -> None:
    assert config_name("fraud-scoring", 7, 12, "canary") == "fraud-scoring-v7-f12-canary"


def test_two_long_endpoints_that_begin_alike_get_names_of_their_own() -> None:
    one, other = "a" * 62 + "b", "a" * 62 + "c"

    assert config_name(one, 7, 12) != config_name(other, 7, 12)
