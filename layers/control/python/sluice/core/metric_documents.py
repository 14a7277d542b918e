"""Readers of model and data quality documents: statistics, evaluation.json, model card metrics."""

from collections.abc import Iterator, Mapping
from typing import Any

from sluice.core.json_readings import mapping, name, number, sequence, why_no_number
from sluice.model.evidence import Metric

_ABOUT = frozenset({"version", "dataset", "item_count", "evaluation_time"})


def quality_metrics(document: Mapping[str, Any]) -> Iterator[Metric]:
    """Metrics of a model quality document.

    Known forms: groups such as `binary_classification_metrics: {auc: {value, standard_deviation}}`, the same without
    a group, plain numbers (`{"auc": 0.9}`, `{"metrics": {"auc": 0.9}}`), and the metric groups of model cards.
    """
    if "metric_groups" in document:
        yield from card_metrics(document)
        return
    for key, value in document.items():
        if key in _ABOUT:
            continue
        metric = _metric(key, value, key)
        if metric is not None:
            yield metric
            continue
        for inner, entry in mapping(value).items():
            metric = _metric(inner, entry, f"{key}.{inner}")
            if metric is not None:
                yield metric


def data_metrics(document: Mapping[str, Any]) -> Iterator[Metric]:
    """Figures of a data quality document: rows, features, and the lowest share of rows in which a feature is there."""
    features = sequence(document.get("features"))
    rows = number(mapping(document.get("dataset")).get("item_count"))
    if rows is not None:
        yield Metric("item_count", "dataset.item_count", rows)
    if features:
        yield Metric("feature_count", "features", float(len(features)))
    complete = [c for c in map(_completeness, range(len(features)), features) if c is not None]
    if complete:
        share, path = min(complete)
        yield Metric("lowest_completeness", path, share)
    if not features and rows is None:
        yield from quality_metrics(document)


def card_metrics(document: Mapping[str, Any]) -> Iterator[Metric]:
    """Metrics of the generic evaluation form of model cards."""
    for i, group in enumerate(sequence(document.get("metric_groups"))):
        for j, entry in enumerate(sequence(mapping(group).get("metric_data"))):
            metric = _metric(name(mapping(entry).get("name")), entry, f"metric_groups[{i}].metric_data[{j}]")
            if metric is not None:
                yield metric


def _metric(called: str, entry: Any, path: str) -> Metric | None:
    plain = number(entry)
    if plain is not None:
        return Metric(name(called), path, plain)
    fields = mapping(entry)
    if "value" not in fields or isinstance(fields["value"], (dict, list)):
        return None  # a curve, a confusion matrix or a group, not a number
    value = number(fields["value"])
    return Metric(
        name=name(called),
        path=f"{path}.value",
        value=value,
        standard_deviation=number(fields.get("standard_deviation")),
        note="" if value is not None else why_no_number(fields),
    )


def _completeness(index: int, feature: Any) -> tuple[float, str] | None:
    for kind in ("numerical_statistics", "string_statistics"):
        common = mapping(mapping(mapping(feature).get(kind)).get("common"))
        there, missing = number(common.get("num_present")), number(common.get("num_missing"))
        if there is not None and missing is not None and there + missing > 0:
            return there / (there + missing), f"features[{index}].{kind}.common"
    return None
