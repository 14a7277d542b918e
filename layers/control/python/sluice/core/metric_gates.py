"""Gates on metrics: a minimum, a maximum, and not much worse than what serves, or was approved last."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.core.figures import exact, figure, figures
from sluice.model.approval import GateVerdict
from sluice.model.evidence import Document, DocumentStatus, Evidence
from sluice.model.gates import GateResult, LookedAt, Production
from sluice.model.package import DocumentKind
from sluice.model.policy_in_force import MetricLimit, ProductionLimit

_PLACES = {
    DocumentKind.MODEL_QUALITY: "ModelMetrics.ModelQuality.Statistics",
    DocumentKind.DATA_QUALITY: "ModelMetrics.ModelDataQuality.Statistics",
    DocumentKind.BIAS: "ModelMetrics.Bias",
    DocumentKind.EXPLAINABILITY: "ModelMetrics.Explainability.Report",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A metric's number and where it stands."""

    value: float
    at: LookedAt


@dataclass(frozen=True, slots=True)
class Absent:
    """Why there is no such number."""

    reason: str
    looked_at: tuple[LookedAt, ...] = ()


def metric_results(limit: MetricLimit, evidence: Evidence, production: Production | None) -> Iterator[GateResult]:
    """One result for each limit that the policy sets on the metric."""
    found = find_metric(evidence, limit.document, limit.name)
    if limit.minimum is not None:
        yield _bounded(limit, found, limit.minimum, is_minimum=True)
    if limit.maximum is not None:
        yield _bounded(limit, found, limit.maximum, is_minimum=False)
    if limit.against_production is not None:
        yield _against_production(limit, found, limit.against_production, production)


def find_metric(evidence: Evidence, kind: DocumentKind, name: str) -> Found | Absent:
    """The number of a metric by its name, or by its path where a name stands for several different numbers."""
    documents = [d for d in evidence.documents if d.kind is kind]
    hits = [(d, m) for d in documents for m in d.metrics if name in (m.name, m.path, m.path.removesuffix(".value"))]
    places = tuple(LookedAt(d.uri, m.path) for d, m in hits)
    numbers = {m.value for _, m in hits}
    if not hits:
        return _nowhere(documents, kind, name)
    value = hits[0][1].value
    if len(numbers) > 1:
        return Absent(f"{name} stands for different numbers in the {_called(kind)} document", places)
    if value is None:
        return Absent(f"{name} has no number: {hits[0][1].note}", places)
    return Found(value, places[0])


def problem_of(document: Document) -> str:
    """A document's problem as a clause."""
    return f"the {_called(document.kind)} document is {document.status.value}: {document.reason}"


def place_of(kind: DocumentKind) -> str:
    """The field of CreateModelPackage that names a document of this kind."""
    return _PLACES[kind]


def _nowhere(documents: list[Document], kind: DocumentKind, name: str) -> Absent:
    problems = [d for d in documents if d.status is not DocumentStatus.PRESENT]
    places = tuple(LookedAt(d.uri, "") for d in documents if d.uri)
    if problems or not documents:
        why = problem_of(problems[0]) if problems else f"there is no {_called(kind)} document"
        return Absent(f"{name} is not known, because {why}", places)
    return Absent(f"{name} is not in the {_called(kind)} document", places)


def _called(kind: DocumentKind) -> str:
    return kind.value.replace("_", " ")


def _gate_name(limit: MetricLimit, what: str) -> str:
    document = "" if limit.document is DocumentKind.MODEL_QUALITY else f"{limit.document.value}."
    return f"metrics.{document}{limit.name}.{what}"


def _bounded(limit: MetricLimit, found: Found | Absent, bound: float, *, is_minimum: bool) -> GateResult:
    word = "minimum" if is_minimum else "maximum"
    if isinstance(found, Absent):
        return _missing(limit, word, found, bound)
    fails = found.value < bound if is_minimum else found.value > bound
    value, limit_text = figures(found.value, bound)
    relation = ("below" if is_minimum else "above") if fails else ("at least" if is_minimum else "at most")
    return GateResult(
        gate=_gate_name(limit, word),
        verdict=GateVerdict.FAILED if fails else GateVerdict.PASSED,
        required=limit.required,
        reason=f"{limit.name} {value} is {relation} the {word} {limit_text}",
        observed=found.value,
        limit=bound,
        advice="register a better version, or agree on another limit in the policy" if fails else "",
        looked_at=(found.at,),
    )


def _against_production(
    limit: MetricLimit, found: Found | Absent, rule: ProductionLimit, production: Production | None
) -> GateResult:
    if isinstance(found, Absent):
        return _missing(limit, "production", found, None)
    name = _gate_name(limit, "production")
    if production is None:
        reason = (
            f"{limit.name} {figure(found.value)}: no other version is approved, so there is nothing to compare with"
        )
        return GateResult(name, GateVerdict.PASSED, limit.required, reason, observed=found.value, looked_at=(found.at,))
    before = find_metric(production.evidence, limit.document, limit.name)
    if isinstance(before, Absent):
        unknown = Absent(f"{production.words} cannot be compared with: {before.reason}", (found.at,))
        return _missing(limit, "production", unknown, None)
    return _compared(limit, found, before, rule, production.words)


def _compared(limit: MetricLimit, found: Found, before: Found, rule: ProductionLimit, version: str) -> GateResult:
    drops = rule.max_drop is not None
    margin = (rule.max_drop if drops else rule.max_rise) or 0.0
    change = exact(before.value) - exact(found.value) if drops else exact(found.value) - exact(before.value)
    fails = change > exact(margin)
    value, production_value = figures(found.value, before.value)
    worse, allowed = figures(float(change), margin)
    direction = "drop" if drops else "rise"
    if change > 0:
        verb = "more" if fails else "not more"
        outcome = f"a {direction} of {worse}, {verb} than the {allowed} allowed"
    else:
        outcome = "not worse"
    return GateResult(
        gate=_gate_name(limit, "production"),
        verdict=GateVerdict.FAILED if fails else GateVerdict.PASSED,
        required=limit.required,
        reason=f"{limit.name} {value} against {production_value} of {version}: {outcome}",
        observed=found.value,
        limit=before.value,
        advice="register a version that is not worse than that, or widen the margin in the policy" if fails else "",
        looked_at=(found.at, before.at),
    )


def _missing(limit: MetricLimit, what: str, absent: Absent, bound: float | None) -> GateResult:
    return GateResult(
        gate=_gate_name(limit, what),
        verdict=GateVerdict.MISSING,
        required=limit.required,
        reason=absent.reason,
        limit=bound,
        advice=f"register the version with a JSON document that has {limit.name} in {place_of(limit.document)}",
        looked_at=absent.looked_at,
    )
