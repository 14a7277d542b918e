"""The `watch` part of a policy document: what is listened to while a version serves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from sluice.model.document_fields import DAY_S, MINUTE_S, Document, Duration, Name, Number, Spelled
from sluice.model.policy_judge import CloudWatchName, DimensionText
from sluice.model.policy_rollout import AlarmName, RolloutPlan
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.response_rules import WatchedMetric, WatchRules
from sluice.model.signal import Cause

MOST_WATCHED_ALARMS = 20
_HOUR_S = 3600

NamedCause = Literal[
    "availability", "errors", "latency", "kpi", "model_quality", "bias", "data_quality", "attribution", "other"
]
"""What a policy can say is not well; the rest of the causes is what Sluice itself finds."""
Statistic = Annotated[
    str,
    Spelled(
        r"^(Average|Sum|Minimum|Maximum|SampleCount|p([0-9]{1,2}(\.[0-9]{1,2})?|100))$",
        "a statistic of CloudWatch: Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90",
    ),
]


def _by_name(value: Any) -> Any:
    """A list of alarms is a mapping whose causes are left out."""
    if not isinstance(value, (list, tuple)):
        return value
    if not all(isinstance(name, str) for name in value):
        raise ValueError("should be a list of names, or a mapping from names to causes")
    if len(set(value)) != len(value):
        raise ValueError("names an alarm twice")
    return dict.fromkeys(value)


_CAUSE_SCHEMA: Mapping[str, Any] = {"enum": [*get_args(NamedCause), None]}
_NAME_SCHEMA: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 255}
NamedAlarms = Annotated[
    dict[AlarmName, NamedCause | None],
    Field(max_length=MOST_WATCHED_ALARMS),
    BeforeValidator(_by_name),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": _NAME_SCHEMA, "maxItems": MOST_WATCHED_ALARMS, "uniqueItems": True},
                {"type": "object", "additionalProperties": _CAUSE_SCHEMA, "maxProperties": MOST_WATCHED_ALARMS},
            ]
        }
    ),
]


class OwnMetric(Document):
    """A CloudWatch metric of a monitor of your own. Set exactly one of above and below."""

    name: Name
    """Its name in messages."""
    namespace: CloudWatchName
    """Its namespace."""
    metric: CloudWatchName
    """Its name in CloudWatch."""
    dimensions: Annotated[dict[DimensionText, DimensionText], Field(max_length=30, default_factory=dict)]
    """All its dimensions. In a value `{endpoint}` stands for the endpoint, `{variant}` for its variant."""
    stat: Statistic = "Average"
    """The statistic: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p90`."""
    above: Number | None = None
    """A value above this is a violation."""
    below: Number | None = None
    """A value below this is a violation."""
    period: Duration = _HOUR_S
    """The time of one value: from 1m to 24h, in whole minutes."""
    cause: NamedCause = "model_quality"
    """What is not well then."""

    @model_validator(mode="after")
    def _can_be_watched(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError(f"metric {self.name}: set exactly one of above and below")
        if not MINUTE_S <= self.period <= DAY_S or self.period % MINUTE_S:
            raise FieldErrors((("period",), "must be from 1m to 24h, in whole minutes"))
        for name, value in self.dimensions.items():
            left = value.replace("{endpoint}", "").replace("{variant}", "")
            if "{" in left or "}" in left:
                raise FieldErrors((("dimensions", name), "knows only {endpoint} and {variant} in braces"))
        return self

    def watched(self) -> WatchedMetric:
        """The metric as decisions read it."""
        return WatchedMetric(
            name=self.name,
            namespace=self.namespace,
            metric=self.metric,
            dimensions=self.dimensions,
            stat=self.stat,
            limit=self.below if self.above is None else self.above,  # type: ignore[arg-type]  # one of the two is set
            above=self.above is not None,
            period_s=self.period,
            cause=Cause(self.cause),
        )


class WatchPlan(Document):
    """What is listened to while a version serves. What an endpoint itself says is always heard."""

    model_config = ConfigDict(serialize_by_alias=True)

    for_: Annotated[Duration | None, Field(alias="for")] = None
    """How long a promoted version is compared with the record of the one before; from 1h to 30d."""
    alarms: NamedAlarms = Field(default_factory=dict)
    """CloudWatch alarms of yours, at most 20: a list of names, or a mapping from names to what is not well when they
    ring. Where that is left out it is read from the alarm's metric. Those of `rollout` count without being named."""
    monitors: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Names of monitors that do not say themselves which endpoint they watch: what they find is about this one."""
    metrics: Annotated[tuple[OwnMetric, ...], Field(max_length=10)] = ()
    """Metrics of monitors of your own."""
    compare: Annotated[tuple[Name, ...], Field(max_length=10)] | None = None
    """Names of metrics of the judge by which a promoted version is compared; `[]` compares nothing. Default: all."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        errors: list[tuple[FieldPath, str]] = []
        if self.for_ is not None and not _HOUR_S <= self.for_ <= 30 * DAY_S:
            errors.append((("for",), "must be from 1h to 30d"))
        names = [*self.monitors, *(metric.name for metric in self.metrics)]
        for i, name in enumerate(names):
            if name in names[:i]:
                metric = i - len(self.monitors)
                path: FieldPath = ("monitors", i) if metric < 0 else ("metrics", metric, "name")
                errors.append((path, f"{name} is there already: give this one another name"))
        if errors:
            raise FieldErrors(*errors)
        return self

    def unknown(self, rollout: RolloutPlan) -> Iterator[tuple[FieldPath, str]]:
        """What is to be compared, but the judge does not know."""
        known = [metric.name for metric in rollout.judge.metrics]
        for i, name in enumerate(self.compare or ()):
            if name not in known:
                yield ("compare", i), f"is no metric of rollout.judge, which has {_listed(known)}"

    def rules(self, rollout: RolloutPlan) -> WatchRules:
        """The watch as decisions read it."""
        alarms: dict[str, str | None] = {**dict.fromkeys(rollout.alarms), **self.alarms}
        compared = tuple(metric.source(rollout.target.kind) for metric in rollout.judge.metrics)
        if self.compare is not None:
            compared = tuple(source for source in compared if source.name in self.compare)
        return WatchRules(
            for_s=(self.for_ or 0) if compared else 0,
            alarms={name: Cause(cause) if cause else None for name, cause in alarms.items()},
            monitors=self.monitors,
            metrics=tuple(metric.watched() for metric in self.metrics),
            compare=compared,
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
