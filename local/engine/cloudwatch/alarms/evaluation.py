"""When an alarm goes off: a pure decision over the latest data points, as "Evaluating an alarm" of the guide has it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"

EXTRA_PERIODS = 2
"""CloudWatch looks at more periods than it evaluates, so that late data does not count as missing."""

_BREACHES: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (lambda v, t: v > t, "greater than"),
    "GreaterThanOrEqualToThreshold": (lambda v, t: v >= t, "greater than or equal to"),
    "LessThanThreshold": (lambda v, t: v < t, "less than"),
    "LessThanOrEqualToThreshold": (lambda v, t: v <= t, "less than or equal to"),
}

OPERATORS = tuple(_BREACHES)
"""The comparison operators with a static threshold."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an alarm watches for: `datapoints` of the last `periods` periods beyond the threshold."""

    operator: str
    threshold: float
    periods: int
    datapoints: int
    missing: str = "missing"
    period_s: int = 60
    statistic: str | None = None

    def breaches(self, value: float) -> bool:
        """Whether a value is beyond the threshold."""
        return _BREACHES[self.operator][0](value, self.threshold)


@dataclass(frozen=True, slots=True)
class Finding:
    """The state that an evaluation came to, and why."""

    state: str
    reason: str
    reason_data: str


type Datapoint = tuple[int, float | None]
"""Start of a period in seconds, and its value if there is one."""


def evaluate(rule: Rule, recent: Sequence[Datapoint], *, at: float) -> Finding | None:
    """The state after the periods of the evaluation range, given oldest first; None retains the current state."""
    existing = [(second, value) for second, value in recent if value is not None]
    if len(existing) >= rule.periods:
        return _counted(rule, existing[-rule.periods :], at)
    unknown = rule.periods - len(existing)
    if not existing:
        return _without_data(rule, unknown, at)
    breaching = sum(rule.breaches(value) for _, value in existing)
    fill = unknown if rule.missing == "breaching" else 0
    if breaching + fill >= rule.datapoints:
        return _crossed(rule, existing, at) if breaching else _treated(rule, unknown, ALARM, at)
    if rule.missing == "notBreaching" or fill or breaching < len(existing):
        return _counted(rule, existing, at)
    # Only breaching data points, too few of them: an alarm once the oldest is as old as the data points to alarm.
    age = len(recent) - next(n for n, (_, value) in enumerate(recent) if value is not None)
    return _crossed(rule, existing, at) if rule.missing == "missing" and age >= rule.datapoints else None


def _counted(rule: Rule, evaluated: Sequence[tuple[int, float]], at: float) -> Finding:
    breaching = [point for point in evaluated if rule.breaches(point[1])]
    if len(breaching) >= rule.datapoints:
        return _crossed(rule, evaluated, at)
    fine = [point for point in evaluated if not rule.breaches(point[1])]
    most = rule.periods - rule.datapoints + 1
    text = _sentence(rule, fine, len(evaluated), "not ", f"{_plural(most)} for ALARM -> OK transition")
    return Finding(OK, text, _data(rule, evaluated, at))


def _crossed(rule: Rule, evaluated: Sequence[tuple[int, float]], at: float) -> Finding:
    breaching = [point for point in evaluated if rule.breaches(point[1])]
    least = f"{_plural(rule.datapoints)} for OK -> ALARM transition"
    return Finding(ALARM, _sentence(rule, breaching, len(evaluated), "", least), _data(rule, evaluated, at))


def _without_data(rule: Rule, unknown: int, at: float) -> Finding | None:
    match rule.missing:
        case "ignore":
            return None
        case "breaching":
            return _treated(rule, unknown, ALARM, at)
        case "notBreaching":
            return _treated(rule, unknown, OK, at)
        case _:
            was = "was" if unknown == 1 else "were"
            return Finding(INSUFFICIENT, f"Insufficient Data: {_plural(unknown)} {was} unknown.", _data(rule, (), at))


def _treated(rule: Rule, unknown: int, state: str, at: float) -> Finding:
    treated = "Breaching" if state == ALARM else "NonBreaching"
    periods = f"{unknown} period{'s' if unknown > 1 else ''}"
    were = f"{unknown} missing datapoint{'s were' if unknown > 1 else ' was'} treated as [{treated}]"
    reason = f"Threshold Crossed: no datapoints were received for {periods} and {were}."
    return Finding(state, reason, _data(rule, (), at))


def _sentence(rule: Rule, points: Sequence[tuple[int, float]], of: int, negation: str, least: str) -> str:
    shown = ", ".join(f"{value} ({_day(second)})" for second, value in reversed(points))
    verb = "was" if len(points) == 1 else "were"
    relation = _BREACHES[rule.operator][1]
    return (
        f"Threshold Crossed: {len(points)} out of the last {of} datapoints [{shown}] {verb} {negation}{relation} "
        f"the threshold ({rule.threshold}) (minimum {least})."
    )


def _data(rule: Rule, evaluated: Sequence[tuple[int, float]], at: float) -> str:
    document: dict[str, object] = {"version": "1.0", "queryDate": timestamp(at)}
    if evaluated:
        document["startDate"] = timestamp(evaluated[0][0])
    if rule.statistic:
        document["statistic"] = rule.statistic
    document |= {"period": rule.period_s, "recentDatapoints": [value for _, value in evaluated]}
    document["threshold"] = rule.threshold
    points = [{"timestamp": timestamp(second), "value": value} for second, value in reversed(evaluated)]
    return json.dumps(document | {"evaluatedDatapoints": points}, separators=(",", ":"))


def timestamp(seconds: float) -> str:
    """A moment as CloudWatch writes it in events: milliseconds and `+0000`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _day(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%d/%m/%y %H:%M:%S}"


def _plural(count: int) -> str:
    return f"{count} datapoint{'' if count == 1 else 's'}"
