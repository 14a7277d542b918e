"""A shadow step is judged by what can see it."""

import pytest

from sluice.core.rollout.visible import visible
from sluice.model.judging import JudgeRule, MetricKind, MetricRule
from sluice.model.rollout import Phase
from sluice.model.rollout_rules import MetricSource, Series
from tests.rollout_records import rules

REQUESTS = Series("AWS/SageMaker", "Invocations", "Sum")
ERRORS = MetricSource("errors", REQUESTS, (Series("AWS/SageMaker", "Invocation5XXErrors", "Sum"),))
BUYS = MetricSource("buys", REQUESTS, (Series("Shop", "Purchases", "Sum", {"Variant": "{variant}"}),))
RULES = rules(
    judge=JudgeRule((MetricRule("errors"), MetricRule("buys", MetricKind.KPI_RATIO)), alpha=0.02),
    sources=(ERRORS, BUYS),
)


def test_a_shadow_is_judged_without_the_teams_own_figures_which_it_never_reaches() -> None:
    rule, sources = visible(RULES, Phase.SHADOW)

    assert [metric.name for metric in rule.metrics] == ["errors"]
    assert sources == (ERRORS,)
    assert rule.alpha == 0.02


@pytest.mark.parametrize("phase", [Phase.STEP, Phase.GUARDED, Phase.WATCHING])
def test_whoever_serves_is_judged_by_everything(phase: Phase) -> None:
    assert visible(RULES, phase) == (RULES.judge, RULES.sources)
