"""Which metrics a policy lets decide, what the judge is told of them, and where their counts are read."""

from typing import Any

import pytest

from sluice.model.judging import Direction, MetricKind, MetricRule
from sluice.model.rollout_rules import MetricSource, Series
from tests.unit.policy_texts import STANDARD
from tests.unit.test_policy_rollout import problems, rules

ASYNCHRONOUS = {"endpoint": "fraud", "kind": "asynchronous"}
REQUESTS = Series("AWS/SageMaker", "Invocations", "Sum")
DIMENSIONS = {"Endpoint": "{endpoint}", "Variant": "{variant}"}


def own(metric: str, **changes: Any) -> dict[str, Any]:
    return {"namespace": "Shop", "metric": metric, "dimensions": DIMENSIONS, **changes}


def judged(*metrics: dict[str, Any], **rollout: Any) -> tuple[MetricRule, MetricSource]:
    """The last metric, as the judge and as CloudWatch see it."""
    ruled = rules(judge={"metrics": list(metrics)}, **rollout)
    assert [m.name for m in ruled.judge.metrics] == [s.name for s in ruled.sources]
    return ruled.judge.metrics[-1], ruled.sources[-1]


def test_a_policy_that_says_nothing_is_judged_by_errors_and_latency_both_critical() -> None:
    ruled = rules(STANDARD)

    assert [(m.name, m.kind, m.critical) for m in ruled.judge.metrics] == [
        ("errors", MetricKind.ERRORS, True),
        ("latency", MetricKind.LATENCY, True),
    ]
    latency = Series("AWS/SageMaker", "ModelLatency", "SampleCount")
    assert ruled.sources == (
        MetricSource("errors", REQUESTS, (Series("AWS/SageMaker", "Invocation5XXErrors", "Sum"),)),
        MetricSource("latency", latency, (latency,), 0.9),
    )


@pytest.mark.parametrize(
    "of, counted",
    [
        (["4xx"], ["Invocation4XXErrors"]),
        (["5xx", "4xx"], ["Invocation5XXErrors", "Invocation4XXErrors"]),
        (["model"], ["InvocationModelErrors"]),
    ],
)
def test_a_policy_says_which_errors_count(of: list[str], counted: list[str]) -> None:
    _, source = judged({"errors": {"of": of}})

    assert [series.metric for series in source.events] == counted


def test_an_asynchronous_endpoint_is_read_by_the_metrics_that_it_has() -> None:
    """It publishes no Invocations."""
    _, source = judged({"errors": {}}, target=ASYNCHRONOUS)

    assert source.requests.metric == "InvocationsProcessed"
    assert [series.metric for series in source.events] == ["InvocationFailures"]


def test_a_ratio_is_counted_among_requests_or_what_the_policy_says() -> None:
    rule, plain = judged({"name": "buys", "ratio": {"events": own("Purchases"), "better": "higher"}})
    _, among = judged({"name": "buys", "ratio": {"events": own("Purchases"), "of": own("Visits"), "better": "higher"}})

    assert (rule.kind, rule.direction, rule.critical) == (MetricKind.KPI_RATIO, Direction.HIGHER_IS_BETTER, False)
    assert plain == MetricSource("buys", REQUESTS, (Series("Shop", "Purchases", "Sum", DIMENSIONS),))
    assert among.requests == Series("Shop", "Visits", "Sum", DIMENSIONS)


@pytest.mark.parametrize("kind, judges", [("mean", MetricKind.KPI_MEAN), ("quality", MetricKind.QUALITY)])
def test_a_mean_is_a_sum_over_a_count_with_known_bounds(kind: str, judges: MetricKind) -> None:
    bounded = {"value": own("Basket"), "lower": -5, "upper": 500, "better": "lower"}

    rule, source = judged({"name": "basket", kind: bounded, "margin": 0.02, "weight": 3, "critical": True})

    assert (rule.kind, rule.direction) == (judges, Direction.LOWER_IS_BETTER)
    assert (rule.lower, rule.upper, rule.margin, rule.weight, rule.critical) == (-5, 500, 0.02, 3, True)
    assert rule.tolerance == 0.1
    assert source.requests == Series("Shop", "Basket", "SampleCount", DIMENSIONS)
    assert source.events == (Series("Shop", "Basket", "Sum", DIMENSIONS),)


def test_margins_and_tolerances_reach_the_judge() -> None:
    rule, source = judged(
        {"latency": {"quantile": 0.99}, "margin": 0, "tolerance": 0.5, "tolerance_absolute": 0.01, "critical": False}
    )

    assert (rule.margin, rule.tolerance, rule.tolerance_absolute, rule.critical) == (0, 0.5, 0.01, False)
    assert source.quantile == 0.99


BUYS = {"name": "buys", "ratio": {"events": own("Purchases"), "better": "higher"}}


