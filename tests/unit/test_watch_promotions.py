"""In the days after a promotion the new version is compared with what served before it."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.signals.promotions import KEPT, rule_of, spans_of
from sluice.errors import TransientFailure
from sluice.model.commit import Commit
from sluice.model.endpoint import endpoint_id
from sluice.model.ids import Micros, RolloutId
from sluice.model.judging import JudgeRule, MetricKind, MetricRule
from sluice.model.production import ProductionRecord, Served
from sluice.model.rollout import Rollout, RolloutOutcome
from sluice.model.rollout_rules import MetricSource, Series
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.remembering import keep, recall
from tests.packages import ARN, GROUP, REGION
from tests.rollout_records import ROLLOUT, ended
from tests.rollouts import ENDPOINT, ERRORS, PRODUCTION, rules, serving_config
from tests.signals import SignalWorld, watching

MINUTE, HOUR, DAY = 60, 3600, 86_400
SECOND = 1_000_000
VARIANT = {"EndpointName": ENDPOINT, "VariantName": PRODUCTION}
PLACE = endpoint_id(REGION, ENDPOINT)


class Days(SignalWorld):
    """An endpoint with traffic, on which version 7 was promoted after a rollout of half an hour."""

    def __init__(self, *, before_h: float = 30, **watch: Any) -> None:
        super().__init__(watching(**({"for_s": 3 * DAY, "compare": (ERRORS,)} | watch)))
        self.play(-before_h * HOUR, rate=0.01)
        self.promote("v7", ROLLOUT)

    def play(self, seconds: float, *, rate: float) -> None:
        """So many seconds of traffic from now on, or up to now; errors come evenly."""
        start = self.clock.at if seconds > 0 else Micros(self.clock.at + int(seconds * SECOND))
        minutes = int(abs(seconds) // MINUTE)
        errors = [float(int((n + 1) * 600 * rate) - int(n * 600 * rate)) for n in range(minutes)]
        self.metrics.traffic(VARIANT, start, requests=[600.0] * minutes, errors=errors)
        if seconds > 0:
            self.later(seconds)

    def promote(self, config: str, rollout_id: str) -> None:
        """A version is promoted after a rollout of half an hour."""
        begun = self.clock.at
        self.play(0.5 * HOUR, rate=0.01)
        self.serve({**serving_config(), "EndpointConfigName": config})
        over = ended(RolloutOutcome.PROMOTED, rules=rules(), begun_at=begun, ended_at=self.clock.now())
        over = replace(over, request=replace(over.request, rollout_id=RolloutId(rollout_id)))
        self.records.commit(Commit((keep(None, over, rollout_id),)), at=self.clock.at)
        self.rewrite(rollout_id=rollout_id)

    def rewrite(self, **changes: Any) -> None:
        """What is remembered of what serves is otherwise."""
        known = recall(self.records, ProductionRecord, PLACE)
        assert known is not None
        served = (*known.value.served[:-1], replace(known.value.served[-1], **changes))
        self.records.commit(Commit((keep(known, replace(known.value, served=served), PLACE),)), at=self.clock.now())

    def goes_back(self, rollout_id: str = "0" * 32) -> None:
        """A rollback has brought version 6 back."""
        known = recall(self.records, ProductionRecord, PLACE)
        assert known is not None
        now = self.clock.now()
        left = replace(known.value.served[-1], until=now)
        again = Served("v6", ARN.text[:-1] + "6", 6, now, rollout_id=rollout_id)
        record = ProductionRecord(REGION, ENDPOINT, GROUP, (left, again))
        self.records.commit(Commit((keep(known, record, PLACE),)), at=now)


def test_a_version_that_is_as_good_as_the_one_before_says_nothing() -> None:
    world = Days()

    for _ in range(12):
        world.play(10 * MINUTE, rate=0.01)
        assert world.compare() == 0

    assert world.signals == []


def test_a_version_that_gets_worse_a_day_later_raises_a_signal() -> None:
    world = Days()
    world.play(26 * HOUR, rate=0.01)
    assert world.compare() == 0

    world.play(1 * HOUR, rate=0.05)

    assert world.compare() == 1
    (signal,) = world.signals
    assert (signal.kind, signal.cause, signal.raised) == (SignalKind.WATCH, Cause.ERRORS, True)
    assert (signal.source, signal.config, signal.group) == (f"watch/{ENDPOINT}", "v7", GROUP)
    assert signal.summary.startswith("Since version 7 was promoted: errors: higher than the margin allows")
    assert signal.findings[0].limit == pytest.approx(0.01, abs=0.002)


def test_what_is_raised_is_not_said_again_at_each_look() -> None:
    world = Days()
    world.play(2 * HOUR, rate=0.05)

    assert [world.compare() for _ in range(3)] == [1, 0, 0]


def test_a_version_that_is_as_it_should_be_again_clears_it() -> None:
    world = Days()
    world.play(2 * HOUR, rate=0.05)
    world.compare()

    world.play(32 * HOUR, rate=0.01)
    world.compare()

    assert [signal.raised for signal in world.signals] == [True, False]
    assert world.signals[0].at < world.signals[1].at


def test_a_version_that_serves_no_more_has_nothing_raised_about_it() -> None:
    world = Days()
    world.play(2 * HOUR, rate=0.05)
    world.compare()

    world.goes_back()
    world.later(600)

    assert world.compare() == 1
    assert world.signals[-1].raised is False
    assert "serves no more" in world.signals[-1].summary
    assert world.compare() == 0


def test_a_version_that_a_rollback_brought_back_is_not_watched() -> None:
    world = Days()
    earlier = ended(RolloutOutcome.PROMOTED, rules=rules(), begun_at=Micros(1), ended_at=Micros(2))
    world.records.commit(Commit((keep(None, earlier, "6" * 32),)), at=world.clock.now())
    world.goes_back("6" * 32)

    world.play(2 * HOUR, rate=0.2)

    assert world.compare() == 0


def test_an_endpoint_that_did_not_serve_a_day_before_is_compared_with_the_hours_before() -> None:
    world = Days(before_h=6)

    world.play(2 * HOUR, rate=0.05)

    assert world.compare() == 1


def test_an_endpoint_without_requests_before_says_nothing() -> None:
    world = Days()
    world.metrics = type(world.metrics)(clock=world.clock)

    world.play(2 * HOUR, rate=0.5)

    assert world.compare() == 0


@pytest.mark.parametrize(
    "prepare",
    [
        lambda world: world.hold(),
        lambda world: world.govern(watching(for_s=3 * DAY)),
        lambda world: world.govern(watching(for_s=60, compare=(ERRORS,))),
        lambda world: world.becomes(config="theirs"),
        lambda world: world.rewrite(rollout_id=""),
        lambda world: world.rewrite(until=1),
    ],
    ids=["our rollout has it", "compares nothing", "time is over", "others serve", "not by us", "not any more"],
)
def test_nothing_is_said_when(prepare: Any) -> None:
    world = Days()
    world.play(2 * HOUR, rate=0.2)

    prepare(world)

    assert world.compare() == 0
    assert world.signals == []


def test_a_rollout_that_was_replaced_is_not_watched() -> None:
    world = Days()
    known = recall(world.records, Rollout, ROLLOUT)
    assert known is not None
    world.records.commit(Commit((keep(known, replace(known.value, replaced=True), ROLLOUT),)), at=world.clock.now())
    world.play(2 * HOUR, rate=0.2)

    assert world.compare() == 0


def test_a_later_version_is_watched_from_its_own_promotion() -> None:
    world = Days()
    world.play(2 * HOUR, rate=0.05)
    world.compare()
    world.promote("v8", "8" * 32)

    first = world.compare()
    world.play(2 * HOUR, rate=0.3)
    second = world.compare()

    assert (first, second) == (1, 1)
    assert [(s.raised, s.config) for s in world.signals] == [(True, "v7"), (False, "v7"), (True, "v8")]


def test_metrics_that_cannot_be_read_are_asked_for_at_the_next_look() -> None:
    world = Days()
    world.play(2 * HOUR, rate=0.05)
    world.metrics.fail(TransientFailure("GetMetricData: Throttling"))

    with pytest.raises(TransientFailure):
        world.compare()

    assert world.compare() == 1


@pytest.mark.parametrize("kind, cause", [(MetricKind.ERRORS, Cause.ERRORS), (MetricKind.KPI_RATIO, Cause.KPI)])
def test_the_kind_of_the_metric_is_the_cause(kind: MetricKind, cause: Cause) -> None:
    world = Days()
    judge = JudgeRule(metrics=(MetricRule("errors", kind),), alpha=0.01)
    world.govern(replace(watching(for_s=3 * DAY, compare=(ERRORS,)), rollout=rules(judge=judge)))

    world.play(2 * HOUR, rate=0.05)
    world.compare()

    assert [(signal.raised, signal.cause) for signal in world.signals] == [(True, cause)]


def test_limits_of_latency_are_taken_once() -> None:
    series = (Series("AWS/SageMaker", "ModelLatency", ""),)
    source = MetricSource("latency", Series("AWS/SageMaker", "Invocations", "Sum"), series, quantile=0.95)
    world = Days(compare=(source,))
    world.play(2 * HOUR, rate=0.01)

    for _ in range(2):
        world.compare()

    asked = [query.stat for queries, _, _ in world.metrics.asked for query in queries]
    assert asked.count("p95") == 1


# Which minutes


def test_the_same_hours_of_a_day_before_the_rollout_are_met_and_the_hours_right_before() -> None:
    begun, since = Micros(100 * DAY * SECOND), Micros((100 * DAY + HOUR) * SECOND)

    aligned, apart = spans_of(since, begun, Micros(since + 3 * HOUR * SECOND))

    assert aligned.shift == DAY * SECOND
    assert aligned.end - aligned.shift <= begun
    assert begun - MINUTE * SECOND <= apart.end - apart.shift <= begun


@pytest.mark.parametrize("hours", [0.2, 5, 23.9, 24.1, 71, 200])
def test_minutes_before_lie_before_the_rollout_and_within_what_cloudwatch_keeps(hours: float) -> None:
    begun, since = Micros(100 * DAY * SECOND), Micros((100 * DAY + 7 * HOUR) * SECOND)
    now = Micros(int(since + hours * HOUR * SECOND))

    spans = spans_of(since, begun, now)

    assert spans
    for span in spans:
        assert span.end - span.shift <= begun
        assert span.start - span.shift > now - KEPT
        assert since <= span.start < span.end <= now


def test_what_cloudwatch_keeps_no_more_is_not_met() -> None:
    since = Micros(100 * DAY * SECOND)

    assert spans_of(since, since, Micros(since + 20 * DAY * SECOND)) == ()


def test_before_there_is_a_whole_minute_nothing_is_compared() -> None:
    since = Micros(100 * DAY * SECOND)

    assert spans_of(since, since, Micros(since + 100 * SECOND)) == ()


def test_all_days_together_spend_no_more_than_alpha() -> None:
    judge = JudgeRule(metrics=(MetricRule("errors"),), alpha=0.01)

    spent = sum(rule_of(judge, (ERRORS,), day).alpha for day in range(1000))

    assert 0.0099 < spent <= 0.01


def test_only_the_metrics_that_are_compared_are_judged() -> None:
    judge = JudgeRule(metrics=(MetricRule("errors"), MetricRule("latency", MetricKind.LATENCY)))

    assert [metric.name for metric in rule_of(judge, (ERRORS,), 0).metrics] == ["errors"]
