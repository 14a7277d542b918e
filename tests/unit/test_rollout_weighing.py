"""What a look asks of CloudWatch: each series once, whatever is made of it."""

from dataclasses import replace

import pytest

from sluice.core.judge import judge_metric
from sluice.core.judge.readings import Terms
from sluice.core.rollout.changes import is_managed
from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.looks import whole_minutes
from sluice.core.rollout.readings import Side, queries, readings
from sluice.core.rollout.sides import sides_of
from sluice.core.rollout.sight import Sight
from sluice.model.approval import Mode
from sluice.model.ids import Micros
from sluice.model.judging import JudgeRule, MetricKind, MetricReading, MetricRule, Minutes
from sluice.model.metric_query import MetricQuery
from sluice.model.rollout import Phase, Rollout
from sluice.model.rollout_rules import (
    GuardrailKind,
    Guardrails,
    MetricSource,
    RolloutRules,
    Series,
    Step,
    Strategy,
)
from sluice.usecases.rollout.reading import Window, read
from sluice.usecases.rollout.weighing import weigh
from tests.fakes.metrics import FakeMetrics
from tests.rollouts import ENDPOINT, ERRORS, PRODUCTION, RolloutWorld, rules

REFUSALS = replace(ERRORS, name="refusals", events=(Series("AWS/SageMaker", "Invocation4XXErrors", "Sum"),))


LATENCY = MetricSource(
    "latency",
    requests=Series("AWS/SageMaker", "Invocations", "Sum"),
    events=(Series("AWS/SageMaker", "ModelLatency", ""),),
    quantile=0.95,
)
ALONE = {"EndpointName": ENDPOINT, "VariantName": PRODUCTION}
MINUTE = 60_000_000


def guarded(guardrails: Guardrails) -> RolloutRules:
    return rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=guardrails)


def series(query: MetricQuery) -> tuple[object, ...]:
    return query.namespace, query.metric, query.stat, tuple(sorted(query.dimensions.items()))


def test_metrics_that_count_the_same_requests_read_them_once_and_all_get_them() -> None:
    judged = JudgeRule(metrics=(MetricRule("errors"), MetricRule("refusals")), alpha=0.01)
    world = RolloutWorld(rules(judge=judged, sources=(ERRORS, REFUSALS)))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)

    world.pass_minutes(9)

    look = world.rollout(rollout_id).look
    asked = [[series(query) for query in queries] for queries, _, _ in world.metrics.asked]
    assert look is not None
    assert len({m.candidate_requests for m in look.metrics}) == 1 < look.metrics[0].candidate_requests
    assert all(len(set(one)) == len(one) for one in asked)
    assert max(len(one) for one in asked) == 6  # requests, errors and refusals of both sides


