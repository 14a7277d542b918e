"""UpdateEndpoint: what it asks for, what it keeps, and what it refuses."""

from typing import Any

from local.engine import lockstep
from local.engine.autoscaling import targets
from local.engine.cloudwatch.alarms import watching
from local.engine.sagemaker import store
from local.engine.sagemaker.endpoints import capacity, configs, deployments, operations, timeline
from local.engine.sagemaker.endpoints.plans import Plan, plan_of
from local.engine.sagemaker.endpoints.state import Endpoint, Layer, Pending, layer_of
from local.engine.sagemaker.errors import invalid

_UPDATABLE = ("InService", "OutOfService", "UpdateRollbackFailed")


def update(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint."""
    with lockstep.lock:
        at = lockstep.catch_up()
        endpoint = operations.find(request["EndpointName"])
        operations.check_free(endpoint, _UPDATABLE)
        config = _wanted(endpoint, request["EndpointConfigName"])
        layer = layer_of(config, at)
        _check_retained(request)
        if request.get("RetainAllVariantProperties"):
            _retain(endpoint, layer, request.get("ExcludeRetainedVariantProperties") or [])
        deployment = request.get("DeploymentConfig")
        if deployment is None and request.get("RetainDeploymentConfig"):
            deployment = endpoint.deployment
        plan = plan_of(deployment, endpoint.served[0], layer)
        _check_alarms(deployment)
        _check_scaling(endpoint, layer)
        capacity.check((f.instance_type, _more(f.desired_count, plan)) for f in layer.fleets)
        _begin(endpoint, layer, plan, at)
        endpoint.deployment = deployment
    return {"EndpointArn": endpoint.arn}


def _begin(endpoint: Endpoint, layer: Layer, plan: Plan, at: float) -> None:
    layer.part = 0.0
    endpoint.pending = Pending(layer, at, told=plan.guarded)
    timeline.become(endpoint, "Updating", at)
    timeline.begin(endpoint, deployments.deployed(endpoint, layer, plan, at), at)


def _wanted(endpoint: Endpoint, name: str) -> dict[str, Any]:
    config = configs.find(name)
    serving = endpoint.config["EndpointConfigArn"]
    if serving not in store.endpoint_configs:
        raise invalid(f'Could not find endpoint configuration "{serving}".')
    if config["EndpointConfigArn"] == serving and endpoint.status != "UpdateRollbackFailed":
        raise invalid(f'Endpoint "{endpoint.arn}" already uses endpoint configuration "{serving}".')
    return config


def _check_retained(request: dict[str, Any]) -> None:
    kinds = [p["VariantPropertyType"] for p in request.get("ExcludeRetainedVariantProperties") or []]
    if kinds and not request.get("RetainAllVariantProperties"):
        raise invalid("ExcludeRetainedVariantProperties requires RetainAllVariantProperties to be true.")
    if "DataCaptureConfig" in kinds:
        raise invalid("VariantPropertyType DataCaptureConfig is not supported.")


def _retain(endpoint: Endpoint, layer: Layer, excluded: list[dict[str, Any]]) -> None:
    """Keep counts and weights of the variants that are in both configurations."""
    kinds = {p["VariantPropertyType"] for p in excluded}
    for fleet in layer.fleets:
        before = endpoint.served[0].fleet(fleet.variant)
        if before is None or bool(before.serverless) != bool(fleet.serverless):
            continue
        if "DesiredInstanceCount" not in kinds:
            fleet.desired_count = before.desired_count
        if "DesiredWeight" not in kinds:
            fleet.weight = fleet.desired_weight = before.desired_weight


def _check_alarms(deployment: dict[str, Any] | None) -> None:
    for alarm in ((deployment or {}).get("AutoRollbackConfiguration") or {}).get("Alarms") or []:
        if watching.alarm_state(alarm["AlarmName"]) is None:
            raise invalid(f"Could not find the alarm {alarm['AlarmName']} of AutoRollbackConfiguration.")


def _check_scaling(endpoint: Endpoint, layer: Layer) -> None:
    """A scaled variant keeps its instance type, and stays, until its scalable target is deregistered."""
    for variant in sorted(targets.scaled_variants(endpoint.name)):
        before, after = endpoint.served[0].fleet(variant), layer.fleet(variant)
        if before is not None and (after is None or after.instance_type != before.instance_type):
            raise invalid(
                f"The variant {variant} of endpoint {endpoint.arn} is registered as a scalable target. Deregister it "
                "before you remove the variant or change its instance type."
            )


def _more(count: int, plan: Plan) -> int:
    """Instances beside those that serve: a whole fleet, or the first batch of a rolling update."""
    return max(1, round(count * plan.steps[0].part)) if plan.rolling and count else count
