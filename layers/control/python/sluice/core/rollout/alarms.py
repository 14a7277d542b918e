"""The alarms that a rollout makes for its own time: the trip wire that wakes the judge, and the judge's own. Pure."""

from collections.abc import Mapping

from sluice.core.rollout.changes import Parts, is_managed
from sluice.core.rollout.configs import CANDIDATE
from sluice.model.alarm_event import OWN_PREFIX, TRIPWIRE_PREFIX
from sluice.model.endpoint import Change
from sluice.model.metric_query import AlarmPlan, MetricQuery, verdict_query
from sluice.model.rollout import Rollout

_TRIP_SHARE = 0.1
"""The trip wire is no judge: a tenth of all requests failing is worth a look at once, whatever the policy says."""


def tripwire_name(rollout: Rollout) -> str:
    """Name of the alarm that wakes the judge."""
    return f"{TRIPWIRE_PREFIX}{rollout.id}"


def verdict_name(rollout: Rollout) -> str:
    """Name of the alarm that makes SageMaker take a guarded deployment back."""
    return f"{OWN_PREFIX}verdict-{rollout.id}"


def alarm_names(rollout: Rollout) -> tuple[str, ...]:
    """Names of all alarms of a rollout."""
    return tripwire_name(rollout), verdict_name(rollout)


def tripwire(rollout: Rollout, endpoint: str, dimensions: Mapping[str, str], tags: Mapping[str, str]) -> AlarmPlan:
    """Wakes the judge within a minute when many requests of the candidate fail. `dimensions` name the candidate."""
    named = {"EndpointName": endpoint, **dimensions}
    return AlarmPlan(
        name=tripwire_name(rollout),
        description=f"Sluice: wakes the judge of {rollout.request.group} v{rollout.request.version}; acts on nothing",
        metrics=(
            MetricQuery("errors", "AWS/SageMaker", "Invocation5XXErrors", named, "Sum"),
            MetricQuery("requests", "AWS/SageMaker", "Invocations", named, "Sum"),
        ),
        expression="errors / requests",
        threshold=_TRIP_SHARE,
        minutes=1,
        breaches=1,
        tags=tags,
    )


def candidate_dimensions(change: Change, parts: Parts) -> Mapping[str, str]:
    """What tells the candidate's metrics from the baseline's, besides the endpoint.

    SageMaker tells its fleets apart by configuration only while it guards a deployment.
    """
    if change is Change.DEPLOY_GUARDED and not is_managed(parts.rollout):
        return {"VariantName": parts.production}
    if change is Change.DEPLOY_GUARDED:
        return {"VariantName": parts.production, "EndpointConfigName": parts.rollout.final_config}
    return {"VariantName": CANDIDATE}


def verdict_alarm(rollout: Rollout, endpoint: str, tags: Mapping[str, str]) -> AlarmPlan:
    """Goes to ALARM when the judge says roll back, and stays there: SageMaker may look up a minute later.

    Silence changes nothing: the judge looks rarely.
    """
    return AlarmPlan(
        name=verdict_name(rollout),
        description=f"Sluice: the judge's verdict on {rollout.request.group} v{rollout.request.version}",
        metrics=(verdict_query(endpoint, rollout.id),),
        threshold=1.0,
        minutes=1,
        breaches=1,
        missing="ignore",
        tags=tags,
    )
