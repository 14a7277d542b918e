"""Who may do what: named actions on named resources, one role a function, doors closed to everybody else."""

from typing import Any

import pytest
from build import operations

from tests.template.translation import as_list, logical_id, of_type, translated

ROLES = of_type("AWS::IAM::Role")
SHARED = of_type("AWS::IAM::ManagedPolicy")
FUNCTIONS = of_type("AWS::Lambda::Function")

# Actions without a resource in IAM. Everything else names what it acts on.
WITHOUT_RESOURCE = {
    "application-autoscaling:DescribeScalableTargets": "a list",
    "application-autoscaling:DescribeScalingPolicies": "a list",
    "application-autoscaling:DescribeScheduledActions": "a list",
    "cloudwatch:DescribeAlarms": "tells of composite alarms only with a right to all",
    "cloudwatch:GetMetricData": "metrics have no resource",
    "cloudwatch:PutMetricData": "metrics have no resource; the namespace is a condition",
    "dynamodb:ListStreams": "lists the streams of the account",
    "logs:CreateLogDelivery": "log deliveries of Step Functions",
    "logs:DeleteLogDelivery": "see logs:CreateLogDelivery",
    "logs:DescribeLogGroups": "see logs:CreateLogDelivery",
    "logs:DescribeResourcePolicies": "see logs:CreateLogDelivery",
    "logs:GetLogDelivery": "see logs:CreateLogDelivery",
    "logs:ListLogDeliveries": "see logs:CreateLogDelivery",
    "logs:PutResourcePolicy": "see logs:CreateLogDelivery",
    "logs:UpdateLogDelivery": "see logs:CreateLogDelivery",
    "sagemaker:ListEndpoints": "a list",
    "sagemaker:ListMonitoringExecutions": "a list",
    "sagemaker:ListModelPackages": "lists packages; only some lists name a group",
    "servicequotas:ListServiceQuotas": "a list",
    "states:SendTaskSuccess": "a task token has no resource",
}
# What AWS does under a role without a call in our code: polling queues and streams, encrypting, invoking, logging.
ON_BEHALF = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "iam:PassRole",
    "kms:CreateGrant",  # by SageMaker, for the volumes of an endpoint with a key of its own
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "lambda:InvokeFunction",
    "cloudwatch:TagResource",  # of alarms that are made with tags
    "sagemaker:AddTags",  # of what is created with tags
    "sagemaker:StartPipelineExecution",  # by Step Functions, in `rollback`
    *(action for action in WITHOUT_RESOURCE if action.startswith("logs:")),
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}
_PREFIXES = {"stepfunctions": "states", "service-quotas": "servicequotas"}
# What SAM attaches to every function for its logs and traces; each is a policy of AWS.
FROM_SAM = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
}


def _statements(role: str) -> list[dict[str, Any]]:
    documents = [policy["PolicyDocument"] for policy in ROLES[role].get("Policies", []) if "PolicyDocument" in policy]
    documents += [p["Fn::If"][1]["PolicyDocument"] for p in ROLES[role].get("Policies", []) if "Fn::If" in p]
    for attached in ROLES[role].get("ManagedPolicyArns", []):
        if isinstance(attached, dict):
            documents.append(SHARED[logical_id(attached)]["PolicyDocument"])
    return [statement for document in documents for statement in as_list(document["Statement"])]


def _actions(role: str) -> set[str]:
    return {action for statement in _statements(role) for action in as_list(statement["Action"])}


def _roles_that_may(action: str, resource: str | None = None) -> set[str]:
    return {
        role
        for role in ROLES
        for statement in _statements(role)
        if action in as_list(statement["Action"])
        and (resource is None or any(_names(target, resource) for target in as_list(statement["Resource"])))
    }


