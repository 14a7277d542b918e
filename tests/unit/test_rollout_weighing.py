"""What a look asks of CloudWatch: each series once, whatever is made of it."""

from dataclasses import replace

from sluice.model.judging import JudgeRule, MetricRule
from sluice.model.metric_query import MetricQuery
from sluice.model.rollout import Phase
from sluice.model.rollout_rules import Series
from tests.rollouts import ERRORS, RolloutWorld, rules

REFUSALS = replace(ERRORS, name="refusals", events=(Series("AWS/SageMaker", "Invocation4XXErrors", "Sum"),))


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
