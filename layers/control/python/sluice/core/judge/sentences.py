"""What a person reads: one sentence a metric, one for the step."""

from collections.abc import Sequence

from sluice.model.judging import Direction, MetricKind, MetricRule, MetricVerdict, Verdict

_MEANS = (MetricKind.KPI_MEAN, MetricKind.QUALITY)


def sentence_of(metric: MetricRule, found: MetricVerdict) -> str:
    """What was found for a metric, with its numbers."""
    if not found.candidate_requests or not found.baseline_requests:
        return f"{metric.name}: nothing to compare yet"
    seen = _difference(found) if metric.kind in _MEANS else _rates(found)
    match found.verdict:
        case Verdict.ROLL_BACK:
            worse = "lower" if metric.direction is Direction.HIGHER_IS_BETTER else "higher"
            return f"{metric.name}: {worse} than the margin allows, {seen}"
        case Verdict.ADVANCE:
            return f"{metric.name}: as it should be, {seen}"
        case _:
            return f"{metric.name}: not decided, {seen}{missing(found)}"


def missing(found: MetricVerdict) -> str:
    """How much more is needed, where it can be told."""
    if not found.requests_needed or not found.minutes_needed:
        return ""
    return f"; needs about {_count(found.requests_needed, 'request')} more, {_count(found.minutes_needed, 'minute')}"


def sentence_of_step(verdict: Verdict, found: Sequence[MetricVerdict]) -> str:
    """Why the step is decided as it is: the metrics that decided it, or those that hold it up."""
    worse = [metric for metric in found if metric.verdict is Verdict.ROLL_BACK]
    open_ones = [metric for metric in found if metric.verdict is Verdict.CONTINUE]
    match verdict:
        case Verdict.ROLL_BACK:
            return "; ".join(metric.sentence for metric in worse)
        case Verdict.ADVANCE | Verdict.PROMOTE:
            return "No metric is worse than its tolerance"
        case _:
            return "; ".join(metric.sentence for metric in [*worse, *open_ones]) or _nothing_open(found)


def _nothing_open(found: Sequence[MetricVerdict]) -> str:
    """Every metric is good enough, and the step's shortest bake is not over; or there is no metric."""
    return "Good enough so far; the step has not lasted long enough yet" if found else "Nothing is known yet"


def _rates(found: MetricVerdict) -> str:
    ours = f"{_events(found.candidate_events)} of {found.candidate_requests:,} ({_percent(found, candidate=True)})"
    other = f"{_events(found.baseline_events)} of {found.baseline_requests:,} ({_percent(found, candidate=False)})"
    times = "" if found.effect is None or not found.baseline_events else f", {found.effect:.2f} times{_between(found)}"
    return f"{ours} against {other}{times}"


def _difference(found: MetricVerdict) -> str:
    if found.effect is None:
        return "no values yet"
    return f"the mean differs by {found.effect:+.4g}{_between(found)}"


def _between(found: MetricVerdict) -> str:
    if found.effect_low is None or found.effect_high is None:
        return ""
    return f" ({found.effect_low:.3g} to {found.effect_high:.3g})"


def _percent(found: MetricVerdict, *, candidate: bool) -> str:
    requests = found.candidate_requests if candidate else found.baseline_requests
    events = found.candidate_events if candidate else found.baseline_events
    return f"{100 * events / requests:.3g} %"


def _events(number: float) -> str:
    """Counts are whole but for trimmed ones, whose part of a request nobody needs to read."""
    return f"{number:,.0f}" if number >= 10 else f"{number:g}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
