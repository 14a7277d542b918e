"""How a rollout ended, and whether somebody has to be called. Pure."""

from sluice.core.causes import plain_error
from sluice.model.rollout import Rollout, RolloutOutcome

_HARMLESS = frozenset(
    {
        RolloutOutcome.PROMOTED,
        RolloutOutcome.REFUSED,
        RolloutOutcome.SUPERSEDED,
        RolloutOutcome.WITHDRAWN,
        RolloutOutcome.OBSERVED,
    }
)
"""Outcomes that changed nothing in production, or what somebody wanted."""

_URGENT = frozenset({RolloutOutcome.HELD, RolloutOutcome.DIVERGED})


def outcome_of(rollout: Rollout, *, error: str, held: str) -> tuple[RolloutOutcome, str]:
    """The outcome with its reason, from what was decided on the way and what a step failed with."""
    if held:
        why = f"{rollout.because} " if rollout.because else ""
        return RolloutOutcome.HELD, f"{why}The return failed: {plain_error(held)}"
    if rollout.outcome is not None:
        return rollout.outcome, rollout.because
    return RolloutOutcome.FAILED, plain_error(error) or "it ended without a decision"


def incident_of(rollout: Rollout) -> dict[str, object] | None:
    """The incident that an end opens, or None when nobody needs to know beyond the channel.

    An endpoint that does not scale is one, however well the rollout ended. `dedup_key` is one per rollout, so that the
    same end told twice is one incident.
    """
    harmless = rollout.outcome in _HARMLESS
    if rollout.outcome is None or (harmless and not rollout.unscaled):
        return None
    request = rollout.request
    return {
        "dedup_key": f"rollout/{request.rollout_id}",
        "severity": "critical" if rollout.outcome in _URGENT else "warning",
        "group": request.group,
        "version": request.version,
        "region": request.region,
        "endpoint": rollout.endpoint,
        "rollout_id": request.rollout_id,
        "cause": "unscaled" if harmless else rollout.outcome.value,
        "summary": rollout.because[:1000],
    }
