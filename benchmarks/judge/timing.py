"""How long is one verdict over 60 minutes of one metric? CPU time of one thread, the median of many."""

import json
from dataclasses import asdict, dataclass
from statistics import median
from time import process_time

from sluice.core.judge import judge
from sluice.model.judging import JudgeRule, MetricReading, MetricRule, Minutes

MINUTES, HISTORY, ROUNDS = 60, 360, 15
LIMIT_MS, MOONSHOT_MS = 20.0, 5.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one verdict, without a history and with one of six hours."""

    without_history_ms: float
    with_history_ms: float
    limit_ms: float = LIMIT_MS
    moonshot_ms: float = MOONSHOT_MS

    @property
    def reached(self) -> bool:
        """Whether the slower of both is quick enough."""
        return max(self.without_history_ms, self.with_history_ms) <= self.limit_ms

    @property
    def line(self) -> str:
        """As it is printed."""
        return json.dumps({"benchmark": "judge_verdict", "minutes": MINUTES, **asdict(self)})


def measure() -> Timing:
    """Both figures."""
    history = _minutes(HISTORY, 600, 6)
    return Timing(_milliseconds(None), _milliseconds(history))


def _milliseconds(history: Minutes | None) -> float:
    rule = JudgeRule((MetricRule("errors"),))
    taken = []
    for number in range(ROUNDS):
        # Counts never seen before: nothing that was kept from an earlier verdict can answer.
        reading = MetricReading(_minutes(MINUTES, 540 + number, 5), _minutes(MINUTES, 60 + number, 1), history)
        started = process_time()
        judge(rule, {"errors": reading})
        taken.append(process_time() - started)
    return round(1000 * median(taken), 2)


def _minutes(length: int, requests: int, events: int) -> Minutes:
    return Minutes(
        tuple(requests + minute % 7 for minute in range(length)), tuple(events + minute % 3 for minute in range(length))
    )
