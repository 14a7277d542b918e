"""CloudFormation types that our template uses and ministack does not know."""

from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from local.engine.patches.expected import PatchMismatch
from local.engine.sagemaker import groups, identity


def apply() -> None:
    """Register a handler for each type."""
    for name, handlers in _TYPES.items():
        if name in provisioners._RESOURCE_HANDLERS:
            raise PatchMismatch(f"this ministack knows {name} itself: look whether ours is still needed")
        provisioners._RESOURCE_HANDLERS[name] = handlers


def _create_bus_policy(_logical_id: str, props: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    bus, statement_id = props.get("EventBusName", "default"), props["StatementId"]
    statement = props.get("Statement") or {
        "Effect": "Allow",
        "Principal": props["Principal"] if props["Principal"] == "*" else {"AWS": props["Principal"]},
        "Action": props["Action"],
    }
    policy = eventbridge._event_bus_policies.setdefault(bus, {"Version": "2012-10-17", "Statement": []})
    policy["Statement"] = [s for s in policy["Statement"] if s.get("Sid") != statement_id]
    policy["Statement"].append({**statement, "Sid": statement_id})
    return f"{bus}|{statement_id}", {}


def _delete_bus_policy(physical_id: str, _props: dict[str, Any]) -> None:
    bus, _, statement_id = physical_id.partition("|")
    policy = eventbridge._event_bus_policies.get(bus, {"Statement": []})
    policy["Statement"] = [s for s in policy["Statement"] if s.get("Sid") != statement_id]


def _create_group(_logical_id: str, props: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    wanted = {k: v for k, v in props.items() if k in ("ModelPackageGroupName", "ModelPackageGroupDescription", "Tags")}
    arn = groups.create(wanted, identity.root_context())["ModelPackageGroupArn"]
    return arn, {"ModelPackageGroupArn": arn}


def _delete_group(physical_id: str, _props: dict[str, Any]) -> None:
    groups.delete({"ModelPackageGroupName": physical_id}, {})


_TYPES: dict[str, dict[str, Any]] = {
    "AWS::Events::EventBusPolicy": {"create": _create_bus_policy, "delete": _delete_bus_policy},
    "AWS::SageMaker::ModelPackageGroup": {"create": _create_group, "delete": _delete_group},
}
