"""CloudWatch metrics in memory: one value a minute."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery, MinuteValues, verdict_query
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faulty

_MINUTE = 60_000_000


class Published(NamedTuple):
    """A verdict that was told."""

    endpoint: str
    rollout_id: str
    rejected: bool
    at: Micros


class FakeMetrics(Faulty):
    """`Metrics`: a series is known by all that a query says but its id. `fail(TransientFailure(...))` throttles.

    With a clock, values younger than `delay_s` do not show yet, as CloudWatch is late. With alarms, a published
    rejection rings those that watch it.
    """

    def __init__(self, *, clock: FakeClock | None = None, alarms: FakeAlarms | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.alarms = alarms
        self.delay_s = 0
        self.verdicts: list[Published] = []
        self.asked: list[tuple[tuple[MetricQuery, ...], Micros, Micros]] = []
        self._series: dict[tuple[object, ...], dict[int, float]] = {}

    def record(self, query: MetricQuery, start: Micros, values: Sequence[float | None]) -> None:
        """Values from the minute of `start` on; None is a minute without one."""
        series = self._series.setdefault(_key(query), {})
        for offset, value in enumerate(values):
            if value is not None:
                series[start // _MINUTE + offset] = value

    def traffic(
        self,
        dimensions: Mapping[str, str],
        start: Micros,
        *,
        requests: Sequence[float | None],
        errors: Sequence[float | None] = (),
    ) -> None:
        """Requests and 5xx errors of a variant, minute by minute, under the names that SageMaker gives them."""
        for metric, values in (("Invocations", requests), ("Invocation5XXErrors", errors)):
            self.record(MetricQuery("any", "AWS/SageMaker", metric, dimensions, "Sum"), start, values)

    def by_minute(self, queries: Sequence[MetricQuery], *, start: Micros, end: Micros) -> Mapping[str, MinuteValues]:
        self.check()
        self.asked.append((tuple(queries), start, end))
        minutes = range(start // _MINUTE, max(start // _MINUTE, end // _MINUTE))
        return {query.id: tuple(self._value(query, minute) for minute in minutes) for query in queries}

    def publish_verdict(self, *, endpoint: str, rollout_id: str, rejected: bool, at: Micros) -> None:
        self.check()
        self.verdicts.append(Published(endpoint, rollout_id, rejected, at))
        query = verdict_query(endpoint, rollout_id)
        before = self._series.get(_key(query), {}).get(at // _MINUTE, 0.0)
        self.record(query, at, (max(before, float(rejected)),))
        if self.alarms is not None and rejected:
            for plan in self.alarms.plans.values():
                if any(_key(metric) == _key(query) for metric in plan.metrics):
                    self.alarms.ring(plan.name)

    def _value(self, query: MetricQuery, minute: int) -> float | None:
        late = self.clock is not None and (minute + 1) * _MINUTE + self.delay_s * 1_000_000 > self.clock.at
        return None if late and self.delay_s else self._series.get(_key(query), {}).get(minute)


def _key(query: MetricQuery) -> tuple[object, ...]:
    return (query.namespace, query.metric, frozenset(query.dimensions.items()), query.stat)
