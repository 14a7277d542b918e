"""What a monitor's report of violations says: which features, and how far they are off. Pure."""

import math
import re
from collections.abc import Mapping
from typing import Any

from sluice.core.strict_json import strict_json
from sluice.errors import InvalidInput
from sluice.model.signal import Finding

REPORTS = ("constraint_violations.json", "constraints_violations.json")
"""What real jobs call their report, and what tables of the documentation call it."""
REPORT_BYTES = 1_000_000
"""How much of a report is read: one violation takes about 250 bytes, and nobody reads four thousand of them."""

_FINDINGS = 20
_NAME_CHARS = 200
_WHAT_CHARS = 1000
_N = r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,3})?"
# Numbers are only in the texts. Each form is that of a real report, but for model quality's, which is from its code.
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"Expected match: (?P<limit>{_N})%.{{0,200}}?Observed: Only (?P<value>{_N})%",
        rf"distance: (?P<value>{_N}) exceeds threshold: (?P<limit>{_N})",
        rf"Metric value (?P<value>{_N}) doesn't meet the baseline constraint requirement (?P<limit>{_N})",
        rf"attribution drift (?P<value>{_N}) exceeds threshold (?P<limit>{_N})",
        rf"Metric .{{1,200}} with (?P<value>{_N})(?: \+/- {_N})? was \w{{1,60}} '?(?P<limit>{_N})'?",
    )
)


def violations_of(report: bytes) -> tuple[Finding, ...]:
    """The violations in a report, the farthest off first; raises InvalidInput for what is no such report."""
    document = strict_json(report)
    listed = document.get("violations") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise InvalidInput("it has no list of violations")
    findings = [_finding(violation) for violation in listed if isinstance(violation, Mapping)]
    return tuple(sorted(findings, key=_distance, reverse=True))


def told_of(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """As many as are told."""
    return findings[:_FINDINGS]


def names_of(findings: tuple[Finding, ...], most: int = 3) -> str:
    """Their names in a sentence, the rest as a number."""
    names = list(dict.fromkeys(finding.name for finding in findings))
    shown, more = ", ".join(names[:most]), len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown


def _finding(violation: Mapping[str, Any]) -> Finding:
    """One violation; a text in no known form is kept whole."""
    what = _text(violation.get("description"), _WHAT_CHARS) or _text(
        violation.get("constraint_check_type"), _WHAT_CHARS
    )
    match = next((m for form in _FORMS if (m := form.search(what))), None)
    value, limit = (_number(match["value"]), _number(match["limit"])) if match else (None, None)
    return Finding(_name(violation)[:_NAME_CHARS], what or "violated", value, limit)


def _name(violation: Mapping[str, Any]) -> str:
    """What it is about: a feature; a metric, of a group of people or a label where it is one of bias or attribution."""
    feature, metric, facet, value, label, check = (
        _text(violation.get(key), _NAME_CHARS)
        for key in ("feature_name", "metric_name", "facet", "facet_value", "label", "constraint_check_type")
    )
    if feature:
        return feature
    group = f"{facet}={value}" if facet and value else facet or label
    return f"{metric} of {group}" if metric and group else metric or group or check or "violation"


def _distance(finding: Finding) -> float:
    """How far it is off, as a multiple of its limit; what has no figures comes last."""
    if finding.value is None or finding.limit is None:
        return -1.0
    return abs(finding.value - finding.limit) / max(abs(finding.limit), 1e-9)


def _text(value: Any, most: int) -> str:
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


def _number(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
