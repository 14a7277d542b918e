"""A version is only said to serve when requests have really been served by it."""

from sluice.core.rollout.changes import Parts
from sluice.core.rollout.looks import whole_minutes
from sluice.errors import EndpointSettling, TransientFailure
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery
from sluice.ports import Metrics
from sluice.usecases.rollout.changing import Changing

_WAIT_S = 600
"""How long requests are waited for, where there were some before: CloudWatch shows them minutes late."""
_BEFORE_S = 3600
"""How long before the promotion requests are looked for: whoever had none then is not waited for."""
_MINUTE = 60_000_000


def confirm_served(parts: Parts, seen: EndpointSeen, world: Changing, *, waits: bool) -> str:
    """Raise EndpointSettling until a promoted version has served requests: a promotion stands, seen or not."""
    return seen_serving(seen, parts.production, world.metrics, now=world.clock.now(), waits=waits)


def seen_serving(seen: EndpointSeen, variant: str, metrics: Metrics, *, now: Micros, waits: bool = True) -> str:
    """Raise EndpointSettling until what was deployed has served requests; not where there were none to serve.

    Since the deployment settled nothing else serves under the variant's name, so its requests are those of the version.
    Answers what nobody has seen, where it was waited for in vain. `waits` says that there is still time to.
    """
    late = not waits or now - seen.modified_at > _WAIT_S * 1_000_000
    try:
        before, since = _requests(seen, variant, metrics, now)
    except TransientFailure as failure:
        return _unless("Whether it serves requests could not be read.", str(failure), late=late)
    if since or not before:
        return ""
    return _unless("No request has been seen since, though there were some before.", "none was served yet", late=late)


def _unless(told: str, reason: str, *, late: bool) -> str:
    if not late:
        raise EndpointSettling(f"the version is to be seen serving: {reason}")
    return told


def _requests(seen: EndpointSeen, variant: str, metrics: Metrics, now: Micros) -> tuple[bool, bool]:
    """Whether there were requests before the deployment settled, and since."""
    since, end = whole_minutes(seen.modified_at, now)
    start = Micros(since - _BEFORE_S * 1_000_000)
    dimensions = {"EndpointName": seen.name, "VariantName": variant}
    query = MetricQuery("served", "AWS/SageMaker", "Invocations", dimensions, "Sum")
    served = metrics.by_minute((query,), start=start, end=end)["served"]
    minutes = (since - start) // _MINUTE
    return any(served[:minutes]), any(served[minutes:])