def _names(target: Any, resource: str) -> bool:
    return target in ({"Ref": resource}, {"Fn::GetAtt": [resource, "Arn"]})


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_role_has_a_wildcard_in_an_action(role: str) -> None:
    assert not [action for action in _actions(role) if "*" in action]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_actions_without_a_resource_are_allowed_on_everything(role: str) -> None:
    on_everything = [s for s in _statements(role) if "*" in as_list(s["Resource"])]

    assert {a for s in on_everything for a in as_list(s["Action"])} <= set(WITHOUT_RESOURCE)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_role_may_do_what_neither_the_code_nor_a_service_on_its_behalf_does(role: str) -> None:
    called = {f"{_PREFIXES.get(s, s)}:{operation}" for s, named in operations().items() for operation in named}

    assert _actions(role) <= called | ON_BEHALF


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_statement_says_what_it_is_for(role: str) -> None:
    unnamed = [s for s in _statements(role) if "Sid" not in s]

    # SAM writes one itself: for the failures of an asynchronous function.
    assert all(as_list(s["Action"]) == ["sqs:SendMessage"] for s in unnamed)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_role_has_a_policy_of_aws_but_those_for_logs_and_traces(role: str) -> None:
    attached = {arn for arn in ROLES[role].get("ManagedPolicyArns", []) if isinstance(arn, str)}

    assert attached <= FROM_SAM


def test_every_function_has_a_role_of_its_own() -> None:
    roles = {name: logical_id(function["Role"]) for name, function in FUNCTIONS.items()}

    assert roles == {name: f"{name}Role" for name in FUNCTIONS}


def test_only_one_function_can_resume_a_release() -> None:
    assert _roles_that_may("states:SendTaskSuccess") == {"RecordDecisionFunctionRole"}
    assert not _roles_that_may("states:SendTaskFailure")


def test_only_one_function_can_read_a_task_token() -> None:
    assert _roles_that_may("dynamodb:GetItem", "TokensTable") == {"RecordDecisionFunctionRole"}
    assert not _roles_that_may("dynamodb:Query", "TokensTable")
    assert not _roles_that_may("dynamodb:Scan")


def test_only_the_machines_approve_and_reject_while_admission_and_reconcile_only_set_back() -> None:
    conditions = {
        role: statement["Condition"]["StringEquals"]["sagemaker:ModelApprovalStatus"]
        for role in ROLES
        for statement in _statements(role)
        if "sagemaker:UpdateModelPackage" in as_list(statement["Action"])
    }

    assert conditions == {
        "ReleaseMachineRole": ["Approved", "Rejected"],
        "RollbackMachineRole": "Rejected",
        "AdmitModelPackageFunctionRole": "PendingManualApproval",
        "ReconcileFunctionRole": "PendingManualApproval",
    }


def test_nobody_can_change_or_delete_what_the_ledger_says() -> None:
    assert not _roles_that_may("dynamodb:UpdateItem", "LedgerTable")
    assert not _roles_that_may("dynamodb:DeleteItem", "LedgerTable")
    assert not [role for role in ROLES if _actions(role) & {"s3:DeleteObject", "s3:BypassGovernanceRetention"}]


def test_roles_are_passed_exactly_and_each_to_one_service() -> None:
    passed = {
        role: statement
        for role in ROLES
        for statement in _statements(role)
        if "iam:PassRole" in as_list(statement["Action"])
    }

    told = {role: (logical_id(s["Resource"]), as_list(s["Action"]), s["Condition"]) for role, s in passed.items()}

    assert told == {
        "RecordDecisionFunctionRole": ("TimerRole", ["iam:PassRole"], _passed_to("scheduler")),
        "ChangeEndpointFunctionRole": ("ServingRoleArns", ["iam:PassRole"], _passed_to("sagemaker")),
        "TakeBackFunctionRole": ("ServingRoleArns", ["iam:PassRole"], _passed_to("sagemaker")),
    }


@pytest.mark.parametrize(
    "role, others", [("ChangeEndpointFunctionRole", ["sluice-canary-*"]), ("TakeBackFunctionRole", [])]
)
def test_who_puts_scaling_back_may_make_the_alarms_of_its_policies_and_no_others(role: str, others: list[str]) -> None:
    """Application Auto Scaling refuses a policy of whoever may not: promoted endpoints did not scale any more."""
    made = [s for s in _statements(role) if "cloudwatch:PutMetricAlarm" in as_list(s["Action"])]

    alarms = sorted(str(s["Resource"]["Fn::Sub"]).rpartition(":alarm:")[2] for s in made)

    assert alarms == ["TargetTracking-endpoint/*", *others]
    assert all("cloudwatch:DeleteAlarms" in as_list(s["Action"]) for s in made)


