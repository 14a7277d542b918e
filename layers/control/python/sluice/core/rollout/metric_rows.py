"""The rows of a rollout's card that tell what the judge found, metric by metric. Pure."""

import math
from collections.abc import Sequence
from typing import Final

from sluice.core.card_rows import context
from sluice.core.figures import three_digits
from sluice.core.slack_text import Block, code, duration, mrkdwn, one_line
from sluice.model.judging import Caveat, MetricKind, MetricVerdict, Verdict
from sluice.model.rollout import Rollout

_VERDICTS: Final = {
    Verdict.ROLL_BACK: ("❌", "Worse"),
    Verdict.EXTEND: ("❔", "Too little data"),
    Verdict.CONTINUE: ("⏳", "Undecided"),
    Verdict.ADVANCE: ("✅", "Good enough"),
    Verdict.PROMOTE: ("✅", "Good enough"),
}
"""In the order in which a person wants to see them."""
_CAVEATS: Final = {
    Caveat.STICKY_DECLARED: "Clients keep to one version: chances are weaker than the numbers say",
    Caveat.STICKY_SUSPECTED: "Clients seem to keep to one version: chances may be weaker than the numbers say",
    Caveat.BEFORE_AFTER: "*Before against after*: the weaker comparison, for whatever else changed counts as well",
    Caveat.NO_HISTORY: "No hours before the canary were there to learn from",
    Caveat.MINUTES_MISSING: "Some minutes are missing",
}
_NAMED: Final = 3
_MEANS: Final = (MetricKind.KPI_MEAN, MetricKind.QUALITY)


def metric_rows(rollout: Rollout, *, at_most: int, told: str = "") -> list[Block]:
    """A row a metric with verdict and numbers, the worst first, then what to know about them; each is said once.

    What stands in `told` with its sentence already has no row.
    """
    found = [m for m in ranked(rollout) if not m.sentence or m.sentence not in told]
    rules = {rule.name: rule for rule in rollout.rules.judge.metrics} if rollout.rules else {}
    blocks: list[Block] = []
    for metric in found[:at_most]:
        mean = metric.name in rules and rules[metric.name].kind in _MEANS
        cells = mrkdwn(f"{_name(metric)}\n{_effect(metric, mean=mean)}"), mrkdwn(_counts(metric, mean=mean))
        blocks += [{"type": "section", "fields": list(cells)}, context(mrkdwn(_evidence(metric)))]
    if len(found) > at_most:
        blocks.append(context(mrkdwn(f"…and {len(found) - at_most} more metrics, in the ledger.")))
    return [*blocks, *_caveats(ranked(rollout))]


def headline(rollout: Rollout) -> str:
    """What the last look came to, without the numbers that the metrics' rows have; empty when it said nothing."""
    if rollout.look is None:
        return ""
    return one_line(without_numbers(rollout.look.sentence, ranked(rollout)))


def without_numbers(text: str, metrics: Sequence[MetricVerdict]) -> str:
    """A text of the judge's with each metric's sentence cut down to its few words."""
    for metric in sorted(metrics, key=lambda m: -len(m.sentence)):
        if metric.sentence:
            text = text.replace(metric.sentence, in_short(metric))
    return text


def ranked(rollout: Rollout) -> list[MetricVerdict]:
    """The metrics of the last look, the worst first."""
    order = list(_VERDICTS)
    metrics: Sequence[MetricVerdict] = () if rollout.look is None else rollout.look.metrics
    return sorted(metrics, key=lambda m: order.index(m.verdict))


def still_needed(rollout: Rollout) -> str:
    """How many more requests of the candidate the slowest metric needs, and for how long; empty when none is told."""
    open_metrics = [m for m in ranked(rollout) if m.requests_needed]
    if not open_metrics:
        return ""
    slowest = max(open_metrics, key=lambda m: (m.minutes_needed or 0, m.requests_needed or 0))
    needed = f"about {slowest.requests_needed:,} more requests of the candidate, for {code(slowest.name, 60)}"
    if slowest.minutes_needed is None:
        return f"{needed}; how long that takes cannot be told at the present traffic"
    return f"{needed}: {duration(slowest.minutes_needed * 60)} at the present traffic"


def in_short(metric: MetricVerdict) -> str:
    """A metric in a few plain words: `errors: worse`."""
    return f"{metric.name}: {_VERDICTS[metric.verdict][1].lower()}"


def _counts(metric: MetricVerdict, *, mean: bool) -> str:
    candidate = _count(metric.candidate_events, metric.candidate_requests, mean=mean)
    baseline = _count(metric.baseline_events, metric.baseline_requests, mean=mean)
    return f"candidate {candidate}\nbaseline {baseline}"


def _evidence(metric: MetricVerdict) -> str:
    return (
        f"evidence that it is worse: *{three_digits(metric.evidence)}*; taken back at {three_digits(metric.threshold)}"
    )


def _name(metric: MetricVerdict) -> str:
    icon, word = _VERDICTS[metric.verdict]
    return f"{icon} *{word}*  {code(metric.name, 80)}"


def _effect(metric: MetricVerdict, *, mean: bool) -> str:
    if metric.effect is None:
        return "no effect can be told yet"
    told = f"{metric.effect:+.3g} on average" if mean else f"{three_digits(metric.effect)} × baseline"
    if metric.effect_low is None and metric.effect_high is None:
        return told
    return f"*{told}* ({_end(metric.effect_low, mean=mean)} to {_end(metric.effect_high, mean=mean)})"


def _end(value: float | None, *, mean: bool) -> str:
    if value is None or not math.isfinite(value):
        return "unknown"
    return f"{value:+.3g}" if mean else three_digits(value)


def _count(events: float, requests: int, *, mean: bool) -> str:
    if requests <= 0:
        return "no requests yet"
    if mean:
        return f"{three_digits(events / requests)} on average of {requests:,}"
    return f"{three_digits(100 * events / requests)} % ({three_digits(events)} of {requests:,})"


def _caveats(metrics: Sequence[MetricVerdict]) -> list[Block]:
    """Each once, with the metrics that it is about where that is not all of them."""
    about = {caveat: [m.name for m in metrics if caveat in m.caveats] for caveat in _CAVEATS}
    lines = [
        f"⚠️ {_CAVEATS[caveat]}{'' if len(names) == len(metrics) else f' ({_listed(names)})'}."
        for caveat, names in about.items()
        if names
    ]
    return [context(mrkdwn("\n".join(lines)))] if lines else []


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(code(name, 40) for name in names[:_NAMED]) + more
