"""ListMetrics."""

import base64
import binascii
from typing import Any

from local.engine.cloudwatch import series
from local.engine.cloudwatch.series import SeriesKey
from local.engine.sagemaker.errors import ApiError

_PAGE = 500


def list_metrics(request: dict[str, Any]) -> dict[str, Any]:
    """ListMetrics: up to 500 a page, by namespace, name and dimensions (with or without a value)."""
    found = sorted((key for key in series.known() if _wanted(key, request)), key=repr)
    start = _start(request.get("NextToken"))
    answer: dict[str, Any] = {"Metrics": [_described(key) for key in found[start : start + _PAGE]]}
    if start + _PAGE < len(found):
        answer["NextToken"] = base64.urlsafe_b64encode(str(start + _PAGE).encode()).decode()
    return answer


def _wanted(key: SeriesKey, request: dict[str, Any]) -> bool:
    for field, value in (("Namespace", key.namespace), ("MetricName", key.name)):
        if request.get(field) not in (None, "", value):
            return False
    dimensions = dict(key.dimensions)
    asked = request.get("Dimensions") or []
    return all(d["Name"] in dimensions and d.get("Value") in (None, dimensions[d["Name"]]) for d in asked)


def _described(key: SeriesKey) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in key.dimensions]
    return {"Namespace": key.namespace, "MetricName": key.name, "Dimensions": dimensions}


def _start(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode()) if token else 0
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidNextToken", "The parameter NextToken is invalid.") from error
