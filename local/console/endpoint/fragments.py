"""The endpoint view's parts of the page: the tabs above it, and the view itself."""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, render_template, request

from local.console.endpoint.evidence_chart import number
from local.console.endpoint.interval_mark import interval_mark
from local.console.endpoint.rollout_words import (
    checks_in_words,
    counted,
    duration_words,
    looks_in_words,
    outcome_words,
    steps_of,
    verdict_words,
)
from local.console.endpoint.view import EndpointView
from sluice.model.judging import MetricKind
from sluice.model.rollout import Rollout

NAMES = ("tabs", "endpoint")
_MEANS = (MetricKind.KPI_MEAN, MetricKind.QUALITY)


def chosen() -> dict[str, str]:
    """The endpoint, the rollout and the view that the reader asked for; empty ones when none."""
    return {name: request.args.get(name, "") for name in ("show", "rollout", "view")}


def html(name: str, **parts: Any) -> str:
    """One of the fragments."""
    view: EndpointView = current_app.config["ENDPOINTS"]
    asked = chosen()
    if name == "tabs":
        return render_template("tabs.html", endpoints=view.names(), **parts, **asked)
    ledger = current_app.config["CLOUD"].picture()
    picture = view.picture(asked["show"], asked["rollout"], ledger.chains)
    return render_template(
        "endpoint.html",
        picture=picture,
        trouble=picture.trouble or ledger.trouble,
        means=_means(picture.record),
        interval_mark=interval_mark,
        counted=counted,
        number=number,
        steps_of=steps_of,
        outcome_words=outcome_words,
        verdict_words=verdict_words,
        checks_in_words=checks_in_words,
        duration_words=duration_words,
        looks_in_words=looks_in_words,
        moment=lambda at_s: datetime.fromtimestamp(at_s, UTC),
        **parts,
        **asked,
    )


def _means(record: Rollout | None) -> frozenset[str]:
    rules = record.rules.judge.metrics if record and record.rules else ()
    return frozenset(rule.name for rule in rules if rule.kind in _MEANS)
