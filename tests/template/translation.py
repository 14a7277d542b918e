"""The template as CloudFormation gets it: read from YAML, and translated from SAM without AWS."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import boto3
import yaml
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

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


class _Loader(yaml.SafeLoader):
    """SafeLoader that also reads CloudFormation's short forms (`!Ref`, `!GetAtt`, `!Sub`…)."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _:
            _impossible(node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _impossible(node: yaml.Node) -> NoReturn:
    raise yaml.YAMLError(f"neither scalar, sequence nor mapping: {node}")


yaml.add_multi_constructor("!", _intrinsic, _Loader)


@cache
def _source_text() -> str:
    return json.dumps(yaml.load(TEMPLATE.read_text(), _Loader))  # noqa: S506  # a SafeLoader with CloudFormation's tags


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
        loader._policy_map = _MANAGED_POLICIES  # noqa: SLF001  # the loader's only other source is AWS
        translated: dict[str, Any] = transform(given, {}, loader)
    return translated


@cache
def _translated_text() -> str:
    return json.dumps(translate(source()))


def translated() -> dict[str, Any]:
    """The translation of template.yaml; a fresh copy."""
    template: dict[str, Any] = json.loads(_translated_text())
    return template


def of_type(template: dict[str, Any], kind: str) -> Resources:
    """Properties of each resource of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
