"""What a return brings about on the endpoint: the goal, what has to be made for it, and what it may not run. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sluice.core.rollout.effects import Goal
from sluice.errors import PermanentFailure
from sluice.model.endpoint import EndpointSeen, ScalingSeen
from sluice.model.package import ModelPackage
from sluice.model.production import Served
from sluice.model.rollback import Rollback

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def target_of(rollback: Rollback) -> Served:
    """The version that is to serve; raises PermanentFailure where none was decided."""
    if rollback.target is None:
        raise PermanentFailure(f"rollback {rollback.id} has no target")
    return rollback.target


def variant_of(served: Served) -> Mapping[str, Any]:
    """The production variant of a version, from the document that it was made of."""
    variants: Sequence[Mapping[str, Any]] = (served.document or {}).get("ProductionVariants", ())
    if not variants:
        raise PermanentFailure(f"what {served.config} was made of is not known")
    return variants[0]


def goal_of(rollback: Rollback) -> Goal:
    """How the endpoint has to be: the target, with as many instances as served when it was decided."""
    target, left = target_of(rollback), rollback.left
    counts = {str(variant_of(target)["VariantName"]): rollback.instances} if rollback.instances else {}
    before = frozenset({left.config} if left is not None else ())
    return Goal(target.config, before, mends=True, counts=counts)


def instances_now(rollback: Rollback, seen: EndpointSeen | None) -> int:
    """How many instances carry the traffic now; 0 for a serverless variant. The first count of a version says nothing.

    Where what serves has variants of other names, all of it together is replaced.
    """
    if seen is None or "ServerlessConfig" in variant_of(target_of(rollback)):
        return 0
    return sum(variant.desired_instances for variant in seen.variants)


def changes_hosting(rollback: Rollback) -> bool:
    """Whether the variant gets another instance type, or name: its scalable target would forbid that."""
    left = rollback.left
    if left is None or left.document is None:
        return False
    now, then = variant_of(left), variant_of(target_of(rollback))
    return (now.get("VariantName"), now.get("InstanceType")) != (then.get("VariantName"), then.get("InstanceType"))


def scaling_after(rollback: Rollback) -> ScalingSeen | None:
    """How the target's variant is to scale, where its scalable target had to be taken away; None: it stayed."""
    before = rollback.scaling
    if before is None or not changes_hosting(rollback):
        return None
    variant = variant_of(target_of(rollback))["VariantName"]
    return replace(before, resource_id=f"endpoint/{rollback.endpoint}/variant/{variant}")


def changed_images(target: Served, package: ModelPackage | None) -> str:
    """Why a version that has to be made again would not be what served; empty when it is the same.

    What ran is known by the digests that SageMaker had resolved; a package is registered with digests of its own.
    """
    ran = _digests(target.images)
    registered = _digests(c.image_digest or c.image or "" for c in (package.containers if package else ()))
    if not ran or not registered or ran & registered == ran:
        return ""
    strange = min(ran - registered)
    return f"The package names other images than those that served ({strange[:19]}…): a tag was moved."


def strange_images(target: Served, images: Sequence[str]) -> str:
    """Why what runs after the return is not what served before; empty when it is, or where no digest is known."""
    ran, runs = _digests(target.images), _digests(images)
    if not ran or not runs or runs <= ran:
        return ""
    return f"It runs {min(runs - ran)[:19]}…, which is not what served before: the tag of its image was moved."


def _digests(images: Any) -> frozenset[str]:
    return frozenset(found.group() for image in images if (found := _DIGEST.search(image)))
