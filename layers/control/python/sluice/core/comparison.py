"""The candidate's metrics beside those of the version in production, or of the newest approved."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice

from sluice.core.metric_gates import Found, find_metric
from sluice.model.approval import MetricLine
from sluice.model.evidence import Evidence
from sluice.model.package import DocumentKind
from sluice.model.policy_in_force import GateRules, MetricLimit

MAX_LINES = 12


class Direction(StrEnum):
    """Which way a metric gets better."""

    UP = "up"
    DOWN = "down"


_UPWARD = (
    "accuracy",
    "auc",
    "f0_5",
    "f1",
    "f2",
    "precision",
    "r2",
    "recall",
    "true_negative_rate",
    "true_positive_rate",
)
_DOWNWARD = ("false_negative_rate", "false_positive_rate", "log_loss", "mae", "mape", "mse", "rmse")
_KNOWN = dict.fromkeys(_UPWARD, Direction.UP) | dict.fromkeys(_DOWNWARD, Direction.DOWN)


def comparison_lines(rules: GateRules, evidence: Evidence, production: Evidence | None) -> tuple[MetricLine, ...]:
    """The metrics of the gates in their order, then the well-known ones that both versions have."""
    return tuple(islice(_lines(rules, evidence, production), MAX_LINES))


def _lines(rules: GateRules, evidence: Evidence, production: Evidence | None) -> Iterator[MetricLine]:
    shown: set[str] = set()
    for limit in rules.metrics:
        line = _line(limit.document, limit.name, _direction(limit), evidence, production)
        if line is not None and limit.name not in shown:
            shown.add(limit.name)
            yield line
    for name in _well_known(evidence):
        line = _line(DocumentKind.MODEL_QUALITY, name, _known_direction(name), evidence, production)
        if line is not None and name not in shown and line.production is not None:
            shown.add(name)
            yield line


def _line(
    kind: DocumentKind, name: str, direction: Direction | None, evidence: Evidence, production: Evidence | None
) -> MetricLine | None:
    candidate = find_metric(evidence, kind, name)
    if not isinstance(candidate, Found):
        return None
    before = find_metric(production, kind, name) if production else None
    if not isinstance(before, Found):
        return MetricLine(name, candidate.value, None, "new")
    return MetricLine(name, candidate.value, before.value, _trend(candidate.value, before.value, direction))


def _trend(candidate: float, before: float, direction: Direction | None) -> str:
    if candidate == before or direction is None:
        return "same" if candidate == before else "changed"
    return "better" if (candidate > before) == (direction is Direction.UP) else "worse"


def _direction(limit: MetricLimit) -> Direction | None:
    """Which way is better, as far as the policy's limits say, else by the metric's name."""
    against = limit.against_production
    if against is not None:
        return Direction.UP if against.max_drop is not None else Direction.DOWN
    if (limit.minimum is None) != (limit.maximum is None):
        return Direction.UP if limit.minimum is not None else Direction.DOWN
    return _known_direction(limit.name)


def _known_direction(name: str) -> Direction | None:
    return _KNOWN.get(name.rpartition(".")[2].removeprefix("weighted_").lower())


def _well_known(evidence: Evidence) -> list[str]:
    names = {
        metric.name
        for document in evidence.documents
        if document.kind is DocumentKind.MODEL_QUALITY
        for metric in document.metrics
    }
    return sorted(name for name in names if _known_direction(name))
