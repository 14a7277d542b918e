"""Local-only endpoints under `/_sluice/`: what tests and the demo arrange that no AWS operation can.

- `POST /_sluice/faults` plans a fault (see `local.engine.sagemaker.faults.plan`), `GET` lists, `DELETE` clears them.
- `POST /_sluice/seed` puts a training job or a pipeline execution in place.
- `POST /_sluice/studio-profiles` `{arn, UserProfileArn, UserProfileName, DomainId}`: this caller works in Studio.
- `POST /_sluice/redeliver` `{queue}` ends the visibility timeouts of a queue.
- `POST /_sluice/warm` `{functions}` starts functions before they are called.
- `GET /_sluice/serving` tells which fleets take which part of the requests now (`sagemaker.serving.Serving`).
- `POST /_sluice/endpoint-timing` changes how long SageMaker takes (`endpoints.timing.Timing`) and tells it.
- `POST /_sluice/endpoint-status` `{endpoint, status, reason?}` lets SageMaker change the status of an endpoint.
- `POST /_sluice/package-status` `{arn, status}` lets SageMaker change a package's own status.
- `POST /_sluice/monitoring-run` `{schedule, violations}` lets a monitor run (`sagemaker.monitoring.runs.run`).
- `POST /_sluice/traffic` `{endpoint, ...}` sets the requests of an endpoint (`local.engine.traffic.demand.Demand`).
- `POST /_sluice/behaviour` `{model, ...}` sets how a model answers (`local.engine.traffic.behaviour.Behaviour`).
- `POST /_sluice/metrics-delay` `{seconds}` sets when a minute of an endpoint's metrics is complete.
- `POST /_sluice/tally` begins to count what AWS would bill, `GET` tells the counts (`local.engine.tally`).
- `GET /_sluice/published` tells what was published to SNS topics (`local.engine.published`).
- `POST /_sluice/quota` `{name, value}` sets a quota of SageMaker, such as `ml.m5.large for endpoint usage`.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ministack import app

from local.engine import lockstep, published, queues, tally, warming
from local.engine.patches.expected import replace
from local.engine.quotas import table
from local.engine.sagemaker import faults, identity, lineage, packages
from local.engine.sagemaker.endpoints import operations, timing
from local.engine.sagemaker.errors import ApiError
from local.engine.sagemaker.monitoring import runs
from local.engine.sagemaker.serving import serving
from local.engine.traffic import live

_PREFIX = "/_sluice/"
_original: dict[str, Any] = {}


def apply() -> None:
    """Answer the endpoints before ministack's router sees the request."""
    _original["shortcuts"] = replace(
        app,
        "_handle_post_body_shortcuts",
        _shortcuts,
        parameters="method path headers body query_params request_id",
    )


async def _shortcuts(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    method: str, path: str, headers: Any, body: bytes, query_params: Any, request_id: str
) -> Any:
    if not path.startswith(_PREFIX):
        return await _original["shortcuts"](method, path, headers, body, query_params, request_id)
    endpoint = _ENDPOINTS.get((method, path.removeprefix(_PREFIX)))
    if endpoint is None:
        return _answer(404, {"message": f"no {method} {path}"})
    try:
        return _answer(200, endpoint(json.loads(body or b"{}")) or {})
    except (ApiError, KeyError, TypeError, ValueError) as error:
        return _answer(400, {"message": f"{type(error).__name__}: {error}"})


def _answer(status: int, document: dict[str, Any]) -> Any:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


def _studio_profile(document: dict[str, str]) -> None:
    identity.studio_profiles[document["arn"]] = {k: v for k, v in document.items() if k != "arn"}


def _serving(_document: dict[str, Any]) -> dict[str, Any]:
    return {"serving": [asdict(fleet) for fleet in serving(lockstep.catch_up())]}


_ENDPOINTS: dict[tuple[str, str], Callable[[dict[str, Any]], dict[str, Any] | None]] = {
    ("POST", "faults"): faults.plan,
    ("GET", "faults"): lambda _: faults.planned(),
    ("DELETE", "faults"): lambda _: faults.clear(),
    ("POST", "seed"): lineage.seed,
    ("POST", "studio-profiles"): _studio_profile,
    ("POST", "warm"): warming.start,
    ("POST", "redeliver"): queues.redeliver,
    ("POST", "monitoring-run"): runs.run,
    ("POST", "traffic"): live.set_traffic,
    ("POST", "behaviour"): live.set_behaviour,
    ("POST", "metrics-delay"): live.set_delay,
    ("POST", "quota"): lambda d: table.set_value(d["name"], d["value"]),
    ("GET", "serving"): _serving,
    ("GET", "published"): lambda _: published.told(),
    ("POST", "tally"): lambda _: tally.begin(),
    ("GET", "tally"): lambda _: tally.told(),
    ("POST", "endpoint-timing"): timing.configure,
    ("POST", "endpoint-status"): lambda d: operations.set_status(d["endpoint"], d["status"], d.get("reason")),
    ("POST", "package-status"): lambda d: packages.set_status(d["arn"], d["status"]),
}
