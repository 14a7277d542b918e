"""Names that make asking twice ask once: of a rollout, of its executions, and of the tokens that wait. Pure."""

import hashlib

from sluice.model.ids import ApprovalId, RolloutId


def rollout_id_of(release_id: str, region: str) -> RolloutId:
    """The one rollout of a release in a region."""
    return RolloutId(hashlib.sha256(f"{release_id}|{region}".encode()).hexdigest()[:32])


def rollout_execution(rollout_id: RolloutId, attempt: int) -> str:
    """Name of an execution of `rollout`: each attempt is started once (Step Functions: at most 80 characters)."""
    return f"{rollout_id}-{attempt}"


def release_execution(release: str, tries: int) -> str:
    """Name of the execution of `release` that waits for a rollout which was tried again; of the first one before."""
    return f"{release}-again-{tries}" if tries else release


def look_token(rollout_id: RolloutId) -> ApprovalId:
    """Under which the token of a rollout's present look is kept."""
    return ApprovalId(f"look-{rollout_id}")


def release_token(rollout_id: RolloutId) -> ApprovalId:
    """Under which the token of the release that waits for a rollout is kept."""
    return ApprovalId(f"rollout-{rollout_id}")
