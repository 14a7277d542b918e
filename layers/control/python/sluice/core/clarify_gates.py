"""Gates on Clarify's reports: limits on bias, and an explanation that no single feature dominates."""

from collections.abc import Iterator
from dataclasses import replace

from sluice.core.figures import exact, figure, figures
from sluice.core.metric_gates import place_of, problem_of
from sluice.model.approval import GateVerdict
from sluice.model.evidence import Attribution, BiasReading, Document, DocumentStatus, Evidence
from sluice.model.gates import GateResult, LookedAt
from sluice.model.package import DocumentKind
from sluice.model.policy_in_force import BiasLimit, ExplainabilityRule

type _Hit = tuple[Document, BiasReading]

_ADVICE_BIAS = "reduce the bias (Clarify's report shows where), or agree on another limit in the policy"


def bias_result(limit: BiasLimit, evidence: Evidence) -> GateResult:
    """All readings of the metric for the facet must keep to the limits; one that cannot be read is missing."""
    documents = [d for d in evidence.documents if d.kind is DocumentKind.BIAS]
    hits = [(d, r) for d in documents for r in d.bias if _is_meant(limit, r)]
    failed = [(d, r, problem) for d, r in hits if (problem := _violation(limit, r))]
    if failed:
        document, reading, problem = failed[0]
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        reason = f"{_said(reading)} {problem}{more}"
        return _bias(limit, GateVerdict.FAILED, reason, [(document, reading)], advice=_ADVICE_BIAS)
    unread = _unread(limit, documents, hits)
    if unread:
        advice = (
            f"run Clarify for the facet {limit.facet} and register its analysis.json in {place_of(DocumentKind.BIAS)}"
        )
        return _bias(limit, GateVerdict.MISSING, unread, hits, advice=advice)
    return _bias(limit, GateVerdict.PASSED, f"{_listed(hits)}, within {_limits(limit)}", hits)


def explainability_results(rule: ExplainabilityRule, evidence: Evidence) -> Iterator[GateResult]:
    """A report is there; and, where the policy says so, its most important feature keeps to its share."""
    documents = [d for d in evidence.documents if d.kind is DocumentKind.EXPLAINABILITY]
    found = [(d, a) for d in documents for a in d.attributions]
    missing = _no_report(documents, found)
    if missing:
        yield _explained(rule, "report", GateVerdict.MISSING, missing)
    else:
        features = max(a.features for _, a in found)
        reason = f"global SHAP values of {features} features are there"
        yield _explained(rule, "report", GateVerdict.PASSED, reason, found)
    if rule.max_top_share is None:
        return
    if missing:
        yield _explained(rule, "top_share", GateVerdict.MISSING, missing)
    else:
        yield _top_share(rule, found, rule.max_top_share)


def _is_meant(limit: BiasLimit, reading: BiasReading) -> bool:
    return (reading.metric, reading.facet) == (limit.metric, limit.facet) and limit.facet_value in (
        None,
        reading.facet_value,
    )


def _violation(limit: BiasLimit, reading: BiasReading) -> str:
    value = reading.value
    if value is None:
        return ""
    if limit.max_abs is not None and abs(value) > limit.max_abs:
        shown, bound = figures(abs(value), limit.max_abs)
        return f"is {shown} away from 0, more than the {bound} allowed"
    if limit.minimum is not None and value < limit.minimum:
        return f"is below the minimum {figures(value, limit.minimum)[1]}"
    if limit.maximum is not None and value > limit.maximum:
        return f"is above the maximum {figures(value, limit.maximum)[1]}"
    return ""


