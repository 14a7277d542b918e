"""What the registry is told of a version that was taken back because of its model. Pure."""

from sluice.core.settlement import client_token, registry_description
from sluice.model.ids import Micros, PackageArn
from sluice.model.package import RegistryStatus
from sluice.model.records import StatusIntent
from sluice.model.rollback import Rollback, RollbackOutcome


def is_at_fault(rollback: Rollback) -> bool:
    """Whether the model is still taken to be at fault now that it is known whether going back has helped.

    Where it has not, the cause lies elsewhere; a person's word counts whether it helped or not.
    """
    helped = rollback.outcome is not RollbackOutcome.NOT_RECOVERED
    return rollback.rejects and (helped or rollback.demand is not None)


def is_rejected_here(rollback: Rollback) -> bool:
    """Whether its package is to be rejected in the registry of this region: where it is registered."""
    left = rollback.left
    if left is None or not left.package_arn or not rollback.rejects or not rollback.returned_at:
        return False
    return PackageArn.parse(left.package_arn).region == rollback.region


def rejection(rollback: Rollback, at: Micros) -> StatusIntent:
    """The status to set, with its reason."""
    release = "" if rollback.left is None or not rollback.left.release_id else f"release {rollback.left.release_id}, "
    tail = f" (Sluice {release}rollback {rollback.id[:12]})"
    description = registry_description(f"Taken back from production: {rollback.because}", tail)
    return StatusIntent(RegistryStatus.REJECTED.value, description, at)


def rejection_token(rollback: Rollback) -> str:
    """The token that makes setting it twice one change."""
    return client_token("rollback", rollback.id, RegistryStatus.REJECTED.value)
