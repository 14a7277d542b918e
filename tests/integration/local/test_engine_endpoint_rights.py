"""What IAM asks of those who work with endpoints, for the SDK and for state machines."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.serving_rig import IMAGE, ROLE, Serving
from tests.integration.local.test_engine_services import role_with

_ARN = "arn:aws:sagemaker:us-east-1:111122223333:"


def client_with(shop: Serving, *statements: dict[str, Any]) -> Any:
    """A client of a role with these statements."""
    name = f"serving-{uuid.uuid4().hex[:8]}"
    role = role_with(shop.rig, name, {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"})
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    shop.rig.client("iam").put_role_policy(RoleName=name, PolicyName="more", PolicyDocument=document)
    return shop.rig.identities.role("sagemaker", role)


def allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def serving(shop: Serving) -> Serving:
    """An endpoint in service, with a configuration that it can be updated to."""
    shop.create(shop.config("one"))
    shop.config("allowed")
    return shop


def test_an_update_needs_the_endpoint_and_the_configuration(serving: Serving) -> None:
    endpoint = allow("sagemaker:UpdateEndpoint", f"{_ARN}endpoint/{serving.name.lower()}")
    config = allow("sagemaker:UpdateEndpoint", f"{_ARN}endpoint-config/*-allowed")
    wanted = {"EndpointName": serving.name, "EndpointConfigName": f"{serving.name}-allowed"}

    with pytest.raises(ClientError, match=r"AccessDenied.*sagemaker:UpdateEndpoint on resource: .*:endpoint-config/"):
        client_with(serving, endpoint).update_endpoint(**wanted)
    with pytest.raises(ClientError, match="AccessDenied"):
        client_with(serving, config).update_endpoint(**wanted)
    client_with(serving, endpoint, config).update_endpoint(**wanted)

    assert serving.status() == "Updating"


def test_a_model_needs_the_right_to_pass_its_role_to_sagemaker(shop: Serving) -> None:
    create = allow("sagemaker:CreateModel", f"{_ARN}model/*")
    elsewhere = allow("iam:PassRole", ROLE, Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    here = allow("iam:PassRole", ROLE, Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})
    wanted = {"PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": ROLE}

    with pytest.raises(ClientError, match=r"AccessDenied.*iam:PassRole"):
        client_with(shop, create, elsewhere).create_model(ModelName=f"{shop.name}-a", **wanted)

    assert client_with(shop, create, here).create_model(ModelName=f"{shop.name}-b", **wanted)["ModelArn"]


def test_tags_at_creation_need_the_right_to_add_them(shop: Serving) -> None:
    create = allow("sagemaker:CreateModel", f"{_ARN}model/*")
    tag = allow("sagemaker:AddTags", f"{_ARN}model/*", Condition={"StringEquals": {"aws:RequestTag/by": "sluice"}})
    wanted = {"PrimaryContainer": {"Image": IMAGE}, "Tags": [{"Key": "by", "Value": "sluice"}]}

    with pytest.raises(ClientError, match=r"AccessDenied.*sagemaker:AddTags"):
        client_with(shop, create).create_model(ModelName=f"{shop.name}-a", **wanted)

    assert client_with(shop, create, tag).create_model(ModelName=f"{shop.name}-b", **wanted)["ModelArn"]


def test_rollback_alarms_need_the_right_to_describe_them(serving: Serving) -> None:
    update = allow("sagemaker:UpdateEndpoint", "*")
    deployment = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "some-alarm"}]}}
    wanted = {"EndpointName": serving.name, "EndpointConfigName": f"{serving.name}-allowed"}

    with pytest.raises(ClientError, match=r"AccessDenied.*cloudwatch:DescribeAlarms on resource: .*:alarm:some-alarm"):
        client_with(serving, update).update_endpoint(**wanted, DeploymentConfig=deployment)


def test_a_tag_of_an_endpoint_can_be_a_condition(shop: Serving) -> None:
    shop.create(shop.config("one"), Tags=[{"Key": "team", "Value": "fraud"}])
    weights = {
        "EndpointName": shop.name,
        "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredWeight": 1}],
    }

    def resizing(team: str) -> Any:
        condition = {"StringEquals": {"aws:ResourceTag/team": team}}
        return client_with(shop, allow("sagemaker:UpdateEndpointWeightsAndCapacities", "*", Condition=condition))

    with pytest.raises(ClientError, match="AccessDenied"):
        resizing("risk").update_endpoint_weights_and_capacities(**weights)
    resizing("fraud").update_endpoint_weights_and_capacities(**weights)

    assert shop.status() == "Updating"


def test_instance_types_can_be_limited(shop: Serving) -> None:
    shop.model("one")
    condition = {"ForAllValues:StringLike": {"sagemaker:InstanceTypes": ["ml.c5.*"]}}
    client = client_with(shop, allow("sagemaker:CreateEndpointConfig", "*", Condition=condition))

    with pytest.raises(ClientError, match="AccessDenied"):
        client.create_endpoint_config(EndpointConfigName=f"{shop.name}-m", ProductionVariants=[shop.variant("one")])
    variant = shop.variant("one", InstanceType="ml.c5.large")

    assert client.create_endpoint_config(EndpointConfigName=f"{shop.name}-c", ProductionVariants=[variant])


def test_a_machine_updates_and_describes_what_its_role_allows(serving: Serving) -> None:
    serving.config("forbidden")
    start = {"path": "endpoint", "endpoint": serving.name}

    denied = serving.rig.run({**start, "config": f"{serving.name}-forbidden"})
    denied_output = json.loads(serving.rig.finished(denied)["output"])
    allowed = serving.rig.run({**start, "config": f"{serving.name}-allowed"})
    allowed_output = json.loads(serving.rig.finished(allowed)["output"])
    busy = serving.rig.run({**start, "config": f"{serving.name}-allowed"})

    assert denied_output["caught"] == "SageMaker.SageMakerException"
    assert "not authorized to perform: sagemaker:UpdateEndpoint" in denied_output["cause"]
    assert allowed_output == {"status": "Updating"}
    assert "in-progress" in json.loads(serving.rig.finished(busy)["output"])["cause"]


def test_a_machine_can_catch_an_exhausted_quota(serving: Serving) -> None:
    serving.model("many")
    many = serving.variant("many", InstanceType="ml.p3.2xlarge", InitialInstanceCount=9)
    serving.config("many-allowed", many)
    start = {"path": "endpoint", "endpoint": serving.name, "config": f"{serving.name}-many-allowed"}

    execution = serving.rig.run(start)

    caught = json.loads(serving.rig.finished(execution)["output"])["caught"]
    assert caught == "SageMaker.ResourceLimitExceededException"
