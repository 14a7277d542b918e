"""The launcher with the real template: what is up, what is written, what an AWS client sees."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local import clock
from local.cloud import Cloud
from local.stack import load

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole embedded cloud."""
    with Cloud(state=tmp_path_factory.mktemp("cloud")) as running:
        yield running


def test_the_outputs_are_written_with_the_stacks_own(cloud: Cloud) -> None:
    outputs = json.loads((cloud.state / "outputs.json").read_text())

    assert {
        "aws_endpoint_url",
        "region",
        "account_id",
        "slack_interactions_url",
        "slack_command_url",
        "slack_signing_secret",
        "pager_url",
        "ReleaseMachineArn",
        "LedgerTableName",
        "ArchiveBucketName",
    } <= outputs.keys()
    assert outputs["account_id"] == "111122223333"


def test_the_archive_of_the_template_locks_what_is_put_into_it(cloud: Cloud) -> None:
    s3, bucket = cloud.client("s3"), cloud.outputs["ArchiveBucketName"]
    version = s3.put_object(Bucket=bucket, Key="evidence/x.json", Body=b"{}")["VersionId"]

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="evidence/x.json", VersionId=version)


def test_the_functions_of_the_template_are_deployed_each_with_a_role_of_its_own(cloud: Cloud) -> None:
    resources = load(ROOT / "template.yaml")["Resources"].values()
    written = [resource for resource in resources if resource["Type"] == "AWS::Serverless::Function"]

    functions = cloud.client("lambda").list_functions(MaxItems=50)["Functions"]

    assert written
    assert len(functions) == len({f["Role"] for f in functions}) == len(written)


def test_a_registered_package_starts_a_release(cloud: Cloud) -> None:
    registry = cloud.client("sagemaker", as_role="data-scientist", session="anna")
    registry.create_model_package_group(ModelPackageGroupName="started")

    registry.create_model_package(ModelPackageGroupName="started")

    machines, machine = cloud.client("stepfunctions"), cloud.outputs["ReleaseMachineArn"]
    executions = cloud.until(lambda: machines.list_executions(stateMachineArn=machine)["executions"])
    assert len(executions[0]["name"]) == 64


def test_time_can_be_moved(cloud: Cloud) -> None:
    before = clock.now()

    after = cloud.advance(86400)

    assert after >= before + 86400


def test_the_entry_of_slack_answers_over_http(cloud: Cloud) -> None:
    request = urllib.request.Request(  # noqa: S310  # http on loopback
        cloud.outputs["slack_interactions_url"], data=b"payload=%7B%7D", method="POST"
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)  # noqa: S310  # http on loopback

    assert refused.value.code == 401
