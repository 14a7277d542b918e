"""CreateEndpoint, DescribeEndpoint, UpdateEndpointWeightsAndCapacities, DeleteEndpoint and ListEndpoints."""

from typing import Any

from local.engine import lockstep
from local.engine.sagemaker import paging, shapes, store, tags
from local.engine.sagemaker.endpoints import capacity, changes, configs, describing, timeline
from local.engine.sagemaker.endpoints.plans import plan_of
from local.engine.sagemaker.endpoints.state import BUSY, Endpoint, layer_of
from local.engine.sagemaker.errors import invalid

_TIMES = {"Name": "EndpointName", "CreationTime": "CreationTime", "Status": "EndpointStatus"}


def create(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpoint."""
    with lockstep.lock:
        at, name = lockstep.catch_up(), request["EndpointName"]
        arn = store.arn("endpoint", name)
        if arn in store.endpoints:
            raise invalid(f'Cannot create already existing endpoint "{arn}".')
        config = configs.find(request["EndpointConfigName"])
        layer = layer_of(config, at)
        plan_of(request.get("DeploymentConfig"), layer, layer)
        capacity.check((f.instance_type, f.desired_count) for f in layer.fleets)
        endpoint = Endpoint(name, arn, config, at, at, served=[layer], capture=describing.captured(config))
        endpoint.deployment = request.get("DeploymentConfig")
        store.endpoints[arn] = endpoint
        tags.put(arn, request.get("Tags") or [])
        timeline.become(endpoint, "Creating", at)
        timeline.begin(endpoint, changes.created(endpoint, at), at)
    return {"EndpointArn": arn}


def describe(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpoint."""
    with lockstep.lock:
        lockstep.catch_up()
        return describing.describe(find(request["EndpointName"]))


def find(name: str) -> Endpoint:
    """An endpoint by name; SageMaker answers an unknown one with ValidationException."""
    arn = store.arn("endpoint", name)
    endpoint: Endpoint | None = store.endpoints.get(arn)
    if endpoint is None:
        raise invalid(f'Could not find endpoint "{arn}".')
    return endpoint


def resize(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities."""
    with lockstep.lock:
        at = lockstep.catch_up()
        endpoint = find(request["EndpointName"])
        wanted = request["DesiredWeightsAndCapacities"]
        check_free(endpoint, ("InService",))
        _check_sizes(endpoint, wanted)
        timeline.become(endpoint, "Updating", at)
        timeline.begin(endpoint, changes.resized(endpoint, wanted, at), at)
    return {"EndpointArn": endpoint.arn}


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpoint; one that is being changed has to settle first."""
    with lockstep.lock:
        at = lockstep.catch_up()
        endpoint = find(request["EndpointName"])
        if endpoint.status in BUSY:
            raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        timeline.become(endpoint, "Deleting", at)
        timeline.begin(endpoint, changes.deleted(endpoint, at), at)
    return {}


def list_all(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListEndpoints."""
    with lockstep.lock:
        lockstep.catch_up()
        every = [describing.listed(e) for e in store.endpoints.values()]
    after, before = request.get("LastModifiedTimeAfter"), request.get("LastModifiedTimeBefore")
    found = [
        e
        for e in paging.within(every, request, name="EndpointName")
        if request.get("StatusEquals") in (None, e["EndpointStatus"])
        and (after is None or e["LastModifiedTime"] > after)
        and (before is None or e["LastModifiedTime"] < before)
    ]
    field = _TIMES[request.get("SortBy", "CreationTime")]
    found.sort(key=lambda e: e[field], reverse=request.get("SortOrder", "Descending") == "Descending")
    return paging.page(found, request, answer="Endpoints")


def set_status(name: str, status: str, reason: str | None = None) -> None:
    """Bring an endpoint into a status, as SageMaker does by itself: SystemUpdating, OutOfService and back."""
    with lockstep.lock:
        at, endpoint = lockstep.catch_up(), find(name)
        if found := shapes.faults(shapes.model().shape_for("EndpointStatus"), status):
            raise invalid("; ".join(found))
        timeline.become(endpoint, status, at, failure=reason)
        endpoint.note(at)


def check_free(endpoint: Endpoint, allowed: tuple[str, ...]) -> None:
    """Raise ValidationException for an endpoint that takes no change now."""
    if endpoint.status in BUSY:
        raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
    if endpoint.status not in allowed:
        raise invalid(f'Cannot update endpoint "{endpoint.arn}" in status {endpoint.status}.')


def _check_sizes(endpoint: Endpoint, wanted: list[dict[str, Any]]) -> None:
    more = []
    for change in wanted:
        name = change["VariantName"]
        fleet = endpoint.served[0].fleet(name)
        if fleet is None:
            raise invalid(f'Variant "{name}" does not exist on endpoint "{endpoint.arn}".')
        if len(change) == 1:
            raise invalid(f"Specify a desired weight or a desired instance count for variant {name}.")
        if fleet.serverless and "DesiredInstanceCount" in change:
            raise invalid(f"DesiredInstanceCount cannot be specified for the serverless variant {name}.")
        if not fleet.serverless and "ServerlessUpdateConfig" in change:
            raise invalid(f"ServerlessUpdateConfig cannot be specified for variant {name}, which has instances.")
        more.append(
            (fleet.instance_type, change.get("DesiredInstanceCount", fleet.desired_count) - fleet.desired_count)
        )
    capacity.check(more)
