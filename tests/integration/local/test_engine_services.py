"""What the patches add to the engine's other services."""

import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.conftest import Rig


def role_with(rig: Rig, name: str, *rights: dict[str, Any]) -> str:
    """Make a role with some statements, answering its ARN."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    iam, policy = rig.client("iam"), json.dumps({"Version": "2012-10-17", "Statement": rights})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy)
    return str(role["Arn"])


def test_an_http_api_written_by_sam_has_its_routes(rig: Rig) -> None:
    url = f"{rig.engine.url}/_aws/execute-api/{rig.outputs['ApiId']}/$default/probe"
    request = urllib.request.Request(url, data=b"payload=%7B%7D", method="POST")  # noqa: S310  # http on loopback

    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # http on loopback
        event = json.load(answer)

    assert event["routeKey"] == "POST /probe"
    assert event["version"] == "2.0"


def test_a_bucket_made_by_cloudformation_locks_its_objects(rig: Rig) -> None:
    s3, bucket = rig.client("s3"), rig.outputs["BucketName"]
    version = s3.put_object(Bucket=bucket, Key="evidence.json", Body=b"{}")["VersionId"]

    retention = s3.get_object_retention(Bucket=bucket, Key="evidence.json")["Retention"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="evidence.json", VersionId=version)

    assert retention["Mode"] == "GOVERNANCE"


def test_a_role_with_rights_in_one_group_of_schedules_uses_that_group_and_no_other(rig: Rig) -> None:
    iam, root = rig.client("iam"), rig.client("scheduler")
    root.create_schedule_group(Name="ours")
    rights = [
        {"Effect": "Allow", "Action": ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], "Resource": "*/ours/*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
    ]
    scheduler = rig.identities.role("scheduler", "timekeeper")
    iam.put_role_policy(
        RoleName="timekeeper",
        PolicyName="everything",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": rights}),
    )
    schedule = {
        "Name": "mine",
        "ScheduleExpression": "at(2099-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": rig.outputs["TimerQueueArn"], "RoleArn": rig.outputs["TimerRoleArn"]},
    }

    scheduler.create_schedule(GroupName="ours", **schedule)
    scheduler.delete_schedule(GroupName="ours", Name="mine")
    with pytest.raises(ClientError, match="AccessDenied"):
        scheduler.create_schedule(**schedule)


def test_a_timer_fires_when_the_clock_reaches_it_and_not_before(rig: Rig) -> None:
    sqs, url = rig.client("sqs"), rig.outputs["TimerQueueUrl"]
    at = datetime.fromtimestamp(clock.now() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    rig.client("scheduler").create_schedule(
        Name="in-an-hour",
        ScheduleExpression=f"at({at})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": rig.outputs["TimerQueueArn"], "RoleArn": rig.outputs["TimerRoleArn"], "Input": '{"due": 1}'},
    )
    assert "Messages" not in sqs.receive_message(QueueUrl=url)

    clock.advance(3601)

    messages = rig.until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    assert json.loads(messages[0]["Body"]) == {"due": 1}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        rig.client("scheduler").get_schedule(Name="in-an-hour")


def test_a_timer_does_not_fire_without_the_right_of_its_role(rig: Rig) -> None:
    sqs, url = rig.client("sqs"), rig.outputs["DeafQueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    at = datetime.fromtimestamp(clock.now() + 60, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    rig.client("scheduler").create_schedule(
        Name="forbidden",
        ScheduleExpression=f"at({at})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": rig.outputs["TimerRoleArn"]},
    )

    clock.advance(120)

    rig.until(lambda: "may not sqs:SendMessage" in rig.engine.log.read_text())
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_timer_cannot_be_made_by_who_may_not_pass_its_role(rig: Rig) -> None:
    role = role_with(rig, "no-pass", {"Effect": "Allow", "Action": "scheduler:*", "Resource": "*"})
    scheduler = rig.identities.role("scheduler", role)

    with pytest.raises(ClientError, match="iam:PassRole"):
        scheduler.create_schedule(
            Name="not-mine",
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": rig.outputs["TimerQueueArn"], "RoleArn": rig.outputs["TimerRoleArn"]},
        )


@pytest.mark.parametrize(
    "source, detail_type, allowed", [("mine", "Told", True), ("other", "Told", False), ("mine", "Forged", False)]
)
def test_who_puts_events_is_bound_by_conditions_and_by_the_bus(
    rig: Rig, source: str, detail_type: str, *, allowed: bool
) -> None:
    rights = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    role = role_with(
        rig, f"teller-{source}-{detail_type}", {**rights, "Condition": {"StringEquals": {"events:source": "mine"}}}
    )
    events = rig.identities.role("events", role)
    entry = {"EventBusName": "probe-bus", "Source": source, "DetailType": detail_type, "Detail": "{}"}

    if allowed:
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            events.put_events(Entries=[entry])


def test_an_event_for_a_queue_that_refuses_it_is_a_dead_letter(rig: Rig) -> None:
    sqs = rig.client("sqs")

    rig.client("ssm").put_parameter(Name="/deaf/a", Value="a", Type="String")

    assert "Messages" not in sqs.receive_message(QueueUrl=rig.outputs["DeafQueueUrl"])
    (dead,) = sqs.receive_message(QueueUrl=rig.outputs["DeadLettersUrl"])["Messages"]
    assert json.loads(dead["Body"])["detail"]["name"] == "/deaf/a"


def test_a_received_message_comes_back_when_told_so(rig: Rig) -> None:
    sqs = rig.client("sqs")
    url = sqs.create_queue(QueueName="redelivered", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="again")
    sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)

    answer = rig.admin("POST", "redeliver", {"queue": "arn:aws:sqs:us-east-1:111122223333:redelivered"})

    assert answer == {"redelivered": 1}
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "again"


def test_a_planned_fault_makes_any_operation_fail(rig: Rig) -> None:
    fault = {"operation": "states:SendTaskSuccess", "code": "KmsAccessDeniedException", "times": 1}
    rig.admin("POST", "faults", {"operation": fault})

    with pytest.raises(ClientError, match="KmsAccessDeniedException"):
        rig.client("stepfunctions").send_task_success(taskToken="any", output="{}")  # no secret

    assert rig.admin("GET", "faults")["operations"] == []


def test_changes_of_a_parameter_are_events(rig: Rig) -> None:
    ssm = rig.client("ssm")
    ssm.put_parameter(Name="/sluice/policies/told", Value="a", Type="String", Description="d")
    ssm.put_parameter(Name="/sluice/policies/told", Value="b", Type="String", Overwrite=True)
    ssm.label_parameter_version(Name="/sluice/policies/told", Labels=["live"])
    ssm.delete_parameter(Name="/sluice/policies/told")

    events = rig.events("/sluice/policies/told")

    assert [e["detail"]["operation"] for e in events] == ["Create", "Update", "LabelParameterVersion", "Delete"]
    assert events[0]["detail-type"] == "Parameter Store Change"
    assert events[0]["detail"] == {
        "operation": "Create",
        "name": "/sluice/policies/told",
        "type": "String",
        "description": "d",
    }
    assert events[0]["resources"] == ["arn:aws:ssm:us-east-1:111122223333:parameter/sluice/policies/told"]


@pytest.mark.parametrize(
    "value, tier, accepted",
    [
        ("x" * 4096, "Standard", True),
        ("x" * 4097, "Standard", False),
        ("x" * 4097, "Intelligent-Tiering", True),
        ("x" * 8192, "Advanced", True),
        ("x" * 8193, "Intelligent-Tiering", False),
        ("a {{ssm:b}}", "Standard", False),
    ],
)
def test_parameter_store_has_the_limits_of_aws(rig: Rig, value: str, tier: str, *, accepted: bool) -> None:
    ssm, name = rig.client("ssm"), f"/limits/{len(value)}-{tier}"

    if accepted:
        ssm.put_parameter(Name=name, Value=value, Type="String", Tier=tier)
        stored = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"][0]
        assert stored["Tier"] == ("Standard" if len(value) <= 4096 else "Advanced")
    else:
        with pytest.raises(ClientError, match="ValidationException"):
            ssm.put_parameter(Name=name, Value=value, Type="String", Tier=tier)


def test_iam_decides_on_the_path_that_is_asked_for(rig: Rig) -> None:
    rights = {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:*:*:parameter/mine*"}
    role = role_with(rig, "by-path", rights)
    rig.client("ssm").put_parameter(Name="/mine/a", Value="a", Type="String")
    ssm = rig.identities.role("ssm", role)

    mine = ssm.get_parameters_by_path(Path="/mine")["Parameters"]
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.get_parameters_by_path(Path="/other")

    assert [p["Name"] for p in mine] == ["/mine/a"]


def test_a_parameter_version_has_ten_labels_at_most(rig: Rig) -> None:
    ssm = rig.client("ssm")
    ssm.put_parameter(Name="/labelled", Value="a", Type="String")
    ssm.label_parameter_version(Name="/labelled", Labels=[f"label-{n}" for n in range(10)])

    with pytest.raises(ClientError, match="ParameterVersionLabelLimitExceeded"):
        ssm.label_parameter_version(Name="/labelled", Labels=["one-more"])


def test_a_labelled_oldest_version_stops_the_hundred_and_first(rig: Rig) -> None:
    ssm = rig.client("ssm")
    ssm.put_parameter(Name="/often", Value="0", Type="String")
    ssm.label_parameter_version(Name="/often", ParameterVersion=1, Labels=["live"])
    for n in range(99):
        ssm.put_parameter(Name="/often", Value=str(n), Type="String", Overwrite=True)

    with pytest.raises(ClientError, match="ParameterMaxVersionLimitExceeded"):
        ssm.put_parameter(Name="/often", Value="too often", Type="String", Overwrite=True)
