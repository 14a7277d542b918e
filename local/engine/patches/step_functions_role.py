"""Step Functions: what a state machine calls is checked against the policies of the machine's own role."""

import hashlib
import json
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions as sfn
from ministack.services import sts

from local.engine.patches import sagemaker_rights
from local.engine.patches.expected import replace
from local.engine.sagemaker.errors import ApiError

_role: ContextVar[str | None] = ContextVar("state_machine_role", default=None)
_original: dict[str, Any] = {}


def apply() -> None:
    """Note the role of each running task and ask IAM before each call."""
    _original["task"] = replace(sfn, "_execute_task", _execute_task, parameters="state_def raw_input execution ctx")
    _original["invoke"] = replace(sfn, "_invoke_resource", _invoke_resource, parameters="resource input_data")


def _execute_task(state_def: Any, raw_input: Any, execution: Any, ctx: Any) -> Any:
    machine = sfn._state_machines.get(execution.get("stateMachineArn", "")) or {}
    mark = _role.set(machine.get("roleArn"))
    try:
        return _original["task"](state_def, raw_input, execution, ctx)
    finally:
        _role.reset(mark)


def _invoke_resource(resource: str, input_data: Any) -> Any:
    role = _role.get()
    if app.AUTH and role:
        _authorize(role, resource, input_data if isinstance(input_data, dict) else {})
    return _original["invoke"](resource, input_data)


def _authorize(role: str, resource: str, data: dict[str, Any]) -> None:
    service, operation = _called(resource)
    action = f"{iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service, service)}:{operation}"
    headers = {"x-amz-target": f"x.{operation}", "content-type": "application/x-amz-json-1.0"}
    body = json.dumps(data).encode()
    target = resource if resource.startswith("arn:aws:lambda:") else _target(service, headers, body, data)
    key, principal = role_session(role, "states")
    context = iam_actions.request_tag_context(service, action, body, {})
    denied = iam_evaluator.enforce(key, action, service, get_region(), resource_arn=target, service_context=context)
    if denied is not None:
        message = f"User: {principal} is not authorized to perform: {action} on resource: {target}"
        raise sfn._ExecutionError(_error_name(service), message)
    if service == "sagemaker":
        try:
            sagemaker_rights.check(key, get_region(), operation, data)
        except ApiError as error:
            raise sfn._ExecutionError(_error_name(service), str(error)) from error


def _called(resource: str) -> tuple[str, str]:
    """Service and IAM operation of a task's resource ARN."""
    plain = resource.replace(".waitForTaskToken", "").replace(".sync:2", "").replace(".sync", "")
    if ":lambda:" in plain:
        return "lambda", "InvokeFunction"
    *_, service, operation = plain.split(":")
    known = sfn._AWS_SDK_SERVICE_MAP.get(service.lower(), {})
    return known.get("service_key", service.lower()), operation[0].upper() + operation[1:]


def _target(service: str, headers: dict[str, str], body: bytes, data: dict[str, Any]) -> str:
    region, account = get_region(), get_account_id()
    if service == "lambda":
        name = str(data.get("FunctionName", ""))
        return name if name.startswith("arn:") else f"arn:aws:lambda:{region}:{account}:function:{name}"
    return str(iam_actions.extract_resource_arn(service, "POST", "/", headers, body, {}, region, account))


def role_session(role: str, session_name: str) -> tuple[str, str]:
    """Register a session of a role, as the service that assumes it would; tells its access key and its ARN."""
    name = role.rsplit("/", 1)[-1]
    principal = f"arn:aws:sts::{get_account_id()}:assumed-role/{name}/{session_name}"
    digest = hashlib.sha256(principal.encode()).hexdigest()
    key = f"ASIA{digest[:16].upper()}"
    session = {"Arn": principal, "UserId": f"AROA{digest[:17].upper()}:{session_name}"}
    sts.register_session(key, {**session, "SecretAccessKey": digest, "SessionToken": digest})
    return key, principal


def current_role_arn(session_name: str) -> str:
    """ARN of the session under which the running task calls, or of the account's root outside of a machine."""
    role = _role.get()
    account = get_account_id()
    if not role:
        return f"arn:aws:iam::{account}:root"
    return f"arn:aws:sts::{account}:assumed-role/{role.rsplit('/', 1)[-1]}/{session_name}"


def _error_name(service: str) -> str:
    if service == "lambda":
        return "Lambda.AWSLambdaException"
    prefix = sfn._AWS_SDK_ERROR_PREFIX.get(service, service.capitalize())
    return f"{prefix}.{prefix}Exception" if service == "sagemaker" else f"{prefix}.AccessDeniedException"
