"""What an alarm is about: which endpoint, which cause, in which words. Pure."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.signal import Cause, Finding

ENDPOINT_TAG = "sluice:endpoint"
"""The tag by which an alarm that names no endpoint says which one it is about."""

CHILDREN = 50
"""How many alarms below a composite one are looked at. CloudWatch allows 100; whoever has more names it in a policy."""

_ENDPOINT_DIMENSIONS = ("EndpointName", "Endpoint")
_CONFIG_DIMENSION = "EndpointConfigName"
_BY_METRIC = {
    "Invocation5XXErrors": Cause.ERRORS,
    "InvocationModelErrors": Cause.ERRORS,
    "ModelLatency": Cause.LATENCY,
    "OverheadLatency": Cause.LATENCY,
}
_MONITORS = re.compile(r"/?aws/sagemaker/(?:Endpoints?|ModelMonitoring)/(?P<what>[a-z]+)-metrics?")
_BY_MONITOR = {
    "data": Cause.DATA_QUALITY,
    "model": Cause.MODEL_QUALITY,
    "bias": Cause.BIAS,
    "explainability": Cause.ATTRIBUTION,
}
_WORST_FIRST = (
    Cause.ERRORS,
    Cause.LATENCY,
    Cause.MODEL_QUALITY,
    Cause.BIAS,
    Cause.DATA_QUALITY,
    Cause.ATTRIBUTION,
)
_CHILD = re.compile(
    r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*"
    r"(?:\"(?P<double>[^\"]{1,1600})\"|'(?P<single>[^']{1,1600})'|(?P<plain>[^\s()\"']{1,1600}))\s*\)"
)
_ALARM_ARN = re.compile(r"arn:aws[a-z-]*:cloudwatch:[a-z0-9-]{1,30}:\d{12}:alarm:(?P<name>.{1,255})")
_REASON_CHARS = 500


def cause_of(metrics: Iterable[AlarmMetric]) -> Cause:
    """What the metrics of an alarm speak of; of several the one that hurts most, `other` where none is known."""
    found = {cause for metric in metrics if (cause := _cause(metric)) is not None}
    return next((cause for cause in _WORST_FIRST if cause in found), Cause.OTHER)


def endpoints_named(metrics: Iterable[AlarmMetric]) -> tuple[str, ...]:
    """The endpoints in the dimensions of an alarm's metrics, each once."""
    named = (m.dimensions.get(key) for m in metrics for key in _ENDPOINT_DIMENSIONS)
    return tuple(dict.fromkeys(name for name in named if name))


def config_named(metrics: Iterable[AlarmMetric]) -> str:
    """The one configuration that an alarm watches alone; empty where it watches whatever serves."""
    named = {metric.dimensions.get(_CONFIG_DIMENSION, "") for metric in metrics}
    return named.pop() if len(named) == 1 else ""


def children_of(rule: str) -> tuple[str, ...]:
    """The names of the alarms in the rule of a composite one, whether by name or by ARN, up to `CHILDREN`."""
    told = (m["double"] or m["single"] or m["plain"] for m in _CHILD.finditer(rule))
    return tuple(dict.fromkeys(map(_name, told)))[:CHILDREN]


def findings_of(alarm: AlarmSeen) -> tuple[Finding, ...]:
    """What the alarm found, with the figure and the limit where it has them."""
    named = ", ".join(dict.fromkeys(metric.name for metric in alarm.metrics)) or alarm.name
    return (Finding(named, alarm.reason[:_REASON_CHARS], alarm.value, alarm.limit),)


def summary_of(alarm: AlarmSeen, *, raised: bool) -> str:
    """One line on an alarm that rings, or rings no more."""
    if not raised:
        return f"Alarm {alarm.name} is OK again"
    about = f": {alarm.description}" if alarm.description else ""
    return f"Alarm {alarm.name}{about}"[:_REASON_CHARS]


def links_of(name: str, region: str) -> Mapping[str, str]:
    """Where a person sees it."""
    host = f"https://{region}.console.aws.amazon.com/cloudwatch/home"
    return {"Alarm": f"{host}?region={region}#alarmsV2:alarm/{quote(name, safe='')}"}


def _cause(metric: AlarmMetric) -> Cause | None:
    monitor = _MONITORS.fullmatch(metric.namespace)
    if monitor is not None:
        return _BY_MONITOR.get(monitor["what"])
    return _BY_METRIC.get(metric.name)


def _name(told: str) -> str:
    arn = _ALARM_ARN.fullmatch(told)
    return arn["name"] if arn else told
