"""The `gates` part of a policy document: what the evidence of a model package must show."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sluice.model.document_fields import Document, Flag, Label, Margin, Name, Number, Share
from sluice.model.policy_in_force import CardStatus, DigestRule, LineageFact

Repository = Annotated[
    str, Field(pattern=r"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]{5,32}\.amazonaws\.com(\.cn)?/[a-z0-9][a-z0-9._/-]{0,255}$")
]


class AgainstProduction(Document):
    """How the metric may compare with the version in production. Set exactly one of the two.

    That is the version last promoted to the endpoint of `rollout`. Where Sluice knows of none, the newest other
    approved version stands in for it, and the card says so.
    """

    max_drop: Margin | None = None
    """For metrics where higher is better: the candidate may be lower than production by at most this much."""
    max_rise: Margin | None = None
    """For metrics where lower is better: the candidate may be higher than production by at most this much."""

    @model_validator(mode="after")
    def _names_one_direction(self) -> Self:
        if (self.max_drop is None) == (self.max_rise is None):
            raise ValueError("set exactly one of max_drop (higher is better) and max_rise (lower is better)")
        return self


class MetricGate(Document):
    """Limits of one model metric. At least one limit is set; all that are set must hold."""

    name: Name
    """Name of the metric as it stands in the document, such as `auc` or `rmse`."""
    document: Literal["model_quality", "data_quality"] = "model_quality"
    """Which metric document of the model package is looked into."""
    minimum: Number | None = None
    """The metric must be at least this."""
    maximum: Number | None = None
    """The metric must be at most this."""
    against_production: AgainstProduction | None = None
    """The metric must not be worse than that of the version in production by more than a margin."""
    required: Flag = True
    """`false` makes the gate advisory: it is shown but stops nothing."""

    @model_validator(mode="after")
    def _limits_make_sense(self) -> Self:
        if self.minimum is None and self.maximum is None and self.against_production is None:
            raise ValueError(f"metric {self.name} has no limit: set minimum, maximum or against_production")
        _refuse_empty_range(self.name, self.minimum, self.maximum)
        against = self.against_production
        if against and against.max_rise is not None and self.minimum is not None and self.maximum is None:
            raise ValueError(f"metric {self.name}: minimum says higher is better, max_rise says lower is better")
        if against and against.max_drop is not None and self.maximum is not None and self.minimum is None:
            raise ValueError(f"metric {self.name}: maximum says lower is better, max_drop says higher is better")
        return self


class BiasGate(Document):
    """Limits of one Clarify bias metric for one facet."""

    metric: Name
    """Clarify's name of the metric, such as `DPPL`, `DI` or `CI`."""
    facet: Label
    """Name of the facet (the sensitive attribute) in the Clarify report."""
    facet_value: Label | None = None
    """One value or threshold of the facet; without it the limits hold for each value in the report."""
    max_abs: Margin | None = None
    """The absolute value must be at most this: for differences, where 0 is fair."""
    minimum: Number | None = None
    """The value must be at least this: for ratios such as `DI`, where 1 is fair."""
    maximum: Number | None = None
    """The value must be at most this."""
    required: Flag = True
    """`false` makes the gate advisory."""

    @model_validator(mode="after")
    def _limits_make_sense(self) -> Self:
        if self.max_abs is None and self.minimum is None and self.maximum is None:
            raise ValueError(f"bias metric {self.metric} has no limit: set max_abs, minimum or maximum")
        _refuse_empty_range(self.metric, self.minimum, self.maximum)
        return self


class ExplainabilityGate(Document):
    """A Clarify explainability report must be attached to the package."""

    required: Flag = True
    """`false` makes the gate advisory."""
    max_top_share: Share | None = None
    """The most important feature may carry at most this share of all global SHAP values."""


class ModelCardGate(Document):
    """A model card must be attached to the package."""

    statuses: Annotated[tuple[CardStatus, ...], Field(min_length=1, max_length=4)] = (CardStatus.APPROVED,)
    """The card must be in one of these statuses: `Draft`, `PendingReview`, `Approved`, `Archived`."""
    required: Flag = True
    """`false` makes the gate advisory."""


class LineageGate(Document):
    """It must be known where the model came from."""

    require: Annotated[tuple[LineageFact, ...], Field(min_length=1, max_length=5)]
    """What must be known: `training_job`, `training_data`, `source_commit`, `experiment_run`, `image_digest`."""
    required: Flag = True
    """`false` makes the gate advisory."""


class ImageGate(Document):
    """Container images must come from approved repositories."""

    repositories: Annotated[tuple[Repository, ...], Field(min_length=1, max_length=50)]
    """Approved ECR repositories, written `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, without tag or digest."""
    digest: DigestRule = DigestRule.REQUIRED
    """`required`: each image is named by its digest, so that it cannot change later; `optional`: a tag will do, and
    a version whose tag was moved since it was approved is taken back."""
    required: Flag = True
    """`false` makes the gate advisory."""


class Gates(Document):
    """What the evidence must show. A gate that is left out and that the tier does not ask for is not checked."""

    metrics: Annotated[tuple[MetricGate, ...], Field(max_length=50)] = ()
    """Limits on model metrics."""
    bias: Annotated[tuple[BiasGate, ...], Field(max_length=50)] = ()
    """Limits on Clarify bias metrics."""
    explainability: ExplainabilityGate | None = None
    """Ask for an explainability report."""
    model_card: ModelCardGate | None = None
    """Ask for a model card."""
    lineage: LineageGate | None = None
    """Ask for the model's origin."""
    images: ImageGate | None = None
    """Ask for approved container images."""

    @model_validator(mode="after")
    def _each_limit_is_said_once(self) -> Self:
        _refuse_repeats("metrics", [(g.document, g.name, limit) for g in self.metrics for limit in _limits(g)])
        _refuse_repeats("bias", [(g.metric, g.facet, g.facet_value) for g in self.bias])
        return self


def _refuse_empty_range(name: str, minimum: float | None, maximum: float | None) -> None:
    if minimum is not None and maximum is not None and minimum > maximum:
        raise ValueError(f"{name}: minimum {minimum:g} is above maximum {maximum:g}, so no value can pass")


def _limits(gate: MetricGate) -> list[str]:
    return [name for name in ("minimum", "maximum", "against_production") if getattr(gate, name) is not None]


def _refuse_repeats(where: str, keys: Sequence[tuple[str | None, ...]]) -> None:
    repeated = next((key for i, key in enumerate(keys) if key in keys[:i]), None)
    if repeated is not None:
        said = " ".join(part for part in repeated if part)
        raise ValueError(f"{where}: {said} is said twice")
