"""The model registry of the embedded SageMaker, through the real boto3."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.conftest import Rig

_INFERENCE = {"Containers": [{"Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud:7"}]}


@pytest.fixture
def group(rig: Rig) -> str:
    """A group of the test's own, with a capital in its name."""
    name = f"Group-{uuid.uuid4().hex[:12]}"
    rig.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    return name


def register(rig: Rig, group: str, **more: Any) -> str:
    """Register a package, answering its ARN."""
    answer = rig.client("sagemaker").create_model_package(ModelPackageGroupName=group, **more)
    return str(answer["ModelPackageArn"])


def test_a_package_is_pending_and_its_arn_is_lower_case(rig: Rig, group: str) -> None:
    arn = register(rig, group, InferenceSpecification=_INFERENCE)

    package = rig.client("sagemaker").describe_model_package(ModelPackageName=arn)

    assert arn == f"arn:aws:sagemaker:us-east-1:111122223333:model-package/{group.lower()}/1"
    assert package["ModelPackageGroupName"] == group
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["ModelPackageStatus"] == "Completed"
    assert package["InferenceSpecification"]["Containers"][0]["ImageDigest"].startswith("sha256:")


def test_a_description_has_every_member_that_the_model_requires(rig: Rig, group: str) -> None:
    registry, arn = rig.client("sagemaker"), register(rig, group)

    package = registry.describe_model_package(ModelPackageName=arn)

    required = registry.meta.service_model.operation_model("DescribeModelPackage").output_shape.required_members
    assert set(required) <= package.keys()


def test_a_client_token_registers_once(rig: Rig, group: str) -> None:
    arns = {register(rig, group, ClientToken="the-same-token-both-times") for _ in range(2)}

    assert len(arns) == 1
    assert len(rig.events(group)) == 1


def test_an_arn_in_either_case_finds_the_package(rig: Rig, group: str) -> None:
    arn = register(rig, group)

    package = rig.client("sagemaker").describe_model_package(ModelPackageName=arn.replace(group.lower(), group))

    assert package["ModelPackageArn"] == arn


def test_registration_and_every_update_are_events(rig: Rig, group: str) -> None:
    registry, arn = rig.client("sagemaker"), register(rig, group)
    registry.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"note": "x"})
    registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="good")

    created, edited, approved = (e["detail"] for e in rig.events(group))

    assert "UpdatedModelPackageFields" not in created
    assert edited["ModelApprovalStatus"] == "PendingManualApproval"
    assert edited["UpdatedModelPackageFields"] == ["CustomerMetadataProperties"]
    assert approved["ModelApprovalStatus"] == "Approved"
    assert approved["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ApprovalDescription"]


def test_an_event_has_the_documented_envelope(rig: Rig, group: str) -> None:
    arn = register(rig, group, InferenceSpecification=_INFERENCE)

    (event,) = rig.events(group)

    assert event["source"] == "aws.sagemaker"
    assert event["detail-type"] == "SageMaker Model Package State Change"
    assert event["resources"] == [arn]
    assert event["account"] == "111122223333"
    assert event["detail"]["ModelPackageVersion"] == 1
    assert event["detail"]["CreationTime"].endswith("Z")


@pytest.mark.parametrize("copies", [0, 2])
def test_an_event_is_lost_or_doubled_when_told_so(rig: Rig, group: str, copies: int) -> None:
    rig.admin("POST", "faults", {"event": {"group": group, "copies": copies}})

    register(rig, group)
    after_the_fault = len(rig.events(group))
    register(rig, group)

    assert after_the_fault == copies
    assert len(rig.events(group)) == 1


def test_a_planned_conflict_is_raised_once(rig: Rig, group: str) -> None:
    registry, arn = rig.client("sagemaker"), register(rig, group)
    rig.admin(
        "POST", "faults", {"operation": {"operation": "sagemaker:UpdateModelPackage", "code": "ConflictException"}}
    )

    with pytest.raises(registry.exceptions.ConflictException):
        registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")

    assert registry.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "Approved"


def test_who_did_it_is_the_caller_with_source_identity(rig: Rig, group: str) -> None:
    anna = rig.identities.role("sagemaker", "data-scientist", session="anna", source_identity="anna@example.com")

    arn = anna.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]

    by = rig.client("sagemaker").describe_model_package(ModelPackageName=arn)["CreatedBy"]["IamIdentity"]
    assert by["Arn"] == "arn:aws:sts::111122223333:assumed-role/data-scientist/anna"
    assert by["SourceIdentity"] == "anna@example.com"
    assert by["PrincipalId"].endswith(":anna")


