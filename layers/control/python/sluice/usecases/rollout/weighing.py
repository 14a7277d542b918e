"""Both sides of a canary are read from CloudWatch and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sluice.core.judge import judge
from sluice.core.rollout.changes import is_managed
from sluice.core.rollout.looks import whole_minutes
from sluice.core.rollout.readings import HISTORY_MINUTES, pin_queries, pinned, queries, readings
from sluice.core.rollout.routing import Sight
from sluice.core.rollout.sides import Sides, sides_of
from sluice.core.rollout.visible import visible
from sluice.core.rollout.wishes import paused_s
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import Micros
from sluice.model.judging import Judgement, JudgeRule
from sluice.model.metric_query import MetricQuery, MinuteValues
from sluice.model.rollout import Phase, Rollout
from sluice.model.rollout_rules import MetricSource, Step
from sluice.ports import Metrics

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
    first = Micros(begun - HISTORY_MINUTES * _MINUTE)
    judged, sources = visible(rules, rollout.phase)
    pins = _pins(sources, sides, rollout, metrics, (first, begun))
    if end <= start:
        return Weighed(pins=pins)
    asked = [*queries(sources, sides.candidate, "c", pins)]
    beside = queries(sources, sides.baseline, "b", pins)
    now_values = _read(metrics, [*asked, *beside] if not sides.shift_s else asked, start, end)
    if sides.shift_s:
        shift = sides.shift_s * 1_000_000
        now_values = {**now_values, **_read(metrics, beside, Micros(start - shift), Micros(end - shift))}
    history = _read(metrics, queries(sources, sides.history, "h", pins), first, begun)
    found = readings(sources, now_values, history, comparison=sides.comparison)
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
    sources: Sequence[MetricSource], sides: Sides, rollout: Rollout, metrics: Metrics, window: tuple[Micros, Micros]
) -> dict[str, float]:
    known = {name: float(limit) for name, limit in (rollout.pins or {}).items()}
    missing = pin_queries(sources, sides.history, known)
    return known | pinned(sources, _read(metrics, missing, *window)) if missing else known


def _read(metrics: Metrics, asked: Sequence[MetricQuery], start: Micros, end: Micros) -> Mapping[str, MinuteValues]:
    """Each series once, though several metrics may count the same one: CloudWatch bills each that is asked for."""
    if not asked:
        return {}
    first = {_series(query): query.id for query in reversed(asked)}
    once = [query for query in asked if first[_series(query)] == query.id]
    values = metrics.by_minute(once, start=start, end=end)
    return {query.id: values[first[_series(query)]] for query in asked}


def _series(query: MetricQuery) -> tuple[object, ...]:
    return query.namespace, query.metric, query.stat, tuple(sorted(query.dimensions.items()))


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
