"""PutMetricAlarm: an alarm as it is kept and described, from a request or from a CloudFormation resource."""

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

from local import clock
from local.engine.cloudwatch import queries, wire
from local.engine.cloudwatch.alarms.evaluation import INSUFFICIENT, OPERATORS, Rule
from local.engine.cloudwatch.errors import invalid
from local.engine.cloudwatch.statistics import is_statistic
from local.engine.sagemaker import shapes

_STATE = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
_DAY_S, _WEEK_S = 86400, 7 * 86400
_MOST_METRICS = 20
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit")


def from_request(request: dict[str, Any]) -> dict[str, Any]:
    """The record of an alarm; one of the same name keeps its state."""
    _check(request)
    name, now = request["AlarmName"], clock.now()
    before = cloudwatch._alarms.get(name) or {}
    state = {key: before[key] for key in _STATE if key in before} or {
        "StateValue": INSUFFICIENT,
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
    }
    record = {key: value for key, value in request.items() if key != "Tags" and value is not None}
    record.setdefault("ActionsEnabled", True)
    for key in ("OKActions", "AlarmActions", "InsufficientDataActions"):
        record.setdefault(key, [])
    if not record.get("Metrics"):
        record.setdefault("Dimensions", [])
    record.setdefault("TreatMissingData", "missing")
    arn = f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"
    return record | state | {"AlarmArn": arn, "AlarmConfigurationUpdatedTimestamp": now}


def from_properties(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The record of an alarm of a template, whose numbers and booleans may be texts."""
    shape = wire.model().operation_model("PutMetricAlarm").input_shape
    return from_request(_coerced(shape, {**properties, "AlarmName": name}))


def rule_of(alarm: dict[str, Any]) -> Rule:
    """What the evaluation needs to know of a record."""
    periods = int(alarm["EvaluationPeriods"])
    return Rule(
        operator=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        periods=periods,
        datapoints=int(alarm.get("DatapointsToAlarm") or periods),
        missing=alarm.get("TreatMissingData", "missing"),
        period_s=queries.common_period(queries_of(alarm)),
        statistic=alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
    )


def queries_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The queries of an alarm; an alarm on one metric has one."""
    if metrics := alarm.get("Metrics"):
        return list(metrics)
    metric = {key: alarm.get(key) for key in ("Namespace", "MetricName", "Dimensions")}
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    metric_stat = {"Metric": metric, "Period": int(alarm.get("Period") or 60), "Stat": stat, "Unit": alarm.get("Unit")}
    return [{"Id": "m1", "MetricStat": metric_stat, "ReturnData": True}]


def _check(request: dict[str, Any]) -> None:
    shape = wire.model().operation_model("PutMetricAlarm").input_shape
    found = shapes.faults(shape, request)
    if found:
        raise invalid(f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}")
    if request.get("ThresholdMetricId") or request["ComparisonOperator"] not in OPERATORS:
        raise invalid("Anomaly detection is not part of the embedded CloudWatch.")
    if request.get("Threshold") is None:
        raise invalid("The parameter Threshold is required.")
    if request.get("TreatMissingData", "missing") not in _TREATMENTS:
        raise invalid(f"Value for parameter TreatMissingData must be one of {', '.join(_TREATMENTS)}.")
    if int(request.get("DatapointsToAlarm") or 1) > int(request["EvaluationPeriods"]):
        raise invalid("DatapointsToAlarm must not be greater than EvaluationPeriods.")
    _check_metrics(request)
    period = queries.common_period(queries_of(request))
    span = period * int(request["EvaluationPeriods"])
    if span > (_WEEK_S if period >= 3600 else _DAY_S):
        raise invalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).")


def _check_metrics(request: dict[str, Any]) -> None:
    metrics = request.get("Metrics") or []
    if not metrics:
        return _check_one_metric(request)
    if given := [key for key in _OF_ONE_METRIC if request.get(key)]:
        raise invalid(f"Metrics cannot be given together with {', '.join(given)}.")
    queries.checked(metrics)
    if len(metrics) > _MOST_METRICS or sum(bool(q.get("ReturnData", True)) for q in metrics) != 1:
        raise invalid("Metrics must hold at most 20 queries, exactly one of which returns data.")
    return None


def _check_one_metric(request: dict[str, Any]) -> None:
    if not request.get("MetricName") or not request.get("Namespace"):
        raise invalid("The parameters MetricName and Namespace are required.")
    if bool(request.get("Statistic")) == bool(request.get("ExtendedStatistic")):
        raise invalid("Exactly one of the parameters Statistic and ExtendedStatistic must be specified.")
    if (extended := request.get("ExtendedStatistic")) and not is_statistic(extended):
        raise invalid(f"The value {extended} for parameter ExtendedStatistic is invalid.")
    if not request.get("Period"):
        raise invalid("The parameter Period is required.")
    queries.check_period(int(request["Period"]))


def _coerced(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {k: _coerced(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
        case "list":
            return [_coerced(shape.member, item) for item in value]
        case "integer":
            return int(value)
        case "double":
            return float(value)
        case "boolean":
            return str(value).lower() == "true"
        case _:
            return str(value)
