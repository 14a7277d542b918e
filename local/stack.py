"""A SAM template to a running stack: artefacts zipped and uploaded, a change set created and executed.

The template is taken as it is; only local paths become S3 URIs, as `sam package` does. The layer of dependencies is
left empty: functions run on this machine with its packages, and the layer's are built for another processor.
"""

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import yaml

from local.identities import Identities

_LEFT_EMPTY = "layers/deps"
_SKIPPED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
_PATHS = ("CodeUri", "ContentUri")
_CREATE_S = 60.0
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class StackFailed(RuntimeError):
    """CloudFormation could not create the stack; the message has its reasons."""


def deploy(
    identities: Identities, template: Path, *, name: str, endpoint_url: str, parameters: dict[str, str]
) -> dict[str, str]:
    """Create a stack and answer its outputs; parameters that the template does not have are left out."""
    document = load(template)
    bucket = f"{name}-artifacts"
    s3 = identities.root("s3")
    s3.create_bucket(Bucket=bucket)
    _upload(s3, bucket, template.parent, document)
    s3.put_object(Bucket=bucket, Key="template.json", Body=json.dumps(document).encode())
    known = document.get("Parameters", {})
    formation = identities.root("cloudformation")
    change = formation.create_change_set(
        StackName=name,
        ChangeSetName="create",
        ChangeSetType="CREATE",
        TemplateURL=f"{endpoint_url}/{bucket}/template.json",
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items() if k in known],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    _await_change_set(formation, change["Id"])
    formation.execute_change_set(ChangeSetName=change["Id"])
    return _outputs(formation, name)


def load(template: Path) -> dict[str, Any]:
    """Read a CloudFormation template, short forms (`!Ref`) written out."""
    document = yaml.load(template.read_text(), _Loader)  # noqa: S506  # a SafeLoader with CloudFormation's tags
    return dict(document)


def _await_change_set(formation: Any, change_set: str) -> None:
    deadline = time.monotonic() + _CREATE_S
    while time.monotonic() < deadline:
        found = formation.describe_change_set(ChangeSetName=change_set)
        if found["Status"] == "CREATE_COMPLETE":
            return
        if found["Status"] == "FAILED":
            raise StackFailed(found.get("StatusReason", "the change set failed"))
        time.sleep(0.05)
    raise StackFailed("the change set took too long")


def _outputs(formation: Any, name: str) -> dict[str, str]:
    deadline = time.monotonic() + _CREATE_S
    while time.monotonic() < deadline:
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] in _DONE:
            return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
        if "FAILED" in stack["StackStatus"] or "ROLLBACK" in stack["StackStatus"]:
            raise StackFailed(_reasons(formation, name, stack["StackStatus"]))
        time.sleep(0.1)
    raise StackFailed("the stack took too long")


def _reasons(formation: Any, name: str, status: str) -> str:
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [e for e in events if "FAILED" in e["ResourceStatus"]]
    lines = [f"{e['LogicalResourceId']} ({e['ResourceType']}): {e.get('ResourceStatusReason', '')}" for e in failed]
    return "\n".join([f"{name} is {status}", *reversed(lines)])


def _upload(s3: Any, bucket: str, root: Path, document: dict[str, Any]) -> None:
    defaults = document.get("Globals", {}).get("Function", {})
    for logical_id, resource in document["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function" and "CodeUri" in defaults:
            properties.setdefault("CodeUri", defaults["CodeUri"])
        for field in _PATHS:
            path = properties.get(field)
            if isinstance(path, str) and not path.startswith("s3://"):
                body = _empty() if path.strip("./") == _LEFT_EMPTY else zipped(root / path)
                properties[field] = _put(s3, bucket, f"{logical_id}.zip", body)
        path = properties.get("DefinitionUri")
        if isinstance(path, str) and not path.startswith("s3://"):
            properties["DefinitionUri"] = _put(s3, bucket, f"{logical_id}.json", (root / path).read_bytes())


def _put(s3: Any, bucket: str, key: str, body: bytes) -> str:
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return f"s3://{bucket}/{key}"


def zipped(folder: Path) -> bytes:
    """The files of a folder as a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not _SKIPPED.intersection(path.parts):
                archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def _empty() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("python/left-out.txt", "The functions use the packages of this machine.\n")
    return buffer.getvalue()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _:
            raise yaml.constructor.ConstructorError(None, None, f"!{suffix} cannot be read", node.start_mark)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
