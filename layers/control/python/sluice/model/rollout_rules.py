"""What a policy says about going to production, as decisions read it: target, strategy, steps. Times are seconds."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.approval import RoleNeed
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


class GuardrailKind(StrEnum):
    """SageMaker's own traffic routing, spelled as in TrafficRoutingConfiguration.Type."""

    ALL_AT_ONCE = "ALL_AT_ONCE"
    CANARY = "CANARY"
    LINEAR = "LINEAR"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the model serves. `instance_type`, `instances` and `execution_role` make the first endpoint.

    Later versions take over what the serving configuration says, unless `instance_type` asks for another type.
    `variant` is the production variant's name, kept for good so that alarms and scalable targets survive.
    """

    endpoint: str
    variant: str = "AllTraffic"
    execution_role: str | None = None
    instance_type: str | None = None
    instances: int = 1
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
    """SageMaker's blue/green update: fields of DeploymentConfig, with the alarms of the team besides Sluice's own."""

    kind: GuardrailKind
    size_percent: int = 100
    wait_s: int = 600
    termination_wait_s: int = 600
    max_execution_s: int = 3600
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RolloutRules:
    """Everything the policy says about a rollout.

    `managers` may pause, promote now and take back; `give_up_after_s` ends a rollout that stays undecided: the
    candidate is taken back, but not rejected. `min_instances` asks for instances over several zones.
    """

    target: Target
    judge: JudgeRule
    strategy: Strategy = Strategy.WEIGHTED
    steps: tuple[Step, ...] = ()
    shadow: Step | None = None
    guardrails: Guardrails | None = None
    queueing: Queueing = Queueing.WAIT
    managers: tuple[RoleNeed, ...] = ()
    min_instances: int = 1
    data_capture: bool = False
    autoscaling: Autoscaling = Autoscaling.KEEP
    give_up_after_s: int = 24 * 3600
