"""GetServiceQuota and ListServiceQuotas, of what is applied and of AWS's defaults."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region

from local.engine.json_service import JsonService
from local.engine.quotas import table
from local.engine.sagemaker.errors import ApiError

_SERVICE = "sagemaker"


def _get(request: dict[str, Any]) -> dict[str, Any]:
    return {"Quota": _quota(_named(request), table.value)}


def _list(request: dict[str, Any]) -> dict[str, Any]:
    return _page(request, table.value)


def _get_default(request: dict[str, Any]) -> dict[str, Any]:
    return {"Quota": _quota(_named(request), table.defaults().__getitem__)}


def _list_defaults(request: dict[str, Any]) -> dict[str, Any]:
    return _page(request, table.defaults().__getitem__)


def _named(request: dict[str, Any]) -> str:
    _check_service(request)
    for name in table.defaults():
        if table.code(name) == request["QuotaCode"]:
            return name
    raise ApiError("NoSuchResourceException", f"The request failed because there is no quota {request['QuotaCode']}.")


def _page(request: dict[str, Any], value: Callable[[str], float]) -> dict[str, Any]:
    _check_service(request)
    names = [n for n in sorted(table.defaults()) if request.get("QuotaCode") in (None, table.code(n))]
    start, size = _start(request.get("NextToken")), int(request.get("MaxResults") or 100)
    answer: dict[str, Any] = {"Quotas": [_quota(name, value) for name in names[start : start + size]]}
    if start + size < len(names):
        answer["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return answer


def _quota(name: str, value: Callable[[str], float]) -> dict[str, Any]:
    code = table.code(name)
    return {
        "ServiceCode": _SERVICE,
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"arn:aws:servicequotas:{get_region()}:{get_account_id()}:{_SERVICE}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value(name),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def _check_service(request: dict[str, Any]) -> None:
    if request["ServiceCode"] != _SERVICE:
        message = f"The request failed because the service {request['ServiceCode']} is not part of the embedded cloud."
        raise ApiError("NoSuchResourceException", message)


def _start(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode()) if token else 0
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidPaginationTokenException", "The token is invalid.") from error


service = JsonService(
    "service-quotas",
    {
        "GetServiceQuota": _get,
        "ListServiceQuotas": _list,
        "GetAWSDefaultServiceQuota": _get_default,
        "ListAWSDefaultServiceQuotas": _list_defaults,
    },
    table.forget,
)
"""What ministack calls."""
