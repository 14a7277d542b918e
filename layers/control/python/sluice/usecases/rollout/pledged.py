"""Whether a rollout's package is still what people approved, read from the registry now."""

from sluice.core.rollout.pledge import broken_pledge
from sluice.model.ids import PackageArn
from sluice.model.rollout import Rollout
from sluice.ports import Registry


def pledge_broken_now(rollout: Rollout, registry: Registry) -> str:
    """Why the version must go no further, in words; empty while it may. Raises TransientFailure if nobody can tell."""
    return broken_pledge(registry.describe(PackageArn.parse(rollout.request.package_arn)), rollout.request)
