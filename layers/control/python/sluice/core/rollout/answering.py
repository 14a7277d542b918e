"""What the end of a rollout means for its release: the one answer that the waiting machine gets. Pure."""

from sluice.core.settlement import client_token, registry_description
from sluice.model.package import RegistryStatus
from sluice.model.release import Answer, Outcome, Route
from sluice.model.rollout import Rollout, RolloutOutcome

_OUTCOMES = {
    RolloutOutcome.PROMOTED: Outcome.PROMOTED,
    RolloutOutcome.RETURNED: Outcome.RETURNED,
    RolloutOutcome.UNDECIDED: Outcome.UNDECIDED,
    RolloutOutcome.WITHDRAWN: Outcome.WITHDRAWN,
    RolloutOutcome.REFUSED: Outcome.ROLLOUT_REFUSED,
    RolloutOutcome.SUPERSEDED: Outcome.SUPERSEDED,
    RolloutOutcome.DIVERGED: Outcome.DIVERGED,
    RolloutOutcome.HELD: Outcome.HELD,
    RolloutOutcome.FAILED: Outcome.ROLLOUT_FAILED,
    RolloutOutcome.OBSERVED: Outcome.ROLLOUT_OBSERVED,
}


def answer_to_release(rollout: Rollout) -> Answer:
    """The answer of a rollout that is over: a version at fault is to be rejected, even where its return failed."""
    outcome = rollout.outcome or RolloutOutcome.FAILED
    if not rollout.is_faulty:
        return Answer(Route.CONCLUDE, _OUTCOMES[outcome])
    request, status = rollout.request, RegistryStatus.REJECTED.value
    tail = f" (Sluice release {request.release_id}, rollout {request.rollout_id[:12]})"
    description = registry_description(f"Taken back from production: {rollout.because}", tail)
    token = client_token("rollout", request.rollout_id, status)
    return Answer(Route.SET_STATUS, _OUTCOMES[outcome], status, description, token)
