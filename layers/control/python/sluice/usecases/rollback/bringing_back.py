"""What a return calls on AWS around the update: what has to be there before, and what is put right and seen after.

Every call names what it makes, so that the same call again is one effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.core.rollback.returning import changed_images, scaling_after, strange_images, target_of, variant_of
from sluice.errors import ChangeFailed, EndpointSettling, PermanentFailure, TransientFailure
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import PackageArn
from sluice.model.production import Served
from sluice.model.rollback import Rollback
from sluice.usecases.rollback.holding import TakingBack
from sluice.usecases.rollout.serving import seen_serving

_SCALING_WAIT_S = 600
"""How long scaling that cannot be put back is tried again: an outage is over by then, and the rest has to go on."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What is true of a return that came true. `strange`: it runs what nobody knows; `told` what has to be said.

    `served` says that requests were seen, where there were any.
    """

    strange: str = ""
    told: str = ""
    served: bool = True


def prepare(rollback: Rollback, world: TakingBack) -> None:
    """Have the target's configuration and model there: pinned as they were, or made again of what is remembered.

    Raises ChangeFailed where what could be made is not what served.
    """
    target = target_of(rollback)
    if target.package_arn and not _model_is_there(target, world):
        _make_model(rollback, target, world)
    if world.endpoints.config(target.config) is None and target.document is not None:
        world.endpoints.create_config(target.document, tags=world.tags)
    if rollback.left is not None and scaling_after(rollback) is not None:
        world.scaling.deregister(rollback.endpoint, str(variant_of(rollback.left)["VariantName"]))


def finish(rollback: Rollback, seen: EndpointSeen, world: TakingBack) -> Finished:
    """See what runs, give scaling back, and wait for requests that are served; raises EndpointSettling meanwhile."""
    target = target_of(rollback)
    variant = seen.variant(str(variant_of(target)["VariantName"]))
    strange = "" if variant is None else strange_images(target, variant.images)
    if strange:
        return Finished(strange)
    unscaled = _scaled_as_before(rollback, seen, world)
    name = "" if variant is None else variant.name
    unseen = seen_serving(seen, name, world.metrics, now=world.clock.now())
    return Finished(told=f"{unseen} {unscaled}".strip(), served=not unseen)


def _model_is_there(target: Served, world: TakingBack) -> bool:
    found = world.endpoints.model_package_of(target.model)
    return found is not None and found.lower() == target.package_arn.lower()


def _make_model(rollback: Rollback, target: Served, world: TakingBack) -> None:
    package = world.registry.describe(PackageArn.parse(target.package_arn))
    changed = changed_images(target, package)
    if changed:
        raise ChangeFailed(changed)
    settings = target.settings or _settings_now(rollback, world)
    world.endpoints.create_model(target.model, package_arn=target.package_arn, settings=settings, tags=world.tags)


def _settings_now(rollback: Rollback, world: TakingBack) -> Mapping[str, Any]:
    """Role and network of the model that serves, where those of the target were never read."""
    left = rollback.left
    if left is None or not left.model:
        raise ChangeFailed("The model is gone, and the role and network that it had are not known.")
    return world.endpoints.model_settings(left.model)


def _scaled_as_before(rollback: Rollback, seen: EndpointSeen, world: TakingBack) -> str:
    """Put scaling back where it is gone; why that could not be done, in words."""
    try:
        _scale_as_before(rollback, world)
    except TransientFailure as failure:
        if world.clock.now() - seen.modified_at <= _SCALING_WAIT_S * 1_000_000:
            raise EndpointSettling(f"its scaling is to be put back: {failure}") from failure
        return f"Whether it scales as before is not known. {failure}"
    except PermanentFailure as failure:
        return f"It does not scale as before. {failure}"
    return ""


def _scale_as_before(rollback: Rollback, world: TakingBack) -> None:
    """Where name and type of the variant stayed, its scalable target did, too; elsewhere it was taken away."""
    wanted = scaling_after(rollback)
    if wanted is None:
        return
    variant = str(variant_of(target_of(rollback))["VariantName"])
    if world.scaling.of_variant(rollback.endpoint, variant) != wanted:
        world.scaling.register(wanted)
