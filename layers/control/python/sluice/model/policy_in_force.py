"""The policy as decisions read it: plain dataclasses without pydantic, kept in the record `policy/{group}`.

A policy document (model/policy.py) is validated once, when it is written; from then on this view is what counts.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from sluice.model.approval import Timing
from sluice.model.governing import Mode, RoleNeed, Tier
from sluice.model.ids import Digest, GroupName, SlackUserId
from sluice.model.package import DocumentKind
from sluice.model.response_rules import ResponseRules
from sluice.model.rollout_rules import RolloutRules


class LineageFact(StrEnum):
    """What can be asked of a package's lineage."""

    TRAINING_JOB = "training_job"
    TRAINING_DATA = "training_data"
    SOURCE_COMMIT = "source_commit"
    EXPERIMENT_RUN = "experiment_run"
    IMAGE_DIGEST = "image_digest"


class CardStatus(StrEnum):
    """Status of a SageMaker model card."""

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"


class DigestRule(StrEnum):
    """Whether a container image must be named by its digest."""

    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class ProductionLimit:
    """How much worse than the version in production is still fine; exactly one of the two is set.

    `max_drop` is for metrics where higher is better, `max_rise` for those where lower is better.
    """

    max_drop: float | None = None
    max_rise: float | None = None


@dataclass(frozen=True, slots=True)
class MetricLimit:
    """Limits of one metric; at least one of `minimum`, `maximum` and `against_production` is set, all set ones hold."""

    name: str
    document: DocumentKind = DocumentKind.MODEL_QUALITY
    minimum: float | None = None
    maximum: float | None = None
    against_production: ProductionLimit | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class BiasLimit:
    """Limits of one Clarify bias metric of a facet; without `facet_value` they hold for each value of the facet."""

    metric: str
    facet: str
    facet_value: str | None = None
    max_abs: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class ExplainabilityRule:
    """A Clarify explainability report is there, and no single feature explains more than its share."""

    required: bool = True
    max_top_share: float | None = None


@dataclass(frozen=True, slots=True)
class ModelCardRule:
    """A model card is there in one of these statuses."""

    statuses: tuple[CardStatus, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class LineageRule:
    """These facts of the package's origin are known."""

    require: tuple[LineageFact, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class ImageRule:
    """Every container image comes from one of these repositories (`ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`)."""

    repositories: tuple[str, ...]
    digest: DigestRule = DigestRule.REQUIRED
    required: bool = True


@dataclass(frozen=True, slots=True)
class GateRules:
    """Everything that the policy asks of the evidence."""

    metrics: tuple[MetricLimit, ...] = ()
    bias: tuple[BiasLimit, ...] = ()
    explainability: ExplainabilityRule | None = None
    model_card: ModelCardRule | None = None
    lineage: LineageRule | None = None
    images: ImageRule | None = None


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What holds for a model group now. `channel` is None for the stack's channel; `digest` names the exact policy.

    `parameter_version` is the version of the parameter that it came from, None for the default policy. Without
    `rollout` an approved version is not taken to an endpoint. `response` is what follows when production goes wrong.
    """

    group: GroupName
    digest: Digest
    tier: Tier
    mode: Mode
    team: str
    contacts: tuple[SlackUserId, ...]
    timing: Timing
    approvers: tuple[RoleNeed, ...] = ()
    gates: GateRules = GateRules()
    channel: str | None = None
    parameter_version: int | None = None
    rollout: RolloutRules | None = None
    response: ResponseRules = field(default_factory=ResponseRules)
