"""The configuration that each change brings, and the names of all that a rollout makes. Pure."""

from dataclasses import dataclass

from sluice.core.rollout.changes import Parts
from sluice.core.rollout.configs import (
    NewVersion,
    candidate_config,
    candidate_instances,
    config_name,
    final_config,
    first_config,
    model_name,
    shadow_config,
)
from sluice.errors import PermanentFailure
from sluice.model.endpoint import Change, EndpointConfig


@dataclass(frozen=True, slots=True)
class Names:
    """What a rollout makes in SageMaker: one model, and up to three configurations."""

    model: str
    shadow: str
    candidate: str
    final: str


def names_of(endpoint: str, version: int, fence: int) -> Names:
    """The names, which also tell who made them."""
    return Names(
        model=model_name(endpoint, version, fence),
        shadow=config_name(endpoint, version, fence, "shadow"),
        candidate=config_name(endpoint, version, fence, "canary"),
        final=config_name(endpoint, version, fence),
    )


def planned_config(change: Change, parts: Parts) -> EndpointConfig:
    """The configuration that a change deploys."""
    rollout, rules, instances = parts.rollout, parts.rules, parts.instances
    serving = parts.snapshot.config
    if serving is None:
        return first_config(NewVersion(rollout.final_config, rollout.model, rules.target))
    if change is Change.DEPLOY_SHADOW and rules.shadow is not None:
        new = NewVersion(rollout.shadow_config, rollout.model, rules.target)
        percent = rules.shadow.percent
        size = candidate_instances(instances, percent)
        return shadow_config(serving, new, instances=instances, shadow=size, percent=percent)
    if change is Change.DEPLOY_CANDIDATE:
        new = NewVersion(rollout.candidate_config, rollout.model, rules.target)
        first = candidate_instances(instances, rules.steps[0].percent)
        return candidate_config(serving, new, instances=instances, candidate=first)
    if change in (Change.PROMOTE, Change.DEPLOY_GUARDED):
        new = NewVersion(rollout.final_config, rollout.model, rules.target)
        return final_config(serving, new, instances=instances)
    raise PermanentFailure(f"{change.value} deploys nothing")
