"""What holds for every deployment of the engine's endpoints, at each of its moments."""

import uuid
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from local.engine.sagemaker import store
from local.engine.sagemaker.endpoints import models, outcomes
from local.engine.sagemaker.endpoints.deployments import deployed
from local.engine.sagemaker.endpoints.plans import plan_of
from local.engine.sagemaker.endpoints.state import Endpoint, Layer, Pending, layer_of


def config(model: str, weights: list[float], instances: int) -> dict[str, Any]:
    """A configuration with a variant for each weight."""
    variants = [
        {
            "VariantName": f"v{number}",
            "ModelName": model,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": instances,
            "InitialVariantWeight": weight,
        }
        for number, weight in enumerate(weights)
    ]
    name = f"config-{uuid.uuid4().hex}"
    return {"EndpointConfigName": name, "EndpointConfigArn": store.arn("endpoint-config", name)} | {
        "ProductionVariants": variants
    }


def in_service(instances: int, weights: list[float]) -> tuple[Endpoint, Layer]:
    """An endpoint that serves, and the layer that it is to be updated to."""
    model = f"model-{uuid.uuid4().hex}"
    models.create({"ModelName": model, "PrimaryContainer": {"Image": "repository/image:1"}}, {})
    old, new = (layer_of(config(model, weights, instances), 0.0) for _ in range(2))
    for fleet in old.fleets:
        fleet.count = fleet.desired_count
    name = f"endpoint-{uuid.uuid4().hex}"
    endpoint = Endpoint(name, store.arn("endpoint", name), old.config, 0.0, 0.0, "InService", served=[old])
    return endpoint, new


def moments(endpoint: Endpoint, new: Layer, deployment: dict[str, Any] | None) -> Iterator[float]:
    """Let the deployment go on to its end, stopping at each of its moments."""
    plan = plan_of(deployment, endpoint.served[0], new)
    new.part, endpoint.pending, endpoint.status = 0.0, Pending(new, 0.0, told=False), "Updating"
    process, at = deployed(endpoint, new, plan, 0.0), 0.0
    wait = next(process, None)
    while wait is not None:
        endpoint.note(at)
        yield at
        at += wait
        try:
            wait = process.send(at)
        except StopIteration:
            wait = None
    endpoint.note(at)
    yield at


def routing(kind: str, percent: int, wait_s: int) -> dict[str, Any]:
    """A blue/green DeploymentConfig."""
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    sizes = {"CANARY": {"CanarySize": size}, "LINEAR": {"LinearStepSize": size}}.get(kind, {})
    policy = {"Type": kind, "WaitIntervalInSeconds": wait_s, **sizes}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": policy, "TerminationWaitInSeconds": 60}}


def rolling(percent: int, wait_s: int) -> dict[str, Any]:
    """A DeploymentConfig of batches."""
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait_s}}


_WEIGHTS = st.lists(st.floats(0, 10, allow_nan=False), min_size=1, max_size=3).filter(lambda w: sum(w) > 0)
_DEPLOYMENTS = st.one_of(
    st.none(),
    st.builds(routing, st.sampled_from(["ALL_AT_ONCE", "CANARY", "LINEAR"]), st.sampled_from([25, 50]), st.just(120)),
)
_ENDINGS = st.sampled_from([None, "returned", "capacity"])


@settings(deadline=None, max_examples=80)
@given(st.sampled_from([4, 8, 12]), _WEIGHTS, _DEPLOYMENTS, _ENDINGS)
@example(4, [5e-324], routing("CANARY", 50, 120), None)
def test_all_traffic_is_served_at_each_moment_and_one_configuration_is_left(
    instances: int, weights: list[float], deployment: dict[str, Any] | None, ending: str | None
) -> None:
    endpoint, new = in_service(instances, weights)
    outcomes.clear()
    if ending:
        outcomes.plan(ending)

    for at in moments(endpoint, new, deployment):
        fleets = store.served[endpoint.arn].at(at)
        assert abs(sum(f.share for f in fleets) - 1) < 1e-9
        assert all(f.instances > 0 for f in fleets if f.share > 0)

    assert endpoint.status == "InService"
    assert [layer.name for layer in endpoint.layers] == [endpoint.config["EndpointConfigName"]]
    assert (endpoint.config is new.config) == (ending is None)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([4, 8, 12]), st.sampled_from([25, 50]))
def test_a_rolling_update_never_has_more_than_one_batch_beside_the_fleet(instances: int, percent: int) -> None:
    endpoint, new = in_service(instances, [1.0])
    outcomes.clear()

    for at in moments(endpoint, new, rolling(percent, 30)):
        running = sum(f.instances for f in store.served[endpoint.arn].at(at))
        assert instances <= running <= instances + instances * percent / 100

    assert endpoint.served == [new]
