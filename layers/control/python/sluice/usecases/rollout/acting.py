"""What a change calls on AWS: what has to be there before, the act itself, and what is put right after.

Every call names what it makes, so that the same call again is one effect.
"""

from dataclasses import dataclass
from typing import assert_never

from sluice.core.rollout.alarms import candidate_dimensions, tripwire, verdict_alarm, verdict_name
from sluice.core.rollout.changes import Parts
from sluice.core.rollout.configs import deployment_config
from sluice.core.rollout.effects import Goal, Move
from sluice.core.rollout.planned import planned_config
from sluice.errors import EndpointSettling, PermanentFailure, TransientFailure
from sluice.model.endpoint import Change, EndpointSeen
from sluice.model.ids import EPOCH, Micros
from sluice.usecases.rollout.changing import Changing, Held
from sluice.usecases.rollout.serving import confirm_served

_MAKING = frozenset(
    {
        Change.CREATE_ENDPOINT,
        Change.DEPLOY_SHADOW,
        Change.DEPLOY_CANDIDATE,
        Change.DEPLOY_GUARDED,
        Change.PROMOTE,
    }
)
_SCALING_WAIT_S = 1800
"""How long scaling that cannot be put back is tried again, before a person is called: an outage is over by then."""
CHANGE_S = 75 * 60
"""After so long nothing more is waited for in a change: the machine looks for little longer (its Retry), and would take
back what is right."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What has to be said of a change that is done; `unscaled` says that its scaling may not be as before."""

    told: str = ""
    unscaled: bool = False


def prepare(change: Change, parts: Parts, world: Changing) -> None:
    """Make what the change needs: the model, the configuration, the alarms; take scaling away that would forbid it."""
    rollout = parts.rollout
    if change is Change.RESTORE and parts.snapshot.config and world.endpoints.config(parts.serving) is None:
        world.endpoints.create_config(parts.snapshot.config, tags=world.tags)  # deleted meanwhile, but kept by us
    if change in _MAKING:
        _make_model(parts, world)
        world.endpoints.create_config(planned_config(change, parts), tags=world.tags)
    if change in (Change.DEPLOY_SHADOW, Change.DEPLOY_CANDIDATE, Change.DEPLOY_GUARDED):
        dimensions = candidate_dimensions(change, parts)
        world.alarms.put(tripwire(rollout, parts.endpoint, dimensions, world.tags))
    if change is Change.DEPLOY_GUARDED:
        now = world.clock.now()
        world.metrics.publish_verdict(endpoint=parts.endpoint, rollout_id=rollout.id, rejected=False, at=now)
        world.alarms.put(verdict_alarm(rollout, parts.endpoint, world.tags))
    if change in (Change.PROMOTE, Change.DEPLOY_GUARDED) and parts.changes_instance_type:
        world.scaling.deregister(parts.endpoint, parts.production)


def act(change: Change, goal: Goal, move: Move, parts: Parts, world: Changing) -> None:
    """The one call that changes the endpoint; raises EndpointBusy when it takes no change now."""
    endpoint = parts.endpoint
    match move:
        case Move.CREATE:
            world.endpoints.create(endpoint, config=goal.config, tags=world.tags)
        case Move.UPDATE:
            deployment = None
            if change is Change.DEPLOY_GUARDED and parts.rules.guardrails is not None:
                alarms = (verdict_name(parts.rollout), *parts.rules.alarms)
                deployment = deployment_config(parts.rules.guardrails, alarms)
            # Going back keeps the instances that serve now: the old configuration's first count may be too few.
            retain = change is Change.RESTORE
            world.endpoints.update(endpoint, config=goal.config, retain=retain, deployment=deployment)
        case Move.SET_COUNTS:
            world.endpoints.set_counts(endpoint, goal.counts)
        case Move.SET_WEIGHTS:
            world.endpoints.set_weights(endpoint, goal.weights)
        case Move.WAIT | Move.DONE | Move.FAILED | Move.DIVERGED:
            raise EndpointSettling(f"{move.value} is not an act")
        case _ as never:
            assert_never(never)


def finish(found: Held, change: Change, seen: EndpointSeen | None, world: Changing) -> Finished:
    """After the endpoint is as it should be: give its scaling back, and see that it really serves.

    Neither takes back what is right: what cannot be done about it is only told.
    """
    if seen is None or change not in (Change.PROMOTE, Change.COMPLETE_GUARDED, Change.RESTORE):
        return Finished()
    intent = found.endpoint.value.intent
    noted_at = seen.modified_at if intent is None else intent.noted_at
    in_time = world.clock.now() - noted_at <= CHANGE_S * 1_000_000
    since = max(seen.modified_at, noted_at) if in_time else EPOCH
    parts = Parts.of(found.rollout.value)
    unscaled = _scaled_as_before(parts, since, world)
    served = "" if change is Change.RESTORE else confirm_served(parts, seen, world, waits=in_time)
    return Finished(f"{served} {unscaled}".strip(), unscaled=bool(unscaled))


def _make_model(parts: Parts, world: Changing) -> None:
    rollout = parts.rollout
    settings = world.endpoints.model_settings(parts.serving_model) if parts.serving_model else {}
    role = parts.rules.target.execution_role
    if role is not None:
        settings = {**settings, "ExecutionRoleArn": role}
    world.endpoints.create_model(
        rollout.model, package_arn=rollout.request.package_arn, settings=settings, tags=world.tags
    )


def _scaled_as_before(parts: Parts, since: Micros, world: Changing) -> str:
    """Put scaling back where it is gone; why that could not be done, in words. It is waited for since that moment."""
    try:
        _scale_as_before(parts, world)
    except TransientFailure as failure:
        if world.clock.now() - since <= _SCALING_WAIT_S * 1_000_000:
            raise EndpointSettling(f"its scaling is to be put back: {failure}") from failure
        return f"Whether it scales as before is not known. {failure}"
    except PermanentFailure as failure:
        return f"It does not scale as before. {failure}"
    return ""


def _scale_as_before(parts: Parts, world: Changing) -> None:
    """The scalable target survives as long as its variant keeps name and type; where it did not, it is put back.

    One that we never took away is the team's, who may have changed it meanwhile.
    """
    before = parts.snapshot.scaling
    if before is None:
        return
    now = world.scaling.of_variant(parts.endpoint, parts.production)
    if now is None or (parts.changes_instance_type and now != before):
        world.scaling.register(before)
