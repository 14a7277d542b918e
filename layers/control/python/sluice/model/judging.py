"""What the judge of a canary is asked and what it answers: counts a minute in, a verdict with its numbers out."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a look at a canary can conclude."""

    CONTINUE = "continue"
    """Not decided yet: look again."""
    ADVANCE = "advance"
    """Good enough for this step: on to the next."""
    PROMOTE = "promote"
    """Good enough, and this was the last step."""
    ROLL_BACK = "roll_back"
    """Worse than the margin allows."""
    EXTEND = "extend"
    """The longest bake is over and nothing is decided: neither passed nor failed; it says what is missing."""


class MetricKind(StrEnum):
    """What the counts of a metric are."""

    ERRORS = "errors"
    """Events are failed requests."""
    LATENCY = "latency"
    """Events are requests slower than a quantile of the baseline, pinned before the canary (CloudWatch `TC(x:)`)."""
    KPI_MEAN = "kpi_mean"
    """Events are the sum of a value between `lower` and `upper`, requests how many values there were."""
    KPI_RATIO = "kpi_ratio"
    """Events are a count (conversions), requests what they are counted of (visits)."""
    QUALITY = "quality"
    """As `kpi_mean`, of predictions whose truth is known by now: it comes late, so nobody waits for it."""


class Direction(StrEnum):
    """Which way of a metric is good."""

    LOWER_IS_BETTER = "lower_is_better"
    HIGHER_IS_BETTER = "higher_is_better"


class Comparison(StrEnum):
    """Which minutes of the baseline the candidate is compared with."""

    SIDE_BY_SIDE = "side_by_side"
    """The same minutes."""
    BEFORE_AFTER = "before_after"
    """Minutes before the change: weaker, for whatever else changed since then counts as the candidate's doing."""


class Caveat(StrEnum):
    """What a person should know about a verdict beside its numbers."""

    STICKY_DECLARED = "sticky_declared"
    STICKY_SUSPECTED = "sticky_suspected"
    BEFORE_AFTER = "before_after"
    NO_HISTORY = "no_history"
    MINUTES_MISSING = "minutes_missing"


@dataclass(frozen=True, slots=True)
class Minutes:
    """One variant, minute by minute and oldest first; None is a minute of which nothing is known.

    Both tuples are equally long. `events` are counts, or the sum of a KPI's values.
    """

    requests: tuple[int | None, ...] = ()
    events: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricRule:
    """How one metric is judged.

    `margin` is the smallest difference that matters: 0.05 is a rate 5 % higher than the baseline's (for a mean: 0.05
    of its range). What stays within it is never taken back. `tolerance` is what must be ruled out before the candidate
    goes on: 1.0 is twice the baseline's rate; or `tolerance_absolute`, 0.005 is half a percentage point more, whichever
    is larger. `weight` is the metric's part of alpha; a `critical` metric takes the candidate back alone.
    """

    name: str
    kind: MetricKind = MetricKind.ERRORS
    direction: Direction = Direction.LOWER_IS_BETTER
    margin: float = 0.05
    tolerance: float = 1.0
    tolerance_absolute: float = 0.005
    critical: bool = True
    weight: float = 1.0
    lower: float = 0.0
    upper: float = 1.0


@dataclass(frozen=True, slots=True)
class JudgeRule:
    """What the policy says about judging.

    `alpha` bounds the probability of ever taking back a candidate that is as good as the baseline; `beta` that of
    letting one go on that is worse than the tolerance. Metrics that are not critical take back together, once those
    found worse hold `rollback_weight` of all weight. `share` is the candidate's declared share of the requests (0.05 is
    5 %), `sticky` says that the requests of one client stay with one variant.
    """

    metrics: tuple[MetricRule, ...] = ()
    alpha: float = 0.01
    beta: float = 0.05
    min_requests: int = 0
    bake_min: int = 0
    bake_max: int = 60
    rollback_weight: float = 0.5
    share: float | None = None
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class MetricReading:
    """The raw counts of one metric since the step began, aligned by minute.

    `history` are minutes of the baseline alone, before the canary: they show how restless the metric is by itself.
    """

    baseline: Minutes
    candidate: Minutes
    history: Minutes | None = None
    comparison: Comparison = Comparison.SIDE_BY_SIDE


@dataclass(frozen=True, slots=True)
class MetricVerdict:
    """What the judge found for one metric.

    `evidence` is the e-value (a bet against "no worse than the margin"; capped at 1e12), `threshold` where it takes
    back. `effect` is the candidate's rate over the baseline's (for a mean: the difference), with the ends of its
    anytime-valid confidence interval. `requests_needed` are further requests of the candidate until it is decided
    (until it can pass, or goes back if it stays as bad as it looks), `minutes_needed` how long they take at the present
    traffic; None where that cannot be told.
    """

    name: str
    verdict: Verdict
    evidence: float
    threshold: float
    sentence: str
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    baseline_requests: int = 0
    baseline_events: float = 0
    candidate_requests: int = 0
    candidate_events: float = 0
    requests_needed: int | None = None
    minutes_needed: int | None = None
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a step, made of those of its metrics, in the policy's order."""

    verdict: Verdict
    sentence: str
    metrics: tuple[MetricVerdict, ...] = ()
    minutes: int = 0
