"""SageMaker endpoints as they are seen, and what Sluice remembers of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from sluice.model.ids import EPOCH, Micros, RollbackId, RolloutId


class EndpointStatus(StrEnum):
    """`EndpointStatus` of DescribeEndpoint (botocore's sagemaker model)."""

    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"


BUSY = frozenset(
    {
        EndpointStatus.CREATING,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
        EndpointStatus.DELETING,
    }
)
"""Statuses in which an endpoint takes no change, and which pass by themselves."""

BROKEN = frozenset({EndpointStatus.FAILED, EndpointStatus.UPDATE_ROLLBACK_FAILED, EndpointStatus.OUT_OF_SERVICE})
"""Statuses that pass only when somebody does something."""


@dataclass(frozen=True, slots=True)
class VariantSeen:
    """One production variant as it serves now; weights are shares of their sum, counts are instances.

    A serverless variant has no instances: its counts are 0. `images` are what runs, each by the digest that SageMaker
    resolved it to.
    """

    name: str
    weight: float
    desired_weight: float
    instances: int
    desired_instances: int
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointSeen:
    """An endpoint at one moment. `modified_at` is its LastModifiedTime: it changes with every accepted change.

    `pending_config` is the configuration of a deployment under way (PendingDeploymentSummary).
    """

    name: str
    arn: str
    config: str
    status: EndpointStatus
    modified_at: Micros
    variants: tuple[VariantSeen, ...] = ()
    shadows: tuple[VariantSeen, ...] = ()
    pending_config: str | None = None
    failure_reason: str = ""

    @property
    def settled(self) -> bool:
        """Whether it serves and nothing is under way."""
        return self.status is EndpointStatus.IN_SERVICE and self.pending_config is None

    def variant(self, name: str) -> VariantSeen | None:
        """The production variant of that name."""
        return next((v for v in self.variants if v.name == name), None)

    def share(self, name: str, *, desired: bool = False) -> float:
        """The share of the traffic that a variant is given now, or is to be given, 0 to 1."""
        weights = {v.name: v.desired_weight if desired else v.weight for v in self.variants}
        total = sum(weights.values())
        return 0.0 if total <= 0 else weights.get(name, 0.0) / total


@dataclass(frozen=True, slots=True)
class ModelSeen:
    """A SageMaker model: `settings` as CreateModel takes them, `several` if each request names one of many in it."""

    settings: Mapping[str, Any]
    several: bool = False


type EndpointConfig = Mapping[str, Any]
"""A configuration as CreateEndpointConfig takes it, with every field that DescribeEndpointConfig gave of it."""


@dataclass(frozen=True, slots=True)
class ScalingSeen:
    """Application Auto Scaling of one variant: the scalable target, its policies and its scheduled actions.

    All that goes when the target is deregistered. `policies` and `schedules` are in the shapes that PutScalingPolicy
    and PutScheduledAction take, by name; `suspended` is the target's SuspendedState.
    """

    resource_id: str
    minimum: int
    maximum: int
    suspended: Mapping[str, bool] = field(default_factory=dict)
    policies: tuple[Mapping[str, Any], ...] = ()
    schedules: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class LastKnownGood:
    """What served production with a promoted package: the way back. `package_arn` is empty if not put there by us.

    `requested_at` is when its rollout was asked for: what was asked for before that comes too late.
    """

    config: str
    package_arn: str
    version: int
    since: Micros
    requested_at: Micros = EPOCH


class Change(StrEnum):
    """What is done to an endpoint, one state of the machine each."""

    CREATE_ENDPOINT = "create_endpoint"
    DEPLOY_SHADOW = "deploy_shadow"
    DEPLOY_CANDIDATE = "deploy_candidate"
    SHIFT_TRAFFIC = "shift_traffic"
    DEPLOY_GUARDED = "deploy_guarded"
    COMPLETE_GUARDED = "complete_guarded"
    PROMOTE = "promote"
    WITHDRAW_CANDIDATE = "withdraw_candidate"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that is about to be made, noted first: whoever comes after a death knows what may have happened.

    `modified_at` is the endpoint's LastModifiedTime before the act (0: it was not there): if it differs later, the
    act, or somebody's, took place. `before` is the configuration that served then. `acted` is set when the call was
    answered, `awaits` while others, such as scaling, change the endpoint, so that the act has surely not taken place:
    what it shows after that is read anew. `noted_at` is when it was noted.
    """

    number: int
    change: Change
    step: int
    config: str
    modified_at: Micros
    before: str = ""
    acted: bool = False
    awaits: bool = False
    noted_at: Micros = EPOCH


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """What is known of one endpoint (record kind `endpoint`, id = `REGION/lower-case name`).

    `fence` rises with each holder; every change is written over this record first, so that a holder who lost the
    lock cannot begin one; `effects` counts them. `holder` is a rollout or a rollback. `waiting` is the rollout that
    wants the endpoint next; `*_since` are when they were requested (0 for a rollback: nothing comes too late for it).
    `hold` is why nothing may be rolled out until a person clears it: the rollout or rollback that left it so, and the
    reason. `served` is the configuration that was last seen in service, in `observe`.
    `served_packages` are the packages behind its variants, None where nobody could tell.
    """

    KIND: ClassVar[str] = "endpoint"

    region: str
    name: str
    group: str
    fence: int = 0
    holder: RolloutId | RollbackId | None = None
    holder_since: Micros = EPOCH
    waiting: RolloutId | None = None
    waiting_since: Micros = EPOCH
    effects: int = 0
    intent: Intent | None = None
    hold: str = ""
    good: LastKnownGood | None = None
    served: str = ""
    served_packages: Mapping[str, str] | None = None

    @property
    def id(self) -> str:
        """The id of its record."""
        return endpoint_id(self.region, self.name)

    def is_locked_by(self, holder: str, fence: int) -> bool:
        """Whether the lock is a rollout's or a rollback's, and still the one that it took."""
        return self.holder == holder and self.fence == fence

    @property
    def held_by(self) -> tuple[str, str]:
        """Which rollout or rollback left the hold, and why; both empty where there is none."""
        rollout_id, _, reason = self.hold.partition(": ")
        return rollout_id, reason


def endpoint_id(region: str, name: str) -> str:
    """Id of an endpoint's record; SageMaker lower-cases names in ARNs, so both spellings have to meet."""
    return f"{region}/{name.lower()}"


@dataclass(frozen=True, slots=True)
class EndpointOwner:
    """Which group's policy names an endpoint as its target (record kind `endpoint_owner`, id = lower-case name)."""

    KIND: ClassVar[str] = "endpoint_owner"

    endpoint: str
    group: str