def test_a_caller_in_studio_is_reported_with_the_profile(rig: Rig, group: str) -> None:
    ben, registry = rig.identities.role("sagemaker", "studio", session="ben"), rig.client("sagemaker")
    profile = {"UserProfileArn": "arn:aws:sagemaker:us-east-1:111122223333:user-profile/d-1/ben"}
    profile |= {"UserProfileName": "ben", "DomainId": "d-1"}
    arn = register(rig, group)

    rig.admin("POST", "studio-profiles", {"arn": "arn:aws:sts::111122223333:assumed-role/studio/ben", **profile})
    ben.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")

    by = registry.describe_model_package(ModelPackageName=arn)["LastModifiedBy"]
    assert {k: by[k] for k in profile} == profile


def test_lists_page_sort_and_filter(rig: Rig, group: str) -> None:
    registry = rig.client("sagemaker")
    arns = [register(rig, group) for _ in range(5)]
    registry.update_model_package(ModelPackageArn=arns[2], ModelApprovalStatus="Approved")

    pages = registry.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 2}
    )
    listed = [p["ModelPackageArn"] for page in pages for p in page["ModelPackageSummaryList"]]
    approved = registry.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved")

    assert listed == arns[::-1]
    assert [p["ModelPackageArn"] for p in approved["ModelPackageSummaryList"]] == [arns[2]]


def test_without_a_group_only_unversioned_packages_are_listed(rig: Rig, group: str) -> None:
    register(rig, group)

    default = rig.client("sagemaker").list_model_packages(NameContains=group)["ModelPackageSummaryList"]

    assert default == []


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"ModelApprovalStatus": "Maybe"}, "enum value set"),
        ({"ApprovalDescription": "x" * 1025}, "less than or equal to 1024"),
        ({"CustomerMetadataProperties": {f"k{n}": "v" for n in range(51)}}, "less than or equal to 50"),
    ],
)
def test_what_the_model_forbids_is_refused(rig: Rig, group: str, change: dict[str, Any], complaint: str) -> None:
    arn = register(rig, group)

    with pytest.raises(ClientError, match="ValidationException") as refused:
        rig.client("sagemaker").update_model_package(ModelPackageArn=arn, **change)

    assert complaint in str(refused.value)


def test_unknown_packages_groups_and_jobs_are_told_as_sagemaker_does(rig: Rig) -> None:
    registry = rig.client("sagemaker")

    with pytest.raises(ClientError, match="ValidationException"):
        registry.describe_model_package(ModelPackageName="nobody/1")
    with pytest.raises(ClientError, match="ValidationException"):
        registry.create_model_package(ModelPackageGroupName="nobody")
    with pytest.raises(ClientError, match="ValidationException"):
        registry.create_model_package(ModelPackageGroupName="nobody", Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(registry.exceptions.ResourceNotFound):
        registry.describe_training_job(TrainingJobName="nobody")


def test_a_group_with_packages_in_it_cannot_be_deleted(rig: Rig, group: str) -> None:
    registry, arn = rig.client("sagemaker"), register(rig, group)

    with pytest.raises(registry.exceptions.ConflictException):
        registry.delete_model_package_group(ModelPackageGroupName=group)
    registry.delete_model_package(ModelPackageName=arn)
    registry.delete_model_package_group(ModelPackageGroupName=group)

    with pytest.raises(ClientError, match="ValidationException"):
        registry.describe_model_package_group(ModelPackageGroupName=group)


def test_tags_are_added_listed_and_removed(rig: Rig, group: str) -> None:
    registry, arn = rig.client("sagemaker"), register(rig, group)

    registry.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    registry.delete_tags(ResourceArn=arn, TagKeys=["a"])

    assert registry.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_seeded_lineage_is_described(rig: Rig) -> None:
    registry = rig.client("sagemaker")
    execution = "arn:aws:sagemaker:us-east-1:111122223333:pipeline/p/execution/abc123abc123"
    rig.admin("POST", "seed", {"TrainingJobName": "job-1", "TrainingJobStatus": "Completed"})
    steps = [{"StepName": "Train", "StepStatus": "Succeeded"}]
    rig.admin("POST", "seed", {"PipelineExecutionArn": execution, "PipelineExecutionSteps": steps})

    job = registry.describe_training_job(TrainingJobName="job-1")
    listed = registry.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]

    assert job["TrainingJobArn"].endswith(":training-job/job-1")
    assert [s["StepName"] for s in listed] == ["Train"]