def _unread(limit: BiasLimit, documents: list[Document], hits: list[_Hit]) -> str:
    what = f"{limit.metric} of {limit.facet}" + (f"={limit.facet_value}" if limit.facet_value else "")
    bad = [d for d in documents if d.status is not DocumentStatus.PRESENT]
    if bad or not documents:
        why = problem_of(bad[0]) if bad else "there is no bias document"
        return f"{what} is not known for certain, because {why}"
    if not hits:
        return f"{what} is not in the bias document"
    silent = next((r for _, r in hits if r.value is None), None)
    return f"{limit.metric} of {silent.facet}={silent.facet_value} has no number: {silent.note}" if silent else ""


def _said(reading: BiasReading) -> str:
    value = "" if reading.value is None else f" {figure(reading.value)}"
    return f"{reading.metric}{value} of {reading.facet}={reading.facet_value}"


def _listed(hits: list[_Hit]) -> str:
    more = f" and {len(hits) - 3} more" if len(hits) > 3 else ""
    return ", ".join(_said(r) for _, r in hits[:3]) + more


def _limits(limit: BiasLimit) -> str:
    parts = []
    if limit.max_abs is not None:
        parts.append(f"{figure(limit.max_abs)} of 0")
    if limit.minimum is not None and limit.maximum is not None:
        parts.append(f"{figure(limit.minimum)} to {figure(limit.maximum)}")
    elif limit.minimum is not None:
        parts.append(f"the minimum {figure(limit.minimum)}")
    elif limit.maximum is not None:
        parts.append(f"the maximum {figure(limit.maximum)}")
    return " and ".join(parts)


def _bias(limit: BiasLimit, verdict: GateVerdict, reason: str, hits: list[_Hit], *, advice: str = "") -> GateResult:
    value = f".{limit.facet_value}" if limit.facet_value else ""
    return GateResult(
        gate=f"bias.{limit.metric}.{limit.facet}{value}",
        verdict=verdict,
        required=limit.required,
        reason=reason,
        observed=hits[0][1].value if hits else None,
        limit=next((b for b in (limit.max_abs, limit.minimum, limit.maximum) if b is not None), None),
        advice=advice,
        looked_at=tuple(LookedAt(d.uri, r.path) for d, r in hits[:10]),
    )


def _no_report(documents: list[Document], found: list[tuple[Document, Attribution]]) -> str:
    bad = [d for d in documents if d.status is not DocumentStatus.PRESENT]
    if bad or not documents:
        return problem_of(bad[0]) if bad else "there is no explainability document"
    silent = next((a for _, a in found if not a.top), None)
    if silent:
        return f"the SHAP values of {silent.label} say nothing: {silent.note}"
    return "" if found else "the explainability document holds no global SHAP values"


def _top_share(rule: ExplainabilityRule, found: list[tuple[Document, Attribution]], limit: float) -> GateResult:
    document, attribution = max(found, key=lambda item: item[1].top[0].share)
    top = attribution.top[0]
    fails = exact(top.share) > exact(limit)
    share, bound = figures(top.share, limit)
    verb = "more than" if fails else "within"
    result = _explained(
        rule,
        "top_share",
        GateVerdict.FAILED if fails else GateVerdict.PASSED,
        f"{top.feature} carries {share} of all attributions, {verb} the {bound} allowed",
        [(document, attribution)],
    )
    return replace(result, observed=top.share, limit=limit)


def _explained(
    rule: ExplainabilityRule,
    what: str,
    verdict: GateVerdict,
    reason: str,
    found: list[tuple[Document, Attribution]] | None = None,
) -> GateResult:
    advice = {
        GateVerdict.PASSED: "",
        GateVerdict.FAILED: "find out why one feature decides (a leak of the label is usual), or change the limit",
        GateVerdict.MISSING: f"run Clarify and register its analysis.json in {place_of(DocumentKind.EXPLAINABILITY)}",
    }[verdict]
    return GateResult(
        gate=f"explainability.{what}",
        verdict=verdict,
        required=rule.required,
        reason=reason,
        advice=advice,
        looked_at=tuple(LookedAt(d.uri, a.path) for d, a in (found or [])[:10]),
    )
