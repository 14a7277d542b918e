"""The service as ministack calls it: JSON 1.1 requests in, answers and errors out."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from local.engine.sagemaker import faults, groups, identity, lineage, packages, shapes, store, tags, trail
from local.engine.sagemaker.endpoints import configs, models, operations, timing, update
from local.engine.sagemaker.errors import ApiError
from local.engine.sagemaker.monitoring import runs, schedules

type Answer = tuple[int, dict[str, str], bytes]
type Operation = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]

calling_as = identity.calling_as

_OPERATIONS: dict[str, Operation] = {
    "CreateModelPackageGroup": groups.create,
    "DescribeModelPackageGroup": groups.describe,
    "ListModelPackageGroups": groups.list_all,
    "DeleteModelPackageGroup": groups.delete,
    "CreateModelPackage": packages.create,
    "DescribeModelPackage": packages.describe,
    "UpdateModelPackage": packages.update,
    "ListModelPackages": packages.list_all,
    "DeleteModelPackage": packages.delete,
    "AddTags": tags.add,
    "ListTags": tags.list_all,
    "DeleteTags": tags.delete,
    "DescribeTrainingJob": lineage.describe_training_job,
    "DescribePipelineExecution": lineage.describe_pipeline_execution,
    "ListPipelineExecutionSteps": lineage.list_pipeline_steps,
    "CreateModel": models.create,
    "DescribeModel": models.describe,
    "ListModels": models.list_all,
    "DeleteModel": models.delete,
    "CreateEndpointConfig": configs.create,
    "DescribeEndpointConfig": configs.describe,
    "ListEndpointConfigs": configs.list_all,
    "DeleteEndpointConfig": configs.delete,
    "CreateMonitoringSchedule": schedules.create,
    "DescribeMonitoringSchedule": schedules.describe,
    "DeleteMonitoringSchedule": schedules.delete,
    "ListMonitoringExecutions": schedules.list_runs,
    "DescribeProcessingJob": runs.describe_job,
}
_ENDPOINTS: dict[str, Operation] = {
    "CreateEndpoint": operations.create,
    "DescribeEndpoint": operations.describe,
    "ListEndpoints": operations.list_all,
    "UpdateEndpoint": update.update,
    "UpdateEndpointWeightsAndCapacities": operations.resize,
    "DeleteEndpoint": operations.delete,
}


async def handle_request(
    _method: str, _path: str, headers: dict[str, str], body: bytes | str, query_params: Any
) -> Answer:
    """Answer one request."""
    name = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    try:
        caller = identity.user_context(headers, query_params)
        request = json.loads(body or b"{}")
        if name in _ENDPOINTS:  # may have to wait for its turn, and others are served meanwhile
            return _answer(200, await asyncio.to_thread(perform, name, request, caller))
        return _answer(200, perform(name, request, caller))
    except ApiError as error:
        return _answer(400, {"__type": error.code, "message": str(error)})
    except json.JSONDecodeError as error:
        return _answer(400, {"__type": "SerializationException", "message": str(error)})


def perform(name: str, request: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """Check a request against the model, carry it out and shape the answer."""
    operation = _OPERATIONS.get(name) or _ENDPOINTS.get(name)
    if operation is None:
        raise ApiError("UnknownOperationException", f"{name} is not part of the embedded SageMaker.")
    try:
        shapes.check_request(name, request)
        faults.raise_planned(f"sagemaker:{name}")
        answer = shapes.known_members(name, operation(request, caller))
    except ApiError as error:
        trail.tell(name, request, caller, error)
        raise
    trail.tell(name, request, caller, answer)
    return answer


def reset() -> None:
    """Forget everything, as `POST /_ministack/reset` asks."""
    store.clear()
    faults.clear()
    timing.reset()
    identity.studio_profiles.clear()


def get_state() -> None:
    """Nothing is kept over a restart; ministack skips a service that reports None."""


def load_persisted_state(_state: Any) -> None:
    """Nothing was kept."""


def _answer(status: int, document: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()
