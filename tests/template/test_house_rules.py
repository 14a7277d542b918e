"""How the template is written: names, code, settings."""

import importlib.util
import json
import os
import re
from typing import Any

import pytest

from tests.template.translation import ROOT, of_type, source, translated

SERVERLESS = {n: r for n, r in source()["Resources"].items() if r["Type"] == "AWS::Serverless::Function"}

# Properties that fix a physical name, and the few that are set, each with its reason.
_NAME_PROPERTIES = {
    "AlarmName", "BucketName", "FunctionName", "GroupName", "LogGroupName", "ManagedPolicyName", "Name", "QueueName",
    "RoleName", "RuleName", "StateMachineName", "TableName", "TopicName",
}  # fmt: skip
_NAMED = {
    ("EventBus", "Name"): "CloudFormation asks for it",
    ("ReleaseLogGroup", "LogGroupName"): "the prefix keeps the resource policy for log deliveries small",
    ("RolloutLogGroup", "LogGroupName"): "see ReleaseLogGroup",
    ("RollbackLogGroup", "LogGroupName"): "see ReleaseLogGroup",
    ("IncidentLogGroup", "LogGroupName"): "see ReleaseLogGroup",
    ("SlackApiLogGroup", "LogGroupName"): "see ReleaseLogGroup",
}
# The longest names, ARNs and URLs there can be, in the partition and region with the longest names.
_LONGEST = {
    "AWS::IAM::Role": 110,
    "AWS::S3::Bucket": 63,
    "AWS::SQS::Queue": 146,
    "AWS::Scheduler::ScheduleGroup": 64,
    "AWS::StepFunctions::StateMachine": 145,
    "SlackChannel": 22,
    "SlackTeam": 22,
}
# These point at a function instead of naming one.
_POINTERS = {"AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig"}


def _named_resources() -> dict[tuple[str, str], Any]:
    return {
        (name, key): value
        for name, resource in translated()["Resources"].items()
        if resource["Type"] not in _POINTERS
        for key, value in resource.get("Properties", {}).items()
        if key in _NAME_PROPERTIES
    }


def test_no_resource_has_a_physical_name_without_a_reason() -> None:
    assert set(_named_resources()) == set(_NAMED)


def test_every_name_that_is_set_begins_with_the_stacks_own() -> None:
    names = [value["Fn::Sub"] for value in _named_resources().values()]

    assert names
    assert all("${AWS::StackName}" in name for name in names)


def test_no_arn_account_or_region_is_written_out() -> None:
    text = json.dumps(source()["Resources"])

    assert not re.findall(r"\b\d{12}\b", text)
    assert not re.findall(r"arn:aws:", text)
    assert not re.findall(r"\b[a-z]{2}-(?:east|west|central|north|south)[a-z]*-\d\b", text)


@pytest.mark.parametrize("name", sorted(SERVERLESS))
def test_one_name_runs_through_template_and_folder(name: str) -> None:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Function")).lower()

    assert SERVERLESS[name]["Properties"]["CodeUri"] == f"functions/{snake}"


@pytest.mark.parametrize("name", sorted(SERVERLESS))
def test_every_handler_can_be_imported_and_called(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    properties = SERVERLESS[name]["Properties"]
    module_name, function_name = source()["Globals"]["Function"]["Handler"].split(".")
    path = ROOT / properties["CodeUri"] / f"{module_name}.py"
    for variable in [v for v in os.environ if v.startswith("AWS_")]:
        monkeypatch.delenv(variable)

    spec = importlib.util.spec_from_file_location(f"handler_of_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert callable(getattr(module, function_name))


def test_every_folder_of_functions_is_in_the_template() -> None:
    folders = {f"functions/{path.parent.name}" for path in (ROOT / "functions").glob("*/app.py")}

    assert folders == {resource["Properties"]["CodeUri"] for resource in SERVERLESS.values()}


@pytest.mark.parametrize("name", sorted(of_type("AWS::Lambda::Function")))
def test_every_function_runs_on_python_3_13_on_arm_with_a_timeout_and_traces(name: str) -> None:
    function = of_type("AWS::Lambda::Function")[name]

    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert 0 < function["Timeout"] <= 300
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert len(function["Layers"]) == 2


@pytest.mark.parametrize("name", sorted(of_type("AWS::Lambda::Function")))
def test_every_environment_fits_into_four_kilobytes(name: str) -> None:
    """References are counted with the longest that they can be, where that is known, else with 200 characters."""
    variables = of_type("AWS::Lambda::Function")[name]["Environment"]["Variables"]

    sizes = [len(key) + _longest(value) for key, value in variables.items()]

    assert sum(sizes) <= 4096


def _longest(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    named = value.get("Ref") or value.get("Fn::GetAtt", [""])[0]
    if named in source()["Parameters"]:
        return int(source()["Parameters"][named].get("MaxLength") or _LONGEST.get(named, 200))
    return _LONGEST.get(translated()["Resources"].get(named, {}).get("Type", ""), 200)


def test_a_small_account_is_asked_for_no_reserved_concurrency() -> None:
    assert source()["Parameters"]["SlackEntryConcurrency"]["Default"] == 0


def test_every_parameter_is_described_and_used() -> None:
    template = source()
    text = json.dumps([template["Resources"], template["Conditions"], template["Globals"]])

    assert all(parameter["Description"] for parameter in template["Parameters"].values())
    assert not [name for name in template["Parameters"] if f'{{"Ref": "{name}"}}' not in text]


def test_every_output_is_described() -> None:
    assert all(output["Description"] for output in source()["Outputs"].values())
