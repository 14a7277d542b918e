from math import log
from random import Random

import pytest

from sluice.core.judge import judge
from sluice.core.judge.means import differences
from sluice.model.judging import Direction, JudgeRule, MetricKind, MetricReading, MetricRule, Minutes, Verdict

BASKET = MetricRule(
    "basket", MetricKind.KPI_MEAN, Direction.HIGHER_IS_BETTER, margin=0.01, tolerance=0.05, lower=0.0, upper=100.0
)
RULE = JudgeRule((BASKET,))


def _values(random: Random, mean: float, requests: int, minutes: int, *, restless: float = 0.0) -> Minutes:
    sums = [requests * random.gauss(mean, restless) + random.gauss(0, 25 * requests**0.5) for _ in range(minutes)]
    return Minutes((requests,) * minutes, tuple(min(100.0 * requests, max(0.0, value)) for value in sums))


def _reading(seed: int, candidate: float, minutes: int = 60, *, restless: float = 0.0) -> MetricReading:
    random = Random(seed)  # noqa: S311  # values of a test, no secret
    return MetricReading(
        _values(random, 50, 540, minutes, restless=restless), _values(random, candidate, 60, minutes, restless=restless)
    )


@pytest.mark.parametrize("candidate, verdict", [(50, Verdict.ADVANCE), (56, Verdict.ADVANCE), (40, Verdict.ROLL_BACK)])
def test_a_mean_is_judged_by_its_direction(candidate: float, verdict: Verdict) -> None:
    assert judge(RULE, {"basket": _reading(1, candidate)}).verdict is verdict


def test_the_effect_is_the_difference_in_the_units_of_the_value() -> None:
    metric = judge(RULE, {"basket": _reading(1, 40)}).metrics[0]

    assert metric.effect == pytest.approx(-10, abs=2)
    assert metric.effect_low is not None
    assert metric.effect_high is not None
    assert metric.effect_low < -10 < metric.effect_high < 0


@pytest.mark.parametrize("restless", [0.0, 5.0])
def test_good_candidates_are_left_alone_at_every_minute(restless: float) -> None:
    taken = 0
    for seed in range(60):
        whole = _reading(seed, 50, restless=restless)
        looks = (
            MetricReading(
                Minutes(whole.baseline.requests[:m], whole.baseline.events[:m]),
                Minutes(whole.candidate.requests[:m], whole.candidate.events[:m]),
            )
            for m in range(1, 61)
        )
        taken += any(differences(BASKET, look).evidence(BASKET.margin) >= log(100) for look in looks)

    assert taken <= 2


def test_two_minutes_never_decide() -> None:
    assert judge(RULE, {"basket": _reading(1, 0, minutes=2)}).verdict is Verdict.CONTINUE


def test_values_that_never_scatter_are_judged_without_an_error() -> None:
    flat = MetricReading(Minutes((10,) * 20, (500.0,) * 20), Minutes((10,) * 20, (500.0,) * 20))

    assert judge(RULE, {"basket": flat}).verdict is Verdict.ADVANCE


def test_a_mean_that_is_not_decided_says_how_long_it_takes() -> None:
    metric = judge(RULE, {"basket": _reading(3, 48.5, minutes=4)}).metrics[0]

    assert metric.verdict is Verdict.CONTINUE
    assert metric.minutes_needed
    assert metric.requests_needed == 60 * metric.minutes_needed
