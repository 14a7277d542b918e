"""Both sides of a canary are read from CloudWatch and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sluice.core.judge import judge
from sluice.core.judge.trial import HISTORY_MINUTES
from sluice.core.rollout.changes import is_managed
from sluice.core.rollout.looks import whole_minutes, whole_until
from sluice.core.rollout.readings import pin_queries, pinned, queries, readings
from sluice.core.rollout.sides import Sides, sides_of
from sluice.core.rollout.sight import Sight
from sluice.core.rollout.visible import visible
from sluice.core.rollout.wishes import paused_s
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import Micros
from sluice.model.judging import Judgement, JudgeRule
from sluice.model.rollout import Phase, Rollout
from sluice.model.rollout_rules import MetricSource, Step
from sluice.ports import Metrics
from sluice.usecases.rollout.reading import Window, read

_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the judge said, None while there is not one whole minute, and the limits of latency."""

    judgement: Judgement | None = None
    pins: Mapping[str, float] = field(default_factory=dict)


def weigh(rollout: Rollout, metrics: Metrics, sight: Sight) -> Weighed:
    """Judge the present step by every whole minute since it began; raises TransientFailure when CloudWatch cannot."""
    rules, sides, now, since = rollout.rules, sides_of(rollout), sight.now, _since(rollout, sight.seen)
    if rules is None or sides is None or since is None:
        return Weighed()
    start, end = whole_minutes(since, now)
    begun, _ = whole_minutes(rollout.begun_at, rollout.begun_at)
    learnt = Window((), Micros(begun - HISTORY_MINUTES * _MINUTE), min(begun, whole_until(now)))
    judged, sources = visible(rules, rollout.phase)
    pins = _pins(sources, sides, rollout, metrics, learnt if learnt.end == begun else None)
    if end <= start:
        return Weighed(pins=pins)
    shift = sides.shift_s * 1_000_000
    beside = queries(sources, sides.baseline, "b", pins)
    values = read(
        metrics,
        Window(queries(sources, sides.candidate, "c", pins), start, end),
        Window(beside, Micros(start - shift), Micros(end - shift)),
        replace(learnt, queries=queries(sources, sides.history, "h", pins)),
    )
    found = readings(sources, values, comparison=sides.comparison)
    rule = _for_step(judged, _step(rollout), sides, paused_s(rollout, now))
    return Weighed(judge(rule, found, is_last_step=_is_last(rollout)), pins)


def _since(rollout: Rollout, seen: EndpointSeen | None) -> Micros | None:
    """From when on the candidate's minutes are its own; None while they are not.

    Where SageMaker guards nothing, its fleets are not told apart: until it has settled the old version serves too.
    """
    if rollout.phase is not Phase.GUARDED or is_managed(rollout):
        return rollout.phase_since
    if seen is None or not seen.settled or seen.config != rollout.final_config:
        return None
    return max(rollout.phase_since, seen.modified_at)


def _is_last(rollout: Rollout) -> bool:
    """Whether promotion comes next; a deployment of others has no steps."""
    return rollout.phase is Phase.WATCHING or (rollout.is_last_step and rollout.phase is not Phase.SHADOW)


def _pins(
    sources: Sequence[MetricSource], sides: Sides, rollout: Rollout, metrics: Metrics, learnt: Window | None
) -> dict[str, float]:
    """The limits of latency. They stay for good, so they are taken once CloudWatch has the whole history."""
    known = {name: float(limit) for name, limit in (rollout.pins or {}).items()}
    missing = pin_queries(sources, sides.history, known)
    if not missing or learnt is None:
        return known
    return known | pinned(sources, read(metrics, replace(learnt, queries=missing)))


def _step(rollout: Rollout) -> Step | None:
    rules = rollout.rules
    if rules is None:
        return None
    if rollout.phase is Phase.SHADOW:
        return rules.shadow
    return rules.steps[rollout.step] if rollout.step < len(rules.steps) else None


def _for_step(rule: JudgeRule, step: Step | None, sides: Sides, paused: int) -> JudgeRule:
    """The rule with what holds for this step alone: its bake times in minutes, without pauses, its requests, share."""
    if step is None:
        return rule
    return replace(
        rule,
        bake_min=-(-(step.bake_min_s + paused) // 60),
        bake_max=-(-(step.bake_max_s + paused) // 60),
        min_requests=step.min_requests,
        share=sides.share,
    )
