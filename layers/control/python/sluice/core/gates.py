"""Checks evidence against a policy's gates: pure, and in a stable order."""

from collections.abc import Iterator

from sluice.core.clarify_gates import bias_result, explainability_results
from sluice.core.comparison import comparison_lines
from sluice.core.metric_gates import metric_results
from sluice.core.origin_gates import card_result, image_result, lineage_results
from sluice.model.evidence import Evidence
from sluice.model.gates import GateReport, GateResult, Production
from sluice.model.policy_in_force import GateRules


def check(evidence: Evidence, rules: GateRules, production: Production | None) -> GateReport:
    """Check all gates; `production` is what to compare with, None when there is nothing."""
    return GateReport(
        results=tuple(_results(evidence, rules, production)),
        comparison=comparison_lines(rules, evidence, production.evidence if production else None),
        production_version=production.evidence.version if production else None,
        production_endpoint=production.endpoint if production else "",
    )


def _results(evidence: Evidence, rules: GateRules, production: Production | None) -> Iterator[GateResult]:
    for metric in rules.metrics:
        yield from metric_results(metric, evidence, production)
    for bias in rules.bias:
        yield bias_result(bias, evidence)
    if rules.explainability is not None:
        yield from explainability_results(rules.explainability, evidence)
    if rules.model_card is not None:
        yield card_result(rules.model_card, evidence)
    if rules.lineage is not None:
        yield from lineage_results(rules.lineage, evidence)
    if rules.images is not None:
        yield image_result(rules.images, evidence)
