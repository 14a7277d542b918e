"""What each change of a rollout is about: the goal, and the phase it belongs to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.core.rollout.configs import CANDIDATE, candidate_instances, instance_type_of, production_variant
from sluice.core.rollout.effects import Goal
from sluice.errors import PermanentFailure
from sluice.model.endpoint import Change, EndpointSeen
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Snapshot
from sluice.model.rollout_rules import RolloutRules, Strategy

RETURNS = frozenset({Change.WITHDRAW_CANDIDATE, Change.RESTORE})
"""The way back, in two halves."""

FORWARD = frozenset(
    {
        Change.CREATE_ENDPOINT,
        Change.DEPLOY_SHADOW,
        Change.DEPLOY_CANDIDATE,
        Change.SHIFT_TRAFFIC,
        Change.DEPLOY_GUARDED,
        Change.PROMOTE,
    }
)
"""Changes that bring a new version nearer to production: its package must be Approved at that moment."""

ENDS = frozenset({Change.CREATE_ENDPOINT, Change.PROMOTE, Change.COMPLETE_GUARDED})
"""Changes after which the new version serves alone."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The rollout as changes need it, with everything there that was planned at the begin."""

    rollout: Rollout
    rules: RolloutRules
    snapshot: Snapshot

    @classmethod
    def of(cls, rollout: Rollout) -> "Parts":
        """Raises PermanentFailure for a rollout that was never planned."""
        if rollout.rules is None or rollout.snapshot is None:
            raise PermanentFailure(f"rollout {rollout.id} has no plan")
        return cls(rollout, rollout.rules, rollout.snapshot)

    @property
    def serving(self) -> str:
        """Name of the configuration that served before; empty when there was no endpoint."""
        return self.snapshot.config_name

    @property
    def instances(self) -> int:
        """How many instances carry all traffic; 0 for a serverless variant."""
        return self.rollout.instances or self.snapshot.instances

    @property
    def endpoint(self) -> str:
        """Name of the endpoint."""
        return self.rules.target.endpoint

    @property
    def production(self) -> str:
        """Name of the production variant."""
        return self.rules.target.variant

    @property
    def serving_model(self) -> str:
        """Name of the model that served before; empty when there was none."""
        variant = self._serving_variant()
        return str(variant.get("ModelName", "")) if variant else ""

    @property
    def changes_instance_type(self) -> bool:
        """Whether the production variant gets another instance type: its scalable target would forbid that."""
        variant, config = self._serving_variant(), self.snapshot.config
        if variant is None or config is None:
            return False
        return instance_type_of(config, self.rules.target) != variant.get("InstanceType")

    def _serving_variant(self) -> Mapping[str, Any] | None:
        config = self.snapshot.config
        return None if config is None else production_variant(config, self.production)


def goal_of(change: Change, parts: Parts) -> Goal:
    """How the endpoint has to be after a change."""
    rollout, served = parts.rollout, frozenset({parts.serving})
    match change:
        case Change.CREATE_ENDPOINT:
            return Goal(rollout.final_config, creates=True)
        case Change.DEPLOY_SHADOW:
            return Goal(rollout.shadow_config, served)
        case Change.DEPLOY_CANDIDATE:
            return Goal(rollout.candidate_config, served | {rollout.shadow_config})
        case Change.SHIFT_TRAFFIC:
            return _shifted(parts)
        case Change.DEPLOY_GUARDED | Change.COMPLETE_GUARDED:
            return Goal(rollout.final_config, served | {rollout.shadow_config})
        case Change.PROMOTE:
            return Goal(rollout.final_config, frozenset({rollout.candidate_config}))
        case _:
            return _returned(change, parts)


def _returned(change: Change, parts: Parts) -> Goal:
    rollout = parts.rollout
    if change is Change.WITHDRAW_CANDIDATE:
        # Under a part of the traffic scaling may have taken instances away: all of it needs as many as before.
        counts = {parts.production: parts.snapshot.instances} if parts.snapshot.instances else {}
        weights = {parts.production: 1.0, CANDIDATE: 0.0}
        return Goal(rollout.candidate_config, optional=True, traffic_first=True, counts=counts, weights=weights)
    ours = (rollout.shadow_config, rollout.candidate_config, rollout.final_config)
    return Goal(parts.serving, frozenset(filter(None, ours)), mends=True)


def reached(change: Change, rollout: Rollout) -> bool:
    """Whether the record says that a change is done: a step that is repeated after that does nothing."""
    match change:
        case Change.DEPLOY_SHADOW:
            return rollout.phase is Phase.SHADOW
        case Change.SHIFT_TRAFFIC:
            return rollout.phase is Phase.STEP
        case Change.DEPLOY_GUARDED:
            return rollout.phase is Phase.GUARDED
        case Change.CREATE_ENDPOINT | Change.PROMOTE | Change.COMPLETE_GUARDED:
            return rollout.outcome is RolloutOutcome.PROMOTED
        case Change.RESTORE:
            return rollout.returned
        case Change.DEPLOY_CANDIDATE | Change.WITHDRAW_CANDIDATE:
            return False


def phase_after(change: Change) -> Phase | None:
    """The phase that a finished change opens."""
    return {
        Change.DEPLOY_SHADOW: Phase.SHADOW,
        Change.SHIFT_TRAFFIC: Phase.STEP,
        Change.DEPLOY_GUARDED: Phase.GUARDED,
    }.get(change)


def unserved(change: Change, rollout: Rollout) -> bool:
    """Whether a change is made while the new version has not served anybody yet."""
    return change not in ENDS and (change is not Change.SHIFT_TRAFFIC or rollout.step == 0)


def is_first(change: Change, rules: RolloutRules) -> bool:
    """Whether a change is what deploys the new version: until it is made nothing of it is there."""
    if change in (Change.DEPLOY_CANDIDATE, Change.DEPLOY_GUARDED):
        return rules.shadow is None
    return change in (Change.CREATE_ENDPOINT, Change.DEPLOY_SHADOW)


def is_emptied(change: Change, parts: Parts, seen: EndpointSeen | None) -> bool:
    """Whether nobody is served by the candidate after a change of the way back."""
    if seen is None or change not in RETURNS:
        return False
    return seen.config in (parts.rollout.candidate_config, parts.rollout.shadow_config, parts.serving)


def is_managed(rollout: Rollout) -> bool:
    """Whether SageMaker guards the deployment, so that an alarm makes it go back."""
    rules = rollout.rules
    if rules is None or rules.strategy is not Strategy.GUARDRAILS:
        return False
    return rules.guardrails is None or rules.guardrails.managed


def _shifted(parts: Parts) -> Goal:
    step = parts.rules.steps[parts.rollout.step]
    counts = {CANDIDATE: candidate_instances(parts.instances, step.percent)} if parts.instances else {}
    weights = {parts.production: 100.0 - step.percent, CANDIDATE: step.percent}
    return Goal(parts.rollout.candidate_config, counts=counts, weights=weights)
