"""The template as CloudFormation gets it: read from YAML, and translated from SAM without AWS."""

import copy
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

from local.stack import load

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
MACHINES = sorted((ROOT / "statemachines").glob("*.asl.json"))

type Resources = dict[str, dict[str, Any]]

_LOCAL_PATHS = {"CodeUri", "ContentUri", "DefinitionUri"}
# What SAM itself attaches; asking AWS for the list of managed policies needs a network.
_MANAGED_POLICIES = {
    name: f"arn:aws:iam::aws:policy/{path}{name}"
    for name, path in (("AWSLambdaBasicExecutionRole", "service-role/"), ("AWSXRayDaemonWriteAccess", ""))
}


@cache
def _source_text() -> str:
    return json.dumps(load(TEMPLATE))


def source() -> dict[str, Any]:
    """template.yaml with short forms spelled out; a fresh copy."""
    template: dict[str, Any] = json.loads(_source_text())
    return template


def translate(template: dict[str, Any]) -> dict[str, Any]:
    """What AWS::Serverless-2016-10-31 makes of a template."""
    given = copy.deepcopy(template)
    for resource in given["Resources"].values():
        for name in _LOCAL_PATHS & set(resource.get("Properties", {})):
            resource["Properties"][name] = "s3://artefacts/somewhere"
    with patch.dict("os.environ", {"AWS_DEFAULT_REGION": "us-east-1"}):
        loader = ManagedPolicyLoader(boto3.client("iam", region_name="us-east-1"))
        loader._policy_map = _MANAGED_POLICIES  # the loader's only other source is AWS
        translated: dict[str, Any] = transform(given, {}, loader)
    return translated


@cache
def _translated_text() -> str:
    return json.dumps(translate(source()))


def translated() -> dict[str, Any]:
    """The translation of template.yaml; a fresh copy."""
    template: dict[str, Any] = json.loads(_translated_text())
    return template


def of_type(kind: str) -> Resources:
    """Properties of each resource of a type in the translated template, by logical id."""
    resources = translated()["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in resources if resource["Type"] == kind}


def logical_id(reference: Any) -> str:
    """The resource that a Ref or a GetAtt points at."""
    match reference:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), *_]}:
            return name
        case _:
            raise AssertionError(f"neither Ref nor GetAtt: {reference}")


def as_list(value: Any) -> list[Any]:
    """CloudFormation and IAM take one value for a list of one."""
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(translated(), indent=1))
