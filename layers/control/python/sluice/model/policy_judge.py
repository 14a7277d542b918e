"""The `rollout.judge` part of a policy document: which metrics decide about a new version, and how surely."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sluice.model.document_fields import Document, Flag, Margin, Name, Number
from sluice.model.judging import Direction, JudgeRule, MetricKind, MetricRule
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.rollout_rules import EndpointKind, MetricSource, Series

SAGEMAKER = "AWS/SageMaker"
_ERRORS = {
    "5xx": "Invocation5XXErrors",
    "4xx": "Invocation4XXErrors",
    "model": "InvocationModelErrors",
    "failures": "InvocationFailures",
}
_PLACEHOLDERS = ("{endpoint}", "{variant}")

Chance = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=0.2)]
CloudWatchName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^:\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")]
DimensionText = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]


class MetricSeries(Document):
    """A CloudWatch metric of your own, published with the variant that answered.

    SageMaker names it in each answer (`x-Amzn-Invoked-Production-Variant`).
    """

    namespace: CloudWatchName
    """Its namespace."""
    metric: CloudWatchName
    """Its name."""
    dimensions: Annotated[dict[DimensionText, DimensionText], Field(min_length=1, max_length=30)]
    """All its dimensions. In a value `{variant}` stands for the variant that is asked about, `{endpoint}` for the
    endpoint; one of them must hold `{variant}`, or the old version and the new one could not be told apart."""

    @model_validator(mode="after")
    def _tells_variants_apart(self) -> Self:
        if not any("{variant}" in value for value in self.dimensions.values()):
            reason = "one value must hold {variant}, or the old version and the new one cannot be told apart"
            raise FieldErrors((("dimensions",), reason))
        for name, value in self.dimensions.items():
            left = value
            for placeholder in _PLACEHOLDERS:
                left = left.replace(placeholder, "")
            if "{" in left or "}" in left:
                raise FieldErrors((("dimensions", name), "knows only {endpoint} and {variant} in braces"))
        return self

    def series(self, stat: str) -> Series:
        """The series as decisions read it."""
        return Series(self.namespace, self.metric, stat, self.dimensions)


class ErrorCounts(Document):
    """Failed requests among all requests."""

    of: Annotated[tuple[Literal["5xx", "4xx", "model", "failures"], ...], Field(max_length=2)] = ()
    """Which count as failed: `5xx`, `4xx` (together if you like), `model` (whatever the container did not answer with
    2xx, timeouts too), `failures` (asynchronous endpoints only). Default: `5xx`; `failures` on asynchronous ones."""

    @model_validator(mode="after")
    def _counts_nothing_twice(self) -> Self:
        if len(self.of) > 1 and set(self.of) != {"5xx", "4xx"}:
            raise FieldErrors((("of",), "only 5xx and 4xx can be added up: the others count the same failures again"))
        return self


class LatencyLimit(Document):
    """Requests slower than a quantile of the old version's ModelLatency, measured before the new one serves."""

    quantile: Annotated[float, Field(strict=True, ge=0.5, le=0.999)] = 0.9
    """The quantile: with 0.9, ten of a hundred requests of the old version are slower."""


class RatioKpi(Document):
    """A count among another, such as purchases among visits."""

    events: MetricSeries
    """What is counted (its Sum)."""
    of: MetricSeries | None = None
    """Of what (its Sum). Default: the requests that the variant answered."""
    better: Literal["higher", "lower"]
    """Which way is good."""


class MeanKpi(Document):
    """The mean of a value with known bounds, such as the value of a basket or the accuracy known so far."""

    value: MetricSeries
    """The value: one datapoint a request, or a statistic set (its Sum and SampleCount are read)."""
    lower: Number
    """No value lies below this."""
    upper: Number
    """No value lies above this."""
    better: Literal["higher", "lower"]
    """Which way is good."""

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.lower >= self.upper:
            raise FieldErrors((("upper",), "must lie above lower"))
        return self


