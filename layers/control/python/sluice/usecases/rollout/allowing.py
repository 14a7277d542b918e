"""What must still hold right before an act that brings a version nearer to production, read again each time."""

from dataclasses import dataclass

from sluice.core.rollout.changes import ENDS, FORWARD, Parts, is_first, unserved
from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.pledge import strange_image
from sluice.core.rollout.routing import taken_back_by
from sluice.model.endpoint import Change, EndpointSeen
from sluice.model.metric_query import ringing
from sluice.model.rollout import Rollout, RolloutOutcome, WishKind
from sluice.usecases.rollout.changing import Changing
from sluice.usecases.rollout.pledged import pledge_broken_now


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Why a version goes no further, and what that makes of its rollout."""

    reason: str
    outcome: RolloutOutcome


def why_not(change: Change, parts: Parts, world: Changing) -> Forbidden | None:
    """What forbids a change now; raises TransientFailure where that cannot be read, since no sight is no consent."""
    deployed = not is_first(change, parts.rules)
    broken = withdrawn(parts.rollout, world) or asked_back(parts.rollout, deployed=deployed)
    if broken is not None:
        return broken
    return _ringing(parts, world) if parts.serving and unserved(change, parts.rollout) else None


def broken_since(change: Change, parts: Parts, seen: EndpointSeen | None, world: Changing) -> Forbidden | None:
    """What has come up while a change ran, which cannot be stopped: it is honoured before the version goes on."""
    variant = parts.production if change in ENDS else CANDIDATE
    runs = () if seen is None else tuple(v.images for v in (*seen.variants, *seen.shadows) if v.name == variant)
    strange = strange_image(sum(runs, ()), parts.rollout.request) if change in FORWARD | ENDS else ""
    if strange:
        return Forbidden(strange, RolloutOutcome.WITHDRAWN)
    return (withdrawn(parts.rollout, world) or asked_back(parts.rollout)) if change in ENDS else None


def asked_back(rollout: Rollout, *, deployed: bool = True) -> Forbidden | None:
    """Whether a person wants the version back; one that is not deployed yet cannot have done anything wrong."""
    wish = rollout.wish
    if wish is None or wish.kind is not WishKind.ROLL_BACK:
        return None
    return Forbidden(taken_back_by(wish), RolloutOutcome.RETURNED if deployed else RolloutOutcome.WITHDRAWN)


def withdrawn(rollout: Rollout, world: Changing) -> Forbidden | None:
    """Whether the package is no longer what people approved."""
    broken = pledge_broken_now(rollout, world.registry)
    return Forbidden(broken, RolloutOutcome.WITHDRAWN) if broken else None


def _ringing(parts: Parts, world: Changing) -> Forbidden | None:
    """An alarm of the team while nobody is served by the new version cannot be its fault."""
    if not parts.rules.alarms:
        return None
    rings = ringing(world.alarms.states(parts.rules.alarms))
    if not rings:
        return None
    reason = f"In ALARM before anybody was served by this version: {', '.join(sorted(rings))}."
    return Forbidden(reason, RolloutOutcome.FAILED)
