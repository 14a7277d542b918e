"""Which two are compared in each phase. Pure."""

from dataclasses import dataclass

from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.readings import Side
from sluice.model.judging import Comparison
from sluice.model.rollout import Phase, Rollout
from sluice.model.rollout_rules import GuardrailKind, Guardrails


@dataclass(frozen=True, slots=True)
class Sides:
    """Baseline and candidate of a look, and where the baseline's history is.

    `share` is the candidate's declared share of the requests, None where it is not split by weights. `shift_s` moves
    the baseline's window into the past, for a comparison of before with after.
    """

    baseline: Side
    candidate: Side
    history: Side
    comparison: Comparison = Comparison.SIDE_BY_SIDE
    share: float | None = None
    shift_s: int = 0


def sides_of(rollout: Rollout) -> Sides | None:
    """The sides of the present phase; None where nothing is compared."""
    rules, snapshot = rollout.rules, rollout.snapshot
    if rules is None or snapshot is None:
        return None
    endpoint, production = rules.target.endpoint, rules.target.variant
    alone = Side(endpoint, production)
    match rollout.phase:
        case Phase.SHADOW:
            return Sides(alone, Side(endpoint, CANDIDATE), alone)
        case Phase.STEP:
            share = rules.steps[rollout.step].percent / 100
            return Sides(alone, Side(endpoint, CANDIDATE), alone, share=share)
        case Phase.GUARDED:
            # After a shadow the old fleet is that of the shadow's configuration.
            old, new = rollout.shadow_config or snapshot.config_name, rollout.final_config
            beside = Sides(Side(endpoint, production, old), Side(endpoint, production, new), alone)
            return _at_once(rules.guardrails, beside) if rules.guardrails is not None else beside
        case Phase.WATCHING:
            return _watched(rollout, alone)
        case _:
            return None


def _at_once(guardrails: Guardrails, beside: Sides) -> Sides:
    """All traffic moves at once: the two never serve the same minutes, so it is before against after.

    SageMaker tells its fleets apart by configuration only while it guards a deployment.
    """
    if guardrails.kind is not GuardrailKind.ALL_AT_ONCE:
        return beside
    after = beside.candidate if guardrails.managed else beside.history
    shift_s = guardrails.max_execution_s + _DEPLOYING_S
    return Sides(beside.history, after, beside.history, Comparison.BEFORE_AFTER, shift_s=shift_s)


def _watched(rollout: Rollout, alone: Side) -> Sides:
    """Others deploy: two variants side by side where there are, else the minutes before against those after."""
    if rollout.watched_variant:
        return Sides(alone, Side(alone.endpoint, rollout.watched_variant), alone)
    steps = rollout.rules.steps if rollout.rules is not None else ()
    longest = max((step.bake_max_s for step in steps), default=0)
    return Sides(alone, alone, alone, comparison=Comparison.BEFORE_AFTER, shift_s=longest + _DEPLOYING_S)


_DEPLOYING_S = 1800
"""Seconds before the end of a deployment that belong to neither version."""
