"""What a policy says about going to production, as decisions read it: target, strategy, steps. Times are seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sluice.model.governing import RoleNeed
from sluice.model.judging import JudgeRule


class Strategy(StrEnum):
    """How traffic moves to a new version."""

    WEIGHTED = "weighted"
    GUARDRAILS = "guardrails"


class Queueing(StrEnum):
    """What happens to a release whose endpoint is busy with another."""

    WAIT = "wait"
    SUPERSEDE = "supersede"


class Autoscaling(StrEnum):
    """What the policy asks of the production variant's autoscaling."""

    KEEP = "keep"
    REQUIRED = "required"


class EndpointKind(StrEnum):
    """What kind of endpoint it is; each kind allows other strategies."""

    REALTIME = "realtime"
    SERVERLESS = "serverless"
    ASYNCHRONOUS = "asynchronous"


class GuardrailKind(StrEnum):
    """SageMaker's own traffic routing, spelled as in TrafficRoutingConfiguration.Type."""

    ALL_AT_ONCE = "ALL_AT_ONCE"
    CANARY = "CANARY"
    LINEAR = "LINEAR"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the model serves. What is said here beside names and kind makes the first endpoint.

    Later versions take over what the serving configuration says, unless `instance_type` asks for another type.
    `variant` is the production variant's name, kept for good so that alarms and scalable targets survive.
    """

    endpoint: str
    variant: str = "AllTraffic"
    kind: EndpointKind = EndpointKind.REALTIME
    execution_role: str | None = None
    instance_type: str | None = None
    instances: int = 1
    memory_mb: int | None = None
    max_concurrency: int | None = None
    output: str | None = None
    capture_to: str | None = None
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A share of the traffic, held until the judge has decided: not before `bake_min_s` and `min_requests`.

    `percent` is that of the candidate; in a shadow step it is how much of the traffic is copied.
    """

    percent: float
    bake_min_s: int
    bake_max_s: int
    min_requests: int = 0


@dataclass(frozen=True, slots=True)
class Guardrails:
    """SageMaker's blue/green update: fields of DeploymentConfig. Its alarms are Sluice's verdict and the team's.

    Not `managed` where SageMaker has no guardrails (serverless): the endpoint is updated at once without alarms, and
    Sluice watches it for `termination_wait_s` and takes it back itself.
    """

    kind: GuardrailKind
    size_percent: int = 100
    wait_s: int = 600
    termination_wait_s: int = 600
    max_execution_s: int = 3600
    managed: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """One CloudWatch series of a variant. Values of `dimensions` may hold `{endpoint}` and `{variant}`.

    Without dimensions it is a metric of SageMaker's own, by endpoint and variant.
    """

    namespace: str
    metric: str
    stat: str
    dimensions: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MetricSource:
    """Where the judge's rule `name` gets its counts: the series of `events` are added up.

    With `quantile` (such as 0.9) events are requests slower than that quantile of the baseline before the canary:
    the one series of `events` is then the latency in microseconds, and `stat` is filled in once the limit is known.
    """

    name: str
    requests: Series
    events: tuple[Series, ...]
    quantile: float | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is a figure of the team's own, which only requests that were served are in."""
        return any(series.dimensions is not None for series in (self.requests, *self.events))


@dataclass(frozen=True, slots=True)
class RolloutRules:
    """Everything the policy says about a rollout.

    `managers` may pause, promote now and take back; `give_up_after_s` ends a rollout that stays undecided: the
    candidate is taken back, but not rejected. `alarms` are the team's own: one in ALARM takes the candidate back at
    once, whatever the judge says. `min_instances` asks for instances over several zones.
    """

    target: Target
    judge: JudgeRule
    sources: tuple[MetricSource, ...] = ()
    strategy: Strategy = Strategy.WEIGHTED
    steps: tuple[Step, ...] = ()
    shadow: Step | None = None
    guardrails: Guardrails | None = None
    queueing: Queueing = Queueing.WAIT
    managers: tuple[RoleNeed, ...] = ()
    min_instances: int = 1
    data_capture: bool = False
    autoscaling: Autoscaling = Autoscaling.KEEP
    alarms: tuple[str, ...] = ()
    give_up_after_s: int = 24 * 3600
