"""Readers of SageMaker Clarify's analysis: bias before and after training, and global SHAP values."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sluice.core.json_readings import mapping, name, number, sequence, why_no_number
from sluice.model.evidence import Attribution, BiasReading, Share

TOP_FEATURES = 10
_STAGES = ("pre_training", "post_training")
_CARD_GROUP = re.compile(
    r"(?P<stage>pre_training|post_training)_bias_metrics"
    r" - label .{1,400}? and facet (?P<facet>[^=]{1,200})=(?P<value>.*)"
)


def bias_readings(document: Mapping[str, Any]) -> Iterator[BiasReading]:
    """Bias metrics of Clarify's analysis.json, or of a model card's evaluation made from one."""
    for stage in _STAGES:
        section = f"{stage}_bias_metrics"
        facets = mapping(mapping(document.get(section)).get("facets"))
        for facet, values in facets.items():
            for i, of_value in enumerate(sequence(values)):
                yield from _of_value(stage, facet, mapping(of_value), f"{section}.facets.{facet}[{i}]")
    for i, group in enumerate(sequence(document.get("metric_groups"))):
        yield from _of_card_group(mapping(group), f"metric_groups[{i}]")


def attributions(document: Mapping[str, Any]) -> Iterator[Attribution]:
    """Global SHAP values of each method and label."""
    for method, labels in mapping(document.get("explanations")).items():
        for label, of_label in mapping(labels).items():
            values = mapping(of_label).get("global_shap_values")
            if isinstance(values, Mapping):
                path = f"explanations.{method}.{label}.global_shap_values"
                yield _attribution(name(method), name(label), path, values)


def _of_value(stage: str, facet: str, of_value: Mapping[str, Any], path: str) -> Iterator[BiasReading]:
    value_name = name(of_value.get("value_or_threshold", ""))
    for j, entry in enumerate(sequence(of_value.get("metrics"))):
        yield _reading((stage, name(facet), value_name), mapping(entry), f"{path}.metrics[{j}]")


def _of_card_group(group: Mapping[str, Any], path: str) -> Iterator[BiasReading]:
    match = _CARD_GROUP.fullmatch(str(group.get("name", "")))
    if match is None:
        return
    where = (match["stage"], match["facet"], name(match["value"]))
    for j, entry in enumerate(sequence(group.get("metric_data"))):
        yield _reading(where, mapping(entry), f"{path}.metric_data[{j}]")


def _reading(where: tuple[str, str, str], entry: Mapping[str, Any], path: str) -> BiasReading:
    stage, facet, facet_value = where
    value = number(entry.get("value"))
    return BiasReading(
        stage=stage,
        facet=facet,
        facet_value=facet_value,
        metric=name(entry.get("name", "")),
        path=f"{path}.value",
        value=value,
        note="" if value is not None else why_no_number(entry),
    )


def _attribution(method: str, label: str, path: str, values: Mapping[str, Any]) -> Attribution:
    sizes = {feature: number(value) for feature, value in values.items()}
    unread = next((feature for feature, size in sizes.items() if size is None), None)
    if unread is not None:
        return Attribution(method, label, path, len(sizes), note=f"the value of {name(unread)} is not a number")
    absolute = sorted(((abs(s or 0.0), f) for f, s in sizes.items()), key=lambda item: (-item[0], item[1]))
    total = math.fsum(size for size, _ in absolute)
    if not total or not math.isfinite(total):
        return Attribution(method, label, path, len(sizes), note="the values add up to nothing")
    top = tuple(Share(name(feature), size / total) for size, feature in absolute[:TOP_FEATURES])
    return Attribution(method, label, path, len(sizes), top)