class JudgedMetric(Document):
    """One metric by which a new version is judged. Set exactly one of errors, latency, ratio, mean and quality."""

    name: Name
    """Its name on the card. `errors` and `latency` may leave it out."""
    errors: ErrorCounts | None = None
    """Failed requests. `{}` is enough."""
    latency: LatencyLimit | None = None
    """Slow requests. `{}` is enough."""
    ratio: RatioKpi | None = None
    """A business figure that is a ratio."""
    mean: MeanKpi | None = None
    """A business figure that is a mean."""
    quality: MeanKpi | None = None
    """A model metric of predictions whose truth is known by now, as a mean. It comes late: it may take a version back,
    but nobody waits for it."""
    margin: Margin = 0.05
    """The smallest difference that matters, 0.05 is 5 % worse than the old version (for a mean: 5 % of its range). A
    version within it is never taken back."""
    tolerance: Margin
    """How much worse must be ruled out before the version goes on: 1.0 is twice the old version's rate, for a mean all
    of its range. Default: 1.0, for a mean 0.1."""
    tolerance_absolute: Margin = 0.005
    """The same as an absolute difference: 0.005 is half a percentage point. The larger of the two holds."""
    weight: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=100)] = 1.0
    """Its part of `alpha`, relative to the others."""
    critical: Flag
    """`true`: worse here takes the version back, whatever the others say. Default: `true` for errors and latency."""

    @model_validator(mode="before")
    @classmethod
    def _fill_by_kind(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        plain = next((kind for kind in ("errors", "latency") if values.get(kind) is not None), None)
        named = {} if plain is None else {"name": plain}
        bounded = values.get("mean") is not None or values.get("quality") is not None
        return {**named, "critical": plain is not None, "tolerance": 0.1 if bounded else 1.0, **values}

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(part is not None for part in (self.errors, self.latency, self.ratio, self.mean, self.quality)) != 1:
            raise ValueError("set exactly one of errors, latency, ratio, mean and quality")
        return self

    @property
    def is_own(self) -> bool:
        """Whether it is a metric of the team's own, not one of SageMaker's."""
        return self.errors is None and self.latency is None

    def rule(self) -> MetricRule:
        """How the judge takes it."""
        bounded = self.mean or self.quality
        better = bounded.better if bounded else self.ratio.better if self.ratio else "lower"
        return MetricRule(
            name=self.name,
            kind=self._kind(),
            direction=Direction.HIGHER_IS_BETTER if better == "higher" else Direction.LOWER_IS_BETTER,
            margin=self.margin,
            tolerance=self.tolerance,
            tolerance_absolute=self.tolerance_absolute,
            critical=self.critical,
            weight=self.weight,
            lower=bounded.lower if bounded else 0.0,
            upper=bounded.upper if bounded else 1.0,
        )

    def source(self, endpoint: EndpointKind) -> MetricSource:
        """Where its counts are read."""
        if self.latency is not None:
            latency = Series(SAGEMAKER, "ModelLatency", "SampleCount")
            return MetricSource(self.name, latency, (latency,), self.latency.quantile)
        bounded = self.mean or self.quality
        if bounded is not None:
            return MetricSource(self.name, bounded.value.series("SampleCount"), (bounded.value.series("Sum"),))
        requests = Series(SAGEMAKER, _requests(endpoint), "Sum")
        if self.ratio is not None:
            of = self.ratio.of.series("Sum") if self.ratio.of else requests
            return MetricSource(self.name, of, (self.ratio.events.series("Sum"),))
        counted = self.errors.of if self.errors else ()
        words = counted or (("failures",) if endpoint is EndpointKind.ASYNCHRONOUS else ("5xx",))
        return MetricSource(self.name, requests, tuple(Series(SAGEMAKER, _ERRORS[word], "Sum") for word in words))

    def _kind(self) -> MetricKind:
        if self.errors:
            return MetricKind.ERRORS
        if self.latency:
            return MetricKind.LATENCY
        if self.ratio:
            return MetricKind.KPI_RATIO
        return MetricKind.KPI_MEAN if self.mean else MetricKind.QUALITY


def _usual_metrics() -> tuple[JudgedMetric, ...]:
    return tuple(JudgedMetric.model_validate({kind: {}}) for kind in ("errors", "latency"))


class JudgePlan(Document):
    """How a new version is judged against the old one, over the same minutes."""

    alpha: Chance = 0.01
    """The chance of ever taking back a version that is as good as the old one, however often it is looked at."""
    beta: Chance = 0.05
    """The chance of letting a version go on that is worse than the tolerance."""
    rollback_weight: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.5
    """Metrics that are not critical take a version back together, once the worse ones hold this share of all weight."""
    metrics: Annotated[tuple[JudgedMetric, ...], Field(min_length=1, max_length=10)] = Field(
        default_factory=_usual_metrics
    )
    """What is compared. Default: errors and latency."""

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        names = [metric.name for metric in self.metrics]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise FieldErrors((("metrics", i, "name"), f"{name} is there already: give this one another name"))
        return self

    def rule(self, *, sticky: bool) -> JudgeRule:
        """What the judge is told."""
        return JudgeRule(
            metrics=tuple(metric.rule() for metric in self.metrics),
            alpha=self.alpha,
            beta=self.beta,
            rollback_weight=self.rollback_weight,
            sticky=sticky,
        )

    def unreadable(self, endpoint: EndpointKind, *, side_by_side: bool) -> Iterator[tuple[FieldPath, str]]:
        """What of it cannot be read on that kind of endpoint, or while both versions serve as one variant."""
        for i, metric in enumerate(self.metrics):
            if metric.is_own and not side_by_side:
                reason = "cannot be told apart by version under guardrails, where both serve as one variant"
                yield ("metrics", i), reason
            counted = metric.errors.of if metric.errors else ()
            if "failures" in counted and endpoint is not EndpointKind.ASYNCHRONOUS:
                yield ("metrics", i, "errors", "of"), "failures are counted on asynchronous endpoints only"
            if "model" in counted and endpoint is EndpointKind.ASYNCHRONOUS:
                yield (
                    ("metrics", i, "errors", "of"),
                    "SageMaker does not publish model errors of asynchronous endpoints",
                )


def _requests(endpoint: EndpointKind) -> str:
    """An asynchronous endpoint publishes no Invocations."""
    return "InvocationsProcessed" if endpoint is EndpointKind.ASYNCHRONOUS else "Invocations"
