"""Signals: what says that production is not well, or is well again, whoever said it. Facts, not yet decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sluice.model.ids import GroupName, Micros


class SignalKind(StrEnum):
    """Who speaks."""

    ALARM = "alarm"
    """A CloudWatch alarm."""
    MONITOR = "monitor"
    """A monitor compared what was served with a baseline."""
    ENDPOINT = "endpoint"
    """The endpoint itself: failed, out of service, gone back by itself."""
    OUTSIDE = "outside"
    """Somebody changed production around Sluice."""
    WATCH = "watch"
    """The judge, in the days after a promotion."""
    ROLLOUT = "rollout"
    """A rollout whose end needs a person."""
    PERSON = "person"


class Cause(StrEnum):
    """What is not well."""

    AVAILABILITY = "availability"
    ERRORS = "errors"
    LATENCY = "latency"
    KPI = "kpi"
    MODEL_QUALITY = "model_quality"
    BIAS = "bias"
    DATA_QUALITY = "data_quality"
    ATTRIBUTION = "attribution"
    CHANGED = "changed"
    """Production is not what Sluice put there."""
    ROLLOUT = "rollout"
    """A rollout could not be brought to a good end."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: its name (a feature, a metric), what is wrong with it, and how far it is off."""

    name: str
    what: str
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Something was raised, or cleared (`raised` is False), about one endpoint of this region.

    `source` names who speaks, such as `alarm/checkout-errors` or `monitor/fraud-daily`: what is raised under a source
    is cleared under the same. `key` is the natural key of this one occurrence: told twice it is one signal. `at` is
    when it happened by the clock of who speaks. `config` is the configuration that it is about where that is known;
    empty: whatever serves. `links` are by label, https only. `urgent` says that a person is needed at once, however
    little is at stake.
    """

    key: str
    source: str
    kind: SignalKind
    cause: Cause
    raised: bool
    group: GroupName
    region: str
    endpoint: str
    at: Micros
    summary: str
    findings: tuple[Finding, ...] = ()
    config: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