def test_the_history_costs_nothing_more_where_it_is_the_baselines_own_series() -> None:
    """CloudWatch bills series, not minutes: it was a third of what the looks of a canary cost."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.metrics.asked.clear()

    world.pass_minutes(9)

    assert [len(queries) for queries, _, _ in world.metrics.asked] == [4] * len(world.metrics.asked)
    begun = -(-world.rollout(rollout_id).begun_at // MINUTE) * MINUTE
    assert {start for _, start, _ in world.metrics.asked} == {begun - 180 * MINUTE}


SHIFTED = Guardrails(GuardrailKind.ALL_AT_ONCE, wait_s=0, termination_wait_s=3000, managed=False)


@pytest.mark.parametrize(
    "plan, phase",
    [
        (rules(), Phase.STEP),
        (rules(shadow=Step(100, 600, 3600)), Phase.SHADOW),
        (guarded(Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=3000)), Phase.GUARDED),
        (guarded(SHIFTED), Phase.GUARDED),
        (guarded(replace(SHIFTED, max_execution_s=3 * 24 * 3600 + 7)), Phase.GUARDED),
    ],
)
def test_the_verdict_is_that_of_the_raw_counts_of_each_window(plan: RolloutRules, phase: Phase) -> None:
    world = RolloutWorld(plan)
    world.traffic.rates |= {CANDIDATE: 0.012, "fraud-scoring-v7-f1": 0.012}
    world.traffic.early = 0.25
    rollout_id = world.request()
    world.await_phase(rollout_id, phase)
    world.pass_minutes(25, until=lambda: (look := world.rollout(rollout_id).look) is not None and look.minutes > 3)
    rollout = world.rollout(rollout_id)
    now, seen = world.clock.at, world.seen

    weighed = weigh(rollout, world.metrics, Sight(seen, now))

    assert weighed.judgement is not None
    assert weighed.judgement.minutes > 3
    (found,), reading = weighed.judgement.metrics, _raw(world, rollout, now)
    terms = Terms(0.01, share=0.1 if phase is Phase.STEP else None)
    assert (found.evidence, found.effect, found.caveats, found.candidate_events) == _numbers(reading, terms)


def _numbers(reading: MetricReading, terms: Terms) -> tuple[object, ...]:
    found = judge_metric(MetricRule("errors"), reading, terms)
    return found.evidence, found.effect, found.caveats, found.candidate_events


def _raw(world: RolloutWorld, rollout: Rollout, now: Micros) -> MetricReading:
    """Each side and the history read by itself, three hours of it."""
    sides, begun = sides_of(rollout), -(-rollout.begun_at // MINUTE) * MINUTE
    assert sides is not None
    since = rollout.phase_since
    if rollout.phase is Phase.GUARDED and not is_managed(rollout):
        since = max(since, world.seen.modified_at)
    start, end = whole_minutes(since, now)
    shift = sides.shift_s * 1_000_000

    def minutes(side: Side, first: int, after: int) -> Minutes:
        told = world.metrics.by_minute(queries((ERRORS,), side, "x", {}), start=Micros(first), end=Micros(after))
        return readings((ERRORS,), {f"{p}{key[1:]}": v for p in "bch" for key, v in told.items()})["errors"].baseline

    return MetricReading(
        minutes(sides.baseline, start - shift, end - shift),
        minutes(sides.candidate, start, end),
        minutes(sides.history, begun - 180 * MINUTE, begun),
        sides.comparison,
    )


def test_windows_that_lie_more_than_a_day_apart_are_read_by_themselves() -> None:
    metrics, query = FakeMetrics(), MetricQuery("a", "N", "M", {}, "Sum")
    metrics.record(query, Micros(0), [float(minute) for minute in range(3000)])
    late = replace(query, id="b")

    near = read(metrics, Window((query,), Micros(0), at(2)), Window((late,), at(1438), at(1440)))
    far = read(metrics, Window((query,), Micros(0), at(2)), Window((late,), at(1439), at(1441)))

    assert near == {"a": (0.0, 1.0), "b": (1438.0, 1439.0)}
    assert far == {"a": (0.0, 1.0), "b": (1439.0, 1440.0)}
    assert [(start, end) for _, start, end in metrics.asked] == [
        (0, at(1440)),
        (0, at(2)),
        (at(1439), at(1441)),
    ]


def test_a_window_without_minutes_or_without_series_is_not_asked_for() -> None:
    metrics, query = FakeMetrics(), MetricQuery("a", "N", "M", {}, "Sum")

    values = read(metrics, Window((query,), at(3), at(3)), Window((), at(0), at(9)))

    assert values == {"a": ()}
    assert metrics.asked == []


def test_the_limit_of_latency_waits_for_the_last_minutes_of_the_history() -> None:
    """It stays for good: a minute that CloudWatch shows late would never count."""
    metric = MetricRule("latency", MetricKind.LATENCY)
    world = RolloutWorld(rules(judge=JudgeRule(metrics=(metric,)), sources=(LATENCY,)), mode=Mode.OBSERVE)
    slow = MetricQuery("any", "AWS/SageMaker", "ModelLatency", dict(ALONE), "p95")
    history = Micros(world.clock.at - 180 * MINUTE)
    world.metrics.record(slow, history, [1000.0] * 89 + [5000.0] * 91)
    world.metrics.delay_s = 110
    rollout_id = world.request()

    world.work()
    world.pass_minutes(0.5)
    at_first = world.rollout(rollout_id)
    world.pass_minutes(9)

    assert (at_first.looks, at_first.pins) == (1, None)
    assert world.rollout(rollout_id).pins == {"latency": 5000.0}


def at(minute: int) -> Micros:
    return Micros(minute * MINUTE)
