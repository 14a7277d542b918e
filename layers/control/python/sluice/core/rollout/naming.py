"""Names that make asking twice ask once: of a rollout, and of its executions. Pure."""

import hashlib

from sluice.model.ids import RolloutId


def rollout_id_of(release_id: str, region: str) -> RolloutId:
    """The one rollout of a release in a region."""
    return RolloutId(hashlib.sha256(f"{release_id}|{region}".encode()).hexdigest()[:32])


def rollout_execution(rollout_id: RolloutId, attempt: int) -> str:
    """Name of an execution of `rollout`: each attempt is started once (Step Functions: at most 80 characters)."""
    return f"{rollout_id}-{attempt}"
