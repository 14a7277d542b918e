"""A promoted version is only called so when requests have really been served by it."""

from sluice.core.rollout.changes import Parts
from sluice.core.rollout.looks import whole_minutes
from sluice.errors import EndpointSettling, TransientFailure
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery
from sluice.usecases.rollout.changing import Changing

_WAIT_S = 600
"""How long requests are waited for, where there were some before: CloudWatch shows them minutes late."""
_BEFORE_S = 3600
"""How long before the promotion requests are looked for: whoever had none then is not waited for."""
_MINUTE = 60_000_000


def confirm_served(parts: Parts, seen: EndpointSeen, world: Changing, *, waits: bool) -> str:
    """Raise EndpointSettling until the new version has served requests; not where there were none to serve.

    Since the deployment settled nothing else serves under the variant's name, so its requests are the new version's.
    Answers what nobody has seen, where it was waited for in vain: a promotion that stands, but not as if it were seen.
    `waits` says that there is still time to.
    """
    late = not waits or world.clock.now() - seen.modified_at > _WAIT_S * 1_000_000
    try:
        before, since = _requests(parts, seen, world)
    except TransientFailure as failure:
        return _unless("Whether it serves requests could not be read.", str(failure), late=late)
    if since or not before:
        return ""
    return _unless("No request has been seen since, though there were some before.", "none was served yet", late=late)


def _unless(told: str, reason: str, *, late: bool) -> str:
    if not late:
        raise EndpointSettling(f"the new version is to be seen serving: {reason}")
    return told


def _requests(parts: Parts, seen: EndpointSeen, world: Changing) -> tuple[bool, bool]:
    """Whether there were requests before the deployment settled, and since."""
    since, end = whole_minutes(seen.modified_at, world.clock.now())
    start = Micros(since - _BEFORE_S * 1_000_000)
    dimensions = {"EndpointName": parts.endpoint, "VariantName": parts.production}
    query = MetricQuery("served", "AWS/SageMaker", "Invocations", dimensions, "Sum")
    served = world.metrics.by_minute((query,), start=start, end=end)["served"]
    minutes = (since - start) // _MINUTE
    return any(served[:minutes]), any(served[minutes:])
