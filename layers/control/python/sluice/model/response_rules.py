"""What a policy says about production that goes wrong, as decisions read it: watch, rollback, paging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sluice.model.governing import RoleNeed
from sluice.model.rollout_rules import MetricSource
from sluice.model.signal import Cause


class Severity(StrEnum):
    """How bad it is, worst first; the values are those of PagerDuty's Events API v2."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the least; a higher one is worse."""
        return len(Severity) - 1 - list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class WatchedMetric:
    """A CloudWatch metric of a monitor of the team's own: over (or under) `limit` in one period it is a violation.

    Values of `dimensions` may hold `{endpoint}` and `{variant}`.
    """

    name: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    stat: str
    limit: float
    above: bool = True
    period_s: int = 3600
    cause: Cause = Cause.MODEL_QUALITY


@dataclass(frozen=True, slots=True)
class WatchRules:
    """What is watched while a version serves.

    `for_s` is how long a promoted version is compared with the record of the one before. `alarms` and `monitors` are
    by name: what each says counts for this endpoint, whatever its dimensions are. An alarm without a cause has the one
    that its metric speaks of. `compare` is empty where nothing is compared.
    """

    for_s: int = 0
    alarms: Mapping[str, Cause | None] = field(default_factory=dict)
    monitors: tuple[str, ...] = ()
    metrics: tuple[WatchedMetric, ...] = ()
    compare: tuple[MetricSource, ...] = ()


@dataclass(frozen=True, slots=True)
class RollbackRules:
    """When an endpoint goes back by itself.

    `on` are the causes that take it back. `cool_down_s` lies between two automatic rollbacks, `at_most` is their number
    in 24 hours. After `recover_within_s` what was raised has to be cleared, or the incident gets worse. `pipeline` is
    the SageMaker pipeline that is started for `retrain_on`; empty: none.
    """

    on: tuple[Cause, ...] = (
        Cause.AVAILABILITY,
        Cause.ERRORS,
        Cause.LATENCY,
        Cause.KPI,
        Cause.MODEL_QUALITY,
        Cause.BIAS,
    )
    cool_down_s: int = 3600
    at_most: int = 2
    recover_within_s: int = 1800
    pipeline: str = ""
    retrain_on: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of the week: `days` from 0 (Monday), `start` and `end` as `HH:MM` on the clock of `time_zone`.

    An `end` at or before `start` lies on the next day.
    """

    time_zone: str
    days: tuple[int, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Level:
    """Who is paged, `after_s` since the level before (the first: since the incident was opened).

    Targets: a Slack id of a person, `channel`, `schedule:NAME` for who is on call then, `pagerduty`, `sns:NAME`,
    `webhook:NAME`.
    """

    after_s: int
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageRoute:
    """Which incidents go which way: the first route that fits counts. Without `hours` it fits at any time."""

    severities: tuple[Severity, ...]
    levels: tuple[Level, ...]
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where pages are posted, and the ARN of the secret that they are signed with."""

    url: str
    secret_arn: str


@dataclass(frozen=True, slots=True)
class PagingRules:
    """Who hears of an incident.

    Unacknowledged, the last level is paged again each `repeat_s`; acknowledged without an end, everybody who was paged
    is paged again after `silence_s`. `freeze` is the severity from which on an open incident holds back releases of
    the group; None: none does. Signals of an endpoint within `group_s` are one incident; what comes back within
    `reopen_s` after the end opens it again. `responders` may resolve; whoever was paged may, too.
    `pagerduty_secret` is the ARN of the secret with the routing key; empty: no PagerDuty.
    """

    routes: tuple[PageRoute, ...] = ()
    repeat_s: int = 1800
    silence_s: int = 4 * 3600
    freeze: Severity | None = Severity.ERROR
    group_s: int = 1800
    reopen_s: int = 3600
    runbook: str = ""
    responders: tuple[RoleNeed, ...] = ()
    pagerduty_secret: str = ""
    topics: Mapping[str, str] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResponseRules:
    """Everything the policy says about production that goes wrong."""

    watch: WatchRules = WatchRules()
    rollback: RollbackRules = RollbackRules()
    paging: PagingRules = PagingRules()