@pytest.mark.parametrize(
    "metric, problem",
    [
        ({"name": "nothing"}, ": set exactly one of errors, latency, ratio, mean and quality"),
        ({"errors": {}, "latency": {}}, ": set exactly one of errors, latency, ratio, mean and quality"),
        ({"ratio": BUYS["ratio"]}, ".name: is required but missing"),
        ({"errors": {"of": ["5xx", "model"]}}, ".errors.of: only 5xx and 4xx can be added up: the others count the same failures again"),
        ({"errors": {"of": ["5xx", "5xx"]}}, ".errors.of: only 5xx and 4xx can be added up: the others count the same failures again"),
        ({"errors": {"of": ["failures"]}}, ".errors.of: failures are counted on asynchronous endpoints only"),
        ({"latency": {"quantile": 0.4}}, ".latency.quantile: should be greater than or equal to 0.5"),
        ({"latency": {"quantile": 1.0}}, ".latency.quantile: should be less than or equal to 0.999"),
        ({"errors": {}, "margin": -0.1}, ".margin: should be greater than or equal to 0"),
        ({"errors": {}, "weight": 0}, ".weight: should be greater than 0"),
        ({"name": "m", "mean": {"value": own("M"), "lower": 1, "upper": 1, "better": "lower"}}, ".mean.upper: must lie above lower"),
        ({"name": "m", "mean": {"value": own("M"), "lower": 1, "upper": 2}}, ".mean.better: is required but missing"),
        ({"name": "m", "ratio": {"events": own("M", dimensions={"Endpoint": "fraud"}), "better": "lower"}}, ".ratio.events.dimensions: one value must hold {variant}, or the old version and the new one cannot be told apart"),
        ({"name": "m", "ratio": {"events": own("M", dimensions={"V": "{variant}", "C": "{config}"}), "better": "lower"}}, ".ratio.events.dimensions.C: knows only {endpoint} and {variant} in braces"),
        ({"name": "m", "ratio": {"events": own("M", dimensions={}), "better": "lower"}}, ".ratio.events.dimensions: "),
        ({"name": "m", "ratio": {"events": own("M", namespace=":shop"), "better": "lower"}}, ".ratio.events.namespace: should match pattern"),
    ],
)  # fmt: skip
def test_a_metric_that_cannot_be_judged_is_refused_with_the_field_and_the_reason(
    metric: dict[str, Any], problem: str
) -> None:
    (found,) = problems(judge={"metrics": [metric]})

    assert found.startswith(f"rollout.judge.metrics[0]{problem}")


def test_a_metric_of_the_teams_own_is_refused_where_both_versions_serve_as_one_variant() -> None:
    assert problems(strategy="guardrails", judge={"metrics": [{"errors": {}}, BUYS]}) == [
        "rollout.judge.metrics[1]: cannot be told apart by version under guardrails, where both serve as one variant"
    ]


def test_a_shadow_step_needs_a_metric_that_sees_it() -> None:
    assert problems(shadow={}, judge={"metrics": [BUYS]}) == [
        "rollout.shadow: needs errors or latency to be judged by: what serves nobody is not in figures of your own"
    ]
    assert [source.is_own for source in rules(shadow={}, judge={"metrics": [{"errors": {}}, BUYS]}).sources] == [
        False,
        True,
    ]


def test_model_errors_of_an_asynchronous_endpoint_are_refused() -> None:
    assert problems(target=ASYNCHRONOUS, judge={"metrics": [{"errors": {"of": ["model"]}}]}) == [
        "rollout.judge.metrics[0].errors.of: SageMaker does not publish model errors of asynchronous endpoints"
    ]


def test_two_metrics_of_one_kind_need_names_of_their_own() -> None:
    again = {"errors": {"of": ["4xx"]}}

    assert problems(judge={"metrics": [{"errors": {}}, again]}) == [
        "rollout.judge.metrics[1].name: errors is there already: give this one another name"
    ]
    assert judged({"errors": {}}, {**again, "name": "refused"})[0].name == "refused"


@pytest.mark.parametrize("chance", [0, 0.21, 1])
@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_a_chance_of_being_wrong_is_small_and_never_none(name: str, chance: float) -> None:
    (problem,) = problems(judge={name: chance})

    assert problem.startswith(f"rollout.judge.{name}: should be")


@pytest.mark.parametrize("metrics, fits", [(0, False), (1, True), (10, True), (11, False)])
def test_a_version_is_judged_by_one_to_ten_metrics(metrics: int, *, fits: bool) -> None:
    judge = {"metrics": [{"errors": {}, "name": f"errors-{n}"} for n in range(metrics)]}

    if fits:
        assert len(rules(judge=judge).sources) == metrics
    else:
        assert problems(judge=judge)[0].startswith("rollout.judge.metrics:")