def test_the_keys_of_volumes_are_granted_to_sagemaker_alone() -> None:
    granted = {
        role: s["Condition"]
        for role in ROLES
        for s in _statements(role)
        if "kms:CreateGrant" in as_list(s["Action"]) and "sagemaker" in str(s["Condition"])
    }

    assert set(granted) == {"ChangeEndpointFunctionRole", "TakeBackFunctionRole"}
    assert all(condition["Bool"] == {"kms:GrantIsForAWSResource": "true"} for condition in granted.values())


def _passed_to(service: str) -> dict[str, Any]:
    return {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}


@pytest.mark.parametrize("role", ["TimerRole", "HousekeepingRole"])
def test_the_schedulers_roles_are_assumed_for_this_account_only(role: str) -> None:
    (trust,) = ROLES[role]["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


def _queue_statements(queue: str) -> list[dict[str, Any]]:
    policies = of_type("AWS::SQS::QueuePolicy").values()
    return [
        statement
        for policy in policies
        if queue in map(logical_id, policy["Queues"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("queue", sorted(of_type("AWS::SQS::Queue")))
def test_every_queue_refuses_plain_http_and_lets_in_nobody_but_our_rules(queue: str) -> None:
    statements = _queue_statements(queue)

    denied = [s for s in statements if s["Effect"] == "Deny"]
    allowed = [s for s in statements if s["Effect"] == "Allow"]

    assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
    assert all(s["Principal"] == {"Service": "events.amazonaws.com"} for s in allowed)
    assert all(s["Action"] == "sqs:SendMessage" for s in allowed)
    assert all(s["Condition"]["ArnEquals"]["aws:SourceArn"] for s in allowed)


def test_every_queue_that_a_rule_writes_to_lets_that_rule_in() -> None:
    for rule, properties in of_type("AWS::Events::Rule").items():
        for target in properties["Targets"]:
            for queue in (logical_id(target["Arn"]), logical_id(target["DeadLetterConfig"]["Arn"])):
                allowed = [s for s in _queue_statements(queue) if s["Effect"] == "Allow"]

                senders = [logical_id(arn) for s in allowed for arn in s["Condition"]["ArnEquals"]["aws:SourceArn"]]

                assert rule in senders, f"{queue} refuses {rule}"


def test_the_bus_is_closed_to_other_accounts_and_other_sources() -> None:
    policies = of_type("AWS::Events::EventBusPolicy")

    statements = [policy["Statement"] for policy in policies.values()]
    (allow,) = [s for s in statements if s["Effect"] == "Allow"]
    (deny,) = [s for s in statements if s["Effect"] == "Deny"]

    assert allow["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert allow["Condition"] == {"StringEquals": {"events:source": "sluice"}}
    assert deny["Principal"] == "*"
    assert deny["Condition"] == {"StringNotEquals": {"events:source": "sluice"}}
    assert {s["Action"] for s in statements} == {"events:PutEvents"}


def test_the_archive_refuses_plain_http_and_lets_nobody_in_by_itself() -> None:
    (policy,) = of_type("AWS::S3::BucketPolicy").values()

    (statement,) = policy["PolicyDocument"]["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_alarm_topic_takes_messages_of_our_alarms_only() -> None:
    (policy,) = of_type("AWS::SNS::TopicPolicy").values()

    (allow,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]

    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_front_door_is_throttled_and_logged_without_bodies() -> None:
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()

    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20}
    assert logical_id(stage["AccessLogSettings"]["DestinationArn"]) == "SlackApiLogGroup"
    assert "body" not in stage["AccessLogSettings"]["Format"].lower()
    assert "authorizer" not in stage["AccessLogSettings"]["Format"].lower()


def test_the_template_holds_no_secret() -> None:
    parameters = translated()["Parameters"]

    assert not [name for name in parameters if "Secret" in name and not name.endswith(("SecretArn", "SecretArns"))]
