"""Parameter Store: change events on the default bus, and AWS's limits where ministack is laxer.

Sources of the limits: the Systems Manager user guide (4 KB standard, 8 KB advanced, 10 labels, 100 versions) and the
refusal of nested references.
"""

import json
from typing import Any

from ministack.services import eventbridge, ssm

from local.engine.patches.expected import replace

_STANDARD_BYTES = 4096
_ADVANCED_BYTES = 8192
_LABELS = 10
_VERSIONS = 100

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap the operations that change a parameter."""
    for name, wrapper in (
        ("_put_parameter", _put_parameter),
        ("_delete_parameter", _delete_parameter),
        ("_delete_parameters", _delete_parameters),
        ("_label_parameter_version", _label_parameter_version),
    ):
        _original[name] = replace(ssm, name, wrapper, parameters="data")


def _put_parameter(data: Any) -> Any:
    name = data.get("Name", "")
    existing = ssm._parameters.get(name)
    refusal = _value_refusal(data, existing) or _versions_refusal(name)
    if refusal:
        return ssm.error_response_json(*refusal, 400)
    if data.get("Tier") == "Intelligent-Tiering":
        data = {**data, "Tier": _tier(data, existing)}
    answer = _original["_put_parameter"](data)
    if answer[0] == 200:
        del ssm._parameter_history[name][:-_VERSIONS]
        _emit("Update" if existing else "Create", ssm._parameters[name])
    return answer


def _tier(data: Any, existing: Any) -> str:
    large = len(str(data.get("Value", "")).encode()) > _STANDARD_BYTES
    return "Advanced" if large or (existing or {}).get("Tier") == "Advanced" else "Standard"


def _value_refusal(data: Any, existing: Any) -> tuple[str, str] | None:
    value = str(data.get("Value", ""))
    tier = data.get("Tier") or (existing or {}).get("Tier") or "Standard"
    size = len(value.encode())
    if "{{" in value:
        return "ValidationException", 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.'
    if size > _ADVANCED_BYTES:
        return "ValidationException", f"Parameter value exceeds the maximum of {_ADVANCED_BYTES} characters."
    if tier == "Standard" and size > _STANDARD_BYTES:
        return "ValidationException", (
            f"Standard tier parameters support a maximum parameter value of {_STANDARD_BYTES} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier."
        )
    if tier == "Standard" and (existing or {}).get("Tier") == "Advanced":
        return "ValidationException", (
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier."
        )
    return None


def _versions_refusal(name: str) -> tuple[str, str] | None:
    history = ssm._parameter_history.get(name) or []
    if len(history) >= _VERSIONS and history[0].get("Labels"):
        return "ParameterMaxVersionLimitExceeded", (
            f"You attempted to create a new version of {name} by calling the PutParameter API. Version "
            f"{history[0]['Version']}, the oldest version, can't be deleted because it has a label associated with it."
        )
    return None


def _delete_parameter(data: Any) -> Any:
    _, record = ssm._lookup_parameter(data.get("Name"))
    answer = _original["_delete_parameter"](data)
    if answer[0] == 200:
        _emit("Delete", record)
    return answer


def _delete_parameters(data: Any) -> Any:
    records = [ssm._lookup_parameter(name)[1] for name in data.get("Names", [])]
    answer = _original["_delete_parameters"](data)
    for record in records:
        if record:
            _emit("Delete", record)
    return answer


def _label_parameter_version(data: Any) -> Any:
    name = data.get("Name", "")
    history = ssm._parameter_history.get(name) or []
    version = data.get("ParameterVersion") or (ssm._parameters.get(name) or {}).get("Version")
    labels: list[str] = next((e.get("Labels", []) for e in history if e["Version"] == version), [])
    if len({*labels, *data.get("Labels", [])}) > _LABELS:
        message = f"A parameter version can have a maximum of {_LABELS} labels."
        return ssm.error_response_json("ParameterVersionLabelLimitExceeded", message, 400)
    answer = _original["_label_parameter_version"](data)
    if answer[0] == 200:
        _emit("LabelParameterVersion", ssm._parameters[name])
    return answer


def _emit(operation: str, record: Any) -> None:
    detail = {"operation": operation, "name": record["Name"], "type": record["Type"]}
    if record.get("Description"):
        detail["description"] = record["Description"]
    entry = {
        "Source": "aws.ssm",
        "DetailType": "Parameter Store Change",
        "Detail": json.dumps(detail),
        "Resources": [record["ARN"]],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
