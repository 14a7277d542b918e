"""What Sluice keeps is encrypted by its own key, kept as long as promised, and the key lets those in who must use it."""

from typing import Any

import pytest

from tests.template.translation import as_list, logical_id, of_type

KEY = of_type("AWS::KMS::Key")["Key"]
STATEMENTS = KEY["KeyPolicy"]["Statement"]
LOG_GROUPS = of_type("AWS::Logs::LogGroup")
BUCKET = of_type("AWS::S3::Bucket")["ArchiveBucket"]


def _of_service(service: str) -> dict[str, Any]:
    allowed = [s for s in STATEMENTS if service in as_list(s["Principal"].get("Service", []))]
    assert len(allowed) == 1, f"{service} has {len(allowed)} statements in the key policy"
    assert allowed[0]["Effect"] == "Allow"
    return dict(allowed[0])


# EventBridge puts events into encrypted queues, CloudWatch publishes to the encrypted topic: both fail silently without.
@pytest.mark.parametrize(
    "service", ["events.amazonaws.com", "sqs.amazonaws.com", "scheduler.amazonaws.com", "cloudwatch.amazonaws.com"]
)
def test_the_key_lets_a_service_send_for_this_account_only(service: str) -> None:
    statement = _of_service(service)

    assert {"kms:Decrypt", "kms:GenerateDataKey"} == set(statement["Action"])
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_key_lets_cloudwatch_logs_encrypt_log_groups_of_this_account_only() -> None:
    services = [s for s in STATEMENTS if s["Sid"] == "Logs"]

    context = services[0]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]["Fn::Sub"]

    assert context.endswith(":logs:${AWS::Region}:${AWS::AccountId}:log-group:*")
    assert services[0]["Principal"]["Service"] == {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}


def test_nobody_outside_the_account_is_let_in_by_the_key() -> None:
    accounts = [s["Principal"]["AWS"] for s in STATEMENTS if "AWS" in s["Principal"]]

    assert accounts == [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}]


def test_the_key_rotates() -> None:
    assert KEY["EnableKeyRotation"] is True


@pytest.mark.parametrize("name", sorted(of_type("AWS::SQS::Queue")))
def test_every_queue_is_encrypted_by_the_key(name: str) -> None:
    assert logical_id(of_type("AWS::SQS::Queue")[name]["KmsMasterKeyId"]) == "Key"


@pytest.mark.parametrize("name", sorted(of_type("AWS::DynamoDB::Table")))
def test_every_table_is_encrypted_recoverable_and_paid_by_use(name: str) -> None:
    table = of_type("AWS::DynamoDB::Table")[name]

    assert table["SSESpecification"]["SSEEnabled"] is True
    assert logical_id(table["SSESpecification"]["KMSMasterKeyId"]) == "Key"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_only_task_tokens_and_sent_messages_are_forgotten() -> None:
    tables = of_type("AWS::DynamoDB::Table").items()

    forgotten = {n: table["TimeToLiveSpecification"] for n, table in tables if "TimeToLiveSpecification" in table}

    assert set(forgotten) == {"TokensTable", "OutboxTable"}
    assert all(rule == {"AttributeName": "expires", "Enabled": True} for rule in forgotten.values())


def test_task_tokens_have_no_stream_and_are_forgotten() -> None:
    tokens = of_type("AWS::DynamoDB::Table")["TokensTable"]

    assert "StreamSpecification" not in tokens
    assert tokens["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


@pytest.mark.parametrize("name", sorted(of_type("AWS::Lambda::Function")))
def test_every_functions_environment_is_encrypted_by_the_key(name: str) -> None:
    assert logical_id(of_type("AWS::Lambda::Function")[name]["KmsKeyArn"]) == "Key"


@pytest.mark.parametrize("name", sorted(LOG_GROUPS))
def test_every_log_group_is_encrypted_and_kept_for_the_days_asked_for(name: str) -> None:
    assert logical_id(LOG_GROUPS[name]["KmsKeyId"]) == "Key"
    assert LOG_GROUPS[name]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_function_logs_into_a_group_of_its_own() -> None:
    functions = of_type("AWS::Lambda::Function")

    groups = {name: logical_id(function["LoggingConfig"]["LogGroup"]) for name, function in functions.items()}

    assert groups == {name: name.removesuffix("Function") + "LogGroup" for name in functions}


def test_the_alarm_topic_is_encrypted_by_the_key() -> None:
    assert logical_id(of_type("AWS::SNS::Topic")["AlarmTopic"]["KmsMasterKeyId"]) == "Key"


def test_the_archive_is_locked_versioned_private_and_encrypted() -> None:
    encryption = BUCKET["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]

    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}
    assert BUCKET["ObjectLockEnabled"] is True
    assert BUCKET["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Mode": {"Ref": "ArchiveLockMode"},
        "Days": {"Ref": "ArchiveRetentionDays"},
    }
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(BUCKET["PublicAccessBlockConfiguration"]) == 4
    assert encryption["SSEAlgorithm"] == "aws:kms"
    assert logical_id(encryption["KMSMasterKeyID"]) == "Key"
