"""A promoted version is only called so when requests have really been served by it."""

from sluice.core.rollout.changes import Parts
from sluice.core.rollout.looks import whole_minutes
from sluice.errors import EndpointSettling
from sluice.model.endpoint import EndpointSeen
from sluice.model.metric_query import MetricQuery
from sluice.usecases.rollout.changing import Changing

_WAIT_S = 600
"""How long requests are waited for, where there were some before: CloudWatch shows them minutes late."""


def confirm_served(parts: Parts, seen: EndpointSeen, world: Changing) -> None:
    """Raise EndpointSettling until the new version has served requests; not where there were none to serve.

    Since the deployment settled nothing else serves under the variant's name, so its requests are the new version's.
    """
    look, now = parts.rollout.look, world.clock.now()
    had_traffic = look is not None and any(m.baseline_requests or m.candidate_requests for m in look.metrics)
    if not had_traffic or now - seen.modified_at > _WAIT_S * 1_000_000:
        return
    start, end = whole_minutes(seen.modified_at, now)
    dimensions = {"EndpointName": parts.endpoint, "VariantName": parts.production}
    query = MetricQuery("served", "AWS/SageMaker", "Invocations", dimensions, "Sum")
    served = world.metrics.by_minute((query,), start=start, end=end)["served"] if end > start else ()
    if not any(served):
        raise EndpointSettling("no request has been served by the new version yet")
